"""Rosters: everybody has an owner and a next date, what to do today, and who has more due than time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from carepolicy import (
    Cadence,
    Calendar,
    ContactHours,
    Event,
    Heartbeat,
    JourneyComplete,
    Plan,
    PromiseKept,
    Timeline,
    Touch,
    days,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.roster import Account, Roster, RosterReview, roster_review

NOW = "2026-03-10T09:00Z"
NIGHT = "2026-03-10T17:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
plan = Plan(
    office,
    call=Touch(due=Cadence(days(30)), minutes=15, guard=ContactHours(office)),
    promise=Touch(due=PromiseKept(), owner="office", minutes=30),
    survey=Touch(guard=JourneyComplete(settle=days(2)), channel="email"),
)


def on(day: int, kind: str, customer: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, customer=customer, **words)


log = [
    on(1, "sold", "berg"),
    on(9, "promise", "berg", case="c", ref="r", party="office", due="2026-03-10T12:00Z"),
    on(2, "sold", "gone"),
    on(3, "left", "gone"),
    on(4, "sold", "stranger"),
]
roster = Roster([
    Account("berg", owner="kim", tier="gold"), Account("osei", owner="kim", minutes=40), Account("gone"), "wolf",
])  # fmt: skip
everybody = roster_review(plan, Timeline(log), roster, NOW)


def done(review: RosterReview, minutes: Any) -> tuple[list[str], list[str]]:
    day = review.worklist(minutes=minutes, until=NIGHT)
    return [c.customer for c in day.to_do], [c.customer for c in day.left_over]


class TestRoster:
    """Every customer there is, each once."""

    def test_takes_bare_names(self) -> None:
        assert Roster(["wolf"]) == Roster([Account("wolf")])
        assert roster.customers == ("berg", "osei", "gone", "wolf")
        assert eval(repr(roster)) == roster

    def test_refuses_a_customer_named_twice(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^customer is in the roster twice: 'wolf'; give each one account$"
        ):
            Roster(["wolf", Account("wolf", owner="kim")])

    def test_refuses_an_account_without_a_name(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^customer of an account has no name: ''; name whom it is about$"
        ):
            Account("")

    @pytest.mark.parametrize("minutes", [-1, 1.5, True])
    def test_refuses_minutes_that_cannot_be(self, minutes: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=rf"^minutes must be a whole number of at least 0, got {minutes}$"):
            Account("wolf", minutes=minutes)

    def test_is_asked_for(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^roster is none: \['wolf'\]; write Roster\(\[Account\('acme', owner='kim'\), …"
        ):
            roster_review(plan, Timeline(log), ["wolf"], NOW)  # type: ignore[arg-type]


class TestLines:
    """One line for each customer, with owner and next date."""

    def test_say_who_and_when(self) -> None:
        assert [str(line) for line in everybody.lines] == [
            "berg (kim): promise by Tue 10 Mar 2026 12:00",
            "osei (kim): call at once",
            "gone (nobody): no next date",
            "wolf (nobody): call at once",
        ]

    def test_a_customer_without_any_event_is_due_at_once(self) -> None:
        osei = everybody.lines[1]
        assert (osei.has_date, osei.next_at, osei.gaps) == (True, None, ())

    def test_a_date_that_has_passed_is_still_the_next(self) -> None:
        berg = roster_review(plan, Timeline(log), roster, NIGHT).lines[0]
        assert (str(berg.next_at), berg.is_overdue) == ("2026-03-10 12:00:00+00:00", True)

    def test_nobodys_and_undated_customers_are_findings(self) -> None:
        assert [line.customer for line in everybody.unowned] == ["gone", "wolf"]
        assert [line.customer for line in everybody.undated] == ["gone"]
        gone, wolf = everybody.findings()
        assert (gone.kind, gone.policy, gone.customer, gone.at) == ("at_risk", "Roster", "gone", None)
        assert gone.why == "gone is on the roster: nobody's, no next date"
        assert wolf.why == "wolf is on the roster: nobody's"
        assert "every customer" in wolf.instead

    def test_a_customer_of_whom_the_plan_wants_nothing_is_not_forgotten(self) -> None:
        updates = Plan(office, update=Touch(due=Heartbeat(days(3))))
        (line,) = roster_review(updates, Timeline([]), Roster(["wolf"]), NOW).lines
        assert line.gaps == ("nobody's", "no next date")

    def test_what_is_held_for_a_known_instant_is_a_date(self) -> None:
        asks = Plan(office, survey=Touch(guard=JourneyComplete(settle=days(2)) & ContactHours(office)))
        finished = Timeline([on(9, "completed", "berg", case="c")])
        (line,) = roster_review(asks, finished, Roster(["berg"]), NOW).lines
        assert str(line.next_at) == "2026-03-11 09:00:00+00:00"
        (line,) = roster_review(asks, finished, Roster(["berg"]), "2026-03-11T10:00Z").lines
        assert not line.has_date

    def test_hours_are_those_of_the_customer_where_they_are_known(self) -> None:
        """Nine in the morning in New York is one in the afternoon in London, where the plan is at home."""
        early = roster_review(plan, Timeline(log), roster, NOW, zones={"osei": "America/New_York"})
        assert [c.customer for c in early.contacts] == ["wolf", "berg"]

    def test_strangers_are_named(self) -> None:
        assert everybody.unlisted == ("stranger",)

    def test_folded_facts_say_the_same(self) -> None:
        assert roster_review(plan, plan.fold(Timeline(log), NOW), roster, NOW) == everybody

    def test_are_plain_data(self) -> None:
        data = json.loads(json.dumps(everybody.to_data()))
        assert data["lines"][0] == {
            "customer": "berg", "owner": "kim", "tier": "gold", "minutes": 0,
            "next": "2026-03-10T12:00:00+00:00", "at_once": False, "touch": "promise", "overdue": False, "gaps": [],
        }  # fmt: skip
        assert data["unlisted"] == ["stranger"]
        assert data["review_at"] == "2026-03-10T12:00:00+00:00"
        assert str(everybody.review_at) == "2026-03-10 12:00:00+00:00"


class TestToday:
    """What to do within the minutes at hand, by owner, and what breaks otherwise."""

    def test_a_touch_that_names_nobody_falls_to_the_owner_of_the_customer(self) -> None:
        assert [(c.customer, c.owner, c.minutes) for c in everybody.contacts] == [
            ("osei", "kim", 40),
            ("wolf", "", 15),
            ("berg", "office", 30),
        ]

    def test_without_a_limit_everything_is_to_be_done(self) -> None:
        assert done(everybody, None) == (["osei", "wolf", "berg"], [])

    def test_nobody_has_no_minutes(self) -> None:
        assert done(everybody, 60) == (["osei", "berg"], ["wolf"])

    def test_minutes_may_differ_by_owner(self) -> None:
        assert done(everybody, {"office": 30}) == (["berg"], ["osei", "wolf"])

    def test_nobody_is_passed_over_for_a_shorter_call(self) -> None:
        """The list of an owner ends with the first contact that does not fit."""
        short = Roster([Account("a", owner="kim", minutes=40), Account("b", owner="kim", minutes=5)])
        review = roster_review(plan, Timeline([on(1, "sold", "a")]), short, "2026-05-04T10:00Z")
        assert done(review, 20) == ([], ["a", "b"])
        assert done(review, 40) == (["a"], ["b"])

    def test_what_is_left_over_and_due_today_breaks(self) -> None:
        day = everybody.worklist(minutes={"kim": 40}, until=NIGHT)
        assert [(d.customer, d.touch) for d in day.breaks] == [("wolf", "call"), ("berg", "promise")]
        assert len(everybody.worklist(minutes=0).breaks) == 3

    def test_names_who_has_more_due_than_minutes(self) -> None:
        assert everybody.lacking(minutes={"kim": 30, "office": 10}, until=NIGHT) == {"office": 20, "": 15, "kim": 10}
        assert everybody.lacking(minutes=60, until=NIGHT) == {"": 15}

    def test_what_falls_due_later_in_the_day_is_counted(self) -> None:
        early = roster_review(plan, Timeline([on(1, "sold", "a")]), Roster([Account("a", "kim")]), "2026-03-31T07:00Z")
        assert early.contacts == ()
        assert early.lacking(minutes=10, until="2026-03-31T09:01Z") == {"kim": 5}
        assert early.lacking(minutes=10, until="2026-03-31T08:00Z") == {}

    @pytest.mark.parametrize("minutes", [-1, {"kim": -1}])
    def test_negative_minutes_are_refused(self, minutes: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^minutes must not be negative, got -1$"):
            everybody.worklist(minutes=minutes)
