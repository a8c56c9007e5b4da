"""The folds that facts are declared with: latest, first, k-th latest, earliest open, last while, intervals."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, SCOPES, Which, words

_AT, _DUE = "at", "due"
Order: TypeAlias = tuple[int, int, str]


def which_of(value: Which | str | tuple[Which | str, ...] | list[Which | str]) -> tuple[Which, ...]:
    """The conditions meant: a `Which`, the name of a kind, or several of these."""
    many = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(Which(item) if isinstance(item, str) else item for item in many)


def _scope(instance: object, attribute: object, value: str) -> None:
    if value not in SCOPES:
        raise InvalidPolicyError(f"scope is not known: {value!r}; use one of {', '.join(SCOPES)}")


@attrs.frozen
class Last:
    """The latest of some events: when it happened, or (`gives="due"`) by when it falls due.

    Args:
        which: The events that count; any one of several conditions.
        scope: Whom the fact is about.
        missing: The value where none has happened.
        gives: "at" or "due".
        of_candidate: Whether it speaks of the very message that is being judged.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    gives: str = attrs.field(default=_AT, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> tuple[Order, int] | None:
        """Nothing has happened."""
        return None

    def step(self, state: tuple[Order, int] | None, event: Event, role: int) -> tuple[Order, int]:
        """The later of the two."""
        new = (event.order, event.due_us)
        return new if state is None or new > state else state

    def merge(self, one: tuple[Order, int] | None, other: tuple[Order, int] | None) -> tuple[Order, int] | None:
        """The later of the two."""
        return max((s for s in (one, other) if s is not None), default=None)

    def value(self, state: tuple[Order, int] | None) -> int:
        """Its instant."""
        if state is None:
            return self.missing
        return state[0][0] if self.gives == _AT else state[1]


@attrs.frozen
class First:
    """The first of some events. Arguments as for `Last`."""

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> int | None:
        """Nothing has happened."""
        return None

    def step(self, state: int | None, event: Event, role: int) -> int:
        """The earlier of the two."""
        return event.at_us if state is None or event.at_us < state else state

    def merge(self, one: int | None, other: int | None) -> int | None:
        """The earlier of the two."""
        return min((s for s in (one, other) if s is not None), default=None)

    def value(self, state: int | None) -> int:
        """Its instant."""
        return self.missing if state is None else state


@attrs.frozen
class KthLatest:
    """When the k-th latest of some events happened: "at most k in 180 days" is this instant plus 180 days.

    Args:
        which, scope, missing: As for `Last`.
        k: Counted from 1, the latest.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    k: int = attrs.field(kw_only=True)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False)

    def __attrs_post_init__(self) -> None:
        if self.k < 1:
            raise InvalidPolicyError(f"k must be at least 1, got {self.k}")

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> tuple[Order, ...]:
        """Nothing has happened."""
        return ()

    def step(self, state: tuple[Order, ...], event: Event, role: int) -> tuple[Order, ...]:
        """The k latest, each event once."""
        return self.merge(state, (event.order,))

    def merge(self, one: tuple[Order, ...], other: tuple[Order, ...]) -> tuple[Order, ...]:
        """The k latest of both, each event once."""
        return tuple(sorted({*one, *other}, reverse=True)[: self.k])

    def value(self, state: tuple[Order, ...]) -> int:
        """The instant of the k-th."""
        return state[self.k - 1][0] if len(state) >= self.k else self.missing


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
    scope: str = attrs.field(default=CASE, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    gives: str = attrs.field(default=_DUE, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False)

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
        index = 0 if self.gives == _AT else 1
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
    scope: str = attrs.field(default=CASE, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False)

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
        for talk in reversed(talks):
            stated = next((due for order, due in reversed(dates) if order <= talk), ALWAYS)
            if talk[0] <= stated < NEVER:
                return int(talk[0])
        return self.missing


@attrs.frozen
class Intervals:
    """The stretches between one kind of event and another, such as pauses, each reference by itself.

    Its value is when the latest stretch that has not ended began; `stretches(state)` are all of them.

    Args:
        which: The events that begin a stretch.
        until: The events that end it.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    until: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What begins a stretch, and what ends it."""
        return (self.which, self.until)

    def start(self) -> tuple[tuple[Order, str, bool], ...]:
        """Nothing has begun."""
        return ()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more beginning or end."""
        return _with(state, (event.order, event.ref, bool(role & 1)))

    def merge(self, one: Any, other: Any) -> Any:
        """The edges of both."""
        return tuple(sorted({*one, *other}))

    def stretches(self, state: Any) -> tuple[tuple[int, int], ...]:
        """The stretches as (begin, end) in UTC microseconds, by beginning; `NEVER` ends what goes on."""
        begun: dict[str, int] = {}
        ended: list[tuple[int, int]] = []
        for (at, _, _), ref, begins in state:
            if begins:
                begun.setdefault(ref, at)
            elif ref in begun:
                ended.append((begun.pop(ref), at))
        return tuple(sorted([*ended, *((at, NEVER) for at in begun.values())]))

    def value(self, state: Any) -> int:
        """When the latest open stretch began."""
        return max((a for a, b in self.stretches(state) if b == NEVER), default=self.missing)


def last(*which: Which | str, by: str | tuple[str, ...] = (), **options: Any) -> Last:
    """The latest of some events; `by=` adds who did it to every condition.

    >>> last("survey").missing == ALWAYS
    True
    """
    return Last(_by(which, by), **options)


def first(*which: Which | str, by: str | tuple[str, ...] = (), **options: Any) -> First:
    """The first of some events."""
    return First(_by(which, by), **options)


def kth_latest(*which: Which | str, k: int, **options: Any) -> KthLatest:
    """The k-th latest of some events."""
    return KthLatest(which, k=k, **options)


def earliest_open(*which: Which | str, until: Any = ("kept", "withdrawn"), **options: Any) -> EarliestOpen:
    """The earliest of what was opened and not ended; promises unless said otherwise."""
    return EarliestOpen(which or ("promise",), until=until, **options)


def latest_estimate(*, scope: str = CASE, **options: Any) -> Last:
    """When the work is expected to be complete, by the latest estimate."""
    return Last(Which("estimate", whole=True), scope=scope, missing=NEVER, gives=_DUE, **options)


def intervals(begin: Any = "paused", end: Any = "resumed", **options: Any) -> Intervals:
    """The stretches between two kinds of event; pauses unless said otherwise."""
    return Intervals(begin, until=end, **options)


def _by(which: tuple[Which | str, ...], by: str | tuple[str, ...]) -> tuple[Which, ...]:
    named = which_of(which)
    return tuple(attrs.evolve(w, by=words(by)) for w in named) if by else named
