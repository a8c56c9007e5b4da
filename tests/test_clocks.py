"""Clocks of a case: what starts, stops and ends each, at the edges where other systems were wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import (
    ALWAYS,
    Calendar,
    Event,
    Facts,
    Parties,
    Plan,
    Span,
    Timeline,
    Touch,
    Verdict,
    Which,
    days,
    elapsed,
    first_of,
    working,
    working_days,
)
from carepolicy.clocks import (
    Acknowledgement,
    FirstReply,
    FirstResolution,
    NextReply,
    TakeOver,
    TotalResolution,
    Turnaround,
)
from carepolicy.errors import InvalidPolicyError
from carepolicy.pauses import Clock

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="UTC")
parties = Parties(partners="shop")


def on(when: str, kind: str, **words: Any) -> Event:
    """An event of March 2026, "02T09" being Monday the second at nine."""
    due = words.pop("due", None)
    return Event(
        at=f"2026-03-{when}:00Z", kind=kind, due=due and f"2026-03-{due}:00Z", **{"case": "c", "party": "desk", **words}
    )


def asks(when: str, **words: Any) -> Event:
    return on(when, "contact", **{"direction": "inbound", "channel": "email", "party": "customer", **words})


def replied(when: str, kind: str = "contact", **words: Any) -> Event:
    return on(when, kind, **{"direction": "outbound", "channel": "email", "outcome": "delivered", **words})


def pause(when: str, until: str, **words: Any) -> Event:
    return on(when, "paused", **{"purpose": "parts", "due": until, **words})


def due(clock: Any, *events: Event, at: str = "31T09", calendar: Calendar = office, case: str = "c") -> str:
    """When a clock is due, as in "02T13"; "none" where it does not run."""
    decision = clock.decide(Timeline(events), f"2026-03-{at}:00Z", calendar=calendar, parties=parties, case=case)
    return "none" if decision.due is None else decision.due.in_timezone("UTC").format("DD[T]HH:mm").removesuffix(":00")


LESS = [
    {"author": "automatic"},
    {"outcome": "voicemail", "channel": "phone"},
    {"direction": ""},
    {"kind": "note"},
    {"kind": "closed"},
    {"kind": "handed"},
    {"kind": "paused", "purpose": "parts"},
    {"case": "other"},
    {"party": "customer"},
]


class TestFirstReply:
    """A first reply by a person, from the opening or the customer's first words."""

    clock = FirstReply(working(hours=4))
    opened = on("02T09", "opened", party="customer")

    def test_runs_from_the_opening_until_a_reply(self) -> None:
        assert due(self.clock, self.opened) == "02T14"
        assert due(self.clock, self.opened, replied("02T10")) == "none"
        assert due(self.clock, self.opened, asks("02T11")) == "02T14"
        assert due(self.clock, self.opened, replied("02T10"), asks("02T11")) == "none"

    @pytest.mark.parametrize("change", LESS)
    def test_is_not_ended_by_anything_less(self, change: dict[str, Any]) -> None:
        assert due(self.clock, self.opened, replied("02T10", **change)) == "02T14"

    def test_a_talk_ends_it_whoever_began_it(self) -> None:
        call = asks("02T10", channel="phone", outcome="conversation")
        assert due(self.clock, self.opened, call) == "none"
        assert due(self.clock, on("02T10", "opened"), call) == "none"

    def test_waits_for_the_first_words_of_a_customer_who_never_spoke(self) -> None:
        on_behalf = on("02T09", "opened", party="desk")
        assert due(self.clock, on_behalf) == "none"
        assert due(self.clock, on_behalf, replied("02T10")) == "none"
        assert due(self.clock, on_behalf, replied("02T10"), asks("03T09")) == "03T14"
        assert due(self.clock, on("02T09", "opened", party="")) == "02T14"
        assert due(self.clock, asks("02T08"), on_behalf) == "02T14"
        assert due(self.clock, asks("02T08")) == "02T12"

    def test_may_start_at_once(self) -> None:
        decision = self.clock.decide(Timeline([self.opened]), "2026-03-02T09:30Z", calendar=office)
        assert decision.verdict is Verdict.GO
        assert str(decision.review_at) == "2026-03-02 14:00:00+00:00"

    def test_a_reply_exactly_at_due_is_in_time(self) -> None:
        plan = Plan(office, reply=Touch(due=self.clock))
        for reply, kinds in {"02T14": [], "02T15": ["late"]}.items():
            audit = plan.audit(Timeline([self.opened, replied(reply)]), "2026-03-31T09:00Z")
            assert [f.kind for f in audit.findings if f.policy == "FirstReply"] == kinds

    def test_closing_or_handing_on_without_a_word_does_not_end_it(self) -> None:
        assert due(self.clock, self.opened, on("02T10", "closed")) == "02T14"
        assert due(self.clock, self.opened, on("02T10", "handed"), on("02T11", "accepted", party="shop")) == "02T14"
        assert due(self.clock, self.opened, on("03T10", "reopened")) == "02T14"

    def test_what_waits_in_a_merged_case_is_owed_until_a_reply_in_either(self) -> None:
        merged = on("02T10", "merged", ref="d")
        assert due(self.clock, self.opened, merged) == "02T14"
        assert due(self.clock, self.opened, merged, replied("02T11", case="d")) == "none"
        assert due(self.clock, self.opened, merged, replied("02T11")) == "none"
        assert due(self.clock, self.opened, merged, asks("02T11", case="d")) == "02T14"
        assert due(self.clock, self.opened, merged, replied("02T11", case="e")) == "02T14"
        assert due(self.clock, self.opened, replied("02T09", case="d"), merged) == "02T14"

    def test_of_a_merged_case_without_words_of_the_customer_none_is_owed(self) -> None:
        asked_before = asks("02T08"), replied("02T08", id="z"), on("02T09", "opened", party="desk")
        assert due(self.clock, *asked_before) == "02T14"
        assert due(self.clock, *asked_before, on("02T10", "merged", ref="d")) == "none"

    def test_a_merged_case_that_was_answered_owes_no_second_first_reply(self) -> None:
        merged, answer = on("02T10", "merged", ref="d"), replied("02T11", case="d")
        assert due(self.clock, self.opened, merged, answer, asks("02T14")) == "none"
        assert due(self.clock, self.opened, replied("02T09"), merged, asks("02T14")) == "none"

    def test_a_split_case_starts_anew(self) -> None:
        new = on("03T09", "opened", case="d")
        split = on("03T09", "split", case="d", ref="c")
        old = (self.opened, replied("02T10"))
        assert due(self.clock, *old, new, split, case="d") == "03T14"
        assert due(self.clock, *old, new, split, case="c") == "none"

    def test_an_answer_in_the_other_case_is_no_breach(self) -> None:
        plan = Plan(office, reply=Touch(due=self.clock), checks=[])
        for answered, kinds in {"02T14": [], "02T15": ["late"]}.items():
            log = Timeline([self.opened, on("02T10", "merged", ref="d"), replied(answered, case="d")])
            assert [f.kind for f in plan.audit(log, "2026-03-31T09:00Z").findings] == kinds

    def test_duplicates_and_late_records_change_nothing_but_when_it_is_known(self) -> None:
        late = replied("02T10", recorded_at="2026-03-05T09:00Z")
        assert due(self.clock, self.opened, self.opened, late, at="04T09") == "02T14"
        assert due(self.clock, self.opened, late, late, at="05T09") == "none"

    def test_who_may_reply_is_a_choice(self) -> None:
        ours = FirstReply(working(hours=4), by="us")
        assert due(ours, self.opened, replied("02T10", party="shop")) == "02T14"
        assert due(self.clock, self.opened, replied("02T10", party="shop")) == "none"


