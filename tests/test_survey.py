"""Survey timing: when it is complete, while it can be answered, and not too often."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import (
    ALWAYS,
    NEVER,
    Actionable,
    AnswerableUntil,
    AskBeforeRenewal,
    Event,
    Facts,
    JourneyComplete,
    StillFresh,
    Timeline,
    days,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.rules import scope_of

NOW = "2026-03-10T09:00Z"


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **{"case": "c", **words})


def bounds(policy: Any, *events: Event) -> tuple[str, str, str]:
    """Verdict, opening day and closing day."""
    decision = policy.decide(Timeline(events), NOW)
    opens, closes = (str(t)[8:10] if t else "-" for t in (decision.opens, decision.closes))
    return decision.verdict.value, opens, closes


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
            {"confirmed": NEVER, "completed": NEVER, "closed": NEVER, "voided": ALWAYS, "promised_by": NEVER},
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


class TestAnswerableUntil:
    """The survey does not close before the journey is complete."""

    guard = AnswerableUntil()

    def test_without_a_closing_date_is_always_answerable(self) -> None:
        assert bounds(self.guard, on(1, "survey"), on(1, "estimate", 20)) == ("go", "-", "-")

    def test_is_impossible_where_it_closes_before_the_expected_completion(self) -> None:
        assert bounds(self.guard, on(1, "survey", 15), on(1, "estimate", 20)) == ("impossible", "20", "15")
        assert bounds(self.guard, on(1, "survey", 25), on(1, "estimate", 20)) == ("wait", "20", "25")
        assert bounds(self.guard, on(1, "survey", 15)) == ("go", "-", "15")

    def test_opens_with_the_completion(self) -> None:
        assert bounds(self.guard, on(1, "survey", 15), on(1, "estimate", 20), on(9, "completed")) == ("go", "09", "15")

    def test_one_that_closed_before_the_completion_binds_nothing(self) -> None:
        assert bounds(self.guard, on(1, "survey", 5), on(1, "estimate", 20)) == ("too_late", "20", "05")
        assert bounds(self.guard, on(1, "survey", 5), on(9, "completed")) == ("go", "-", "-")

    def test_speaks_of_the_message_itself(self) -> None:
        assert self.guard.needs()["survey_closes"].of_candidate
        assert self.guard.explain() == "the survey can be answered after the journey is complete and before it closes"


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
