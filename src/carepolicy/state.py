"""Folded facts: what a log comes to, kept, brought up to date one event at a time, and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeAlias

import attrs

from carepolicy._instant import NEVER
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES, Fact, Parties, unit_of
from carepolicy.folds import feeds

Unit: TypeAlias = tuple[str, str, str, str]
"""(customer, case, ref, party); "" where the unit is not about one."""
Slots: TypeAlias = tuple[Any, ...]
_Feed: TypeAlias = tuple[str, int, Fact, Callable[[Event], bool]]


def within(unit: Unit, scope: str) -> Unit:
    """The unit of a coarser scope that a unit lies in."""
    customer, case, ref, party = unit
    if scope == CUSTOMER:
        return (customer, "", "", "")
    if scope == CASE:
        return (customer, case, "", "")
    return (customer, case, ref, "") if scope == REF else (customer, "", "", party)


@attrs.frozen(slots=False)
class Folding:
    """Which facts are folded, for whom is who.

    Args:
        declared: The facts by name.
        parties: Who is ours.
    """

    declared: Mapping[str, Fact]
    parties: Parties = attrs.field(factory=Parties)

    @cached_property
    def by_scope(self) -> dict[str, dict[str, Fact]]:
        """The facts of each scope that has any."""
        scopes: dict[str, dict[str, Fact]] = {}
        for name, fact in self.declared.items():
            scopes.setdefault(fact.scope, {})[name] = fact
        return scopes

    @cached_property
    def _starts(self) -> dict[str, Slots]:
        return {scope: tuple(f.start() for f in facts.values()) for scope, facts in self.by_scope.items()}

    @cached_property
    def _feeds(self) -> tuple[dict[str, list[_Feed]], list[_Feed]]:
        """What each kind of event may feed, and what any kind may."""
        by_kind: dict[str, list[_Feed]] = {}
        of_any: list[_Feed] = []
        for scope, facts in self.by_scope.items():
            for slot, fact in enumerate(facts.values()):
                conditions = feeds(fact)
                feed = (scope, slot, fact, self._matcher(conditions))
                kinds = {k for w in conditions for k in w.kind}
                if all(w.kind for w in conditions):
                    for kind in kinds:
                        by_kind.setdefault(kind, []).append(feed)
                else:
                    of_any.append(feed)
        return by_kind, of_any

    def _matcher(self, conditions: tuple[Any, ...]) -> Callable[[Event], bool]:
        parties = self.parties
        if len(conditions) == 1:
            only = conditions[0]
            return lambda event: only.matches(event, parties)
        return lambda event: any(w.matches(event, parties) for w in conditions)

    def fed_by(self, event: Event) -> list[_Feed]:
        """What one event feeds."""
        by_kind, of_any = self._feeds
        return [feed for feed in (*by_kind.get(event.kind, ()), *of_any) if feed[3](event)]

    def fold(self, events: Iterable[Event]) -> Folded:
        """The facts of some events, in any order, re-delivered or not."""
        slots: dict[str, dict[Unit, list[Any]]] = {scope: {} for scope in self.by_scope}
        for event in events:
            self._absorb(slots, event)
        return Folded(self, {s: {u: tuple(v) for u, v in units.items()} for s, units in slots.items()})

    def _absorb(self, slots: dict[str, dict[Unit, list[Any]]], event: Event) -> None:
        for scope, slot, fact, _ in self.fed_by(event):
            unit = unit_of(scope, event)
            if unit is None:
                continue
            states = slots[scope].get(unit)
            if states is None:
                states = slots[scope][unit] = list(self._starts[scope])
            states[slot] = fact.step(states[slot], event, self.parties)


@attrs.frozen(eq=False)
class Folded:
    """What a log comes to. It answers from the last event folded on; to ask about an earlier instant, fold again.

    Args:
        folding: Which facts.
        units: The states by scope and unit.
        pending: Events known but still to come.
    """

    folding: Folding
    units: Mapping[str, Mapping[Unit, Slots]]
    pending: tuple[Event, ...] = ()

    def add(self, event: Event) -> Folded:
        """With one more event: O(1) in the length of the log. A correction of an event folded before needs a refold."""
        changed: dict[str, dict[Unit, list[Any]]] = {}
        for scope in self.folding.by_scope:
            unit = unit_of(scope, event)
            old = None if unit is None else self.units[scope].get(unit)
            changed[scope] = {} if unit is None or old is None else {unit: list(old)}
        self.folding._absorb(changed, event)  # noqa: SLF001  (the same fold, on the units that it touches)
        units = {
            scope: {**self.units[scope], **{u: tuple(v) for u, v in new.items()}} for scope, new in changed.items()
        }
        return Folded(self.folding, units, self.pending)

    def merge(self, other: Folded) -> Folded:
        """The facts of two parts of a log, split anywhere."""
        units: dict[str, dict[Unit, Slots]] = {}
        for scope, facts in self.folding.by_scope.items():
            merged = dict(self.units[scope])
            for unit, theirs in other.units[scope].items():
                mine = merged.get(unit)
                merged[unit] = (
                    theirs
                    if mine is None
                    else tuple(f.merge(a, b) for f, a, b in zip(facts.values(), mine, theirs, strict=True))
                )
            units[scope] = merged
        return Folded(self.folding, units, tuple(sorted({*self.pending, *other.pending}, key=lambda e: e.order)))

    def up_to(self, at_us: int) -> Folded:
        """With what has become visible by an instant (UTC microseconds) folded in."""
        due = [e for e in self.pending if e.visible_us <= at_us]
        state: Folded = self
        for event in due:
            state = state.add(event)
        return attrs.evolve(state, pending=tuple(e for e in self.pending if e.visible_us > at_us)) if due else state

    @property
    def next_visible(self) -> int:
        """When the next event still to come becomes visible; NEVER if none will."""
        return min((e.visible_us for e in self.pending), default=NEVER)

    def of_scope(self, scope: str) -> list[Unit]:
        """The units of a scope of which something is known, in order."""
        return sorted(self.units.get(scope, {}))

    def values(self, unit: Unit) -> dict[str, int]:
        """Every fact of a unit and of what it lies in, in UTC microseconds."""
        values: dict[str, int] = {}
        for scope, facts in self.folding.by_scope.items():
            states = self.units[scope].get(within(unit, scope)) if _covers(scope, unit) else None
            if states is None:
                for name, fact in facts.items():
                    values[name] = fact.missing
            else:
                for (name, fact), state in zip(facts.items(), states, strict=True):
                    values[name] = fact.value(state)
        return values

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Folded)
            and self.folding.declared == other.folding.declared
            and self.units == other.units
            and self.pending == other.pending
        )

    __hash__ = None  # type: ignore[assignment]


def _covers(scope: str, unit: Unit) -> bool:
    """Whether a unit lies in one of this scope: a customer has no case of its own."""
    if scope == CUSTOMER:
        return True
    return bool(unit[3]) if scope == PARTY else not unit[3]


def coarser(one: str, other: str) -> bool:
    """Whether every unit of the other scope lies in one unit of this scope."""
    if one in (other, CUSTOMER):
        return True
    return PARTY not in (one, other) and SCOPES.index(one) < SCOPES.index(other)