class TestNextReply:
    """A reply to the oldest message that nobody has answered."""

    clock = NextReply(working(hours=2))

    def test_counts_from_the_oldest_and_a_chaser_never_restarts_it(self) -> None:
        assert due(self.clock, asks("02T09")) == "02T11"
        assert due(self.clock, asks("02T09"), asks("02T10", purpose="status"), asks("03T10")) == "02T11"
        assert due(self.clock, asks("02T09"), replied("02T10"), asks("02T14")) == "02T16"
        assert due(self.clock, replied("02T10")) == "none"

    @pytest.mark.parametrize("change", LESS)
    def test_is_not_ended_by_anything_less(self, change: dict[str, Any]) -> None:
        assert due(self.clock, asks("02T09"), replied("02T10", **change)) == "02T11"

    def test_each_chaser_is_no_miss_of_its_own(self) -> None:
        log = Timeline([asks("02T09"), asks("03T09"), asks("04T09"), replied("05T09")])
        findings = Plan(office, reply=Touch(due=self.clock), checks=[]).audit(log, "2026-03-31T09:00Z").findings
        assert [(f.kind, str(f.at)[:16]) for f in findings] == [("late", "2026-03-02 11:00")]

    def test_may_leave_the_first_reply_to_its_own_clock(self) -> None:
        after = NextReply(working(hours=2), after_first=True)
        assert due(after, asks("02T09")) == "none"
        assert due(after, asks("02T09"), replied("02T10"), asks("02T14")) == "02T16"
        joined = FirstReply(working_days(2)) | after
        assert due(joined, asks("02T09")) == "04T09"

    def test_handing_on_does_not_end_it(self) -> None:
        assert due(self.clock, asks("02T09"), on("02T10", "handed"), on("02T10", "accepted")) == "02T11"

    def test_a_message_travels_with_the_case_that_is_merged(self) -> None:
        merged = on("02T10", "merged", ref="d")
        waits = asks("02T09"), merged
        assert due(self.clock, *waits) == "02T11"
        assert due(self.clock, *waits, asks("02T11", case="d")) == "02T11"
        assert due(self.clock, *waits, asks("02T11", case="d"), case="d") == "02T14"
        assert due(self.clock, *waits, asks("03T09")) == "02T11"
        assert due(self.clock, *waits, replied("02T11")) == "none"
        assert due(self.clock, *waits, replied("02T11", case="d")) == "none"
        assert due(self.clock, *waits, replied("02T11", case="e")) == "02T11"
        assert due(self.clock, *waits, replied("02T11", customer="bob", case="d"), case="c") == "02T11"
        assert due(self.clock, asks("02T09"), replied("02T09", case="d"), merged) == "02T11"

    def test_a_message_in_a_case_that_was_merged_before_is_answered_there_or_in_the_other(self) -> None:
        answered = asks("02T09"), on("02T10", "merged", ref="d"), replied("02T11", case="d")
        assert due(self.clock, *answered, asks("02T14")) == "02T16"
        assert due(self.clock, *answered, asks("02T14"), replied("02T15", case="d")) == "none"
        assert due(self.clock, *answered, asks("02T14"), replied("02T15")) == "none"

    def test_it_travels_on_where_the_other_is_merged_in_its_turn(self) -> None:
        there = asks("02T09"), on("02T10", "merged", ref="d"), on("02T11", "merged", case="d", ref="e")
        assert due(self.clock, *there, case="c") == "02T11"
        assert due(self.clock, *there, replied("02T14", case="e")) == "none"
        assert due(self.clock, *there, replied("02T14", case="d")) == "none"
        assert due(self.clock, *there, on("02T14", "merged", case="e", ref="c"), case="c") == "02T11"
        before = asks("02T09"), on("02T10", "merged", case="d", ref="e"), on("02T11", "merged", ref="d")
        assert due(self.clock, *before, replied("02T14", case="e")) == "none"
        assert due(self.clock, *before, replied("02T10", case="e"), case="c") == "02T11"

    def test_merged_into_nothing_that_is_named_it_is_owed_where_it_was_written(self) -> None:
        nowhere = asks("02T09"), on("02T10", "merged"), replied("02T11", case=""), replied("02T11", case="d")
        assert due(self.clock, *nowhere, case="c") == "02T11"
        assert due(self.clock, *nowhere, replied("02T14"), case="c") == "none"

    def test_a_pause_before_the_message_that_waits_now_gives_nothing_back(self) -> None:
        clock = NextReply(working(hours=2), pausable=True)
        answered = asks("02T09"), on("02T10", "merged", ref="d"), replied("02T11", case="d")
        assert due(clock, *answered, pause("02T13", "02T16"), asks("02T14")) == "02T16"
        assert due(clock, *answered, asks("02T14"), pause("02T15", "02T16")) == "02T17"

    def test_joined_with_a_first_reply_it_takes_over_once_that_was_given_in_the_other_case(self) -> None:
        joined = FirstReply(working_days(2)) | NextReply(working(hours=2), after_first=True)
        waits = asks("02T09"), on("02T10", "merged", ref="d")
        assert due(joined, *waits) == "04T09"
        assert due(joined, *waits, replied("02T11", case="d"), asks("02T14")) == "02T16"


