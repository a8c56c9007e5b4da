"""Question sets: what is asked depends on where the journey stands, at the sending and again at the opening."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Facts, Timeline, days
from carepolicy import question_sets as module
from carepolicy._instant import iso_or_none
from carepolicy.errors import InvalidPolicyError
from carepolicy.question_sets import (
    AFTER,
    BEFORE,
    CANCELLED,
    NEVER_COMPLETED,
    Chosen,
    Journeys,
    Question,
    QuestionSet,
    StillRight,
    choose_set,
    still_right,
)
from tests.journeys import NOW, on

STEP = QuestionSet("step", [Question("Did you hear from us in time?")], stage=BEFORE)
WHOLE = QuestionSet("whole", [Question("How satisfied are you?", overall=True)], stage=AFTER)
OFF = QuestionSet("called off", [Question("Why did you cancel?")], stage=CANCELLED)
LOST = QuestionSet("lost", [Question("What should we have done?")], stage=NEVER_COMPLETED)
SETS = (STEP, WHOLE, OFF, LOST)


def chosen(*events: Event, sets: Any = SETS, at: str = NOW, **more: Any) -> Chosen:
    return choose_set(sets, Timeline(events), at, case="c", **more)


def opened(events: list[Event], later: list[Event], sets: Any = SETS) -> StillRight:
    was = chosen(*events)
    log = Timeline([*events, on(11, "survey"), *later])
    return still_right(was, sets, log, "2026-03-20T09:00Z", case="c").state


class TestQuestionSet:
    """What cannot be asked yet is refused when it is written down."""

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            (("s", [Question("All in all?", overall=True)], BEFORE),
             "s asks for an overall score before completion: 'All in all?'; ask how this step went, and for the score"),
            (("s", [Question("a")], "later"), "stage is not known: 'later'; use one of before completion, after"),
            (("", [Question("a")]), "question set lacks a name or questions: ''; give both"),
            (("s", []), "question set lacks a name or questions: 's'; give both"),
        ],
    )  # fmt: skip
    def test_refuses(self, fields: tuple[Any, ...], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(problem)}"):
            QuestionSet(*fields)

    def test_refuses_an_empty_question(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^question is empty: ' '; give its text, or the key of it$"):
            Question(" ")

    def test_is_a_value(self) -> None:
        assert eval(repr(SETS), vars(module)) == pickle.loads(pickle.dumps(SETS)) == SETS
        assert eval(repr(Journeys()), {**vars(module)}) == Journeys()


class TestChoosing:
    """By where the journey stands."""

    @pytest.mark.parametrize(
        ("events", "name", "since"),
        [
            ([], "step", None),
            ([on(5, "completed")], "whole", "05"),
            ([on(5, "completed"), on(6, "reopened")], "step", "06"),
            ([on(5, "completed"), on(6, "reopened"), on(7, "completed")], "whole", "07"),
            ([on(5, "closed", purpose="cancelled")], "called off", "05"),
            ([on(5, "closed", purpose="cancelled"), on(6, "reopened")], "step", "06"),
            ([on(5, "closed", purpose="cancelled"), on(6, "completed")], "whole", "06"),
            ([on(5, "completed"), on(6, "closed", purpose="canceled")], "called off", "06"),
            ([on(1, "estimate", 4)], "step", None),
            ([on(4, "completed", case="other")], "step", None),
        ],
    )
    def test_takes_the_set_for_that(self, events: list[Event], name: str, since: str | None) -> None:
        found = chosen(on(1, "opened"), *events)
        assert found.set is not None
        assert (found.set.name, iso_or_none(found.since_us)) == (name, since and f"2026-03-{since}T09:00:00+00:00")
        assert (" since " in found.why) == bool(since)

    def test_gives_up_after_a_while(self) -> None:
        """A date that passed completes nothing; long after it the journey is taken to have no end."""
        log = [on(1, "opened"), on(1, "estimate", 4)]
        waiting = chosen(*log, journeys=Journeys(given_up=days(7)))
        assert (waiting.stage, str(waiting.review_at)) == (BEFORE, "2026-03-11 09:00:00+00:00")
        lost = chosen(*log, journeys=Journeys(given_up=days(7)), at="2026-03-11T09:00Z")
        assert (lost.set, lost.review_at) == (LOST, None)
        assert lost.why == "the journey stands never completed since Wed 11 Mar 2026 09:00: lost is asked"
        assert chosen(*log, journeys=Journeys(given_up=None), at="2027-03-11T09:00Z").set == STEP

    def test_asks_nothing_where_there_is_no_set(self) -> None:
        none = chosen(on(1, "opened"), sets=[WHOLE])
        assert none.set is None
        assert none.why == "the journey stands before completion: nothing is asked"

    def test_takes_facts_of_a_host(self) -> None:
        found = choose_set(SETS, Facts(completed="2026-03-05T09:00Z"), NOW)
        assert (found.set, found.since_us) == (WHOLE, chosen(on(5, "completed")).since_us)
        denver = choose_set(SETS, Facts(), NOW, calendar=Calendar.always("America/Denver"))
        assert (denver.set, denver.zone) == (STEP, "America/Denver")

    def test_is_looked_at_again_when_more_is_known(self) -> None:
        late = Event(at="2026-03-05T09:00Z", recorded_at="2026-03-12T09:00Z", kind="completed", case="c")
        assert str(chosen(on(1, "opened"), late).review_at) == "2026-03-12 09:00:00+00:00"

    def test_refuses_two_sets_for_one_stage(self) -> None:
        says = r"^two sets are for after completion: 'whole' and 'other'; keep one$"
        with pytest.raises(InvalidPolicyError, match=says):
            chosen(sets=[WHOLE, QuestionSet("other", [Question("a")])])


class TestOpening:
    """What was right when it was sent may not be when it is opened."""

    done, started = [on(5, "completed")], on(12, "answer", outcome="partial")

    @pytest.mark.parametrize(
        ("before", "later", "state"),
        [
            ([], [], "right"),
            (done, [], "right"),
            ([], [on(12, "completed")], "other set"),
            (done, [on(12, "reopened")], "withdrawn"),
            (done, [on(12, "reopened"), on(13, "completed")], "withdrawn"),
            (done, [started, on(12, "reopened")], "kept and flagged"),
            (done, [on(12, "answer")], "answered"),
            (done, [on(12, "answer"), on(13, "reopened")], "answered"),
            (done, [started], "right"),
            (done, [on(12, "completed", party="customer")], "right"),
            (done, [on(12, "closed", purpose="cancelled")], "other set"),
        ],
    )
    def test_is_checked_again(self, before: list[Event], later: list[Event], state: str) -> None:
        assert opened([on(1, "opened"), *before], later) == state

    def test_of_a_journey_for_which_there_is_no_set(self) -> None:
        assert opened([on(1, "opened")], [on(12, "completed")], sets=[STEP]) == "withdrawn"

    def test_keeps_what_was_answered(self) -> None:
        log = Timeline([on(1, "opened"), on(2, "survey"), on(3, "answer", outcome="started"), on(4, "completed")])
        found = still_right(chosen(on(1, "opened")), SETS, log, NOW, case="c")
        assert (found.state, found.half_filled, found.now.set) == ("other set", True, WHOLE)
        assert repr(found.state) == "StillRight.OTHER"
        assert found.review_at is None

    def test_counts_no_answer_to_an_earlier_survey(self) -> None:
        log = [on(1, "opened"), on(2, "survey"), on(3, "answer"), on(4, "completed"), on(5, "survey")]
        assert still_right(chosen(*log), SETS, Timeline(log), NOW, case="c").state == "right"
