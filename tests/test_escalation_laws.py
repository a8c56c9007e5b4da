"""Laws of escalation: triggers are lawful duties; levels go up step by step; who takes over stops the clock."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Cadence, Calendar, Event, Heartbeat, PromiseKept, Timeline, testing
from carepolicy._instant import NEVER, to_moment
from carepolicy.escalation import Escalation, Reaching
from carepolicy.facts import Facts
from carepolicy.levels import EscalationState, Level
from carepolicy.ownership import NotEmpowered, OwnerAbsent
from carepolicy.span import elapsed, working, working_days
from carepolicy.triggers import (
    BrokenPromises,
    ChasedAgain,
    CustomerAsks,
    ExecutiveInvolved,
    SeverityAtLeast,
    ShareUsed,
    SilentFor,
)

LEVELS = (
    Level("lead", "agent", working(hours=2)),
    Level("head", "dealer", elapsed(hours=30), repeats=2),
    Level("board", "chief", working_days(1), repeats=3),
)
TRIGGERS: list[Any] = [
    ShareUsed(Heartbeat(working_days(3)), percent=75),
    ShareUsed(PromiseKept(), percent=1),
    ShareUsed(Cadence(working(hours=7)), percent=100),
    BrokenPromises(2),
    BrokenPromises(1, by="dealer"),
    ChasedAgain(2),
    SilentFor(working_days(2)),
    SeverityAtLeast("serious"),
    SeverityAtLeast("nuisance"),
    OwnerAbsent(),
    NotEmpowered(working(hours=1)),
    CustomerAsks(),
    ExecutiveInvolved(),
]
ESCALATIONS = [
    Escalation([CustomerAsks(), SilentFor(working_days(2)), BrokenPromises(1), OwnerAbsent()], LEVELS),
    Escalation([ChasedAgain(1), SeverityAtLeast("minor"), NotEmpowered()], LEVELS, remedy_within=working(hours=5)),
]
DUTIES = [*ESCALATIONS, *(Reaching(e, level.name) for e in ESCALATIONS for level in LEVELS)]


@pytest.mark.parametrize("duty", [*TRIGGERS, *DUTIES, TRIGGERS[0] | TRIGGERS[5]], ids=lambda d: type(d).__name__)
def test_every_duty_keeps_the_laws(duty: Any) -> None:
    """One text, values, mergeable facts, stability, no look-ahead."""
    testing.check_policy(duty, examples=30)


rules = st.sampled_from(ESCALATIONS)
drawn = st.tuples(testing.calendars(), testing.instants(), st.data())


def log_for(rule: Escalation, data: st.DataObject) -> Timeline:
    return data.draw(testing.timelines(rule))


def ask(rule: Escalation, timeline: Timeline, now: int, calendar: Calendar) -> EscalationState:
    return rule.assess(timeline, to_moment(now), calendar=calendar)


@given(rules, testing.calendars(), testing.instants(), st.data())
def test_a_state_keeps_until_it_is_to_be_looked_at_again(
    rule: Escalation, calendar: Calendar, now: int, data: st.DataObject
) -> None:
    """It is the same at any instant before its `review_at`, in every word."""
    timeline = log_for(rule, data)
    state = ask(rule, timeline, now, calendar)
    assert state.review_us > now
    soon = [now + 1, state.review_us - 1, *data.draw(st.lists(testing.instants(), max_size=3))]
    for then in {u for u in soon if now < u < min(state.review_us, 10**16)}:
        assert ask(rule, timeline, then, calendar) == state


@given(rules, testing.calendars(), testing.instants(), st.data())
def test_a_state_never_looks_ahead(rule: Escalation, calendar: Calendar, now: int, data: st.DataObject) -> None:
    """What is not visible yet changes nothing but `review_at`, which it may only bring forward."""
    timeline = log_for(rule, data)
    known = attrs.evolve(timeline, recordings=[e for e in timeline.recordings if e.visible_us <= now])
    state, without = ask(rule, timeline, now, calendar), ask(rule, known, now, calendar)
    assert attrs.evolve(state, review_us=NEVER) == attrs.evolve(without, review_us=NEVER)
    assert state.review_us <= without.review_us


@given(rules, testing.calendars(), testing.instants(), st.data())
def test_order_and_duplicates_never_matter(rule: Escalation, calendar: Calendar, now: int, data: st.DataObject) -> None:
    """A log that arrives in another order, some of it twice, gives the same states."""
    timeline = log_for(rule, data)
    again = data.draw(st.permutations([*timeline.recordings, *timeline.recordings[:3]]))
    shuffled = Timeline(again, complete_since=timeline.complete_since_us)
    states = [rule.assess_all(t, to_moment(now), calendar=calendar) for t in (timeline, shuffled)]
    assert states[0] == states[1]


@given(rules, testing.calendars(), st.data())
def test_with_time_alone_it_only_goes_up_and_skips_nobody(
    rule: Escalation, calendar: Calendar, data: st.DataObject
) -> None:
    """From one look to the next the rank stays or rises by one, never before a time box has passed, and each level is
    asked as often as it says; at the top it stays."""
    events = data.draw(st.lists(testing.events(rule), min_size=1, max_size=6))
    timeline = Timeline([attrs.evolve(e, case="c1", ref="", customer="") for e in events])
    now = max(e.visible_us for e in timeline.recordings)
    state, boxes = ask(rule, timeline, now, calendar), {level.name: level for level in LEVELS}
    for _ in range(20):
        if state.review_us >= NEVER:
            break
        after = ask(rule, timeline, state.review_us, calendar)
        waits = state.rank > 0 and not state.acknowledged
        assert after.rank >= state.rank
        if waits:
            assert after.rank <= state.rank + 1
            assert not after.acknowledged
            if (after.level, after.times) != (state.level, state.times):
                box = Facts.of(calendar, {}).after(state.asked_us, boxes[state.level].within)
                assert after.asked_us == box == state.next_us
            if after.rank > state.rank:
                assert state.times == boxes[state.level].repeats
                assert after.who != state.who
            assert 1 <= after.times <= boxes[after.level].repeats
        if state.exhausted:
            assert (after.level, after.times, after.next_us) == (state.level, state.times, NEVER)
        state = after


@given(rules, testing.calendars(), testing.instants(), st.sampled_from(LEVELS), st.data())
def test_whoever_takes_over_stops_the_clock(
    rule: Escalation, calendar: Calendar, now: int, level: Level, data: st.DataObject
) -> None:
    """As soon as one of the levels accepts nobody is asked, and the case is theirs."""
    timeline = log_for(rule, data)
    taken = [
        Event(at=now, kind="accepted", party=level.who, customer=unit[0], case=unit[1], id=f"taken-{unit[1]}")
        for unit in {s.unit for s in rule.assess_all(timeline, to_moment(now), calendar=calendar)}
        if unit[1]
    ]
    for state in rule.assess_all(Timeline([*timeline.recordings, *taken]), to_moment(now), calendar=calendar):
        if state.unit[1] and state.rank:
            assert state.acknowledged
            assert state.asked_us == NEVER
            assert state.owner == level.who == state.who


@given(rules, testing.calendars(), testing.instants(), st.data())
def test_states_and_escalations_are_values(rule: Escalation, calendar: Calendar, now: int, data: st.DataObject) -> None:
    """What their repr builds, and what pickle brings back, equals them."""
    state = ask(rule, log_for(rule, data), now, calendar)
    assert eval(repr(state)) == state == pickle.loads(pickle.dumps(state))
    assert eval(repr(rule)) == rule == pickle.loads(pickle.dumps(rule))
    assert hash(eval(repr(rule))) == hash(rule)


@given(testing.calendars(), testing.duties(joined=False), st.integers(1, 100), st.data())
def test_a_share_lies_between_the_start_and_the_due_instant(
    calendar: Calendar, clock: Any, percent: int, data: st.DataObject
) -> None:
    """It rises with the percentage, and is the first instant by which so much open time is gone."""
    f = data.draw(testing.facts(clock, calendar))
    share, due, start = ShareUsed(clock, percent).due(f), clock.due(f), clock.cycle(f)
    assert share <= due
    assert share <= ShareUsed(clock, 100).due(f)
    if -NEVER < start < share < due < NEVER:
        gone, whole = calendar._between(start, share), calendar._between(start, due)
        assert gone * 100 >= whole * percent
        assert calendar._between(start, share - 1) * 100 < whole * percent
