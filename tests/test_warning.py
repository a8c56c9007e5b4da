"""Warnings before a clock is breached: at shares of it, once each, while somebody is there to act."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepolicy import Calendar, Event, Heartbeat, Plan, PromiseKept, Timeline, Touch, days, elapsed, working
from carepolicy.clocks import FirstReply, FirstResolution, NextReply
from carepolicy.errors import InvalidPolicyError
from carepolicy.warning import Warned, Warnings

office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="UTC")
warnings = Warnings()


def on(when: str, kind: str, **words: Any) -> Event:
    due = words.pop("due", None)
    return Event(
        at=f"2026-03-{when}Z", kind=kind, due=due and f"2026-03-{due}Z", **{"case": "c", "party": "customer", **words}
    )


def given(warned: Warned) -> list[int]:
    return [w.threshold for w in warned]


class TestShares:
    """Each share is counted in open time."""

    clock = FirstReply(working(hours=10))
    log = Timeline([on("02T08:00", "opened")])

    @pytest.mark.parametrize(
        ("at", "threshold", "review"),
        [
            ("02T08:00", None, "02T14:00"),
            ("02T13:59", None, "02T14:00"),
            ("02T14:00", 50, "02T16:30"),
            ("02T16:30", 75, "03T09:00"),
            ("03T09:00", 90, "03T10:00"),
            ("03T10:00", None, "none"),
        ],
    )
    def test_the_highest_that_has_passed_is_given_until_the_breach(
        self, at: str, threshold: int | None, review: str
    ) -> None:
        """Ten working hours from Monday eight: five are used at 14:00, seven and a half at 16:30, nine at nine."""
        warned = warnings.of(self.clock, self.log, f"2026-03-{at}Z", calendar=office)
        assert given(warned) == ([] if threshold is None else [threshold])
        assert ("none" if warned.review_at is None else warned.review_at.format("DD[T]HH:mm")) == review

    def test_says_which_clock_of_whom_when(self) -> None:
        (one,) = warnings.of(self.clock, self.log, "2026-03-02T15:00Z", calendar=office)
        assert one.text == "FirstReply c: 50 % used, due Tue 3 Mar 2026 10:00"
        assert (str(one.at), str(one.due)) == ("2026-03-02 14:00:00+00:00", "2026-03-03 10:00:00+00:00")
        assert one.to_data() == {
            "clock": "FirstReply",
            "customer": "",
            "case": "c",
            "ref": "",
            "party": "",
            "threshold": 50,
            "at": "2026-03-02T14:00:00+00:00",
            "due": "2026-03-03T10:00:00+00:00",
            "key": one.key,
        }

    def test_of_a_clock_that_runs_by_night_are_given_by_day(self) -> None:
        """From Friday 16:00 to Saturday 16:00 there is one open hour in which to act."""
        log = Timeline([on("06T16:00", "opened")])
        warned = warnings.of(FirstReply(elapsed(hours=24)), log, "2026-03-06T16:40Z", calendar=office)
        assert given(warned) == [50]
        assert str(warned.review_at) == "2026-03-06 16:45:00+00:00"
        late = warnings.of(FirstReply(elapsed(hours=24)), log, "2026-03-07T03:00Z", calendar=office)
        assert (given(late), str(late.warnings[0].at)) == ([90], "2026-03-06 16:45:00+00:00")

    def test_at_the_end_of_a_stretch_come_when_somebody_is_back(self) -> None:
        """Three of four hours are used at noon; whoever could act is there again at one."""
        log = Timeline([on("02T09:00", "opened")])
        (one,) = warnings.of(FirstReply(working(hours=4)), log, "2026-03-02T13:10Z", calendar=office)
        assert (one.threshold, str(one.at)) == (75, "2026-03-02 13:00:00+00:00")

    def test_the_last_comes_while_somebody_is_there(self) -> None:
        """Due at the opening on Monday: the last working moment is on Friday, not at midnight."""
        log = Timeline([on("02T08:00", "opened")])
        last = Warnings([100], lead=working(minutes=30))
        (one,) = last.of(FirstReply(days(7)), log, "2026-03-08T23:00Z", calendar=office)
        assert str(one.at) == "2026-03-06 16:30:00+00:00"

    def test_of_a_clock_without_any_open_time_come_at_its_start(self) -> None:
        log = Timeline([on("07T03:00", "opened")])
        (one,) = warnings.of(FirstReply(elapsed(hours=2)), log, "2026-03-07T03:00Z", calendar=office)
        assert str(one.at) == "2026-03-07 03:00:00+00:00"


class TestOnce:
    """One key for each clock, cycle and threshold; a later due date arms it again, an earlier one does not."""

    clock = FirstResolution(working(hours=10), pausable=True)
    opened = on("02T08:00", "opened")
    pause = on("02T14:30", "paused", purpose="parts", party="desk", due="02T16:30")
    resumed = on("02T15:30", "resumed")

    def key(self, at: str, *events: Event, clock: Any = None) -> str:
        (one,) = warnings.of(clock or self.clock, Timeline([self.opened, *events]), f"2026-03-{at}Z", calendar=office)
        return one.key

    def test_the_key_stays_until_it_is_due_later(self) -> None:
        first = self.key("02T14:10")
        assert self.key("02T14:20") == first == self.key("02T14:20", on("02T14:15", "note"))
        later = self.key("02T14:40", self.pause)
        assert later != first
        assert self.key("02T15:40", self.pause, self.resumed) == later
        assert self.key("03T09:15", self.pause, self.resumed).split("/")[-2] == "75"

    def test_a_correction_that_comes_later_counts_from_when_it_was_known(self) -> None:
        wrong = on("02T14:30", "paused", purpose="parts", party="desk", due="04T16:30", id="p", recorded_at=None)
        right = Event(
            at="2026-03-02T14:30Z", recorded_at="2026-03-02T15:00Z", kind="paused", case="c", id="p", purpose="parts",
            party="desk", due="2026-03-02T16:30Z",
        )  # fmt: skip
        assert self.key("02T15:10", wrong, right).split("/")[-1] == self.key("02T14:50", wrong).split("/")[-1]

    def test_a_new_cycle_has_a_new_key(self) -> None:
        asked = on("02T08:00", "contact", direction="inbound")
        reply = on("02T10:00", "contact", direction="outbound", outcome="delivered", party="desk")
        again = on("02T11:00", "contact", direction="inbound")
        clock = NextReply(working(hours=4))
        assert self.key("02T10:00", asked, clock=clock) != self.key("02T15:00", asked, reply, again, clock=clock)

    def test_names_with_slashes_are_told_apart(self) -> None:
        one, other = (
            Timeline([on("02T08:00", "opened", customer=customer, case=case)])
            for customer, case in (("a/b", "c"), ("a", "b/c"))
        )
        keys = {
            w.key for log in (one, other) for w in warnings.of(self.clock, log, "2026-03-02T15:00Z", calendar=office)
        }
        assert len(keys) == 2


class TestFirstRun:
    """The first run over an old log floods nobody."""

    def test_what_was_due_before_is_not_given(self) -> None:
        log = Timeline([on("02T08:00", "opened", case=f"c{n}") for n in range(9)])
        clock, now = FirstReply(working(hours=10)), "2026-03-02T15:00Z"
        assert len(warnings.of(clock, log, now, calendar=office)) == 9
        assert len(warnings.of(clock, log, now, calendar=office, since="2026-03-02T14:30Z")) == 0
        later = warnings.of(clock, log, "2026-03-02T16:30Z", calendar=office, since="2026-03-02T14:30Z")
        assert given(later) == [75] * 9


class TestPlans:
    """Every duty of a plan is watched, each customer, case and promise by itself."""

    def test_names_touch_and_clock_and_sorts_by_the_breach(self) -> None:
        plan = Plan(
            office,
            reply=Touch(due=FirstReply(working(hours=10)) | Heartbeat(days(2))),
            promise=Touch(due=PromiseKept()),
            survey=Touch(guard=None, due=NextReply(days(9))),
        )
        log = Timeline(
            [
                on("02T08:00", "opened", customer="ann"),
                on("02T08:00", "promise", customer="ann", party="desk", ref="p", due="02T17:00"),
                on("02T08:00", "opened", customer="bob", party="desk"),
            ]
        )
        warned = warnings.of_plan(plan, log, "2026-03-02T15:30Z")
        assert [(w.clock, w.unit[0], w.threshold) for w in warned] == [
            ("promise.PromiseKept", "ann", 75),
            ("reply.FirstReply", "ann", 50),
        ]
        assert str(warned.review_at) == "2026-03-02 16:12:00+00:00"
        assert len(warnings.of_plan(plan, Timeline([]), "2026-03-02T15:30Z")) == 0

    def test_of_guards_alone_there_are_none(self) -> None:
        from carepolicy import NoTrouble

        plan = Plan(office, survey=Touch(guard=NoTrouble()))
        warned = warnings.of_plan(plan, Timeline([]), "2026-03-02T15:30Z")
        assert (list(warned), warned.review_at) == ([], None)

    def test_outside_a_plan_time_is_counted_around_the_clock(self) -> None:
        warned = warnings.of(FirstReply(elapsed(hours=10)), Timeline([on("02T08:00", "opened")]), "2026-03-02T13:00Z")
        assert given(warned) == [50]


class TestRefuses:
    """What cannot be meant is refused."""

    @pytest.mark.parametrize("shares", [(), (0,), (50, 101), (0.5,)])
    def test_shares(self, shares: Any) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape("use whole numbers from 1 to 100, at least one")):
            Warnings(shares)

    def test_lead(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=re.escape("lead is no open time: 1 day; use working(minutes=...)")
        ):
            Warnings(lead=days(1))

    def test_is_a_value(self) -> None:
        assert eval(repr(warnings)) == warnings == Warnings((90, 50, 75, 50))
        words = "a warning when 50, 75, 90 % of a clock are used, 15 working minutes before the breach at the latest"
        assert warnings.explain() == words
