"""What a law answers: an interval that holds a stated share, or the reason why none can be promised."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._instant import LAST, SECOND, to_micros
from carepolicy.arrival._numbers import is_number, number_of, plain
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS: Mapping[str, int] = {
    "seconds": SECOND,
    "minutes": 60 * SECOND,
    "hours": 3600 * SECOND,
    "days": 86_400 * SECOND,
}
"""The units of durations, in microseconds; a day is 24 hours here."""


def share(*, of_one: bool = False) -> Callable[[object, attrs.Attribute[Any], float], None]:
    """Validate a field: a share between 0 and 1, both excluded; with `of_one`, 1 is a share too.

    Raises:
        InvalidPolicyError: If it is none.
    """

    def check(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
        checked_share(value, attribute.name, of_one=of_one)

    return check


def checked_share(value: float, name: str = "confidence", *, of_one: bool = False) -> float:
    """A share between 0 and 1.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not is_number(value) or not 0 < value < 1 + 1e-12 * of_one:
        raise InvalidPolicyError(f"{name} must be a share between 0 and 1, got {value!r}; write 0.9 for 90 %")
    return float(value)


def _low(value: float) -> float:
    return number_of(value, "low")


def _high(value: float) -> float:
    return number_of(value, "high")


@attrs.frozen
class Interval:
    """From `low` to `high`, both inside: the part of a law that is promised.

    Args:
        low, high: In the unit of the law; `low` is minus infinity for a bound from above only ("by").
        confidence: The share of cases that end inside, if the future is like what was seen.
        observations: How many cases that rests on; 0 for one that was stated and not measured.
        why: Where it comes from, in one sentence.

    Raises:
        InvalidPolicyError: If the ends are no numbers or reversed, or the confidence is no share.

    >>> told = Interval(30, 75, confidence=0.9)
    >>> told.width, 75 in told
    (45.0, True)
    """

    low: float = field(converter=_low)
    high: float = field(converter=_high)
    confidence: float = field(converter=plain, validator=share(of_one=True), kw_only=True)
    observations: int = field(default=0, kw_only=True)
    why: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise InvalidPolicyError(f"low is not before high: low={self.low}, high={self.high}; swap them")
        if math.isinf(self.high):
            raise InvalidPolicyError("high is without bound; say so with NoPromise and a reason")

    @property
    def width(self) -> float:
        """How far apart the ends are, in the unit of the law."""
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        """Whether a value lies inside, both ends included."""
        return self.low <= value <= self.high

    def after(self, start: datetime | str, unit: str = "minutes") -> Window:
        """The same as a window of time that begins to count at an instant.

        The last instant is inside here and outside a `Window`, so the window closes one microsecond later.

        Args:
            start: Any aware time.
            unit: Of the ends: seconds, minutes, hours, or days of 24 hours.

        Raises:
            InvalidTimeError: If `start` has no zone.
            InvalidPolicyError: If the unit is not known, or it ends beyond the year 9999.

        >>> Interval(30, 75, confidence=0.9).after("2026-03-02T08:00Z").opens.isoformat()
        '2026-03-02T08:30:00+00:00'
        """
        micros, size = to_micros(start, "start"), in_micros(unit)
        if micros + self.high * size >= LAST:
            raise InvalidPolicyError(f"high reaches beyond the year 9999: {self.high:g} {unit}; say so with NoPromise")
        opens = None if math.isinf(self.low) else micros + round(self.low * size)
        window = Window.always() if opens is None else Window._of(opens, Window.always().closes_us)  # noqa: SLF001
        return window & Window._of(Window.always().opens_us, micros + round(self.high * size) + 1)  # noqa: SLF001


def in_micros(unit: str) -> int:
    """How many microseconds a unit has.

    Raises:
        InvalidPolicyError: If it is not known.
    """
    if unit not in UNITS:
        raise InvalidPolicyError(f"unit is not known: {unit!r}; use one of {', '.join(UNITS)}")
    return UNITS[unit]


@attrs.frozen
class NoPromise:
    """No interval can be promised, and why: too few cases, or a law whose end nobody has seen.

    Args:
        reason: One sentence: what is missing, and what would do.
        observations: How many cases there were.

    >>> NoPromise("8 cases do not carry 90 %; 19 would", observations=8).observations
    8
    """

    reason: str
    observations: int = field(default=0, kw_only=True)