class TestAcknowledgement:
    """A word by a person that names a time."""

    clock = Acknowledgement(working(hours=4))
    opened = on("02T09", "opened", party="customer")

    def test_is_ended_only_by_a_word_that_names_a_time(self) -> None:
        assert due(self.clock, self.opened, replied("02T10")) == "02T14"
        assert due(self.clock, self.opened, replied("02T10", due="03T09")) == "none"
        assert due(self.clock, self.opened, replied("02T10", due="03T09", author="automatic")) == "02T14"
        assert due(self.clock, self.opened, replied("02T10", due="02T10")) == "02T14"
        assert due(self.clock, self.opened, on("02T10", "promise", due="03T09")) == "none"
        assert due(self.clock, self.opened, on("02T10", "estimate", due="03T09", ref="part")) == "none"
        assert due(self.clock, self.opened, on("02T10", "estimate")) == "02T14"
        assert due(self.clock, self.opened, on("02T10", "promise", due="03T09", party="customer")) == "02T14"

    def test_of_a_merged_case_is_ended_by_any_reply_in_the_other(self) -> None:
        merged = on("02T10", "merged", ref="d")
        assert due(self.clock, self.opened, merged) == "02T14"
        assert due(self.clock, self.opened, merged, replied("02T11", case="d")) == "none"


