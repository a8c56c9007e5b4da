"""Calendars: what each promises, on dates that can be looked up."""

from __future__ import annotations

import operator
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays as holidays_package
import numpy as np
import pandas as pd
import pendulum
import pytest

from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy._time import holidays as by_code
from carepolicy.calendar import Calendar
from carepolicy.errors import (
    HorizonError,
    InvalidCalendarError,
    InvalidSpanError,
    InvalidTimeError,
    InvalidWindowError,
    MissingExtraError,
    UnknownZoneError,
)
from carepolicy.span import Span, days, elapsed, working, working_days
from carepolicy.window import Window

DENVER = "America/Denver"
SPLIT = "Mon-Fri 08:00-12:00, 13:00-17:00; Sat 09:00-12:00"
office = Calendar.weekly(SPLIT, zone=DENVER, holidays=[date(2025, 7, 4)])
# Thu 3 July 2025, an hour before closing; Friday is closed, Saturday has its morning
THURSDAY = "2025-07-03T16:00-06:00"
night = Calendar.weekly("Mon-Fri 22:00-06:00", zone="UTC", holidays=["2025-07-05"])


def local(text: str, zone: str = DENVER) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class TestFrames:
    """A pandas Series or index is an array: naive as UTC, aware turned into UTC."""

    def test_series(self) -> None:
        office = Calendar.weekly("Mon-Fri 08:00-17:00", zone="America/New_York")
        at = np.array(["2026-03-02T14:00", "2026-03-07T14:00"], "datetime64[us]")
        series = pd.Series(at)
        for given in (
            series,
            series.astype("datetime64[ns]"),
            series.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        ):
            assert (office.add(given, working(hours=4)) == office.add(at, working(hours=4))).all()
            assert office.is_open(given).tolist() == [True, False]
        index = pd.DatetimeIndex(at, tz="UTC")
        assert office.between(index, series).tolist() == [0, 0]
        assert office.next_open(series.astype("int64")).tolist() == office.next_open(at.view("int64")).tolist()

    def test_one_window_is_no_list_of_pauses(self) -> None:
        pause = Window.between("2026-03-02T14:00Z", "2026-03-02T15:00Z")
        always, one = Calendar.always(), "2026-03-02T13:00Z"
        with pytest.raises(InvalidWindowError, match=r"^pauses are no list: "):
            always.between(one, "2026-03-02T16:00Z", pauses=pause)  # type: ignore[arg-type]
        with pytest.raises(InvalidWindowError, match=r"^pauses are no list: "):
            always.add(one, elapsed(hours=3), pauses=pause)  # type: ignore[arg-type]
        assert Calendar.always().between("2026-03-02T13:00Z", "2026-03-02T16:00Z", pauses=[]) == timedelta(hours=3)


class TestSpans:
    """Only a span can be added."""

    @pytest.mark.parametrize("span", ["3 days", 3, timedelta(days=3)])
    def test_refuses_anything_else(self, span: Any) -> None:
        with pytest.raises(InvalidSpanError, match=r"^span is not a Span: .*; use e.g. working\(hours=4\)"):
            Calendar.always().add("2026-03-02T09:00Z", span)


class TestWeekly:
    """Weekly hours are text with one normal form."""

    @pytest.mark.parametrize(
        ("text", "normal"),
        [
            ("mon-fri 8:00-17:00", "Mon-Fri 08:00-17:00"),
            ("Monday – Tuesday, Thu 09:00–12:00", "Mon-Tue, Thu 09:00-12:00"),
            ("Sat-Sun 10:00-14:00;", "Sat-Sun 10:00-14:00"),
            ("Fri-Mon 22:00-06:00", "Mon, Fri-Sun 22:00-06:00"),
            ("Mon 08:00-12:00,12:00-17:00", "Mon 08:00-17:00"),
            ("Mon 13:00-17:00, 08:00-12:00", "Mon 08:00-12:00, 13:00-17:00"),
            ("Mon 22:00-00:00", "Mon 22:00-24:00"),
            ("Mon 00:00-24:00", "Mon 00:00-24:00"),
            ("Mon 08:00:30-08:00:30.25", "Mon 08:00:30-08:00:30.25"),
            ("Mon 08:00-09:00; Tue 08:00-09:00; Wed 10:00-11:00", "Mon-Tue 08:00-09:00; Wed 10:00-11:00"),
        ],
    )
    def test_is_read_into_one_form(self, text: str, normal: str) -> None:
        calendar = Calendar.weekly(text, zone="UTC")
        assert calendar.to_data()["weekly"] == normal
        assert calendar == Calendar.weekly(normal, zone="UTC")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "weekly hours never open: ''"),
            ("Mon", "weekly hours cannot be read: 'Mon'"),
            ("09:00-17:00", "weekly hours cannot be read"),
            ("Mon-Wed-Fri 09:00-17:00", "weekday is not known: 'Mon-Wed-Fri'"),
            ("Noday 09:00-17:00", "weekday is not known: 'Noday'"),
            ("Mon 9-17", "hours cannot be read: '9-17'"),
            ("Mon 09:00-09:00", "shift starts when it ends: '09:00-09:00'; write '00:00-24:00'"),
            ("Mon 24:00-06:00", "shift starts when it ends: '24:00-06:00'"),
            ("Mon 09:00-25:00", "hours are not times of a day: '09:00-25:00'"),
            ("Mon 09:60-10:00", "hours are not times of a day"),
            ("Mon 09:00:60-10:00", "hours are not times of a day"),
            ("Mon 09:00-12:00, 11:00-13:00", "shifts of one day overlap"),
            ("Mon-Fri 09:00-17:00; Fri 09:00-12:00", "weekly hours name Fri twice"),
            (7, "weekly hours are not text: 7"),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, text: Any, problem: str) -> None:
        with pytest.raises(InvalidCalendarError, match=problem.replace("(", r"\(")):
            Calendar.weekly(text, zone="UTC")

    def test_refuses_a_zone_that_is_none(self) -> None:
        with pytest.raises(UnknownZoneError, match="Mars/Olympus"):
            Calendar.weekly(SPLIT, zone="Mars/Olympus")


