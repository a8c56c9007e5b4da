"""Warnings hold until they say, look at nothing to come, are each given once, and come while somebody is there."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Heartbeat, Timeline, days, working
from carepolicy._instant import HOUR, to_moment
from carepolicy.clocks import NextReply
from carepolicy.pauses import Clock
from carepolicy.warning import Warned, Warnings
from tests.test_clocks_laws import FROM, OFFICE, PAUSABLE, hours, logs

DUTIES: list[Any] = [*PAUSABLE, NextReply(working(hours=6)), Heartbeat(days(1)) | NextReply(days(1))]
warnings = Warnings()


def warned(duty: Any, log: Timeline, now: int) -> Warned:
    return warnings.of(duty, log, to_moment(now), calendar=OFFICE)


@given(st.sampled_from(DUTIES), logs(), hours(120), st.lists(hours(200), max_size=3))
def test_they_hold_until_they_say(duty: Any, log: Timeline, now: int, later: list[int]) -> None:
    """Before `review_at` the same warnings are given, keys included."""
    found = warned(duty, log, now)
    for then in (*later, found.review_us - 1):
        if now < then < min(found.review_us, FROM + 900 * HOUR):
            assert warned(duty, log, then) == found


@given(st.sampled_from(DUTIES), logs(), hours(120))
def test_they_know_nothing_of_what_is_to_come(duty: Any, log: Timeline, now: int) -> None:
    """What is not visible yet changes nothing but the instant to look again; neither do order and duplicates."""
    past = Timeline([e for e in log.recordings if e.visible_us <= now])
    again = Timeline([*reversed(log.recordings), *log.recordings])
    assert warned(duty, again, now) == warned(duty, log, now)
    assert attrs.evolve(warned(duty, log, now), review_us=0) == attrs.evolve(warned(duty, past, now), review_us=0)


@given(st.sampled_from(DUTIES), logs(), st.lists(hours(130), min_size=2, max_size=12))
def test_each_is_given_once(duty: Any, log: Timeline, times: list[int]) -> None:
    """A host that asks at any instants and keeps the keys warns again only where the breach has moved later."""
    given_at: dict[tuple[Any, ...], tuple[int, int]] = {}
    for now in sorted(times):
        for one in warned(duty, log, now):
            name = (one.clock, one.unit, one.cycle_us, one.threshold)
            armed, due = given_at.get(name, (one.armed_us, one.due_us))
            assert one.armed_us >= armed
            if one.armed_us > armed:
                assert one.due_us > due
            given_at[name] = (one.armed_us, max(due, one.due_us))


@given(st.sampled_from(DUTIES), logs(), hours(200))
def test_they_come_before_the_breach_and_in_open_hours(duty: Any, log: Timeline, now: int) -> None:
    """At most one for each clock and cycle; never after the breach; by night only where the clock knows no day."""
    found = warned(duty, log, now)
    assert len({(w.clock, w.unit, w.cycle_us) for w in found}) == len(found)
    for one in found:
        assert one.cycle_us <= one.at_us <= now < one.due_us
        assert OFFICE._is_open(one.at_us) or one.at_us == one.cycle_us


@given(st.sampled_from(PAUSABLE), logs(), hours(120), hours(120))
def test_since_only_leaves_out(clock: Clock, log: Timeline, now: int, since: int) -> None:
    """A later beginning gives a part of the same warnings."""
    every = set(warned(clock, log, now))
    some = set(warnings.of(clock, log, to_moment(now), calendar=OFFICE, since=to_moment(since)))
    assert some == {w for w in every if w.at_us >= since}
