"""Caps: at most so many calls, rest after a talk, the hours that the law leaves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import (
    Calendar,
    Event,
    Facts,
    Parties,
    Timeline,
    Verdict,
    Which,  # noqa: F401  (for what repr builds)
    all_of,
    days,
    elapsed,
    testing,
)
from carepolicy._instant import DAY, to_moment
from carepolicy.caps import CALLS, AttemptCap, RestAfterTalk, hours_anywhere, reg_f, us_calling_hours
from carepolicy.errors import InvalidPolicyError
from carepolicy.testing import check_policy

parties = Parties(partners="shop")


def call(day: int, hour: int = 9, **words: Any) -> Event:
    usual = {"kind": "contact", "party": "agent", "direction": "outbound", "channel": "phone", "outcome": "no_answer"}
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", **{**usual, **words})


def opens(guard: Any, *events: Event) -> str:
    decision = guard.decide(Timeline(events), "2026-03-31T09:00Z", parties=parties)
    return str(decision.opens)[5:16] if decision.opens else "always"


class TestAttemptCap:
    """At most so many attempts in any stretch of a length."""

    cap = AttemptCap(2, days(7))

    def test_is_an_edge_a_span_after_the_kth_latest(self) -> None:
        assert opens(self.cap, call(2)) == "always"
        assert opens(self.cap, call(2), call(4)) == "03-09 09:00"
        assert opens(self.cap, call(2), call(4), call(4, 11)) == "03-11 09:00"

    def test_counts_our_calls_and_nothing_else(self) -> None:
        both = [call(2), call(3)]
        assert opens(self.cap, *both) == "03-09 09:00"
        others: list[dict[str, Any]] = [
            {"direction": "inbound"},
            {"channel": "email"},
            {"kind": "note"},
            {"party": "customer"},
        ]
        for other in others:
            assert opens(self.cap, both[0], call(3, **other)) == "always"

    def test_counts_a_call_of_which_nobody_wrote_down_who_began_it(self) -> None:
        assert opens(self.cap, call(2), call(3, direction="")) == "03-09 09:00"

    def test_counts_each_case_by_itself_where_told_to(self) -> None:
        log = Timeline([call(2, case="a"), call(3, case="b"), call(4, case="a")])
        by_case = AttemptCap(2, days(7), scope="case")
        found = [by_case.decide(log, "2026-03-05T09:00Z", case=case).verdict for case in "ab"]
        assert found == [Verdict.WAIT, Verdict.GO]

    def test_says_so_in_words(self) -> None:
        assert self.cap.explain() == "at most 2 attempts in any 7 days"
        assert AttemptCap(1, days(1)).explain() == "at most 1 attempt in any 1 day"
        assert eval(repr(self.cap)) == self.cap != AttemptCap(2, days(7), CALLS, "case")

    @pytest.mark.parametrize("at_most", [0, -1, True, "2"])
    def test_refuses(self, at_most: Any) -> None:
        with pytest.raises(
            InvalidPolicyError, match=re.escape(f"at_most must be a whole number from 1, got {at_most!r}")
        ):
            AttemptCap(at_most)


class TestRestAfterTalk:
    """The customer is left alone for a while after a talk, whoever began it."""

    def test_counts_from_the_last_talk(self) -> None:
        rest = RestAfterTalk(days(3))
        assert opens(rest, call(2), call(4, outcome="voicemail")) == "always"
        assert opens(rest, call(2, outcome="conversation")) == "03-05 09:00"
        assert opens(rest, call(2, outcome="conversation", direction="inbound", party="customer")) == "03-05 09:00"
        assert rest.explain() == "3 days after the last talk"


class TestRegF:
    """Seven calls in seven days, and none within seven days after a talk."""

    def test_waits_after_the_seventh_call(self) -> None:
        six = [call(day) for day in range(2, 8)]
        assert opens(reg_f(), *six) == "always"
        assert opens(reg_f(), *six, call(7, 10)) == "03-09 09:00"

    def test_does_not_count_their_calls_to_the_seven(self) -> None:
        assert opens(reg_f(), *(call(day, direction="inbound") for day in range(2, 9))) == "always"

    def test_a_talk_that_they_began_starts_the_seven_days(self) -> None:
        assert opens(reg_f(), call(5, direction="inbound", outcome="conversation")) == "03-12 09:00"

    def test_is_about_the_telephone(self) -> None:
        assert opens(reg_f(), call(5, channel="video", outcome="conversation")) == "always"

    def test_counts_each_debt_by_itself_where_told_to(self) -> None:
        debt = reg_f(scope="case")
        assert debt != reg_f()
        assert opens(debt, call(5, outcome="conversation", case="card")) == "03-12 09:00"


class TestHours:
    """Hours of the customer, also where their zone is not known."""

    states = us_calling_hours()

    @staticmethod
    def allowed(guard: Any, at: str, zone: str = "") -> Any:
        return guard.decide_facts(Facts(), at, zone=zone).verdict == Verdict.GO

    def test_are_meant_where_the_customer_is(self) -> None:
        assert self.allowed(self.states, "2026-03-02T08:00-05:00", "America/New_York")
        assert not self.allowed(self.states, "2026-03-02T07:59-05:00", "America/New_York")
        assert not self.allowed(self.states, "2026-03-02T21:00-10:00", "Pacific/Honolulu")

    def test_of_an_unknown_zone_are_open_where_all_are(self) -> None:
        assert not self.allowed(self.states, "2026-03-02T12:59-05:00")
        assert self.allowed(self.states, "2026-03-02T13:00-05:00"), "8:00 in Honolulu"
        assert not self.allowed(self.states, "2026-03-02T21:00-05:00"), "9 p.m. in New York"

    def test_may_be_meant_for_fewer_zones(self) -> None:
        east = us_calling_hours(["America/New_York", "America/Chicago"])
        assert self.allowed(east, "2026-03-02T09:00-05:00")
        assert us_calling_hours("America/Denver").hours == Calendar.weekly("Mon-Sun 08:00-21:00", zone="America/Denver")

    def test_need_a_zone(self) -> None:
        with pytest.raises(InvalidPolicyError, match="zones are none; name where a customer may be"):
            hours_anywhere(Calendar.always(), [])


@pytest.mark.parametrize(
    "guard",
    [AttemptCap(), AttemptCap(2, elapsed(hours=5), ("incident",), "case"), RestAfterTalk(days(1)), reg_f()],
    ids=repr,
)
def test_caps_keep_the_laws(guard: Any) -> None:
    """One text, values, mergeable facts, stability, no look-ahead, and `&`."""
    check_policy(guard, examples=30)


@given(testing.timelines(AttemptCap()), testing.instants(), st.integers(1, 3), st.sampled_from([1, 3, 24 * 7]))
def test_a_call_that_a_cap_allows_never_breaks_it(timeline: Timeline, now: int, at_most: int, hours: int) -> None:
    """Count the calls in the stretch that a call at an allowed instant would end: never more than allowed. And a cap
    is not stricter than that: what it forbids would be one too many."""
    cap = AttemptCap(at_most, elapsed(hours=hours))
    decision = all_of(cap).decide(timeline, to_moment(now))
    calls = {(e.at_us, e.id) for e in timeline.known(now) if CALLS.matches(e, Parties())}
    before = [at for at, _ in calls if now - hours * DAY // 24 < at <= now]
    assert (decision.verdict == Verdict.GO) == (len(before) < at_most)
