"""One owner: nobody is sent to a supplier."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Finding, Parties, Plan, Timeline, Touch
from carepolicy.cadence import Cadence
from carepolicy.errors import InvalidPolicyError
from carepolicy.span import days
from carepolicy.supplier import SentToSupplier


def found(check: SentToSupplier | None = None, **more: Any) -> list[Finding]:
    values: dict[str, Any] = {
        "id": "x", "at": "2026-03-02T09:00Z", "kind": "contact", "party": "dealer", "direction": "inbound",
        "channel": "phone", "outcome": "conversation", "purpose": "status", "case": "c", "text": "where is the part?",
    }  # fmt: skip
    plan = Plan(
        calendar=Calendar.always(),
        parties=Parties(ours=["desk"], partners=["dealer"]),
        checks=[check or SentToSupplier()],
        call=Touch(due=Cadence(days(900))),
    )
    return list(plan.audit(Timeline([Event(**(values | more))]), "2026-04-01T00:00Z").of_kind("chaser"))


class TestSentToSupplier:
    """The customer turns to a partner."""

    def test_they_had_to_ask_the_dealer(self) -> None:
        (one,) = found()
        assert one.why == "the customer had to turn to dealer: where is the part?"
        assert one.instead == "their owner asks dealer, and tells them"
        assert (one.detail, one.certainty, one.evidence) == ("supplier", "proved", ("x",))

    def test_where_nobody_wrote_down_who_called_it_is_possible(self) -> None:
        (one,) = found(direction="")
        assert one.certainty == "possible"
        assert one.why.startswith("possibly the customer (nobody wrote down who called) had to turn to dealer")

    @pytest.mark.parametrize(
        "other",
        [{"direction": "outbound"}, {"party": "desk"}, {"purpose": "errand"}, {"kind": "note"}],
        ids=str,
    )
    def test_what_is_none(self, other: dict[str, Any]) -> None:
        assert found(**other) == []

    def test_who_is_a_supplier_can_be_named(self) -> None:
        assert found(SentToSupplier(by="maker")) == []
        assert len(found(SentToSupplier(by="maker"), party="maker")) == 1

    def test_it_says_what_it_looks_for(self) -> None:
        assert SentToSupplier().explain() == "the customer has to turn to a partner of ours themselves"

    @pytest.mark.parametrize("name", ["purposes", "by"])
    def test_nobody_and_nothing_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidPolicyError, match=rf"^{name} is empty: \(\); name at least one$"):
            SentToSupplier(**{name: ()})
