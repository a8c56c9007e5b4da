"""Folds of what happened: the latest, the first, the k-th latest of some events."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, SCOPES, Which, words

AT, DUE = "at", "due"
Order: TypeAlias = tuple[int, int, str]


def which_of(value: Which | str | tuple[Which | str, ...] | list[Which | str]) -> tuple[Which, ...]:
    """The conditions meant: a `Which`, the name of a kind, or several of these."""
    many = value if isinstance(value, (tuple, list)) else (value,)
    for item in many:
        if not isinstance(item, (Which, str)):
            raise InvalidPolicyError(f"events are not chosen by {item!r}; use a kind such as 'survey', or Which(...)")
    return tuple(Which(item) if isinstance(item, str) else item for item in many)


def known_scope(instance: object, attribute: object, value: str) -> None:
    """Validate a field: one of the scopes."""
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
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    gives: str = attrs.field(default=AT, kw_only=True)
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
        return state[0][0] if self.gives == AT else state[1]


@attrs.frozen
class First:
    """The first of some events. Arguments as for `Last`."""

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

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
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

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


def latest_estimate(*, scope: str = CASE, **options: Any) -> Last:
    """When the work is expected to be complete, by the latest estimate."""
    return Last(Which("estimate", whole=True), scope=scope, missing=NEVER, gives=DUE, **options)


def _by(which: tuple[Which | str, ...], by: str | tuple[str, ...]) -> tuple[Which, ...]:
    named = which_of(which)
    return tuple(attrs.evolve(w, by=words(by)) for w in named) if by else named
