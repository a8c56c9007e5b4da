"""Calendars: the laws of time counted in open hours, against a twin that counts minutes one by one."""

from __future__ import annotations

import operator
import pickle
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from carepolicy._instant import ALWAYS, NEVER
from carepolicy._time.openings import HIGH, LOW
from carepolicy.calendar import Calendar
from carepolicy.errors import HorizonError, InvalidCalendarError
from carepolicy.span import Span, days, elapsed, working, working_days
from carepolicy.window import Window
from tests.calendar_twin import DAYS, MINUTE, Shift, Twin, text_of, week_text

Week: TypeAlias = list[list[Shift]]
# Twelve days around a clock change, a half-hour one, one at midnight, a skipped date, and none at all.
PLACES = [
    ("America/New_York", date(2025, 3, 4)),
    ("America/New_York", date(2025, 10, 28)),
    ("Australia/Lord_Howe", date(2025, 4, 1)),
    ("Australia/Lord_Howe", date(2025, 9, 30)),
    ("Africa/Cairo", date(2024, 4, 20)),
    ("Africa/Cairo", date(2024, 10, 26)),
    ("Pacific/Apia", date(2011, 12, 25)),
    ("Asia/Kathmandu", date(1985, 12, 27)),
]
HOUR = 60 * MINUTE


@st.composite
def shift_lists(draw: st.DrawFn) -> list[Shift]:
    """Up to three shifts of one date, from few distinct half hours; the last may reach past midnight."""
    cuts = sorted(draw(st.sets(st.sampled_from([0, 60, 120, 150, 180, 540, 720, 780, 1020, 1320, 1440]), max_size=6)))
    shifts = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    start = draw(st.sampled_from([None, 1320, 1380]))
    if start is not None and all(b < start for _, b in shifts):
        shifts.append((start, 1440 + draw(st.sampled_from([120, 150, 360]))))
    return shifts


weeks = st.lists(shift_lists(), min_size=7, max_size=7).filter(any)


@st.composite
def judged(draw: st.DrawFn) -> tuple[Calendar, Twin]:
    """A weekly calendar with closed and special dates, and its twin."""
    zone, start = draw(st.sampled_from(PLACES))
    week = draw(weeks)
    dates = st.integers(-1, DAYS).map(lambda n: start + timedelta(days=n))
    closed = draw(st.sets(dates, max_size=3))
    special = draw(st.dictionaries(dates, shift_lists().filter(bool), max_size=2))
    calendar = Calendar.weekly(week_text(week), zone=zone, holidays=closed)
    for day, shifts in special.items():
        calendar = calendar.open_on(day, text_of(shifts))
    return calendar, Twin(week, zone, start, {**dict.fromkeys(closed, ()), **special})


calendars = judged().map(lambda pair: pair[0])
instants = st.builds(
    lambda place, seconds: (date.toordinal(place[1]) - 719_163) * 24 * HOUR + seconds * 1_000_000,
    st.sampled_from(PLACES),
    st.integers(0, 10 * 86_400) | st.integers(0, 240).map(lambda hours: hours * 3600),
)
open_times = st.integers(1, 4000).map(lambda minutes: minutes * MINUTE) | st.integers(1, 50 * HOUR)
positions = st.integers(0, (DAYS - 1) * 1440)
spans = (
    st.integers(-60, 60).map(lambda n: working(hours=n))
    | st.integers(-20, 20).map(working_days)
    | st.integers(-400, 400).map(days)
    | st.integers(-60, 60).map(lambda n: elapsed(hours=n))
)


@given(judged(), positions, positions)
def test_equal_to_the_twin_that_counts_minutes(pair: tuple[Calendar, Twin], at: int, then: int) -> None:
    """Open, next opening, next closing and open time are what counting minutes says."""
    calendar, twin = pair
    a, b = twin.low + at, twin.low + then
    assert calendar._is_open(a * MINUTE) == twin.is_open(a)
    assert calendar._between(a * MINUTE, b * MINUTE) == twin.between(a, b) * MINUTE
    opens, closes = twin.next_open(a), twin.next_close(a)
    assert opens is None or calendar._next_open(a * MINUTE) == opens * MINUTE
    assert closes is None or calendar._next_close(a * MINUTE) == closes * MINUTE


@given(judged(), positions, st.integers(-4000, 4000))
def test_adding_equals_the_twin(pair: tuple[Calendar, Twin], at: int, count: int) -> None:
    """Added time lands at the earliest minute by which it has elapsed, subtracted at the latest from which it has."""
    calendar, twin = pair
    start = twin.low + at
    expected = twin.add(start, count)
    assume(expected is not None)
    assert expected is not None
    assert calendar._add(start * MINUTE, working(minutes=count)) == expected * MINUTE


