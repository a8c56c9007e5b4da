"""One policy asked alone, outside any plan."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import NEVER, iso, to_micros
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.facts import CUSTOMER, Facts, Parties
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
    wish: Calendar | None = None,
) -> Decision:
    """What one policy decides about a timeline; the most pressing unit, unless one is asked for."""
    if not isinstance(timeline, Timeline):
        raise InvalidPolicyError(f"timeline is none: {timeline!r:.80}; read rows with Timeline.read(rows)")
    now = to_micros(at)
    rules = rules_of(policy, calendar, parties)
    state = rules.folding.fold(timeline.known(now))
    coming = timeline.next_visible(now)
    decisions = [
        rule.decide(state.values(unit), unit, now, coming)
        for rule in (rule.wishing(wish) for rule in rules.rules)
        for unit in state.of_scope(rule.scope) or state.of_scope(CUSTOMER) or [_NOBODY]
        if all(want is None or want == unit[_ASKED.index(name)] for name, want in asked.items())
    ]
    if not decisions:
        named = ", ".join(f"{name}={want!r}" for name, want in asked.items() if want is not None)
        raise UnknownNameError(f"nothing is known of {named} at {iso(now, calendar.zone)}; leave it out to ask of all")
    first = min(decisions, key=pressing)
    soonest = min(d.review_us for d in decisions)  # another one may be the most pressing from then on
    return first if first.review_us == soonest else attrs.evolve(first, review_us=soonest)


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
    """What one policy decides about facts that a host keeps, of a customer in a zone who has a wish."""
    rules = rules_of(policy, calendar, Parties(), flat=True)
    rule = rules.rules[0].wishing(wish)
    return rule.decide(facts.filled(rules.missing), unit, to_micros(at), zone=zone)
