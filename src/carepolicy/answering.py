"""Folds of who owes whom an answer: the oldest message that nobody answered, also where its case was merged, the last
word that named a date, and the last word about all cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, CUSTOMER_PARTY, THEM, Fact, Which
from carepolicy.folds import Order, known_scope, which_of

HUMAN = ("human", "")
"""Whoever writes is a person unless the log says otherwise."""
MESSAGE = Which("contact", direction="inbound", author=HUMAN)
"""A word of the customer: a mail, a call, a voicemail, a chat; no automatic answer of theirs."""
DATED = Which(("promise", "estimate"), by=THEM)
"""A date stated to the customer: a promise or an estimate."""
MERGED = Which("merged")
"""A case goes into another one, which `ref` names."""
_Waiting: TypeAlias = tuple[Order | None, tuple[Order, ...]]
"""The last reply, and the messages since then."""


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

    def start(self) -> _Waiting:
        """Nobody has spoken."""
        return _SILENT

    def step(self, state: _Waiting, event: Event, role: int) -> _Waiting:
        """One more message, or one more reply."""
        return _waiting(state, _said(event, role))

    def merge(self, one: _Waiting, other: _Waiting) -> _Waiting:
        """The later reply, and the messages of both since then."""
        return _waiting(one, other)

    def value(self, state: _Waiting) -> int:
        """Its instant."""
        return state[1][0][0] if state[1] else self.missing


_SILENT: _Waiting = (None, ())


def _said(event: Event, role: int) -> _Waiting:
    """One message (bit 0), or one reply (bit 1), or both."""
    return (event.order if role & 2 else None, (event.order,) if role & 1 else ())


def _waiting(one: _Waiting, other: _Waiting) -> _Waiting:
    """The later reply of both, and the messages of both since then."""
    replied = max((r for r in (one[0], other[0]) if r is not None), default=None)
    asked = sorted({*one[1], *other[1]})
    return (replied, tuple(m for m in asked if replied is None or m > replied))


@attrs.frozen
class OldestCarried:
    """When the oldest message came that waits in a case that was merged into another: nobody has answered in either.

    A message travels with its case: from the merge on a reply in the other case answers it, too, and so on where that
    one is merged in its turn. A reply in any third case of the customer does not. It is one instant for the customer,
    of all cases that were merged. The state keeps the messages of each case since its last reply, and every merge.

    Args:
        which: The messages.
        until: The replies, as for `OldestUnanswered`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    until: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, init=False, repr=False)
    missing: int = attrs.field(default=NEVER, kw_only=True, init=False, repr=False)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What waits for an answer, what answers, and what carries it into another case."""
        return (self.which, self.until, (MERGED,))

    def start(self) -> tuple[dict[str, _Waiting], tuple[tuple[Order, str, str], ...]]:
        """Nobody has spoken, and nothing was merged."""
        return ({}, ())

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more message, reply or merge of a case."""
        merges = ((event.order, event.case, event.ref),) if role & 4 else ()
        return self.merge(state, ({event.case: _said(event, role)} if event.case else {}, merges))

    def merge(self, one: Any, other: Any) -> Any:
        """Case by case, and the merges of both."""
        cases = dict(one[0])
        for case, waiting in other[0].items():
            cases[case] = _waiting(cases.get(case, _SILENT), waiting)
        return (cases, tuple(sorted({*one[1], *other[1]})))

    def value(self, state: Any) -> int:
        """The instant of the oldest one."""
        cases, merges = state
        waiting = (
            message[0]
            for case in {case for _, case, _ in merges}
            for message in cases.get(case, _SILENT)[1]
            if not any(
                (replied := cases.get(reached, _SILENT)[0]) is not None and replied > since
                for reached, since in _reached(case, message, merges).items()
            )
        )
        return min(waiting, default=self.missing)


def _reached(case: str, message: Order, merges: tuple[tuple[Order, str, str], ...]) -> dict[str, Order]:
    """The cases in which a message is, each with since when."""
    since = {case: message}
    before: dict[str, Order] = {}
    while since != before:
        before = dict(since)
        for merged, source, target in merges:
            if source in since:
                then = max(since[source], merged)
                since[target] = min(since.get(target, then), then)
    return since


@attrs.frozen
class LastDated:
    """The last of some events that named a date which still lay ahead.

    Args:
        which, scope, missing: As for `Last`.
        but: Events that do not count after all.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    but: tuple[Which, ...] = attrs.field(default=(), converter=which_of, kw_only=True)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count, and those that do not after all."""
        return (self.which, self.but)

    def start(self) -> int:
        """Nothing was named."""
        return self.missing

    def step(self, state: int, event: Event, role: int) -> int:
        """The later of the two; what names no date, or one that has passed, says nothing."""
        return self.merge(state, event.at_us) if role == 1 and event.at_us < event.due_us < NEVER else state

    def merge(self, one: int, other: int) -> int:
        """The later of the two."""
        return _later(one, other, self.missing)

    def value(self, state: int) -> int:
        """Its instant."""
        return state


@attrs.frozen
class LastOverall:
    """The last of some events that name no case: what was said of all cases of a customer at once.

    Args:
        which, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    missing: int = attrs.field(default=ALWAYS, kw_only=True)
    scope: str = attrs.field(default=CUSTOMER, kw_only=True, init=False, repr=False)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> int:
        """Nothing was said."""
        return self.missing

    def step(self, state: int, event: Event, role: int) -> int:
        """The later of the two; what is said of one case counts for none of the others."""
        return state if event.case else self.merge(state, event.at_us)

    def merge(self, one: int, other: int) -> int:
        """The later of the two."""
        return _later(one, other, self.missing)

    def value(self, state: int) -> int:
        """Its instant."""
        return state


def _later(one: int, other: int, missing: int) -> int:
    """The later of two instants; one that is missing says nothing."""
    return other if one == missing else one if other == missing else max(one, other)


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
