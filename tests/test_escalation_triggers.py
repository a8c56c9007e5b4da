"""Triggers: when a case must go up, and when it no longer must."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from carepolicy import Cadence, Calendar, Event, Facts, Heartbeat, Parties, PromiseKept, Timeline, days, first_of
from carepolicy.errors import InvalidPolicyError
from carepolicy.ownership import NotEmpowered, OwnerAbsent
from carepolicy.span import elapsed, working, working_days
from carepolicy.tallies import KthChase, KthUnkept
from carepolicy.triggers import (
    BrokenPromises,
    ChasedAgain,
    CustomerAsks,
    ExecutiveInvolved,
    SeverityAtLeast,
    ShareUsed,
    SilentFor,
)

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")


def on(day: int, kind: str, due: int | None = None, *, hour: int = 9, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T17:00Z"
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"case": "c", "party": "agent", **words})


def asks(day: int, hour: int = 9, **words: Any) -> Event:
    usual = {"party": "customer", "direction": "inbound", "channel": "email", "outcome": "delivered"}
    return on(day, "contact", hour=hour, **{**usual, "purpose": "status", **words})


def says(day: int, hour: int = 9, **words: Any) -> Event:
    usual = {"direction": "outbound", "channel": "email", "outcome": "delivered", "purpose": "update"}
    return on(day, "contact", hour=hour, **{**usual, **words})


def due(trigger: Any, *events: Event, at: str = "2026-03-31T09:00Z", calendar: Calendar = office) -> str:
    decision = trigger.decide(Timeline(events), at, calendar=calendar, parties=Parties(partners=["shop"]))
    return str(decision.due)[5:16] if decision.due else "none"


opened = on(2, "opened")  # a Monday


class TestShareUsed:
    """A share of the open time from what started a clock to when it falls due."""

    def test_counts_open_time(self) -> None:
        """Of three working days from Monday 09:00 a half is Tuesday 13:00, not the night."""
        clock = Heartbeat(every=working_days(3))
        assert due(clock, opened) == "03-05 09:00"
        assert due(ShareUsed(clock, percent=50), opened) == "03-03 13:00"
        assert due(ShareUsed(clock, percent=100), opened) == "03-04 17:00"  # by then all the open time is gone
        assert due(ShareUsed(clock, percent=50), opened, calendar=Calendar.always()) == "03-03 21:00"

    def test_follows_the_clock(self) -> None:
        clock = ShareUsed(Heartbeat(every=working_days(4)), percent=25)
        assert due(clock, opened) == "03-02 17:00"
        assert due(clock, opened, says(4)) == "03-04 17:00"
        assert due(clock, opened, on(3, "closed")) == "none"

    def test_takes_any_clock(self) -> None:
        assert due(ShareUsed(Cadence(days(10)), 50), opened, calendar=Calendar.always()) == "03-07 09:00"
        assert due(ShareUsed(PromiseKept(), 50), on(2, "promise", 3, ref="r")) == "03-02 17:00"

    def test_of_no_open_time_is_used_up_when_due(self) -> None:
        weekend = Event(at="2026-03-07T10:00Z", kind="promise", case="c", due="2026-03-08T10:00Z", party="agent")
        assert due(ShareUsed(PromiseKept(), 50), weekend) == "03-08 10:00"

    def test_of_what_nobody_knows_the_start_of_is_used_up_when_due(self) -> None:
        facts = Facts(left="2026-03-02T09:00Z", sold="2026-03-01T09:00Z")
        assert ShareUsed(Cadence(days(10)), 50).decide_facts(facts, "2026-03-05T09:00Z").due is None

    def test_refuses_what_is_not_one_clock(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^clock is no duty: 3; use e\.g\. Heartbeat\(working_days\(5\)\)$"
        ):
            ShareUsed(3)  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match="clock is no duty: <class"):
            ShareUsed(Heartbeat)  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match=r"clock is several: first_of.*give each its own ShareUsed"):
            ShareUsed(first_of(PromiseKept(), Heartbeat(days(2))))

    @pytest.mark.parametrize("percent", [0, -5, 1.5, True, "75"])
    def test_refuses_what_is_no_share(self, percent: Any) -> None:
        with pytest.raises(InvalidPolicyError, match="percent must be a whole number from 1, got "):
            ShareUsed(PromiseKept(), percent)

    def test_refuses_more_than_all(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^percent is more than all of it: 101; use 1 to 100$"):
            ShareUsed(PromiseKept(), 101)


class TestBrokenPromises:
    """So many promises in one case were broken."""

    two = (on(2, "promise", 4, ref="a"), on(2, "promise", 6, ref="b"))

    def test_falls_due_with_the_date_that_makes_the_level(self) -> None:
        assert due(BrokenPromises(2), *self.two) == "03-06 17:00"
        assert due(BrokenPromises(1), *self.two) == "03-04 17:00"
        assert due(BrokenPromises(3), *self.two) == "none"

    def test_looks_ahead_in_what_is_promised(self) -> None:
        """The level is known before it is reached: as things stand."""
        assert due(BrokenPromises(2), *self.two, at="2026-03-03T09:00Z") == "03-06 17:00"

    def test_what_was_kept_in_time_withdrawn_or_replaced_is_not_broken(self) -> None:
        assert due(BrokenPromises(2), *self.two, on(4, "kept", ref="a", hour=17)) == "none"
        assert due(BrokenPromises(2), *self.two, on(3, "withdrawn", ref="a")) == "none"
        assert due(BrokenPromises(2), *self.two, on(3, "promise", 9, ref="a")) == "03-09 17:00"

    def test_what_was_kept_late_was_broken(self) -> None:
        assert due(BrokenPromises(2), *self.two, on(5, "kept", ref="a"), on(9, "kept", ref="b")) == "03-06 17:00"

    def test_a_new_date_for_a_broken_promise_does_not_mend_it(self) -> None:
        again = (on(2, "promise", 4, ref="a"), on(5, "promise", 9, ref="a"))
        assert due(BrokenPromises(2), *again) == "03-09 17:00"

    def test_one_without_a_date_cannot_be_broken(self) -> None:
        assert due(BrokenPromises(1), on(2, "promise", ref="a")) == "none"

    def test_counts_each_case_by_itself_and_while_it_is_open(self) -> None:
        assert due(BrokenPromises(2), self.two[0], attrs.evolve(self.two[1], case="d")) == "none"
        assert due(BrokenPromises(2), opened, *self.two, on(20, "closed")) == "none"
        assert due(BrokenPromises(2), *self.two, on(20, "closed"), on(21, "reopened")) == "03-06 17:00"

    def test_counts_those_of_some(self) -> None:
        assert due(BrokenPromises(1, by="shop"), *self.two) == "none"
        assert due(BrokenPromises(1, by="shop"), on(2, "promise", 5, party="shop")) == "03-05 17:00"

    def test_refuses_no_promise(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^at_level must be a whole number from 1, got 0$"):
            BrokenPromises(0)


class TestChasedAgain:
    """The customer had to ask so many times with cause."""

    estimate = on(2, "estimate", 10)

    def test_an_ask_while_a_date_lies_ahead_has_no_cause(self) -> None:
        assert due(ChasedAgain(1), opened, self.estimate, asks(5)) == "none"

    def test_no_date_and_a_date_that_has_passed_are_cause(self) -> None:
        assert due(ChasedAgain(1), opened, asks(5)) == "03-05 09:00"
        assert due(ChasedAgain(1), opened, self.estimate, asks(11)) == "03-11 09:00"
        assert due(ChasedAgain(1), opened, on(2, "estimate"), asks(5)) == "03-05 09:00"

    def test_an_unanswered_message_is_cause(self) -> None:
        assert due(ChasedAgain(1), opened, self.estimate, asks(4), asks(5)) == "03-05 09:00"
        assert due(ChasedAgain(1), opened, self.estimate, asks(4), says(4, 12), asks(5)) == "none"

    def test_a_talk_answers_itself(self) -> None:
        talk = asks(4, channel="phone", outcome="conversation")
        assert due(ChasedAgain(1), opened, self.estimate, talk, asks(5)) == "none"

    def test_an_automatic_answer_is_none(self) -> None:
        auto = says(4, 12, author="automatic")
        assert due(ChasedAgain(1), opened, self.estimate, asks(4), auto, asks(5)) == "03-05 09:00"

    def test_an_urgent_one_always_counts(self) -> None:
        assert due(ChasedAgain(1), opened, self.estimate, asks(4, purpose="urgent")) == "03-04 09:00"

    def test_takes_as_many_as_it_says_and_keeps_the_instant(self) -> None:
        chasers = [asks(day) for day in (5, 6, 9)]
        assert due(ChasedAgain(2), opened, *chasers[:1]) == "none"
        assert due(ChasedAgain(2), opened, *chasers) == "03-06 09:00"
        assert due(ChasedAgain(2), opened, *chasers, on(10, "completed")) == "none"

    def test_a_reply_or_a_call_of_ours_is_no_ask(self) -> None:
        assert due(ChasedAgain(1), opened, asks(5, purpose="reply"), says(6, purpose="status")) == "none"


class TestSilentFor:
    """Nobody has told the customer anything for so long."""

    rule = SilentFor(working_days(3))

    def test_counts_from_the_last_word_while_the_case_is_open(self) -> None:
        assert due(self.rule, opened) == "03-05 09:00"
        assert due(self.rule, opened, says(4)) == "03-09 09:00"
        assert due(self.rule, opened, says(4), on(5, "closed")) == "none"
        assert due(self.rule, says(4)) == "none"

    def test_a_reminder_voicemail_or_message_of_theirs_is_no_word(self) -> None:
        for other in (says(4, author="automatic"), says(4, outcome="voicemail"), asks(4)):
            assert due(self.rule, opened, other) == "03-05 09:00"
        assert due(self.rule, opened, asks(4, channel="phone", outcome="conversation", party="agent")) == "03-09 09:00"


class TestSeverityAtLeast:
    """The trouble is assessed as so severe."""

    def test_falls_due_with_the_assessment_until_it_eases(self) -> None:
        critical = on(3, "trouble", purpose="critical")
        assert due(SeverityAtLeast("serious"), critical) == "03-03 09:00"
        assert due(SeverityAtLeast("serious"), critical, on(4, "trouble", purpose="minor")) == "none"
        assert due(SeverityAtLeast("serious"), critical, on(4, "trouble_over")) == "none"
        assert due(SeverityAtLeast("serious"), critical, on(4, "completed")) == "none"
        assert due(SeverityAtLeast("critical"), on(3, "trouble", purpose="serious")) == "none"
        assert due(SeverityAtLeast("nuisance"), on(3, "trouble", purpose="nuisance")) == "03-03 09:00"
        assert due(SeverityAtLeast("nuisance"), on(3, "trouble")) == "none"

    def test_refuses_what_is_no_band(self) -> None:
        with pytest.raises(
            InvalidPolicyError,
            match=r"^band is no band of severity: 'bad'; use one of nuisance, minor, serious, critical$",
        ):
            SeverityAtLeast("bad")

    def test_says_what_it_asks_for(self) -> None:
        said = [SeverityAtLeast(band).explain() for band in ("serious", "critical")]
        assert said == ["the trouble is serious or worse", "the trouble is critical"]


class TestOwnership:
    """A case that nobody has in hand, or whoever has it may not do what it needs."""

    def test_somebody_away_must_be_replaced(self) -> None:
        rule, away = OwnerAbsent(working(hours=4)), on(3, "note", purpose="away")
        assert due(rule, away) == "03-03 13:00"
        assert due(rule, away, on(3, "accepted", party="other", hour=11)) == "none"
        assert due(rule, away, on(4, "note", purpose="back")) == "none"
        assert due(rule, away, on(3, "closed", hour=10)) == "none"
        assert due(rule, on(3, "note", purpose="remark")) == "none"

    def test_so_must_somebody_who_handed_it_on_to_nobody(self) -> None:
        rule = OwnerAbsent(elapsed(hours=1))
        assert due(rule, on(3, "handed")) == "03-03 10:00"
        assert due(rule, on(3, "handed"), on(3, "accepted", hour=12)) == "none"

    def test_what_was_asked_for_must_be_granted(self) -> None:
        rule, asked = NotEmpowered(), on(3, "asked", purpose="authority")
        assert due(rule, asked) == "03-03 09:00"
        assert due(NotEmpowered(working(hours=2)), asked) == "03-03 11:00"
        assert due(rule, asked, on(3, "note", purpose="granted", hour=10)) == "none"
        assert due(rule, asked, on(3, "accepted", hour=10)) == "none"
        assert due(rule, on(3, "asked", fact="name")) == "none"


class TestThoseWhoAsk:
    """The customer asks for a manager; the customer's executive turns up."""

    def test_a_manager_is_owed_even_after_the_end(self) -> None:
        wanted = asks(5, purpose="escalate")
        assert due(CustomerAsks(), wanted) == "03-05 09:00"
        assert due(CustomerAsks(), on(4, "closed"), wanted, on(6, "closed")) == "03-05 09:00"

    def test_until_somebody_has_called_about_it(self) -> None:
        wanted, mail = asks(5, purpose="escalate"), says(6, purpose="escalate")
        assert due(CustomerAsks(), wanted, mail) == "03-05 09:00"
        call = attrs.evolve(mail, channel="phone", outcome="conversation")
        assert due(CustomerAsks(), wanted, call) == "none"

    def test_an_executive_of_theirs_is_called_back(self) -> None:
        heard = asks(5, purpose="question", person="executive")
        assert due(ExecutiveInvolved(), heard) == "03-05 09:00"
        call = says(6, channel="phone", outcome="conversation")
        assert due(ExecutiveInvolved(), heard, call) == "03-05 09:00"
        assert due(ExecutiveInvolved(), heard, attrs.evolve(call, person="executive")) == "none"
        assert due(ExecutiveInvolved("chair"), heard) == "none"