class TestHolidays:
    """Holidays are dates, or the code of a place."""

    def test_any_kind_of_date_is_one(self) -> None:
        expected = Calendar.weekly(SPLIT, zone=DENVER, holidays=[date(2025, 7, 4)])
        for given in (
            ["2025-07-04"],
            {date(2025, 7, 4)},
            (pendulum.date(2025, 7, 4),),
            np.array(["2025-07-04"], "datetime64[D]"),
            (day for day in [date(2025, 7, 4)] * 2),
            {date(2025, 7, 4): "Independence Day"},
        ):
            assert Calendar.weekly(SPLIT, zone=DENVER, holidays=given) == expected

    def test_a_code_is_kept_as_a_code(self) -> None:
        coded = Calendar.weekly(SPLIT, zone=DENVER, holidays="US-MT")
        assert repr(coded) == f"Calendar.weekly({SPLIT!r}, zone='America/Denver', holidays='US-MT')"
        assert not coded.is_open(local("2026-11-03T10:00"))  # Election Day, a holiday in Montana
        assert Calendar.weekly(SPLIT, zone=DENVER, holidays="US").is_open(local("2026-11-03T10:00"))

    def test_a_populated_holidays_object_is_dates(self) -> None:
        dates = holidays_package.country_holidays("US", years=2025)
        assert not Calendar.weekly(SPLIT, zone=DENVER, holidays=dates).is_open(local("2025-07-04T10:00"))

    def test_an_empty_holidays_object_is_refused(self) -> None:
        with pytest.raises(InvalidCalendarError, match="empty until a year is asked for"):
            Calendar.weekly(SPLIT, zone=DENVER, holidays=holidays_package.country_holidays("US"))

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("XX", "holidays code is not known: 'XX'"),
            ("US-QQ", "holidays code is not known: 'US-QQ'"),
            (7, "dates are not a list of dates: 7"),
            ([7], "not a date: 7"),
            (["4 July"], "date cannot be read: '4 July'"),
            ([datetime(2025, 7, 4, tzinfo=UTC)], "not a date: .*without a time of day"),
        ],
    )
    def test_refuses_what_is_neither(self, given: Any, problem: str) -> None:
        with pytest.raises(InvalidCalendarError, match=problem):
            Calendar.weekly(SPLIT, zone=DENVER, holidays=given)

    def test_says_which_extra_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        by_code.holidays_of.cache_clear()
        monkeypatch.setitem(sys.modules, "holidays", None)
        with pytest.raises(MissingExtraError, match=r"install carepolicy\[holidays\]"):
            Calendar.weekly(SPLIT, zone=DENVER, holidays="US")


