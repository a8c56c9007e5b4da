"""Folded facts: what a log comes to, kept, brought up to date one event at a time, and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER, iso, to_micros
from carepolicy.errors import InvalidPolicyError, InvalidTimeError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES, Fact, Parties, unit_of

Unit: TypeAlias = tuple[str, str, str, str]
"""(customer, case, ref, party); "" where the unit is not about one."""
Slots: TypeAlias = tuple[Any, ...]
_Feed: TypeAlias = tuple[str, list[tuple[int, Callable[[Any, Event, int], Any], int]]]
_Readers: TypeAlias = tuple[str, list[tuple[str, int, Fact]]]
_REMEMBERED = 4096


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
    def _fed(self) -> dict[tuple[Any, ...], list[_Feed]]:
        """What an event feeds, by all of it that conditions may ask for: filled as such events are met."""
        return {}

    @cached_property
    def _readers(self) -> dict[frozenset[str] | None, list[_Readers]]:
        """How to read the facts that have been asked for, by their names: filled as they are."""
        return {}

    def readers(self, asked: frozenset[str] | None) -> list[_Readers]:
        """Where the facts asked for stand, by scope."""
        readers = self._readers.get(asked)
        if readers is None:
            readers = self._readers[asked] = [
                (scope, wanted)
                for scope, facts in self.by_scope.items()
                if (wanted := [(n, i, f) for i, (n, f) in enumerate(facts.items()) if asked is None or n in asked])
            ]
        return readers

    def feeds_of(self, event: Event) -> list[_Feed]:
        """The facts that an event feeds, by scope."""
        asked = (
            event.kind, event.party, event.person, event.direction, event.channel, event.outcome, event.author,
            event.purpose, not event.ref,
        )  # fmt: skip
        feeds = self._fed.get(asked)
        if feeds is None:
            if len(self._fed) >= _REMEMBERED:
                self._fed.clear()
            feeds = self._fed[asked] = list(self._feeds(event))
        return feeds

    def _feeds(self, event: Event) -> Iterator[_Feed]:
        for scope, facts in self.by_scope.items():
            steps: list[tuple[int, Callable[[Any, Event, int], Any], int]] = []
            for slot, fact in enumerate(facts.values()):
                role = 0
                for group, conditions in enumerate(fact.conditions()):
                    role |= any(w.matches(event, self.parties) for w in conditions) << group
                if role:
                    steps.append((slot, fact.step, role))
            if steps:
                yield scope, steps

    def fold(self, events: Iterable[Event]) -> Folded:
        """The facts of some events, in any order, re-delivered or not."""
        slots = self.empty()
        watermark = ALWAYS
        for event in events:
            watermark = max(watermark, event.visible_us)
            self.absorb(slots, event)
        folded = {s: {u: tuple(v) for u, v in units.items()} for s, units in slots.items()}
        return Folded(self, folded, watermark=watermark)

    def empty(self) -> dict[str, dict[Unit, list[Any]]]:
        """The states of a fold that goes on, before any event; for `absorb`."""
        return {scope: {} for scope in self.by_scope}

    def absorb(self, slots: dict[str, dict[Unit, list[Any]]], event: Event) -> bool:
        """Fold one more event into states in place; says whether it fed any fact."""
        feeds = self.feeds_of(event)
        for scope, steps in feeds:
            unit = unit_of(scope, event)
            if unit is not None:
                units = slots[scope]
                states = units.get(unit)
                if states is None:
                    states = units[unit] = list(self._starts[scope])
                for slot, step, role in steps:
                    states[slot] = step(states[slot], event, role)
        return bool(feeds)


@attrs.frozen(eq=False)
class Folded:
    """What a log comes to. It answers from the last event folded on; to ask about an earlier instant, fold again.

    Args:
        folding: Which facts.
        units: The states by scope and unit.
        pending: Events known but still to come.
        watermark: When the last event folded became visible, in UTC microseconds: it answers from then on.
        refold_us: When a correction becomes known, in UTC microseconds: it answers before then.
        seen: The recordings of each event folded, by customer and id, so that a correction is noticed.
    """

    folding: Folding
    units: Mapping[str, Mapping[Unit, Sequence[Any]]]
    pending: tuple[Event, ...] = ()
    watermark: int = ALWAYS
    refold_us: int = NEVER
    seen: Mapping[tuple[str, str], frozenset[Event]] = attrs.field(factory=dict, repr=False)

    def add(self, event: Event, at: datetime | str | None = None) -> Folded:
        """With one more event: no fact is folded again, only what was seen is copied; hold one fold for each
        customer.

        The same event again changes nothing. A correction (an id folded before, with other content) cannot be taken
        back out: from when it is known the fold refuses to answer, and the log is to be folded again.

        Args:
            event: What arrived.
            at: When it arrived: an event still to come by then waits until it is visible. Left out, it has come.
        """
        if at is not None and event.visible_us > to_micros(at):
            return attrs.evolve(self, pending=(*self.pending, event))
        name = (event.customer, event.id)
        known = self.seen.get(name, frozenset())
        if event in known:
            return self
        seen = {**self.seen, name: known | {event}}
        watermark = max(self.watermark, event.visible_us)
        if known:
            return attrs.evolve(self, watermark=watermark, refold_us=min(self.refold_us, event.visible_us), seen=seen)
        units = dict(self.units)
        for scope, steps in self.folding.feeds_of(event):
            unit = unit_of(scope, event)
            if unit is not None:
                states = list(units[scope].get(unit) or self.folding._starts[scope])  # noqa: SLF001  (its own kind)
                for slot, step, role in steps:
                    states[slot] = step(states[slot], event, role)
                units[scope] = {**units[scope], unit: tuple(states)}
        return Folded(self.folding, units, self.pending, watermark, self.refold_us, seen)

    def merge(self, other: Folded) -> Folded:
        """The facts of two parts of a log, split anywhere; it refuses to answer where they correct one another.

        Raises:
            InvalidPolicyError: If they are not of the same facts.
        """
        if not isinstance(other, Folded) or other.folding != self.folding:
            raise InvalidPolicyError("folded facts are of another plan; fold both parts of the log with one plan")
        refold = min(self.refold_us, other.refold_us)
        seen = dict(self.seen)
        for name, contents in other.seen.items():
            own = seen.get(name, contents)
            seen[name] = own | contents
            refold = ALWAYS if own != contents else refold
        units: dict[str, dict[Unit, Sequence[Any]]] = {}
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
        pending = tuple(sorted({*self.pending, *other.pending}, key=lambda e: e.order))
        return Folded(self.folding, units, pending, max(self.watermark, other.watermark), refold, seen)

    def up_to(self, at_us: int) -> Folded:
        """With what has become visible by an instant (UTC microseconds) folded in.

        Raises:
            InvalidTimeError: If the instant is before the watermark, or a correction has become known by then.
        """
        if at_us < self.watermark:
            raise InvalidTimeError(
                f"at is before the last event folded: {iso(at_us)}, {iso(self.watermark)}; fold the log again, or add "
                "what is to come with add(event, at=now)"
            )
        due = [e for e in self.pending if e.visible_us <= at_us]
        state = attrs.evolve(self, pending=tuple(e for e in self.pending if e.visible_us > at_us)) if due else self
        for event in due:
            state = state.add(event)
        if at_us >= state.refold_us:
            raise InvalidTimeError(
                f"at is after a correction of what was folded: {iso(at_us)}, {iso(state.refold_us)}; fold the log again"
            )
        return state

    @property
    def next_visible(self) -> int:
        """When the next event still to come becomes visible; NEVER if none will."""
        return min((e.visible_us for e in self.pending), default=NEVER)

    def of_scope(self, scope: str) -> list[Unit]:
        """The units of a scope of which something is known, in order."""
        return sorted(self.units.get(scope, {}))

    def values(self, unit: Unit, asked: frozenset[str] | None = None) -> dict[str, int]:
        """The facts of a unit and of what it lies in, in UTC microseconds.

        Args:
            unit: Whom.
            asked: The names of the facts wanted; all of them when left out.
        """
        values: dict[str, int] = {}
        for scope, readers in self.folding.readers(asked):
            states = self.units[scope].get(within(unit, scope)) if _covers(scope, unit) else None
            if states is None:
                for name, _, fact in readers:
                    values[name] = fact.missing
            else:
                for name, slot, fact in readers:
                    values[name] = fact.value(states[slot])
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
