"""Laws of handing on: stale exactly when something is new, complete exactly when everything is repeated, one owner."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carepolicy import Plan, Timeline, elapsed
from carepolicy._instant import HOUR, NEVER, to_moment
from carepolicy.errors import ReadBackError
from carepolicy.handover.accepting import PARTS, missing_in
from carepolicy.handover.chain import carry_on
from carepolicy.handover.freshness import Difference, events_of
from carepolicy.handover.handover import Handover
from carepolicy.handover.seen import case_events
from carepolicy.handover.timebox import TimeBox
from tests.handover.test_handover_prepare_laws import logs, plans, prepared

Drawn = tuple[Timeline, int]


def repeated(handover: Handover) -> dict[str, str]:
    """A read-back that says everything, word for word."""
    action = handover.next_action
    return {
        "severity": handover.severity or "not known",
        "wanted": handover.wanted.text if handover.wanted and handover.wanted.text.strip() else "not known",
        "next_action": f"{action.who} {action.what}" if action else "not known",
        "promises": "; ".join(f"{o.ref} {o.what}" for o in handover.promises),
    }


@given(logs(), plans, st.integers(0, 60))
def test_it_is_stale_exactly_when_the_case_knows_something_new(drawn: Drawn, plan: Plan | None, hours: int) -> None:
    """An event that became known since, or a correction; other cases and customers never."""
    timeline, at = drawn
    handover = prepared(timeline, at, plan)
    later = at + hours * HOUR
    now = timeline.as_of(to_moment(later))
    before, after = (set(case_events(t, NEVER, customer="ann", case="c")) for t in (timeline.as_of(to_moment(at)), now))
    assert handover.is_stale(now) == (before != after)


@given(logs())
def test_handing_on_itself_is_no_news(drawn: Drawn) -> None:
    timeline, at = drawn
    known = timeline.as_of(to_moment(at))
    handover = prepared(known, at, sender="kim")
    assert not handover.is_stale(Timeline([*known.recordings, *events_of(handover)]))


@given(logs(), plans)
def test_a_read_back_of_everything_is_complete(drawn: Drawn, plan: Plan | None) -> None:
    timeline, at = drawn
    handover = prepared(timeline, at, plan, sender="kim")
    assert missing_in(handover, repeated(handover)) == ()
    taken = handover.accept(by="ada", read_back=repeated(handover), at=to_moment(at))
    assert [p.name for p in taken.people if p.part == "owner"] == ["ada"]


@given(logs(), plans, st.sampled_from(PARTS))
def test_silence_about_a_part_moves_nothing(drawn: Drawn, plan: Plan | None, part: str) -> None:
    timeline, at = drawn
    handover = prepared(timeline, at, plan, sender="kim")
    assume(part != "promises" or any(o.kind in ("promise", "estimate") for o in handover.promises))
    with pytest.raises(ReadBackError, match=r"^read_back does not repeat: "):
        handover.accept(by="ada", read_back={**repeated(handover), part: ""}, at=to_moment(at))


@given(logs(), st.integers(0, 5), st.integers(1, 3), st.floats(0, 1, exclude_max=True), st.integers(0, 300))
def test_until_it_is_accepted_it_stays_with_its_sender(
    drawn: Drawn, above: int, repeats: int, part: float, minutes: int
) -> None:
    """Whoever is asked, and the answer holds until it says to look again."""
    timeline, at = drawn
    handover = prepared(timeline, at, sender="kim")
    box = TimeBox(elapsed(minutes=30), tuple(f"level {n}" for n in range(above)), repeats)
    now = at + minutes * 60_000_000
    there = box.standing(handover, to_moment(now))
    assert there.owner == "kim"
    assert now < there.review_us
    later = now + int(part * (min(there.review_us, now + HOUR) - now))
    assert box.standing(handover, to_moment(later)) == there


@given(logs(), plans, st.integers(0, 60))
def test_a_difference_names_every_new_event_and_nothing_else(drawn: Drawn, plan: Plan | None, hours: int) -> None:
    timeline, at = drawn
    one, two = prepared(timeline, at, plan), prepared(timeline, at + hours * HOUR, plan)
    change = two.diff(one)
    assert set(change.events) == set(two.seen) - set(one.seen)
    assert one.diff(one) == Difference()
    parts = {c.part for c in change.changed}
    for there, other, told in ((two, one, change.promised), (one, two, change.settled)):
        same = {attrs.evolve(o, evidence=()) for o in other.promises}
        for owed in there.promises:
            assert attrs.evolve(owed, evidence=()) in same or owed in told or f"owed: {owed.what}" in parts


@given(logs(), st.lists(st.integers(0, 20), max_size=4))
def test_the_chain_keeps_every_link_in_order(drawn: Drawn, gaps: list[int]) -> None:
    timeline, at = drawn
    handover = prepared(timeline, at, sender="p0")
    for n, gap in enumerate(gaps, 1):
        taken = handover.accept(by=f"p{n}", read_back=repeated(handover), at=to_moment(handover.at_us))
        handover = carry_on(attrs.evolve(prepared(timeline, taken.at_us + gap * HOUR), sender=""), taken)
    assert [(link.sender, link.to) for link in handover.previous] == [
        (f"p{n - 1}", f"p{n}") for n in range(1, len(gaps) + 1)
    ]
    assert Handover.from_json(handover.to_json()) == handover


@given(logs(), st.integers(0, 30))
def test_a_correction_of_what_it_has_seen_makes_it_stale(drawn: Drawn, pick: int) -> None:
    """Also where the names of the events stay the same."""
    timeline, at = drawn
    known = timeline.as_of(to_moment(at))
    handover = prepared(known, at)
    seen = case_events(known, at, customer="ann", case="c")
    one = seen[pick % len(seen)]
    corrected = attrs.evolve(one, text="otherwise than said", recorded_at=at + HOUR)
    assert handover.is_stale(Timeline([*known.recordings, corrected]))
