"""Messages held against their guard: was it allowed when it went out, by what was known then?"""

from __future__ import annotations

from collections.abc import Iterator

from carepolicy._instant import ALWAYS, DAY, NEVER, in_words, iso, to_moment
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.events import Event
from carepolicy.facts import Facts
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.rules import Part, Rules
from carepolicy.state import Folded, Unit, within
from carepolicy.timeline import Timeline

_ALLOWED = (Verdict.GO, Verdict.OVERDUE)


def findings(part: Part, timeline: Timeline, history: History) -> Iterator[Finding]:
    """One finding for each message of a touch that its guard did not allow."""
    rules = Rules.of([Part(part.name, (), part.guards, None)], history.calendar, history.parties)
    sends = part.sends
    for event in history.events:
        sent = event.direction != "inbound" and history.ours(event)
        if sends is not None and sent and sends.matches(event, history.parties):
            finding = _judged(part, event, rules, timeline, history)
            if finding is not None:
                yield finding


def _judged(part: Part, event: Event, rules: Rules, timeline: Timeline, history: History) -> Finding | None:
    rule = rules.rules[0]
    unit = within((event.customer, event.case, event.ref, event.party), rule.scope)
    before = rules.folding.fold(_known_before(event, timeline))
    decision = rule.decide(_with_candidate(before, event, unit), unit, event.at_us)
    if decision.verdict in _ALLOWED or _allowed_that_day(decision, event, rules, before, unit):
        return None
    then = _first_right(rules, before.values(unit), likely=True)
    others = (e for e in history.events if e.id != event.id)
    known_at_end = _first_right(rules, rules.folding.fold(others).values(unit), likely=False)
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
        instead=_instead(decision, then, known_at_end, history.zone),
        instead_us=known_at_end if decision.verdict != Verdict.TOO_LATE else NEVER,
        evidence=(event.id, *_grounds(decision, unit, event, timeline)),
    )


def _known_before(event: Event, timeline: Timeline) -> list[Event]:
    """What was known when a message went out, without the message itself."""
    return [
        e for e in timeline.known(event.at_us) if e.id != event.id and (e.at_us, e.order) < (event.at_us, event.order)
    ]


def _with_candidate(before: Folded, event: Event, unit: Unit) -> dict[str, int]:
    """The facts before a message, and its own closing."""
    values, after = before.values(unit), before.add(event).values(unit)
    declared = before.folding.declared
    return {name: after[name] if declared[name].of_candidate else value for name, value in values.items()}


def _allowed_that_day(decision: Decision, event: Event, rules: Rules, before: Folded, unit: Unit) -> bool:
    """Whether a message of which only the day is known may have gone out at an allowed hour of it."""
    if event.precision != "day":
        return False
    rule = rules.rules[0]
    start = to_moment(event.at_us, decision.zone).start_of("day")
    midnight = int(start.int_timestamp) * 1_000_000
    early = rule.decide(_with_candidate(before, event, unit), unit, midnight)
    return early.verdict in _ALLOWED or (early.verdict == Verdict.WAIT and early.act_us < midnight + DAY)


def _first_right(rules: Rules, values: dict[str, int], *, likely: bool) -> int:
    """The first instant at which every guard is open, by the facts; or by what they let expect. NEVER for none."""
    rule = rules.rules[0]
    facts = Facts.of(rule.calendar, values)
    opens, closes = ALWAYS, NEVER
    for guard in rule.guards:
        f = guard.view(facts, values, rule.calendar)
        opens = max(opens, int(guard.policy.likely(f) if likely else guard.policy.opens(f)))
        closes = min(closes, int(guard.policy.closes(f)))
    return _in_hours(opens, closes, rule.hours)


def _in_hours(opens: int, closes: int, hours: Calendar | None) -> int:
    first = opens if hours is None or not ALWAYS < opens < NEVER else hours._next_open(opens)  # noqa: SLF001
    return first if first < closes else NEVER


def _kind(decision: Decision) -> str:
    if decision.verdict == Verdict.TOO_LATE:
        return "late"
    return "too_early" if decision.verdict == Verdict.WAIT and not decision.is_awaiting else "forbidden"


def _why(event: Event, decision: Decision, history: History) -> str:
    sent = f"{history.in_words(event)} went out on {in_words(event.at_us, history.zone)}"
    stands = [r.text for r in decision.reasons if r.awaits or r.binding]
    return f"{sent}, {decision.verdict.value.replace('_', ' ')}: {'; '.join(stands)}"


def _instead(decision: Decision, then: int, at_end: int, zone: str) -> str:
    if decision.verdict == Verdict.TOO_LATE:
        return f"before {iso(decision.closes_us, zone)}, or not at all"
    known_then = f"as known then from {iso(then, zone)}" if ALWAYS < then < NEVER else "as known then not yet at all"
    known_now = (
        f"as known at the end from {iso(at_end, zone)}" if ALWAYS < at_end < NEVER else "as known at the end never"
    )
    return f"{known_then}; {known_now}"


def _grounds(decision: Decision, unit: Unit, event: Event, timeline: Timeline) -> Iterator[str]:
    """The events that the facts of the reasons rest on."""
    used = {
        decision.known[name] for bound in decision.bounds for name in bound.policy.needs() if name in decision.known
    }
    for known in timeline.events:
        same = known.customer == unit[0] and known.id != event.id and known.at_us <= event.at_us
        if same and (known.at_us in used or (known.due_us in used and known.due_us != NEVER)):
            yield known.id
