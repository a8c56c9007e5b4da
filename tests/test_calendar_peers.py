"""What other working-time calendars get wrong, or disagree on: their exact failing inputs, as examples.

Source: a comparison of sixteen libraries with a minute-by-minute count; the name of the peer stands beside each input.
"""

from __future__ import annotations

from datetime import date, timedelta

import pendulum
import pytest

from carepolicy._instant import to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidCalendarError
from carepolicy.span import Span, days, elapsed, working, working_days

NEW_YORK = "America/New_York"
HOLIDAYS = ["2025-01-01", "2025-06-19", "2025-07-04", "2025-10-13"]
day = Calendar.weekly("Mon-Fri 09:00-17:00", zone=NEW_YORK, holidays=HOLIDAYS)
nights = Calendar.weekly("Mon-Sun 22:00-06:00", zone=NEW_YORK)
always = Calendar.weekly("Mon-Sun 00:00-24:00", zone=NEW_YORK)
sundays = Calendar.weekly("Sun 00:00-24:00", zone=NEW_YORK)


@pytest.mark.parametrize(
    ("calendar", "at", "span", "lands"),
    [
        # pandas CustomBusinessHour, night shift 22-06
        (nights, "2025-03-09T00:30-05:00", working(hours=8), "2025-03-10T01:30-04:00"),
        (nights, "2025-11-01T11:30-04:00", working(hours=8), "2025-11-02T05:00-05:00"),
        (nights, "2025-03-08T22:30-05:00", working(hours=4), "2025-03-09T03:30-04:00"),
        # pandas CustomBusinessDay and polars raise: a wall time in the gap, one in the overlap, a skipped date
        (sundays, "2025-03-02T02:30-05:00", working_days(1), "2025-03-09T03:00-04:00"),
        (sundays, "2025-10-26T01:30-04:00", working_days(1), "2025-11-02T01:30-04:00"),
        (
            Calendar.weekly("Mon-Fri 09:00-17:00", zone="Pacific/Apia"),
            "2011-12-29T10:00-10:00",
            working_days(1),
            "2012-01-02T10:00+14:00",
        ),
        # businesstimedelta: always open over the change, and its endless loop on a holiday that is a change
        (always, "2025-03-09T01:30-05:00", working(hours=8), "2025-03-09T10:30-04:00"),
        (always.closed_on("2025-11-02"), "2025-11-02T16:00-05:00", working(hours=8), "2025-11-03T08:00-05:00"),
        # businesstimedelta issue 9: 17:00 less 4 h, on the eve of a holiday
        (
            Calendar.weekly("Mon-Fri 08:00-17:00", zone="America/Los_Angeles", holidays=["2021-11-11", "2016-01-01"]),
            "2021-11-10T17:00-08:00",
            working(hours=-4),
            "2021-11-10T13:00-08:00",
        ),
        # SimpleSLACalc: from a holiday, and over one into a Saturday
        (day, "2025-10-13T15:00-04:00", working(hours=8), "2025-10-14T17:00-04:00"),
        (day, "2025-07-03T16:00-04:00", working(hours=4), "2025-07-07T12:00-04:00"),
        # workalendar lacks Juneteenth
        (day, "2025-06-05T10:00-04:00", working_days(10), "2025-06-20T10:00-04:00"),
        # exchange_calendars drops the seconds
        (day, "2025-03-05T10:00:30-05:00", working(hours=8), "2025-03-06T10:00:30-05:00"),
        # the result exactly at closing is closing, not the next opening (pandas, exchange_calendars)
        (day, "2025-07-03T09:00-04:00", working(hours=8), "2025-07-03T17:00-04:00"),
        # nothing added while closed changes nothing (pandas and biz move on)
        (day, "2025-03-08T12:00-05:00", working(), "2025-03-08T12:00-05:00"),
        # from a closed day the first working day is the first (business-python: the second; numpy, polars: raise)
        (day, "2025-03-08T12:00-05:00", working_days(1), "2025-03-10T12:00-04:00"),
        # Monday 09:00 and Friday 17:00 are the same moment of work: subtracting takes the later
        (day, "2025-03-10T17:00-04:00", working(hours=-8), "2025-03-10T09:00-04:00"),
        # pendulum: a day is no 24 hours
        (day, "2025-03-08T12:00-05:00", days(1), "2025-03-09T12:00-04:00"),
        (day, "2025-03-08T12:00-05:00", elapsed(hours=24), "2025-03-09T13:00-04:00"),
    ],
)
def test_adding(calendar: Calendar, at: str, span: Span, lands: str) -> None:
    assert to_micros(calendar.add(at, span)) == to_micros(lands)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        # opening_hours_py: from the first to the second 01:30
        (always, "2025-11-02T01:30-04:00", "2025-11-02T01:30-05:00", 1.0),
        # bizdurr, opening_hours_py: the morning of the gap has 11 hours
        (
            Calendar.weekly("Mon-Sun 00:00-12:00", zone=NEW_YORK),
            "2025-03-09T00:00-05:00",
            "2025-03-10T00:00-04:00",
            11.0,
        ),
        (
            Calendar.weekly("Mon-Sun 00:00-24:00", zone="Australia/Lord_Howe"),
            "2025-10-05T00:00+10:30",
            "2025-10-06T00:00+11:00",
            23.5,
        ),
        # biztime: a holiday; businesstime: a day that ends just before midnight
        (day, "2025-01-01T00:00-05:00", "2025-01-01T23:18-05:00", 0.0),
        (day, "2025-03-26T23:48-04:00", "2025-03-27T17:35-04:00", 8.0),
        # reversed bounds are negative (businesstimedelta: positive; bizdurr: 0; business_duration: NaN)
        (day, "2025-03-05T12:00-05:00", "2025-03-04T12:00-05:00", -8.0),
        # closing inside the repeated hour: the first is meant (workclock the same; others 2 h or 2.5 h)
        (Calendar.weekly("Sun 00:00-01:30", zone=NEW_YORK), "2025-11-02T00:00-04:00", "2025-11-02T12:00-05:00", 1.5),
        # the night of each change
        (nights, "2025-03-08T20:00-05:00", "2025-03-09T20:00-04:00", 7.0),
        (nights, "2025-11-01T20:00-04:00", "2025-11-02T20:00-05:00", 9.0),
    ],
)
def test_counting(calendar: Calendar, start: str, end: str, hours: float) -> None:
    assert calendar.between(start, end) == timedelta(hours=hours)


