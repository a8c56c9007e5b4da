"""Answers: every one gets a reply, one with a low score sooner."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Facts, Plan, Timeline, Touch, Verdict, days, elapsed, working, working_days
from carepolicy.answers import Low, NoLowAnswer, OldestLow, ReplyDue
from carepolicy.errors import InvalidPolicyError
from carepolicy.table import decide_table, facts_from_events
from carepolicy.testing import check_policy
from tests.fold_logs import row_of, table_of
from tests.journeys import NOW, bounds, on
from tests.tables import decisions_of, said

OFFICE = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")


def answer(day: int, score: object = None, **words: Any) -> Event:
    return on(day, "answer", extra={} if score is None else {"score": str(score)}, **words)


def reply(day: int, **words: Any) -> Event:
    return on(day, "contact", **{"purpose": "reply", "direction": "outbound", "party": "anna", **words})


class TestLow:
    """A score is low when it is known to be."""

    @pytest.mark.parametrize(
        ("score", "known", "low"),
        [
            (1, 1.0, True),
            ("2", 2.0, True),
            ("2.5", 2.5, False),
            (5, 5.0, False),
            ("bad", None, False),
            ("", None, False),
            ("nan", None, False),
            ("-inf", None, False),
            (None, None, False),
        ],
    )
    def test_is_read_from_the_log(self, score: object, known: float | None, low: bool) -> None:
        event = answer(1, score)
        assert (Low().score(event), event in Low()) == (known, low)

    def test_has_a_threshold_and_a_column(self) -> None:
        rated = on(1, "answer", extra={"nps": "6"})
        assert rated in Low(6, "nps")
        assert rated not in Low(5, "nps")
        assert rated not in Low(6)

    def test_may_be_in_a_column_that_every_log_has(self) -> None:
        assert Low(6, "outcome").score(on(1, "answer", outcome="4")) == 4
        assert Low(6, "outcome").score(on(1, "answer", outcome="partial")) is None
        assert Low(6, "due").score(on(1, "answer", 4)) is None

    @pytest.mark.parametrize("fields", [(float("nan"), "score"), (2, "")])
    def test_refuses_what_tells_nothing(self, fields: tuple[float, str]) -> None:
        says = f"low scores cannot be told: at_most={fields[0]}, column={fields[1]!r}; give a number and a column"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            Low(*fields)


class TestReplyDue:
    """Somebody replies, and soonest to who is unhappy."""

    duty = ReplyDue()

    def due(self, *events: Event) -> str:
        decision = self.duty.decide(Timeline(events), NOW, calendar=OFFICE)
        return str(decision.due)[5:16] if decision.due else "none"

    def test_is_due_by_the_score(self) -> None:
        """The sixth is a Friday."""
        assert self.due(answer(6, 5)) == "03-10 09:00"
        assert self.due(answer(6)) == "03-10 09:00"
        assert self.due(answer(6, 1)) == "03-06 13:00"
        assert self.due(on(1, "survey")) == "none"

    def test_waits_from_the_oldest(self) -> None:
        assert self.due(answer(4, 5), answer(6, 5)) == "03-06 09:00"
        assert self.due(answer(4, 5), answer(6, 1)) == "03-06 09:00"
        assert self.due(answer(5, 5), answer(5, 1, id="low")) == "03-05 13:00"

    @pytest.mark.parametrize(
        ("words", "left"),
        [
            ({}, "none"),
            ({"purpose": "survey_reply"}, "none"),
            ({"author": "automatic"}, "03-10 09:00"),
            ({"party": "customer"}, "03-10 09:00"),
            ({"direction": "inbound"}, "03-10 09:00"),
            ({"ref": "other"}, "03-10 09:00"),
        ],
    )
    def test_ends_with_a_reply_of_a_person(self, words: dict[str, str], left: str) -> None:
        assert self.due(answer(6), reply(9, **words)) == left
        assert self.due(reply(5), answer(6)) == "03-10 09:00"

    def test_is_owed_without_a_case_too(self) -> None:
        assert self.due(answer(6, case="")) == "03-10 09:00"
        assert self.due(answer(6, case=""), reply(9, case="")) == "none"

    def test_is_a_touch(self) -> None:
        plan = Plan(OFFICE, reply=Touch(due=self.duty, owner="anna"))
        (decision,) = plan.review(Timeline([answer(6, 1)]), at=NOW)
        assert (decision.verdict, decision.owner) == (Verdict.OVERDUE, "anna")
        assert decision.reasons[0].text.startswith(
            "a reply within 2 working days of an answer, within 4 working hours of a score of 2 or less: "
        )
        audit = plan.audit(Timeline([answer(4, 1), reply(6)]), until=NOW)
        assert [finding.kind for finding in audit] == ["late"]

    def test_takes_facts(self) -> None:
        decision = self.duty.decide_facts(Facts(low_since=NOW, answered_since=NOW), NOW, calendar=OFFICE)
        assert str(decision.due) == "2026-03-10 13:00:00+00:00"

    def test_refuses_that_the_unhappy_wait_longer(self) -> None:
        says = "low_within is longer than within: low_within=3 days, within=2 days; who is unhappy waits least"
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(says)}$"):
            ReplyDue(days(2), days(3))
        assert ReplyDue(working_days(1), elapsed(hours=90)).low_within == elapsed(hours=90), "cannot be compared"


class TestNoLowAnswer:
    """Who has just said how bad it was is left in peace until somebody has replied."""

    @pytest.mark.parametrize(
        ("events", "heard"),
        [
            ([answer(6, 1)], "wait"),
            ([answer(6, 1, case="other")], "wait"),
            ([answer(6, 5)], "go"),
            ([answer(6)], "go"),
            ([answer(6, 1), answer(7, 5)], "wait"),
            ([answer(6, 1), reply(7)], "go"),
            ([on(6, "note")], "go"),
        ],
    )
    def test_waits_for_the_reply(self, events: list[Event], heard: str) -> None:
        assert bounds(NoLowAnswer(), *events)[0] == heard
        assert NoLowAnswer().explain() == "no answer with a score of 2 or less waits for its reply"


@pytest.mark.parametrize(
    "policy", [ReplyDue(), ReplyDue(days(1), working(hours=1), low=Low(6, "nps")), NoLowAnswer()], ids=repr
)
def test_keeps_the_laws(policy: Any) -> None:
    check_policy(policy, examples=25)


def test_of_a_table_is_the_same() -> None:
    """Where the score is in a column that a log has, tables see it, too."""
    low = Low(6, "outcome")
    plan = Plan(OFFICE, reply=Touch(due=ReplyDue(low=low)), offer=Touch(guard=NoLowAnswer(low)))
    log = [
        on(n, "answer", id=f"{n}", outcome=score, customer=who, case=who)
        for n, (score, who) in enumerate((("4", "ann"), ("9", "bob"), ("", "cy"), ("6", "bob")), start=3)
    ]
    facts = facts_from_events(table_of(map(row_of, log)), plan, at=NOW)
    review = plan.review(Timeline(log), at=NOW)
    assert sorted(decisions_of(decide_table(plan, facts.to_frame(), NOW))) == sorted(map(said, review))
    assert {d.verdict.value for d in review if d.touch == "offer"} == {"go", "wait"}


def test_the_fold_is_what_it_says() -> None:
    fold = OldestLow(Low(3))
    assert eval(repr(fold)) == fold
