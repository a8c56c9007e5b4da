"""Every due date of a clock explains itself: start, target, pauses, due."""

from __future__ import annotations

import re

import pytest

from carepolicy import Calendar, Event, PromiseKept, Timeline, days, elapsed, working
from carepolicy.cadence import Cadence
from carepolicy.clocks import FirstReply, FirstResolution, NextReply, TakeOver
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.pauses import explain_due

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="UTC")
NOW = "2026-03-31T09:00Z"
opened = Event(at="2026-03-02T09:00Z", kind="opened", case="c", customer="ann", party="customer")
paused = Event(
    at="2026-03-02T13:00Z",
    kind="paused",
    case="c",
    customer="ann",
    purpose="parts",
    party="desk",
    due="2026-03-03T13:00Z",
)
clock = FirstResolution(working(hours=16), pausable=True)


class TestExplainDue:
    """A due date names its start, its target and every pause that moved it."""

    def test_names_each_step(self) -> None:
        told = explain_due(clock, Timeline([opened, paused]), NOW, calendar=office)
        assert told.lines() == (
            "FirstResolution started Mon 2 Mar 2026 09:00",
            "16 working hours later: Wed 4 Mar 2026 09:00",
            "stood from Mon 2 Mar 2026 13:00 to Tue 3 Mar 2026 13:00: due Thu 5 Mar 2026 09:00",
            "due Thu 5 Mar 2026 09:00",
        )
        assert str(told.start) == "2026-03-02 09:00:00+00:00"
        assert str(told.due) == "2026-03-05 09:00:00+00:00"
        assert told.review_at is None

    def test_is_data_for_json(self) -> None:
        told = explain_due(clock, Timeline([opened, paused]), "2026-03-04T09:00Z", calendar=office)
        assert told.to_data() == {
            "clock": "FirstResolution",
            "customer": "ann",
            "case": "c",
            "within": "16 working hours",
            "start": "2026-03-02T09:00:00+00:00",
            "target": "2026-03-04T09:00:00+00:00",
            "pauses": [
                {
                    "begin": "2026-03-02T13:00:00+00:00",
                    "end": "2026-03-03T13:00:00+00:00",
                    "left_microseconds": 13 * 3_600_000_000,
                    "due": "2026-03-05T09:00:00+00:00",
                }
            ],
            "due": "2026-03-05T09:00:00+00:00",
            "review_at": "2026-03-05T09:00:00+00:00",
        }

    def test_of_what_has_not_started_or_runs_no_more(self) -> None:
        silent = explain_due(FirstReply(days(1)), Timeline([paused]), NOW)
        assert silent.lines() == ("FirstReply has not started",)
        assert (silent.start, silent.due) == (None, None)
        closed = Event(at="2026-03-02T12:00Z", kind="closed", case="c", customer="ann")
        assert explain_due(clock, Timeline([opened, closed]), NOW, calendar=office).lines()[-1] == "runs no more"

    def test_of_joined_clocks_is_that_of_the_first(self) -> None:
        asked = Event(at="2026-03-03T09:00Z", kind="contact", direction="inbound", case="c", customer="ann")
        joined = FirstResolution(days(9)) | NextReply(working(hours=1)) | Cadence(days(1))
        told = explain_due(joined, Timeline([opened, asked]), "2026-03-03T09:30Z", calendar=office)
        assert (told.clock, str(told.due)) == ("NextReply", "2026-03-03 10:00:00+00:00")
        assert str(told.review_at) == "2026-03-03 10:00:00+00:00"

    def test_of_joined_clocks_leaves_out_what_knows_nothing_of_the_case(self) -> None:
        asked = Event(at="2026-03-03T09:00Z", kind="contact", direction="inbound", case="d", customer="ann")
        joined = TakeOver(days(9)) | NextReply(days(1))
        assert explain_due(joined, Timeline([asked]), NOW, case="d").clock == "NextReply"

    def test_of_what_is_no_clock_or_nobody(self) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape("; ask its decision for the reasons")):
            explain_due(Cadence(days(1)), Timeline([opened]), NOW)
        with pytest.raises(UnknownNameError, match=r"nothing is known of case='d'"):
            explain_due(clock, Timeline([opened]), NOW, case="d")


class TestPromisedDates:
    """A date that was promised is never moved by a pause."""

    def test_stands(self) -> None:
        promised = Event(
            at="2026-03-02T10:00Z", kind="promise", case="c", customer="ann", party="desk", due="2026-03-03T09:00Z"
        )
        decision = PromiseKept().decide(Timeline([opened, promised, paused]), NOW, calendar=office)
        assert str(decision.due) == "2026-03-03 09:00:00+00:00"
        moved = FirstResolution(elapsed(hours=24), pausable=True).decide(Timeline([opened, paused]), NOW)
        assert str(moved.due) == "2026-03-04 09:00:00+00:00"
