"""Audits: history held against a plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy import _sent
from carepolicy._instant import ALWAYS, NEVER, to_micros
from carepolicy.events import Problem
from carepolicy.finding import Finding
from carepolicy.held import Held, held_by
from carepolicy.history import History, Lapse, bare_history, lapses_of
from carepolicy.inattention import result_of
from carepolicy.ledger import after_due
from carepolicy.policy import duty_parts, guard_parts
from carepolicy.promise import PromiseState
from carepolicy.rules import Part
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    from carepolicy.plan import Plan


@attrs.frozen(kw_only=True)
class Audit:
    """What history did against a plan.

    Args:
        findings: One for each occasion, in the order of time.
        held: Who had which case in hand, when.
        problems: What in the log contradicts itself.
        until_us: What had happened and was known by then was judged, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    findings: tuple[Finding, ...]
    held: tuple[Held, ...]
    problems: tuple[Problem, ...]
    until_us: int
    zone: str

    def of_kind(self, *kinds: str) -> tuple[Finding, ...]:
        """The findings of some kinds."""
        return tuple(f for f in self.findings if f.kind in kinds)

    def days_held(self) -> dict[str, float]:
        """How many days of 24 hours each party held cases, in all."""
        days: dict[str, float] = {}
        for stretch in self.held:
            days[stretch.party] = days.get(stretch.party, 0.0) + stretch.days
        return days

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)


def audit(timeline: Timeline, until_us: int, plans: tuple[tuple[datetime | str | None, Plan], ...]) -> Audit:
    """Hold a log against the plans in force; a cycle against the plan under which it began.

    Args:
        timeline: The log.
        until_us: What had happened and was known by then is judged, in UTC microseconds.
        plans: Each plan with the instant from which it was in force; None for always.
    """
    known = timeline._as_of(until_us)  # noqa: SLF001  (ticks)
    stretches = _in_force(plans)
    histories = [bare_history(known, until_us, plan) for _, _, plan in stretches]
    held = [_lapses(stretch, stretches, history) for stretch, history in zip(stretches, histories, strict=True)]
    lapses = tuple(lapse for found in held for lapse in found)
    findings: list[Finding] = []
    for (since, before, plan), bare, owed in zip(stretches, histories, held, strict=True):
        history = attrs.evolve(bare, lapses=lapses)
        found = [f for lapse in owed for f in _of_lapse(lapse, history)]
        judged = [*_sent_against(known, history, plan), *(f for c in plan.checks for f in c.findings(history))]
        found += [f for f in judged if since <= f.at_us < before]
        findings += [attrs.evolve(f, plan=plan.version, zone=history.zone) for f in found]
    last = attrs.evolve(histories[-1], lapses=lapses)
    return Audit(
        findings=tuple(sorted(findings, key=lambda f: (f.at_us, f.kind, f.policy, f.customer, f.case, f.ref))),
        held=tuple(held_by(last)),
        problems=known.problems(),
        until_us=until_us,
        zone=last.zone,
    )


def _in_force(plans: tuple[tuple[datetime | str | None, Plan], ...]) -> list[tuple[int, int, Plan]]:
    """The plans with the stretch in which each was in force; the first one also before it was written down."""
    since = [(ALWAYS if at is None else to_micros(at, "plans"), plan) for at, plan in plans]
    since.sort(key=lambda pair: pair[0])
    starts = [ALWAYS, *(at for at, _ in since[1:])]
    return [(a, b, plan) for a, b, (_, plan) in zip(starts, [*starts[1:], NEVER + 1], since, strict=True)]


def _lapses(stretch: tuple[int, int, Plan], stretches: list[tuple[int, int, Plan]], history: History) -> list[Lapse]:
    """The lapses that are held against a plan: of the cycles that began while it was in force, and of those that began
    under a plan without such a touch, from when this one came into force."""
    since, before, plan = stretch
    found = []
    for name, touch in plan.touches:
        for lapse in lapses_of(Part(name, duty_parts(touch.due), (), None, touch.owner), history):
            began = next(p for a, b, p in stretches if a <= lapse.cycle_us < b)
            if since <= lapse.cycle_us < before:
                found.append(lapse)
            elif lapse.cycle_us < since < lapse.until_us and name not in dict(began.touches) and lapse.due_us < before:
                found.append(attrs.evolve(lapse, due_us=max(lapse.due_us, since)))
    return found


