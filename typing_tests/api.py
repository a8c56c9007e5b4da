"""The types of the public interface: read by mypy, never run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_type

import pendulum

from carepolicy import (
    ALWAYS,
    NEVER,
    Audit,
    Cadence,
    Calendar,
    Contact,
    ContactHours,
    Decision,
    Drift,
    Escalation,
    Event,
    Fact,
    Facts,
    Finding,
    FirstReply,
    Handover,
    Heartbeat,
    Inattention,
    Journey,
    JourneyComplete,
    NoTrouble,
    Parties,
    Persistence,
    Plan,
    Problem,
    Promise,
    PromiseKept,
    Reason,
    Review,
    Span,
    Timeline,
    Touch,
    Verdict,
    Which,
    Window,
    Worklist,
    all_of,
    days,
    earliest,
    elapsed,
    explain_due,
    failure_demand,
    first_of,
    last,
    latest,
    plan_sends,
    standard_guard,
    where,
    who_must_know,
    working,
    working_days,
)
from carepolicy.arrival import (
    DurationLaw,
    Empirical,
    GridWindow,
    Interval,
    NoPromise,
    Route,
    Stop,
    choose_window,
    score,
)
from carepolicy.demand import FailureDemand
from carepolicy.handover import CallBrief, Difference
from carepolicy.handover.document import Owed
from carepolicy.informing import Notice
from carepolicy.journey import Judged
from carepolicy.ledger import ledger
from carepolicy.levels import EscalationState
from carepolicy.pauses import DueExplained
from carepolicy.policy import AllOf, FirstOf
from carepolicy.rungs import Step


def time(at: datetime) -> None:
    assert_type(days(3), Span)
    assert_type(working_days(3), Span)
    assert_type(elapsed(hours=1), Span)
    assert_type(working(minutes=5), Span)
    assert_type(-days(3) * 2, Span)
    assert_type(ALWAYS, int)
    assert_type(NEVER, int)
    window = Window(opens=at, closes="2026-03-02T09:00Z")
    assert_type(window, Window)
    assert_type(window & Window.always(), Window)
    assert_type(window.opens, pendulum.DateTime | None)
    assert_type(at in window, bool)
    office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
    assert_type(office, Calendar)
    assert_type(office & Calendar.always(), Calendar)


def events(at: datetime) -> None:
    event = Event(at=at, kind="contact", due="2026-03-02T09:00Z", extra={"branch": "north"})
    assert_type(event.at, pendulum.DateTime)
    assert_type(event.due, pendulum.DateTime | None)
    assert_type(event.is_conversation, bool)
    log = Timeline([event], complete_since=at)
    assert_type(log | Timeline.read([{}], zone="UTC"), Timeline)
    assert_type(log.as_of(at), Timeline)
    assert_type(log.events, tuple[Event, ...])
    assert_type(log.problems(), tuple[Problem, ...])
    assert_type(log.by_customer, dict[str, Timeline])
    assert_type(len(log), int)


def facts(at: datetime) -> None:
    f = Facts(last_invited=at, left=None)
    assert_type(f.last_invited, Any)
    assert_type(f.after(f.last_invited, days(3)), Any)
    assert_type(latest(f.left, earliest(f.sold, where(f.left > f.sold, ALWAYS, NEVER))), Any)
    fact: Fact = last(Which("contact", by="us"), scope="case")
    assert_type(fact.scope, str)
    assert_type(Parties(partners=["shop"]).role("shop"), str)


def policies(at: datetime, log: Timeline) -> None:
    guard = JourneyComplete(days(2)) & NoTrouble()
    duty = Cadence(days(10)) | Heartbeat(working_days(5))
    assert_type(guard, AllOf)
    assert_type(duty, FirstOf)
    assert_type(all_of(guard, ContactHours(Calendar.always())), AllOf)
    assert_type(first_of(duty, PromiseKept()), FirstOf)
    decision = guard.decide(log, at, customer="acme")
    assert_type(decision, Decision)
    assert_type(duty.decide_facts(Facts(), at), Decision)
    assert_type(decision.verdict, Verdict)
    assert_type(decision.window, Window)
    assert_type(decision.act_at, pendulum.DateTime | None)
    assert_type(decision.review_at, pendulum.DateTime | None)
    assert_type(decision.reasons, tuple[Reason, ...])
    assert_type(decision.reasons[0].opens, pendulum.DateTime | None)
    assert_type(decision.key, str)
    assert_type(decision.to_data(), dict[str, Any])


def plans(at: datetime, log: Timeline) -> None:
    plan = Plan(Calendar.always(), call=Touch(due=Cadence(days(10)), owner="agent"), parties=Parties())
    assert_type(Plan.named("claims"), Plan)
    assert_type(plan["call"], Touch)
    assert_type(plan.version, str)
    assert_type(plan.explain(), str)
    assert_type(plan.facts, dict[str, Fact])
    assert_type(Plan.from_toml(plan.to_toml()), Plan)
    assert_type(Plan.from_json(plan.to_json(), policies=[Cadence]), Plan)
    assert_type(Plan.json_schema(), dict[str, Any])
    review = plan.review(log, at, roster=["acme"])
    assert_type(review, Review)
    assert_type(plan.review(plan.fold(log, at), at), Review)
    assert_type(review.due, tuple[Decision, ...])
    assert_type(review.review_at, pendulum.DateTime | None)
    assert_type(review.contacts, tuple[Contact, ...])
    assert_type(review.agenda(until=at), tuple[Decision, ...])
    assert_type(iter(review), Iterator[Decision])
    work = review.worklist(minutes={"agent": 30}, until=at)
    assert_type(work, Worklist)
    assert_type(work.to_do[0].keys, tuple[str, ...])
    assert_type(work.breaks, tuple[Decision, ...])


def audits(at: datetime, log: Timeline, plan: Plan) -> None:
    audit = plan.audit(log, until=at, plans=[("2026-01-01T00:00Z", plan), (at, plan)])
    assert_type(audit, Audit)
    assert_type(audit.findings, tuple[Finding, ...])
    assert_type(audit.of_kind("late", "missed"), tuple[Finding, ...])
    assert_type(audit.days_held(), dict[str, float])
    assert_type(audit.findings[0].until, pendulum.DateTime | None)
    assert_type(audit.findings[0].evidence, tuple[str, ...])
    assert_type(audit.findings[0].to_data(), dict[str, Any])


def care(at: datetime, log: Timeline, office: Calendar, plan: Plan) -> None:
    assert_type(Persistence.default().next_step(log, at=at, calendar=office), Step)
    assert_type(Drift(working_days(10)).assess(log, at=at).alarm_at, pendulum.DateTime | None)
    assert_type(Drift(working_days(10)).assess(log, at=at).evidence, tuple[str, ...])
    assert_type(Escalation.standard().assess(log, at=at, calendar=office), EscalationState)
    assert_type(ledger(log, at).outstanding, tuple[Promise, ...])
    assert_type(who_must_know(log, at=at), tuple[Notice, ...])
    assert_type(failure_demand(log, plan=plan), FailureDemand)
    assert_type(explain_due(FirstReply(working(hours=4)), log, at=at), DueExplained)
    assert_type([gap.since for gap in Inattention(days(9)).gaps(log, at)], list[pendulum.DateTime | None])


def surveys(at: datetime, log: Timeline) -> None:
    guard = standard_guard(zone="UTC")
    assert_type(guard, AllOf)
    assert_type(guard.decide_facts(Facts(completed=at), at=at).last_chance, pendulum.DateTime | None)
    sends = plan_sends([Journey(customer="ann", case="c", timeline=log, guard=guard)], at)
    assert_type(sends.asks[0].keys, tuple[str, ...])
    assert_type(sends.where_is_it, tuple[Judged, ...])
    assert_type(sends.coverage.share, float)


def arrivals(at: datetime, minutes: list[float]) -> None:
    law = DurationLaw.fit(minutes, by={"zone": ["N"] * len(minutes)})
    assert_type(law.window(confidence=0.9, given={"zone": "N"}), Interval | NoPromise)
    assert_type(choose_window(Empirical(minutes), start=at), Interval | GridWindow | NoPromise)
    assert_type(Route([Stop(Empirical(minutes))]).simulate(draws=100, seed=1).window(stop=1), Interval | NoPromise)
    assert_type(score([1.0], [2.0], [1.5]).coverage, float)


def handovers(at: datetime, log: Timeline, plan: Plan) -> None:
    handover = Handover.prepare(log, case="claim", at=at, to="service manager", plan=plan)
    assert_type(handover, Handover)
    assert_type(handover.accept(by="kim", read_back={"severity": "serious"}, at=at), Handover)
    assert_type(handover.is_stale(log), bool)
    assert_type(handover.diff(handover), Difference)
    assert_type(handover.redacted(for_role="partner"), Handover)
    assert_type(handover.to_markdown(), str)
    assert_type(CallBrief.prepare(log, at).owed, tuple[Owed, ...])


def refused(at: datetime) -> None:
    """What a type checker must not let pass: an ignore that is not needed is an error."""
    Touch(guard=Cadence(days(3)))  # type: ignore[arg-type]
    Touch(due=NoTrouble())  # type: ignore[arg-type]
    Cadence(every=3)  # type: ignore[arg-type]
    Window(opens=3)  # type: ignore[arg-type]
    Plan(Calendar.always(), call=NoTrouble())  # type: ignore[arg-type]
