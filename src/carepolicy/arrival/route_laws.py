"""What past routes teach: how far off ways and stops are, what those of one day share, and today's route from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._normal import score_of
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.route import Route
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.stop import Around, Stop
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from carepolicy.arrival.law import Floats

    Places = NDArray[np.int64]

SHORTEST = 0.05
"""The share of planned stays that are shorter than the turnaround: nobody plans what cannot be kept."""
FARTHEST = 4
"""How many stops apart two are compared."""
_CLEAR = 6.0
"""How much better an effect must fit than none, as chi-square of two numbers: 5 % without one show as much."""
_FADES = np.linspace(0.1, 1, 19)
_COLUMNS = ("planned_left", "left", "planned_arrival", "arrived")


def _rows(given: ArrayLike) -> Floats:
    array = np.array(given, dtype=np.float64)
    array.setflags(write=False)
    return array


def _places(given: ArrayLike) -> Places:
    array = np.array(given, dtype=np.int64)
    array.setflags(write=False)
    return array


@attrs.frozen(repr=False)
class RouteLaws:
    """What past routes teach about today's; build it with `RouteLaws.fit`.

    Args:
        leaving: By how much the start is late.
        service: By how much driving on is later than it could be.
        travel: By how much ways take longer than planned.
        effect: What those of one route share.
        turnaround: The least minutes at a stop: who comes late makes up for it down to these.

    >>> laws = RouteLaws.fit(["mon", "mon", "tue"], [0, 60, 0], [5, 61, 0], [40, 90, 40], [44, 95, 39], turnaround=10)
    >>> laws.travel.values.tolist(), laws.service.values.tolist()
    ([-1.0, -1.0, 4.0], [1.0])
    >>> laws.route([0, 60], [40, 90]).simulate().window(1, shape="equal").high
    49.0
    """

    leaving: Empirical
    service: Empirical
    travel: Empirical
    effect: RouteEffect
    turnaround: float
    _legs: Floats = field(converter=_rows, eq=attrs.cmp_using(eq=np.array_equal), hash=False)
    _route: Places = field(converter=_places, eq=attrs.cmp_using(eq=np.array_equal), hash=False)
    _stated: float | None

    @classmethod
    def fit(
        cls,
        route: ArrayLike,
        planned_left: ArrayLike,
        left: ArrayLike,
        planned_arrival: ArrayLike,
        arrived: ArrayLike,
        turnaround: float | None = None,
    ) -> RouteLaws:
        """The laws of legs that were driven, in the order of each route, one value for each leg.

        Args:
            route: To which route (a vehicle on a day) the leg belongs; those of one route follow each other.
            planned_left, left: When it was to leave for the leg and did, in minutes after any instant of that route.
            planned_arrival, arrived: When it was to arrive and did. Unlike plans, what happened must be complete: cut
                a route off where nobody knows.
            turnaround: The least minutes at a stop; by default, what 5 % of the planned stays are shorter than.

        Raises:
            InvalidPolicyError: If lengths differ, a time is not finite, or no route has two legs.
        """
        return cls._of(*_checked(route, (planned_left, left, planned_arrival, arrived)), turnaround)

    @classmethod
    def _of(cls, legs: Floats, route: Places, stated: float | None) -> RouteLaws:
        planned_left, left, planned_arrival, arrived = legs
        first = np.append(True, np.diff(route) != 0)[: route.size]
        stays = (planned_left[1:] - planned_arrival[:-1])[~first[1:]]
        if not stays.size:
            raise InvalidPolicyError(
                f"no route has two legs that follow each other, of {route.size} legs; give more days"
            )
        least = float(np.quantile(stays, SHORTEST)) if stated is None else float(stated)
        travel = (arrived - left) - (planned_arrival - planned_left)
        service = left - planned_left
        service[1:] = np.where(first[1:], service[1:], left[1:] - np.maximum(planned_left[1:], arrived[:-1] + least))
        scores = np.empty_like(service)
        scores[first], scores[~first] = _scores(service[first]), _scores(service[~first])
        effect = _effect(scores, _scores(travel), route)
        laws = Empirical(service[first]), Empirical(service[~first]), Empirical(travel)
        return cls(*laws, effect, least, legs, route, stated)

    def update(
        self,
        route: ArrayLike,
        planned_left: ArrayLike,
        left: ArrayLike,
        planned_arrival: ArrayLike,
        arrived: ArrayLike,
    ) -> RouteLaws:
        """The laws with further routes, the same as of all at once; they are sorted in again, some 0.1 s for a million.

        Raises:
            InvalidPolicyError: As `fit` does.
        """
        legs, places = _checked(route, (planned_left, left, planned_arrival, arrived))
        further = places + self._route[-1] + 1
        return self._of(np.concatenate([self._legs, legs], axis=1), np.append(self._route, further), self._stated)

    def route(
        self,
        planned_left: Sequence[float],
        planned_arrival: Sequence[float],
        names: Sequence[str] | None = None,
        **more: Any,
    ) -> Route:
        """Today's route: it leaves no earlier than planned, but for what the past shows, and drives as in the past.

        Args:
            planned_left: For each leg, when it is to leave, in minutes after the start of the route.
            planned_arrival: For each leg, when it is to arrive.
            names: Of the stops.
            more: What else `Route` takes: `breaks`, `shift_end`, `starts`.

        Raises:
            InvalidPolicyError: If lengths differ or there is no leg.
        """
        if not len(planned_left) == len(planned_arrival) == len(names or planned_arrival):
            raise InvalidPolicyError(
                f"lengths differ: {len(planned_left)} planned_left, {len(planned_arrival)} planned_arrival, "
                f"{len(names or ())} names; give one of each for a leg"
            )
        onward = [*planned_left[1:], None][: len(planned_left)]
        stops = [
            Stop(
                travel=Around(float(to) - float(off), self.travel),
                service=Around(self.turnaround, self.service),
                name=name,
                opens=-np.inf if then is None else float(then) - self.turnaround,
                planned=float(to),
            )
            for off, to, then, name in zip(
                planned_left, planned_arrival, onward, names or [""] * len(onward), strict=True
            )
        ]
        leaves = Around(float(planned_left[0]), self.leaving) if stops else 0.0
        return Route(stops, leaves, self.effect, **more)

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same laws back."""
        legs = dict(zip(_COLUMNS, self._legs.tolist(), strict=True))
        return json.dumps({"route": self._route.tolist(), **legs, "turnaround": self._stated}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> RouteLaws:
        """The laws of their JSON."""
        return cls.fit(**json.loads(text))

    def __repr__(self) -> str:
        return f"<RouteLaws of {self._route.size} legs of {int(self._route[-1]) + 1} routes>"


def _checked(route: ArrayLike, columns: tuple[ArrayLike, ...]) -> tuple[Floats, Places]:
    """The columns, and the number of the route of each leg."""
    names = np.asarray(route)
    legs = [np.asarray(each, dtype=np.float64) for each in columns]
    for name, column in zip(_COLUMNS, legs, strict=True):
        if column.shape != (names.size,):
            raise InvalidPolicyError(f"{name} has shape {column.shape}; give one value for each of {names.size} legs")
        if not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            raise InvalidPolicyError(f"{name} must be finite, row {row} is {column[row]}; cut the route off before it")
    begins = np.append(True, names[1:] != names[:-1])[: names.size]
    return np.stack(legs), np.cumsum(begins) - 1


def _scores(values: Floats) -> Floats:
    """Normal scores by rank, the middle one for ties."""
    ordered = np.sort(values)
    below, upto = np.searchsorted(ordered, values), np.searchsorted(ordered, values, side="right")
    return score_of((below + upto) / 2 / max(values.size, 1))


def _effect(service: Floats, travel: Floats, route: Places) -> RouteEffect:
    """The correlations within routes, where they are clearer than chance."""
    pairs = [route[apart:] == route[:-apart] for apart in range(1, FARTHEST + 1)]
    carry = 0.0
    if pairs[0].sum() > 2:
        found = _alike(travel[:-1][pairs[0]], service[1:][pairs[0]])
        carry = float(np.clip(found, -0.95, 0.95)) if found**2 * pairs[0].sum() > _CLEAR else 0.0
    (stops, fade), (ways, other) = _faded(service, pairs), _faded(travel, pairs)
    return RouteEffect(stops, fade, ways, other, carry)


def _alike(one: Floats, other: Floats) -> float:
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / spread if spread else 0.0


def _faded(scores: Floats, pairs: list[NDArray[np.bool_]]) -> tuple[float, float]:
    """The share and the fade that fit the correlations at one to four stops apart; none if chance would do."""
    counts = np.array([float(each.sum()) for each in pairs])
    seen = np.array([_alike(scores[:-at][each], scores[at:][each]) for at, each in enumerate(pairs, 1)])
    powers = _FADES[:, None] ** np.arange(1, len(pairs) + 1)
    shares = np.clip((powers * counts * seen).sum(1) / np.maximum((powers**2 * counts).sum(1), 1e-12), 0, 0.95)
    misfit = ((seen - shares[:, None] * powers) ** 2 * counts).sum(1)
    best = int(misfit.argmin())
    clear = (seen**2 * counts).sum() - misfit[best] > _CLEAR
    return (float(shares[best]), float(_FADES[best])) if clear else (0.0, 1.0)
