"""Coming touches: what is owed when, as if each were done when planned."""

from __future__ import annotations

import pickle
import re
from typing import Any

import attrs
import pytest

from carepolicy import (
    Cadence,
    Calendar,
    ContactHours,
    Decision,
    Event,
    Heartbeat,
    Parties,
    Plan,
    RestBetween,
    Timeline,
    Touch,
    Verdict,
    Which,
    days,
    working_days,
)
from carepolicy.coming import ComingTouch, coming_touches
from carepolicy.decision import About
from carepolicy.errors import InvalidPolicyError
from carepolicy.grid import Grid
from carepolicy.reason import Bound, WishedHours

BUILT_FROM = (About, Bound, ComingTouch, Decision, Verdict, WishedHours)
"""What the repr of a coming touch names."""
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris")
NOW, END = "2026-03-09T12:00+01:00", "2026-04-10T00:00+02:00"


def talk(day: int, customer: str = "ann", **more: Any) -> Event:
    usual = {"direction": "outbound", "channel": "phone", "outcome": "conversation", "party": "agent"}
    return Event(at=f"2026-03-{day:02}T10:00+01:00", kind="contact", customer=customer, **{**usual, **more})


def coming(policy: Any, *events: Event, until: str = END, **more: Any) -> list[tuple[str, str]]:
    found = coming_touches(policy, Timeline(events), at=NOW, until=until, **more)
    return [(touch.customer, str(touch.at)[5:16]) for touch in found]


class TestRhythm:
    """A rhythm goes on, each touch counted from the one before."""

    def test_of_days_goes_on(self) -> None:
        assert coming(Cadence(days(10)), talk(6), calendar=office) == [
            ("ann", "03-16 10:00"), ("ann", "03-26 10:00"), ("ann", "04-05 10:00"),
        ]  # fmt: skip

    def test_on_a_grid_goes_on_by_its_dates(self) -> None:
        grid = Grid.from_rrule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start="2026-03-03T09:00+01:00", zone="Europe/Paris")
        duty = Cadence(days(14), grid=grid, early=days(1))
        assert coming(duty, talk(6), calendar=office) == [("ann", "03-17 09:00"), ("ann", "03-31 09:00")]

    def test_of_each_person_is_met_with_each(self) -> None:
        duty = Cadence(days(10), persons=("owner", "driver"))
        log = (talk(6, person="owner"), talk(7, person="driver"))
        assert coming(duty, *log, calendar=office)[:2] == [("ann", "03-16 10:00"), ("ann", "03-26 10:00")]

    def test_of_customers_comes_in_the_order_of_time(self) -> None:
        found = coming(Cadence(days(20)), talk(6), talk(4, "bob"), calendar=office)
        assert found == [("bob", "03-24 10:00"), ("ann", "03-26 10:00")]

    def test_by_whom_is_as_the_parties_say(self) -> None:
        parties = Parties(ours=["agent"], partners=["shop"])
        for by, party in (("us", "agent"), ("partner", "shop"), ("them", "shop"), ("shop", "shop")):
            duty = Cadence(days(20), by=by)
            log = Timeline([talk(6, party=party)])
            found = coming_touches(duty, log, at=NOW, until="2026-05-01T00:00Z", calendar=office, parties=parties)
            assert [touch.is_projected for touch in found] == [False, True]

    def test_that_nobody_can_keep_ends_with_the_next(self) -> None:
        assert coming(Cadence(days(10), by="partner"), talk(6), calendar=office) == [("ann", "03-16 10:00")]

    def test_fed_by_other_contacts_is_met_by_the_first_of_the_table(self) -> None:
        duty = Cadence(days(10), fed_by=(Which(channel="visit", whole=True),))
        assert coming(duty, talk(6, channel="visit"), calendar=office, until="2026-04-01T00:00Z") == [
            ("ann", "03-16 10:00"), ("ann", "03-26 10:00"),
        ]  # fmt: skip