class TestSingleDates:
    """A date can have hours of its own, whatever the week and the holidays say."""

    def test_closed_on(self) -> None:
        assert Calendar.weekly(SPLIT, zone=DENVER).closed_on(date(2025, 7, 4)) == office
        assert not office.is_open("2025-07-04T10:00-06:00")

    def test_open_on_a_holiday(self) -> None:
        half = office.open_on("2025-07-04", "09:00-12:00")
        assert half.is_open("2025-07-04T10:00-06:00")
        assert not half.is_open("2025-07-04T12:00-06:00")
        assert half.closed_on("2025-07-04") == office

    def test_both_beside_a_code_rebuild(self) -> None:
        calendar = (
            Calendar.weekly(SPLIT, zone=DENVER, holidays="US")
            .closed_on("2025-12-24")
            .open_on("2025-12-25", "22:00-02:00")
        )
        assert repr(calendar).endswith(
            "holidays='US').closed_on(date(2025, 12, 24)).open_on(date(2025, 12, 25), '22:00-02:00')"
        )
        assert eval(repr(calendar)) == calendar
        assert Calendar.from_data(calendar.to_data()) == calendar

    def test_needs_hours_and_a_weekly_calendar(self) -> None:
        with pytest.raises(InvalidCalendarError, match=r"hours never open: ''; use closed_on\(2025-07-04\)"):
            office.open_on("2025-07-04", "")
        with pytest.raises(InvalidCalendarError, match="hours are not text: None"):
            office.open_on("2025-07-04", None)  # type: ignore[arg-type]
        with pytest.raises(InvalidCalendarError, match="single dates need a weekly calendar"):
            Calendar.always().closed_on("2025-07-04")


class TestAdd:
    """Adding lands at the earliest instant by which the time has elapsed, subtracting at the latest."""

    @pytest.mark.parametrize(
        ("at", "span", "lands"),
        [
            (THURSDAY, working(hours=1), "2025-07-03T17:00-06:00"),
            (THURSDAY, working(hours=2), "2025-07-05T10:00-06:00"),
            ("2025-07-04T12:00-06:00", working(), "2025-07-04T12:00-06:00"),
            ("2025-07-04T12:00-06:00", working(microseconds=1), "2025-07-05T09:00:00.000001-06:00"),
            ("2025-07-07T09:00-06:00", working(hours=-1), "2025-07-07T08:00-06:00"),
            ("2025-07-07T08:00-06:00", working(hours=-3), "2025-07-05T09:00-06:00"),
            (THURSDAY, working_days(1), "2025-07-05T16:00-06:00"),
            ("2025-07-04T10:00-06:00", working_days(1), "2025-07-05T10:00-06:00"),
            ("2025-07-04T10:00-06:00", working_days(-1), "2025-07-03T10:00-06:00"),
            ("2025-07-04T10:00-06:00", working_days(0), "2025-07-04T10:00-06:00"),
            ("2025-03-08T02:30-07:00", days(1), "2025-03-09T03:00-06:00"),
            ("2025-11-01T01:30-06:00", days(1), "2025-11-02T01:30-06:00"),
            ("2025-11-02T01:30-07:00", days(0), "2025-11-02T01:30-07:00"),
            ("2025-03-08T12:00-07:00", days(1), "2025-03-09T12:00-06:00"),
            ("2025-03-08T12:00-07:00", elapsed(days=1), "2025-03-09T13:00-06:00"),
        ],
    )
    def test_lands(self, at: str, span: Span, lands: str) -> None:
        result = office.add(at, span)
        assert isinstance(result, pendulum.DateTime)
        assert result.timezone_name == DENVER
        assert to_micros(result) == to_micros(lands)
        row = office.add(np.array([to_micros(at)]).view("datetime64[us]"), span)
        assert row.dtype == "datetime64[us]"
        assert row.view(np.int64).tolist() == [to_micros(lands)]

    def test_any_aware_time_goes_in(self) -> None:
        expected = to_micros("2025-07-03T17:00-06:00")
        for at in (
            THURSDAY,
            local("2025-07-03T16:00"),
            datetime(2025, 7, 3, 22, tzinfo=UTC),
            pendulum.datetime(2025, 7, 3, 16, tz=DENVER),
        ):
            assert to_micros(office.add(at, working(hours=1))) == expected
        with pytest.raises(InvalidTimeError, match="at has no time zone"):
            office.add(datetime.fromisoformat("2025-07-03"), working(hours=1))

    def test_far_beyond_the_years_at_hand(self) -> None:
        fresh = Calendar.from_data(office.to_data())
        century = fresh.add(THURSDAY, working(hours=40 * 52 * 100))
        assert fresh.between(THURSDAY, century) == timedelta(hours=40 * 52 * 100)
        assert to_micros(fresh.add(century, working(hours=-40 * 52 * 100))) == to_micros(THURSDAY)

    def test_integers_in_integers_out(self) -> None:
        rows = office.add(np.array([[to_micros(THURSDAY)]]), working(hours=1))
        assert rows.tolist() == [[to_micros("2025-07-03T17:00-06:00")]]

    @pytest.mark.parametrize(
        "span", [days(3_000_000), days(-3_000_000), working_days(1_000_000), working_days(-1_000_000)]
    )
    def test_beyond_the_years_is_refused(self, span: Span) -> None:
        for at in (THURSDAY, np.array(["2025-07-03T22:00"], "datetime64[us]")):
            with pytest.raises(HorizonError):
                office.add(at, span)

    def test_more_than_there_is_is_refused(self) -> None:
        week = Calendar.only(Window.between("2026-03-02T00:00Z", "2026-03-09T00:00Z"))
        with pytest.raises(HorizonError, match=r"no opening is left .* from 2026-03-04.* of Calendar.only"):
            week.add("2026-03-04T00:00Z", working(hours=1000))
        with pytest.raises(HorizonError, match=r"no opening is left .* up to 2026-03-04"):
            week.add("2026-03-04T00:00Z", working(hours=-1000))
        with pytest.raises(HorizonError, match=r"fewer than 9 working dates are left .* from"):
            week.add("2026-03-04T00:00Z", working_days(9))
        with pytest.raises(HorizonError, match=r"fewer than 9 working dates are left .* up to"):
            week.add("2026-03-04T00:00Z", working_days(-9))
        assert str(week.add("2026-03-04T12:00Z", working_days(4)).date()) == "2026-03-08"

    def test_days_need_no_table_but_years(self) -> None:
        assert str(office.add("0900-01-01T00:00Z", days(1))).startswith("0900-01-01")
        with pytest.raises(HorizonError, match="outside the years 1 to 9999"):
            office._add(3 * 10**17, days(1))
        with pytest.raises(HorizonError, match="1800 to 2399"):
            office.add("0900-01-01T00:00Z", working(hours=1))


