"""A stop of a route: how long the way to it and the work there take, and when it may begin."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import MINUTE, to_micros
from carepolicy.arrival._asked import law_of
from carepolicy.arrival._numbers import is_number, number_of, plain, written
from carepolicy.arrival.law import Law
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats


When = datetime | str | float
"""Minutes after the start of the route, or any aware time if the route says when it starts."""


def minutes_of(at: When, name: str, starts: str | None) -> float:
    """Minutes after the start of a route.

    Raises:
        InvalidPolicyError: If it is a time and nothing says when the route starts, or is neither time nor number.
        InvalidTimeError: If it is a time without a zone.
    """
    if not isinstance(at, (datetime, str)):
        return number_of(at, name)
    if starts is None:
        raise InvalidPolicyError(f"{name} is a time, but the route does not say when it starts: {at}; give starts=")
    return (to_micros(at, name) - to_micros(starts)) / MINUTE


def _off(given: Any) -> Law:
    return law_of(given, "off")


def finite(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    """Validate a field: a number that is not infinite.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not is_number(value) or not math.isfinite(value):
        raise InvalidPolicyError(f"{attribute.name} must be finite minutes, got {value!r}; give a number")


@attrs.frozen
class Around:
    """Planned minutes, and by how much cases are off: many stops share one law of being off.

    Args:
        minutes: As planned.
        off: The law of what comes on top, or draws of it; it may be negative.
        pace: What both are multiplied by: 1.2 for somebody who takes a fifth longer.

    Raises:
        InvalidPolicyError: If the minutes or the pace are no such numbers, or `off` is no law.

    >>> from carepolicy.arrival.law import Empirical
    >>> Around(30, Empirical([-5, 0, 10])).quantile(0.5).item()
    30.0
    """

    minutes: float = field(converter=plain, validator=finite)
    off: Law = field(converter=_off)
    pace: float = field(default=1.0, converter=plain, validator=finite)

    def __attrs_post_init__(self) -> None:
        if self.pace <= 0:
            raise InvalidPolicyError(f"pace must be above 0, got {self.pace}; 1.2 takes a fifth longer")

    def quantile(self, share: ArrayLike) -> Floats:
        """The minutes by which a share of the cases is over."""
        return self.pace * (self.minutes + self.off.quantile(share))

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that is over by so many minutes."""
        return self.off.cdf(np.asarray(value, dtype=np.float64) / self.pace - self.minutes)


Duration = Law | float
"""A law, or plain minutes that are certain."""


def duration(given: Any, name: str, least: float = -math.inf) -> Duration:
    """Plain minutes as they are, a law, or that of draws.

    Args:
        given: As it is handed in.
        name: What the caller calls it, for the error.
        least: Plain minutes are not below it.

    Raises:
        InvalidPolicyError: If it is none of these.
    """
    if not isinstance(given, bool) and not is_number(given):
        return law_of(given, name)
    if isinstance(given, bool) or not math.isfinite(given):
        raise InvalidPolicyError(f"{name} must be finite minutes, got {given!r}; give a number")
    if given < least:
        raise InvalidPolicyError(f"{name} must not be negative, got {given!r}; give minutes from 0")
    minutes: float = plain(given)
    return minutes


def _travel(given: Any) -> Duration:
    return duration(given, "travel", least=0)


def _service(given: Any) -> Duration:
    return duration(given, "service", least=0)


def _bound(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not is_number(value) or math.isnan(value):
        raise InvalidPolicyError(f"{attribute.name} must be minutes, got {value!r}; leave it out for no bound")


@attrs.frozen
class Stop:
    """Where a vehicle or technician goes next; all times are minutes after the start of the route.

    Args:
        travel: The way from the stop before (from the start, for the first): minutes, a law of minutes, or draws of it.
        service: The work at the stop, of the same kinds.
        name: To ask for it by.
        opens: Work begins no earlier; who comes sooner waits.
        closes: Who comes later is late.
        planned: When the arrival is planned; late after that, if the stop does not close.

    Raises:
        InvalidPolicyError: If a time is no number, minutes are negative, the stop closes before it opens, or a law is
            none.

    >>> Stop(travel=20, service=45, name="Kim", opens=60, closes=120).due
    120
    """

    travel: Duration = field(converter=_travel)
    service: Duration = field(default=0.0, converter=_service)
    name: str = field(default="", validator=attrs.validators.instance_of(str))
    opens: float = field(default=-math.inf, converter=plain, validator=_bound, repr=written, kw_only=True)
    closes: float = field(default=math.inf, converter=plain, validator=_bound, repr=written, kw_only=True)
    planned: float | None = field(
        default=None, converter=plain, validator=attrs.validators.optional(finite), kw_only=True
    )

    def __attrs_post_init__(self) -> None:
        if self.opens > self.closes:
            raise InvalidPolicyError(
                f"stop closes before it opens: opens={self.opens}, closes={self.closes}; swap them"
            )

    @property
    def due(self) -> float:
        """After this an arrival is late: when it closes, else as planned; infinity if neither is known."""
        return self.planned if math.isinf(self.closes) and self.planned is not None else self.closes


@attrs.frozen
class Break:
    """A pause before driving on, at the first leaving (the start included) at or after an instant.

    Args:
        minutes: How long it takes; no waiting time counts for it.
        not_before: In minutes after the start of the route.

    Raises:
        InvalidPolicyError: If one is no finite number, or the break is shorter than nothing.
    """

    minutes: float = field(converter=plain, validator=finite)
    not_before: float = field(default=0.0, converter=plain, validator=finite)

    def __attrs_post_init__(self) -> None:
        if self.minutes < 0:
            raise InvalidPolicyError(
                f"minutes of a break must not be negative, got {self.minutes}; leave the break out"
            )
