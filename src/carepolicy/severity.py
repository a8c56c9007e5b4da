"""Severity from context: a delay is weighed against what it makes the customer miss."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._instant import NEVER, iso, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.expected import Expected
from carepolicy.span import Span, elapsed, not_backward

if TYPE_CHECKING:
    import pendulum

NAMES = ("nuisance", "minor", "serious", "critical")
"""The bands of severity, from the mildest."""
SUM, MAX = "sum", "max"


def known_band(instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    """Validate a field: the name of a band.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if value not in NAMES:
        raise InvalidPolicyError(f"{attribute.name} is no band of severity: {value!r}; use one of {', '.join(NAMES)}")


@attrs.frozen
class Bands:
    """From which weight on a severity is minor, serious, critical; below it is a nuisance.

    Args:
        minor, serious, critical: Weights, each more than the one before.

    Raises:
        InvalidPolicyError: If they do not rise, or one is not above nothing.
    """

    minor: float = 1.0
    serious: float = 4.0
    critical: float = 7.0

    def __attrs_post_init__(self) -> None:
        if not 0 < self.minor < self.serious < self.critical:
            raise InvalidPolicyError(
                f"bands do not rise from above 0: {self.minor}, {self.serious}, {self.critical}; put them in order"
            )

    def of(self, value: float) -> str:
        """The name of the band of a severity."""
        return NAMES[sum(value >= edge for edge in (self.minor, self.serious, self.critical))]


def from_zero(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    """Validate a field: a number from 0.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) or value < 0:
        raise InvalidPolicyError(f"{attribute.name} must be a number from 0, got {value!r}")


def _instant(value: datetime | str | int) -> int:
    return value if isinstance(value, int) else to_micros(value)


@attrs.frozen(repr=False)
class Stake:
    """What a customer would miss: a flight, a wedding, a renewal, an operation.

    Args:
        name: What it is, in the customer's words.
        at: When it takes place: any aware time.
        weight: How much missing it matters; 10 is a wedding or an operation in the bands that ship.
        needs_before: How long before it the thing that is late must be there.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If the weight is negative or no number, or `needs_before` points backward.
    """

    name: str
    at_us: int = field(alias="at", converter=_instant)
    weight: float = field(validator=from_zero)
    needs_before: Span = field(factory=lambda: elapsed(hours=0), validator=not_backward)

    @property
    def at(self) -> pendulum.DateTime | None:
        """When it takes place, in UTC."""
        return maybe_moment(self.at_us)

    def deadline(self, calendar: Calendar) -> int:
        """The last instant at which what is late is in time, in UTC microseconds."""
        return int(calendar._add(self.at_us, -self.needs_before))  # noqa: SLF001  (the calendar's form for ticks)

    def __repr__(self) -> str:
        before = f", needs_before={self.needs_before!r}" if self.needs_before != elapsed(hours=0) else ""
        return f"Stake({self.name!r}, at={iso(self.at_us)!r}, weight={self.weight!r}{before})"


@attrs.frozen
class Miss:
    """How likely one stake is to be missed.

    Args:
        stake: Its name.
        probability: From 0 to 1.
        weight: How much it matters.
    """

    stake: str
    probability: float
    weight: float


@attrs.frozen
class Severity:
    """How much a delay matters to one customer.

    Args:
        value: From 0 to the sum of the weights at stake.
        band: Its name.
        known: Whether it is known when the thing will be there; else every stake is counted as missed.
        misses: What may be missed, the worst first.
        review_us: Until when this holds unless a new estimate comes, in UTC microseconds.
    """

    value: float
    band: str
    known: bool
    misses: tuple[Miss, ...]
    review_us: int = NEVER

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds unless a new estimate comes; None for ever."""
        return maybe_moment(self.review_us)

    def at_least(self, band: str) -> bool:
        """Whether it is as severe as a band."""
        return NAMES.index(self.band) >= NAMES.index(band)

    def __str__(self) -> str:
        """For a person: the band, and what for."""
        unknown = "" if self.known else "nobody knows when it will be there; "
        what = "; ".join(f"{m.stake}: missed with {m.probability:.0%}" for m in self.misses if m.probability > 0)
        return f"{self.band}: {unknown}{what or 'nothing is missed'}"


def severity(
    expected: Expected | None,
    stakes: Iterable[Stake],
    *,
    at: datetime | str,
    calendar: Calendar | None = None,
    join: str = SUM,
    bands: Bands | None = None,
) -> Severity:
    """How much a delay matters: the weight of each stake times the probability that it is missed.

    A stake that has passed counts nothing. Once the latest instant that was expected has passed, or where nothing was,
    the arrival is unknown: every stake is counted as missed, and the answer says so.

    Args:
        expected: When the thing will be there; None for unknown.
        stakes: What the customer would miss.
        at: The instant to judge at.
        calendar: In which `needs_before` is counted; around the clock in UTC when left out.
        join: "sum" of the stakes, or "max" for the worst alone.
        bands: From which weight on it is minor, serious, critical.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If `join` is neither.

    >>> landing = Expected.at("2026-06-06T14:00Z")  # four hours late
    >>> now = "2026-06-06T11:00Z"
    >>> connection = Stake("connecting flight", at="2026-06-06T16:00Z", weight=6, needs_before=elapsed(hours=1))
    >>> wedding = Stake("wedding", at="2026-06-06T13:00Z", weight=10)
    >>> severity(landing, [connection], at=now).band, severity(landing, [wedding], at=now).band
    ('nuisance', 'critical')
    """
    if join not in (SUM, MAX):
        raise InvalidPolicyError(f"join is not known: {join!r}; use 'sum' or 'max'")
    now, hours = to_micros(at), calendar or Calendar.always()
    ahead = [stake for stake in stakes if now < stake.at_us]
    known = expected is not None and now < expected.last_us
    misses = sorted(
        (
            Miss(s.name, expected.after(s.deadline(hours)) if expected is not None and known else 1.0, float(s.weight))
            for s in ahead
        ),
        key=lambda m: (-m.weight * m.probability, -m.weight, m.stake, -m.probability),
    )
    weighed = [m.weight * m.probability for m in misses]
    value = sum(weighed) if join == SUM else max(weighed, default=0.0)
    edges = [s.at_us for s in ahead] + ([expected.last_us] if expected is not None and known else [])
    return Severity(value, (bands or Bands()).of(value), known, tuple(misses), min(edges, default=NEVER))
