"""Explained due dates: the steps sum up exactly, hold until they say, and know nothing of what is to come."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Timeline, Window
from carepolicy._instant import NEVER, to_moment
from carepolicy.pauses import Clock, DueExplained, PauseUsed, explain_due
from carepolicy.span import DAYS, ELAPSED, WORKING
from tests.test_clocks_laws import OFFICE, PAUSABLE, hours, logs

NAMES = {"DueExplained": DueExplained, "PauseUsed": PauseUsed}


def told(clock: Clock, log: Timeline, now: int) -> DueExplained:
    return explain_due(clock, log, to_moment(now), calendar=OFFICE)


@given(st.sampled_from(PAUSABLE), logs(), hours(200))
def test_the_steps_sum_up_exactly(clock: Clock, log: Timeline, now: int) -> None:
    """Target and pauses make the due date: not a microsecond is lost or used twice."""
    answer = told(clock, log, now)
    if answer.due_us >= NEVER:
        return
    reached = answer.target_us
    for pause in answer.pauses:
        assert answer.start_us <= pause.begin_us < pause.end_us
        assert pause.begin_us < reached <= pause.due_us
        reached = pause.due_us
    assert reached == answer.due_us
    pauses = [Window(to_moment(p.begin_us), to_moment(p.end_us)) for p in answer.pauses]
    start, due = to_moment(answer.start_us), to_moment(answer.due_us)
    if clock.within.unit == WORKING:
        assert OFFICE.between(start, due, pauses=pauses).total_seconds() * 1_000_000 == clock.within.amount
    if clock.within.unit in (DAYS, ELAPSED):
        given_back = sum(p.end_us - p.begin_us for p in answer.pauses)
        assert answer.due_us - answer.target_us == given_back


@given(st.sampled_from(PAUSABLE), logs(), hours(200))
def test_it_explains_what_is_decided(clock: Clock, log: Timeline, now: int) -> None:
    """The due date that is explained is the one that the clock decides by, and the answer is a value."""
    answer = told(clock, log, now)
    assert answer.due_us == clock.decide(log, to_moment(now), calendar=OFFICE).due_us
    assert eval(repr(answer), {**NAMES, **vars(__import__("carepolicy"))}) == answer


@given(st.sampled_from(PAUSABLE), logs(), hours(120), st.lists(hours(200), max_size=3))
def test_it_holds_until_it_says(clock: Clock, log: Timeline, now: int, later: list[int]) -> None:
    """Before `review_at` the explanation stays what it is."""
    answer = told(clock, log, now)
    assert all(told(clock, log, then) == answer for then in later if now < then < answer.review_us)


@given(st.sampled_from(PAUSABLE), logs(), hours(120))
def test_it_knows_nothing_of_what_is_to_come(clock: Clock, log: Timeline, now: int) -> None:
    """What is not visible yet changes nothing but the instant to look again; neither do order and duplicates."""
    past = Timeline([e for e in log.recordings if e.visible_us <= now])
    again = Timeline([*reversed(log.recordings), *log.recordings])
    assert told(clock, again, now) == told(clock, log, now)
    assert attrs.evolve(told(clock, log, now), review_us=0) == attrs.evolve(told(clock, past, now), review_us=0)
