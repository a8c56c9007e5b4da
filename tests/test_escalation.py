"""Escalation: who is asked when, who took over, and what happens where nobody does."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Calendar, Event, Parties, Plan, PromiseKept, Timeline, Touch, Verdict
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.escalation import Escalation, Reaching
from carepolicy.levels import EscalationState, Level
from carepolicy.span import days, elapsed, working, working_days
from carepolicy.triggers import BrokenPromises, CustomerAsks, ShareUsed, SilentFor

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
levels = (
    Level("lead", "anna", working(hours=2)),
    Level("head", "bert", working(hours=4)),
    Level("board", "cora", working_days(1), repeats=3),
)
escalation = Escalation(CustomerAsks() | SilentFor(working_days(3)), levels)


def on(day: int, hour: int, kind: str, **words: Any) -> Event:
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, **{"case": "c", "party": "agent", **words})


opened = on(2, 9, "opened")  # a Monday
asked = on(2, 10, "contact", party="customer", direction="inbound", purpose="escalate", channel="phone")
called = on(2, 12, "contact", direction="outbound", channel="phone", outcome="conversation", purpose="escalate")


def takes(day: int, hour: int, who: str) -> Event:
    return on(day, hour, "accepted", party=who)


def state(*events: Event, at: str, rule: Escalation = escalation, **asked: Any) -> EscalationState:
    return rule.assess(Timeline(events), f"2026-03-{at}:00Z", calendar=office, **asked)


def brief(found: EscalationState) -> tuple[str, str, int, str, str]:
    return (found.level, found.who, found.times, str(found.next_at)[5:16], found.next_who)


class TestLevels:
    """From one person to another, each within a time box."""

    def test_nobody_is_asked_before_a_trigger_falls_due(self) -> None:
        found = state(opened, at="02T09:30")
        assert brief(found) == ("", "", 0, "03-05 09:00", "anna")
        assert (found.rank, found.since, found.acknowledged, found.key) == (0, None, False, "")
        assert str(found) == "nothing calls for somebody to take over; anna is asked Thu 5 Mar 2026 09:00"
        assert str(found.review_at) == "2026-03-05 09:00:00+00:00"

    def test_the_first_is_asked_at_the_trigger(self) -> None:
        found = state(opened, asked, at="02T10:00")
        assert brief(found) == ("lead", "anna", 1, "03-02 12:00", "bert")
        assert (str(found.since), str(found.asked_at)) == ("2026-03-02 10:00:00+00:00",) * 2
        assert found.triggers == ("the customer asks for a manager: Mon 2 Mar 2026 10:00",)
        assert found.why == (
            "anna (lead) must take over by Mon 2 Mar 2026 12:00; because the customer asks for a manager: "
            "Mon 2 Mar 2026 10:00; bert is asked Mon 2 Mar 2026 12:00"
        )

    def test_the_next_when_the_time_box_has_passed_in_working_time(self) -> None:
        assert brief(state(opened, asked, at="02T11:59"))[0] == "lead"
        assert brief(state(opened, asked, at="02T12:00")) == ("head", "bert", 1, "03-02 16:00", "cora")
        assert brief(state(opened, asked, at="02T16:00")) == ("board", "cora", 1, "03-03 16:00", "cora")

    def test_the_top_is_asked_so_often_and_then_it_stays_there(self) -> None:
        assert brief(state(opened, asked, at="03T16:00")) == ("board", "cora", 2, "03-04 16:00", "cora")
        last = state(opened, asked, at="04T16:00")
        assert brief(last) == ("board", "cora", 3, "", "")
        assert not last.exhausted
        after = state(opened, asked, at="05T16:00")
        assert (after.exhausted, after.times, after.next_at, after.review_at) == (True, 3, None, None)
        assert after.why.startswith(
            "cora (board) was to be asked 3 times and nobody took over; it stays there; because"
        )

    def test_each_ask_has_a_key_of_its_own(self) -> None:
        times = ("02T10:00", "02T12:00", "02T16:00", "03T16:00", "04T16:00")
        keys = [state(opened, asked, at=at).key for at in times]
        assert len(set(keys)) == 5
        assert keys[1] == state(opened, asked, at="02T15:59").key == f"/c///escalation.head.1/{asked.at_us}/-"

    def test_a_trigger_that_is_gone_calls_nobody(self) -> None:
        assert brief(state(opened, asked, called, at="02T12:00")) == ("", "", 0, "03-05 12:00", "anna")


class TestTakingOver:
    """Only whoever is of the levels and accepts takes over; until then it stays with who has it."""

    def test_stops_the_clock(self) -> None:
        found = state(opened, asked, takes(2, 11, "anna"), at="02T15:00")
        assert (found.level, found.who, found.acknowledged, found.owner) == ("lead", "anna", True, "anna")
        assert str(found.acknowledged_at) == "2026-03-02 11:00:00+00:00"
        assert found.why.startswith("anna took over Mon 2 Mar 2026 11:00; because the customer asks for a manager")
        assert str(found.review_at)[5:16] == "03-05 09:00"  # the silence comes to the level above
        assert found.next_who == "bert"

    def test_any_level_may(self) -> None:
        found = state(opened, asked, takes(2, 11, "cora"), at="02T15:00")
        assert (found.rank, found.who, found.acknowledged) == (3, "cora", True)

    def test_nobody_else_can(self) -> None:
        found = state(opened, asked, takes(2, 11, "dora"), at="02T12:00")
        assert (found.level, found.acknowledged, found.owner) == ("head", False, "dora")

    def test_handing_on_moves_nothing(self) -> None:
        found = state(opened, asked, on(2, 11, "handed"), at="02T12:00")
        assert (found.level, found.owner) == ("head", "agent")
        taken = state(opened, takes(2, 10, "anna"), on(2, 11, "handed", party="anna"), at="02T12:00")
        assert taken.owner == "anna"
        assert state(Event(at="2026-03-02T09:00Z", kind="note", case="c"), at="02T12:00").owner == ""

    def test_having_had_the_case_before_is_no_answer(self) -> None:
        found = state(opened, takes(2, 9, "anna"), asked, at="02T11:00")
        assert (found.level, found.acknowledged) == ("lead", False)

    def test_what_comes_while_the_cause_stands_goes_to_the_level_above(self) -> None:
        found = state(opened, asked, takes(2, 11, "anna"), at="05T09:00")
        assert brief(found) == ("head", "bert", 1, "03-05 13:00", "cora")
        at_the_top = state(opened, asked, takes(2, 11, "cora"), at="05T09:00")
        assert (at_the_top.level, at_the_top.times) == ("board", 1)

    def test_what_comes_after_the_cause_is_gone_begins_below(self) -> None:
        found = state(opened, asked, takes(2, 11, "bert"), called, at="05T12:00")
        assert (found.level, found.acknowledged) == ("lead", False)

    def test_whoever_took_over_must_remedy_it(self) -> None:
        rule = Escalation(CustomerAsks(), levels, remedy_within=working_days(1))
        taken = takes(2, 11, "anna")
        found = state(opened, asked, taken, at="02T15:00", rule=rule)
        assert (found.acknowledged, str(found.next_at)[5:16], found.next_who) == (True, "03-03 11:00", "bert")
        assert brief(state(opened, asked, taken, at="03T11:00", rule=rule))[:2] == ("head", "bert")
        assert brief(state(opened, asked, taken, called, at="03T11:00", rule=rule))[:2] == ("", "")


class TestMany:
    """Of several cases the one that is furthest up; each by itself on request."""

    other = on(2, 9, "opened", case="d", customer="bob")
    theirs = Event(
        at="2026-03-02T11:30Z", kind="contact", case="d", customer="bob", party="customer", direction="inbound",
        purpose="escalate",
    )  # fmt: skip

    def test_the_one_that_is_furthest_up(self) -> None:
        found = state(opened, asked, self.other, self.theirs, at="02T12:00")
        assert (found.unit[1], found.level) == ("c", "head")
        assert str(found.review_at)[5:16] == "03-02 13:30"  # when bob's goes up
        named = state(opened, asked, self.other, self.theirs, at="02T12:00", customer="bob", case="d")
        assert (named.unit[:2], named.level) == (("bob", "d"), "lead")

    def test_what_nobody_has_taken_before_what_somebody_has(self) -> None:
        found = state(opened, asked, takes(2, 11, "cora"), self.other, self.theirs, at="02T12:00")
        assert (found.unit[1], found.level, found.acknowledged) == ("d", "lead", False)

    def test_all_of_them(self) -> None:
        log = Timeline([opened, asked, self.other])
        found = escalation.assess_all(log, "2026-03-02T12:00Z", calendar=office)
        assert [(s.unit[0], s.level) for s in found] == [("", "head"), ("bob", "")]

    def test_what_is_not_known(self) -> None:
        with pytest.raises(
            UnknownNameError, match=r"^nothing is known of \('eve', None, None\) by 2026-03-02T12:00:00\+00:00; leave "
        ):
            state(opened, at="02T12:00", customer="eve")

    def test_an_empty_log_calls_for_nobody(self) -> None:
        assert escalation.assess(Timeline([]), "2026-03-02T12:00Z").level == ""

    def test_each_promise_by_itself(self) -> None:
        rule = Escalation(ShareUsed(PromiseKept(by="shop"), 50), levels)
        two = [
            Event(at="2026-03-02T09:00Z", kind="promise", case="c", ref=ref, due=f"2026-03-{day}T09:00Z", party="shop")
            for ref, day in (("a", "04"), ("b", "06"))
        ]
        parties = Parties(partners=["shop"])
        found = rule.assess_all(Timeline(two), "2026-03-03T12:00Z", calendar=office, parties=parties)
        assert [(s.unit[2], s.level) for s in found] == [("a", "head"), ("b", "")]


class TestDuty:
    """An escalation is a duty, of a plan or alone."""

    def test_falls_due_when_the_first_is_to_be_asked(self) -> None:
        decision = escalation.decide(Timeline([opened, asked]), "2026-03-02T10:30Z", calendar=office)
        assert (decision.verdict, str(decision.due)[5:16]) == (Verdict.OVERDUE, "03-02 10:00")

    def test_each_level_is_a_touch_of_its_own(self) -> None:
        plan = Plan(
            office,
            lead=Touch(due=Reaching(escalation, "lead"), owner="anna"),
            head=Touch(due=Reaching(escalation, "head"), owner="bert"),
            board=Touch(due=Reaching(escalation, "board"), owner="cora"),
        )

        def dues(*events: Event) -> list[str]:
            review = plan.review(Timeline(events), "2026-03-02T10:30Z")
            return [str(review.of(level.name, case="c")[0].due)[5:16] for level in levels]

        assert dues(opened, asked) == ["03-02 10:00", "03-02 12:00", "03-02 16:00"]
        assert dues(opened, on(2, 9, "escalated"), asked, takes(2, 10, "anna")) == ["", "03-05 09:00", "03-05 13:00"]

    def test_having_asked_makes_a_new_key(self) -> None:
        log, now = [opened, asked], "2026-03-02T10:30Z"
        first = escalation.decide(Timeline(log), now, calendar=office)
        second = escalation.decide(Timeline([*log, on(2, 10, "escalated", id="z")]), now, calendar=office)
        assert (first.attempt_us, second.attempt_us) == (
            -(2**61),
            -(2**61),
        )  # at the same instant is of the cycle before
        later = Event(at="2026-03-02T10:15Z", kind="escalated", case="c", party="anna")
        third = escalation.decide(Timeline([*log, later]), now, calendar=office)
        assert third.key != first.key

    def test_explains_itself(self) -> None:
        assert escalation.explain() == (
            "somebody takes over: anna within 2 working hours, then bert within 4 working hours, then cora within "
            "1 working day (3 times); when the customer asks for a manager; or 3 working days without a word to the "
            "customer"
        )
        assert Reaching(escalation, "head").explain().startswith("head is asked; somebody takes over: anna")

    def test_the_standard_one(self) -> None:
        rule = Escalation.standard()
        assert [level.who for level in rule.levels] == ["team-lead", "head-of-service", "executive"]
        assert (len(rule.triggers), rule.levels[-1].repeats, rule.remedy_within) == (9, 5, working_days(2))

    def test_triggers_with_facts_of_one_name_are_kept_apart(self) -> None:
        rule = Escalation([BrokenPromises(1), BrokenPromises(2)], levels)
        assert sorted(n for n in rule.needs() if n.startswith("level")) == ["level_reached", "level_reached_of_1"]
        promise = Event(at="2026-03-02T09:00Z", kind="promise", case="c", due="2026-03-03T09:00Z", party="agent")
        assert brief(state(promise, at="03T09:00", rule=rule))[0] == "lead"


class TestRefused:
    """What is no escalation is refused when it is made."""

    def test_nothing_that_calls_and_nobody_to_ask(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^triggers are none; name at least one duty"):
            Escalation([], levels)
        with pytest.raises(InvalidPolicyError, match=r"^duty is not one: 3;"):
            Escalation([3], levels)  # type: ignore[list-item]
        with pytest.raises(InvalidPolicyError, match=r"^levels are none; name at least one person who must take over$"):
            Escalation(CustomerAsks(), [])

    def test_two_neighbours_who_are_one_person(self) -> None:
        same = (levels[0], Level("head", "anna", days(1)))
        with pytest.raises(
            InvalidPolicyError,
            match=r"^levels 'lead' and 'head' are one person: 'anna'; let the next level be another$",
        ):
            Escalation(CustomerAsks(), same)

    def test_two_levels_of_one_name(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^levels share a name: \['lead', 'lead'\]; give each its own$"):
            Escalation(CustomerAsks(), (levels[0], Level("lead", "bert", days(1))))

    def test_a_level_without_a_person_a_time_box_or_an_ask(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^who is empty: level 'lead'; name the party that must take over$"
        ):
            Level("lead", "", days(1))
        with pytest.raises(InvalidPolicyError, match="within points backward or nowhere"):
            Level("lead", "anna", elapsed(hours=0))
        with pytest.raises(InvalidPolicyError, match="repeats must be a whole number from 1, got 0"):
            Level("lead", "anna", days(1), repeats=0)

    def test_a_level_that_is_not_there(self) -> None:
        with pytest.raises(UnknownNameError, match=r"^level is not known: 'top'; use one of lead, head, board$"):
            Reaching(escalation, "top")