def _sent_against(timeline: Timeline, history: History, plan: Plan) -> Iterator[Finding]:
    for name, touch in plan.touches:
        if touch.guard is not None:
            part = Part(name, (), guard_parts(touch.guard), touch.sends_of(name), touch.owner)
            yield from _sent.findings(part, timeline, history)


_INSTEAD = {"broken_promise": "{} kept by {}, or word before then that it would not be", "silence": "a {} by {}"}


def _of_lapse(lapse: Lapse, history: History) -> Iterator[Finding]:
    """The findings of one lapse: one, or for a silence one each time that it crosses another interval."""
    kind = _kind(lapse, history)
    interval = lapse.policy.interval()
    crossed, again, times = [lapse.due_us], ALWAYS, 1
    while interval is not None:
        last, again = again, history.calendar._add(lapse.cycle_us, interval * times)  # noqa: SLF001
        if not last < again < min(lapse.owed_us, history.until_us):
            break  # also where no event opened the cycle, or the interval leads nowhere
        times += 1
        if again > lapse.due_us:
            crossed.append(again)
    customer, case, ref, _ = lapse.unit
    silent = lapse.policy.lapse == "silence"
    detail = result_of(lapse, history.by_customer[customer], history) if silent else ""
    for at in crossed:
        yield Finding(
            kind=kind,
            at_us=at,
            until_us=lapse.until_us,
            policy=type(lapse.policy).__name__,
            party=lapse.party,
            customer=customer,
            case=case,
            ref=ref,
            touch=lapse.touch,
            why=_why(lapse, at, kind, history),
            instead=_INSTEAD.get(lapse.policy.lapse, "{} by {}").format(
                lapse.policy.owed, history.when(at, by_the_day=lapse.by_the_day)
            ),
            instead_us=at,
            evidence=lapse.evidence,
            by_the_day=lapse.by_the_day,
            detail=detail,
        )


def _kind(lapse: Lapse, history: History) -> str:
    """What a lapse is called: unknown where the log cannot prove it."""
    if lapse.due_us < history.complete_from:
        return "unknown"
    if lapse.policy.lapse == "broken_promise":
        return _broken(lapse, history)
    if lapse.policy.lapse != "missed":
        return str(lapse.policy.lapse)
    return "missed" if lapse.ended_by is None else "late"


def _broken(lapse: Lapse, history: History) -> str:
    """What a promise past its date is called."""
    customer, case, ref, _ = lapse.unit
    state = after_due(
        history.by_case.get((customer, case), ()),
        due_us=lapse.due_us,
        until_us=lapse.until_us,
        by=lapse.party,
        ref=ref,
        ended_by=lapse.ended_by,
    )
    return "broken_promise" if state == PromiseState.BROKEN else state.value


_CAME = {"kept": "kept late", "promise": "put off only after that", "withdrawn": "withdrawn only after that"}


def _why(lapse: Lapse, at: int, kind: str, history: History) -> str:
    due = history.when(at, by_the_day=lapse.by_the_day)
    said = next((e.text for e in lapse.opened_by if e.text and lapse.unit[2]), "")
    named = f"{lapse.policy.owed} ({said})" if said else lapse.policy.owed
    if kind == "silence":
        begun = f" since {history.when(lapse.cycle_us, by_the_day=lapse.by_the_day)}" if lapse.opened_by else ""
        ended = "" if lapse.ended_by is None else f"; the next came on {history.when_of(lapse.ended_by)}"
        return f"no {lapse.policy.owed}{begun}: due {due}{ended}"
    if lapse.ended_by is not None:
        came = _CAME.get(lapse.ended_by.kind, "came late") if lapse.policy.lapse == "broken_promise" else "came late"
        return f"{named} was due {due}, and {came}, on {history.when_of(lapse.ended_by)}"
    if kind == "unknown":
        return f"{named} was due {due}; nobody ever confirmed it"
    return f"{named} was due {due}, and never came"
