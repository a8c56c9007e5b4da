"""What is still owed in a case, both ways: promises, expected completions, answers, and what a plan says is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.closing import WANTED
from carepolicy.decision import Decision, Verdict
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER_PARTY
from carepolicy.handover.casefile import CaseFile, quoted
from carepolicy.handover.document import Owed
from carepolicy.policy import duty_parts, guard_parts
from carepolicy.rules import Part, Rules

if TYPE_CHECKING:
    from carepolicy.plan import Plan

PROMISE, ESTIMATE, ASKED, DUTY = "promise", "estimate", "asked", "duty"
"""What is owed."""
PASSED, OVERDUE = "passed", "overdue"
_FINISHED = ("completed", "closed", "withdrawn")
_STANDS = frozenset({Verdict.OVERDUE, Verdict.GO, Verdict.WAIT})


def owed_in(file: CaseFile, plan: Plan | None) -> tuple[Owed, ...]:
    """All that is outstanding, ours, a partner's and the customer's: by when it is due, then by when it was said.

    Args:
        file: The case.
        plan: Whose duties count as well.
    """
    found = [*_promised(file), *_expected(file), *_asked(file), *(() if plan is None else _due(file, plan))]
    return tuple(sorted(found, key=lambda o: (o.due_us, o.made_us, o.kind, o.ref, o.evidence)))


def is_late(owed: Owed, at_us: int) -> bool:
    """Whether its date has passed."""
    return owed.due_us < at_us


def _promised(file: CaseFile) -> Iterator[Owed]:
    for promise in file.promises:
        if promise.outstanding:
            made = file.by_id[promise.evidence[0]]
            yield Owed(
                what=quoted(made),
                by=promise.by,
                to=promise.to,
                role=promise.role,
                due_us=promise.due_us,
                state=promise.state.value,
                ref=promise.ref,
                made_us=promise.made_us,
                kind=PROMISE,
                evidence=promise.evidence,
            )


def _expected(file: CaseFile) -> Iterator[Owed]:
    """The expected completions in force: the latest of each side and reference that nothing has ended."""
    last: dict[tuple[bool, str], Event] = {}
    for event in file.of_kind("estimate", *_FINISHED):
        if event.kind == "estimate":
            last[file.is_customer(event), event.ref] = event
        else:
            for theirs in (False, True):
                last.pop((theirs, event.ref), None)
    for (theirs, ref), event in last.items():
        yield Owed(
            what=event.text or f"{event.purpose or 'it'} is done",
            by=event.party,
            to="" if theirs else CUSTOMER_PARTY,
            role=file.parties.role(event.party),
            due_us=event.due_us,
            state=PASSED if event.due_us < file.at_us else "open",
            ref=ref,
            made_us=event.at_us,
            kind=ESTIMATE,
            evidence=(event.id,),
        )


def _asked(file: CaseFile) -> Iterator[Owed]:
    """What the customer was asked for and has never told; what they told before is asked again, and not owed."""
    asked: dict[str, list[Event]] = {}
    for event in file.of_kind("asked"):
        if event.fact and not file.is_customer(event):
            asked.setdefault(event.fact, []).append(event)
    for fact, events in asked.items():
        if fact not in file.latest_told and fact != WANTED:
            yield Owed(
                what=fact,
                by=CUSTOMER_PARTY,
                to=events[0].party,
                role=CUSTOMER_PARTY,
                due_us=events[-1].due_us,
                made_us=events[0].at_us,
                kind=ASKED,
                evidence=tuple(e.id for e in events),
            )


def _due(file: CaseFile, plan: Plan) -> Iterator[Owed]:
    """What a plan says is owed in the case as a whole; its promises and estimates are told one by one above."""
    unit, rules = (file.customer, file.case, "", ""), _of_cases(plan)
    folded = rules.folding.fold(file.events)
    for rule in rules.rules:
        if rule.scope == CASE:
            decision = rule.decide(folded.values(unit, rule.asks), unit, file.at_us)
            if _stands(decision):
                yield _as_decided(decision, plan[decision.touch].due, file)


def _of_cases(plan: Plan) -> Rules:
    """The rules of the touches that owe something in a case as a whole, kept with all those of the plan."""
    kept = plan.rules.kept
    if _of_cases not in kept:
        names = dict.fromkeys(r.about.touch for r in plan.rules.rules if r.scope == CASE and r.duties)
        touches = [(name, plan[name]) for name in names]
        parts = [Part(n, duty_parts(t.due), guard_parts(t.guard), owner=t.owner) for n, t in touches]
        kept[_of_cases] = Rules.of(parts, plan.calendar, plan.parties)
    rules: Rules = kept[_of_cases]
    return rules


def _as_decided(decision: Decision, duty: Any, file: CaseFile) -> Owed:
    named = (getattr(part, "owed", decision.touch) for part in duty_parts(duty))
    return Owed(
        what=" or ".join(dict.fromkeys(named)),
        by=decision.owner,
        to=CUSTOMER_PARTY,
        role=file.parties.role(decision.owner),
        due_us=decision.due_us,
        state=OVERDUE if decision.is_overdue else "open",
        ref="",
        made_us=decision.cycle_us,
        kind=DUTY,
    )


def _stands(decision: Decision) -> bool:
    return decision.verdict in _STANDS and ALWAYS < decision.due_us < NEVER
