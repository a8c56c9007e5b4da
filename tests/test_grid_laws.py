"""Laws of grids: strictly after, on the grid, and the same as days counted one by one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import NEVER, Calendar, days, elapsed, testing, working, working_days
from carepolicy._instant import DAY, iso, to_micros
from carepolicy.grid import Grid

zones = st.sampled_from(["America/Denver", "Europe/Paris", "Australia/Lord_Howe"])
times = st.sampled_from([time(9), time(2, 30), time(1, 45), time(0)])
starts = st.dates(date(2025, 8, 1), date(2026, 2, 1))
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
steps = st.one_of(
    st.integers(1, 30).map(days),
    st.integers(1, 9).map(working_days),
    st.integers(1, 90).map(lambda n: elapsed(hours=n)),
    st.integers(1, 30).map(lambda n: working(hours=n)),
)


def instant(day: date, at: time, zone: str) -> int:
    """A wall time as an instant, found minute by minute: the gap's end in the gap, the first in the overlap."""
    wall, tz = datetime.combine(day, at), ZoneInfo(zone)
    while True:
        us = to_micros(wall.replace(tzinfo=tz))
        if datetime.fromisoformat(iso(us, zone)).replace(tzinfo=None) == wall:
            return us
        wall += timedelta(minutes=1)


@given(starts, times, zones, st.integers(1, 3), st.sets(st.sampled_from(DAYS), min_size=1), testing.instants())
def test_a_weekly_rule_is_the_days_counted_one_by_one(
    start: date, at: time, zone: str, weeks: int, on: set[str], now: int
) -> None:
    """The next date is the first day of the right weekday in the right week that lies after now."""
    first = instant(start, at, zone)
    grid = Grid.from_rrule(f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={','.join(sorted(on))}", start=iso(first), zone=zone)
    at = datetime.fromisoformat(iso(first, zone)).time()
    monday, day = start - timedelta(start.weekday()), start
    while True:
        if DAYS[day.weekday()] in on and (day - monday).days // 7 % weeks == 0 and instant(day, at, zone) > now:
            break
        day += timedelta(1)
    assert grid.after(now) == instant(day, at, zone)


@given(starts, times, zones, st.integers(1, 30), testing.instants())
def test_days_are_counted_on_the_wall(start: date, at: time, zone: str, step: int, now: int) -> None:
    """The next date is so many local days after the start, at the same wall time."""
    first = instant(start, at, zone)
    grid = Grid.every(days(step), start=iso(first), zone=zone)
    at, day = datetime.fromisoformat(iso(first, zone)).time(), start
    while instant(day, at, zone) <= now:
        day += timedelta(step)
    assert grid.after(now) == instant(day, at, zone)


@given(steps, st.sampled_from([-400, -30, 0]), testing.calendars(), testing.instants())
def test_the_next_date_is_strictly_after_and_on_the_grid(
    step: object, before: int, calendar: Calendar, now: int
) -> None:
    """From the start on each date is the one that comes after the one before."""
    grid = Grid.every(step, start=iso(now + before * DAY))  # type: ignore[arg-type]
    found = grid.after(now, calendar)
    assert found > now
    us = grid.after(0, calendar)
    while us < found:
        us = grid.after(us, calendar)
    assert us == found
    assert grid.after(found - 1, calendar) == found


@given(
    st.sampled_from(["14 days", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;COUNT=9", "FREQ=MONTHLY;BYMONTHDAY=31"]),
    testing.instants(),
    zones,
    st.lists(testing.known(), min_size=1, max_size=9),
)
def test_a_column_is_answered_as_its_rows(rule: str, start: int, zone: str, rows: list[int]) -> None:
    """The array form gives what the form for one gives, and nothing goes backwards."""
    grid = Grid(rule, start=iso(start), zone=zone)
    answers = grid.after(np.array(rows, np.int64)).tolist()
    assert answers == [grid.after(us) for us in rows]
    ordered = [grid.after(us) for us in sorted(rows)]
    assert ordered == sorted(ordered)
    assert all(us <= NEVER for us in answers)
