"""Policies: guards and duties, joined and asked alone."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from attrs import field, frozen

from carepolicy import (
    ALWAYS,
    NEVER,
    Actionable,
    Cadence,
    Calendar,
    ContactHours,
    Duty,
    Event,
    Fact,
    Facts,
    Guard,
    Heartbeat,
    JourneyComplete,
    NoTrouble,
    Parties,
    PromiseKept,
    RestBetween,
    Span,
    StillFresh,
    Timeline,
    Verdict,
    all_of,
    days,
    first_of,
    last,
    working_days,
)
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.policy import duty_parts, guard_parts
from carepolicy.protocols import DutyLike, GuardLike
from carepolicy.rules import Part, Rules, own_answers

AT = "2026-03-02T09:00Z"
NOW = Event(at=AT, kind="x").at_us
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
morning = Calendar.weekly("Mon-Sun 06:00-12:00", zone="UTC")


@frozen
class AfterSale(Duty):
    """A call after the sale.

    And more words.
    """

    within: Span = field(factory=lambda: days(2))
    facts: ClassVar[Mapping[str, Fact]] = {"sold": last("sold", missing=NEVER)}

    def due(self, f: Facts) -> Any:
        return f.after(f.sold, self.within)


@frozen
class NotOnRequest(Guard):
    """Not before the customer asked for it."""

    facts: ClassVar[Mapping[str, Fact]] = {"asked": last("asked", missing=NEVER, scope="party")}
    awaits: ClassVar[str] = "the customer to ask"

    def opens(self, f: Facts) -> Any:
        return f.asked


class Stranger:
    """A guard and a duty of somebody who subclasses nothing: the methods are all there is to it."""

    awaits = "nothing"
    lapse = "missed"
    owed = "it"

    def __init__(self, instant: int, kind: str) -> None:
        self.instant, self.kind = instant, kind
        if kind == "guard":
            self.opens = self.closes = self.redirects = self.likely = lambda f: instant
            self.open_hours = lambda: None
        else:
            self.starts = self.due = self.attempted = lambda f: instant
            self.interval = lambda: None

    def needs(self) -> dict[str, Fact]:
        return {}

    def cycle(self, f: Facts) -> int:
        return ALWAYS

    def explain(self) -> str:
        return "a stranger's"


stranger_guard: Any = Stranger(5, "guard")
stranger_duty: Any = Stranger(5, "duty")


class TestOwn:
    """What a policy leaves to the defaults need not be asked."""

    def test_is_what_it_does_not_inherit(self) -> None:
        for policy, own in (
            (Guard(), set()),
            (NotOnRequest(), {"opens"}),
            (ContactHours(office), set()),
            (NoTrouble(), {"opens", "cycle"}),
            (Cadence(days(3)), {"starts", "cycle", "attempted"}),
            (AfterSale(), set()),
        ):
            assert own_answers(policy) == own

    def test_is_all_that_a_stranger_has(self) -> None:
        assert own_answers(stranger_guard) == {"opens", "closes", "redirects", "likely", "cycle"}
        assert own_answers(stranger_duty) == {"starts", "cycle", "attempted"}


class TestGuard:
    """When something may happen; always, unless a subclass says otherwise."""

    def test_has_a_default_for_everything(self) -> None:
        f = Facts()
        guard = Guard()
        assert (guard.opens(f), guard.closes(f), guard.redirects(f), guard.likely(f), guard.cycle(f)) == (
            ALWAYS, NEVER, NEVER, ALWAYS, ALWAYS,
        )  # fmt: skip
        assert guard.open_hours() is None
        assert not guard.local_hours
        assert guard.needs() == {}

    def test_is_what_its_docstring_says(self) -> None:
        assert NotOnRequest().explain() == "Not before the customer asked for it"
        assert AfterSale().explain() == "A call after the sale"
        assert type("Nameless", (Guard,), {})().explain() == "Nameless"

    def test_or_is_refused_with_the_reason(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"guards cannot be joined with \|: RestBetween \| Actionable; a"):
            RestBetween() | Actionable()


class TestDuty:
    """When something must happen."""

    def test_has_a_default_for_everything_but_due(self) -> None:
        f = Facts(sold=AT)
        duty = AfterSale()
        assert duty.starts(f) == duty.due(f) == NOW + 2 * 86_400_000_000
        assert (duty.attempted(f), duty.interval(), duty.cycle(f), duty.lapse) == (ALWAYS, None, ALWAYS, "missed")
        with pytest.raises(InvalidPolicyError, match="duty has no due instant: Duty; write its `due` method"):
            Duty().due(f)

    def test_and_is_refused_with_the_reason(self) -> None:
        with pytest.raises(InvalidPolicyError, match="duties cannot be joined with &: AfterSale & RestBetween; join"):
            AfterSale() & RestBetween()


class TestJoining:
    """`&` is all of some guards, `|` the first of some duties: flat, each once, in any order."""

    a, b, c = RestBetween(), Actionable(), StillFresh(days(3))
    x, y, z = AfterSale(), AfterSale(days(9)), PromiseKept()

    def test_grouping_and_order_do_not_matter(self) -> None:
        a, b, c, x, y, z = self.a, self.b, self.c, self.x, self.y, self.z
        assert (a & b) & c == a & (b & c) == all_of(c, b, a) == a & b & c & b
        assert hash(a & b) == hash(b & a)
        assert (x | y) | z == x | (y | z) == first_of(z, y, x) == x | y | z | x
        assert (a & a).parts == (a,)
        assert a & b != a & c

    def test_parts(self) -> None:
        assert guard_parts(None) == duty_parts(None) == ()
        assert guard_parts(self.a) == (self.a,)
        assert duty_parts(self.x) == (self.x,)
        assert guard_parts(self.a & self.b) == (self.a, self.b)
        assert duty_parts(self.x | self.y) == (self.x, self.y)

    def test_say_and_need_what_their_parts_do(self) -> None:
        assert (self.a & self.b).explain() == "90 days after the last survey; before the customer leaves"
        assert (self.x | self.z).explain() == "A call after the sale; or a promise is kept by its date"
        assert set((self.a & self.b).needs()) == {"last_invited", "left", "sold"}
        assert set((self.x | self.z).needs()) == {"sold", "promised", "promised_by", "settled"}

    def test_strangers_join_from_either_side(self) -> None:
        assert isinstance(stranger_guard, GuardLike)
        assert isinstance(stranger_duty, DutyLike)
        assert (stranger_guard & self.a).parts == (stranger_guard, self.a)
        assert (self.a & stranger_guard).parts == (self.a, stranger_guard)
        assert (stranger_duty | self.x).parts == (stranger_duty, self.x)
        assert (self.x | stranger_duty).parts == (self.x, stranger_duty)

    def test_answer_for_their_parts(self) -> None:
        f = Facts(last_invited=AT, left=AT, sold=None).with_defaults(office, (self.a & self.b).needs())
        both = self.a & self.b & ContactHours(office) & ContactHours(morning)
        assert both.opens(f) == both.likely(f) == self.a.opens(f)
        assert both.closes(f) == NOW
        assert (both.redirects(f), both.cycle(f)) == (NEVER, ALWAYS)
        assert both.open_hours() == office & morning
        assert (self.a & self.b).open_hours() is None
        assert (stranger_guard & self.b).redirects(f) == 5
        f = Facts(sold=AT)
        either = self.y | self.x
        assert either.due(f) == either.starts(f) == self.x.due(f)
        assert either.attempted(f) == ALWAYS
        assert (stranger_duty | self.x).due(f) == 5

    def test_nothing_changes_nothing(self) -> None:
        f = Facts()
        assert (all_of().opens(f), all_of().closes(f), first_of().due(f)) == (ALWAYS, NEVER, NEVER)

    @pytest.mark.parametrize(
        ("join", "one", "other", "problem"),
        [
            (
                all_of,
                RestBetween(),
                AfterSale(),
                "guard is not one: AfterSale(within=days(2)); a duty and a guard make a touch",
            ),
            (operator.and_, RestBetween(), RestBetween, "guard is not one: <class"),
            (
                operator.or_,
                AfterSale(),
                RestBetween(),
                "duty is not one: RestBetween(rest=days(90), after='invited', survey='', person=''); a duty and",
            ),
            (first_of, AfterSale(), AfterSale, "duty is not one: <class"),
        ],
    )
    def test_what_is_of_the_other_kind_is_refused(self, join: Any, one: Any, other: Any, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            join(one, other)


class TestAlone:
    """One policy decides by itself, from a timeline or from the facts that a host keeps."""

    log = Timeline(
        [
            Event(at="2026-03-01T09:00Z", kind="promise", customer="acme", case="a", ref="x", due="2026-03-09T09:00Z"),
            Event(at="2026-03-01T09:00Z", kind="promise", customer="acme", case="a", ref="y", due="2026-03-01T12:00Z"),
            Event(at="2026-03-01T09:00Z", kind="promise", customer="bolt", case="b", due="2026-03-08T09:00Z"),
            Event(at="2026-03-02T10:00Z", kind="note", customer="bolt", case="b"),
        ]
    )

    def test_the_most_pressing_comes_first(self) -> None:
        decision = PromiseKept().decide(self.log, AT, calendar=office)
        assert (decision.customer, decision.ref, decision.verdict) == ("acme", "y", Verdict.OVERDUE)
        assert str(decision.review_at) == "2026-03-02 10:00:00+00:00", "an event still to come"

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            ({"customer": "bolt"}, "2026-03-08"),
            ({"case": "a", "ref": "x"}, "2026-03-09"),
            ({"customer": "acme"}, "2026-03-01"),
        ],
    )
    def test_or_the_one_that_is_asked_for(self, asked: dict[str, str], due: str) -> None:
        decision = PromiseKept().decide(self.log, AT, **asked)  # type: ignore[arg-type]
        assert str(decision.due)[:10] == due

    def test_of_whom_nothing_is_known(self) -> None:
        with pytest.raises(
            UnknownNameError,
            match=re.escape("nothing is known of customer='acme', ref='z' at 2026-03-02T09:00:00+00:00; leave"),
        ):
            PromiseKept().decide(self.log, AT, customer="acme", ref="z")
        assert RestBetween().decide(Timeline([]), AT).verdict == Verdict.GO

    def test_with_parties(self) -> None:
        promise = Event(at="2026-03-01T09:00Z", kind="promise", party="dealer", due="2026-03-01T12:00Z")
        ours = PromiseKept(by="us")
        assert ours.decide(Timeline([promise]), AT).verdict == Verdict.OVERDUE
        assert ours.decide(Timeline([promise]), AT, parties=Parties(partners="dealer")).verdict == Verdict.WAIT

    def test_joined(self) -> None:
        sold = Event(at="2026-02-27T09:00Z", kind="sold", id="s")
        decision = (AfterSale(days(9)) | AfterSale()).decide(Timeline([sold]), AT)
        assert decision.verdict == Verdict.OVERDUE
        assert str(decision.due) == "2026-03-01 09:00:00+00:00"

    def test_from_facts(self) -> None:
        guard = RestBetween(working_days(2)) & Actionable()
        decision = guard.decide_facts(Facts(office, last_invited="2026-02-27T09:00Z"), AT)
        assert str(decision.opens) == "2026-03-03 09:00:00+00:00"
        assert decision.verdict == Verdict.WAIT
        everyday = guard.decide_facts(Facts(last_invited="2026-02-27T09:00Z"), AT, calendar=Calendar.always())
        assert str(everyday.opens) == "2026-03-01 09:00:00+00:00"

    def test_facts_of_several_scopes_are_one_table_row(self) -> None:
        both = Heartbeat(days(5)) | PromiseKept()
        decision = both.decide_facts(Facts(last_opened="2026-02-20T09:00Z", promised=AT, promised_by=AT), AT)
        assert str(decision.due) == "2026-02-25 09:00:00+00:00"
        assert [reason.policy for reason in decision.reasons] == ["Heartbeat", "PromiseKept"]


class TestScopes:
    """What is about a party cannot be joined with what is about a case."""

    def test_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match="call joins facts about a party with facts about a case"):
            Rules.of([Part("call", (), (NotOnRequest(), StillFresh(days(3))))], office, Parties())

    def test_a_party_is_judged_by_itself(self) -> None:
        asked = Event(at="2026-03-01T09:00Z", kind="asked", customer="acme", party="driver")
        decision = (NotOnRequest() & Actionable()).decide(Timeline([asked]), AT)
        assert (decision.customer, decision.party, decision.verdict) == ("acme", "driver", Verdict.GO)
        assert NotOnRequest().decide(Timeline([]), AT).reasons[0].text.endswith(": waits for the customer to ask")


class TestAskedAlone:
    """One policy asked outside any plan, of a log or of columns."""

    def test_knows_everybody_in_the_log(self) -> None:
        """Also whom nothing is known of that feeds the policy."""
        log = Timeline([Event(at="2026-03-02T09:00Z", kind="note", customer="ann", case="c")])
        decision = RestBetween().decide(log, "2026-03-03T09:00Z", customer="ann")
        assert (decision.customer, decision.verdict.value) == ("ann", "go")
        assert decision.key != RestBetween().decide(Timeline([]), "2026-03-03T09:00Z").key
        assert JourneyComplete().decide(log, "2026-03-03T09:00Z", case="c").unit == ("ann", "c", "", "")
        with pytest.raises(UnknownNameError, match=r"^nothing is known of customer='bob' at"):
            RestBetween().decide(log, "2026-03-03T09:00Z", customer="bob")

    def test_may_be_told_where_the_customer_is(self) -> None:
        hours = ContactHours(Calendar.weekly("Mon-Sun 08:00-21:00", zone="UTC"))
        assert hours.decide(Timeline([]), "2026-03-03T09:00Z").verdict.value == "go"
        assert hours.decide(Timeline([]), "2026-03-03T09:00Z", zone="America/Denver").verdict.value == "wait"

    def test_does_not_know_what_has_not_happened(self) -> None:
        """A column may say when the parcel came, and be asked about the day before."""
        came = Facts(completed="2026-03-08T15:00Z", promised_by="2026-03-06T00:00Z")
        late = JourneyComplete().decide_facts(came, "2026-03-07T09:00Z")
        assert (late.verdict.value, str(late.review_at)) == ("redirect", "2026-03-08 15:00:00+00:00")
        assert JourneyComplete().decide_facts(came, "2026-03-08T15:00Z").verdict.value == "go"

    def test_takes_a_log_and_nothing_else(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^timeline is none: \[\]; read rows with Timeline.read\(rows\)$"):
            RestBetween().decide([], "2026-03-03T09:00Z")  # type: ignore[arg-type]