class TestStretches:
    """Half-open: open at opening, closed at closing."""

    def test_is_open(self) -> None:
        assert office.is_open("2025-07-03T08:00-06:00")
        assert not office.is_open("2025-07-03T12:00-06:00")
        rows = np.array(["2025-07-03T14:00", "2025-07-03T18:00"], "datetime64[m]")
        assert office.is_open(rows).tolist() == [True, False]

    def test_next_open_and_close(self) -> None:
        noon = "2025-07-03T12:00-06:00"
        assert str(office.next_open(noon)) == "2025-07-03 13:00:00-06:00"
        assert str(office.next_open(THURSDAY)) == "2025-07-03 16:00:00-06:00"
        assert str(office.next_close(noon)) == "2025-07-03 17:00:00-06:00"
        rows = np.array(["2025-07-03T18:00"], "datetime64[us]")
        assert office.next_open(rows)[0] == np.datetime64("2025-07-03T19:00")
        assert office.next_close(rows)[0] == np.datetime64("2025-07-03T23:00")

    def test_open_windows_are_clipped(self) -> None:
        assert office.open_windows("2025-07-03T11:00-06:00", "2025-07-05T16:00Z") == [
            Window.between("2025-07-03T17:00Z", "2025-07-03T18:00Z"),
            Window.between("2025-07-03T19:00Z", "2025-07-03T23:00Z"),
            Window.between("2025-07-05T15:00Z", "2025-07-05T16:00Z"),
        ]
        assert office.open_windows("2025-07-04T00:00-06:00", "2025-07-04T12:00-06:00") == []
        assert Calendar.always().open_windows("2025-07-04T00:00Z", "2025-07-05T00:00Z") == [
            Window.between("2025-07-04T00:00Z", "2025-07-05T00:00Z")
        ]

    def test_a_night_shift_belongs_to_the_date_on_which_it_starts(self) -> None:
        """Friday's shift runs into the holiday on Saturday, and Saturday's own does not start."""
        assert night.is_open("2025-07-05T05:59Z")
        assert not night.is_open("2025-07-05T06:00Z")
        assert not Calendar.weekly("Mon-Sun 22:00-06:00", zone="UTC", holidays=["2025-07-05"]).is_open(
            "2025-07-06T03:00Z"
        )

    def test_days_that_touch_are_one_stretch(self) -> None:
        calendar = Calendar.weekly("Mon-Fri 00:00-24:00", zone="UTC")
        assert str(calendar.next_close("2025-07-01T10:00Z")) == "2025-07-05 00:00:00+00:00"
        assert str(calendar.add("2025-07-04T10:00Z", working_days(1))) == "2025-07-07 10:00:00+00:00"

    def test_across_the_year_in_which_the_table_ends(self) -> None:
        calendar = Calendar.weekly("Mon-Sun 00:00-24:00", zone=DENVER, holidays=["2016-05-01", "2057-08-09"])
        assert calendar._stretch(to_micros("2030-01-01T00:00Z")) == (
            to_micros("2016-05-02T00:00-06:00"),
            to_micros("2057-08-09T00:00-06:00"),
        )
        assert calendar._stretch(to_micros("2060-01-01T00:00Z"))[1] == NEVER
        assert calendar._stretch(to_micros("2000-01-01T00:00Z"))[0] == ALWAYS
        with pytest.raises(HorizonError, match="never closes again"):
            calendar.next_close("2060-01-01T00:00Z")
        with pytest.raises(HorizonError, match="never closes again"):
            calendar.next_close(np.array(["2060-01-01"], "datetime64[us]"))
        assert calendar._next_close(np.array([to_micros("2060-01-01T00:00Z")])).tolist() == [NEVER]

    def test_a_last_opening_is_the_last(self) -> None:
        week = Calendar.only(Window.between("2026-03-02T00:00Z", "2026-03-09T00:00Z"))
        with pytest.raises(HorizonError, match="no opening is left"):
            week.next_open("2026-03-09T00:00Z")
        with pytest.raises(HorizonError, match="no opening is left"):
            week.next_open(np.array(["2026-03-09"], "datetime64[us]"))


