"""Aftercare: calls ever further apart after a mended trouble, the checks, and the report back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from carepolicy import Cadence, Calendar, Event, Timeline, Verdict, Which, days, elapsed, working_days  # noqa: F401
from carepolicy._codec import Codec
from carepolicy.aftercare import Aftercare
from carepolicy.errors import InvalidPolicyError

office = Calendar.weekly("Mon-Fri 08:00-18:00", zone="UTC")
calls = Aftercare(checks=(), report_back=None)


def on(day: int, kind: str, **words: Any) -> Event:
    """An event of March 2026 at nine; the second is a Monday."""
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, **{"case": "c", "party": "agent", **words})


def talk(day: int, **words: Any) -> Event:
    usual = {"direction": "outbound", "channel": "phone", "outcome": "conversation"}
    return on(day, "contact", **{**usual, **words})


def due(policy: Any, *events: Event, at: str = "2026-03-31T09:00Z") -> str:
    decision = policy.decide(Timeline(events), at, calendar=office)
    return str(decision.due)[5:10] if decision.due else "none"


BROKEN = on(1, "incident")
MENDED = (BROKEN, on(2, "completed"))


class TestLadder:
    """After 1, 3, 7, 14 and 30 days, counted from the mending."""

    def test_begins_when_it_is_mended(self) -> None:
        assert due(calls, BROKEN) == "none"
        assert due(calls, on(2, "completed")) == "none", "there was no trouble"
        assert due(calls, *MENDED) == "03-03"
        assert due(calls, BROKEN, on(2, "closed")) == due(calls, BROKEN, on(2, "trouble_over")) == "03-03"
        assert due(calls, BROKEN, on(2, "completed", ref="door")) == "none", "a part is not the whole"

    def test_closing_the_mended_case_later_begins_nothing_anew(self) -> None:
        assert due(calls, *MENDED, on(20, "closed")) == "03-03"

    def test_each_talk_meets_one_rung(self) -> None:
        assert due(calls, *MENDED, talk(3)) == "03-05"
        assert due(calls, *MENDED, talk(3), talk(5)) == "03-09"
        assert due(calls, *MENDED, talk(3), talk(5), talk(9), talk(16)) == "04-01"
        assert due(calls, *MENDED, talk(3), talk(5), talk(9), talk(16), talk(31)) == "none", "a day early"

    def test_a_talk_may_come_early_but_not_before_the_rung_below(self) -> None:
        assert due(calls, *MENDED, talk(2), talk(2, id="b")) == "03-05", "two on the first day meet one"
        assert due(calls, *MENDED, talk(3), talk(4)) == "03-09", "early, after the first rung"

    def test_a_late_talk_meets_all_that_have_passed(self) -> None:
        assert due(calls, *MENDED, talk(12)) == "03-16"
        assert due(calls, *MENDED, talk(12), talk(13)) == "04-01"

    @pytest.mark.parametrize(
        "words",
        [
            {"outcome": "voicemail"},
            {"direction": "inbound"},
            {"channel": "email"},
            {"author": "automatic"},
            {"case": "d"},
        ],
    )
    def test_is_met_by_nothing_less(self, words: dict[str, Any]) -> None:
        assert due(calls, *MENDED, talk(4, **words)) == "03-03"

    @pytest.mark.parametrize("fault", ["incident", "failed", "reopened", "trouble"])
    def test_a_fault_that_comes_back_begins_it_anew(self, fault: str) -> None:
        log = (*MENDED, talk(3), talk(5), on(10, fault))
        assert due(calls, *log) == "none", "other duties hold while it is broken"
        assert due(calls, *log, on(12, "completed")) == "03-13"

    def test_ends_when_they_want_no_more_of_it(self) -> None:
        assert due(calls, *MENDED, on(4, "declined", party="customer")) == "none"
        assert due(calls, *MENDED, on(4, "withdrawn", party="customer")) == "none"
        assert due(calls, *MENDED, on(4, "declined")) == "03-03"
        assert due(calls, *MENDED, on(4, "declined", party="customer", purpose="marketing")) == "03-03"
        assert due(calls, *MENDED, on(4, "left", case="")) == "none"

    def test_stands_beside_the_regular_calls(self) -> None:
        both = Cadence(days(10)) | calls
        assert due(both, *MENDED, at="2026-03-02T10:00Z") == "03-03"
        assert due(both, *MENDED, talk(3), talk(5), talk(9), at="2026-03-10T09:00Z") == "03-16"
        assert due(both, *MENDED, talk(3), talk(5), talk(9), talk(16), at="2026-03-17T09:00Z") == "03-26"

    def test_is_overdue_from_its_due_instant_on(self) -> None:
        decisions = [calls.decide(Timeline(MENDED), f"2026-03-0{day}T09:00Z", calendar=office) for day in (2, 3)]
        assert [d.verdict for d in decisions] == [Verdict.WAIT, Verdict.OVERDUE]
        assert (
            calls.decide(Timeline([*MENDED, talk(3, outcome="voicemail")]), "2026-03-04T09:00Z").key != decisions[1].key
        )


class TestChecks:
    """What is to be found out by the last call."""

    care = Aftercare(ladder=(days(1), days(3)), report_back=None)
    talks = (talk(3), talk(5))

    def test_keep_it_open_until_they_are_told(self) -> None:
        told = [on(5, "told", fact=fact, party="customer") for fact in self.care.checks]
        assert due(self.care, *MENDED, *self.talks) == "03-05"
        assert due(self.care, *MENDED, *self.talks, *told[:2]) == "03-05"
        assert due(self.care, *MENDED, *self.talks, *told) == "none"

    def test_are_listed_with_what_was_asked(self) -> None:
        log = [*MENDED, on(3, "told", fact="used?"), on(3, "asked", fact="working?"), on(1, "told", fact="working?")]
        found = self.care.checks_due(Timeline(log), "2026-03-04T09:00Z", calendar=office)
        assert [(c.case, c.check, str(c.asked_at)[:10], str(c.due)[:10]) for c in found] == [
            ("c", "working?", "2026-03-03", "2026-03-05"),
            ("c", "in use by whom?", "None", "2026-03-05"),
        ]
        assert found.review_at is None
        assert str(self.care.checks_due(Timeline(log), "2026-03-01T10:00Z").review_at) == "2026-03-02 09:00:00+00:00"

    def test_begin_anew_with_the_fault(self) -> None:
        told = [on(3, "told", fact=fact) for fact in self.care.checks]
        again = [on(10, "failed"), on(12, "completed")]
        assert len(self.care.checks_due(Timeline([*MENDED, *told]), "2026-03-31T09:00Z").checks) == 0
        assert len(self.care.checks_due(Timeline([*MENDED, *told, *again]), "2026-03-31T09:00Z").checks) == 3

    def test_of_one_customer_or_case(self) -> None:
        log = Timeline([*MENDED, on(1, "incident", case="d"), on(2, "closed", case="d")])
        at = "2026-03-31T09:00Z"
        assert len(self.care.checks_due(log, at).checks) == 6
        assert {c.case for c in self.care.checks_due(log, at, case="d")} == {"d"}
        assert self.care.checks_due(log, at, customer="eve").checks == ()


class TestReport:
    """The call that reports back what was found."""

    care = Aftercare(checks=())

    def test_is_due_within_its_span(self) -> None:
        assert due(self.care, *MENDED, talk(3)) == "03-04"
        assert due(self.care, *MENDED, talk(3, purpose="report")) == "03-05"

    def test_is_no_mail_and_no_talk_about_something_else(self) -> None:
        mail = talk(3, purpose="report", channel="email", outcome="delivered")
        assert due(self.care, *MENDED, talk(3, purpose="survey"), mail) == "03-04"

    def test_must_be_given_again_when_the_fault_came_back(self) -> None:
        log = (*MENDED, talk(3, purpose="report"), on(10, "failed"), on(11, "completed"), talk(12))
        assert due(self.care, *log) == "03-13"


class TestValue:
    """A frozen value that says what is wrong with it."""

    def test_says_so_in_words(self) -> None:
        assert Aftercare(ladder=(days(1), days(3))).explain() == (
            "after a trouble is mended, a talk 1 day, 3 days later, in which they say: used?, working?, "
            "in use by whom?, and word of what was found within 2 working days"
        )
        assert calls.explain() == "after a trouble is mended, a talk 1 day, 3 days, 7 days, 14 days, 30 days later"
        assert eval(repr(calls)) == calls != Aftercare()

    def test_is_written_to_a_plan_and_read_back(self) -> None:
        codec = Codec((Aftercare,))
        for policy in (Aftercare(), Aftercare("trouble", (days(1), days(3)), "used?", days(1), "agent")):
            assert codec.decode(json.loads(json.dumps(codec.encode(policy))), "due") == policy

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"ladder": ()}, "ladder has no calls; say after how long, e.g. (days(1), days(7))"),
            (
                {"ladder": (days(3), days(1))},
                "ladder is not ever further apart: 3 days, 1 day; use one unit and growing",
            ),
            ({"ladder": (days(1), days(1))}, "ladder is not ever further apart: 1 day, 1 day;"),
            ({"ladder": (days(1), days(4), days(5))}, "ladder is not ever further apart: 1 day, 4 days, 5 days;"),
            ({"ladder": (days(1), working_days(4))}, "ladder is not ever further apart: 1 day, 4 working days;"),
            ({"ladder": (days(0), days(4))}, "ladder points backward or nowhere: 0 days"),
            ({"ladder": (1,)}, "ladder is not a span: 1"),
            ({"checks": ("used?", "used?")}, "checks are not names, each once: ('used?', 'used?');"),
            ({"checks": ""}, "checks are not names, each once: ('',);"),
            ({"report_back": days(-1)}, "report_back points backward or nowhere: -1 day;"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Aftercare(**fields)
