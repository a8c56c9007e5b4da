"""Laws of vague dates: never before they were said, the earliest reading first, and the day that was named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, testing
from carepolicy._instant import to_moment
from carepolicy.errors import HorizonError, InvalidTimeError
from carepolicy.vague import Resolved, resolve

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
COUNTS = ("a", "2", "3", "a few", "ten")
UNITS = ("minutes", "hours", "working hours", "days", "working days", "weeks", "months")
texts = st.one_of(
    st.sampled_from(("today", "tomorrow", "next week", "this week", "end of month", "next month", "tonight", "9:00")),
    st.sampled_from(("the 5th", "29 february", "march 31", "tomorrow between 8 and noon")),
    st.builds("{} {}".format, st.sampled_from(("by", "next")), st.sampled_from(WEEKDAYS)),
    st.builds("in {} {}".format, st.sampled_from(COUNTS), st.sampled_from(UNITS)),
    st.builds("{} {}".format, st.sampled_from(("tomorrow", *WEEKDAYS)), st.sampled_from(("morning", "2:30", "3 pm"))),
)


def read(text: str, said: int, calendar: Calendar) -> Resolved | None:
    """None for a calendar that opens too seldom to count in."""
    try:
        return resolve(text, to_moment(said), calendar=calendar)
    except HorizonError:
        return None


@given(texts, testing.instants(), testing.calendars())
def test_it_never_falls_due_before_it_was_said(text: str, said: int, calendar: Calendar) -> None:
    """The date of the promise is the earliest reading, and not in the past."""
    found = read(text, said, calendar)
    assert found is None or said <= found.due_us <= found.latest_us


@given(st.sampled_from(WEEKDAYS), st.booleans(), testing.instants(), testing.calendars())
def test_a_weekday_is_that_day_within_a_week(day: str, following: bool, said: int, calendar: Calendar) -> None:
    """The last moment before the end lies on the day that was named, at most seven days on."""
    found = resolve(f"{'next ' if following else ''}{day}", to_moment(said), calendar=calendar)
    for end in (found.due_us, found.latest_us):
        assert to_moment(end - 1, calendar.zone).strftime("%A").casefold() == day
    ahead = (to_moment(found.due_us - 1, calendar.zone).date() - to_moment(said, calendar.zone).date()).days
    assert following <= ahead <= 6 + following


@given(st.integers(1, 31), st.none() | st.sampled_from(MONTHS), testing.instants(), testing.calendars())
def test_a_day_of_a_month_is_the_next_such_day(day: int, month: str | None, said: int, calendar: Calendar) -> None:
    """The last moment before the end lies on the next day that has the date; a date of no month is refused."""
    text, today = f"{day} {month}" if month else f"the {day}th", to_moment(said, calendar.zone).date()
    after = (today + timedelta(days=n) for n in range(8 * 366))
    first = next((d for d in after if d.day == day and month in (None, MONTHS[d.month - 1])), None)
    if first is None:
        with pytest.raises(InvalidTimeError, match=r"^date cannot be made out"):
            resolve(text, to_moment(said), calendar=calendar)
    else:
        found = resolve(text, to_moment(said), calendar=calendar)
        assert {to_moment(end - 1, calendar.zone).date() for end in (found.due_us, found.latest_us)} == {first}


@given(st.integers(0, 23), st.integers(0, 59), testing.instants(), testing.calendars())
def test_a_clock_time_is_shown_by_the_clocks_of_the_zone(hour: int, minute: int, said: int, calendar: Calendar) -> None:
    """Within a day of saying it; the gap's end where the clocks skip it."""
    found = resolve(f"tomorrow at {hour}:{minute:02}", to_moment(said), calendar=calendar)
    shown, on = found.due, to_moment(said, calendar.zone)
    assert shown is not None
    assert (shown.date() - on.date()).days == 1
    assert (shown.hour, shown.minute) >= (hour, minute)


@given(st.text(max_size=20), testing.instants())
def test_anything_is_read_or_refused(text: str, said: int) -> None:
    """Nothing crashes, and the same words said at the same time mean the same."""
    try:
        found = resolve(text, to_moment(said))
    except InvalidTimeError:
        return
    assert found == resolve(text, to_moment(said))
