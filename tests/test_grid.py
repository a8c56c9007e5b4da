"""Grids: fixed dates for a rhythm, of a span or of a recurrence rule."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pendulum
import pytest

from carepolicy import ALWAYS, NEVER, Calendar, days, elapsed, working, working_days
from carepolicy._instant import iso, to_micros
from carepolicy.errors import HorizonError, InvalidPolicyError, InvalidSpanError, InvalidTimeError, UnknownZoneError
from carepolicy.grid import Grid

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")


def dates(grid: Grid, after: str, count: int, calendar: Calendar | None = None) -> list[str]:
    """The next few dates, in the zone of the grid or of the calendar."""
    us, found = to_micros(after), []
    for _ in range(count):
        us = grid.after(us, calendar)
        found.append(iso(us, grid.zone or (calendar or Calendar.always()).zone)[:16])
    return found


class TestEvery:
    """Dates a span apart."""

    def test_of_days_keeps_the_wall_time(self) -> None:
        grid = Grid.every(days(14), start="2026-03-17T09:00+01:00", zone="Europe/Paris")
        assert dates(grid, "2026-03-17T09:00+01:00", 3) == ["2026-03-31T09:00", "2026-04-14T09:00", "2026-04-28T09:00"]

    def test_begins_with_the_start(self) -> None:
        grid = Grid.every(days(14), start="2026-03-17T09:00+01:00", zone="Europe/Paris")
        assert dates(grid, "1900-01-01T00:00Z", 1) == ["2026-03-17T09:00"]

    def test_of_hours_keeps_the_distance(self) -> None:
        grid = Grid.every(elapsed(hours=24), start="2026-03-28T09:00+01:00", zone="Europe/Paris")
        assert dates(grid, "2026-03-28T09:00+01:00", 2) == ["2026-03-29T10:00", "2026-03-30T10:00"]

    def test_of_working_time_is_counted_in_the_calendar(self) -> None:
        grid = Grid.every(working_days(2), start="2026-03-05T10:00+01:00")
        assert dates(grid, "2026-03-05T10:00+01:00", 2, office) == ["2026-03-09T10:00", "2026-03-11T10:00"]
        hours = Grid.every(working(hours=8), start="2026-03-05T10:00+01:00")
        assert dates(hours, "2026-03-05T10:00+01:00", 2, office) == ["2026-03-06T10:00", "2026-03-09T10:00"]

    def test_without_a_zone_means_that_of_the_calendar(self) -> None:
        grid = Grid.every(days(1), start="2026-03-28T09:00+01:00")
        assert dates(grid, "2026-03-28T12:00+01:00", 1, office) == ["2026-03-29T09:00"]
        assert dates(grid, "2026-03-28T12:00+01:00", 1) == ["2026-03-29T08:00"]


class TestRule:
    """Dates of a recurrence rule."""

    def test_of_every_other_tuesday(self) -> None:
        grid = Grid.from_rrule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start="2026-03-03T09:00+01:00", zone="Europe/Paris")
        assert dates(grid, "2026-03-03T09:00+01:00", 2) == ["2026-03-17T09:00", "2026-03-31T09:00"]

    def test_in_the_gap_moves_to_its_end_and_in_the_overlap_is_the_first(self) -> None:
        grid = Grid.from_rrule("RRULE:freq=daily", start="2026-03-27T02:30+01:00", zone="Europe/Paris")
        assert dates(grid, "2026-03-28T12:00+01:00", 2) == ["2026-03-29T03:00", "2026-03-30T02:30"]
        overlap = grid.after(to_micros("2026-10-24T12:00+02:00"))
        assert iso(overlap, "Europe/Paris") == "2026-10-25T02:30:00+02:00"

    @pytest.mark.parametrize(
        ("end", "last"),
        [
            ("COUNT=2", "2026-03-04T09:00"),
            ("UNTIL=20260305", "2026-03-05T09:00"),
            ("UNTIL=20260305T090000", "2026-03-05T09:00"),
            ("UNTIL=20260305T080000Z", "2026-03-05T09:00"),
            ("UNTIL=20260305T075959Z", "2026-03-04T09:00"),
        ],
    )
    def test_that_ends_has_no_date_after_its_last(self, end: str, last: str) -> None:
        grid = Grid.from_rrule(f"FREQ=DAILY;{end}", start="2026-03-03T09:00+01:00", zone="Europe/Paris")
        us, found = to_micros("2026-01-01T00:00Z"), []
        while (us := grid.after(us)) < NEVER:
            found.append(iso(us, "Europe/Paris")[:16])
        assert found[-1] == last

    def test_may_be_rare(self) -> None:
        grid = Grid.from_rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", start="2026-03-03T09:00Z")
        assert dates(grid, "2097-01-01T00:00Z", 1) == ["2104-02-29T09:00"]

    def test_beyond_the_years_of_calendars_is_refused(self) -> None:
        grid = Grid.every(days(300), start="2399-06-01T00:00Z")
        assert dates(grid, "2399-01-01T00:00Z", 1) == ["2399-06-01T00:00"]
        with pytest.raises(HorizonError, match=r"^grid has no date before the year 2400: 300 days from 2399-06-01T"):
            grid.after(to_micros("2399-06-01T00:00Z"))


class TestColumns:
    """One question for a whole column."""

    def test_answers_row_by_row_and_leaves_what_never_happened(self) -> None:
        grid = Grid.every(days(14), start="2026-03-17T09:00Z")
        rows = [to_micros("2026-03-17T09:00Z"), ALWAYS, NEVER, to_micros("2026-05-01T00:00Z")]
        assert grid.after(np.array(rows)).tolist() == [grid.after(us) for us in rows]
        assert grid.after(np.array([ALWAYS, NEVER])).tolist() == [ALWAYS, NEVER]

    def test_ends_with_never(self) -> None:
        grid = Grid.from_rrule("FREQ=DAILY;COUNT=1", start="2026-03-03T09:00Z")
        late = np.array([to_micros("2026-04-01T00:00Z")])
        assert grid.after(late).tolist() == [NEVER]


class TestValue:
    """A grid is a value that says what it is."""

    @pytest.mark.parametrize(
        ("grid", "words"),
        [
            (
                Grid.every(days(14), start="2026-03-03T09:00+01:00", zone="Europe/Paris"),
                "every 14 days from Tue 3 Mar 2026 09:00",
            ),
            (Grid.every(days(1), start=pendulum.datetime(2026, 3, 3, 9)), "every 1 day from Tue 3 Mar 2026 09:00 UTC"),
            (
                Grid.from_rrule("FREQ=DAILY", start="2026-03-03T09:00Z", zone="UTC"),
                "FREQ=DAILY from Tue 3 Mar 2026 09:00",
            ),
        ],
    )
    def test_in_words_and_built_again(self, grid: Grid, words: str) -> None:
        assert str(grid) == words
        assert eval(repr(grid)) == grid == pickle.loads(pickle.dumps(grid))

    @pytest.mark.parametrize(
        ("step", "problem"),
        [
            (14, "step is not a span: 14; use e.g. days(14)"),
            (days(0), "step is too short for a grid: 0 days; use a day, or an hour at least"),
            (working(minutes=59), "step is too short for a grid: 59 working minutes; use a day"),
        ],
    )
    def test_refuses_a_step(self, step: Any, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Grid.every(step, start="2026-03-03T09:00Z")

    @pytest.mark.parametrize(
        ("rule", "problem"),
        [
            (7, "rule of a grid is not text: 7; use Grid.every or Grid.from_rrule"),
            ("FREQ=HOURLY", "rule cannot be meant: 'FREQ=HOURLY' in 'FREQ=HOURLY'; use one of DAILY, WEEKLY, MONTHLY,"),
            ("INTERVAL=2", "rule cannot be meant: 'FREQ=' in 'INTERVAL=2'; use one of DAILY"),
            ("FREQ=DAILY;DAY=2", "rule cannot be meant: 'DAY=2' in 'FREQ=DAILY;DAY=2'; use each of FREQ, INTERVAL"),
            ("FREQ=DAILY;COUNT=2;COUNT=3", "rule cannot be meant: 'COUNT=3' in"),
            ("FREQ=DAILY;BYHOUR=9\nEXDATE:20260303", "rule cannot be meant: 'BYHOUR=9\\nEXDATE:20260303' in"),
            ("FREQ=DAILY;INTERVAL=0", "rule cannot be meant: 'INTERVAL=0' in 'FREQ=DAILY;INTERVAL=0'; use a whole"),
            ("FREQ=DAILY;COUNT=2;UNTIL=20260401", "rule cannot be meant: 'COUNT and UNTIL' in"),
            ("FREQ=WEEKLY;BYDAY=2TU", "rule cannot be meant: 'BYDAY=2TU' in 'FREQ=WEEKLY;BYDAY=2TU'; use days"),
            ("FREQ=WEEKLY;BYDAY=XX", "rule cannot be meant: 'FREQ=WEEKLY;BYDAY=XX': invalid 'BYDAY': XX; see RFC 5545"),
            ("FREQ=DAILY;UNTIL=APRIL", "rule cannot be meant: 'UNTIL=APRIL' in 'FREQ=DAILY;UNTIL=APRIL'; use a date"),
            ("FREQ=DAILY;UNTIL=20260231T090000Z", "rule cannot be meant: 'UNTIL=20260231T090000Z' in"),
            ("FREQ=DAILY;UNTIL=20260101", "rule gives no date: 'FREQ=DAILY;UNTIL=20260101' from 2026-03-03T09:00Z;"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rule gives no date: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' from"),
        ],
    )
    def test_refuses_a_rule(self, rule: Any, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Grid.from_rrule(rule, start="2026-03-03T09:00Z")

    def test_refuses_words_start_and_zone_that_are_none(self) -> None:
        with pytest.raises(InvalidSpanError, match="span cannot be read: 'on Tuesdays'"):
            Grid("on Tuesdays", start="2026-03-03T09:00Z")
        with pytest.raises(InvalidTimeError, match="start has no time zone"):
            Grid.every(days(1), start="2026-03-03T09:00")
        with pytest.raises(
            InvalidPolicyError, match="start of a grid is outside the years 1800 to 2399: 1799-01-01T00"
        ):
            Grid.every(days(1), start="1799-01-01T00:00Z")
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Paris'"):
            Grid.every(days(1), start="2026-03-03T09:00Z", zone="Paris")
