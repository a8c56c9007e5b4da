"""Completion: when a journey is over, by the best evidence that there is."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Completion, Event, JourneyComplete, Timeline, days
from carepolicy.errors import InvalidPolicyError
from tests.journeys import NOW, on, opening


def completed(of: Completion, *events: Event) -> str:
    """The day on which the journey was over; "-" where it is not."""
    return opening(JourneyComplete(of=of), *events)[1]


class TestEvidence:
    """The customer's word goes before what happened, and that before a file that was shut."""

    every = Completion()

    def test_each_will_do(self) -> None:
        assert completed(self.every, on(3, "closed")) == "03"
        assert completed(self.every, on(3, "completed", party="shop")) == "03"
        assert completed(self.every, on(3, "completed", party="customer")) == "03"
        assert completed(self.every, on(3, "milestone")) == "-"

    def test_the_better_one_counts_whenever_it_came(self) -> None:
        """Evidence may lag the truth: the scan came two days after the parcel."""
        word, scan, shut = on(3, "completed", party="customer"), on(5, "completed", party="shop"), on(7, "closed")
        assert completed(self.every, shut, scan) == "05"
        assert completed(self.every, shut, scan, word) == "03"
        assert completed(self.every, shut, word) == "03"

    def test_the_last_completion_counts(self) -> None:
        assert completed(self.every, on(3, "completed"), on(6, "completed")) == "06"

    @pytest.mark.parametrize("kind", ["reopened", "failed"])
    def test_what_came_after_voids_it(self, kind: str) -> None:
        word, scan = on(3, "completed", party="customer"), on(7, "completed", party="shop")
        assert completed(self.every, word, on(5, kind)) == "-"
        assert completed(self.every, word, on(5, kind), scan) == "07", "the word spoke of an earlier completion"

    def test_a_date_that_was_given_never_completes(self) -> None:
        given = on(1, "estimate", due="2026-03-05T17:00Z")
        assert opening(JourneyComplete(), given) == ("redirect", "-")
        assert opening(JourneyComplete(), on(1, "promise", due="2026-03-05T17:00Z")) == ("redirect", "-")

    def test_a_file_that_was_shut_before_the_date_given_proves_nothing(self) -> None:
        given = on(1, "estimate", due="2026-03-20T17:00Z")
        assert opening(JourneyComplete(), given, on(3, "closed")) == ("wait", "-")
        assert opening(JourneyComplete(), on(1, "estimate", due="2026-03-02T17:00Z"), on(3, "closed")) == ("go", "03")

    def test_may_be_asked_to_be_strong(self) -> None:
        scan, shut = on(5, "completed", party="shop"), on(7, "closed")
        assert completed(Completion("event"), shut) == "-"
        assert completed(Completion("event"), shut, scan) == "05"
        assert completed(Completion("word"), shut, scan) == "-"


class TestLegs:
    """Every leg that is asked for must be done."""

    both = Completion(legs=("pickup", "repair"))

    def test_the_last_leg_completes(self) -> None:
        pickup, repair = on(3, "completed", purpose="pickup"), on(6, "completed", purpose="repair", ref="door")
        assert completed(self.both, pickup) == "-"
        assert completed(self.both, repair, pickup) == "06"

    def test_the_customer_may_say_that_all_is_done(self) -> None:
        assert completed(self.both, on(4, "completed", party="customer")) == "04"
        assert completed(Completion("word", "repair"), on(4, "completed", purpose="repair")) == "-"

    def test_the_word_for_one_leg_is_no_word_for_the_other(self) -> None:
        pickup = on(3, "completed", purpose="pickup", party="customer")
        assert completed(self.both, pickup) == "-"
        assert completed(self.both, pickup, on(6, "completed", purpose="repair")) == "06"
        assert completed(Completion("word", "pickup"), pickup) == "03"

    @pytest.mark.parametrize("kind", ["reopened", "failed"])
    def test_a_leg_that_does_not_hold_is_open_again(self, kind: str) -> None:
        pickup, repair = on(3, "completed", purpose="pickup"), on(6, "completed", purpose="repair")
        assert completed(self.both, pickup, on(4, kind, purpose="pickup"), repair) == "-"
        again = on(8, "completed", purpose="pickup")
        assert completed(self.both, pickup, on(4, kind, purpose="pickup"), repair, again) == "08"
        whole = on(7, kind)
        assert completed(self.both, pickup, repair, whole) == "-"

    def test_no_closed_file_stands_for_a_leg(self) -> None:
        assert completed(self.both, on(3, "completed", purpose="pickup"), on(7, "closed")) == "-"


class TestCalledOff:
    """A journey that was called off has no end, and nobody asks where it is."""

    given = on(1, "promise", due="2026-03-08T09:00Z")

    def test_is_not_complete(self) -> None:
        off = on(3, "closed", purpose="cancelled")
        assert completed(Completion(), off) == "-"
        assert opening(JourneyComplete(), self.given, off)[0] == "wait"
        assert opening(JourneyComplete(), self.given, off, on(4, "reopened"))[0] == "redirect"

    @pytest.mark.parametrize("kind", ["kept", "withdrawn"])
    def test_a_promise_that_was_settled_asks_for_nothing(self, kind: str) -> None:
        assert opening(JourneyComplete(), self.given, on(4, kind))[0] == "wait"
        assert opening(JourneyComplete(), self.given, on(4, "note"))[0] == "redirect"


class TestLag:
    """The log may be behind the truth: the other contact waits so long."""

    def test_moves_the_redirect(self) -> None:
        given = on(1, "estimate", due="2026-03-09T09:00Z")
        assert opening(JourneyComplete(), given) == ("redirect", "-")
        decision = JourneyComplete(lag=days(3)).decide(Timeline([given]), NOW)
        assert (decision.verdict.value, str(decision.review_at)[8:10]) == ("wait", "12")


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Completion("rumour"), "least is not known: 'rumour'; use one of word, event, closed"),
        (lambda: Completion(legs=("a", "a")), r"legs need a name each, and each its own: \('a', 'a'\); rename one"),
        (lambda: Completion(legs=("",)), r"legs need a name each, and each its own: \('',\); rename one"),
    ],
)
def test_what_cannot_be_meant_is_refused(build: Any, says: str) -> None:
    with pytest.raises(InvalidPolicyError, match=f"^{says}$"):
        build()
