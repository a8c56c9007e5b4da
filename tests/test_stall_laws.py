"""Laws of stalls: what was found stays found, nothing is foreseen, and order and duplicates never matter."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Plan, Stalled, Timeline, Touch, days
from carepolicy._instant import HOUR, to_micros, to_moment
from carepolicy.events import Event
from carepolicy.finding import Finding
from carepolicy.stall import Bouncing, KeepMoving, NothingMoves

START = to_micros("2026-03-02T08:00Z")
PLAN = Plan(
    Calendar.always(), checks=[NothingMoves(days(1)), Bouncing(1)], step=Touch(due=KeepMoving(days(1)), owner="office")
)
CHECKS = ("NothingMoves", "Bouncing")


def logs() -> st.SearchStrategy[list[Event]]:
    """Logs of two cases, where everything is written down when it happens."""
    kinds = st.sampled_from(("opened", "contact", "contact", "handed", "handed", "milestone", "completed"))
    event = st.builds(
        lambda hour, **words: Event(at=START + hour * HOUR, **words),
        st.integers(0, 120),
        kind=kinds,
        case=st.sampled_from(("c", "d")),
        party=st.sampled_from(("office", "dealer", "customer")),
    )
    return st.lists(event, max_size=12, unique_by=lambda e: e.at_us)


def found(events: list[Event], until: int) -> list[Finding]:
    return [f for f in PLAN.audit(Timeline(events), to_moment(until)) if f.policy in CHECKS]


def occasions(findings: list[Finding]) -> set[tuple[Any, ...]]:
    return {(f.policy, f.case, f.at_us, f.party) for f in findings}


@given(logs(), st.integers(1, 140), st.integers(0, 60))
def test_what_was_found_stays_found(log: list[Event], hours: int, more: int) -> None:
    """A stall that was seen is not unseen as time goes on."""
    then, later = START + hours * HOUR, START + (hours + more) * HOUR
    assert occasions(found(log, then)) <= occasions(found(log, later))


@given(logs(), st.integers(1, 140))
def test_nothing_is_foreseen(log: list[Event], hours: int) -> None:
    """What happens later changes nothing in what was found until then."""
    until = START + hours * HOUR
    assert found([e for e in log if e.at_us <= until], until) == found(log, until)


@given(logs(), st.randoms())
def test_order_and_duplicates_never_matter(log: list[Event], random: Random) -> None:
    """A log is a set of what was recorded."""
    again = [*log, *log[:2]]
    random.shuffle(again)
    assert found(again, START + 140 * HOUR) == found(log, START + 140 * HOUR)


@given(logs())
def test_the_check_sees_what_the_duty_owes(log: list[Event]) -> None:
    """The stalls that the check finds are those that the duty lapses in."""
    audit = PLAN.audit(Timeline(log), to_moment(START + 140 * HOUR))
    seen = {(f.case, f.at_us, f.until_us) for f in audit if f.policy == "NothingMoves"}
    assert seen == {(f.case, f.at_us, f.until_us) for f in audit if f.policy == "KeepMoving"}


@given(logs())
def test_a_stall_is_talk_without_a_step(log: list[Event]) -> None:
    """For so long before it was found nothing moved, and until it ended somebody talked."""
    for stall in (f for f in found(log, START + 140 * HOUR) if f.policy == "NothingMoves"):
        inside = [e for e in log if e.case == stall.case and stall.at_us - 24 * HOUR < e.at_us < stall.until_us]
        assert {"milestone", "completed"}.isdisjoint(e.kind for e in inside)
        assert any(e.kind == "contact" for e in inside)


def attempts() -> st.SearchStrategy[list[Event]]:
    """What was tried at two things of one case, by two parties."""
    kinds = st.sampled_from(("completed", "completed", "failed", "reopened", "kept", "contact"))
    things = st.tuples(kinds, st.sampled_from(("", "part")), st.sampled_from(("office", "dealer")))
    return st.lists(things, max_size=12).map(
        lambda some: [
            Event(at=START + n * HOUR, kind=kind, ref=ref, party=party, case="c", id=f"e{n}")
            for n, (kind, ref, party) in enumerate(some)
        ]
    )


@given(attempts(), st.integers(1, 3))
def test_so_many_failed_completions_are_a_stall(log: list[Event], failures: int) -> None:
    """At one thing: each word that it failed, and each reopening of what was complete, since the last to hold."""
    until = START + 20 * HOUR
    plan = Plan(Calendar.always(), checks=[Stalled(failures)], step=Touch(due=KeepMoving()))
    stalls = {f.ref: f for f in plan.audit(Timeline(log), to_moment(until)) if f.policy == "Stalled"}
    for ref in ("", "part"):
        words = [e for e in log if e.ref == ref and e.kind != "contact"]
        said = "".join("c" if e.kind in ("completed", "kept") else e.kind[0] for e in words)
        failed = [n for n, word in enumerate(said) if word == "f" or (word == "r" and said[:n].endswith("c"))]
        assert (ref in stalls) == (len(failed) >= failures)
        if ref in stalls:
            assert stalls[ref].at_us == words[failed[failures - 1]].at_us
            held = [e for n, e in enumerate(words) if n > failed[-1] and said[n] == "c"]
            assert stalls[ref].until == (held[0].at if held else None)


@given(attempts(), st.integers(1, 12))
def test_a_failure_that_was_found_stays_found(log: list[Event], hours: int) -> None:
    """And nothing of it was foreseen: what happens later may only end it."""
    plan = Plan(Calendar.always(), checks=[Stalled()], step=Touch(due=KeepMoving()))
    until = START + hours * HOUR
    seen = [e for e in log if e.at_us <= until]
    then, now, later = (
        {(f.ref, f.at_us, f.party) for f in plan.audit(Timeline(events), to_moment(end)) if f.policy == "Stalled"}
        for events, end in ((seen, until), (log, until), (log, START + 20 * HOUR))
    )
    assert then == now == {one for one in later if one[1] <= until}


@pytest.mark.parametrize("value", PLAN.checks, ids=repr)
def test_they_are_values(value: Any) -> None:
    """What they print builds them again."""
    names = {"NothingMoves": NothingMoves, "Bouncing": Bouncing, "days": days}
    assert eval(repr(value), names) == value
