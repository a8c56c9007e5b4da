"""Lengths of time that keep their unit: three days are not 72 hours, and four working hours are neither.

`days(3)` is the same wall-clock time three days on; `elapsed(hours=72)` is 72 hours by any clock;
`working(hours=4)` is open time and `working_days(3)` working dates of a `Calendar`. Equal means the same unit.
"""

from __future__ import annotations

import re
from typing import Any

import attrs

from carepolicy._instant import DAY, HOUR, MINUTE, SECOND
from carepolicy.errors import InvalidPolicyError, InvalidSpanError

DAYS = "days"
WORKING_DAYS = "working days"
ELAPSED = "elapsed"
WORKING = "working"
_UNITS = (DAYS, WORKING_DAYS, ELAPSED, WORKING)
_SIZES = {"hours": HOUR, "minutes": MINUTE, "seconds": SECOND, "microseconds": 1}
_TEXT = re.compile(r"(-?\d+)\s+(?:(working|elapsed)\s+)?(day|hour|minute|second|microsecond)s?", re.IGNORECASE)
_LIMIT = 4_000_000 * DAY


@attrs.frozen(repr=False, order=False)
class Span:
    """A length of time with its unit; build it with `days`, `working_days`, `elapsed` or `working`.

    Args:
        unit: "days", "working days" (amount counts them), "elapsed" or "working" (amount in microseconds).
        amount: A whole number; negative points into the past.

    Raises:
        InvalidSpanError: If the unit is not known, or the amount no whole number or beyond four million days.

    >>> days(1) == elapsed(hours=24), -working(hours=1), str(working_days(10))
    (False, working(hours=-1), '10 working days')
    """

    unit: str
    amount: int

    def __attrs_post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise InvalidSpanError(f"unit is not known: {self.unit!r}; use one of {', '.join(map(repr, _UNITS))}")
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise InvalidSpanError(
                f"amount of a span must be a whole number, got {self.amount!r}; use a finer unit, e.g. minutes"
            )
        limit = _LIMIT if self.unit in (ELAPSED, WORKING) else _LIMIT // DAY
        if abs(self.amount) > limit:
            raise InvalidSpanError(f"span is longer than four million days: {self.amount} {self.unit}; shorten it")

    def __neg__(self) -> Span:
        return Span(self.unit, -self.amount)

    def __mul__(self, times: int) -> Span:
        return Span(self.unit, self.amount * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise TypeError("a span is neither true nor false; compare span.amount with 0")

    @property
    def _measured(self) -> bool:
        return self.unit in (ELAPSED, WORKING)

    def _sizes(self) -> dict[str, int]:
        """The amount split over hours, minutes, seconds and microseconds, nothing lost."""
        rest, parts = self.amount, {}
        for name, size in _SIZES.items():
            whole = abs(rest) // size * (1 if rest > 0 else -1)
            if whole:
                parts[name] = whole
                rest -= whole * size
        return parts or {"hours": 0}

    def __repr__(self) -> str:
        if not self._measured:
            return f"{self.unit.replace(' ', '_')}({self.amount})"
        return f"{self.unit}({', '.join(f'{k}={v}' for k, v in self._sizes().items())})"

    def __str__(self) -> str:
        """The words of plans and explanations; `Span.parse` reads them back."""
        if not self._measured:
            return _counted(self.amount, "", self.unit)
        name, size = next(pair for pair in _SIZES.items() if self.amount % pair[1] == 0)
        return _counted(self.amount // size, f"{self.unit} ", name)

    @classmethod
    def parse(cls, text: str) -> Span:
        """The span of its words, as plans write them.

        Raises:
            InvalidSpanError: If the words cannot be read, or hours come without saying of which kind.

        >>> Span.parse("10 working days"), Span.parse("72 elapsed hours")
        (working_days(10), elapsed(hours=72))
        """
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise InvalidSpanError(
                f"span cannot be read: {text!r}; write e.g. '3 days', '10 working days', '72 elapsed hours' or "
                "'4 working hours'"
            )
        count, kind, unit = int(match[1]), (match[2] or "").lower(), match[3].lower()
        if unit == "day":
            if kind == ELAPSED:
                return elapsed(days=count)
            return working_days(count) if kind else days(count)
        if not kind:
            raise InvalidSpanError(
                f"span does not say which {unit}s: {text!r}; write '{count} elapsed {unit}s' "
                f"or '{count} working {unit}s'"
            )
        return cls(kind, count * _SIZES[f"{unit}s"])


def _counted(count: int, kind: str, plural: str) -> str:
    return f"{count} {kind}{plural[:-1] if abs(count) == 1 else plural}"


def days(count: int) -> Span:
    """Calendar days: the same wall-clock time, `count` days on, in the calendar's zone."""
    return Span(DAYS, count)


def working_days(count: int) -> Span:
    """Working dates of a calendar: the `count`-th after the date of the instant, wall time kept."""
    return Span(WORKING_DAYS, count)


def elapsed(*, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0, microseconds: int = 0) -> Span:
    """Real time by any clock; a day is 24 hours here.

    >>> elapsed(days=1), elapsed(minutes=90)
    (elapsed(hours=24), elapsed(hours=1, minutes=30))
    """
    return Span(ELAPSED, _micros(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds))


def working(*, hours: int = 0, minutes: int = 0, seconds: int = 0, microseconds: int = 0) -> Span:
    """Open time of a calendar. There is no `days=`: say `working_days(n)`, or the hours that you mean."""
    return Span(WORKING, _micros(hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds))


def _micros(**parts: Any) -> int:
    total = 0
    for name, value in parts.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidSpanError(f"{name} must be a whole number, got {value!r}; use a finer unit")
        total += value * (DAY if name == "days" else _SIZES[name])
    return total


def forward(instance: object, attribute: attrs.Attribute[Any], value: Span | None) -> None:
    """Validate a field: a span that points forward, or None where that is the default.

    Raises:
        InvalidPolicyError: If it is no span, or not longer than nothing.
    """
    if value is None and attribute.default is None:
        return
    _at_least(1, attribute.name, value)


def not_backward(instance: object, attribute: attrs.Attribute[Any], value: Span) -> None:
    """Validate a field: a span that does not point backward.

    Raises:
        InvalidPolicyError: If it is no span, or points backward.
    """
    _at_least(0, attribute.name, value)


def _at_least(least: int, name: str, value: Span | None) -> None:
    if not isinstance(value, Span):
        raise InvalidPolicyError(f"{name} is not a span: {value!r}; use e.g. working_days(10)")
    if value.amount < least:
        raise InvalidPolicyError(f"{name} points backward or nowhere: {value}; use a span of at least {least}")
