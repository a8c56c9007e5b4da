"""Trouble: what is open or wrong at a customer, and what it holds back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Facts, NothingRegistered, NoTrouble, Timeline, Trouble, days
from carepolicy.errors import InvalidPolicyError
from carepolicy.trouble import GoingOn
from tests.journeys import NOW, on, opening


class TestNoTrouble:
    """Nothing is open and nothing is wrong at the customer."""

    calm = NoTrouble(days(2))

    @pytest.mark.parametrize("kind", ["opened", "reopened", "trouble"])
    def test_waits_while_something_is(self, kind: str) -> None:
        assert opening(self.calm, on(1, kind)) == ("wait", "-")

    def test_waits_while_any_of_several_is(self) -> None:
        assert opening(self.calm, on(1, "opened"), on(2, "opened", case="d"), on(3, "closed")) == ("wait", "-")
        assert opening(self.calm, on(1, "trouble"), on(2, "opened"), on(3, "closed")) == ("wait", "-")

    def test_opens_after_it_ended(self) -> None:
        assert opening(self.calm, on(1, "opened"), on(3, "closed")) == ("go", "05")
        assert opening(self.calm, on(1, "trouble"), on(9, "trouble_over")) == ("wait", "11")
        assert opening(NoTrouble(), on(1, "trouble"), on(9, "trouble_over")) == ("go", "09")
        assert opening(self.calm, on(1, "opened", ref="part")) == ("go", "-")

    def test_each_end_of_trouble_is_a_new_cycle(self) -> None:
        f = Facts(trouble_ended=NOW)
        assert self.calm.cycle(f) == f.trouble_ended

    def test_says_so_in_words(self) -> None:
        assert self.calm.explain() == "nothing is open or wrong at the customer, and has not been for 2 days"
        assert NoTrouble().explain() == "nothing is open or wrong at the customer"
        assert (
            self.calm.decide(Timeline([on(1, "opened")]), NOW)
            .reasons[0]
            .text.endswith(": waits for the open case or trouble to end")
        )
        with pytest.raises(InvalidPolicyError, match="cool_off points backward or nowhere: -1 day"):
            NoTrouble(days(-1))

    def test_may_look_at_the_journey_alone(self) -> None:
        here = NoTrouble(scope="case")
        decision = here.decide(Timeline([on(1, "opened", case="d"), on(2, "closed")]), NOW, case="c")
        assert decision.verdict.value == "go"
        assert here.explain() == "nothing is open or wrong in the journey"
        with pytest.raises(InvalidPolicyError, match=r"^scope is not known: 'person'; use one of case, customer$"):
            NoTrouble(scope="person")


class TestNothingRegistered:
    """The register says of each kind of trouble what it does, and until when."""

    guard = NothingRegistered()

    def test_holds_until_it_is_over(self) -> None:
        complaint = on(1, "trouble", purpose="complaint")
        assert opening(self.guard, complaint) == ("wait", "-")
        assert opening(self.guard, complaint, on(2, "trouble_over", purpose="complaint")) == ("go", "-")
        assert opening(self.guard, complaint, on(2, "trouble_over", purpose="outage")) == ("wait", "-")
        assert opening(self.guard, on(1, "trouble", purpose="something else")) == ("go", "-")

    def test_holds_for_a_while(self) -> None:
        loss = NothingRegistered((Trouble("loss", days(5)),))
        assert opening(loss, on(4, "trouble", purpose="loss")) == ("go", "09")
        assert opening(loss, on(8, "trouble", purpose="loss")) == ("wait", "13")

    def test_suppresses_for_as_long_as_it_goes_on(self) -> None:
        decided = self.guard.decide(Timeline([on(3, "trouble", purpose="collections")]), NOW)
        assert (decided.verdict.value, str(decided.closes)[8:10]) == ("too_late", "03")
        over = on(4, "trouble_over", purpose="collections")
        assert opening(self.guard, on(3, "trouble", purpose="collections"), over) == ("go", "-")

    def test_calls_for_another_contact(self) -> None:
        fraud = NothingRegistered((Trouble("fraud", action="redirect"),))
        assert opening(fraud, on(3, "trouble", purpose="fraud")) == ("redirect", "-")

    def test_says_so_in_words(self) -> None:
        assert self.guard.explain() == (
            "none of these is going on: complaint, escalation, outage, collections, loss, bereavement"
        )

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (lambda: Trouble(""), "trouble has no name; say what is wrong, e.g. Trouble('complaint')"),
            (lambda: Trouble("x", action="drop"), "action is not known: 'drop'; use one of hold, suppress, redirect"),
            (
                lambda: Trouble("x", days(1), "suppress"),
                "lasts goes with a hold only: 'suppress' for 1 day; leave one out",
            ),
            (lambda: NothingRegistered(()), "register needs entries, each of its own name: []; rename or add one"),
            (
                lambda: NothingRegistered((Trouble("x"), Trouble("x", days(1)))),
                "register needs entries, each of its own name: ['x', 'x']; rename or add one",
            ),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()


def test_a_guard_of_what_goes_on_says_what_that_is() -> None:
    with pytest.raises(InvalidPolicyError, match=r"^guard does not say what goes on: GoingOn; write its `_since`"):
        GoingOn().opens(Facts())