@given(judged(), positions, st.integers(1, 4))
def test_working_dates_equal_the_twin(pair: tuple[Calendar, Twin], at: int, count: int) -> None:
    """The n-th working date is the n-th date after (or before) on which a shift starts that clocks do not skip."""
    calendar, twin = pair
    t = calendar.add(_moment(twin.low + at), elapsed())
    after = [day for day in twin.working_dates if day > t.date()]
    before = [day for day in twin.working_dates if day < t.date()]
    if len(after) >= count:
        assert calendar.add(t, working_days(count)).date() in (after[count - 1], _next_day(after[count - 1]))
        assert calendar.add(t.replace(hour=12), working_days(count)).date() == after[count - 1]
    if len(before) >= count:
        assert calendar.add(t.replace(hour=12), working_days(-count)).date() == before[-count]


def _moment(minute: int) -> str:
    return str(np.datetime64(minute, "m")) + "Z"


def _next_day(day: date) -> date:
    """Midnight in a gap is the gap's end, and that may be the next date."""
    return day + timedelta(days=1)


@given(calendars, instants, open_times, open_times)
def test_added_in_parts_is_added_at_once(calendar: Calendar, t: int, a: int, b: int) -> None:
    """For open time a, b > 0: add(add(t, a), b) == add(t, a + b), and -a undoes no more than a."""
    once = calendar._add(t, Span("working", a + b))
    assert calendar._add(calendar._add(t, Span("working", a)), Span("working", b)) == once
    back = calendar._add(t, Span("working", -a - b))
    assert calendar._add(calendar._add(t, Span("working", -a)), Span("working", -b)) == back


@given(calendars, instants, open_times)
def test_time_added_is_the_time_between(calendar: Calendar, t: int, a: int) -> None:
    """between(t, add(t, a)) == a, in both directions, and between(b, a) == -between(a, b)."""
    for amount in (a, -a):
        end = calendar._add(t, Span("working", amount))
        assert calendar._between(t, end) == amount
        assert calendar._between(end, t) == -amount


@given(calendars, instants, open_times)
def test_added_lands_earliest_and_subtracted_latest(calendar: Calendar, t: int, a: int) -> None:
    """A microsecond earlier, or later when subtracting, the open time would not be the same."""
    end = calendar._add(t, Span("working", a))
    assert calendar._between(t, end - 1) == a - 1
    start = calendar._add(t, Span("working", -a))
    assert calendar._between(start + 1, t) == a - 1


@given(calendars, instants, instants, spans)
def test_adding_never_overtakes(calendar: Calendar, t: int, u: int, span: Span) -> None:
    """Monotone in the instant; working days and days by date."""
    early, late = sorted((t, u))
    first, then = calendar._add(early, span), calendar._add(late, span)
    if span.unit in ("days", "working days"):
        # In the repeated hour a later instant can have the earlier wall time.
        assert first - then <= 24 * HOUR
        dates = [calendar.add(str(np.datetime64(x, "us")) + "Z", elapsed()).date() for x in (early, late, first, then)]
        assert dates[0] > dates[1] or dates[2] <= dates[3] or span.amount == 0 or _gap_moved(dates)
    else:
        assert first <= then


def _gap_moved(dates: list[date]) -> bool:
    """Whether two results are a date apart only as a gap over midnight moved the first one on."""
    return dates[2] - dates[3] == timedelta(days=1)


@given(calendars, instants, open_times, open_times)
def test_more_time_lands_no_earlier(calendar: Calendar, t: int, a: int, b: int) -> None:
    """Monotone in the amount."""
    assert calendar._add(t, Span("working", min(a, b))) <= calendar._add(t, Span("working", max(a, b)))


@given(calendars, instants, st.sampled_from([working(), working_days(0), days(0), elapsed()]))
def test_adding_nothing_changes_nothing(calendar: Calendar, t: int, nothing: Span) -> None:
    """Whatever its unit, open or closed."""
    assert calendar._add(t, nothing) == t


@given(calendars, instants)
def test_a_stretch_is_open_from_edge_to_edge(calendar: Calendar, t: int) -> None:
    """The stretch is that of next_open and next_close, open all through, closed just outside."""
    opens, closes = calendar._stretch(t)
    assert calendar._next_open(t) == max(t, opens)
    assert calendar._next_close(t) == closes
    if opens > ALWAYS:
        assert calendar._is_open(opens)
        assert not calendar._is_open(opens - 1)
    if closes < NEVER:
        assert calendar._is_open(closes - 1)
        assert not calendar._is_open(closes)
        assert calendar._between(max(t, opens), closes) == closes - max(t, opens)


