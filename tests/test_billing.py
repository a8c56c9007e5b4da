"""Billing: a bill after the work, a reminder only of what nobody disputes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Event, Timeline, days
from carepolicy.billing import DunningHeld, InvoiceAfterCompletion, dunning_guard
from carepolicy.completion import Completion
from carepolicy.errors import InvalidPolicyError

NOW = "2026-03-10T09:00Z"


def on(day: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", **words})


def bounds(guard: Any, *events: Event, case: str | None = None) -> tuple[str, str]:
    decision = guard.decide(Timeline(events), NOW, case=case)
    return decision.verdict.value, str(decision.opens)[8:10] if decision.opens else "-"


class TestDunningHeld:
    """Nobody is reminded to pay what they dispute."""

    dispute, over = on(1, "trouble", purpose="dispute"), on(5, "trouble_over", purpose="dispute")

    def test_holds_during_a_dispute_and_for_a_while_after(self) -> None:
        assert bounds(DunningHeld(), self.dispute) == ("wait", "-")
        assert bounds(DunningHeld(), self.dispute, self.over) == ("wait", "12")
        assert bounds(DunningHeld(days(5)), self.dispute, self.over) == ("go", "10")
        assert bounds(DunningHeld(days(0)), self.dispute, self.over) == ("go", "05")

    def test_other_trouble_is_no_dispute_and_closing_ends_none(self) -> None:
        assert bounds(DunningHeld(), on(1, "trouble", purpose="outage")) == ("go", "-")
        assert bounds(DunningHeld(), self.dispute, on(5, "closed")) == ("wait", "-")
        assert bounds(DunningHeld(), self.dispute, on(5, "trouble_over", purpose="outage")) == ("wait", "-")
        assert bounds(DunningHeld(purposes=("dispute", "chargeback")), on(1, "trouble", purpose="chargeback"))[0] == (
            "wait"
        )

    def test_holds_every_reminder_unless_asked_for_the_case_alone(self) -> None:
        other = on(2, "trouble_over", case="d", purpose="dispute")
        assert bounds(DunningHeld(), self.dispute, other) == ("wait", "-")
        assert bounds(DunningHeld(scope="case"), self.dispute, other, case="d") == ("go", "09")
        assert bounds(DunningHeld(scope="case"), self.dispute, other, case="c") == ("wait", "-")

    def test_each_end_of_a_dispute_is_a_new_cycle(self) -> None:
        before = DunningHeld().decide(Timeline([]), NOW).key
        assert before != DunningHeld().decide(Timeline([self.dispute, self.over]), NOW).key

    def test_says_so_in_words(self) -> None:
        assert DunningHeld().explain() == "no reminder to pay during a dispute, nor for 7 days after it"
        assert DunningHeld(days(0)).explain() == "no reminder to pay during a dispute"

    @pytest.mark.parametrize(
        ("build", "says"),
        [
            (lambda: DunningHeld(purposes=()), "purposes name no dispute: (); say which, e.g. 'dispute'"),
            (lambda: DunningHeld(scope="ref"), "scope is not known: 'ref'; use one of case, customer"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, build: Any, says: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            build()


class TestInvoiceAfterCompletion:
    """The bill comes after the work is done."""

    bill = InvoiceAfterCompletion()

    def test_waits_for_the_work(self) -> None:
        assert bounds(self.bill, on(1, "opened")) == ("wait", "-")
        assert bounds(self.bill, on(1, "opened"), on(3, "completed")) == ("go", "03")
        assert bounds(InvoiceAfterCompletion(days(9)), on(3, "completed")) == ("wait", "12")

    def test_a_date_or_a_closed_file_is_no_work(self) -> None:
        late = on(1, "promise", due="2026-03-05T09:00Z")
        assert bounds(self.bill, late) == ("wait", "-"), "late, and no redirect: that is for other touches"
        assert bounds(self.bill, on(1, "opened"), on(3, "closed")) == ("wait", "-")

    def test_what_is_reopened_is_not_done(self) -> None:
        assert bounds(self.bill, on(3, "completed"), on(4, "reopened")) == ("wait", "-")
        assert bounds(self.bill, on(3, "completed"), on(4, "reopened"), on(6, "completed")) == ("go", "06")

    def test_all_legs_must_be_done(self) -> None:
        legs = InvoiceAfterCompletion(of=Completion("event", ("body", "paint")))
        body, paint = on(3, "completed", purpose="body"), on(5, "completed", purpose="paint")
        assert (bounds(legs, body), bounds(legs, body, paint)) == (("wait", "-"), ("go", "05"))

    def test_each_completion_is_billed_once(self) -> None:
        one = self.bill.decide(Timeline([on(3, "completed")]), NOW).key
        assert one != self.bill.decide(Timeline([on(3, "completed"), on(6, "completed")]), NOW).key

    def test_says_so_in_words(self) -> None:
        assert self.bill.explain() == "the bill comes once the work is done"
        assert InvoiceAfterCompletion(days(2)).explain() == "the bill comes 2 days after the work is done"


class TestDunningGuard:
    """Not during a dispute, and on a working day."""

    def test_is_made_of_parts(self) -> None:
        guard = dunning_guard("Europe/Paris")
        assert [type(part).__name__ for part in guard.parts] == ["DunningHeld", "QuietHours"]
        assert guard.decide(Timeline([]), "2026-03-14T12:00Z").verdict.value == "wait", "a Saturday"
        assert guard.decide(Timeline([]), "2026-03-13T12:00Z").verdict.value == "go"
        assert dunning_guard("Europe/Paris", cool_off=days(3)).parts[0] == DunningHeld(days(3))
