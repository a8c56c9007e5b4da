"""Audits: history held against a plan, one finding for each occasion, by what was known."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import pytest

from carepolicy import (
    NEVER,
    Actionable,
    AnswerableUntil,
    Audit,
    Cadence,
    Calendar,
    ContactHours,
    Duty,
    EstimateCurrent,
    Event,
    Fact,
    Finding,
    Guard,
    Heartbeat,
    JourneyComplete,
    NoTrouble,
    Parties,
    Plan,
    PromiseKept,
    RestBetween,
    Span,
    StillFresh,
    Timeline,
    Touch,
    days,
    last,
    where,
)
from carepolicy.errors import InvalidPolicyError

END = "2026-03-31T09:00Z"
always = Calendar.always()
office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
parties = Parties(partners=["shop", "dealer"])


def on(day: int, kind: str, due: int | None = None, **words: Any) -> Event:
    by = None if due is None else f"2026-03-{due:02}T09:00Z"
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, id=f"{kind}{day}", **{"case": "c", **words})


def talk(day: int, **words: Any) -> Event:
    usual = {"direction": "outbound", "channel": "phone", "outcome": "conversation", "party": "agent"}
    return on(day, "contact", **{**usual, **words})


def audit(touch: Touch, *events: Event, until: str = END, name: str = "touch", since: str | None = None) -> Audit:
    plan = Plan(always, parties=parties, checks=(), touches={name: touch})
    return plan.audit(Timeline(events, complete_since=since), until)


def shapes(findings: Any) -> list[tuple[str, str, str]]:
    """Kind, day, and the day until which it lasted."""
    return [(f.kind, str(f.at)[8:10], str(f.until)[8:10] if f.until else "-") for f in findings]


class TestSilence:
    """A talk that was due: once for each interval, until it came."""

    touch = Touch(due=Cadence(days(10)), owner="agent")

    def test_is_reported_each_time_it_crosses_another_interval(self) -> None:
        findings = audit(self.touch, on(1, "sold"), talk(25)).findings
        assert shapes(findings) == [("silence", "11", "25"), ("silence", "21", "25")]
        assert [f.evidence for f in findings] == [("sold1", "contact25")] * 2
        assert {(f.party, f.policy, f.touch) for f in findings} == {("agent", "Cadence", "touch")}

    def test_lasts_while_nobody_talks(self) -> None:
        (finding, _) = audit(self.touch, on(1, "sold"), until="2026-03-22T09:00Z")
        assert (finding.until, finding.evidence, finding.why) == (
            None, ("sold1",), "no talk that we began since Sun 1 Mar 2026 09:00: due Wed 11 Mar 2026 09:00",
        )  # fmt: skip
        assert str(finding.to_data()["instead_at"])[:10] == "2026-03-11"

    def test_of_who_left_is_no_longer_counted(self) -> None:
        assert shapes(audit(self.touch, on(1, "sold"), on(12, "left"), talk(29))) == [("silence", "11", "29")]

    def test_is_none_where_the_talk_came_in_time(self) -> None:
        assert audit(self.touch, on(1, "sold"), talk(11), until="2026-03-20T09:00Z").findings == ()

    def test_before_the_log_is_complete_is_unknown(self) -> None:
        findings = audit(self.touch, on(1, "sold"), since="2026-03-15T09:00Z", until="2026-03-22T09:00Z")
        assert shapes(findings) == [("unknown", "11", "-"), ("unknown", "21", "-")]

    def test_is_whose_the_duty_names_where_nobody_owns_it(self) -> None:
        named = Touch(due=Cadence(days(10), by=["agent", "us", "office"]))
        assert audit(named, on(1, "sold")).findings[0].party == "agent, office"


class TestOwn:
    """A duty of one's own is missed, or late where it was done after all."""

    @attrs.frozen
    class AfterSale(Duty):
        """A call after the sale."""

        every: Span | None = None
        facts: ClassVar[Mapping[str, Fact]] = {"sold": last("sold"), "called": last("note")}

        def due(self, f: Any) -> Any:
            return where(f.called > f.sold, NEVER, f.after(f.sold, days(2)))

        def interval(self) -> Span | None:
            return self.every

    def test_is_missed_or_late(self) -> None:
        touch = Touch(due=self.AfterSale())
        assert shapes(audit(touch, on(1, "sold"))) == [("missed", "03", "-")]
        assert shapes(audit(touch, on(1, "sold"), on(9, "note"))) == [("late", "03", "09")]
        assert shapes(audit(touch, on(1, "sold"), on(2, "note"))) == []
        assert shapes(audit(touch, on(1, "sold"), until="2026-03-03T09:00Z")) == []

    @pytest.mark.parametrize("interval", [days(1), days(0)])
    def test_with_an_interval_and_no_cycle_comes_to_an_end(self, interval: Span) -> None:
        assert shapes(audit(Touch(due=self.AfterSale(interval)), on(1, "sold"))) == [("missed", "03", "-")]

    def test_of_a_party_is_its_own(self) -> None:
        @attrs.frozen
        class CallBack(Duty):
            """A call back to each party."""

            facts: ClassVar[Mapping[str, Fact]] = {"asked": last("asked", scope="party")}

            def due(self, f: Any) -> Any:
                return f.after(f.asked, days(2))

            def cycle(self, f: Any) -> Any:
                return f.asked

        found = audit(Touch(due=CallBack()), on(1, "asked", party="x"), on(2, "asked", party="y"), on(1, "note"))
        assert [(f.at.day if f.at else 0, f.evidence) for f in found] == [(3, ("asked1",)), (4, ("asked2",))]

    def test_of_a_case_may_depend_on_the_customer(self) -> None:
        @attrs.frozen
        class WhileHere(Duty):
            """A word in each case, while the customer has not left."""

            facts: ClassVar[Mapping[str, Fact]] = {"opened": last("opened", scope="case"), "left": last("left")}

            def due(self, f: Any) -> Any:
                return where(f.left > f.opened, NEVER, f.after(f.opened, days(4)))

        cases = [on(1, "opened"), on(3, "opened", case="d"), on(4, "opened", case="")]
        left = on(6, "left", case="")
        assert shapes(audit(Touch(due=WhileHere()), *cases)) == [("missed", "05", "-"), ("missed", "07", "-")]
        assert shapes(audit(Touch(due=WhileHere()), *cases, left)) == [("late", "05", "06")]


