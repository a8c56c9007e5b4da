"""Laws of informing: what must be told keeps until something happens, never looks ahead, and is told once."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Event, Timeline, testing
from carepolicy._instant import NEVER, to_moment
from carepolicy.informing import STANDARD, Notice, who_must_know
from carepolicy.levels import EscalationState
from carepolicy.severity import NAMES, Severity

KINDS = ("trouble", "incident", "reopened", "trouble_over", "completed", "closed", "failed", "note", "escalated")
ROLES = ("support", "sales", "marketing", "billing", "training", "head-of-service", "vice-president")


def _event(event: Event, number: int, kind: str, role: str, purpose: str) -> Event:
    return attrs.evolve(
        event, at=event.at_us, id=f"e{number}", kind=kind, party=role, purpose=purpose, case="c", ref=""
    )


logs = st.lists(
    st.tuples(
        testing.events(), st.sampled_from(KINDS), st.sampled_from(ROLES), st.sampled_from(["tell", "hold", "resume"])
    ),
    max_size=8,
).map(lambda some: Timeline([_event(e, n, *words) for n, (e, *words) in enumerate(some)]))
levels = st.none() | st.builds(
    lambda rank, since: EscalationState(rank=rank, who="bert", since_us=since, reached_us=since),
    st.integers(1, 3), testing.instants(),
)  # fmt: skip
severities = st.none() | st.sampled_from(NAMES).map(lambda band: Severity(1.0, band, True, ()))
asked = st.fixed_dictionaries(
    {"level": levels, "severity": severities, "account": st.sampled_from([0.0, 0.02, 1.0])},
    optional={"calendar": testing.calendars()},
)


def tell(timeline: Timeline, now: int, **more: Any) -> tuple[Notice, ...]:
    return who_must_know(timeline, at=to_moment(now), case="c", **more)


@given(logs, testing.instants(), asked, st.lists(testing.instants(), max_size=4))
def test_it_keeps_until_something_happens(log: Timeline, now: int, more: dict[str, Any], later: list[int]) -> None:
    """The answer is the same at any instant before the next event known already becomes visible."""
    found, until = tell(log, now, **more), log.next_visible(now)
    assert all(n.review_us == until for n in found)
    for then in {u for u in (*later, now + 1, until - 1) if now < u < min(until, 10**16)}:
        assert tell(log, then, **more) == found


@given(logs, testing.instants(), asked, st.data())
def test_it_never_looks_ahead(log: Timeline, now: int, more: dict[str, Any], data: st.DataObject) -> None:
    """What is not visible yet changes nothing but `review_at`; order and duplicates never matter."""
    known = attrs.evolve(log, recordings=[e for e in log.recordings if e.visible_us <= now])
    found = tell(log, now, **more)
    assert [attrs.evolve(n, review_us=NEVER) for n in found] == list(tell(known, now, **more))
    again = data.draw(st.permutations([*log.recordings, *log.recordings[:3]]))
    assert tell(Timeline(again), now, **more) == found


@given(logs, testing.instants(), asked)
def test_who_is_told_is_not_named_again(log: Timeline, now: int, more: dict[str, Any]) -> None:
    """Telling everybody who must know leaves nobody; until then each key comes once."""
    found = tell(log, now, **more)
    assert len({n.key for n in found}) == len(found)
    told = [
        Event(at=max(now, n.since_us), kind="note", party=n.role, purpose=n.what, case="c", id=f"told{i}")
        for i, n in enumerate(found)
    ]
    after = max([now, *(e.at_us for e in told)])
    if log.next_visible(now) > after:
        assert tell(Timeline([*log.recordings, *told]), after, **more) == ()


@given(logs, testing.instants(), asked)
def test_more_severe_tells_nobody_less(log: Timeline, now: int, more: dict[str, Any]) -> None:
    """Whoever must know of something mild must know of something severe."""
    mild = {n.key for n in tell(log, now, **{**more, "severity": None})}
    severe = {n.key for n in tell(log, now, **{**more, "severity": Severity(9.0, "critical", True, ())})}
    assert mild <= severe


@given(logs, testing.instants(), asked)
def test_they_are_values(log: Timeline, now: int, more: dict[str, Any]) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    from carepolicy.facts import Which  # noqa: F401
    from carepolicy.informing import Access, Informed  # noqa: F401  (for eval)
    from carepolicy.span import elapsed, working, working_days  # noqa: F401

    for value in (*tell(log, now, **more), *STANDARD):
        assert eval(repr(value)) == value == pickle.loads(pickle.dumps(value))
