"""The door for time: what goes in, what comes out, what is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import _instant as instant
from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER, to_micros, to_moment
from carepolicy._time.zone import Offsets, door_of, offsets_of
from carepolicy.errors import HorizonError, InvalidTimeError, UnknownZoneError

ZONES = ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Monrovia"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
times = st.datetimes(datetime(1840, 1, 5), datetime(2190, 1, 1), timezones=st.sampled_from(ZONES).map(ZoneInfo))  # noqa: DTZ001


class TestWords:
    """An instant as a care team would say it."""

    def test_sentinels_have_words(self) -> None:
        assert (instant.in_words(ALWAYS), instant.in_words(NEVER)) == ("always", "never")
        assert instant.in_words(0, by_the_day=True) == "Thu 1 Jan 1970"

    def test_says_what_pendulum_would(self) -> None:
        """It is written out by hand, as pendulum's own way takes six times as long."""
        for month in range(1, 13):
            for year in (33, 999, 2026):
                moment = pendulum.datetime(year, month, month + 9, month, 5, tz="America/Denver")
                said = instant.in_words(instant.to_micros(moment), "America/Denver")
                assert said == moment.format("ddd D MMM YYYY HH:mm")


class TestIn:
    """Any aware time becomes whole UTC microseconds."""

    @pytest.mark.parametrize(
        "value",
        [
            "2026-03-02T09:00:00.000001+01:00",
            "2026-03-02T08:00:00.000001Z",
            datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC),
            datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))),
            pendulum.datetime(2026, 3, 2, 9, 0, 0, 1, tz="Europe/Paris"),
            pd.Timestamp("2026-03-02T09:00:00.000001+01:00"),
        ],
    )
    def test_is_exact(self, value: Any) -> None:
        assert to_micros(value) == 1_772_438_400_000_001

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ("2026-03-02T09:00", "at has no time zone: 2026-03-02 09:00:00; attach one"),
            ("now", "at is not an ISO 8601 time: 'now'"),
            (7, r"at is not a time: 7 \(int\)"),
            (pd.NaT, "at is not a time: NaT"),
            (pd.Timestamp("2026-03-02T09:00:00.000000001Z"), "at is finer than a microsecond"),
            (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "at is outside the years 1 to 9999"),
        ],
    )
    def test_refuses_by_name(self, value: Any, problem: str) -> None:
        with pytest.raises(InvalidTimeError, match=problem):
            to_micros(value)

    def test_arrays(self) -> None:
        assert instant.micros_array(np.array(["1970-01-01T00:00:01"], "datetime64[s]")).tolist() == [1_000_000]
        assert instant.micros_array(np.array([1000], "datetime64[ns]")).tolist() == [1]
        assert instant.micros_array(np.array([7], np.int32)).tolist() == [7]

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            (np.array(["2026-03-02", "NaT"], "datetime64[us]"), "due is not a time: NaT at position 1"),
            (np.array([1], "datetime64[ns]"), "due is finer than a microsecond"),
            (np.array([1.5]), "due is not an array of times: dtype float64"),
        ],
    )
    def test_arrays_refuse_by_name(self, values: Any, problem: str) -> None:
        with pytest.raises(InvalidTimeError, match=problem):
            instant.micros_array(values, "due")

    def test_tells_arrays_apart(self) -> None:
        assert instant.is_array(np.array([1]))
        assert not any(map(instant.is_array, [1, np.int64(1), "x", EPOCH, None]))


class TestOut:
    """Microseconds become a pendulum time, or text."""

    def test_moments(self) -> None:
        assert to_moment(0, "Asia/Kathmandu") == pendulum.datetime(1970, 1, 1, 5, 30, tz="Asia/Kathmandu")
        assert instant.maybe_moment(0) == pendulum.datetime(1970, 1, 1)
        assert instant.maybe_moment(NEVER) is None
        with pytest.raises(InvalidTimeError, match="instant is outside the years 1 to 9999"):
            to_moment(LAST + 1)

    def test_text(self) -> None:
        assert (instant.iso(ALWAYS), instant.iso(NEVER)) == ("always", "never")
        assert instant.iso(FIRST) == "0001-01-01T00:00:00+00:00"

    @pytest.mark.parametrize("name", ["Mars/Olympus", "", "/etc/passwd", 7, None])
    def test_zones_that_are_none(self, name: Any) -> None:
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone"):
            instant.zone_of(name)


