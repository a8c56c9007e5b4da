"""Pauses of a clock: merged, given back when time is added, taken out when it is counted.

A pause while closed gives back nothing, since only its open time counts; overlapping pauses count once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from carepolicy._instant import NEVER
from carepolicy.errors import InvalidWindowError
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepolicy._time.openings import AlwaysOpenings, Openings

    Clock: TypeAlias = Openings | AlwaysOpenings

Pauses: TypeAlias = list[tuple[int, int]]


def merged(pauses: Iterable[Window], until: int | None = None) -> Pauses:
    """The pauses as sorted, disjoint stretches; one that has not ended ends at `until`.

    Raises:
        InvalidWindowError: If one is no Window, or has no end while `until` is None.
    """
    if isinstance(pauses, Window):
        raise InvalidWindowError(f"pauses are no list: {pauses!r}; put the window into one, [window]")
    found: Pauses = []
    for opens, closes in sorted(_bounds(pause, until) for pause in pauses):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        elif opens < closes:
            found.append((opens, closes))
    return found


def _bounds(pause: Window, until: int | None) -> tuple[int, int]:
    if not isinstance(pause, Window):
        raise InvalidWindowError(f"pause is not a Window: {pause!r}; write e.g. Window(opens=a, closes=b)")
    if pause.closes_us != NEVER:
        return pause.opens_us, pause.closes_us
    if until is None:
        raise InvalidWindowError(f"pause has no end: {pause!r}; give it one, or say until= when time is counted")
    return pause.opens_us, until


def add(clock: Clock, us: int, amount: int, pauses: Pauses) -> int:
    """The earliest instant by which `amount` of unpaused open time has elapsed, or the latest from which it has."""
    at = clock.add(us, amount)
    if amount > 0:
        for opens, closes in pauses:
            if opens >= at:
                break
            if closes > us:
                amount += clock.between(max(opens, us), closes)
                at = clock.add(us, amount)
    elif amount < 0:
        for opens, closes in reversed(pauses):
            if closes <= at:
                break
            if opens < us:
                amount -= clock.between(opens, min(closes, us))
                at = clock.add(us, amount)
    return at


def between(clock: Clock, start: int, end: int, pauses: Pauses) -> int:
    """The unpaused open time from one instant to the other, negative if the other is earlier."""
    if start > end:
        return -between(clock, end, start, pauses)
    return clock.between(start, end) - sum(
        clock.between(max(opens, start), min(closes, end)) for opens, closes in pauses if opens < end and closes > start
    )
