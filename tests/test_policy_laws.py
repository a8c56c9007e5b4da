"""Policies and plans: every shipped one keeps the public laws, alone, joined and in a plan."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Parties, Plan, Review, Timeline, all_of, first_of, testing
from carepolicy._alone import rules_of
from carepolicy._instant import NEVER, to_moment
from carepolicy._judge import ANSWERS
from carepolicy._laws import check_joined
from carepolicy._shipped import SHIPPED
from carepolicy.cadence import Cadence
from carepolicy.clocks import (
    Acknowledgement,
    FirstReply,
    FirstResolution,
    NextReply,
    TakeOver,
    TotalResolution,
    Turnaround,
)
from carepolicy.completion import Completion
from carepolicy.conflict import NoConflict
from carepolicy.escalation import Escalation, Reaching
from carepolicy.expiry import Answerable, AnswerableUntil
from carepolicy.heartbeat import Heartbeat
from carepolicy.levels import Level
from carepolicy.needed import AskedOnce, AskInTime, NeededItem
from carepolicy.outreach import ContactHours, QuietHours
from carepolicy.quarantine import RestBetween, SurveyCap
from carepolicy.span import days, elapsed, working, working_days
from carepolicy.stages import Stage, TellAfter, TellBefore
from carepolicy.survey import Actionable, JourneyComplete, StillFresh
from carepolicy.testing import check_policy
from carepolicy.triggers import CustomerAsks, ShareUsed, SilentFor
from carepolicy.trouble import NothingRegistered, NoTrouble, Trouble

POLICIES = [policy for policy in SHIPPED if hasattr(policy, "opens") or hasattr(policy, "due")]
CLOCKS = (Acknowledgement, FirstReply, FirstResolution, NextReply, TakeOver, TotalResolution)
NEEDED: dict[type, dict[str, Any]] = {
    Cadence: {"every": working_days(3)},
    ContactHours: {"hours": Calendar.weekly("Mon-Sun 08:00-12:00, 13:00-17:00", zone="America/Denver")},
    Heartbeat: {"every": elapsed(hours=42)},
    QuietHours: {"zone": "America/Denver"},
    StillFresh: {"within": days(42)},
    SurveyCap: {"at_most": 2, "per": days(42)},
    **{clock: {"within": working(hours=4)} for clock in CLOCKS},
    AskInTime: {"item": NeededItem("licence", "estimate", days(2))},
    AskedOnce: {"item": NeededItem("licence", "estimate", days(2))},
    Escalation: {"triggers": (CustomerAsks(),), "levels": (Level("lead", "anna", working(hours=2)),)},
    Reaching: {"escalation": Escalation.standard(), "level": "head"},
    NoConflict: {"message": "refinance"},
    ShareUsed: {"clock": Heartbeat(working_days(3))},
    SilentFor: {"span": working_days(3)},
    TellAfter: {"stage": Stage("drive")},
    TellBefore: {"stage": Stage("drive")},
    Turnaround: {"within": working(hours=4), "since": "milestone", "until": "kept"},
}
OTHERS = [
    JourneyComplete(days(2), lag=days(3), of=Completion("closed", ("pickup", "repair"))),
    JourneyComplete(of=Completion("word")),
    AnswerableUntil(of=Completion("event")),
    Answerable(lag=days(3), open_for=days(42), limits="token"),
    Actionable(days(42)),
    NoTrouble(scope="case"),
    QuietHours("America/Denver", quiet="01:00-08:00", days="Mon-Sat", candidates="Europe/Paris"),
    RestBetween(elapsed(hours=42), after="answered", survey="exit", person="anna"),
    NothingRegistered((Trouble("outage"), Trouble("fraud", action="redirect"), Trouble("loss", days(42)))),
    Cadence(every=days(1), at_most=days(3), by="agent"),
    Cadence(every=working(hours=7), by="them"),
]
CUSTOMERS = ("ann", "bob")


@pytest.mark.parametrize("policy", [*(kind(**NEEDED.get(kind, {})) for kind in POLICIES), *OTHERS], ids=repr)
def test_every_shipped_policy_keeps_the_laws(policy: Any) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead, and `&` for guards."""
    check_policy(policy)


three_guards = st.lists(testing.guards(joined=False), min_size=3, max_size=3)


@given(three_guards, testing.calendars(), testing.instants(), st.data())
def test_guards_join_in_any_grouping(three: list[Any], calendar: Calendar, now: int, data: st.DataObject) -> None:
    """`&` is associative, commutative, idempotent, has an identity and means "and", hours included."""
    declared = [fact for guard in three for fact in guard.needs().values()]
    values = data.draw(st.fixed_dictionaries(dict.fromkeys(declared, testing.known())))
    check_joined(three, calendar, values, now)


@given(st.lists(testing.duties(joined=False), min_size=3, max_size=3))
def test_duties_join_in_any_grouping(three: list[Any]) -> None:
    """`|` is associative, commutative and idempotent."""
    a, b, c = three
    every = first_of(a, b, c)
    assert every == first_of(first_of(a, b), c) == first_of(a, first_of(b, c)) == first_of(c, b, a)
    assert hash(every) == hash(first_of(c, b, a))
    assert first_of(every, a) == every
    assert all_of() == all_of(all_of())


