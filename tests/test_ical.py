"""Calendar files: what is written is read back."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from carepolicy import Cadence, Calendar, ContactHours, Event, Plan, Timeline, Touch, days
from carepolicy.coming import coming_touches
from carepolicy.errors import InvalidPolicyError, InvalidTimeError, MissingExtraError
from carepolicy.ical import to_ical

PARIS = ZoneInfo("Europe/Paris")
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")
plan = Plan(office, call=Touch(due=Cadence(days(10)), guard=ContactHours(office), minutes=15))
log = Timeline([
    Event(at="2026-03-06T10:00+01:00", kind="contact", customer="Ann; O'Neil, \\ \n", party="agent",
          direction="outbound", channel="phone", outcome="conversation"),
])  # fmt: skip
NOW = "2026-03-09T12:00+01:00"


def text(at: str = NOW, until: str = "2026-04-20T00:00+02:00", **more: Any) -> str:
    return to_ical(coming_touches(plan, log, at=at, until=until), at=at, **more)


def entries(written: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(written).walk("VEVENT"))


class TestRoundTrip:
    """What is written can be read by any program that knows RFC 5545."""

    def test_times_are_wall_times_of_the_plan(self) -> None:
        begins = [entry.decoded("dtstart") for entry in entries(text())]
        assert begins == [datetime(2026, 3, 16, 10, tzinfo=PARIS), datetime(2026, 3, 26, 10, tzinfo=PARIS),
                          datetime(2026, 4, 6, 9, tzinfo=PARIS), datetime(2026, 4, 16, 9, tzinfo=PARIS)]  # fmt: skip
        assert [str(begin.utcoffset())[:4] for begin in begins] == ["1:00", "1:00", "2:00", "2:00"]
        assert {entry.decoded("dtend") - entry.decoded("dtstart") for entry in entries(text())} == {
            timedelta(minutes=15)
        }
        zones = list(icalendar.Calendar.from_ical(text()).walk("VTIMEZONE"))
        assert [str(zone["tzid"]) for zone in zones] == ["Europe/Paris"]

    def test_names_of_any_kind_come_back(self) -> None:
        first = entries(text())[0]
        assert str(first["summary"]) == "call: Ann; O'Neil, \\ \n"
        assert "every 10 days: due Mon 16 Mar 2026 10:00\nDue Mon 16 Mar 2026 10:00." in str(first["description"])
        assert "if the one before is done" in str(entries(text())[1]["description"])

    def test_uids_stay_as_long_as_keys(self) -> None:
        uids = [str(entry["uid"]) for entry in entries(text())]
        assert len(set(uids)) == 4
        assert uids == [str(entry["uid"]) for entry in entries(text(at="2026-03-10T12:00+01:00"))]
        assert "Ann" not in uids[0]

    def test_says_when_and_of_what_it_is(self) -> None:
        calendar = icalendar.Calendar.from_ical(text(name="Calls"))
        assert str(calendar["x-wr-calname"]) == "Calls"
        assert "x-wr-calname" not in icalendar.Calendar.from_ical(text())
        assert entries(text())[0].decoded("dtstamp") == datetime(2026, 3, 9, 12, tzinfo=PARIS)
        assert text() == text()
        assert all(len(line.encode()) <= 75 for line in text().split("\r\n"))

    def test_what_is_due_at_once_begins_at_once(self) -> None:
        alone = Plan(Calendar.always(), call=Touch(due=Cadence(days(10))))
        touches = coming_touches(alone, Timeline([]), at=NOW, until="2026-04-01T00:00Z", roster=[""])
        entry = entries(to_ical(touches, at=NOW))[0]
        assert (str(entry["summary"]), entry.decoded("dtstart")) == ("call", datetime(2026, 3, 9, 12, tzinfo=PARIS))
        assert "Due" not in str(entry["description"])

    def test_nothing_to_come_is_an_empty_calendar(self) -> None:
        assert entries(to_ical([], at=NOW)) == []


class TestRefused:
    """What cannot be written is refused by name."""

    def test_without_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "icalendar", None)
        with pytest.raises(MissingExtraError, match=r"needs icalendar, .*; pip install 'carepolicy\[ical\]'$"):
            text()

    def test_what_is_no_coming_touch(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^touch is not a ComingTouch: 'call'; pass what coming_touches"):
            to_ical(["call"], at=NOW)  # type: ignore[list-item]
        with pytest.raises(InvalidTimeError, match="at has no time zone"):
            to_ical([], at="2026-03-09T12:00")