class TestChoices:
    """The helpers of policy texts give for an int what they give for a row."""

    def test_on_one_and_on_rows(self) -> None:
        rows = np.array([1, 5])
        assert instant.latest(1, 3) == 3
        assert instant.earliest(1, 3) == 1
        assert instant.latest(rows, 3).tolist() == [3, 5]
        assert instant.earliest(3, rows).tolist() == [1, 3]
        assert instant.where(rows > 3, 1, 0).tolist() == [0, 1]
        assert (instant.where(True, 1, 0), instant.where(False, 1, 0)) == (1, 0)
        assert (instant.only_if(True), instant.unless(True)) == (ALWAYS, NEVER)
        assert instant.both(True, False) is False
        assert instant.both(rows > 0, rows > 3).tolist() == [False, True]


@given(times)
def test_there_and_back(at: datetime) -> None:
    """Microseconds are those of the standard library, and the moment they give is the same instant, fold kept."""
    zone = str(at.tzinfo)
    us = to_micros(at)
    assert us == (at.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    moment = to_moment(us, zone)
    assert to_micros(moment) == us
    assert moment.timezone_name == zone


@given(times, st.integers(0, 1))
def test_the_door_of_a_zone_is_the_door(at: datetime, fold: int) -> None:
    """The fast door gives what the exact one gives, in gaps and overlaps too, whatever the fold says."""
    door = door_of(str(at.tzinfo))
    us = to_micros(at)
    moment = door.moment(us)
    assert (moment.isoformat(), moment.fold) == (
        to_moment(us, str(at.tzinfo)).isoformat(),
        to_moment(us, str(at.tzinfo)).fold,
    )
    raw = pendulum.DateTime(at.year, at.month, at.day, at.hour, at.minute, at.second, tzinfo=door.tz, fold=fold)
    assert door.micros(raw) == to_micros(raw)


@given(times)
def test_offsets_are_those_of_the_zone(at: datetime) -> None:
    """The table of clock changes gives the offset of every instant, and the first instant of every wall time."""
    us, zone = to_micros(at), str(at.tzinfo)
    offsets = offsets_of(zone, at.year - 1, at.year + 1)
    moment = to_moment(us, zone)
    offset = moment.utcoffset()
    assert offset is not None
    assert offsets.offset(us) * timedelta(microseconds=1) == offset
    assert offsets.offset_array(np.array([us])).tolist() == [offsets.offset(us)]
    wall = us + offsets.offset(us)
    first = offsets.utc(wall)
    assert first == to_micros(moment.replace(fold=0))
    assert offsets.utc_array(np.array([wall])).tolist() == offsets.utc_sorted([wall]) == [first]


def test_the_ends_of_time() -> None:
    """Years 1 and 9999 have offsets, beyond them there is an error with a name."""
    assert Offsets("America/New_York", 1, 9).offset(FIRST) < 0
    assert Offsets("America/New_York", 9990, 9999).offset(LAST) < 0
    with pytest.raises(HorizonError, match="reach beyond 1 to 9999"):
        offsets_of("UTC", 0, 5)
    door = door_of("America/New_York")
    assert str(door.moment(FIRST + 10 * instant.DAY)).startswith("0001-01-10")


def test_clock_changes_that_lie_close_or_off_the_quarter_hour_are_found() -> None:
    """Four days apart (Freetown 1939), and by local mean time (Monrovia 1972, 44.5 minutes)."""
    freetown = Offsets("Africa/Freetown", 1939, 1939)
    assert {-957_308_400, -956_964_000} <= {at // 1_000_000 for at in freetown.at}
    monrovia = Offsets("Africa/Monrovia", 1972, 1972)
    assert monrovia.offset(to_micros("1972-01-01T00:00Z")) == -2_670_000_000
