"""What past routes teach: how far off ways and stops are, what those of one day share, and today's route from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._columns import numbers, positions
from carepolicy.arrival._json import read
from carepolicy.arrival._normal import score_of
from carepolicy.arrival._numbers import number_of, plain
from carepolicy.arrival.law import EXACT, Empirical, fixed, fixed_as, stay_fixed
from carepolicy.arrival.route import Route
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.stop import Around, Stop
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from carepolicy.arrival.law import Floats

    Places = NDArray[np.int64]
    Names = NDArray[np.str_]

SHORTEST = 0.05
"""The share of planned stays that are shorter than the turnaround: nobody plans what cannot be kept."""
FARTHEST = 4
"""How many stops apart two are compared."""
WORTH = 20
"""How many times a way has to be driven until half of what it is usually off is believed."""
_CLEAR = 6.0
"""How much better an effect must fit than none, as chi-square of two numbers: 5 % without one show as much."""
_FADES = np.linspace(0.1, 1, 19)
_COLUMNS = ("planned_left", "left", "planned_arrival", "arrived")


def _places(given: ArrayLike) -> Places:
    return fixed_as(np.int64, given)


def _names(given: ArrayLike) -> Names:
    return fixed_as(np.str_, given)


@attrs.frozen
class _Legs:
    """The legs that the laws rest on: four times of each, the number of its route, the names of way and place."""

    times: Floats = field(converter=fixed, eq=EXACT, hash=False)
    route: Places = field(converter=_places, eq=EXACT, hash=False)
    way: Names = field(converter=_names, eq=EXACT, hash=False)
    place: Names = field(converter=_names, eq=EXACT, hash=False)

    __setstate__ = stay_fixed

    def joined(self, more: _Legs) -> _Legs:
        """These and further ones."""
        return _Legs(
            np.concatenate([self.times, more.times], axis=1),
            np.append(self.route, more.route + self.route[-1] + 1),
            np.append(self.way, more.way),
            np.append(self.place, more.place),
        )


@attrs.frozen(repr=False)
class RouteLaws:
    """What past routes teach about today's; build it with `RouteLaws.fit`.

    Args:
        leaving: By how much the start is late.
        service: By how much driving on is later than it could be.
        travel: By how much ways take longer than planned.
        effect: What those of one route share.
        turnaround: The least minutes at a stop: who comes late makes up for it down to these.
        ways, places: By how much each way is usually off, and each stop; `travel` and `service` are without that.

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
    ways: Mapping[str, float] = field(hash=False)
    places: Mapping[str, float] = field(hash=False)
    _legs: _Legs
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
        *,
        way: Sequence[str] | None = None,
        place: Sequence[str] | None = None,
    ) -> RouteLaws:
        """The laws of legs that were driven, in the order of each route, one value for each leg.

        Args:
            route: To which route (a vehicle on a day) the leg belongs; those of one route follow each other.
            planned_left, left: When it was to leave for the leg and did, in minutes after any instant of that route, or
                times.
            planned_arrival, arrived: When it was to arrive and did. Unlike plans, what happened must be complete: cut
                a route off where nobody knows.
            turnaround: The least minutes at a stop; by default, what 5 % of the planned stays are shorter than.
            way: Which way each leg is; those that are usually off are corrected, the more the oftener they were driven.
            place: Where each leg sets out; the same for stops that usually take longer.

        Raises:
            InvalidPolicyError: If lengths differ, a time is missing or no number, the legs of a route do not follow
                each other, or no route has two legs.
        """
        return cls._of(_checked(route, (planned_left, left, planned_arrival, arrived), way, place), turnaround)

    @classmethod
    def _of(cls, legs: _Legs, stated: float | None) -> RouteLaws:
        planned_left, left, planned_arrival, arrived = legs.times
        first = np.append(True, np.diff(legs.route) != 0)[: legs.route.size]
        stays = (planned_left[1:] - planned_arrival[:-1])[~first[1:]]
        if not stays.size:
            raise InvalidPolicyError(
                f"no route has two legs that follow each other, of {legs.route.size} legs; give more days"
            )
        least = float(np.quantile(stays, SHORTEST)) if stated is None else number_of(stated, "turnaround")
        travel = (arrived - left) - (planned_arrival - planned_left)
        service = left - planned_left
        service[1:] = np.where(first[1:], service[1:], left[1:] - np.maximum(planned_left[1:], arrived[:-1] + least))
        ways, places = _usual(legs.way, travel), _usual(legs.place[~first], service[~first])
        travel -= [ways.get(name, 0.0) for name in legs.way]
        service -= np.where(first, 0.0, [places.get(name, 0.0) for name in legs.place])
        scores = np.empty_like(service)
        scores[first], scores[~first] = _scores(service[first]), _scores(service[~first])
        effect = _effect(scores, _scores(travel), legs.route)
        laws = Empirical(service[first]), Empirical(service[~first]), Empirical(travel)
        return cls(*laws, effect, least, ways, places, legs, stated)

    def update(
        self,
        route: ArrayLike,
        planned_left: ArrayLike,
        left: ArrayLike,
        planned_arrival: ArrayLike,
        arrived: ArrayLike,
        *,
        way: Sequence[str] | None = None,
        place: Sequence[str] | None = None,
    ) -> RouteLaws:
        """The laws with further routes, the same as of all at once; they are all sorted again.

        Raises:
            InvalidPolicyError: As `fit` does.
        """
        more = _checked(route, (planned_left, left, planned_arrival, arrived), way, place)
        return self._of(self._legs.joined(more), self._stated)

    def route(
        self,
        planned_left: Sequence[float],
        planned_arrival: Sequence[float],
        names: Sequence[str] | None = None,
        *,
        way: Sequence[str] | None = None,
        place: Sequence[str] | None = None,
        **more: Any,
    ) -> Route:
        """Today's route: it leaves no earlier than planned, but for what the past shows, and drives as in the past.

        Args:
            planned_left: For each leg, when it is to leave, in minutes after the start of the route.
            planned_arrival: For each leg, when it is to arrive.
            names: Of the stops.
            way, place: Of each leg, as in `fit`; what was never seen there counts as usual.
            more: What else `Route` takes: `breaks`, `shift_end`, `starts`.

        Raises:
            InvalidPolicyError: If lengths differ or there is no leg.
        """
        count = len(planned_arrival)
        if {len(each) for each in (planned_left, names, way, place) if each is not None} != {count}:
            raise InvalidPolicyError(
                f"lengths differ: {len(planned_left)} planned_left, {count} planned_arrival, "
                "and names, way or place; give one of each for a leg"
            )
        ways = [self.ways.get(each, 0.0) for each in way or [""] * count]
        stays = [self.places.get(each, 0.0) for each in [*(place or [""] * count)[1:], ""][:count]]
        onward = [*planned_left[1:], None][: len(planned_left)]
        stops = [
            Stop(
                travel=Around(float(to) - float(off) + usual, self.travel),
                service=Around(self.turnaround + stay, self.service),
                name=name,
                opens=-np.inf if then is None else float(then) - self.turnaround,
                planned=float(to),
            )
            for off, to, then, name, usual, stay in zip(
                planned_left, planned_arrival, onward, names or [""] * count, ways, stays, strict=True
            )
        ]
        leaves = Around(float(planned_left[0]), self.leaving) if stops else 0.0
        return Route(stops, leaves, self.effect, **more)

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same laws back."""
        legs = self._legs
        names = {"route": legs.route.tolist(), "way": legs.way.tolist(), "place": legs.place.tolist()}
        times = dict(zip(_COLUMNS, legs.times.tolist(), strict=True))
        return json.dumps({**names, **times, "turnaround": self._stated}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> RouteLaws:
        """The laws of their JSON.

        Raises:
            InvalidPolicyError: If the text is something else.
        """
        return read(text, "laws of routes", lambda data: cls.fit(**data))

    def __repr__(self) -> str:
        return f"<RouteLaws of {self._legs.route.size} legs of {int(self._legs.route[-1]) + 1} routes>"


def _checked(
    route: ArrayLike, columns: tuple[ArrayLike, ...], way: Sequence[str] | None, place: Sequence[str] | None
) -> _Legs:
    """The columns, and the number of the route of each leg."""
    names = np.asarray(route)
    legs = [numbers(column, name) for name, column in zip(_COLUMNS, columns, strict=True)]
    labels = [np.full(names.size, "") if each is None else _names(each) for each in (way, place)]
    for name, column in zip((*_COLUMNS, "way", "place"), (*legs, *labels), strict=True):
        if column.shape != (names.size,):
            raise InvalidPolicyError(f"{name} has shape {column.shape}; give one value for each of {names.size} legs")
    for name, column in zip(_COLUMNS, legs, strict=True):
        if not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            raise InvalidPolicyError(f"{name} must be finite, row {row} is {column[row]}; cut the route off before it")
    begins = np.append(True, names[1:] != names[:-1])[: names.size]
    known, first = np.unique(names[begins], return_index=True)
    if known.size < begins.sum():
        starts = np.flatnonzero(begins)
        again = int(np.setdiff1d(starts, starts[first])[0])
        raise InvalidPolicyError(
            f"legs of route {plain(names[again])!r} do not follow each other, again in row {again}; "
            "sort the rows by route and time"
        )
    return _Legs(np.stack(legs), np.cumsum(begins) - 1, *labels)


def _usual(names: Names, off: Floats) -> dict[str, float]:
    """By how much each name is off from all in the middle, and how far that is believed; nothing is said of no name."""
    known, at = np.unique(names, return_inverse=True)
    middle = np.median(off)
    return {
        str(name): float((np.median(off[rows]) - middle) * rows.size / (rows.size + WORTH))
        for name, rows in zip(known, positions(at, known.size), strict=True)
        if name
    }


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
