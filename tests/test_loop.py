"""Closing the loop: every answer is read and replied to, a low score is a case, and answering closes nothing."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from carepolicy import Calendar, Check, Event, NoTrouble, Plan, Timeline, Touch, days, elapsed
from carepolicy.answers import Low, NoLowAnswer, ReplyDue
from carepolicy.errors import InvalidPolicyError
from carepolicy.finding import Finding
from carepolicy.loop import STOPPED, Answered, AnsweringCloses, CaseToOpen, LoopState, case_to_open, close_loop
from tests.journeys import NOW, bounds, on
from tests.test_answers import OFFICE, answer, reply

LOW = answer(6, 1, id="a/1", customer="ann")


def state(*events: Event, at: str = NOW, **more: Any) -> LoopState:
    return close_loop(Timeline(events), at, calendar=OFFICE, **more)


def only(*events: Event, at: str = NOW, **more: Any) -> Answered:
    (found,) = state(*events, at=at, **more)
    return found


class TestAnswers:
    """Every answer has a reader, and a reply by when."""

    @pytest.mark.parametrize(
        ("score", "due"), [(5, "2026-03-10 09:00"), (None, "2026-03-10 09:00"), (1, "2026-03-06 13:00")]
    )
    def test_have_a_reader_and_a_reply_due(self, score: object, due: str) -> None:
        found = only(answer(6, score), reader="anna")
        assert (found.reader, str(found.due)[:16], found.replied_at, found.is_overdue) == ("anna", due, None, True)

    def test_are_done_with_when_somebody_replied(self) -> None:
        found = only(answer(6, 1), reply(9), reply(10))
        assert (str(found.replied_at)[:10], found.is_overdue) == ("2026-03-09", False)
        assert only(answer(6), reply(9, ref="other")).replied_at is None
        assert only(reply(5), answer(6)).replied_at is None

    def test_come_in_order_the_most_pressing_first(self) -> None:
        early, low, late = answer(9, 5, id="e"), answer(10, 1, id="l"), answer(10, 4, id="n")
        found = state(early, low, late)
        assert [a.answer.id for a in found] == ["e", "l", "n"]
        assert [a.answer.id for a in found.to_reply] == ["l", "e", "n"]
        assert str(found.review_at) == "2026-03-10 13:00:00+00:00"
        assert state(early, reply(10)).to_reply == ()
        assert state().review_at is None

    def test_need_somebody(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^reader is nobody: ' '; name who reads the answers"):
            state(reader=" ")


class TestLowScores:
    """A low score opens a case, which stops reminders and marketing until it is closed."""

    def test_are_a_case_to_open(self) -> None:
        found = state(LOW, reader="anna")
        assert found.to_open == (CaseToOpen("ann", "c", "a/1", "anna"),)
        assert found.to_open[0].key == "low/ann/c/a%2F1"
        assert found.stopped("ann") == STOPPED == ("reminders", "marketing")
        assert found.stopped("ben") == ()

    @pytest.mark.parametrize(
        "words", [{"case": "low/ann/c/a%2F1"}, {"case": "T7", "extra": {"key": "low/ann/c/a%2F1"}}]
    )
    def test_are_opened_once_and_stop_until_closed(self, words: dict[str, Any]) -> None:
        opened = on(7, "opened", customer="ann", **words)
        found = state(LOW, opened)
        assert (found.to_open, found.answers[0].is_opened, found.stopped("ann")) == ((), True, STOPPED)
        closed = on(8, "closed", customer="ann", case=opened.case)
        assert state(LOW, opened, closed).stopped("ann") == ()
        again = on(9, "reopened", customer="ann", case=opened.case)
        assert state(LOW, opened, closed, again).stopped("ann") == STOPPED
        assert state(LOW, opened, on(8, "closed", customer="ann")).stopped("ann") == STOPPED, "another case"

    def test_are_those_that_are_known_to_be(self) -> None:
        assert case_to_open(LOW, owner="anna") == CaseToOpen("ann", "c", "a/1", "anna")
        assert case_to_open(answer(6)) is None
        assert case_to_open(answer(6, 5)) is None
        assert case_to_open(answer(6, 5), Low(6)) is not None
        assert case_to_open(attrs.evolve(LOW, kind="note")) is None
        assert state(answer(6)).to_open == ()
        assert state(answer(6, 6), rule=ReplyDue(low=Low(6))).to_open != ()

    def test_hold_what_they_stop(self) -> None:
        """The guard of reminders and of marketing: until there is a reply, and until the case is closed."""
        guard = NoLowAnswer() & NoTrouble()
        low, opened = answer(6, 1), on(7, "opened", case="T7")
        assert bounds(guard, low)[0] == "wait"
        assert bounds(guard, low, reply(7))[0] == "go"
        assert bounds(guard, low, reply(7), opened)[0] == "wait"
        assert bounds(guard, low, reply(7), opened, on(8, "closed", case="T7"))[0] == "go"


class TestNotes:
    """Whatever is odd about an answer, it is kept, and says so."""

    asked = on(2, "survey", 5, person="anna", purpose="claim")

    @pytest.mark.parametrize(
        ("events", "words", "notes"),
        [
            ([asked], {"day": 4}, ()),
            ([asked], {"day": 5}, ("after the survey had closed",)),
            ([asked, on(3, "contact", 9, purpose="survey_reminder")], {"day": 6}, ()),
            ([asked, on(3, "contact", purpose="survey_reminder")], {"day": 6}, ("after the survey had closed",)),
            ([asked, on(3, "reopened")], {"day": 4}, ("after the journey was opened again",)),
            ([on(1, "reopened"), asked], {"day": 4}, ()),
            ([asked], {"day": 4, "person": "ben"}, ("from another person than was asked",)),
            ([asked], {"day": 4, "person": "anna", "purpose": "claim"}, ()),
            ([asked], {"day": 4, "purpose": "visit"}, ("to no survey that is known",)),
            ([], {"day": 4, "outcome": "partial"}, ("to no survey that is known", "not finished")),
            ([asked, on(3, "survey", purpose="survey_reminder")], {"day": 4, "purpose": "claim"}, ()),
        ],
    )
    def test_are_made(self, events: list[Event], words: dict[str, Any], notes: tuple[str, ...]) -> None:
        assert only(*events, answer(score=1, **words)).notes == notes


class TestAnsweringCloses:
    """An answer says how it was, and not that it is over."""

    check = AnsweringCloses()
    answered, closed = answer(6, 5), Event(at="2026-03-06T09:01Z", kind="closed", case="c", author="automatic")

    def found(self, *events: Event, check: Any = check) -> list[Finding]:
        plan = Plan(Calendar.always(), reply=Touch(due=ReplyDue()), checks=[check])
        return [f for f in plan.audit(Timeline(events), until=NOW) if f.policy == "AnsweringCloses"]

    def test_is_found(self) -> None:
        (finding,) = self.found(on(1, "opened"), self.answered, self.closed)
        assert (finding.kind, finding.certainty, finding.case) == ("forbidden", "proved", "c")
        assert finding.why == "closed on Fri 6 Mar 2026 09:01 with no other ground than the answer to a survey"
        assert finding.evidence == (self.answered.id, self.closed.id)

    @pytest.mark.parametrize("change", [{"author": ""}, {"author": "human"}, {"precision": "day"}])
    def test_is_possible_at_most_where_a_person_did_it(self, change: dict[str, str]) -> None:
        (finding,) = self.found(self.answered, attrs.evolve(self.closed, **change))  # type: ignore[arg-type]
        assert finding.certainty == "possible"

    @pytest.mark.parametrize(
        "events",
        [
            (on(3, "completed"), answered, closed),
            (answered, on(7, "closed", author="automatic")),
            (answered, Event(at="2026-03-06T09:00:30Z", kind="contact", case="c"), closed),
            (closed,),
        ],
    )
    def test_is_not_found_where_there_is_another_ground(self, events: tuple[Event, ...]) -> None:
        assert self.found(*events) == []

    def test_heeds_a_reopening(self) -> None:
        assert len(self.found(on(3, "completed"), on(4, "reopened"), self.answered, self.closed)) == 1
        late = on(7, "closed", author="automatic")
        assert len(self.found(self.answered, late, check=AnsweringCloses(days(1)))) == 1

    def test_is_a_check(self) -> None:
        assert isinstance(self.check, Check)
        assert self.check.explain() == (
            "a case is closed within 5 elapsed minutes of an answer to its survey, and for no other reason"
        )
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape('within points backward or nowhere: 0 elapsed')}"):
            AnsweringCloses(elapsed(hours=0))