class TestHours:
    """A touch is planned for when it falls due, or within its hours before."""

    def plan(self, **more: Any) -> Plan:
        return Plan(office, call=Touch(due=Cadence(days(8), **more), guard=ContactHours(office), minutes=15))

    def test_due_outside_is_planned_for_the_last_hours_before(self) -> None:
        assert coming(self.plan(early=days(2)), talk(6))[:2] == [("ann", "03-13 09:00"), ("ann", "03-20 09:00")]

    def test_due_within_is_planned_for_then(self) -> None:
        assert coming(self.plan(early=days(2)), talk(9))[0] == ("ann", "03-17 10:00")

    def test_what_only_opens_afterwards_is_planned_for_then(self) -> None:
        assert coming(self.plan(), talk(6))[0] == ("ann", "03-16 09:00")

    def test_of_a_wish_and_of_a_zone_are_heeded(self) -> None:
        late = Calendar.weekly("Mon-Fri 15:00-17:00", zone="Europe/Paris")
        assert coming(self.plan(), talk(6), wishes={"ann": late})[0] == ("ann", "03-16 15:00")
        assert coming(self.plan(), talk(6), zones={"ann": "America/New_York"})[0] == ("ann", "03-16 14:00")

    def test_takes_the_minutes_of_the_touch(self) -> None:
        touch = next(coming_touches(self.plan(), Timeline([talk(6)]), at=NOW, until=END))
        assert touch.minutes == 15
        assert (touch.touch, touch.key[:11]) == ("call", "ann////call")
        assert str(touch.due)[:10] == "2026-03-14"
        assert str(touch.opens) == "2026-03-16 09:00:00+01:00"
        assert touch.why.endswith("a live talk that we began, every 8 days: due Sat 14 Mar 2026 10:00")
        assert str(touch.review_at) == "2026-03-14 10:00:00+01:00"


class TestValue:
    """A coming touch is a value."""

    def test_is_built_again_from_what_it_says(self) -> None:
        plan = Plan(office, call=Touch(due=Cadence(days(8)), guard=ContactHours(office)))
        wishes = {"ann": Calendar.weekly("Mon-Fri 15:00-17:00", zone="Europe/Paris")}
        touch = next(coming_touches(plan, Timeline([talk(6)]), at=NOW, until=END, wishes=wishes))
        assert eval(repr(touch)) == touch == pickle.loads(pickle.dumps(touch))


class TestWhatEnds:
    """Nothing is made up where nobody knows."""

    def test_overdue_comes_once(self) -> None:
        late = attrs.evolve(talk(1), at="2026-02-01T10:00+01:00")
        assert coming(Cadence(days(10)), late, calendar=office) == [("ann", "02-11 10:00")]

    def test_of_nothing_known_is_due_at_once(self) -> None:
        plan = Plan(office, call=Touch(due=Cadence(days(10))))
        touches = list(coming_touches(plan, Timeline([]), at=NOW, until=END, roster=["bob"]))
        assert [(touch.customer, touch.at) for touch in touches] == [("bob", None)]

    def test_a_duty_that_does_not_say_what_meets_it_comes_once(self) -> None:
        opened = Event(at="2026-03-09T10:00+01:00", kind="opened", customer="ann", case="c1")
        assert coming(Heartbeat(working_days(2)), opened, calendar=office) == [("ann", "03-11 10:00")]

    def test_beside_it_a_rhythm_may_leave_it_where_it_is(self) -> None:
        opened = Event(at="2026-03-09T10:00+01:00", kind="opened", customer="ann", case="c1")
        plan = Plan(office, call=Touch(due=Cadence(days(60)) | Heartbeat(working_days(2))))
        assert ("ann", "03-11 10:00") in coming(plan, opened)

    def test_what_is_not_owed_does_not_come(self) -> None:
        plan = Plan(office, survey=Touch(guard=RestBetween(days(9))), call=Touch(due=Cadence(days(10))))
        assert coming(plan, talk(6), Event(at="2026-03-07T10:00+01:00", kind="left", customer="ann")) == []


class TestRefused:
    """What cannot be meant is refused by name."""

    def test_a_plan_with_a_calendar_and_what_owes_nothing(self) -> None:
        plan = Plan(office, call=Touch(due=Cadence(days(10))))
        for more in ({"calendar": office}, {"parties": Parties()}):
            with pytest.raises(InvalidPolicyError, match="plan comes with a calendar or parties; leave them out"):
                coming(plan, talk(6), **more)
        problem = re.escape("policy is neither plan nor duty: ContactHours(hours=")
        with pytest.raises(InvalidPolicyError, match=problem):
            coming(ContactHours(office), talk(6))