class TestBetween:
    """Open time, signed; pauses are closed time."""

    def test_is_signed(self) -> None:
        monday = "2025-07-07T09:00-06:00"
        assert office.between(THURSDAY, monday) == timedelta(hours=5)
        assert office.between(monday, THURSDAY) == timedelta(hours=-5)

    def test_one_for_all_and_row_by_row(self) -> None:
        rows = np.array(["2025-07-03T22:00", "2025-07-05T15:00"], "datetime64[us]")
        assert office.between(rows, "2025-07-07T09:00-06:00").tolist() == [5 * 3_600_000_000, 4 * 3_600_000_000]
        assert office.between(THURSDAY, rows).tolist() == [0, 3_600_000_000]
        assert office.between(rows, rows).tolist() == [0, 0]
        assert office.between(rows[:0], rows[:0]).tolist() == []
        always = Calendar.always()
        assert always.between(rows, rows[::-1]).tolist() == [147_600_000_000, -147_600_000_000]

    def test_pauses_count_once_and_only_while_open(self) -> None:
        pauses = [
            Window.between("2025-07-03T16:15-06:00", "2025-07-03T16:45-06:00"),
            Window.between("2025-07-03T16:30-06:00", "2025-07-05T09:10-06:00"),
            Window.between("2025-07-06T00:00-06:00", "2025-07-07T00:00-06:00"),
        ]
        assert office.between(THURSDAY, "2025-07-07T09:00-06:00", pauses) == timedelta(hours=4, minutes=5)
        assert office.between("2025-07-07T09:00-06:00", THURSDAY, pauses) == timedelta(hours=-4, minutes=-5)
        assert str(office.add(THURSDAY, working(minutes=20), pauses)) == "2025-07-05 09:15:00-06:00"
        assert str(office.add("2025-07-05T09:15-06:00", working(minutes=-20), pauses)) == "2025-07-03 16:00:00-06:00"
        assert str(office.add(THURSDAY, working(minutes=15), pauses)) == "2025-07-03 16:15:00-06:00"
        assert str(office.add(THURSDAY, elapsed(minutes=20), pauses)) == "2025-07-05 09:15:00-06:00"
        assert office.add(THURSDAY, working(), pauses) == pendulum.parse(THURSDAY)
        rows = np.array(["2025-07-03T22:00"], "datetime64[us]")
        assert office.add(rows, working(minutes=20), pauses)[0] == np.datetime64("2025-07-05T15:15")
        assert office.add(rows, elapsed(minutes=20), pauses)[0] == np.datetime64("2025-07-05T15:15")
        assert office.between(rows, "2025-07-07T09:00-06:00", pauses).tolist() == [245 * 60_000_000]

    def test_pauses_elsewhere_do_not_matter(self) -> None:
        before = Window.between("2025-07-03T08:00-06:00", "2025-07-03T09:00-06:00")
        after = Window.between("2025-07-08T08:00-06:00", "2025-07-08T09:00-06:00")
        assert str(office.add(THURSDAY, working(hours=2), [after, before])) == "2025-07-05 10:00:00-06:00"
        assert str(office.add(THURSDAY, working(hours=-2), [after, before])) == "2025-07-03 14:00:00-06:00"
        nothing = Window.between("2025-07-04T08:00-06:00", "2025-07-04T09:00-06:00")
        assert office.between(THURSDAY, "2025-07-07T09:00-06:00", [nothing]) == timedelta(hours=5)

    def test_an_open_pause_needs_an_end(self) -> None:
        pause = [Window(opens=THURSDAY)]
        assert office.between(THURSDAY, "2025-07-05T12:00-06:00", pause, until="2025-07-05T10:00-06:00") == timedelta(
            hours=2
        )
        assert office.between(THURSDAY, "2025-07-05T12:00-06:00", pause, until="2025-07-01T10:00-06:00") == timedelta(
            hours=4
        )
        with pytest.raises(InvalidWindowError, match="pause has no end"):
            office.between(THURSDAY, THURSDAY, pause)
        with pytest.raises(InvalidWindowError, match="pause has no end"):
            office.add(THURSDAY, working(hours=1), pause)
        with pytest.raises(InvalidWindowError, match="pause is not a Window: 7"):
            office.between(THURSDAY, THURSDAY, [7])  # type: ignore[list-item]

    def test_dates_cannot_be_paused(self) -> None:
        with pytest.raises(InvalidSpanError, match=r"pauses cannot be taken from dates: days\(1\)"):
            office.add(THURSDAY, days(1), [Window.between(THURSDAY, "2025-07-04T00:00Z")])


