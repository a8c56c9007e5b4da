"""Reviews: what to do first within the minutes at hand, who does it, and what comes next."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import (
    Actionable,
    Cadence,
    Calendar,
    Contact,
    ContactHours,
    Decision,
    Event,
    Heartbeat,
    JourneyComplete,
    Plan,
    PromiseKept,
    RestBetween,
    Review,
    StillFresh,
    Timeline,
    Touch,
    days,
)
from carepolicy.errors import InvalidPolicyError, InvalidTimeError

NOW = "2026-03-10T09:00Z"
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
plan = Plan(
    office,
    recall=Touch(due=Cadence(days(365)), touch_class="safety", minutes=5, owner="workshop"),
    call=Touch(due=Cadence(days(5)), owner="agent", minutes=15),
    update=Touch(due=Heartbeat(days(3)), owner="office", minutes=10),
    letter=Touch(due=Heartbeat(days(4)), owner="office", channel="post", minutes=20),
    promise=Touch(due=PromiseKept(), owner="office", minutes=30),
    survey=Touch(guard=JourneyComplete() & StillFresh(days(9)), channel="email"),
    offer=Touch(guard=RestBetween(days(5)) & ContactHours(office), channel="post"),
)


def on(day: int, kind: str, customer: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, customer=customer, **words)


log = [
    on(1, "opened", "acme", case="c"),
    on(2, "promise", "acme", case="c", ref="r", due="2026-03-11T09:00Z"),
    on(1, "sold", "bolt"),
    on(8, "survey", "bolt"),
    on(1, "completed", "bolt", case="d"),
    on(8, "sold", "cord"),
    on(9, "estimate", "cord", case="e", due="2026-03-20T09:00Z"),
]
review = plan.review(Timeline(log), NOW)


def names(decisions: tuple[Decision, ...]) -> list[tuple[str, str]]:
    return [(d.touch, d.customer) for d in decisions]


def lines(contacts: tuple[Contact, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(c.customer, c.owner, c.touches) for c in contacts]


class TestReview:
    """Every decision of one moment, by what is to be done about it."""

    def test_has_a_place_for_each(self) -> None:
        assert names(review.due) == [
            ("update", "acme"), ("call", "acme"), ("letter", "acme"), ("call", "bolt"), ("promise", "acme"),
        ]  # fmt: skip
        assert names(review.allowed) == [("offer", "acme"), ("offer", "cord")]
        assert names(review.blocked) == [("survey", "bolt")]
        places = (*review.due, *review.allowed, *review.waiting, *review.blocked)
        assert sorted(d.key for d in places) == sorted(d.key for d in review)
        assert len(places) == len(review)

    def test_finds_by_touch_customer_and_case(self) -> None:
        assert names(review.of("call")) == [("call", "acme"), ("call", "bolt"), ("call", "cord")]
        assert names(review.of("call", "bolt")) == [("call", "bolt")]
        assert names(review.of("update", case="c")) == [("update", "acme")]
        assert review.of("update", "bolt", "c") == ()

    def test_names_the_first_instant_to_look_again(self) -> None:
        assert str(review.review_at) == "2026-03-10 17:00:00+00:00"
        assert review.review_us == min(d.review_us for d in review)
        assert Review((), {}, 0).review_at is None

    def test_is_a_value(self) -> None:
        assert plan.review(Timeline(log[::-1]), NOW) == review
        assert plan.review(Timeline(log), "2026-03-10T09:01Z") != review


class TestOrder:
    """Safety before service before survey before marketing; then what is overdue, longest first."""

    def test_the_class_comes_first(self) -> None:
        late = plan.review(Timeline([on(1, "sold", "acme")]), "2027-03-10T09:00Z")
        assert names(late.due) == [("recall", "acme"), ("call", "acme")]

    def test_overdue_comes_before_due_and_the_longest_overdue_first(self) -> None:
        assert [d.overdue_since is None for d in review.due] == [False, False, False, False, True]
        assert [str(d.due)[8:10] for d in review.due] == ["05", "06", "06", "06", "11"]


class TestContacts:
    """Several touches due together are one contact with all its purposes."""

    def test_are_one_for_each_customer_and_channel(self) -> None:
        assert lines(review.contacts) == [
            ("acme", "office", ("update", "call", "promise")),
            ("acme", "office", ("letter",)),
            ("bolt", "agent", ("call",)),
        ]
        assert [c.channel for c in review.contacts] == ["phone", "post", "phone"]

    def test_carry_every_key_and_take_as_long_as_the_longest(self) -> None:
        first = review.contacts[0]
        assert first.keys == tuple(d.key for d in first.purposes)
        assert len(set(first.keys)) == 3
        assert (first.minutes, review.contacts[1].minutes) == (30, 20)
        assert first.due_us == review.of("update", "acme")[0].due_us

    def test_name_a_touch_once_for_several_cases(self) -> None:
        two = plan.review(Timeline([log[0], on(1, "opened", "acme", case="x")]), NOW)
        (call, _) = two.contacts
        assert call.touches == ("update", "call")
        assert len(call.keys) == 3

    def test_are_owned_by_whoever_owns_the_first_purpose_that_anybody_owns(self) -> None:
        nobody = Plan(
            office, a=Touch(due=Heartbeat(days(1))), b=Touch(due=Heartbeat(days(2)), owner="office"),
            c=Touch(due=Heartbeat(days(3)), owner="agent"), d=Touch(due=Heartbeat(days(3)), channel="post"),
        )  # fmt: skip
        assert lines(nobody.review(Timeline(log[:1]), NOW).contacts) == [
            ("acme", "office", ("a", "b", "c")), ("acme", "", ("d",)),
        ]  # fmt: skip


class TestValue:
    """A review is a value."""

    def test_hashes_and_refuses_negative_minutes(self) -> None:
        empty = Review((), {}, 0)
        assert hash(empty) == hash(Review((), {}, 0))
        for minutes in (-5, {"ann": -5}):
            with pytest.raises(InvalidPolicyError, match=r"^minutes must not be negative, got -5"):
                empty.worklist(minutes=minutes)


class TestWorklist:
    """What fits into the minutes of each owner, and what breaks if nobody finds time."""

    def test_without_a_limit_holds_everything(self) -> None:
        work = review.worklist()
        assert (work.to_do, work.left_over, work.breaks) == (review.contacts, (), ())

    def test_fills_the_minutes_of_each_owner(self) -> None:
        work = review.worklist(minutes=30)
        assert lines(work.to_do) == [("acme", "office", ("update", "call", "promise")), ("bolt", "agent", ("call",))]
        assert lines(work.left_over) == [("acme", "office", ("letter",))]
        assert lines(review.worklist(minutes=50).to_do) == lines(review.contacts)

    def test_a_shorter_one_may_still_fit(self) -> None:
        work = review.worklist(minutes={"office": 25, "agent": 15})
        assert lines(work.to_do) == [("acme", "office", ("letter",)), ("bolt", "agent", ("call",))]

    def test_whoever_has_no_minutes_does_nothing(self) -> None:
        assert lines(review.worklist(minutes={"office": 99}).left_over) == [("bolt", "agent", ("call",))]
        assert review.worklist(minutes=0).to_do == ()

    def test_of_one_owner(self) -> None:
        assert lines(review.worklist(owner="agent").to_do) == [("bolt", "agent", ("call",))]
        assert review.worklist(owner="nobody").to_do == ()

    def test_names_what_breaks_before_the_end_of_the_day(self) -> None:
        today = review.worklist(minutes=0, owner="office", until="2026-03-11T00:00Z")
        assert names(today.breaks) == [("update", "acme"), ("call", "acme"), ("letter", "acme")]
        tomorrow = review.worklist(minutes=0, owner="office", until="2026-03-11T09:00:01Z")
        assert ("promise", "acme") in names(tomorrow.breaks)
        assert ("promise", "acme") not in names(review.worklist(minutes=0, until="2026-03-11T09:00Z").breaks)
        assert len(review.worklist(minutes=0).breaks) == 5
        assert review.worklist(until="2026-03-11T00:00Z").breaks == ()

    def test_remembers_the_roster(self) -> None:
        known = plan.review(Timeline(log), NOW, roster=["zeta"])
        assert lines(known.worklist(owner="workshop").to_do) == [("zeta", "workshop", ("recall", "call"))]

    @pytest.mark.parametrize("minutes", [-1, {"office": -1, "agent": 5}])
    def test_refuses_negative_minutes(self, minutes: Any) -> None:
        with pytest.raises(InvalidPolicyError, match="minutes must not be negative, got -1"):
            review.worklist(minutes=minutes)
        with pytest.raises(InvalidTimeError, match="until has no time zone"):
            review.worklist(until="2026-03-11T00:00")


class TestAgenda:
    """The decisions to come: what opens or falls due after now, in the order of time."""

    def test_is_in_the_order_of_time(self) -> None:
        assert names(review.agenda()) == [
            ("promise", "acme"), ("offer", "bolt"), ("call", "cord"),
            ("recall", "acme"), ("recall", "bolt"), ("recall", "cord"),
        ]  # fmt: skip
        assert names(review.agenda("2026-03-13T09:00Z")) == [("promise", "acme")]
        assert len(review.agenda("2026-03-13T09:00:01Z")) == 3

    def test_leaves_out_what_awaits_an_event_and_what_is_dropped(self) -> None:
        assert ("survey", "cord") not in names(review.agenda()), "awaits the completion"
        gone = Plan(office, update=Touch(due=Heartbeat(days(30)), guard=Actionable()))
        left = Timeline([log[0], on(2, "left", "acme")])
        assert names(gone.review(left, NOW).blocked) == [("update", "acme")]
        assert gone.review(left, NOW).agenda() == ()

    def test_needs_a_zone(self) -> None:
        with pytest.raises(InvalidTimeError, match="until has no time zone"):
            review.agenda("2026-03-11T00:00")
