"""Closing a case: only with the customer's word."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Finding, Plan, Timeline, Touch
from carepolicy.cadence import Cadence
from carepolicy.closing import ClosedUnconfirmed
from carepolicy.errors import InvalidPolicyError
from carepolicy.span import days


def found(*events: Event) -> list[Finding]:
    plan = Plan(calendar=Calendar.always(), checks=[ClosedUnconfirmed()], call=Touch(due=Cadence(days(900))))
    return list(plan.audit(Timeline(events), "2026-04-01T00:00Z").of_kind("missed"))


def event(kind: str, day: int, **more: Any) -> Event:
    return Event(**({"at": f"2026-03-{day:02}T09:00Z", "kind": kind, "party": "desk", "case": "c", "id": kind} | more))


OPENED, CLOSED = event("opened", 1), event("closed", 9)
WISH = event("told", 2, party="customer", fact="wanted outcome", text="a new coat by Friday", id="wish")
WORD = event("told", 8, party="customer", fact="outcome reached", id="word")


class TestClosedUnconfirmed:
    """A close asks for the customer's word."""

    def test_closed_without_their_word(self) -> None:
        (one,) = found(OPENED, WISH, CLOSED)
        assert (one.policy, one.detail, one.evidence) == ("ClosedUnconfirmed", "unconfirmed", ("wish", "closed"))
        assert one.why == (
            "closed without the customer's word that it ended as they wanted; they wanted: a new coat by Friday"
        )

    def test_nobody_even_asked(self) -> None:
        (one,) = found(OPENED, CLOSED)
        assert one.why.endswith("; nobody knows what they wanted")

    def test_closed_with_their_word(self) -> None:
        assert found(OPENED, WISH, WORD, CLOSED) == []

    @pytest.mark.parametrize("kind", ["kept", "completed"])
    def test_what_the_customer_calls_done_is_done(self, kind: str) -> None:
        assert found(OPENED, event(kind, 8, party="customer"), CLOSED) == []
        assert len(found(OPENED, event(kind, 8), CLOSED)) == 1

    @pytest.mark.parametrize("kind", ["opened", "reopened"])
    def test_a_word_from_before_it_came_back_does_not_count(self, kind: str) -> None:
        assert len(found(OPENED, WORD, event(kind, 8, at="2026-03-08T10:00Z", id="again"), CLOSED)) == 1

    def test_a_wish_is_what_they_want(self) -> None:
        (one,) = found(OPENED, event("wish", 2, party="customer", fact="wanted outcome", text="a new coat"), CLOSED)
        assert one.why.endswith("they wanted: a new coat")

    def test_a_new_wish_needs_a_new_word(self) -> None:
        again = event("told", 8, at="2026-03-08T10:00Z", party="customer", fact="wanted outcome", id="again")
        (one,) = found(OPENED, WISH, WORD, again, CLOSED)
        assert one.evidence == ("again", "closed")

    def test_parts_of_a_case_and_notes_about_none_are_left_alone(self) -> None:
        assert found(OPENED, event("closed", 9, ref="part"), event("closed", 9, case="", id="other")) == []

    def test_it_says_what_it_looks_for(self) -> None:
        assert ClosedUnconfirmed().explain().startswith("a case is closed without the customer's word")

    def test_two_facts_are_two(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^wanted and confirmed are not two facts: 'a', 'a'; name each$"):
            ClosedUnconfirmed("a", "a")
        with pytest.raises(
            InvalidPolicyError, match=r"^wanted and confirmed are not two facts: 5, 'outcome reached'; name"
        ):
            ClosedUnconfirmed(5)  # type: ignore[arg-type]