class TestResolution:
    """The first resolution, and the one that holds."""

    first = FirstResolution(working(hours=16))
    total = TotalResolution(working(hours=16))
    opened = on("02T09", "opened")

    def test_runs_from_the_opening_until_the_case_is_resolved(self) -> None:
        for clock in (self.first, self.total):
            assert due(clock, self.opened) == "04T09"
            assert due(clock, self.opened, on("03T09", "completed")) == "none"
            assert due(clock, self.opened, on("03T09", "closed")) == "none"
            assert due(clock, self.opened, on("03T09", "completed", ref="part")) == "04T09"
            assert due(clock, self.opened, on("03T09", "merged", ref="d")) == "none"

    def test_a_reopening_starts_nothing_for_the_first(self) -> None:
        log = (self.opened, on("03T09", "completed"), on("10T09", "reopened"))
        assert due(self.first, *log) == "none"

    def test_a_reopening_goes_on_from_the_first_opening(self) -> None:
        """Eight of sixteen hours were used; the week in which it was resolved does not count."""
        log = (self.opened, on("03T09", "completed"), on("10T09", "reopened"))
        assert due(self.total, *log) == "11T09"
        assert due(self.total, *log, on("10T13", "closed"), on("12T13", "reopened")) == "13T09"
        assert due(self.total, *log, on("10T13", "closed")) == "none"

    def test_closed_in_time_and_reopened_later_is_no_breach(self) -> None:
        log = Timeline([self.opened, on("03T09", "closed"), on("20T09", "reopened"), on("20T10", "closed")])
        plan = Plan(office, total=Touch(due=self.total), first=Touch(due=self.first), checks=[])
        assert not plan.audit(log, "2026-03-31T09:00Z").findings

    def test_more_reopenings_than_are_told_apart_count_as_used(self) -> None:
        once = TotalResolution(working(hours=16), reopenings=1)
        log = (
            self.opened,
            on("03T09", "closed"),
            on("10T09", "reopened"),
            on("10T10", "closed"),
            on("12T10", "reopened"),
        )
        assert due(once, *log) == "11T09"
        assert due(self.total, *log) == "13T09"
        problem = "reopenings must be at least 1, got 0; or use FirstResolution"
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            TotalResolution(days(1), reopenings=0)