class TestPromises:
    """Past due it is broken, late or unknown."""

    touch = Touch(due=PromiseKept())
    promise = on(1, "promise", 5, ref="r", party="shop")

    @pytest.mark.parametrize(
        ("events", "expected"),
        [
            ([], [("unknown", "05", "-")]),
            ([on(9, "kept", ref="r")], [("late", "05", "09")]),
            ([on(9, "withdrawn", ref="r")], [("broken_promise", "05", "09")]),
            ([on(4, "kept", ref="r")], []),
            ([on(5, "kept", ref="r")], []),
            ([talk(7, party="shop")], [("broken_promise", "05", "-")]),
            ([talk(7, party="shop"), on(9, "kept", ref="r")], [("broken_promise", "05", "09")]),
            ([talk(4, party="shop"), on(9, "kept", ref="r")], [("late", "05", "09")]),
            ([talk(9, party="agent")], [("unknown", "05", "-")]),
            ([talk(9, party="shop", case="other")], [("unknown", "05", "-")]),
            ([on(7, "failed", ref="r")], [("broken_promise", "05", "-")]),
            ([on(7, "failed", ref="s")], [("unknown", "05", "-")]),
            ([on(7, "note", party="shop")], [("unknown", "05", "-")]),
            ([on(3, "promise", 8, ref="r", party="shop")], [("unknown", "08", "-")]),
            ([on(7, "promise", 8, ref="r", party="shop")], [("broken_promise", "05", "07"), ("unknown", "08", "-")]),
        ],
    )
    def test_by_what_was_heard_of_it(self, events: list[Event], expected: list[tuple[str, str, str]]) -> None:
        assert shapes(audit(self.touch, self.promise, *events)) == expected

    def test_are_whose_gave_them(self) -> None:
        (finding,) = audit(self.touch, attrs.evolve(self.promise, text="parts come"))
        assert (finding.party, finding.ref, finding.case) == ("shop", "r", "c")
        assert finding.why == "the promise (parts come) was due Thu 5 Mar 2026 09:00; nobody ever confirmed it"

    def test_an_unkept_failure_of_the_case_breaks_no_part(self) -> None:
        whole = attrs.evolve(self.promise, ref="")
        assert shapes(audit(self.touch, whole, on(7, "failed"))) == [("unknown", "05", "-")]

    def test_an_estimate_that_passes_is_late_or_missed(self) -> None:
        estimate = on(1, "estimate", 5, party="shop")
        touch = Touch(due=EstimateCurrent())
        assert shapes(audit(touch, estimate, on(9, "estimate", 12))) == [("late", "05", "09"), ("missed", "12", "-")]
        assert shapes(audit(touch, estimate, on(4, "estimate", 12), on(9, "completed"))) == []


