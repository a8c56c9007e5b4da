"""Question sets: never an overall score before the end, and nothing changes before it says so."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline, days
from carepolicy._instant import ALWAYS, HOUR, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.question_sets import AFTER, Chosen, Journeys, Opened, choose_set, still_right
from tests.test_question_sets import SETS

START = to_micros("2026-03-01T00:00Z")
HOW = Journeys(given_up=days(2))
instants = st.integers(0, 20).map(lambda half: START + half * 12 * HOUR)


@st.composite
def logs(draw: st.DrawFn) -> Timeline:
    some = st.builds(
        lambda at, recorded, due, kind, purpose, outcome, case: Event(
            at=at, recorded_at=recorded, due=due, kind=kind, purpose=purpose, outcome=outcome, case=case
        ),
        instants, st.none() | instants, instants,
        st.sampled_from(("estimate", "completed", "closed", "estimate", "reopened", "estimate", "survey", "answer")),
        st.sampled_from(("", "cancelled")), st.sampled_from(("", "partial")), st.sampled_from(("c", "c", "d")),
    )  # fmt: skip
    return Timeline(draw(st.lists(some, max_size=7)))


def ask(log: Timeline, now: int) -> Chosen:
    return choose_set(SETS, log, to_moment(now), case="c", journeys=HOW)


def reopen(was: Chosen, log: Timeline, now: int) -> Opened:
    return still_right(was, SETS, log, to_moment(now), case="c", journeys=HOW)


@given(logs(), instants, instants, st.lists(instants, max_size=4))
def test_a_choice_holds_until_it_says(log: Timeline, now: int, sent: int, later: list[int]) -> None:
    """At every instant before `review_at` the same is chosen, and the same becomes of what was sent."""
    was = ask(log, sent)
    first, again = ask(log, now), reopen(was, log, now)
    assert first.review_us > now
    for then in (*later, now + 36 * HOUR, now + 72 * HOUR, first.review_us - 1):
        if now < then < min(first.review_us, START + 400 * 24 * HOUR):
            assert ask(log, then) == first
            assert reopen(was, log, then) == again


@given(logs(), instants, st.randoms())
def test_only_what_is_known_counts_in_any_order(log: Timeline, now: int, random: object) -> None:
    """What becomes visible later changes nothing but when to look again."""
    known = [e for e in log.recordings if e.visible_us <= now]
    random.shuffle(known)  # type: ignore[attr-defined]
    apart = ask(Timeline([*known, *known]), now)
    assert attrs.evolve(apart, review_us=0) == attrs.evolve(ask(log, now), review_us=0)
    was = apart
    without, whole = reopen(was, Timeline(known), now), reopen(was, log, now)
    assert (without.state, without.half_filled) == (whole.state, whole.half_filled)


@given(logs(), instants)
def test_no_overall_score_unless_something_ended(log: Timeline, now: int) -> None:
    """Counted event by event: after the last reopening something was completed or closed."""
    found = ask(log, now)
    known = [e for e in log.events if e.visible_us <= now and e.case == "c"]
    void = max((e.at_us for e in known if e.kind in ("reopened", "failed")), default=ALWAYS)
    ended = any(e.kind in ("completed", "closed") and e.at_us >= void for e in known)
    if found.set is not None and any(q.overall for q in found.set.questions):
        assert ended
        assert found.stage == AFTER
