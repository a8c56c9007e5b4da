"""Needed items: what we will need from the customer is asked for once, and in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Which
from carepolicy.folds import Last, Order, known_scope, which_of
from carepolicy.policy import Duty, Guard
from carepolicy.span import Span, forward, not_backward, working_days
from carepolicy.stages import LastMoved


@attrs.frozen
class LastAbout:
    """The latest of some events that are about one fact (`Event.fact`).

    Args:
        which: The events that count.
        fact: Which fact they must be about.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = field(converter=which_of)
    fact: str = field(kw_only=True)
    scope: str = field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = field(default=ALWAYS, kw_only=True)
    of_candidate: bool = field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return (self.which,)

    def start(self) -> Order | None:
        """Nothing has happened."""
        return None

    def step(self, state: Order | None, event: Event, role: int) -> Order | None:
        """The later of the two, if it is about the fact."""
        return self.merge(state, event.order) if event.fact == self.fact else state

    def merge(self, one: Order | None, other: Order | None) -> Order | None:
        """The later of the two."""
        return max((s for s in (one, other) if s is not None), default=None)

    def value(self, state: Order | None) -> int:
        """Its instant."""
        return self.missing if state is None else state[0]


@attrs.frozen
class NeededItem:
    """Something that we will need from the customer.

    Args:
        fact: What the log calls it when it is asked for and told.
        needed: The events whose due date is the instant by which we need it.
        lead: How long the customer has for it, at the least.
        at_once: Within which it is asked for when the need becomes known later than `lead` before.
        remind_after: After how long we may ask again while it was not told; None for never.
        scope: "customer" where it is told once for all, "case" where each case needs its own.

    Raises:
        InvalidPolicyError: If it has no name, or a span is no span or points backward.
    """

    fact: str
    needed: tuple[Which, ...] = field(converter=which_of)
    lead: Span = field(validator=forward)
    at_once: Span = field(factory=lambda: working_days(1), validator=not_backward)
    remind_after: Span | None = field(default=None, validator=forward)
    scope: str = field(default=CUSTOMER, validator=known_scope)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.fact, str) or not self.fact:
            raise InvalidPolicyError(f"fact of a needed item is no text: {self.fact!r}; use the fact of its events")

    def facts(self) -> dict[str, Fact]:
        """When it was last asked for, and when it was last told."""
        return {
            "asked_for": LastAbout("asked", fact=self.fact, scope=self.scope),
            "told": LastAbout("told", fact=self.fact, scope=self.scope),
        }


@attrs.frozen
class AskInTime(Duty):
    """What we will need from the customer is asked for early enough, never at the last minute.

    Owed once in a case: from when the need is known until it is asked for or told. Asked for with less than `lead` to
    go, it was asked for late.

    Args:
        item: What we will need.
    """

    item: NeededItem

    owed: ClassVar[str] = "asking for what we will need"

    def needs(self) -> Mapping[str, Fact]:
        """When it was asked for and told, by when it is needed, and since when that is known."""
        return {
            **self.item.facts(),
            "needed_by": Last(self.item.needed, scope=CASE, gives="due", missing=NEVER),
            "need_moved": LastMoved(self.item.needed),
            "over": Last(Which(("completed", "closed"), whole=True), scope=CASE),
        }

    def starts(self, f: Facts) -> Instant:
        """From when the need is known."""
        return where(self._is_owed(f), f.need_moved, NEVER)

    def due(self, f: Facts) -> Instant:
        """`lead` before it is needed, or `at_once` after the need was known if that is later."""
        ahead = f.after(f.needed_by, -self.item.lead)
        return where(self._is_owed(f), latest(ahead, f.after(f.need_moved, self.item.at_once)), NEVER)

    def _is_owed(self, f: Facts) -> Any:
        heard = both(f.asked_for <= ALWAYS, f.told <= ALWAYS)
        return both(heard, f.need_moved > f.over, f.needed_by < NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When the need was known."""
        return f.need_moved

    def explain(self) -> str:
        """The rule in plain words."""
        return f"a question for {self.item.fact} {self.item.lead} before we need it"


@attrs.frozen
class AskedOnce(Guard):
    """What was told is not asked for again, and what was asked for only after a while, as a reminder.

    Args:
        item: What we will need.
    """

    item: NeededItem

    awaits: ClassVar[str] = "the customer's answer"

    def needs(self) -> Mapping[str, Fact]:
        """When it was asked for and told."""
        return self.item.facts()

    def opens(self, f: Facts) -> Instant:
        """At once; after it was asked for, when a reminder is allowed."""
        after = self.item.remind_after
        again = NEVER if after is None else f.after(f.asked_for, after)
        return where(f.asked_for > ALWAYS, again, ALWAYS)

    def closes(self, f: Facts) -> Instant:
        """When it was told."""
        return where(f.told > ALWAYS, f.told, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        again = "" if self.item.remind_after is None else f" (a reminder {self.item.remind_after} later)"
        return f"one question for {self.item.fact}{again}, none after it was told"