class TestByTheDay:
    """The hour of a day-precise event is a stand-in, and never the ground of a finding."""

    def test_met_on_the_day_is_met(self) -> None:
        touch = Touch(due=Heartbeat(days(2)))
        opened = on(1, "opened")
        update = talk(3, purpose="update")
        late = attrs.evolve(update, at="2026-03-03T15:00Z")
        end = "2026-03-04T09:00Z"
        assert shapes(audit(touch, opened, late, until=end)) == [("late", "03", "03")]
        for pair in (
            (opened, attrs.evolve(late, precision="day")),
            (attrs.evolve(opened, precision="day"), late),
        ):
            assert shapes(audit(touch, *pair, until=end)) == []

    def test_a_promised_hour_is_an_hour(self) -> None:
        promise = attrs.evolve(on(1, "promise", 5, ref="r"), precision="day")
        kept = attrs.evolve(on(5, "kept", ref="r"), at="2026-03-05T15:00Z")
        assert shapes(audit(Touch(due=PromiseKept()), promise, kept)) == [("late", "05", "05")]
        assert shapes(audit(Touch(due=PromiseKept()), promise, attrs.evolve(kept, precision="day"))) == []

    def test_a_message_may_have_gone_out_at_a_right_hour(self) -> None:
        touch = Touch(guard=ContactHours(office))
        sunday = on(1, "survey", party="office")
        assert shapes(audit(touch, attrs.evolve(sunday, precision="day"), name="survey")) == [("too_early", "01", "-")]
        night = attrs.evolve(sunday, at="2026-03-03T20:00Z")
        assert shapes(audit(touch, night, name="survey")) == [("too_early", "03", "-")]
        assert audit(touch, attrs.evolve(night, precision="day"), name="survey").findings == ()
        left = on(3, "left")
        assert audit(
            Touch(guard=Actionable()), left, attrs.evolve(night, precision="day"), name="survey"
        ).findings == ()  # fmt: skip