class TestTogether:
    """Triggers join with |, and speak plainly."""

    def test_the_first_counts(self) -> None:
        joined = SilentFor(working_days(3)) | CustomerAsks()
        assert due(joined, opened) == "03-05 09:00"
        assert due(joined, opened, asks(3, purpose="escalate")) == "03-03 09:00"

    def test_each_explains_itself(self) -> None:
        rules: list[Any] = [
            ShareUsed(Heartbeat(days(2))), BrokenPromises(), ChasedAgain(), SilentFor(days(5)), OwnerAbsent(),
            NotEmpowered(), NotEmpowered(elapsed(hours=1)), CustomerAsks(), ExecutiveInvolved(),
        ]  # fmt: skip
        assert [rule.explain() for rule in rules] == [
            "75 % of the time is gone for an update on open work every 2 days, even when nothing has changed",
            "2 broken promises in one case",
            "the customer had cause to ask 2 times",
            "5 days without a word to the customer",
            "the owner is away or handed the case on, and nobody took over within 4 elapsed hours",
            "authority or competence was asked for and not granted",
            "authority or competence was asked for and not granted within 1 elapsed hour",
            "the customer asks for a manager",
            "the customer's executive turns up",
        ]

    def test_the_folds_refuse_to_count_from_nothing(self) -> None:
        with pytest.raises(InvalidPolicyError, match="k must be a whole number from 1, got 0"):
            KthUnkept("promise", until="kept", k=0)
        with pytest.raises(InvalidPolicyError, match="k must be a whole number from 1, got 0"):
            KthChase("contact", urgent="contact", heard="contact", answered="contact", ahead="promise", k=0)
