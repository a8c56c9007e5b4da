"""One policy asked alone, outside any plan."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import NEVER, iso, to_micros
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.facts import Fact, Facts, Parties, unit_of
from carepolicy.folds import AT, First, KthLatest, Last
from carepolicy.rules import Part, Rules
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    from carepolicy.state import Unit

_NOBODY: Unit = ("", "", "", "")
_ASKED = ("customer", "case", "ref")


def rules_of(policy: Any, calendar: Calendar, parties: Parties, *, flat: bool = False) -> Rules:
    """The rules of one policy, as of a touch that has no name of its own."""
    from carepolicy.policy import duty_parts, guard_parts

    is_duty = hasattr(policy, "due")
    part = Part(type(policy).__name__, duty_parts(policy) if is_duty else (), () if is_duty else guard_parts(policy))
    return Rules.of([part], calendar, parties, flat=flat)


def decide_alone(
    policy: Any,
    timeline: Timeline,
    at: datetime | str,
    calendar: Calendar,
    parties: Parties,
    asked: dict[str, str | None],
    zone: str = "",
    wish: Calendar | None = None,
) -> Decision:
    """What one policy decides about a timeline; the most pressing unit, unless one is asked for.

    Whoever is in the log is known, also where nothing of it feeds the policy.
    """
    if not isinstance(timeline, Timeline):
        raise InvalidPolicyError(f"timeline is none: {timeline!r:.80}; read rows with Timeline.read(rows)")
    now = to_micros(at)
    rules = rules_of(policy, calendar, parties)
    state = rules.folding.fold(timeline.known(now))
    coming = timeline.next_visible(now)
    decisions = [
        rule.decide(state.values(unit), unit, now, coming, zone)
        for rule in (rule.wishing(wish) for rule in rules.rules)
        for unit in _asked_for(state.of_scope(rule.scope), asked)
        or _asked_for(_heard_of(timeline, now, rule.scope), asked)
    ]
    if not decisions:
        named = ", ".join(f"{name}={want!r}" for name, want in asked.items() if want is not None)
        raise UnknownNameError(f"nothing is known of {named} at {iso(now, calendar.zone)}; leave it out to ask of all")
    first = min(decisions, key=pressing)
    soonest = min(d.review_us for d in decisions)  # another one may be the most pressing from then on
    return first if first.review_us == soonest else attrs.evolve(first, review_us=soonest)


def _asked_for(units: list[Unit], asked: dict[str, str | None]) -> list[Unit]:
    """The units that are asked for."""
    return [unit for unit in units if all(want in (None, unit[_ASKED.index(name)]) for name, want in asked.items())]


def _heard_of(timeline: Timeline, now: int, scope: str) -> list[Unit]:
    """Every unit of a log, also of which nothing feeds a policy; the customers where there is none, or else nobody."""
    known = list(timeline.known(now))
    found = {unit for e in known if (unit := unit_of(scope, e)) is not None} or {
        (e.customer, "", "", "") for e in known
    }
    return sorted(found) or [_NOBODY]


def pressing(decision: Decision) -> tuple[int, int, int]:
    """How decisions are ordered: what is overdue longest, then what may be done now, then what comes next."""
    order = {Verdict.OVERDUE: 0, Verdict.GO: 1, Verdict.REDIRECT: 2, Verdict.WAIT: 3}
    return (order.get(decision.verdict, 4), decision.due_us, min(decision.opens_us, NEVER))


def decide_from_facts(
    policy: Any,
    facts: Facts,
    at: datetime | str,
    calendar: Calendar,
    unit: Unit,
    zone: str,
    wish: Calendar | None = None,
) -> Decision:
    """What one policy decides about facts that a host keeps, of a customer in a zone who has a wish.

    What has not happened by then is not known: a column that says when it will counts for nothing but the review.
    """
    now = to_micros(at)
    rules = rules_of(policy, calendar, Parties(), flat=True)
    rule = rules.rules[0].wishing(wish)
    values, coming = facts.filled(rules.missing), NEVER
    for name, fact in rules.folding.declared.items():
        if _says_when(fact) and now < values[name] < NEVER:
            coming, values[name] = min(coming, values[name]), fact.missing
    return rule.decide(values, unit, now, coming, zone)


def _says_when(fact: Fact) -> bool:
    """Whether a fact is an instant at which something happened, and not a date that lies ahead."""
    return isinstance(fact, (Last, First, KthLatest)) and not fact.of_candidate and getattr(fact, "gives", AT) == AT