class TestMessages:
    """What went out is held against its guard, by what was known then."""

    def test_too_late_too_early_forbidden(self) -> None:
        survey = on(9, "survey", party="office")
        completed = on(1, "completed")
        late = audit(Touch(guard=StillFresh(days(3))), completed, survey, name="survey").findings
        assert shapes(late) == [("late", "09", "-")]
        assert late[0].instead == "before Wed 4 Mar 2026 09:00, or not at all"
        early = audit(Touch(guard=RestBetween(days(20))), on(2, "survey"), survey, name="survey").findings
        assert shapes(early) == [("too_early", "09", "-")]
        assert early[0].evidence == ("survey9", "survey2")
        assert str(early[0].to_data()["instead_at"])[:10] == "2026-03-22"
        awaiting = audit(Touch(guard=NoTrouble()), on(2, "opened"), survey, name="survey").findings
        assert shapes(awaiting) == [("forbidden", "09", "-")]
        assert awaiting[0].instead.startswith("not yet, by what was known then; ")
        assert awaiting[0].to_data()["instead_at"] is None
        redirect = audit(Touch(guard=JourneyComplete()), on(1, "estimate", 5), survey, name="survey").findings
        assert shapes(redirect) == [("forbidden", "09", "-")]

    def test_that_could_never_be_right_says_so(self) -> None:
        guard = StillFresh(days(3)) & RestBetween(days(20))
        found = audit(Touch(guard=guard), on(1, "completed"), on(2, "survey"), on(3, "survey"), name="survey").findings
        assert shapes(found) == [("forbidden", "03", "-")]
        assert found[0].instead.endswith("; never, by what is known now")
        assert found[0].to_data()["instead_at"] is None

    def test_outside_the_hours_says_when_they_open(self) -> None:
        sunday = on(1, "survey", party="office")
        (finding,) = audit(Touch(guard=ContactHours(office)), sunday, name="survey")
        assert finding.instead_us == Event(at="2026-03-02T09:00Z", kind="x").at_us
        assert "Mon 2 Mar 2026 09:00" in finding.instead
        assert "closed until Mon 2 Mar 2026 09:00" in finding.why
        assert finding.policy == "ContactHours"

    def test_that_closes_too_soon_is_judged_by_its_own_closing(self) -> None:
        touch = Touch(guard=JourneyComplete() & AnswerableUntil())
        events = [on(1, "estimate", 20), on(9, "survey", 15, party="office"), on(19, "completed")]
        (finding,) = audit(touch, *events, name="survey")
        assert shapes([finding]) == [("forbidden", "09", "15")]
        assert str(finding.to_data()["instead_at"])[:10] == "2026-03-19"
        assert finding.instead.startswith("from Fri 20 Mar 2026 09:00, by what was known then; from Thu 19 Mar 2026")

    def test_only_what_our_side_sent_is_held(self) -> None:
        touch = Touch(guard=NoTrouble())
        opened = on(1, "opened")
        for words in ({"direction": "inbound"}, {"party": "customer"}, {"purpose": "other"}):
            sent: dict[str, Any] = {"purpose": "offer", "party": "office", "direction": "", **words}
            assert audit(touch, opened, on(5, "contact", **sent), name="offer").findings == ()
        sent = {"purpose": "offer", "party": "shop", "direction": ""}
        assert len(audit(touch, opened, on(5, "contact", **sent), name="offer")) == 1

    def test_what_became_known_later_is_no_ground(self) -> None:
        """The case was open, but nobody knew it yet."""
        opened = attrs.evolve(on(1, "opened"), recorded_at="2026-03-08T09:00Z")
        sends = [on(5, "survey"), on(9, "survey")]
        assert shapes(audit(Touch(guard=NoTrouble()), opened, *sends, name="survey")) == [("forbidden", "09", "-")]

    def test_nor_is_what_was_corrected_later(self) -> None:
        note = on(1, "note")
        really = attrs.evolve(note, kind="opened", recorded_at="2026-03-08T09:00Z")
        sends = [on(5, "survey"), on(9, "survey")]
        found = audit(Touch(guard=NoTrouble()), note, really, *sends, name="survey")
        assert shapes(found) == [("forbidden", "09", "-")]
        assert [p.code for p in found.problems] == ["corrected"]

    def test_another_case_counts_only_where_the_facts_are_the_customers(self) -> None:
        sent = on(9, "survey", case="d")
        opened, completed = on(1, "opened"), on(2, "completed", case="d")
        assert shapes(audit(Touch(guard=NoTrouble()), opened, sent, name="survey")) == [("forbidden", "09", "-")]
        both = Touch(guard=JourneyComplete() & RestBetween(days(9)))
        assert audit(both, on(1, "estimate", 5), completed, sent, name="survey").findings == ()
        rested = audit(both, on(1, "estimate", 5), completed, on(5, "survey"), sent, name="survey")
        assert [(f.kind, f.case) for f in rested] == [("forbidden", "c"), ("too_early", "d")]

    def test_a_reason_that_does_not_bind_is_still_named(self) -> None:
        class Closed(Guard):
            """Never on a day with an r."""

            def redirects(self, f: Any) -> Any:
                return 5

        plan = Plan(always, checks=(), survey=Touch(guard=attrs.frozen(Closed)()))
        (finding,) = plan.audit(Timeline([on(1, "survey")]), END)
        assert (finding.kind, finding.policy) == ("forbidden", "Closed")


class TestArguments:
    """What is no log and what are no plans is refused by name."""

    def test_refuses(self) -> None:
        plan = Plan(always, call=Touch(due=Cadence(days(3))))
        with pytest.raises(InvalidPolicyError, match=r"^timeline is none: \[1\]; read rows with Timeline.read"):
            plan.audit([1], END)  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match=r"^plans are not pairs: "):
            plan.audit(Timeline([]), END, plans=[plan])  # type: ignore[list-item]

    def test_a_date_put_off_after_it_passed_was_not_kept(self) -> None:
        touch = Touch(due=PromiseKept())
        first, second = on(1, "promise", 5, ref="r", party="shop"), on(7, "promise", 20, ref="r", party="shop")
        finding = audit(touch, first, second).findings[0]
        assert finding.why.endswith("and put off only after that, on Sat 7 Mar 2026 09:00")


