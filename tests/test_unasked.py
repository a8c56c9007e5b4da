"""Questions that a talk passed over."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Finding, Plan, Timeline, Touch
from carepolicy.cadence import Cadence
from carepolicy.errors import InvalidPolicyError
from carepolicy.span import days, elapsed
from carepolicy.unasked import UnaskedQuestions

CRASH = Event(id="x", at="2026-03-01T09:00Z", kind="incident", party="customer", case="c")


def found(*events: Event, check: UnaskedQuestions | None = None) -> list[Finding]:
    plan = Plan(calendar=Calendar.always(), checks=[check or UnaskedQuestions()], call=Touch(due=Cadence(days(900))))
    return list(plan.audit(Timeline([CRASH, *events]), "2026-04-01T00:00Z").of_kind("missed"))


def talk(at: str, **more: Any) -> Event:
    given: dict[str, Any] = {
        "kind": "contact", "party": "desk", "direction": "inbound", "channel": "phone", "outcome": "conversation",
        "author": "human", "case": "c", "id": "talk",
    }  # fmt: skip
    return Event(at=at, **(given | more))


def well(kind: str, at: str, **more: Any) -> Event:
    return Event(at=at, kind=kind, party="desk", fact="well", case="c", **more)


class TestUnasked:
    """A talk goes by, and nobody asked."""

    def test_nobody_asked_after_the_driver(self) -> None:
        (one,) = found(talk("2026-03-02T09:00Z"))
        assert (one.policy, one.detail, one.evidence, one.case) == ("UnaskedQuestions", "unasked", ("talk", "x"), "c")
        assert one.why == "we spoke (contact) and did not ask: Are you well, and is everybody else who was there?"

    @pytest.mark.parametrize("kind", ["asked", "told"])
    def test_asked_or_told_in_the_talk_is_enough(self, kind: str) -> None:
        assert found(talk("2026-03-02T09:00Z"), well(kind, "2026-03-02T09:20Z")) == []

    def test_asked_long_after_is_another_occasion(self) -> None:
        assert len(found(talk("2026-03-02T09:00Z"), well("asked", "2026-03-02T12:00Z"))) == 1

    def test_asked_before_it_is_still_owed(self) -> None:
        """Asking without an answer does not free the next talk from asking."""
        assert len(found(well("asked", "2026-03-01T12:00Z"), talk("2026-03-02T09:00Z"))) == 1

    def test_told_before_it_is_never_asked_again(self) -> None:
        assert found(well("told", "2026-03-01T12:00Z"), talk("2026-03-02T09:00Z")) == []

    @pytest.mark.parametrize("loose", ["talk", "asked"])
    def test_where_an_hour_is_a_stand_in_the_day_counts(self, loose: str) -> None:
        precision = {"talk": "minute", "asked": "minute"} | {loose: "day"}
        asked = well("asked", "2026-03-02T17:00Z", precision=precision["asked"])
        assert found(talk("2026-03-02T09:00Z", precision=precision["talk"]), asked) == []

    def test_only_our_own_talks_unless_others_are_named(self) -> None:
        theirs = talk("2026-03-02T09:00Z", party="customer")
        assert found(theirs) == []
        assert len(found(talk("2026-03-02T09:00Z"), check=UnaskedQuestions(by="desk"))) == 1
        assert found(talk("2026-03-02T09:00Z"), check=UnaskedQuestions(by="other")) == []

    def test_a_mail_is_no_talk(self) -> None:
        assert found(talk("2026-03-02T09:00Z", channel="email", outcome="delivered")) == []

    def test_a_talk_about_nothing_is_about_the_case_of_the_question(self) -> None:
        (one,) = found(talk("2026-03-02T09:00Z", case=""))
        assert one.case == "c"

    def test_it_says_what_it_looks_for(self) -> None:
        assert UnaskedQuestions().explain() == "we speak with a customer and do not ask what was worth asking"

    def test_lasting_points_forward(self) -> None:
        with pytest.raises(InvalidPolicyError, match="lasting"):
            UnaskedQuestions(lasting=elapsed(hours=-1))

    def test_rules_are_rules(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^rules has what is no QuestionRule: 'well'; pass e\.g\. QUESTIONS$"
        ):
            UnaskedQuestions(rules=["well"])  # type: ignore[list-item]
