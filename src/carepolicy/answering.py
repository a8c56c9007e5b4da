"""Folds of who owes whom an answer: the oldest message that nobody answered, and the last word that named a date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER_PARTY, THEM, Fact, Which
from carepolicy.folds import Order, known_scope, which_of

HUMAN = ("human", "")
"""Whoever writes is a person unless the log says otherwise."""
MESSAGE = Which("contact", direction="inbound", author=HUMAN)
"""A word of the customer: a mail, a call, a voicemail, a chat; no automatic answer of theirs."""
DATED = Which(("promise", "estimate"), by=THEM)
"""A date stated to the customer: a promise or an estimate."""


def replies(by: tuple[str, ...]) -> tuple[Which, ...]:
    """What answers a customer: a message of a person that reached them, or a live talk, whoever began it.

    Automatic replies, voicemail, notes (`note`, no contact) and reminders written by a machine are none.
    """
    return (
        Which("contact", by=by, direction="outbound", author=HUMAN, outcome=("conversation", "delivered")),
        Which("contact", by=(*by, CUSTOMER_PARTY), conversation=True),
    )


@attrs.frozen
class OldestUnanswered:
    """When the oldest message came that nobody has answered: the first one after the last reply.

    A second message never moves it. The state keeps the messages since the last reply.

    Args:
        which: The messages.
        until: The replies; one answers all that came before it, and a talk answers itself.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(default=(MESSAGE,), converter=which_of)
    until: tuple[Which, ...] = attrs.field(default=replies((THEM,)), converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What waits for an answer, and what answers."""
        return (self.which, self.until)

    def start(self) -> tuple[Order | None, tuple[Order, ...]]:
        """Nobody has spoken."""
        return (None, ())

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more message, or one more reply."""
        one = (event.order,)
        return self.merge(state, (event.order if role & 2 else None, one if role & 1 else ()))

    def merge(self, one: Any, other: Any) -> Any:
        """The later reply, and the messages of both since then."""
        replied = max((r for r in (one[0], other[0]) if r is not None), default=None)
        asked = sorted({*one[1], *other[1]})
        return (replied, tuple(m for m in asked if replied is None or m > replied))

    def value(self, state: Any) -> int:
        """Its instant."""
        return int(state[1][0][0]) if state[1] else self.missing


@attrs.frozen
class LastDated:
    """The last of some events that named a date which still lay ahead.

    Args:
        which, scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> int:
        """Nothing was named."""
        return self.missing

    def step(self, state: int, event: Event, role: int) -> int:
        """The later of the two; what names no date, or one that has passed, says nothing."""
        return self.merge(state, event.at_us) if event.at_us < event.due_us < NEVER else state

    def merge(self, one: int, other: int) -> int:
        """The later of the two."""
        return other if one == self.missing else one if other == self.missing else max(one, other)

    def value(self, state: int) -> int:
        """Its instant."""
        return state


def _facts(parts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(parts)


@attrs.frozen
class LatestOf:
    """The latest of several facts of one scope: when the last of what a clock waits for has happened.

    Args:
        parts: The facts; where one of them is missing as NEVER, so is the whole.

    Raises:
        InvalidPolicyError: If there are none, or their scopes differ.
    """

    parts: tuple[Fact, ...] = attrs.field(converter=_facts)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if len({part.scope for part in self.parts}) != 1:
            raise InvalidPolicyError(f"parts are not of one scope: {self.parts!r}; use at least one, all of one scope")

    @property
    def scope(self) -> str:
        """The scope of all of them."""
        return self.parts[0].scope

    @property
    def missing(self) -> int:
        """The latest of what is missing."""
        return max(part.missing for part in self.parts)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that feed any part."""
        return tuple(group for part in self.parts for group in part.conditions())

    def start(self) -> tuple[Any, ...]:
        """Nothing has happened."""
        return tuple(part.start() for part in self.parts)

    def step(self, state: tuple[Any, ...], event: Event, role: int) -> tuple[Any, ...]:
        """Every part that the event feeds, one step on."""
        after = []
        for part, own in zip(self.parts, state, strict=True):
            groups = len(part.conditions())
            mine = role & ((1 << groups) - 1)
            after.append(part.step(own, event, mine) if mine else own)
            role >>= groups
        return tuple(after)

    def merge(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
        """Part by part."""
        return tuple(part.merge(a, b) for part, a, b in zip(self.parts, one, other, strict=True))

    def value(self, state: tuple[Any, ...]) -> int:
        """The latest of their instants."""
        return max(part.value(own) for part, own in zip(self.parts, state, strict=True))
