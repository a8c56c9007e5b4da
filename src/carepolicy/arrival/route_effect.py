"""What the legs and stops of a route share: a slow day stays slow, and a bad way in makes the stop take longer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._numbers import is_number, plain
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from carepolicy.arrival.law import Floats


def _share(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    below = 1 if attribute.name.endswith("fade") else 0.95
    if not is_number(value) or not 0 <= value <= below:
        raise InvalidPolicyError(f"{attribute.name} must be from 0 to {below}, got {value!r}; 0 is no effect")


@attrs.frozen
class RouteEffect:
    """How alike the legs of one route are, and its stops, beyond what their laws say of each.

    Correlations of normal scores, so the law of each leg and stop stays as it is. With none, all are independent.

    Args:
        service: How much of what happens at stops is common to those of a route.
        service_fade: What is left of that one stop further; 1 is a property of the whole day.
        travel: The same for legs.
        travel_fade: The same for legs.
        carry: How much of a slow way in goes on at the stop itself; minus for a stop that makes up for it.

    Raises:
        InvalidPolicyError: If a share is not from 0 to 0.95 (a fade: to 1), or `carry` not from -0.95 to 0.95.

    >>> RouteEffect(service=0.5, service_fade=0.5).correlation(1).tolist()
    [[1.0, 0.0, 0.25], [0.0, 1.0, 0.0], [0.25, 0.0, 1.0]]
    """

    service: float = field(default=0.0, converter=plain, validator=_share)
    service_fade: float = field(default=1.0, converter=plain, validator=_share)
    travel: float = field(default=0.0, converter=plain, validator=_share)
    travel_fade: float = field(default=1.0, converter=plain, validator=_share)
    carry: float = field(default=0.0, converter=plain)

    def __attrs_post_init__(self) -> None:
        if not is_number(self.carry) or not abs(self.carry) <= 0.95:
            raise InvalidPolicyError(f"carry must be from -0.95 to 0.95, got {self.carry!r}; 0 is no effect")

    @property
    def is_none(self) -> bool:
        """Whether all are independent."""
        return not (self.service or self.travel or self.carry)

    def correlation(self, stops: int) -> Floats:
        """The correlations of the start and of the way to and the work at each stop, in the order of the route."""
        legs = _alike(self.travel, self.travel_fade, stops)
        own = _alike(self.service, self.service_fade, stops + 1)
        carried = np.zeros((stops + 1, stops))
        carried[np.arange(1, stops + 1), np.arange(stops)] = self.carry
        kept = np.full(stops + 1, math.sqrt(1 - self.carry**2))
        kept[0] = 1.0  # nothing leads to the start
        both = np.empty((2 * stops + 1, 2 * stops + 1))
        both[0::2, 0::2] = kept[:, None] * own * kept + carried @ legs @ carried.T
        both[1::2, 1::2] = legs
        both[0::2, 1::2] = carried @ legs
        both[1::2, 0::2] = both[0::2, 1::2].T
        return both


def _alike(share: float, fade: float, count: int) -> Floats:
    places = np.arange(count)
    return np.where(np.equal.outer(places, places), 1.0, share * fade ** np.abs(np.subtract.outer(places, places)))
