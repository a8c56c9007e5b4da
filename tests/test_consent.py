"""Consent: the last word counts, a refusal for more than an agreement."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Plan, Timeline, Touch
from carepolicy.consent import Consented
from carepolicy.errors import InvalidPolicyError
from carepolicy.quarantine import for_person
from carepolicy.testing import check_policy
from tests import journeys
from tests.journeys import NOW


def on(day: int, kind: str, purpose: str = "survey", **words: Any) -> Event:
    return journeys.on(day, kind, purpose=purpose, **words)


def verdict(guard: Any, *events: Event) -> str:
    return str(guard.decide(Timeline(events), NOW).verdict)


class TestConsented:
    """Whoever has not agreed is not asked; whoever has refused is never asked."""

    must, may = Consented(), Consented(required=False)

    @pytest.mark.parametrize(
        ("events", "must", "may"),
        [
            ([], "wait", "go"),
            ([on(1, "consent")], "go", "go"),
            ([on(1, "declined")], "wait", "wait"),
            ([on(1, "consent"), on(2, "declined")], "wait", "wait"),
            ([on(1, "declined"), on(2, "consent")], "go", "go"),
            ([on(1, "consent"), on(1, "declined")], "wait", "wait"),
            ([on(1, "consent", "marketing")], "wait", "go"),
            ([on(1, "consent", "")], "wait", "go"),
            ([on(1, "consent"), on(2, "declined", "marketing")], "go", "go"),
            ([on(1, "consent"), on(2, "declined", "")], "wait", "wait"),
        ],
    )
    def test_the_last_word_counts(self, events: list[Event], must: str, may: str) -> None:
        assert (verdict(self.must, *events), verdict(self.may, *events)) == (must, may)

    def test_of_one_person(self) -> None:
        """An agreement is personal; a refusal that names nobody is everybody's."""
        anna: Any = for_person(Consented(person="same"), "anna")
        assert anna == Consented(person="anna")
        agreed = on(1, "consent", person="anna")
        assert verdict(anna, agreed) == "go"
        assert verdict(anna, on(1, "consent")) == "wait"
        assert verdict(anna, on(1, "consent", person="ben")) == "wait"
        assert verdict(anna, agreed, on(2, "declined", person="ben")) == "go"
        assert verdict(anna, agreed, on(2, "declined")) == "wait"
        assert verdict(self.must, on(1, "consent", person="ben")) == "go", "anybody's, where nobody is named"

    def test_says_so_in_words(self) -> None:
        assert self.must.explain() == "the customer has agreed to be contacted about survey"
        assert Consented("marketing", required=False, person="anna").explain() == (
            "anna has not refused to be contacted about marketing"
        )
        (reason,) = self.must.decide(Timeline([]), NOW).reasons
        assert reason.awaits == "the customer to agree"
        with pytest.raises(
            InvalidPolicyError, match=r"^purpose is empty: ' '; say what they agree to, e\.g\. 'survey'"
        ):
            Consented(" ")

    def test_stands_in_a_plan(self) -> None:
        review = Plan(Calendar.always(), survey=Touch(guard=self.must)).review(Timeline([on(1, "declined")]), at=NOW)
        assert [decision.verdict for decision in review] == ["wait"]


@pytest.mark.parametrize("guard", [Consented(), Consented("news", required=False, person="anna")], ids=repr)
def test_keeps_the_laws(guard: Consented) -> None:
    check_policy(guard, examples=25)
