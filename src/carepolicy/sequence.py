"""Folds of what happened in order: how far a ladder was climbed, the first since something, what was last told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, Which
from carepolicy.folds import Order, known_scope, which_of
from carepolicy.span import ELAPSED, Span, elapsed

Met: TypeAlias = tuple[Order, int, str]
"""An event: its order, the conditions that it met, and whose it is."""
Since: TypeAlias = tuple[Order | None, tuple[Met, ...]]
"""The latest end, and the events from it on."""
_END, _OPEN, _ANEW, _ASK, _ANSWER, _CALL, _VOID, _FIRST_RUNG = range(8)


def _since(end: Order | None, events: Iterable[Met]) -> Since:
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
        return _since(end, (*state[1], (event.order, role, event.party)))

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
        return next((order[0] for order, role, _ in state[1] if not role & 1), self.missing)


def _rungs(value: Iterable[Any]) -> tuple[tuple[Which, ...], ...]:
    return tuple(which_of(item) for item in value)


def _numbers(value: Iterable[int]) -> tuple[int, ...]:
    return tuple(value)


def _elapsed(instance: object, attribute: object, value: Span) -> None:
    if not isinstance(value, Span) or value.unit != ELAPSED or value.amount < 0:
        raise InvalidPolicyError(f"apart is not elapsed time: {value!r}; use e.g. elapsed(hours=2)")


class Terms(Protocol):
    """What a call must keep besides to take a rung."""

    @property
    def who(self) -> str:
        """Who makes it."""
        ...

    def allows(self, at: int, since: int, calls: tuple[int, ...]) -> bool:
        """Whether a call at an instant keeps them, since the call that took a rung before, after all calls before."""
        ...


def _terms(value: Iterable[Terms | None]) -> tuple[Terms | None, ...]:
    return tuple(value)


@attrs.frozen
class Climb(_SinceTheEnd):
    """How far a ladder was climbed since it began: when it began, or when its n-th rung was taken.

    A run begins with the first event of `opens` after the latest of `ends`, and goes on until the next of these. In it
    an event takes the next rung that it fits; it may pass over rungs that were not taken in their turn, unless they are
    firm, and takes the one after, too, where it fits both (a call that ended in a voicemail is a call and a voicemail).
    A call that does not keep the terms of a rung is an attempt that takes none.

    Args:
        opens: The events that begin a run.
        ends: The events that end it.
        rungs: For each rung the events that take it.
        rung: 0 for when the run began, n for the n-th rung.
        anew: The events that begin the ladder anew in a run; one that is among `ends` as well begins a run.
        asks: Events that begin a run unless they are answered before anything else is tried.
        answers: What answers them.
        firm: The rungs, counted from 1, that no event passes over.
        calls: The attempts on which the terms of later rungs look back.
        void: Events that answer nothing and take no rung, whatever else they fit.
        terms: What a call must keep to take each rung; None for a rung that is no call, none at all when left out.
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
    calls: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    void: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    terms: tuple[Terms | None, ...] = attrs.field(default=(), converter=_terms, kw_only=True)
    apart: Span = attrs.field(factory=lambda: elapsed(hours=0), kw_only=True, validator=_elapsed)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.rung <= len(self.rungs):
            raise InvalidPolicyError(f"rung is not one of the ladder: {self.rung}; use 0 to {len(self.rungs)}")

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What ends, opens, begins anew, asks, answers, is a call, is void, and takes each rung."""
        return (self.ends, self.opens, self.anew, self.asks, self.answers, self.calls, self.void, *self.rungs)

    def value(self, state: Since) -> int:
        """When the run began, or when the rung was taken in it."""
        began: int | None = None
        asked = False
        climber = _Climber(self, ALWAYS)
        for (at, _, _), role, party in state[1]:
            met = [bool(role >> bit & 1) for bit in range(_FIRST_RUNG)]
            if met[_END] and not met[_ANEW]:
                continue
            if met[_ANEW] and (met[_END] or began is not None):
                began, asked, climber = at, False, _Climber(self, at)
            elif began is None:
                began, asked = (at if met[_OPEN] or met[_ASK] else None), not met[_OPEN]
                climber = _Climber(self, at)
            elif met[_OPEN]:
                asked = False
            elif asked and met[_ANSWER] and not (met[_VOID] or climber.taken):
                began = None
            if began is not None and not met[_VOID]:
                fits = {rung for n, rung in enumerate(self.rungs) if role >> (_FIRST_RUNG + n) & 1}
                climber.meet(at, fits, party, is_call=met[_CALL])
        if began is None:
            return self.missing
        steps = [began, *climber.taken]
        return steps[self.rung] if self.rung < len(steps) else self.missing


class _Climber:
    """One walk up the rungs."""

    def __init__(self, ladder: Climb, began: int) -> None:
        self.rungs, self.firm, self.apart = ladder.rungs, ladder.firm, ladder.apart.amount
        self.terms = ladder.terms or (None,) * len(ladder.rungs)
        self.taken: list[int] = []
        self.last: dict[tuple[Which, ...], int] = {}
        self.since, self.calls = began, ()
        self.callers: set[tuple[str, str]] = set()

    since: int
    calls: tuple[int, ...]

    def meet(self, at: int, met: set[tuple[Which, ...]], party: str, *, is_call: bool) -> None:
        """One more event, the rungs that it fits, and whose it is."""
        free = {r for r in met if r not in self.last or (at > self.last[r] and at - self.last[r] >= self.apart)}
        place = below = len(self.taken)
        reach = next((n for n in self.firm if n > below), len(self.rungs))
        while place < reach and not self._takes(place, at, free, party):
            place += 1
        if place < reach:
            while place < len(self.rungs) and self._takes(place, at, free, party):
                free.discard(self.rungs[place])
                self.taken += [at] * (place + 1 - len(self.taken))
                if (terms := self.terms[place]) is not None:
                    self.since = at
                    self.callers.add((terms.who, party))
                place += 1
            self.last.update(dict.fromkeys(met, at))
        if is_call:
            self.calls = (*self.calls, at)

    def _takes(self, place: int, at: int, free: set[tuple[Which, ...]], party: str) -> bool:
        """Whether an event takes a rung: it fits it and, as a call, keeps the day, the time of day, and who calls."""
        if self.rungs[place] not in free:
            return False
        terms = self.terms[place]
        return terms is None or (self._is_theirs(terms.who, party) and terms.allows(at, self.since, self.calls))

    def _is_theirs(self, who: str, party: str) -> bool:
        """Whether a party may be the one whom a rung names: anybody on the first, later on nobody who took a rung for
        somebody else; one who is not named proves nothing."""
        first = next((terms.who for terms in self.terms if terms is not None), who)
        others = {was for named, was in self.callers if named != who}
        return who == first or (party != "" and party not in others)


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


@attrs.frozen
class LastBut:
    """When the latest of some events happened that are not others as well, such as a mail that sells nothing.

    Args:
        which: The events that count.
        but: Those among them that do not.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    but: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What counts, and what does not."""
        return (self.which, self.but)

    def start(self) -> int:
        """Nothing has happened."""
        return ALWAYS

    def step(self, state: int, event: Event, role: int) -> int:
        """The later of the two, where the event counts."""
        return self.merge(state, event.at_us if role == 1 else ALWAYS)

    def merge(self, one: int, other: int) -> int:
        """The later of the two."""
        return max(one, other)

    def value(self, state: int) -> int:
        """Its instant."""
        return state if state > ALWAYS else self.missing
