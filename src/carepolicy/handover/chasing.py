"""What the customer has had to do: ask how it stands, and wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from carepolicy.answering import MESSAGE, replies
from carepolicy.checks import Chasers, certainty_of
from carepolicy.events import Event
from carepolicy.facts import CASE, REF, THEM
from carepolicy.handover.casefile import CaseFile
from carepolicy.handover.document import Chaser, Said
from carepolicy.history import History, Lapse, lapses_of
from carepolicy.policy import duty_parts
from carepolicy.promise import EstimateCurrent, PromiseKept
from carepolicy.rules import Part, scope_of

if TYPE_CHECKING:
    from carepolicy.plan import Plan

_REPLIES = replies((THEM,))


def chasers_in(file: CaseFile, plan: Plan | None) -> tuple[Chaser, ...]:
    """The times that the customer asked how it stands while something was overdue.

    Args:
        file: The case.
        plan: Whose duties can have been overdue; promises and expected completions where there is none.
    """
    check = next((c for c in (() if plan is None else plan.checks) if isinstance(c, Chasers)), Chasers())
    if not any(e.purpose in check.purposes and e.direction != "outbound" for e in file.contacts):
        return ()
    bare = History(file.own, file.at_us, file.log.complete_from, file.calendar, file.parties)
    history = attrs.evolve(bare, lapses=tuple(_lapses(bare, plan)))
    return tuple(
        Chaser(
            said=file.said(event),
            overdue=tuple([_overdue(lapse, file) for lapse in causes]),
            certainty=certainty_of(event),
        )
        for event, causes in check.occasions(history)
    )


def _lapses(history: History, plan: Plan | None) -> Iterable[Lapse]:
    parts = (Part("", (PromiseKept(), EstimateCurrent()), (), None),) if plan is None else _of_cases(plan)
    for part in parts:
        yield from lapses_of(part, history)


def _of_cases(plan: Plan) -> tuple[Part, ...]:
    """What a plan owes in a case or about a promise, kept with its rules: each handover asks for it."""
    kept = plan.rules.kept
    if _of_cases not in kept:
        owed = [
            (n, t.owner, [d for d in duty_parts(t.due) if scope_of(d.needs()) in (CASE, REF)]) for n, t in plan.touches
        ]
        kept[_of_cases] = tuple(Part(name, tuple(duties), (), None, owner) for name, owner, duties in owed)
    parts: tuple[Part, ...] = kept[_of_cases]
    return parts


def _overdue(lapse: Lapse, file: CaseFile) -> str:
    text = next((e.text for e in lapse.opened_by if e.text and lapse.unit[2]), lapse.unit[2])
    since = file.when(lapse.due_us, by_the_day=lapse.by_the_day)
    whose = f" ({lapse.party})" if lapse.party else ""
    return f"{lapse.policy.owed}{f': {text}' if text else ''}, since {since}{whose}"


def unanswered_in(file: CaseFile) -> tuple[Said, ...]:
    """The messages of the customer after the last human answer: one answer takes care of all that came before it."""
    waiting: list[Event] = []
    for event in reversed(file.contacts):
        if any(which.matches(event, file.parties) for which in _REPLIES):
            break
        if MESSAGE.matches(event, file.parties):
            waiting.append(event)
    return tuple(file.said(e) for e in reversed(waiting))