def test_the_tail_of_a_night_shift_is_open() -> None:
    """businesstimedelta waits for 22:00."""
    assert str(nights.next_open("2025-07-23T05:32-04:00")) == "2025-07-23 05:32:00-04:00"


def test_an_opening_in_the_gap_is_the_gaps_end() -> None:
    """opening_hours_py agrees; workclock and pendulum say 03:30, pandas raises."""
    calendar = Calendar.weekly("Mon-Sun 02:30-06:00", zone=NEW_YORK)
    assert str(calendar.next_open("2025-03-09T00:30-05:00")) == "2025-03-09 03:00:00-04:00"


def test_a_shift_wholly_in_the_gap_does_not_open() -> None:
    calendar = Calendar.weekly("Sun 02:15-02:45", zone=NEW_YORK)
    assert str(calendar.next_open("2025-03-09T00:00-05:00")) == "2025-03-16 02:15:00-04:00"
    assert str(calendar.add("2025-03-08T12:00-05:00", working_days(1))) == "2025-03-16 12:00:00-04:00"


def test_clocks_that_change_at_midnight() -> None:
    """exchange_calendars cannot build such a calendar, pandas #57837."""
    cairo = Calendar.weekly("Fri 00:00-24:00", zone="Africa/Cairo")
    assert cairo.between("2024-04-25T00:00Z", "2024-04-28T00:00Z") == timedelta(hours=23)
    assert str(cairo.next_open("2024-04-25T00:00Z")) == "2024-04-26 01:00:00+03:00"


def test_closed_at_exactly_closing() -> None:
    """pandas keeps 12:00 and 17:00 as open."""
    assert not day.is_open("2025-03-05T17:00-05:00")
    assert day.is_open("2025-03-05T09:00-05:00")


def test_a_night_shift_belongs_to_its_first_date() -> None:
    """pandas and exchange_calendars agree; workclock and opening_hours_py cut at midnight."""
    calendar = nights.closed_on(date(2025, 7, 4))
    assert calendar.is_open("2025-07-04T03:00-04:00")
    assert not calendar.is_open("2025-07-05T03:00-04:00")


def test_a_pendulum_time_goes_in_and_out() -> None:
    """workclock raises AttributeError on one."""
    result = day.add(pendulum.datetime(2025, 3, 10, 9, tz=NEW_YORK), working(hours=1))
    assert result == pendulum.datetime(2025, 3, 10, 10, tz=NEW_YORK)


def test_never_opening_is_refused_and_does_not_loop() -> None:
    """biz before 1.8 looped for ever, businesstimedelta overflows."""
    with pytest.raises(InvalidCalendarError, match="never open"):
        Calendar.weekly(" ; ", zone=NEW_YORK)


def test_holidays_long_past_do_not_matter() -> None:
    """businesstimedelta: TypeError five years after the last holiday."""
    calendar = Calendar.weekly("Mon-Fri 09:00-17:00", zone=NEW_YORK, holidays=["2019-01-01"])
    assert str(calendar.next_open("2190-03-05T12:00Z")) == "2190-03-05 09:00:00-05:00"
