"""Readers: nobody is asked whose answer nobody reads."""

from __future__ import annotations

import pyarrow as pa
import pytest

from carepolicy import (
    Calendar,
    Event,
    Plan,
    QuietHours,
    ReaderReady,
    Timeline,
    Touch,
    days,
    elapsed,
    working,
    working_days,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.reader import in_time_for
from carepolicy.table import decide_table
from carepolicy.testing import check_policy
from tests.journeys import NOW, on
from tests.tables import decisions_of, said


def verdict(*events: Event) -> str:
    return ReaderReady("anna").decide(Timeline(events), NOW).verdict.value


class TestReaderReady:
    """Somebody owns the answers, reads them and replies."""

    away = on(2, "paused", purpose="reader")

    def test_waits_while_the_reader_is_away(self) -> None:
        assert verdict() == "go"
        assert verdict(self.away) == "wait"
        assert verdict(self.away, on(3, "resumed", purpose="reader")) == "go"
        assert verdict(on(2, "paused", purpose="waiting for the customer")) == "go"

    @pytest.mark.parametrize(
        ("words", "heard"),
        [
            ({}, "go"),
            ({"author": "automatic"}, "wait"),
            ({"direction": "inbound", "party": "customer"}, "wait"),
            ({"purpose": "marketing"}, "wait"),
        ],
    )
    def test_waits_until_the_last_answer_has_a_reply_of_a_person(self, words: dict[str, str], heard: str) -> None:
        reply = on(4, "contact", **{"direction": "outbound", "purpose": "reply", "party": "anna", **words})
        assert verdict(on(3, "answer")) == "wait"
        assert verdict(on(3, "answer"), reply) == heard
        assert verdict(on(3, "answer"), reply, on(5, "answer")) == "wait"

    def test_says_so_in_words(self) -> None:
        assert ReaderReady().explain() == "customer care reads the answer and replies"
        (reason,) = ReaderReady().decide(Timeline([self.away]), NOW).reasons
        assert reason.awaits == "somebody to read the answer, and a reply to the last one"
        with pytest.raises(InvalidPolicyError, match=r"^reader is nobody: ' '; name who reads the answers, or do not"):
            ReaderReady(" ")


DESK = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris", holidays=["2026-04-06"])
"""Easter Monday is a day off."""


class TestHours:
    """Asked is only when somebody will be there once the answer comes."""

    staffed = ReaderReady("desk", hours=DESK, within=elapsed(hours=4), lag=elapsed(hours=48))

    @pytest.mark.parametrize(
        ("asked", "acts"),
        [
            ("2026-03-11T10:00+01:00", "2026-03-11 05:00"),  # a Wednesday: the answer comes on Friday at ten
            ("2026-03-11T03:00+01:00", "2026-03-11 05:00"),  # on Friday at three: four hours later nobody is there
            ("2026-03-11T17:00+01:00", "2026-03-14 05:00"),  # on Friday at five, when everybody goes: over to Monday
            ("2026-04-03T18:00+02:00", "2026-04-05 05:00"),  # Easter Monday is off: on Tuesday
            ("2026-03-27T17:00+01:00", "2026-03-28 04:00"),  # the clocks change on the way: 48 hours are 48 hours
        ],
    )
    def test_are_those_of_the_desk_moved_back(self, asked: str, acts: str) -> None:
        decision = self.staffed.decide(Timeline([]), asked, calendar=Calendar.always("Europe/Paris"))
        assert str(decision.act_at)[:16] == acts
        assert decision.verdict == ("go" if str(decision.act_at) <= asked.replace("T", " ") else "wait")

    def test_keep_the_hour_where_days_are_counted(self) -> None:
        asks = in_time_for(DESK, within=elapsed(hours=4), lag=days(2))
        assert str(asks.next_open("2026-03-27T17:00+01:00")) == "2026-03-28 05:00:00+01:00"
        assert str(asks.next_close("2026-03-28T05:00+01:00")) == "2026-03-28 17:00:00+01:00"

    def test_join_with_those_of_the_recipient(self) -> None:
        guard = self.staffed & QuietHours("Europe/Paris")
        decision = guard.decide(Timeline([]), "2026-03-13T22:00+01:00", calendar=Calendar.always("Europe/Paris"))
        assert str(decision.act_at) == "2026-03-14 08:00:00+01:00"

    def test_have_dates_of_their_own(self) -> None:
        """Working days are the days on which it may be asked: Saturday to Wednesday."""
        asks = in_time_for(DESK, within=elapsed(hours=4), lag=days(2))
        assert str(asks.add("2026-03-11T12:00+01:00", working_days(1))) == "2026-03-14 12:00:00+01:00"
        assert (
            repr(asks) == "in_time_for(Calendar.weekly('Mon-Fri 09:00-17:00', zone='Europe/Paris', "
            "holidays=[date(2026, 4, 6)]), within=elapsed(hours=4), lag=days(2))"
        )

    def test_count_no_working_time(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^within counts working time: 4 working hours; use days\(...\) or"
        ):
            ReaderReady("desk", hours=DESK, within=working(hours=4))
        with pytest.raises(InvalidPolicyError, match=r"^lag counts working time: 2 working days; use days\(...\) or"):
            ReaderReady("desk", hours=DESK, lag=working_days(2))

    @pytest.mark.parametrize("zone", ["", "America/Denver"])
    def test_are_ours_wherever_the_customer_is(self, zone: str) -> None:
        """The desk keeps its hours, the night is theirs; a table says the same."""
        plan = Plan(Calendar.always("Europe/Paris"), survey=Touch(guard=self.staffed & QuietHours("Europe/Paris")))
        zones = {"ann": zone} if zone else {}
        review = plan.review(Timeline([]), at="2026-03-14T06:00+01:00", roster=["ann"], zones=zones)
        assert str(review.decisions[0].act_at) == ("2026-03-14 15:00:00+01:00" if zone else "2026-03-14 08:00:00+01:00")
        row = {name: [None] for name in plan.facts} | {"customer": ["ann"]} | ({"zone": [zone]} if zone else {})
        table = decide_table(plan, pa.table(row), "2026-03-14T06:00+01:00")
        assert decisions_of(table) == [said(decision) for decision in review]

    def test_are_said(self) -> None:
        assert self.staffed.explain() == (
            "desk reads the answer and replies, and is there within 4 elapsed hours of an answer that comes "
            "48 elapsed hours later"
        )


class TestBacklog:
    """A reader who has no time for more says until when."""

    busy = ReaderReady("desk", backlog=True, within=days(1), lag=days(2))

    def test_is_over_when_the_answer_comes(self) -> None:
        note = on(9, "note", purpose="reader_backlog", due=16)
        decision = self.busy.decide(Timeline([note]), NOW)
        assert (decision.verdict, str(decision.opens)) == ("wait", "2026-03-13 09:00:00+00:00")
        assert self.busy.decide(Timeline([]), NOW).verdict == "go"
        assert self.busy.explain() == "desk reads the answer and replies, and has time for it"

    def test_without_an_end_waits_for_word(self) -> None:
        note = on(9, "note", purpose="reader_backlog")
        assert self.busy.decide(Timeline([note]), NOW).is_awaiting

    def test_is_no_matter_unless_asked_for(self) -> None:
        assert "backlog_until" not in ReaderReady().needs()


@pytest.mark.parametrize(
    "guard", [ReaderReady("desk", hours=DESK, lag=days(2)), ReaderReady("desk", hours=DESK, backlog=True)], ids=repr
)
def test_keeps_the_laws(guard: ReaderReady) -> None:
    check_policy(guard, examples=20)