class TestTakeOver:
    """The clock of the taker alone."""

    clock = TakeOver(working(hours=1))

    def test_runs_from_the_handing_until_it_is_accepted(self) -> None:
        handed = on("02T09", "handed")
        assert due(self.clock, handed) == "02T10"
        assert due(self.clock, handed, on("02T09", "accepted", party="shop")) == "none"
        assert due(self.clock, handed, on("02T11", "handed", party="shop")) == "02T12"
        assert due(self.clock, on("02T08", "accepted"), handed) == "02T10"
        assert due(self.clock, handed, on("02T09", "closed")) == "none"


class TestTurnaround:
    """One event is followed by another."""

    clock = Turnaround(days(2), since=Which("milestone", purpose="sent"), until="kept", what="the goods back")

    def test_runs_from_the_first_that_was_not_followed(self) -> None:
        sent = on("02T09", "milestone", purpose="sent")
        assert due(self.clock, sent) == "04T09"
        assert due(self.clock, sent, on("03T09", "milestone", purpose="sent")) == "04T09"
        assert due(self.clock, sent, on("03T09", "kept")) == "none"
        assert due(self.clock, sent, on("03T09", "merged", ref="d")) == "none"
        assert self.clock.explain() == "the goods back within 2 days"


class TestTargets:
    """Days, working days, working time and elapsed time are four things, in the calendar of the plan."""

    @pytest.mark.parametrize(
        ("within", "when"),
        [
            (days(1), "2026-03-08T09:00-06:00"),
            (elapsed(hours=24), "2026-03-08T10:00-06:00"),
            (working_days(1), "2026-03-09T09:00-06:00"),
            (working(hours=8), "2026-03-09T17:00-06:00"),
        ],
    )
    def test_over_a_weekend_in_which_the_clocks_go_forward(self, within: Span, when: str) -> None:
        denver = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver")
        asked = Timeline([Event(at="2026-03-07T09:00-07:00", kind="contact", direction="inbound", case="c")])
        decision = NextReply(within).decide(asked, "2026-03-20T09:00Z", calendar=denver)
        assert decision.due is not None
        assert decision.due.isoformat() == when.replace(":00-", ":00:00-")

    def test_in_the_gap_and_in_the_overlap(self) -> None:
        """A wall time that does not exist is the gap's end; of one that exists twice the first is meant."""
        denver = Calendar.weekly("Mon-Fri 08:00-17:00", zone="America/Denver")
        for asked, then in {
            "2026-03-07T02:30-07:00": "2026-03-08T03:00:00-06:00",
            "2026-10-31T01:30-06:00": "2026-11-01T01:30:00-06:00",
        }.items():
            log = Timeline([Event(at=asked, kind="contact", direction="inbound", case="c")])
            decision = NextReply(days(1)).decide(log, "2026-12-01T09:00Z", calendar=denver)
            assert decision.due is not None
            assert decision.due.isoformat() == then

    def test_a_holiday_learnt_later_makes_a_new_calendar_and_a_later_due(self) -> None:
        assert due(NextReply(working_days(1)), asks("02T09")) == "03T09"
        assert due(NextReply(working_days(1)), asks("02T09"), calendar=office.closed_on("2026-03-03")) == "04T09"

    @pytest.mark.parametrize(
        "kind", [FirstReply, NextReply, Acknowledgement, FirstResolution, TotalResolution, TakeOver]
    )
    def test_of_no_length_are_refused(self, kind: Any) -> None:
        problem = "within points backward or nowhere: 0 working hours; use a span of at least 1"
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            kind(working(hours=0))
        with pytest.raises(InvalidPolicyError, match=r"pauses must be at least 1, got 0; for none, leave pausable out"):
            kind(days(1), pauses=0)

    def test_say_themselves_in_words(self) -> None:
        assert FirstReply(working(hours=4)).explain() == "a first reply within 4 working hours"
        paused = FirstReply(working(hours=4), pausable=True, pauses=2)
        assert paused.explain() == "a first reply within 4 working hours; at most 2 pauses stop the clock"

    def test_a_clock_of_ones_own_says_what_starts_it(self) -> None:
        bare = Clock(days(1))
        with pytest.raises(InvalidPolicyError, match=r"clock has no start: Clock; write its `started_by` method"):
            bare.started_by()
        assert bare.more_needs() == {}
        assert bare.runs(Facts(started=5))

    def test_without_a_start_has_no_cycle(self) -> None:
        decision = FirstReply(days(1)).decide(Timeline([on("02T09", "opened")]), "2026-03-31T09:00Z")
        assert decision.cycle_us == ALWAYS
        assert first_of(FirstReply(days(1))).decide(Timeline([]), "2026-03-31T09:00Z").due is None


