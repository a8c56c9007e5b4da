"""Folds that count: when the k-th promise went unkept, when the customer had to ask for the k-th time."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from carepolicy._instant import ALWAYS, NEVER
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, Which
from carepolicy.folds import Order, known_scope, which_of

_Thread: TypeAlias = tuple[str, str]


def at_least_one(instance: object, attribute: attrs.Attribute[Any], value: int) -> None:
    """Validate a field: a whole number from 1.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidPolicyError(f"{attribute.name} must be a whole number from 1, got {value!r}")


@attrs.frozen
class KthUnkept:
    """By when the k-th of some promises was neither kept, withdrawn nor replaced: the instant at which the level of
    broken promises comes to k, also where that lies ahead. What is kept late was broken all the same.

    The state keeps every promise and every end of its scope.

    Args:
        which: The events that promise (a later one of the same reference replaces it).
        until: The events that keep or withdraw.
        k: Counted from 1, by due date.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    until: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    k: int = attrs.field(kw_only=True, validator=at_least_one)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What promises, and what ends it."""
        return (self.which, self.until)

    def start(self) -> frozenset[tuple[Order, _Thread, int, int]]:
        """Nothing was promised."""
        return frozenset()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more promise or end."""
        return state | {(event.order, (event.case, event.ref), role, event.due_us)}

    def merge(self, one: Any, other: Any) -> Any:
        """Those of both."""
        return one | other

    def value(self, state: Any) -> int:
        """The k-th due date by which nothing had come of the promise."""
        threads: dict[_Thread, list[tuple[Order, int, int]]] = {}
        for order, thread, role, due in sorted(state):
            threads.setdefault(thread, []).append((order, role, due))
        unkept = sorted(due for events in threads.values() for due in _unkept(events))
        return unkept[self.k - 1] if len(unkept) >= self.k else self.missing


def _unkept(events: list[tuple[Order, int, int]]) -> list[int]:
    """The due dates in one thread that passed, or will pass, before the next event of it."""
    after = [order[0] for order, _, _ in events[1:]] + [NEVER]
    return [due for (_, role, due), then in zip(events, after, strict=True) if role & 1 and due < then]


@attrs.frozen
class KthChase:
    """When the customer had cause to ask for the k-th time.

    An ask has cause where no stated date lies ahead (none was given, or it has passed), where an earlier message of
    theirs is unanswered, or where it is urgent. The state keeps every such event of its scope.

    Source: HDI, "Treat end-user escalations seriously", 2024: a chase is valid when the response was late, the need
    urgent without a workaround, the target missed, or expectations were not set.

    Args:
        which: The events that ask.
        urgent: The events that always count.
        heard: Every message of the customer.
        answered: The events that answer.
        ahead: The events whose due date is stated to the customer; the latest statement counts.
        k: Counted from 1, the first.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = attrs.field(converter=which_of)
    urgent: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    heard: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    answered: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    ahead: tuple[Which, ...] = attrs.field(converter=which_of, kw_only=True)
    k: int = attrs.field(kw_only=True, validator=at_least_one)
    scope: str = attrs.field(default=CASE, kw_only=True, validator=known_scope)
    missing: int = attrs.field(default=NEVER, kw_only=True)
    of_candidate: bool = attrs.field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What asks, what is urgent, what was heard, what answers, what states a date."""
        return (self.which, self.urgent, self.heard, self.answered, self.ahead)

    def start(self) -> frozenset[tuple[Order, int, int]]:
        """Nothing was heard."""
        return frozenset()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more of any of these."""
        return state | {(event.order, role, event.due_us)}

    def merge(self, one: Any, other: Any) -> Any:
        """Those of both."""
        return one | other

    def value(self, state: Any) -> int:
        """The instant of the k-th ask that had cause."""
        stated, waiting, count = ALWAYS, False, 0
        for order, role, due in sorted(state):
            if role & 2 or (role & 1 and (waiting or not order[0] <= stated < NEVER)):
                count += 1
                if count == self.k:
                    return int(order[0])
            # a talk may ask and be answered in one: then nothing waits
            waiting = bool(role & 4 and not role & 8) or (waiting and not role & 8)
            stated = due if role & 16 else stated
        return self.missing
