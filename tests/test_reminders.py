"""Reminders: a few at most, apart, and called off by whatever makes them wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Facts, Plan, RestBetween, Timeline, Touch, Verdict, days
from carepolicy.errors import InvalidPolicyError
from carepolicy.quarantine import for_person
from carepolicy.reminders import Reminder
from carepolicy.testing import check_policy
from tests.journeys import NOW, bounds, on


def reminder(day: int, **words: Any) -> Event:
    return on(day, "contact", **{"purpose": "survey_reminder", "direction": "outbound", **words})


ASKED = on(4, "survey", 20, purpose="claim")


class TestReminder:
    """What was not answered is brought to mind."""

    @pytest.mark.parametrize(
        ("events", "said"),
        [
            ([on(1, "opened")], ("wait", "-")),
            ([ASKED], ("go", "07")),
            ([on(8, "survey", 20)], ("wait", "11")),
            ([ASKED, reminder(8)], ("wait", "11")),
            ([ASKED, reminder(7)], ("go", "10")),
            ([ASKED, reminder(5), reminder(6)], ("wait", "-")),
            ([on(1, "survey"), reminder(2), reminder(3), ASKED], ("go", "07")),
            ([ASKED, reminder(8, direction="inbound")], ("go", "07")),
            ([ASKED, reminder(8, case="other")], ("go", "07")),
        ],
    )
    def test_comes_apart_and_at_most_so_often(self, events: list[Event], said: tuple[str, str]) -> None:
        assert bounds(Reminder(), *events)[:2] == said

    @pytest.mark.parametrize(
        "ends",
        [
            on(5, "answer"),
            on(5, "answer", outcome="partial"),
            on(5, "reopened"),
            on(5, "failed"),
            on(5, "trouble", case="other"),
            on(5, "escalated"),
            on(4, "incident", case=""),
        ],
    )
    def test_is_called_off(self, ends: Event) -> None:
        assert bounds(Reminder(), ASKED, ends)[:2] == ("wait", "-")

    @pytest.mark.parametrize("stays", [on(3, "answer"), on(3, "trouble"), on(5, "answer", case="other"), on(5, "note")])
    def test_is_not_called_off_by_what_was_before_or_is_another_matter(self, stays: Event) -> None:
        decision = Reminder().decide(Timeline([ASKED, stays]), NOW)
        assert decision.verdict == "go"

    def test_leaves_the_time_to_answer(self) -> None:
        assert bounds(Reminder(), on(4, "survey", 11)) == ("too_late", "07", "10")
        assert bounds(Reminder(leaves=days(0)), on(4, "survey", 11)) == ("go", "07", "11")
        assert bounds(Reminder(leaves=days(5)), on(4, "survey", 11)) == ("too_late", "07", "06")

    def test_says_whether_it_extends_the_survey(self) -> None:
        """It states by itself until when the survey can be answered; otherwise nothing moves."""
        log = (on(1, "survey", 9), reminder(6))
        assert bounds(Reminder(), *log) == ("too_late", "09", "08")
        more = Reminder(extends=days(7))
        assert bounds(more, *log) == ("go", "09", "12")
        late = Facts(surveyed="2026-03-01T09:00Z", survey_closes="2026-03-09T09:00Z", reminded="2026-02-20T09:00Z")
        assert more.decide_facts(late, "2026-03-05T09:00Z").closes == Reminder().decide_facts(late, NOW).closes
        assert "keeps it open for 7 days" in more.explain()

    def test_of_one_survey_and_one_person(self) -> None:
        guard = for_person(Reminder(survey="claim", person="same"), "anna")
        asked = on(4, "survey", 20, purpose="claim", person="anna")
        assert bounds(guard, asked)[0] == "go"
        assert bounds(guard, asked, on(5, "answer", purpose="claim", person="ben"))[0] == "go"
        assert bounds(guard, on(4, "survey", purpose="visit", person="anna"))[0] == "wait"

    def test_is_a_touch_with_a_key_for_each(self) -> None:
        guard = Reminder()
        plan = Plan(Calendar.always(), reminder=Touch(guard=guard, sends=guard.sends))
        (first,) = plan.review(Timeline([ASKED]), at=NOW)
        (second,) = plan.review(Timeline([ASKED, reminder(7)]), at=NOW)
        assert (first.verdict, second.verdict) == (Verdict.GO, Verdict.GO)
        assert first.key != second.key

    def test_counts_as_a_survey_where_it_says_so(self) -> None:
        """A rest heeds reminders that are surveys, and no others."""
        counted = Reminder(counted=True, survey="claim")
        again = on(7, "survey", purpose="survey_reminder")
        assert bounds(counted, ASKED, again)[:2] == ("go", "10")
        assert counted.sends.matches(again, Plan(Calendar.always(), a=Touch(guard=counted)).parties)
        rest = RestBetween(days(5))
        assert bounds(rest, ASKED, again)[1] == "12"
        assert bounds(rest, ASKED, reminder(7))[1] == "09"

    def test_says_so_in_words(self) -> None:
        assert Reminder().explain() == (
            "at most 2 reminders of a survey that is not answered, 3 days apart; each does not extend it and counts "
            "as none"
        )
        assert " of a survey claim that is" in Reminder(survey="claim", counted=True).explain()

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"at_most": 0}, "at_most must be at least 1, got 0; to send none, leave the touch out"),
            ({"gap": days(0)}, "gap points backward or nowhere: 0 days"),
            ({"leaves": days(-1)}, "leaves points backward or nowhere: -1 day"),
            ({"counted": True}, "reminders that count as surveys need the name of theirs, another one than"),
            ({"counted": True, "survey": "survey_reminder"}, "reminders that count as surveys need the name of theirs"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(problem)}"):
            Reminder(**fields)


@pytest.mark.parametrize(
    "guard", [Reminder(), Reminder(1, days(1), extends=days(7), counted=True, survey="claim")], ids=repr
)
def test_keeps_the_laws(guard: Reminder) -> None:
    check_policy(guard, examples=25)