class TestAlways:
    """Nothing closes, every date is a working date."""

    @pytest.mark.parametrize("calendar", [Calendar.always(), Calendar.weekly("Mon-Sun 00:00-24:00", zone="UTC")])
    def test_is_trivial(self, calendar: Calendar) -> None:
        t = to_micros(THURSDAY)
        rows = np.array([t, ALWAYS])
        assert calendar.is_open(THURSDAY)
        assert calendar._is_open(NEVER)
        assert calendar._is_open(rows).tolist() == [True, True]
        assert calendar._next_open(t) == t
        assert str(calendar.next_open("2025-07-03T22:00Z")) == "2025-07-03 22:00:00+00:00"
        assert calendar._next_open(rows).tolist() == rows.tolist()
        assert calendar._next_close(t) == calendar._next_close(ALWAYS) == NEVER
        assert calendar._next_close(rows).tolist() == [NEVER, NEVER]
        assert calendar._stretch(t) == calendar._stretch(NEVER) == (ALWAYS, NEVER)
        assert calendar._add(rows, working(hours=1)).tolist() == [t + 3_600_000_000, ALWAYS]
        assert calendar._between(rows, t).tolist() == [0, NEVER]
        assert calendar._add(t, working_days(3)) == calendar._add(t, days(3)) == t + 3 * 86_400_000_000

    def test_skipped_dates_are_no_working_dates(self) -> None:
        apia = Calendar.always("Pacific/Apia")
        assert str(apia.add(local("2011-12-29T10:00", "Pacific/Apia"), working_days(1))) == "2011-12-31 10:00:00+14:00"


class TestSentinels:
    """ALWAYS and NEVER pass through, in ints and in arrays."""

    @pytest.mark.parametrize("sentinel", [ALWAYS, NEVER])
    @pytest.mark.parametrize("span", [working(hours=1), working_days(1), days(1), elapsed(hours=1)])
    def test_pass(self, sentinel: int, span: Span) -> None:
        rows = np.array([sentinel])
        assert office._add(sentinel, span) == office._next_open(sentinel) == office._next_close(sentinel) == sentinel
        assert office._add(rows, span).tolist() == office._next_open(rows).tolist() == [sentinel]
        assert office._stretch(sentinel) == (sentinel, sentinel)
        assert not office._is_open(sentinel)
        assert office._is_open(rows).tolist() == [False]
        assert office._add(np.array([], np.int64), span).tolist() == []

    def test_time_to_them_is_without_end(self) -> None:
        assert office._between(0, NEVER) == office._between(ALWAYS, 0) == NEVER
        assert office._between(NEVER, 0) == ALWAYS
        assert office._between(NEVER, NEVER) == 0
        assert office._between(np.array([NEVER]), NEVER).tolist() == [0]


class TestJoined:
    """`&` both, `|` one of them, `-` the one without the other; in the zone of the left."""

    tokyo = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Asia/Tokyo")
    paris = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")

    def test_follow_the_sun(self) -> None:
        desk = self.paris | self.tokyo
        assert desk.zone == "Europe/Paris"
        assert str(desk.next_open("2026-03-02T17:00+01:00")) == "2026-03-03 01:00:00+01:00"
        assert repr(desk) == f"({self.paris!r} | {self.tokyo!r})"
        assert eval(repr(desk)) == desk
        assert (desk | self.tokyo) == desk

    def test_both(self) -> None:
        london = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/London")
        assert str((self.paris & london).next_open("2026-03-02T00:00Z")) == "2026-03-02 10:00:00+01:00"
        assert (self.paris & london).between("2026-03-02T00:00Z", "2026-03-03T00:00Z") == timedelta(hours=7)

    def test_never_both_is_refused(self) -> None:
        with pytest.raises(InvalidCalendarError, match="calendar never opens in the years 1970 to 2199"):
            self.paris & Calendar.weekly("Sun 09:00-17:00", zone="Europe/Paris")
        with pytest.raises(InvalidCalendarError, match="calendar never opens"):
            self.paris - Calendar.always()

    def test_rarely_both_is_found(self) -> None:
        day = Calendar.only(Window.between("1999-12-31T00:00Z", "2000-01-01T00:00Z"))
        assert str((self.paris & day).next_open("1999-01-01T00:00Z")) == "1999-12-31 09:00:00+01:00"

    def test_closures_by_instants(self) -> None:
        closed = self.paris - Calendar.only(Window.between("2026-03-02T11:00+01:00", "2026-03-02T12:00+01:00"))
        assert closed.between("2026-03-02T00:00Z", "2026-03-03T00:00Z") == timedelta(hours=7)
        assert str(closed.add("2026-02-27T10:00+01:00", working_days(1))) == "2026-03-02 10:00:00+01:00"

    def test_working_dates_of_long_stretches_are_all_their_whole_dates(self) -> None:
        week = Calendar.weekly("Mon-Fri 00:00-24:00", zone="UTC") | Calendar.weekly("Fri 09:00-10:00", zone="UTC")
        assert str(week.add("2026-03-02T09:00Z", working_days(2))) == "2026-03-04 09:00:00+00:00"
        assert str(week.add("2026-03-06T09:00Z", working_days(1))) == "2026-03-09 09:00:00+00:00"

    def test_only_with_other_calendars(self) -> None:
        for join in (operator.and_, operator.or_, operator.sub):
            with pytest.raises(TypeError):
                join(office, 7)

    def test_only_needs_windows(self) -> None:
        with pytest.raises(InvalidCalendarError, match="no windows"):
            Calendar.only()
        for opening in (7, Window(opens="2026-03-02T00:00Z") & Window(closes="2026-03-02T00:00Z")):
            with pytest.raises(InvalidCalendarError, match="opening is not a window with time in it"):
                Calendar.only(opening)  # type: ignore[arg-type]


