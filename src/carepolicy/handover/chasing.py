"""What the customer has had to do: ask how it stands, and wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy.answering import MESSAGE, replies
from carepolicy.checks import Chasers
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

_DATED = frozenset({"promise", "kept", "withdrawn", "estimate", "completed", "closed"})
"""The kinds of event that promises and expected completions hang on; the others would only take time."""
_REPLIES = replies((THEM,))


class _Unsaid(History):
    """A history that puts no instant into words: a handover says each lapse once, and not for every contact again."""

    @cached_property
    def _dates(self) -> dict[int, Any]:
        return {}

    def date(self, micros: int) -> Any:
        """The local date of an instant."""
        if micros not in self._dates:
            self._dates[micros] = super().date(micros)
        return self._dates[micros]

    def when(self, micros: int, *, by_the_day: bool = False) -> str:
        """Nothing."""
        return ""


def chasers_in(file: CaseFile, plan: Plan | None) -> tuple[Chaser, ...]:
    """The times that the customer asked how it stands while something was overdue.

    Args:
        file: The case.
        plan: Whose duties can have been overdue; promises and expected completions where there is none.
    """
    check = next((c for c in (() if plan is None else plan.checks) if isinstance(c, Chasers)), Chasers())
    if not any(e.purpose in check.purposes and e.direction != "outbound" for e in file.contacts):
        return ()
    bare = _Unsaid(file.own, file.at_us, file.log.complete_from, file.calendar, file.parties)
    history = attrs.evolve(bare, lapses=tuple(_lapses(bare, plan)))
    owed = {_named(lapse): _overdue(lapse, file) for lapse in history.lapses}
    return tuple(
        Chaser(
            said=file.said(file.by_id[finding.evidence[0]]),
            overdue=tuple(owed[c.policy, c.party, c.ref, c.since_us] for c in finding.causes),
            certainty=finding.certainty,
        )
        for finding in check.findings(history)
        if finding.case == file.case
    )


def _lapses(history: History, plan: Plan | None) -> Iterable[Lapse]:
    if plan is None:
        dated = attrs.evolve(history, events=tuple(e for e in history.events if e.kind in _DATED))
        yield from lapses_of(Part("promise", (PromiseKept(),), (), None), dated)
        yield from lapses_of(Part("estimate", (EstimateCurrent(),), (), None), dated)
        return
    for name, touch in plan.touches:
        duties = tuple(d for d in duty_parts(touch.due) if scope_of(d.needs()) in (CASE, REF))
        yield from lapses_of(Part(name, duties, (), None, touch.owner), history)


def _named(lapse: Lapse) -> tuple[str, str, str, int]:
    return (type(lapse.policy).__name__, lapse.party, lapse.unit[2], lapse.due_us)


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
