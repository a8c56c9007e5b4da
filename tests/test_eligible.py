"""Eligibility: who asked, was helped by a person, and can be reached."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Event, Journey, JourneyComplete, Parties, Timeline, plan_sends
from carepolicy.eligible import NotAutoClosed, NotSelf, Reachable, Requester, WorkedByHuman, eligible
from carepolicy.errors import InvalidPolicyError
from carepolicy.quarantine import for_person
from carepolicy.testing import check_policy
from tests.journeys import NOW, on

PARTIES = Parties(ours=["max"], partners=["shop"])


def talk(day: int, **words: Any) -> Event:
    usual = {"party": "max", "direction": "outbound", "channel": "phone", "outcome": "conversation"}
    return on(day, "contact", **{**usual, **words})


def verdict(guard: Any, *events: Event) -> str:
    return str(guard.decide(Timeline(events), NOW, parties=PARTIES).verdict)


class TestRequester:
    """Who asked for help is asked, and not who wrote it down."""

    @pytest.mark.parametrize(
        ("event", "heard"),
        [
            (on(1, "opened", person="anna", party="max"), "go"),
            (on(1, "opened", person="ben", party="customer"), "wait"),
            (on(1, "contact", person="anna", direction="inbound"), "go"),
            (on(1, "contact", person="anna", direction="outbound"), "wait"),
        ],
    )
    def test_is_who_asked_in_this_case(self, event: Event, heard: str) -> None:
        guard = for_person(Requester(), "anna")
        assert verdict(guard, event) == heard

    def test_may_be_anybody(self) -> None:
        assert verdict(Requester(""), on(1, "opened", person="ben")) == "go"
        assert verdict(Requester(""), on(1, "completed")) == "wait"
        assert [Requester(p).explain() for p in ("", "anna")] == [
            "the customer is who asked for help", "anna is who asked for help",
        ]  # fmt: skip


class TestWorkedByHuman:
    """Bots, automatic replies and notes are no work of a person."""

    @pytest.mark.parametrize(
        ("event", "heard"),
        [
            (talk(2), "go"),
            (talk(2, party="customer", direction="inbound"), "go"),
            (talk(2, channel="email", outcome="delivered"), "go"),
            (talk(2, author="automatic"), "wait"),
            (talk(2, party="shop"), "wait"),
            (talk(2, outcome="voicemail"), "wait"),
            (on(2, "note", party="max"), "wait"),
            (on(2, "closed", party="max"), "wait"),
        ],
    )
    def test_is_a_talk_or_a_message(self, event: Event, heard: str) -> None:
        assert verdict(WorkedByHuman(), event) == heard

    def test_may_need_more(self) -> None:
        assert verdict(WorkedByHuman(2), talk(2)) == "wait"
        assert verdict(WorkedByHuman(2), talk(2), talk(3)) == "go"
        assert verdict(WorkedByHuman(by=("shop",)), talk(2, party="shop")) == "go"
        assert WorkedByHuman().explain() == "a person of ours has talked with the customer or written to them"
        assert WorkedByHuman(2).explain().startswith("a person of ours has, 2 times at least, talked")

    def test_refuses_none(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^contacts must be at least 1, got 0; to ask for none, leave"):
            WorkedByHuman(0)
        with pytest.raises(InvalidPolicyError, match=r"^by names nobody; say whose contacts count, e\.g\. 'us'$"):
            WorkedByHuman(by=())


class TestNotSelf:
    """A technician who opened a ticket for himself is not asked about himself."""

    @pytest.mark.parametrize("work", [talk(2), on(2, "accepted", party="max"), on(2, "milestone", party="max")])
    def test_who_worked_it_is_not_asked(self, work: Event) -> None:
        assert verdict(NotSelf("max"), work) == "too_late"
        assert verdict(NotSelf("anna"), work) == "go"

    def test_who_confirmed_it_may_be(self) -> None:
        assert verdict(NotSelf("anna"), on(2, "completed", party="anna")) == "go"
        assert NotSelf("anna").explain() == "anna has not worked the case"
        with pytest.raises(InvalidPolicyError, match=r"^person is nobody: ''; name who is asked, or write 'same'$"):
            NotSelf("")


class TestNotAutoClosed:
    """A file shut by a timer is no end that anybody can judge."""

    timer = on(5, "closed", author="automatic")

    @pytest.mark.parametrize(
        ("events", "heard"),
        [
            ([], "go"),
            ([timer], "wait"),
            ([on(5, "closed")], "go"),
            ([timer, on(6, "closed", author="human")], "go"),
            ([on(3, "completed", author="automatic"), timer], "go"),
            ([on(3, "completed"), on(4, "reopened"), timer], "wait"),
            ([timer, on(6, "reopened")], "go"),
        ],
    )
    def test_needs_another_end(self, events: list[Event], heard: str) -> None:
        assert verdict(NotAutoClosed(), on(1, "opened"), *events) == heard
        assert NotAutoClosed().explain() == "the case was not shut by a timer alone"


class TestReachable:
    """A message outside the window of its channel never arrives."""

    def test_ends_with_the_window(self) -> None:
        assert verdict(Reachable(), on(1, "note", 9, purpose="channel")) == "too_late"
        assert verdict(Reachable(), on(1, "note", 11, purpose="channel")) == "go"
        assert verdict(Reachable(), on(1, "opened")) == "go"
        assert Reachable("chat").explain() == "before the window of the chat ends"


class TestEligible:
    """All of them, for whoever is asked, with the reason of whoever is not."""

    def test_says_which_of_them_it_was(self) -> None:
        guard = eligible() & JourneyComplete()
        opened, done = on(1, "opened", person="anna"), on(6, "completed")

        def binding(person: str, *events: Event) -> str:
            log = Timeline([opened, done, *events])
            journey = Journey(customer="", case="c", person=person, timeline=log, guard=guard)
            return plan_sends([journey], NOW, parties=PARTIES).coverage.rows[0][1]

        assert binding("anna", talk(2)) == ""
        assert binding("ben", talk(2)) == "Requester.opens"
        assert binding("ben", talk(2), on(2, "opened", person="ben", case="other")) == "Requester.opens"
        assert binding("anna") == "WorkedByHuman.opens"
        assert binding("max", talk(2), on(2, "opened", person="max")) == "NotSelf.closes"


@pytest.mark.parametrize(
    "guard",
    [Requester("anna"), WorkedByHuman(2), NotSelf("agent"), NotAutoClosed(), Reachable(), eligible(person="anna")],
    ids=repr,
)
def test_keeps_the_laws(guard: Any) -> None:
    check_policy(guard, examples=15)