def test_the_past_is_as_near_as_the_future() -> None:
    """The table grows both ways, and a copy starts with none."""
    calendar = pickle.loads(pickle.dumps(office))
    assert calendar == office
    assert str(calendar.next_open("2020-07-01T00:00Z")) == "2020-07-01 08:00:00-06:00"
    assert str(calendar.next_open("1975-07-01T00:00Z")) == "1975-07-01 08:00:00-06:00"


class TestData:
    """Plain data, with the path in every error."""

    @pytest.mark.parametrize(
        "calendar",
        [
            office,
            Calendar.always(DENVER),
            Calendar.only(Window(closes=THURSDAY), Window(opens="2026-03-02T00:00Z"), zone=DENVER),
            office | night,
            office & night | Calendar.always(),
            office - night,
            Calendar.weekly(SPLIT, zone=DENVER, holidays="US-MT")
            .closed_on("2025-12-24")
            .open_on("2025-12-31", "09:00-12:00"),
        ],
    )
    def test_goes_there_and_back(self, calendar: Calendar) -> None:
        assert Calendar.from_data(calendar.to_data()) == calendar
        assert eval(repr(calendar)) == calendar

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (7, "plan.hours is not a table: 7"),
            ({}, "plan.hours must hold one of weekly, .*, got nothing"),
            ({"weekly": SPLIT, "always": True}, "plan.hours must hold one of"),
            (
                {"weekly": SPLIT, "zone": DENVER, "color": 1},
                "plan.hours.color is not known beside 'weekly'; use closed",
            ),
            ({"all": [], "zone": DENVER}, "plan.hours.zone is not known beside 'all'; use nothing else"),
            ({"weekly": SPLIT}, "plan.hours: zone is missing"),
            ({"weekly": "Mon", "zone": DENVER}, "plan.hours: weekly hours cannot be read"),
            ({"always": False}, "plan.hours: always is not true: False"),
            ({"only": [{"begins": 1}]}, "plan.hours: "),
            ({"only": 7}, "plan.hours: "),
            ({"weekly": SPLIT, "zone": DENVER, "hours": 7}, "plan.hours: "),
            ({"all": [{"always": True}]}, "plan.hours.all is not a list of two or more calendars"),
            ({"minus": [{"always": True}] * 3}, "plan.hours.minus is not a list of two calendars"),
            ({"any": [{"always": True}, {"weekly": SPLIT, "zone": "X"}]}, r"plan.hours.any\[1\]: zone is not a known"),
            ({"minus": [{"always": True}, {"always": True}]}, "plan.hours.minus: calendar never opens"),
        ],
    )
    def test_errors_say_where(self, data: Any, problem: str) -> None:
        with pytest.raises(InvalidCalendarError, match=problem):
            Calendar.from_data(data, "plan.hours")