@given(
    st.lists(testing.duties(joined=False), min_size=2, max_size=3),
    testing.calendars(),
    testing.timelines(),
    testing.instants(),
)
def test_joined_duties_fall_due_with_the_first(
    duties: list[Any], calendar: Calendar, timeline: Timeline, now: int
) -> None:
    """The due instant of a joined duty is the earliest of its parts, unit by unit."""
    rules = rules_of(first_of(*duties), calendar, Parties())
    state = rules.folding.fold(timeline.known(now))
    for rule in rules.rules:
        for unit in state.of_scope(rule.scope):
            decision = rule.decide(state.values(unit), unit, now)
            assert decision.due_us == min(bound.due_us for bound in decision.bounds)


@given(testing.plans(), st.data())
def test_a_review_keeps_until_it_is_to_be_looked_at_again(plan: Plan, data: st.DataObject) -> None:
    """Every decision is the same at any instant before its `review_at`; none is made or lost before that of all."""
    timeline, now = _log_and_instant(plan, data)
    review = _review(plan, timeline, now)
    soon = [review.review_us - 1, *data.draw(st.lists(testing.instants(), max_size=3))]
    for then in {u for u in soon if now < u < min(review.review_us, 10**16)}:
        assert _review(plan, timeline, then).decisions == review.decisions
    for decision in review.decisions:
        assert decision.review_us > now
        if decision.review_us < NEVER:
            later = _review(plan, timeline, decision.review_us - 1)
            assert decision in later.decisions


@given(testing.plans(), st.data())
def test_a_review_never_looks_ahead(plan: Plan, data: st.DataObject) -> None:
    """What is not visible yet changes nothing but `review_at`, which it may only bring forward."""
    timeline, now = _log_and_instant(plan, data)
    known = attrs.evolve(timeline, recordings=[e for e in timeline.recordings if e.visible_us <= now])
    decided = {_named(d): d for d in _review(plan, timeline, now, roster=CUSTOMERS)}
    without = {_named(d): d for d in _review(plan, known, now, roster=CUSTOMERS)}
    assert decided.keys() == without.keys()
    for name, decision in decided.items():
        assert attrs.evolve(decision, review_us=NEVER) == attrs.evolve(without[name], review_us=NEVER)
        assert decision.review_us <= without[name].review_us


@given(testing.plans(), st.data())
def test_order_and_duplicates_of_events_never_matter(plan: Plan, data: st.DataObject) -> None:
    """A log that arrives in another order, some of it twice, gives the same review."""
    timeline, now = _log_and_instant(plan, data)
    recordings = list(timeline.recordings)
    again = data.draw(st.permutations([*recordings, *recordings[:3]]))
    shuffled = Timeline(again, complete_since=timeline.complete_since_us)
    assert shuffled == timeline
    assert _review(plan, shuffled, now) == _review(plan, timeline, now)


@given(testing.plans(), st.data())
def test_one_customer_does_not_concern_another(plan: Plan, data: st.DataObject) -> None:
    """The decisions about a customer rest on the events of that customer alone."""
    timeline, now = _log_and_instant(plan, data)
    alone = attrs.evolve(timeline, recordings=[e for e in timeline.recordings if e.customer == "ann"])
    together = [d for d in _review(plan, timeline, now) if d.customer == "ann"]
    assert together == list(_review(plan, alone, now))


@given(testing.plans(), st.data())
def test_every_decision_has_its_reasons(plan: Plan, data: st.DataObject) -> None:
    """One for each part of its touch, and where it waits, is impossible or too late one of them binds."""
    timeline, now = _log_and_instant(plan, data)
    for decision in _review(plan, timeline, now):
        assert decision.reasons
        assert len(decision.reasons) == len(decision.bounds)
        assert decision.to_data()["reasons"]
        assert decision.codes == tuple(reason.code for reason in decision.reasons)


@given(testing.plans(), st.data())
def test_what_is_left_to_the_defaults_need_not_be_asked(plan: Plan, data: st.DataObject) -> None:
    """A rule that asks every policy everything decides the same, and writes out the same bounds in the same order."""
    rules = data.draw(st.sampled_from(plan.rules.rules))
    values = data.draw(st.fixed_dictionaries(dict.fromkeys(plan.facts, testing.known())))
    now, unit = data.draw(testing.instants()), ("ann", "", "", "")
    asked_all = attrs.evolve(
        rules,
        guards=tuple(attrs.evolve(guard, own=ANSWERS - {"starts", "attempted"}) for guard in rules.guards),
        duties=tuple(attrs.evolve(duty, own=ANSWERS, starts_at_due=False) for duty in rules.duties),
    )
    decision, other = rules.decide(values, unit, now), asked_all.decide(values, unit, now)
    assert decision == other
    assert tuple(decision.bounds) == tuple(other.bounds)


def _log_and_instant(plan: Plan, data: st.DataObject) -> tuple[Timeline, int]:
    policies = [policy for _, touch in plan.touches for policy in (touch.due, touch.guard) if policy is not None]
    return data.draw(testing.timelines(*policies, customers=CUSTOMERS)), data.draw(testing.instants())


def _review(plan: Plan, timeline: Timeline, now: int, roster: Any = ()) -> Review:
    return plan.review(timeline, to_moment(now), roster=roster)


def _named(decision: Any) -> tuple[Any, ...]:
    """Whom and what a decision is about, and by which of the touch's policies."""
    return (decision.unit, decision.touch, frozenset(bound.policy for bound in decision.bounds))
