"""Folds of the stretches during which a clock stands: pauses that are accounted for, and time spent resolved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.answering import MESSAGE
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import Fact, Which
from carepolicy.folds import Order

PAUSED, RESUMED = Which("paused"), Which("resumed")
RESOLVED = Which(("completed", "closed"), whole=True)
REOPENED = Which("reopened", whole=True)
BEGIN, END = "begin", "end"
Stretch: TypeAlias = tuple[int, int]
"""From when until when, in UTC microseconds."""
_Edges: TypeAlias = tuple[tuple[Order, str, str, int], ...]


def why_no_pause(event: Event) -> str:
    """Why a `paused` event does not pause: what it lacks; "" where it does."""
    if not event.purpose:
        return "reason"
    if not event.party:
        return "owner"
    return "" if event.at_us < event.due_us < NEVER else "expiry"


def joined(stretches: Iterable[Stretch], after: int = ALWAYS) -> tuple[Stretch, ...]:
    """Stretches as their union, in order, clipped to what comes after an instant; those that touch are one."""
    found: list[Stretch] = []
    for begin, end in sorted((max(begin, after), end) for begin, end in stretches if end > after):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def pauses_in(edges: _Edges) -> list[Stretch]:
    """Each pause by itself: until it is resumed, expires, or the customer writes, whichever is first.

    `resumed` without a `ref` ends every pause of its case.
    """
    found = []
    for order, kind, ref, expiry in edges:
        if kind == "paused":
            ends = (
                other[0]
                for other, what, whose, _ in edges
                if other > order and (what == "message" or (what == "resumed" and whose in ("", ref)))
            )
            end = min(expiry, min(ends, default=NEVER))
            if order[0] < end:
                found.append((order[0], end))
    return found


def resolved_in(edges: _Edges) -> list[Stretch]:
    """The stretches from a resolution to the reopening that undid it."""
    found, since = [], NEVER
    for order, kind, _, _ in edges:
        if kind == "resolved":
            since = min(since, order[0])
        elif kind == "reopened" and since < NEVER:
            found.append((since, order[0]))
            since = NEVER
    return [(begin, end) for begin, end in found if begin < end]


@attrs.frozen
class KthStretch:
    """The k-th stretch, after a clock has started, during which it stands: when it began, or when it ended.

    A pause counts that has a reason (`purpose`), an owner (`party`) and an expiry (`due`). It ends when it is resumed
    (the same `ref`), when it expires, or with a word of the customer. Pauses that overlap or touch are one.

    Args:
        after: The fact that says when the clock started; what lies before it is cut off.
        k: Counted from 1, the first.
        gives: "begin" or "end".
        pauses: At most so many pauses count, the first ones; 0 for none.
        resolved: Whether the time from a resolution to its reopening counts, too.

    Raises:
        InvalidPolicyError: If k is below 1, or `gives` is something else.
    """

    after: Fact
    k: int = attrs.field(kw_only=True)
    gives: str = attrs.field(default=BEGIN, kw_only=True)
    pauses: int = attrs.field(default=5, kw_only=True)
    resolved: bool = attrs.field(default=False, kw_only=True)
    missing: int = attrs.field(default=NEVER, kw_only=True, init=False, repr=False)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.k < 1:
            raise InvalidPolicyError(f"k must be at least 1, got {self.k}")
        if self.gives not in (BEGIN, END):
            raise InvalidPolicyError(f"gives is not known: {self.gives!r}; use 'begin' or 'end'")

    @property
    def scope(self) -> str:
        """That of the clock."""
        return self.after.scope

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What pauses, resumes, resolves and reopens, a word of the customer, and what starts the clock."""
        return ((PAUSED,), (RESUMED,), (MESSAGE,), (RESOLVED,), (REOPENED,), *self.after.conditions())

    def start(self) -> tuple[_Edges, Any]:
        """Nothing has happened."""
        return ((), self.after.start())

    def step(self, state: tuple[_Edges, Any], event: Event, role: int) -> tuple[_Edges, Any]:
        """One more edge, or one more event that starts the clock."""
        edges, began = state
        kind = self._edge(event, role)
        if kind:
            edge = (event.order, kind, event.ref, event.due_us)
            edges = (*edges, edge) if not edges or edge > edges[-1] else tuple(sorted({*edges, edge}))
        return (edges, self.after.step(began, event, role >> 5) if role >> 5 else began)

    def _edge(self, event: Event, role: int) -> str:
        if self.pauses:
            if role & 1 and not why_no_pause(event):
                return "paused"
            if role & 6:
                return "resumed" if role & 2 else "message"
        if self.resolved and role & 24:
            return "resolved" if role & 8 else "reopened"
        return ""

    def merge(self, one: tuple[_Edges, Any], other: tuple[_Edges, Any]) -> tuple[_Edges, Any]:
        """The edges of both."""
        return (tuple(sorted({*one[0], *other[0]})), self.after.merge(one[1], other[1]))

    def stretches(self, state: tuple[_Edges, Any]) -> tuple[Stretch, ...]:
        """All of them that count."""
        edges, began = state
        after = self.after.value(began)
        counted = joined(pauses_in(edges), after)[: self.pauses]
        return joined((*counted, *resolved_in(edges)), after)

    def value(self, state: tuple[_Edges, Any]) -> int:
        """The begin or the end of the k-th."""
        possible = len(state[0]) >= self.k  # each stretch begins with an edge of its own
        found = self.stretches(state) if possible else ()
        return found[self.k - 1][self.gives == END] if len(found) >= self.k else self.missing
