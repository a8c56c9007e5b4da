"""Failure demand: which contacts of customers need not have been, by cause and by who could remove it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from carepolicy import (
    Calendar,
    Chasers,
    EstimateCurrent,
    Event,
    Heartbeat,
    Parties,
    Plan,
    PromiseKept,
    Timeline,
    Touch,
    UnclearMessages,
    days,
)
from carepolicy.checks import STANDARD
from carepolicy.clocks import Acknowledgement, FirstReply, FirstResolution
from carepolicy.demand import Demand, FailureDemand, Spared, failure_demand, history_of
from carepolicy.errors import InvalidPolicyError

END = "2026-03-31T09:00Z"
CLAIM = Path(__file__).parent.parent / "examples/claim/claim.csv"
plan = Plan(
    Calendar.always(),
    parties=Parties(partners="shop"),
    update=Touch(due=Heartbeat(days(10)), owner="office"),
    promise=Touch(due=PromiseKept() | EstimateCurrent()),
)
opened = Event(at="2026-03-01T09:00Z", kind="opened", id="opened", case="c", party="office")


def on(day: int, kind: str, hour: int = 9, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    name = f"{kind}{day}-{hour}"
    return Event(at=f"2026-03-{day:02}T{hour:02}:00Z", kind=kind, due=by, **{"id": name, "case": "c", **words})


def call(day: int, hour: int = 9, purpose: str = "status", **words: Any) -> Event:
    about = {"direction": "inbound", "channel": "phone", "outcome": "conversation", "party": "office"}
    return on(day, "contact", hour, purpose=purpose, **{**about, **words})


def mail(day: int, hour: int = 9, purpose: str = "question", **words: Any) -> Event:
    return call(day, hour, purpose, **{"channel": "email", "outcome": "", **words})


def ours(day: int, hour: int = 9, purpose: str = "update", **words: Any) -> Event:
    return mail(day, hour, purpose, **{"direction": "outbound", "outcome": "delivered", **words})


def demand(*events: Event, by: Plan = plan, **log: Any) -> FailureDemand:
    return failure_demand(Timeline(events, **log), plan=by, until=END)


def spared(*events: Event, **log: Any) -> list[tuple[str, str, str, str]]:
    """Of each contact that need not have been: its id, cause, party and certainty."""
    return [(d.event.id, s.cause, s.party, s.certainty) for d in demand(*events, **log).demands for s in d.spared_by]


class TestOverdue:
    """A word in time would have spared the call."""

    promise = on(2, "promise", due=5, ref="r", party="shop")

    def test_by_a_promise_that_was_not_kept(self) -> None:
        found = demand(self.promise, call(7))
        assert found.demands == (
            Demand(
                event=call(7),
                spared_by=(
                    Spared(
                        cause="broken promise", party="shop", by_us=self.promise.due_us, certainty="proved",
                        word="the promise r kept by Thu 5 Mar 2026 09:00, or word before then that it would not be",
                    ),
                ),
            ),
        )  # fmt: skip
        (failure,) = found.proved
        assert (failure.is_failure, failure.cause, failure.party) == (True, "broken promise", "shop")

    def test_by_an_estimate_that_had_passed(self) -> None:
        assert spared(on(2, "estimate", due=5, party="shop"), call(7)) == [
            ("contact7-9", "passed estimate", "shop", "proved")
        ]

    def test_by_an_update_that_did_not_come(self) -> None:
        found = demand(opened, call(14))
        (failure,) = found.proved
        assert (failure.cause, failure.party) == ("overdue update", "office")
        assert failure.spared_by[0].word == "an update by Wed 11 Mar 2026 09:00"

    def test_by_each_of_several_the_one_owed_first_comes_first(self) -> None:
        (failure,) = demand(opened, self.promise, call(14)).proved
        assert [s.cause for s in failure.spared_by] == ["broken promise", "overdue update"]

    @pytest.mark.parametrize(
        ("clock", "cause"),
        [
            (FirstReply(days(2)), "no answer"),
            (Acknowledgement(days(2)), "no acknowledgement"),
            (FirstResolution(days(2)), "late work"),
        ],
    )
    def test_by_a_clock_that_had_run_out(self, clock: Any, cause: str) -> None:
        by = Plan(plan.calendar, clock=Touch(due=clock, owner="office"))
        begun = attrs.evolve(opened, party="customer")
        (failure,) = demand(begun, call(14), by=by).proved
        assert (failure.cause, failure.party) == (cause, "office")

    def test_a_complaint_may_have_been_about_something_else(self) -> None:
        assert spared(self.promise, call(7, purpose="complaint")) == [
            ("contact7-9", "broken promise", "shop", "possible")
        ]

    def test_of_whom_nobody_wrote_down_who_called_is_possible(self) -> None:
        assert spared(self.promise, call(7, direction="")) == [("contact7-9", "broken promise", "shop", "possible")]

    def test_what_lapsed_before_the_log_is_complete_is_possible(self) -> None:
        assert spared(self.promise, call(7), complete_since="2026-03-06T00:00Z") == [
            ("contact7-9", "broken promise", "shop", "possible")
        ]

    def test_a_plan_says_what_asks_for_status(self) -> None:
        asks = Chasers(("where is it", "complaint"))
        own = Plan(plan.calendar, parties=plan.parties, checks=[asks], touches=dict(plan.touches))
        log = (self.promise, call(7, purpose="where is it"), call(8, purpose="complaint"), call(9))
        assert [d.event.id for d in demand(*log, by=own).proved] == ["contact7-9", "contact8-9"]
        assert demand(*log, by=own).possible == ()

    def test_a_plan_without_checks_counts_as_if_it_had_the_standard_ones(self) -> None:
        bare = Plan(plan.calendar, parties=plan.parties, checks=[], touches=dict(plan.touches))
        log = (self.promise, ours(3), mail(3, 10), call(7))
        assert demand(*log, by=bare).proved == demand(*log).proved
        assert {Chasers(), UnclearMessages()} <= {*STANDARD}


class TestWords:
    """A message that says what it means, a fact that is not asked for twice."""

    def test_an_unclear_message_makes_a_question_necessary(self) -> None:
        found = demand(ours(3, text="see section 4"), mail(3, 10))
        (failure,) = found.proved
        assert (failure.event.id, failure.cause, failure.party) == ("contact3-10", "unclear message", "office")
        assert failure.spared_by[0].word == (
            "a message that needs no question, in place of that of Tue 3 Mar 2026 09:00: see section 4"
        )

    told = on(2, "told", fact="number", party="customer")
    asked = on(4, "asked", fact="number", party="office")
    again = on(6, "told", 11, fact="number", party="customer")

    def test_what_is_told_again_need_not_have_been_brought(self) -> None:
        found = demand(self.told, self.asked, call(6, 8, "errand"), call(6, 10, "errand"), self.again)
        (failure,) = found.proved
        assert (failure.event.id, failure.cause, failure.party) == ("contact6-10", "repeated question", "office")
        assert failure.spared_by[0].word == (
            "no second question for number, asked on Wed 4 Mar 2026 09:00: it was known"
        )

    @pytest.mark.parametrize(
        "events",
        [
            (),
            (call(6, 10, "errand"),),
            (again,),
            (call(5, 10, "errand"), again),
            (call(4, 9, "errand"), on(4, "told", 9, fact="number", party="customer")),
            (ours(6, 10), again),
        ],
    )
    def test_a_contact_that_did_not_bring_it_is_none(self, events: tuple[Event, ...]) -> None:
        assert spared(self.told, self.asked, *events) == []


class TestUnanswered:
    """A customer who asks again because nobody answered."""

    def test_nobody_said_that_it_had_arrived(self) -> None:
        found = demand(mail(3), call(6))
        (failure,) = found.proved
        assert (failure.event.id, failure.cause, failure.party) == ("contact6-9", "no acknowledgement", "office")
        assert failure.spared_by[0].word == (
            "word that what they had asked on Tue 3 Mar 2026 09:00 had arrived, and by when it would be answered, "
            "at once"
        )

    def test_it_was_acknowledged_and_not_answered(self) -> None:
        found = demand(mail(3), ours(3, 10, "acknowledgement", author="automatic"), call(6))
        (failure,) = found.proved
        assert failure.cause == "no answer"
        assert failure.spared_by[0].word == (
            "an answer to what they had asked on Tue 3 Mar 2026 09:00, before Fri 6 Mar 2026 09:00"
        )

    def test_the_oldest_message_counts_until_it_is_answered(self) -> None:
        """A chaser never restarts it."""
        assert [(i, c) for i, c, _, _ in spared(mail(3), mail(5), mail(8), call(9), call(12))] == [
            ("contact5-9", "no acknowledgement"),
            ("contact8-9", "no acknowledgement"),
            ("contact9-9", "no acknowledgement"),
        ]

    @pytest.mark.parametrize(
        "answer",
        [
            ours(4),
            on(4, "completed", party="office"),
            on(4, "estimate", due=30, party="office"),
            on(4, "promise", due=30, party="office"),
            call(4, direction="outbound"),
        ],
    )
    def test_an_answer_or_a_date_ends_the_wait(self, answer: Event) -> None:
        assert spared(mail(3), answer, call(6)) == []

    @pytest.mark.parametrize(
        "other",
        [
            ours(4, purpose="marketing"),
            ours(4, channel="phone", outcome="voicemail"),
            ours(4, purpose="survey", author="automatic"),
            on(4, "estimate", due=30, party="customer"),
            on(4, "note", party="office"),
            mail(4, author="automatic", purpose="out of office"),
        ],
    )
    def test_nothing_else_does(self, other: Event) -> None:
        assert [c for _, c, _, _ in spared(mail(3), other, call(6))] == ["no acknowledgement"]

    @pytest.mark.parametrize(
        ("first", "second", "certainty"),
        [
            (mail(3), call(3, 15), "possible"),
            (mail(3, purpose=""), call(6), "possible"),
            (mail(3), call(6, purpose=""), "possible"),
            (mail(3), call(6, direction=""), "possible"),
            (mail(3, purpose=""), mail(3, 10), ""),
            (mail(3), mail(3, 10, ""), ""),
            (mail(3, purpose="thanks"), call(6), ""),
            (mail(3), call(6, purpose="errand"), ""),
            (mail(3, direction=""), call(6), ""),
        ],
    )
    def test_is_proved_where_both_ask_and_days_lie_between(self, first: Event, second: Event, certainty: str) -> None:
        assert [c for _, _, _, c in spared(first, second)] == ([certainty] if certainty else [])

    def test_before_the_log_is_complete_the_answer_may_be_missing(self) -> None:
        assert [c for _, _, _, c in spared(mail(3), call(6), complete_since="2026-03-04T00:00Z")] == ["possible"]


class TestMisdirected:
    """A customer who had to turn elsewhere."""

    def test_where_the_log_says_so(self) -> None:
        elsewhere = call(3, outcome="misdirected", purpose="report", party="agent"), call(3, 10, "report")
        assert spared(*elsewhere) == [("contact3-10", "wrong channel", "agent", "proved")]

    def test_where_a_call_was_passed_on_perhaps(self) -> None:
        assert spared(call(3, purpose="report", party="agent"), call(3, 10, "transfer")) == [
            ("contact3-10", "wrong channel", "agent", "possible")
        ]

    def test_not_where_they_came_another_day_or_turned_elsewhere_themselves(self) -> None:
        assert spared(call(3, outcome="misdirected", purpose="report"), call(4, 9, "report")) == []
        assert spared(call(3, purpose="report"), call(3, 10, "report"), ours(3, 11)) == []


class TestSum:
    """Everything adds up, and the greatest cause comes first."""

    log = (
        on(2, "promise", due=5, ref="r", party="shop"), on(2, "estimate", due=5, party="office"),
        call(4, purpose="choice"), call(7), call(8, 9, "complaint"), call(8, 11, direction="", purpose="choice"),
        call(9, direction="", case="d"), on(6, "kept", ref="r", party="shop"), ours(11), mail(11, 12),
        mail(12, author="automatic", purpose="out of office"),
    )  # fmt: skip
    found = demand(*log)
    counted = (
        "6 contacts: 2 need not have been, 1 perhaps; 1 others of the customer, 2 of which nobody wrote down who began"
    )

    def test_of_contacts_that_need_not_have_been_and_others(self) -> None:
        assert [d.event.id for d in self.found.proved] == ["contact7-9", "contact11-12"]
        assert [d.event.id for d in self.found.possible] == ["contact8-9"]
        assert [d.event.id for d in self.found.value] == ["contact4-9"]
        assert [d.event.id for d in self.found.unsaid] == ["contact8-11", "contact9-9"]
        (value,) = self.found.value
        assert (value.is_failure, value.cause, value.party, value.certainty) == (False, "", "", "")

    def test_shares_are_of_what_is_proved(self) -> None:
        assert [(s.name, s.proved, s.possible, s.share, s.cumulative) for s in self.found.causes] == [
            ("passed estimate", 1, 1, 0.5, 0.5),
            ("unclear message", 1, 0, 0.5, 1.0),
        ]
        assert [(s.name, s.proved, s.possible) for s in self.found.parties] == [("office", 2, 1)]

    def test_is_a_table_and_data(self) -> None:
        assert str(self.found).splitlines() == [
            self.counted,
            "",
            "what to remove            proved   share  so far  possible",
            "passed estimate                1     50%     50%         1",
            "unclear message                1     50%    100%         0",
            "",
            "who could remove it       proved   share  so far  possible",
            "office                         2    100%    100%         1",
        ]
        data = json.loads(json.dumps(self.found.to_data()))
        assert (data["contacts"], data["proved"], data["possible"], data["value"], data["unsaid"]) == (6, 2, 1, 1, 2)
        assert data["failures"][0]["id"] == "contact7-9"
        assert data["failures"][0]["spared_by"][0] == {
            "cause": "passed estimate", "party": "office", "word": "a new estimate by Thu 5 Mar 2026 09:00",
            "certainty": "proved", "by": "2026-03-05T09:00:00+00:00",
        }  # fmt: skip
        assert (data["causes"][0]["name"], data["parties"][0]["name"]) == ("passed estimate", "office")
        assert data["review_at"] is None

    def test_of_nothing_is_nothing(self) -> None:
        nothing = demand(opened)
        assert (nothing.demands, nothing.causes, nothing.parties, nothing.review_at) == ((), (), (), None)

    def test_nobody_may_be_named(self) -> None:
        found = demand(mail(3, party=""), call(6))
        assert "nobody named" in str(found)

    def test_holds_until_more_is_known(self) -> None:
        late = Timeline([opened, call(14), attrs.evolve(call(20), recorded_at="2026-04-02T00:00Z")])
        assert str(failure_demand(late, plan=plan, until=END).review_at) == "2026-04-02 00:00:00+00:00"

    def test_a_history_is_a_log_whose_lapses_are_known(self) -> None:
        log = Timeline(self.log)
        until = Event(at=END, kind="note").at_us
        assert failure_demand(history_of(log, until, plan), plan=plan) == self.found

    def test_an_end_is_asked_for(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"^known is no log with an end: Timeline\(.*; pass a Timeline and"
        ):
            failure_demand(Timeline([]), plan=plan)


class TestClaim:
    """The real claim: what would have spared each chaser."""

    log = Timeline.read(csv.DictReader(CLAIM.read_text(encoding="utf-8").splitlines()), zone="America/Denver")
    found = failure_demand(log, plan=Plan.named("claims"), until="2018-02-28T00:00-07:00")

    @pytest.mark.parametrize(
        ("event", "cause", "party", "by"),
        [
            ("e10", "broken promise", "claims-office", "Tue 21 Nov 2017 17:00"),
            ("e13", "broken promise", "claims-office", "Tue 21 Nov 2017 17:00"),
            ("e14", "broken promise", "claims-office", "Tue 21 Nov 2017 17:00"),
            ("e26", "unclear message", "claims-office", "Thu 30 Nov 2017"),
            ("e50", "passed estimate", "body-shop", "Fri 12 Jan 2018 17:00"),
            ("e54", "passed estimate", "body-shop", "Fri 12 Jan 2018 17:00"),
        ],
    )
    def test_a_word_by_a_known_instant_would_have_spared_it(self, event: str, cause: str, party: str, by: str) -> None:
        (failure,) = (d for d in self.found.proved if d.event.id == event)
        assert (failure.cause, failure.party) == (cause, party)
        assert by in failure.spared_by[0].word

    def test_a_third_of_the_calls_need_not_have_been(self) -> None:
        assert [d.event.id for d in self.found.proved] == ["e10", "e13", "e14", "e26", "e50", "e54"]
        assert [d.event.id for d in self.found.possible] == ["e04", "e34", "e46", "e47", "e49"]
        assert [d.event.id for d in self.found.value] == [
            "e02", "e20", "e22", "e24", "e30", "e39", "e41", "e43", "e62",
        ]  # fmt: skip
        assert self.found.unsaid == ()

    def test_one_promise_accounts_for_half(self) -> None:
        assert [(s.name, s.proved, s.possible) for s in self.found.causes] == [
            ("broken promise", 3, 0),
            ("passed estimate", 2, 3),
            ("unclear message", 1, 0),
            ("overdue update", 0, 1),
            ("wrong channel", 0, 1),
        ]
        assert self.found.causes[0].share == 0.5
        assert [(s.name, s.proved) for s in self.found.parties] == [
            ("claims-office", 4),
            ("body-shop", 2),
            ("agent", 0),
        ]
