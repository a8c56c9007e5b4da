"""Folds of what happened in order: how far a ladder was climbed, the first since something, what was last told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, Which
from carepolicy.folds import Order, known_scope, which_of
from carepolicy.span import ELAPSED, Span, elapsed

Since: TypeAlias = tuple[Order | None, tuple[tuple[Order, int], ...]]
"""The latest end, and the events from it on with the conditions that they met."""
_END, _OPEN, _ANEW, _ASK, _ANSWER, _FIRST_RUNG = range(6)


def _since(end: Order | None, events: Iterable[tuple[Order, int]]) -> Since:
    """The events from an end on, in order, each once."""
    return end, tuple(sorted({e for e in events if end is None or e[0] >= end}))


def _later(one: Order | None, other: Order | None) -> Order | None:
    return max((o for o in (one, other) if o is not None), default=None)


class _SinceTheEnd:
    """What the folds here share: bit 0 of the role ends what was; from the latest end on every event is kept."""

    __slots__ = ()

    def start(self) -> Since:
        """Nothing has happened."""
        return (None, ())

    def step(self, state: Since, event: Event, role: int) -> Since:
        """One more event, or one more end."""
        end = _later(state[0], event.order if role & 1 else None)
        return _since(end, (*state[1], (event.order, role)))

    def merge(self, one: Since, other: Since) -> Since:
        """The later end, and the events of both from it on."""
        return _since(_later(one[0], other[0]), (*one[1], *other[1]))


@attrs.frozen
class FirstSince(_SinceTheEnd):
    """The first of some events since the latest of others, such as the first mending since the latest fault.

    Args:
        which: The events that count.
        since: The events that make what came before them void.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    since: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What makes void, and what counts."""
        return (self.since, self.which)

    def value(self, state: Since) -> int:
        """Its instant."""
        return next((order[0] for order, role in state[1] if not role & 1), self.missing)


def _rungs(value: Iterable[Any]) -> tuple[tuple[Which, ...], ...]:
    return tuple(which_of(item) for item in value)


def _numbers(value: Iterable[int]) -> tuple[int, ...]:
    return tuple(value)


def _elapsed(instance: object, attribute: object, value: Span) -> None:
    if not isinstance(value, Span) or value.unit != ELAPSED or value.amount < 0:
        raise InvalidPolicyError(f"apart is not elapsed time: {value!r}; use e.g. elapsed(hours=2)")


@attrs.frozen
class Climb(_SinceTheEnd):
    """How far a ladder was climbed since it began: when it began, or when its n-th rung was taken.

    A run begins with the first event of `opens` after the latest of `ends`, and goes on until the next of these. In it
    an event takes the next rung that it fits; it may pass over rungs that were not taken in their turn, unless they are
    firm, and takes the one after, too, where it fits both (a call that ended in a voicemail is a call and a voicemail).

    Args:
        opens: The events that begin a run.
        ends: The events that end it.
        rungs: For each rung the events that take it.
        rung: 0 for when the run began, n for the n-th rung.
        anew: The events that begin the ladder anew in a run; one that is among `ends` as well begins a run.
        asks: Events that begin a run unless they are answered before anything else is tried.
        answers: What answers them.
        firm: The rungs, counted from 1, that no event passes over.
        apart: Events that fit the same rung count as one unless they are so far apart.
        scope, missing: As for `Last`.

    Raises:
        InvalidPolicyError: If `apart` is no elapsed time, or the ladder has no such rung.
    """

    opens: tuple[Which, ...] = attrs.field(converter=which_of)
    ends: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    rungs: tuple[tuple[Which, ...], ...] = attrs.field(converter=_rungs, kw_only=True)
    rung: int = attrs.field(kw_only=True)
    anew: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    asks: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    answers: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    firm: tuple[int, ...] = attrs.field(default=(), converter=_numbers, kw_only=True)
    apart: Span = attrs.field(factory=lambda: elapsed(hours=0), kw_only=True, validator=_elapsed)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.rung <= len(self.rungs):
            raise InvalidPolicyError(f"rung is not one of the ladder: {self.rung}; use 0 to {len(self.rungs)}")

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What ends, opens, begins anew, asks, answers, and takes each rung."""
        return (self.ends, self.opens, self.anew, self.asks, self.answers, *self.rungs)

    def value(self, state: Since) -> int:
        """When the run began, or when the rung was taken in it."""
        began: int | None = None
        asked = False
        climber = _Climber(self.rungs, self.firm, self.apart.amount)
        for (at, _, _), role in state[1]:
            met = [bool(role >> bit & 1) for bit in range(_FIRST_RUNG)]
            if met[_END] and not met[_ANEW]:
                continue
            if met[_ANEW] and (met[_END] or began is not None):
                began, asked, climber = at, False, _Climber(self.rungs, self.firm, self.apart.amount)
            elif began is None:
                began, asked = (at if met[_OPEN] or met[_ASK] else None), not met[_OPEN]
            elif met[_OPEN]:
                asked = False
            elif asked and met[_ANSWER] and not climber.taken:
                began = None
            if began is not None:
                climber.meet(at, {rung for n, rung in enumerate(self.rungs) if role >> (_FIRST_RUNG + n) & 1})
        if began is None:
            return self.missing
        steps = [began, *climber.taken]
        return steps[self.rung] if self.rung < len(steps) else self.missing


class _Climber:
    """One walk up the rungs."""

    def __init__(self, rungs: tuple[tuple[Which, ...], ...], firm: tuple[int, ...], apart: int) -> None:
        self.rungs, self.firm, self.apart = rungs, firm, apart
        self.taken: list[int] = []
        self.last: dict[tuple[Which, ...], int] = {}

    def meet(self, at: int, met: set[tuple[Which, ...]]) -> None:
        """One more event, and the rungs that it fits."""
        free = {r for r in met if r not in self.last or (at > self.last[r] and at - self.last[r] >= self.apart)}
        below = len(self.taken)
        reach = next((n for n in self.firm if n > below), len(self.rungs))
        place = next((n for n in range(below, reach) if self.rungs[n] in free), None)
        if place is None:
            return
        while place < len(self.rungs) and self.rungs[place] in free:
            free.discard(self.rungs[place])
            self.taken += [at] * (place + 1 - len(self.taken))
            place += 1
        self.last.update(dict.fromkeys(met, at))


@attrs.frozen
class LastTold:
    """When a fact of one name was last told or asked.

    Args:
        fact: Its name; the events that say nothing of it do not count.
        which: The events that count, among those of this fact.
        scope, missing: As for `Last`.
    """

    fact: str
    which: tuple[Which, ...] = attrs.field(default="told", converter=which_of)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count, whatever the fact."""
        return (self.which,)

    def start(self) -> int:
        """Nothing was said."""
        return ALWAYS

    def step(self, state: int, event: Event, role: int) -> int:
        """The later of the two, where the event speaks of the fact."""
        return self.merge(state, event.at_us if event.fact == self.fact else ALWAYS)

    def merge(self, one: int, other: int) -> int:
        """The later of the two."""
        return max(one, other)

    def value(self, state: int) -> int:
        """Its instant."""
        return state if state > ALWAYS else self.missing