class TestPaused:
    """What was left when a pause began goes on when it ends."""

    clock = FirstResolution(working(hours=16), pausable=True, pauses=2)
    opened = on("02T09", "opened")

    def test_moves_the_due_date_by_its_open_time(self) -> None:
        assert due(self.clock, self.opened, pause("02T13", "03T13")) == "05T09"
        assert due(self.clock, self.opened, pause("02T13", "03T13"), on("02T14", "resumed")) == "04T10"
        assert due(self.clock, self.opened, pause("02T18", "03T07")) == "04T09"
        assert due(self.clock, self.opened, pause("04T10", "06T10")) == "04T09"

    def test_only_so_many_count(self) -> None:
        log = [self.opened, *(pause(f"02T{hour}", f"02T{hour + 1}") for hour in (10, 13, 15))]
        assert due(self.clock, *log) == "04T11"
        assert due(FirstResolution(working(hours=16), pausable=True), *log) == "04T12"
        assert due(FirstResolution(working(hours=16)), *log) == "04T09"

    def test_dates_go_on_by_what_was_left(self) -> None:
        calendar_days = FirstResolution(days(2), pausable=True)
        assert due(calendar_days, self.opened, pause("03T09", "05T12")) == "06T12"
        dates = FirstResolution(working_days(2), pausable=True)
        assert due(dates, self.opened, pause("03T09", "05T09")) == "06T09"

    def test_never_makes_anything_due_earlier(self) -> None:
        evening = on("02T20", "opened")
        dates = FirstResolution(working_days(1), pausable=True)
        assert due(dates, evening) == "03T20"
        assert due(dates, evening, pause("03T18", "03T19")) == "03T20"

    def test_ends_with_a_word_of_the_customer(self) -> None:
        assert due(self.clock, self.opened, pause("02T13", "06T13"), asks("02T14")) == "04T10"

    def test_is_given_back_beside_the_time_spent_resolved(self) -> None:
        total = TotalResolution(working(hours=16), pausable=True)
        log = (self.opened, pause("02T13", "02T15"), on("03T09", "completed"), on("10T09", "reopened"))
        assert due(total, *log) == "11T11"