class TestPlans:
    """Each stretch of history is held against the plan then in force: what was met stays met."""

    three, five = (Plan(always, name=str(n), checks=(), call=Touch(due=Cadence(days(n)))) for n in (3, 5))

    def found(self, *plans: tuple[str, Plan], until: str = "2026-03-08T09:00Z") -> list[tuple[str, str]]:
        log = Timeline([on(1, "sold"), talk(5)])
        names = {plan.version: plan.name for _, plan in plans}
        return [(str(f.at)[8:10], names[f.plan]) for f in self.three.audit(log, until, plans=plans)]

    def test_a_cycle_is_held_against_the_plan_under_which_it_began(self) -> None:
        assert self.found(("2026-01-01T00:00Z", self.five), ("2026-03-03T00:00Z", self.three)) == []
        assert self.found(("2026-01-01T00:00Z", self.three), ("2026-03-03T00:00Z", self.five)) == [("04", "3")]
        assert self.found(
            ("2026-03-02T00:00Z", self.three), ("2026-01-01T00:00Z", self.five), until="2026-03-09T09:00Z"
        ) == [("08", "3")]  # fmt: skip

    def test_a_duty_that_is_new_holds_from_when_it_came_into_force(self) -> None:
        """A cycle that began while nobody owed it is owed by the plan that brings the duty, and not before."""
        silent = Plan(always, name="silent", checks=(), survey=Touch(guard=Actionable()))
        log = Timeline([on(1, "sold")])
        plans = [("2026-01-01T00:00Z", silent), ("2026-03-03T00:00Z", self.three)]
        found = silent.audit(log, "2026-03-12T09:00Z", plans=plans)
        assert [(f.kind, str(f.at)[8:10]) for f in found] == [("silence", "04"), ("silence", "07"), ("silence", "10")]
        late = [("2026-01-01T00:00Z", silent), ("2026-03-06T00:00Z", self.three)]
        assert [str(f.at)[8:10] for f in silent.audit(log, "2026-03-08T09:00Z", plans=late)] == ["06", "07"]
        met = Timeline([on(1, "sold"), talk(5)])
        assert [str(f.at)[8:10] for f in silent.audit(met, "2026-03-07T09:00Z", plans=late)] == []

    def test_the_first_one_counts_before_it_was_written_down(self) -> None:
        assert self.found(("2026-03-20T00:00Z", self.three)) == [("04", "3")]

    def test_that_come_back_report_once(self) -> None:
        back = [("2026-01-01T00:00Z", self.three), ("2026-03-20T00:00Z", self.five), ("2026-03-25T00:00Z", self.three)]
        assert self.found(*back) == [("04", "3")]

    def test_messages_and_checks_are_held_against_the_plan_of_their_day(self) -> None:
        strict = Plan(always, survey=Touch(guard=NoTrouble()))
        loose = Plan(always, checks=(), survey=Touch(guard=Actionable()))
        log = Timeline([on(1, "opened"), on(2, "survey"), on(5, "survey"), on(6, "estimate", 9), on(7, "estimate", 12)])
        plans = [("2026-01-01T00:00Z", strict), ("2026-03-04T00:00Z", loose)]
        assert shapes(strict.audit(log, END, plans=plans)) == [("forbidden", "02", "-")]
        assert shapes(strict.audit(log, END)) == [
            ("forbidden", "02", "-"),
            ("forbidden", "05", "-"),
            ("slipped", "07", "12"),
        ]


class TestHeld:
    """Who had a case in hand, and how long a date of theirs had passed meanwhile."""

    log = (
        on(1, "handed", party="agent"),
        on(2, "opened", party="office"),
        on(3, "promise", 4, ref="r", party="office"),
        on(6, "kept", ref="r", party="office"),
        on(7, "handed", party="office"),
        on(8, "note", party="office"),
        on(9, "accepted", party="shop"),
        on(10, "estimate", 12, party="shop"),
        on(11, "estimate", 12, party="shop", ref="p"),
        on(15, "estimate", 19, party="shop"),
        on(16, "handed", party="shop"),
        on(17, "note", party="office"),
        on(20, "completed", party="shop"),
        on(22, "handed", party="shop"),
    )

    def held(self, *events: Event, until: str = END) -> list[tuple[str, float, float]]:
        touch = Touch(due=PromiseKept() | EstimateCurrent(), owner="office")
        return [(h.party, h.days, h.days_overdue) for h in audit(touch, *events, until=until).held]

    def test_goes_from_hand_to_hand(self) -> None:
        assert self.held(*self.log) == [("office", 9.0, 2.0), ("shop", 9.0, 8.0)]
        touch = Touch(due=PromiseKept())
        whole = audit(touch, *self.log)
        assert whole.days_held() == {"office": 9.0, "shop": 9.0}
        office = whole.held[0]
        assert [str(t)[8:10] for t in (office.since, office.until)] == ["02", "20"]
        assert len(office.stretches) == 2

    def test_lasts_until_the_end_of_what_is_known(self) -> None:
        assert self.held(on(2, "opened", party="office"), until="2026-03-05T09:00Z") == [("office", 3.0, 0.0)]
        assert self.held(on(2, "reopened", party="x"), on(3, "closed"), until=END) == [("x", 1.0, 0.0)]

    def test_is_nobodys_without_an_opening_or_a_case(self) -> None:
        assert self.held(on(2, "note", party="office")) == []
        assert self.held(on(2, "opened", case="", party="office")) == []

    def test_stays_where_nobody_took_over(self) -> None:
        opened = on(2, "opened", party="office")
        assert self.held(opened, on(5, "handed", party="office"), on(6, "note", party="customer")) == [
            ("office", 29.0, 0.0)
        ]

    def test_names_whose_date_passed_though_they_never_had_it(self) -> None:
        held = audit(
            Touch(due=PromiseKept()), on(2, "opened", party="office"), on(3, "promise", 4, ref="r", party="shop"),
            on(6, "kept", ref="r", party="office"),
        ).held  # fmt: skip
        assert [(h.party, h.days, h.days_overdue, h.since, h.until) for h in held[1:]] == [
            ("shop", 0.0, 2.0, None, None)
        ]


