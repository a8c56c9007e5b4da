"""Folds of what is still open: the earliest open promise, the last talk with a date ahead, the pauses."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.events import Event
from carepolicy.facts import CASE, Which
from carepolicy.folds import AT, DUE, Order, known_scope, which_of

_Thread: TypeAlias = tuple[tuple[Order, int] | None, Order | None]


@attrs.frozen
class EarliestOpen:
    """The earliest of what was opened and not ended yet, each case and reference by itself.

    Args:
        which: The events that open (a later one of the same reference replaces it).
        until: The events that end it.
        scope, missing: As for `Last`.
        gives: "due": the earliest due date; "at": the earliest opening.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    until: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    gives: str = attrs.field(default=DUE, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What opens, and what ends it."""
        return (self.which, self.until)

    def start(self) -> dict[tuple[str, str], _Thread]:
        """Nothing is open."""
        return {}

    def step(self, state: dict[tuple[str, str], _Thread], event: Event, role: int) -> dict[tuple[str, str], _Thread]:
        """The latest opening and the latest end of the reference."""
        thread = (event.case, event.ref)
        opened, ended = state.get(thread, (None, None))
        if role & 1:
            opened = _later(opened, (event.order, event.due_us))
        if role & 2:
            ended = _later(ended, event.order)
        return {**state, thread: (opened, ended)}

    def merge(
        self, one: dict[tuple[str, str], _Thread], other: dict[tuple[str, str], _Thread]
    ) -> dict[tuple[str, str], _Thread]:
        """The later opening and the later end of each reference."""
        merged = dict(one)
        for thread, (opened, ended) in other.items():
            mine = merged.get(thread, (None, None))
            merged[thread] = (_later(mine[0], opened), _later(mine[1], ended))
        return merged

    def value(self, state: dict[tuple[str, str], _Thread]) -> int:
        """The earliest instant among what is open."""
        index = 0 if self.gives == AT else 1
        still = (
            (opened[0][0], opened[1])[index]
            for opened, ended in state.values()
            if opened is not None and (ended is None or ended < opened[0])
        )
        return min(still, default=self.missing)


def _with(items: tuple[Any, ...], item: Any) -> tuple[Any, ...]:
    """A sorted tuple with one more item, once; the usual case, a later one, is appended."""
    if not items or item > items[-1]:
        return (*items, item)
    return tuple(sorted({*items, item}))


def _later(one: Any, other: Any) -> Any:
    return other if one is None or (other is not None and other > one) else one


@attrs.frozen
class LastWhile:
    """The last of some events at which a stated date still lay ahead: the talk in which the customer heard a next date
    that had not passed. The state keeps every such talk and date of its scope.

    Args:
        which: The events that count.
        ahead: The events whose due date is the stated one; the latest statement counts.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    ahead: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What counts, and what states a date."""
        return (self.which, self.ahead)

    def start(self) -> tuple[tuple[Order, ...], tuple[tuple[Order, int], ...]]:
        """Nothing was said."""
        return ((), ())

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more talk, or one more date."""
        talks, dates = state
        return (
            _with(talks, event.order) if role & 1 else talks,
            _with(dates, (event.order, event.due_us)) if role & 2 else dates,
        )

    def merge(self, one: Any, other: Any) -> Any:
        """The talks and the dates of both."""
        return tuple(tuple(sorted({*a, *b})) for a, b in zip(one, other, strict=True))

    def value(self, state: Any) -> int:
        """The instant of the last talk that had a date ahead."""
        talks, dates = state
        last = len(dates)
        for talk in reversed(talks):
            while last and dates[last - 1][0] > talk:
                last -= 1
            if last and talk[0] <= dates[last - 1][1] < NEVER:
                return int(talk[0])
        return self.missing


@attrs.frozen
class Intervals:
    """The stretches between one kind of event and another, such as pauses, each case and reference by itself.

    Its value is when the latest stretch that has not ended began; `stretches(state)` are all of them.

    Args:
        which: The events that begin a stretch.
        until: The events that end it.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    until: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What begins a stretch, and what ends it."""
        return (self.which, self.until)

    def start(self) -> tuple[tuple[Order, tuple[str, str], bool], ...]:
        """Nothing has begun."""
        return ()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more beginning or end."""
        return _with(state, (event.order, (event.case, event.ref), bool(role & 1)))

    def merge(self, one: Any, other: Any) -> Any:
        """The edges of both."""
        return tuple(sorted({*one, *other}))

    def stretches(self, state: Any) -> tuple[tuple[int, int], ...]:
        """The stretches as (begin, end) in UTC microseconds, by beginning; `NEVER` ends what goes on."""
        begun: dict[tuple[str, str], int] = {}
        ended: list[tuple[int, int]] = []
        for (at, _, _), thread, begins in state:
            if begins:
                begun.setdefault(thread, at)
            elif thread in begun:
                ended.append((begun.pop(thread), at))
        return tuple(sorted([*ended, *((at, NEVER) for at in begun.values())]))

    def value(self, state: Any) -> int:
        """When the latest open stretch began."""
        return max((a for a, b in self.stretches(state) if b == NEVER), default=self.missing)


def earliest_open(*which: Which | str, until: Any = ("kept", "withdrawn"), **options: Any) -> EarliestOpen:
    """The earliest of what was opened and not ended; promises unless said otherwise."""
    return EarliestOpen(which or ("promise",), until=until, **options)


def intervals(begin: Any = "paused", end: Any = "resumed", **options: Any) -> Intervals:
    """The stretches between two kinds of event; pauses unless said otherwise."""
    return Intervals(begin, until=end, **options)
