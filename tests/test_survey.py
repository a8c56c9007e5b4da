"""Survey timing: when it is complete, while it can be answered, and not too often."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import (
    ALWAYS,
    NEVER,
    Actionable,
    AskBeforeRenewal,
    Event,
    Facts,
    JourneyComplete,
    RestBetween,
    StillFresh,
    Timeline,
    Verdict,
    days,
    standard_guard,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.rules import scope_of
from tests.journeys import NOW, bounds, on


class TestJourneyComplete:
    """The journey is complete, and has been for a while."""

    settled = JourneyComplete(days(2))

    def test_waits_for_the_completion(self) -> None:
        assert bounds(self.settled, on(1, "opened"), on(2, "estimate", 20)) == ("wait", "-", "-")
        assert bounds(self.settled, on(5, "completed")) == ("go", "07", "-")
        assert bounds(self.settled, on(9, "completed")) == ("wait", "11", "-")
        assert bounds(JourneyComplete(), on(9, "completed")) == ("go", "09", "-")

    def test_a_part_that_is_complete_is_not_the_whole(self) -> None:
        assert bounds(self.settled, on(5, "completed", ref="part"), on(6, "estimate", 20)) == ("wait", "-", "-")

    @pytest.mark.parametrize("kind", ["reopened", "failed"])
    def test_what_came_after_voids_it(self, kind: str) -> None:
        assert bounds(self.settled, on(5, "completed"), on(6, kind)) == ("wait", "-", "-")
        assert bounds(self.settled, on(5, "completed"), on(6, kind), on(7, "completed")) == ("go", "09", "-")
        assert bounds(self.settled, on(5, "completed"), on(6, kind, ref="part")) == ("go", "07", "-")

    def test_calls_for_another_contact_once_the_expected_date_has_passed(self) -> None:
        assert bounds(self.settled, on(1, "estimate", 9)) == ("redirect", "-", "-")
        assert bounds(self.settled, on(1, "estimate", 9), on(5, "completed")) == ("go", "07", "-")
        decision = self.settled.decide(Timeline([on(1, "estimate", 20)]), NOW)
        assert str(decision.review_at)[:10] == "2026-03-20"

    def test_may_be_expected_after_the_estimate(self) -> None:
        none, day = (
            {
                "settled": ALWAYS,
                "confirmed": NEVER,
                "completed": NEVER,
                "closed": NEVER,
                "voided": ALWAYS,
                "promised_by": NEVER,
            },
            86_400_000_000,
        )
        assert self.settled.likely(Facts(**none)) == NEVER
        assert self.settled.likely(Facts(**{**none, "promised_by": 5})) == 5 + 2 * day
        assert self.settled.likely(Facts(**{**none, "promised_by": 5, "completed": 9})) == 9 + 2 * day
        (reason,) = self.settled.decide(Timeline([on(1, "estimate", 20)]), NOW).reasons
        assert str(reason.facts["promised_by"])[:10] == "2026-03-20"
        assert reason.awaits

    def test_a_new_completion_is_a_new_cycle(self) -> None:
        keys = {
            self.settled.decide(Timeline(log), NOW).key
            for log in ([on(4, "completed")], [on(5, "completed")], [on(5, "completed"), on(6, "note")])
        }
        assert len(keys) == 2

    def test_says_so_in_words(self) -> None:
        assert self.settled.explain() == "the journey is complete, and has been for 2 days"
        assert JourneyComplete().explain() == "the journey is complete"
        assert scope_of(self.settled.needs()) == "case"
        with pytest.raises(InvalidPolicyError, match="settle points backward or nowhere: -1 day; use"):
            JourneyComplete(days(-1))
        with pytest.raises(InvalidPolicyError, match="settle is not a span: 2"):
            JourneyComplete(2)  # type: ignore[arg-type]


class TestStillFresh:
    """Not longer than this after the completion."""

    def test_closes_after_a_while(self) -> None:
        assert bounds(StillFresh(days(3)), on(8, "completed")) == ("go", "-", "11")
        assert bounds(StillFresh(days(3)), on(7, "completed")) == ("too_late", "-", "10")
        assert bounds(StillFresh(days(3)), on(7, "completed"), on(8, "reopened")) == ("go", "-", "-")
        assert StillFresh(days(3)).explain() == "within 3 days of the completion"


class TestActionable:
    """The answer can still change something: the customer has not left."""

    def test_closes_when_the_customer_leaves(self) -> None:
        assert bounds(Actionable(), on(4, "left")) == ("too_late", "-", "04")
        assert bounds(Actionable(), on(4, "left"), on(5, "sold")) == ("go", "-", "-")
        assert Actionable().explain() == "before the customer leaves"

    def test_leaves_time_to_react_before_renewal(self) -> None:
        """The date of the last sale is until when the customer is bound."""
        react = Actionable(days(5))
        assert bounds(react, on(1, "sold", 20)) == ("go", "-", "15")
        assert bounds(react, on(1, "sold", 12)) == ("too_late", "-", "07")
        assert bounds(react, on(1, "sold")) == ("go", "-", "-")
        assert bounds(react, on(1, "sold", 20), on(4, "left")) == ("too_late", "-", "04")
        assert react.explain() == "before the customer leaves, and 5 days before renewal"


class TestAskBeforeRenewal:
    """Asking is owed between joining and renewal."""

    duty = AskBeforeRenewal(settle=days(3), react=days(5))

    def due(self, *events: Event) -> tuple[str, str]:
        decision = self.duty.decide(Timeline(events), NOW)
        return decision.verdict.value, str(decision.due)[8:10] if decision.due else "-"

    def test_is_due_while_there_is_time_to_react(self) -> None:
        assert self.due(on(1, "sold", 20)) == ("go", "15")
        assert self.due(on(8, "sold", 20)) == ("wait", "15")
        assert self.due(on(1, "sold", 12)) == ("overdue", "07")

    def test_is_owed_once_for_each_term(self) -> None:
        assert self.due(on(1, "sold", 20), on(4, "survey")) == ("wait", "-")
        assert self.due(on(1, "sold", 5), on(2, "survey"), on(5, "sold", 25)) == ("go", "20")
        assert self.due(on(1, "sold", 20), on(4, "left")) == ("wait", "-")
        assert self.due() == ("wait", "-")

    def test_says_so_in_words(self) -> None:
        assert self.duty.explain() == "asked how it goes at least 5 days before renewal"
        assert self.duty.cycle(Facts(sold=NOW)) == Facts(sold=NOW).sold
        reasons = self.duty.decide(Timeline([on(1, "sold", 20)]), NOW).reasons
        assert reasons[0].text.endswith(": due Sun 15 Mar 2026 09:00")


class TestStandardGuard:
    """The composition that we recommend, and what it says of one shop's order."""

    guard = standard_guard(zone="America/Sao_Paulo")

    def decide(self, at: str, **facts: str) -> Any:
        return self.guard.decide_facts(Facts(**facts), at)

    def test_asks_two_days_after_the_parcel_came(self) -> None:
        came = {"completed": "2018-01-08T15:00-02:00", "promised_by": "2018-01-20T00:00-02:00"}
        decision = self.decide("2018-01-09T10:00-02:00", **came)
        assert (decision.verdict.value, str(decision.act_at)) == ("wait", "2018-01-10 17:00:00+00:00")
        assert self.decide("2018-01-10T15:00-02:00", **came).verdict == Verdict.GO
        assert self.decide("2018-01-10T22:00-02:00", **came).verdict == Verdict.WAIT, "at night"
        assert self.decide("2018-02-19T15:00-02:00", **came).verdict == Verdict.TOO_LATE
        assert self.decide("2018-01-10T15:00-02:00", **came, last_invited="2017-11-01T09:00Z").verdict == Verdict.WAIT
        stale = self.decide("2018-01-10T15:00-02:00", **came, last_invited="2017-12-01T09:00Z")
        assert stale.verdict == Verdict.IMPOSSIBLE, "the rest outlasts the memory"

    def test_asks_where_it_is_once_the_promised_date_has_passed(self) -> None:
        due = {"promised_by": "2018-01-09T00:00-02:00"}
        assert self.decide("2018-01-08T23:00-02:00", **due).verdict == Verdict.WAIT
        decision = self.decide("2018-01-09T00:00-02:00", **due)
        assert decision.verdict == Verdict.REDIRECT
        assert decision.codes[0] == "JourneyComplete.redirects"

    def test_lists_every_reason(self) -> None:
        decision = self.decide("2018-01-08T23:00-02:00")
        assert {reason.policy for reason in decision.reasons} == {
            "JourneyComplete", "StillFresh", "OncePerStage", "RestBetween", "NoTrouble", "Answerable", "ReaderReady",
            "QuietHours",
        }  # fmt: skip

    def test_every_part_can_be_replaced(self) -> None:
        quick = standard_guard("UTC", settle=days(1), within=days(9), rest=days(5), reader="anna")
        assert {type(part).__name__: part for part in quick.parts}["RestBetween"] == RestBetween(days(5))
        assert quick != standard_guard("UTC")