@given(calendars, st.lists(instants | st.sampled_from([ALWAYS, NEVER]), max_size=6), instants, spans)
def test_arrays_answer_as_instants_do(calendar: Calendar, ts: list[int], u: int, span: Span) -> None:
    """Every operation, row by row, sentinels included."""
    rows = np.array(ts, np.int64)
    for ask in (calendar._is_open, calendar._next_open, calendar._next_close, lambda t: calendar._add(t, span)):
        assert ask(rows).tolist() == [ask(t) for t in ts]
    assert calendar._between(rows, u).tolist() == [calendar._between(t, u) for t in ts]
    assert calendar._between(u, rows).tolist() == [calendar._between(u, t) for t in ts]
    assert calendar._between(rows, rows[::-1]).tolist() == [
        calendar._between(t, x) for t, x in zip(ts, ts[::-1], strict=True)
    ]


@settings(max_examples=25)
@given(calendars, calendars, instants)
def test_operators_mean_what_they_say(a: Calendar, b: Calendar, t: int) -> None:
    """`&`, `|` and `-` are and, or, and and-not, at every instant."""
    assert (a | b)._is_open(t) == (a._is_open(t) or b._is_open(t))
    for join, expected in (
        (operator.and_, a._is_open(t) and b._is_open(t)),
        (operator.sub, a._is_open(t) and not b._is_open(t)),
    ):
        try:
            calendar = join(a, b)
        except InvalidCalendarError:
            assert not expected
        else:
            assert calendar._is_open(t) == expected


@settings(max_examples=25)
@given(calendars, calendars, calendars)
def test_joining_is_associative_and_idempotent(a: Calendar, b: Calendar, c: Calendar) -> None:
    """Grouping and repetition make no difference: the values are equal, not only the answers."""
    assert (a | b) | c == a | (b | c)
    assert a | a == a & a == a
    assert (a | b).zone == a.zone


@settings(max_examples=25)
@given(calendars, calendars, instants, open_times)
def test_open_time_adds_up(a: Calendar, b: Calendar, t: int, length: int) -> None:
    """Open time of a | b is that of a, and of b, less that of both."""
    both = a | b
    u = t + length
    try:
        shared = (a & b)._between(t, u)
    except InvalidCalendarError:
        shared = 0
    assert both._between(t, u) == a._between(t, u) + b._between(t, u) - shared


@given(calendars, instants, open_times, st.lists(st.tuples(instants, open_times), max_size=4), st.booleans())
def test_pauses_are_closed_time(calendar: Calendar, t: int, a: int, gaps: list[tuple[int, int]], forward: bool) -> None:
    """Adding and counting with pauses is adding and counting on the calendar with the pauses closed."""
    pauses = [Window._of(start, start + length) for start, length in gaps]
    amount = a if forward else -a
    at = calendar._clock.add_paused(t, working(microseconds=amount), _merged(pauses))
    rows = calendar._clock.add_paused(np.array([t]), working(microseconds=amount), _merged(pauses))
    assert rows.tolist() == [at]
    assert calendar._clock.between_paused(t, at, _merged(pauses)) == amount
    assert calendar._clock.between_paused(np.array([t]), at, _merged(pauses)).tolist() == [amount]


def _merged(pauses: list[Window]) -> list[tuple[int, int]]:
    from carepolicy._time.pauses import merged

    return merged(pauses)


@given(calendars | st.builds(lambda a, b: a | b, calendars, calendars), instants)
def test_equal_means_the_same_answers(calendar: Calendar, t: int) -> None:
    """repr, data and pickle give an equal calendar back, with the same hash and the same answers."""
    for copy in (
        eval(repr(calendar), {"Calendar": Calendar, "date": date}),
        Calendar.from_data(calendar.to_data()),
        pickle.loads(pickle.dumps(calendar)),
    ):
        assert copy == calendar
        assert hash(copy) == hash(calendar)
        assert copy._stretch(t) == calendar._stretch(t)


@settings(max_examples=25)
@given(calendars, st.lists(st.integers(LOW, HIGH - 1), min_size=1, max_size=3), instants)
def test_answers_do_not_depend_on_what_was_asked_before(calendar: Calendar, before: list[int], t: int) -> None:
    """The table grows in any order to the same answers."""
    fresh = Calendar.from_data(calendar.to_data())
    near = [min(max(x, t - 40 * 366 * 24 * HOUR), t + 40 * 366 * 24 * HOUR) for x in before]
    for x in near:
        assert calendar._is_open(x) == Calendar.from_data(calendar.to_data())._is_open(x)
    assert calendar._stretch(t) == fresh._stretch(t)
    assert calendar._add(t, working(hours=99)) == fresh._add(t, working(hours=99))
    assert calendar._add(t, working_days(-9)) == fresh._add(t, working_days(-9))


@given(st.integers(-(10**17), 10**18))
def test_beyond_the_horizon_is_refused_by_name(t: int) -> None:
    """Outside the years that are computed, never a wrong answer."""
    calendar = Calendar.weekly("Mon 09:00-17:00", zone="UTC")
    if LOW <= t < HIGH:
        return
    with pytest.raises(HorizonError, match="1800 to 2399"):
        calendar._is_open(t)