class TestInZone:
    """The same wall times elsewhere."""

    def test_every_part_moves_and_windows_stay(self) -> None:
        week = Calendar.weekly(SPLIT, zone=DENVER, holidays="US").open_on("2025-12-25", "10:00-12:00")
        there = week.in_zone("Asia/Tokyo")
        assert there == Calendar.weekly(SPLIT, zone="Asia/Tokyo", holidays="US").open_on("2025-12-25", "10:00-12:00")
        window = Window("2025-07-01T16:00-06:00", "2025-07-03T18:00-06:00")
        only = Calendar.only(window, zone=DENVER)
        assert only.in_zone("Asia/Tokyo") == Calendar.only(window, zone="Asia/Tokyo")
        assert Calendar.always().in_zone(DENVER) == Calendar.always(DENVER)
        for joined in (week & only, week | only, week - only):
            moved = joined.in_zone("Asia/Tokyo")
            assert moved.zone == "Asia/Tokyo"
            assert repr(moved) == repr(joined).replace(DENVER, "Asia/Tokyo")

    def test_parts_that_become_the_same_are_one(self) -> None:
        tokyo = Calendar.weekly(SPLIT, zone="Asia/Tokyo")
        denver = Calendar.weekly(SPLIT, zone=DENVER)
        assert (tokyo | denver).in_zone(DENVER) == denver

    def test_what_cannot_be_is_refused(self) -> None:
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Base'"):
            Calendar.always().in_zone("Mars/Base")
        apart = Calendar.weekly(SPLIT, zone=DENVER) - Calendar.weekly(SPLIT, zone="Asia/Tokyo")
        with pytest.raises(InvalidCalendarError, match="calendar never opens in the years 1970 to 2199"):
            apart.in_zone(DENVER)
        early, late = (Calendar.weekly(f"Mon-Sun {hours}", zone=z) for hours, z in
                       (("08:00-10:00", DENVER), ("14:00-18:00", "UTC")))  # fmt: skip
        with pytest.raises(InvalidCalendarError, match="calendar never opens in the years 1970 to 2199"):
            (early & late).in_zone("UTC")


def test_one_instant_needs_no_numpy() -> None:
    """Calendars answer for one instant without the second that importing numpy costs on a cold machine."""
    code = (
        "import sys; from carepolicy.calendar import Calendar; from carepolicy.span import working;"
        f"c = Calendar.weekly({SPLIT!r}, zone={DENVER!r});"
        f"c.add({THURSDAY!r}, working(hours=9)); c.between({THURSDAY!r}, {THURSDAY!r});"
        "sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_many_short_stretches_fall_back_to_a_search() -> None:
    """Where no bucket index of a sensible size exists, a binary search gives the same answers."""
    hours = ", ".join(f"{m // 60:02d}:{m % 60:02d}:00-{m // 60:02d}:{m % 60:02d}:01" for m in range(1440))
    calendar = Calendar.weekly(f"Mon-Sun {hours}", zone="UTC")
    rows = np.array(["2026-03-02T10:00:00.5", "2026-03-02T10:00:30"], "datetime64[us]")
    assert calendar.is_open(rows).tolist() == [True, False]
    expected = np.array(["2026-03-02T10:02:00.5", "2026-03-02T10:02:01"], "datetime64[us]")
    assert calendar.add(rows, working(seconds=2)).tolist() == expected.tolist()


@pytest.mark.parametrize("text", [SPLIT, "Mon-Fri 08:00-08:01, 08:02-08:03, 08:04-08:05, 08:06-08:07, 22:00-06:00"])
def test_many_rows_over_many_years(text: str) -> None:
    """Several chunks, sentinels among them, with and without a bucket index: as one by one."""
    calendar = Calendar.weekly(text, zone=DENVER, holidays="US")
    rows = np.random.default_rng(3).integers(to_micros("1990-01-01T00:00Z"), to_micros("2030-01-01T00:00Z"), 20_000)
    rows[::1000] = ALWAYS, *[NEVER] * 19
    some = slice(None, None, 97)
    for span in (working(hours=8), working(hours=-8), working_days(2), days(-2), elapsed(hours=5)):
        assert calendar._add(rows, span)[some].tolist() == [calendar._add(t, span) for t in rows[some].tolist()]
    for ask in (calendar._is_open, calendar._next_open, calendar._next_close):
        assert ask(rows)[some].tolist() == [ask(t) for t in rows[some].tolist()]
    expected = [calendar._between(a, b) for a, b in zip(rows[some].tolist(), rows[::-1][some].tolist(), strict=True)]
    assert calendar._between(rows, rows[::-1])[some].tolist() == expected


def test_threads_may_grow_one_calendar() -> None:
    """Whichever thread asks for which years, each gets its answer."""
    calendar = Calendar.weekly(SPLIT, zone=DENVER)
    years = [1971 + 13 * i % 211 for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda year: calendar.next_open(f"{year}-07-01T00:00Z").year, years))
    assert found == years


def test_more_spans_than_are_kept_tables_for() -> None:
    """Each span moves arrays by tables of its own, of which only so many are kept."""
    utc = Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Paris")
    start = np.array(["2026-03-20T09:00", "2026-10-20T09:00"], "datetime64[us]")
    for count in (*range(1, 70), 1):
        moved = utc.add(start, days(count)).astype("datetime64[us]").tolist()
        alone = [utc.add(f"{at}+00:00", days(count)) for at in start.astype(str)]
        assert [at.replace(tzinfo=UTC) for at in moved] == alone