class TestAudit:
    """One finding for each occasion, whatever order the log is in, by what was known by then."""

    log = (
        on(1, "opened", party="office"),
        on(2, "promise", 4, ref="r", party="shop"),
        attrs.evolve(on(3, "kept", ref="r", party="shop"), recorded_at="2026-03-08T09:00Z"),
        on(9, "survey", party="office"),
        on(10, "estimate", 12, party="shop"),
        on(11, "estimate", 15, party="shop"),
    )
    plan = Plan(
        office, promise=Touch(due=PromiseKept() | Heartbeat(days(4))), survey=Touch(guard=NoTrouble()),
        call=Touch(due=Cadence(days(5))),
    )  # fmt: skip

    def test_is_by_what_was_known(self) -> None:
        log = Timeline(self.log)
        assert shapes(self.plan.audit(log, "2026-03-07T09:00Z")) == [
            ("unknown", "04", "-"), ("missed", "06", "-"), ("silence", "06", "-"),
        ]  # fmt: skip
        assert shapes(self.plan.audit(log, "2026-03-08T09:00Z")) == [("missed", "06", "-"), ("silence", "06", "-")]

    def test_equals_that_of_the_log_as_of_then(self) -> None:
        log = Timeline(self.log)
        for day in range(1, 28):
            at = f"2026-03-{day:02}T10:00Z"
            assert self.plan.audit(log, at) == self.plan.audit(log.as_of(at), at)
            known = {e.id for e in log.as_of(at).events}
            assert {name for f in self.plan.audit(log, at) for name in f.evidence} <= known

    def test_no_order_of_the_log_matters(self) -> None:
        audits = [
            self.plan.audit(Timeline(order), END)
            for order in itertools.islice(itertools.permutations(self.log), 0, 720, 90)
        ]
        assert all(one == audits[0] for one in audits)

    def test_finds_by_kind(self) -> None:
        found = self.plan.audit(Timeline(self.log), END)
        assert [f.kind for f in found.of_kind("forbidden", "slipped")] == ["forbidden", "slipped"]
        assert len(found) == len(list(found)) == len(found.findings)
        assert (found.zone, found.until_us) == ("UTC", Event(at=END, kind="x").at_us)
        assert found.problems == ()

    def test_of_nothing_finds_nothing(self) -> None:
        empty = self.plan.audit(Timeline([]), END)
        assert (empty.findings, empty.held, empty.problems, empty.days_held()) == ((), (), (), {})

    def test_findings_are_plain_data(self) -> None:
        for finding in self.plan.audit(Timeline(self.log), END):
            data = json.loads(json.dumps(finding.to_data()))
            assert set(data) >= {
                "kind", "at", "until", "policy", "party", "customer", "case", "ref", "touch", "why", "instead",
                "instead_at", "certainty", "detail", "causes", "evidence", "plan",
            }  # fmt: skip
            assert data["at"] == finding.at.isoformat() if finding.at else data["at"] is None
            assert data["touch"] == (finding.touch or None)

    def test_a_finding_is_a_value(self) -> None:
        finding = Finding(kind="late", at_us=5, policy="x", why="y", zone="America/Denver")
        assert (str(finding.at), finding.until, finding.evidence) == ("1969-12-31 17:00:00.000005-07:00", None, ())
        assert eval(repr(finding)) == finding
