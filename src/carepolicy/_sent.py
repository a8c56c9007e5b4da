"""Messages held against their guard: was it allowed when it went out, by what was known then?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cached_property

from carepolicy._instant import ALWAYS, NEVER, to_micros, to_moment
from carepolicy._judge import Rule
from carepolicy.decision import Decision, Verdict
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER, Facts
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.rules import Part, Rules
from carepolicy.state import Folded, Folding, Unit, within
from carepolicy.timeline import Timeline

_ALLOWED = (Verdict.GO, Verdict.OVERDUE)


def findings(part: Part, timeline: Timeline, history: History) -> Iterator[Finding]:
    """One finding for each message of a touch that its guard did not allow."""
    rules = Rules.of([Part(part.name, (), part.guards, None)], history.calendar, history.parties)
    sends = part.sends
    known = _Known(rules.folding, timeline)
    for event in history.events:
        sent = event.direction != "inbound" and history.ours(event)
        if sends is not None and sent and sends.matches(event, history.parties):
            finding = _judged(part, event, rules, known, history)
            if finding is not None:
                yield finding


class _Known:
    """What was known when each message went out, without the message itself; asked for in the order of time."""

    def __init__(self, folding: Folding, timeline: Timeline) -> None:
        self.folding, self.timeline = folding, timeline
        self.coming = deque(timeline.recordings)
        self.slots = folding.empty()

    def before(self, event: Event) -> Folded:
        """The facts just before a message went out."""
        if not self.timeline.is_plain:  # a correction cannot be taken back out of a fold
            known = self.timeline.known(event.at_us)
            return self.folding.fold(e for e in known if e.id != event.id and e.order < event.order)
        while self.coming and (self.coming[0].visible_us, self.coming[0].order) < (event.at_us, event.order):
            self.folding.absorb(self.slots, self.coming.popleft())
        return Folded(self.folding, self.slots)

    def at_the_end(self, event: Event, unit: Unit) -> Folded:
        """The facts of a unit as known at the end, without the message."""
        return self.folding.fold(
            e
            for e in self.of_customer.get(event.customer, ())
            if e.id != event.id and (not unit[1] or e.case in ("", unit[1]) or self._is_shared(e))
        )

    @cached_property
    def of_customer(self) -> dict[str, list[Event]]:
        groups: dict[str, list[Event]] = {}
        for event in self.timeline.events:
            if self.folding.feeds_of(event):
                groups.setdefault(event.customer, []).append(event)
        return groups

    def _is_shared(self, event: Event) -> bool:
        """Whether an event of another case feeds what the cases of a customer have in common."""
        return any(scope == CUSTOMER for scope, _ in self.folding.feeds_of(event))


def _judged(part: Part, event: Event, rules: Rules, known: _Known, history: History) -> Finding | None:
    rule = rules.rules[0]
    unit = within((event.customer, event.case, event.ref, event.party), rule.scope)
    before = known.before(event)
    values = _with_candidate(before, event, unit)
    decision = rule.decide(values, unit, event.at_us)
    if decision.verdict in _ALLOWED or _allowed_that_day(decision, event, rule, values):
        return None
    then = _first_right(rule, before.values(unit), event.at_us)
    at_end = _first_right(rule, known.at_the_end(event, unit).values(unit), event.at_us)
    binding = [r for r in decision.reasons if r.binding] or list(decision.reasons)
    return Finding(
        kind=_kind(decision),
        at_us=event.at_us,
        until_us=event.due_us,
        policy=binding[0].policy,
        party=event.party,
        customer=event.customer,
        case=event.case,
        ref=event.ref,
        touch=part.name,
        why=_why(event, decision, history),
        instead=_instead(decision, then, at_end, history),
        instead_us=decision.closes_us if decision.verdict == Verdict.TOO_LATE else NEVER if at_end is None else at_end,
        instead_then_us=NEVER if then is None or decision.verdict == Verdict.TOO_LATE else then,
        by_the_day=event.precision == "day",
        evidence=(event.id, *_grounds(decision, event, known)),
    )


def _with_candidate(before: Folded, event: Event, unit: Unit) -> dict[str, int]:
    """The facts before a message, and its own closing."""
    values, declared = before.values(unit), before.folding.declared
    if not any(fact.of_candidate for fact in declared.values()):
        return values
    of_unit = {}
    for scope, units in before.units.items():
        own = within(unit, scope)
        of_unit[scope] = {own: units[own]} if own in units else {}
    after = Folded(before.folding, of_unit).add(event).values(unit)
    return {name: after[name] if declared[name].of_candidate else value for name, value in values.items()}


def _allowed_that_day(decision: Decision, event: Event, rule: Rule, values: dict[str, int]) -> bool:
    """Whether a message of which only the day is known may have gone out at an allowed hour of it."""
    if event.precision != "day":
        return False
    start = to_moment(event.at_us, decision.zone).start_of("day")
    midnight, next_midnight = to_micros(start), to_micros(start.add(days=1))
    unit = (decision.customer, decision.case, decision.ref, decision.party)
    early = rule.decide(values, unit, midnight)
    return early.verdict in _ALLOWED or (early.verdict == Verdict.WAIT and early.act_us < next_midnight)


def _first_right(rule: Rule, values: dict[str, int], sent: int) -> int | None:
    """The first instant at which every guard is open, by what the facts let expect; NEVER while an event is
    awaited, None where a guard closes before."""
    facts = Facts.of(rule.calendar, values)
    opens, closes = ALWAYS, NEVER
    for guard in rule.guards:
        f = guard.view(facts, values, rule.calendar)
        opens = max(opens, int(guard.policy.likely(f)))
        closes = min(closes, int(guard.policy.closes(f)))
    if rule.hours is not None and opens < NEVER:
        opens = rule.hours._next_open(max(opens, sent))  # noqa: SLF001  (the calendar's form for ticks)
    return opens if opens < closes or opens >= NEVER else None


def _kind(decision: Decision) -> str:
    if decision.verdict == Verdict.TOO_LATE:
        return "late"
    return "too_early" if decision.verdict == Verdict.WAIT and not decision.is_awaiting else "forbidden"


_ALTHOUGH = {
    Verdict.REDIRECT: "another contact was owed instead",
    Verdict.TOO_LATE: "it was too late",
    Verdict.IMPOSSIBLE: "it could never be right",
    Verdict.WAIT: "it was not allowed yet",
}


def _why(event: Event, decision: Decision, history: History) -> str:
    stands = "; ".join(r.text for r in decision.reasons if r.awaits or r.binding)
    return f"sent ({history.quoted(event)}) although {_ALTHOUGH[decision.verdict]}; it needs: {stands}"


def _instead(decision: Decision, then: int | None, at_end: int | None, history: History) -> str:
    if decision.verdict == Verdict.TOO_LATE:
        return f"before {history.when(decision.closes_us)}, or not at all"
    return f"{_from(then, history)}, by what was known then; {_from(at_end, history)}, by what is known now"


def _from(first: int | None, history: History) -> str:
    if first is None:
        return "never"
    if ALWAYS < first < NEVER:
        return f"from {history.when(first)}"
    return "not yet" if first >= NEVER else "at any time"


def _grounds(decision: Decision, event: Event, known: _Known) -> Iterator[str]:
    """The events that the facts of the decision rest on."""
    used = set(decision.known.values()) - {ALWAYS, NEVER}
    for e in known.of_customer.get(event.customer, ()):
        if e.id != event.id and e.at_us <= event.at_us and (e.at_us in used or e.due_us in used):
            yield e.id
