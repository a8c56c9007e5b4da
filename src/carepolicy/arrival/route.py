"""A route: what is still to be driven and done today, and what is known of it; simulated, it quotes arrivals.

Who comes early waits until the stop opens, so an early leg does not make up for a late one further on. In minutes after
the start: the vehicle leaves a stop at `max(arrival, opens) + service` and arrives at the next `travel` later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import iso, to_micros
from carepolicy.arrival._driving import drive
from carepolicy.arrival._numbers import is_whole, plain, written
from carepolicy.arrival.law import Law
from carepolicy.arrival.route_effect import RouteEffect
from carepolicy.arrival.simulated import Simulated, place
from carepolicy.arrival.stop import Around, Break, Duration, Stop, When, duration, finite, minutes_of
from carepolicy.errors import InvalidPolicyError


def _stops(given: Iterable[Stop] | Stop) -> tuple[Stop, ...]:
    return (given,) if isinstance(given, Stop) else tuple(given)


def _known(given: Iterable[float | None]) -> tuple[float | None, ...]:
    return tuple(plain(each) for each in given)


def _reached(given: Iterable[float]) -> tuple[float, ...]:
    return tuple(plain(each) for each in given)


def _numbers(given: Iterable[int]) -> tuple[int, ...]:
    return tuple(plain(each) for each in given)


def _breaks(given: Iterable[Break]) -> tuple[Break, ...]:
    return tuple(sorted(given, key=lambda each: each.not_before))


def _starts(given: datetime | str | None) -> str | None:
    return None if given is None else iso(to_micros(given, "starts"))


def _leaves(given: Any) -> Duration:
    return duration(given, "leaves")


def _as_said(given: When) -> Any:
    return given  # what it means takes the start of the route


@attrs.frozen
class Route:
    """The stops of one vehicle or technician on one day, in order.

    Stops are numbered from 1 in the order first given. A number stays with its stop, whatever is skipped, inserted or
    swapped, and the draws of each stop with its number: two versions of a route differ only by what was changed.

    Args:
        stops: In the order in which they are visited.
        leaves: When it sets out: minutes after the start, or a law of them.
        effect: What its legs and stops share.
        breaks: To be taken on the way.
        starts: The instant at which minutes begin to count, if times are to be quoted.
        shift_end: Who would arrive later does not come today: minutes after the start, or any aware time.
        now: How long ago that is, for what is not over yet.
        lefts, arrivals: What is known, in the order of the route, the start first among `lefts`; see `left`, `arrived`.
        numbers: Of the stops.
        fresh_from: How many durations (the start, then way and work in turn) were somebody else's: they say nothing of
            the effect on those to come.

    Raises:
        InvalidPolicyError: If there is no stop, a number is no number, something ended before it began, or more
            is known than there are stops.

    Source: the recursion of routes with time windows, Solomon (1987): who comes early waits.

    >>> route = Route([Stop(travel=20, service=45, opens=30), Stop(travel=15)])
    >>> route.simulate().window(stop=2).low
    90.0
    >>> route.arrived(1, 50).simulate().window(stop=2).low
    110.0
    """

    stops: tuple[Stop, ...] = field(converter=_stops)
    leaves: Duration = field(default=0.0, converter=_leaves)
    effect: RouteEffect = field(factory=RouteEffect, validator=attrs.validators.instance_of(RouteEffect))
    breaks: tuple[Break, ...] = field(default=(), converter=_breaks, kw_only=True)
    starts: str | None = field(default=None, converter=_starts, kw_only=True)
    shift_end: float = field(default=math.inf, converter=_as_said, repr=written, kw_only=True)
    now: float | None = field(default=None, validator=attrs.validators.optional(finite), kw_only=True)
    lefts: tuple[float | None, ...] = field(default=(), converter=_known, kw_only=True)
    arrivals: tuple[float, ...] = field(default=(), converter=_reached, kw_only=True)
    numbers: tuple[int, ...] = field(converter=_numbers, kw_only=True)
    fresh_from: int = field(default=0, kw_only=True)

    @numbers.default
    def _in_order(self) -> range:
        return range(1, len(self.stops) + 1)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "shift_end", self.minutes(self.shift_end, "shift_end"))
        if math.isnan(self.shift_end):
            raise InvalidPolicyError("shift_end must be minutes, got nan; leave it out for no end")
        if not self.stops or not all(isinstance(stop, Stop) for stop in self.stops):
            raise InvalidPolicyError(f"stops must be one or more Stop(...), got {self.stops!r}; e.g. [Stop(travel=20)]")
        done, count = len(self.arrivals), len(self.stops)
        if done > count or len(self.lefts) > done + 1:
            raise InvalidPolicyError(
                f"arrivals and lefts do not go with the stops: {done} and {len(self.lefts)} for {count} stops; "
                "hand in only what happened"
            )
        if len(set(self.numbers)) != count or len(self.numbers) != count:
            raise InvalidPolicyError(
                f"numbers must be one a stop and differ, got {self.numbers} for {count} stops; leave them out"
            )
        before = -math.inf
        for at, arrival in enumerate(self.arrivals):
            left = self.left_at(at)
            for name, value in ((f"leaving for stop {self.numbers[at]}", left), (f"stop {self.numbers[at]}", arrival)):
                if value is not None and not before <= value < math.inf:
                    raise InvalidPolicyError(
                        f"{name} is not after what came before: {value:g} and {before:g}; correct it"
                    )
                before = before if value is None else value
        last = self.left_at(done)
        if last is not None and not before <= last < math.inf:
            raise InvalidPolicyError(f"left is before arrived: {last:g} and {before:g}; correct it")
        if self.now is not None and self.now < max(before, -math.inf if last is None else last):
            raise InvalidPolicyError(f"now is before what is known: {self.now:g}; hand in only what was known by then")

    def left_at(self, at: int) -> float | None:
        """When it drove on to the stop at a place in the order, from 0, if that is known."""
        return self.lefts[at] if at < len(self.lefts) else None

    def _place(self, stop: int | str) -> int:
        return place(stop, self.numbers, self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the stops, in order."""
        return tuple(stop.name for stop in self.stops)

    def minutes(self, at: When, name: str = "at") -> float:
        """Minutes after the start of the route.

        Raises:
            InvalidPolicyError: If it is a time, and the route does not say when it starts.
            InvalidTimeError: If it is a time without a zone.
        """
        return minutes_of(at, name, self.starts)

    def at(self, now: When) -> Route:
        """The route at an instant: what is not over by then takes longer than until then."""
        return attrs.evolve(self, now=self.minutes(now, "now"))

    def left(self, at: When, stop: int | str | None = None) -> Route:
        """The route once it is known when the vehicle drove on.

        Args:
            at: When it left.
            stop: Which stop; None is the start.

        Raises:
            InvalidPolicyError: If it has not arrived there, or later.
        """
        where = 0 if stop is None else self._place(stop) + 1
        if where > len(self.arrivals):
            raise InvalidPolicyError(
                f"stop {stop!r} is left, but nobody arrived there; say arrived({stop!r}, ...) first"
            )
        lefts = [self.left_at(each) for each in range(max(where + 1, len(self.lefts)))]
        lefts[where] = self.minutes(at)
        return attrs.evolve(self, lefts=lefts, now=None)

    def arrived(self, stop: int | str, at: When) -> Route:
        """The route once it is known when the vehicle got to its next stop.

        Raises:
            InvalidPolicyError: If a stop before has not been reached, or the time is before what is known.
        """
        where = self._place(stop)
        if where > len(self.arrivals):
            missing = self.numbers[len(self.arrivals)]
            raise InvalidPolicyError(
                f"stop {stop!r} comes after stop {missing}, which is not reached; say that, or skip it"
            )
        arrivals = (*self.arrivals[:where], self.minutes(at), *self.arrivals[where + 1 :])
        return attrs.evolve(self, arrivals=arrivals, now=None)

    def skip(self, stop: int | str, onward: Duration | None = None) -> Route:
        """The route without a stop that is still ahead.

        Args:
            stop: Which.
            onward: The way to the stop after it; unless given, as it was from the one that is left out.

        Raises:
            UnknownNameError: If there is no such stop.
            InvalidPolicyError: If it is done or on the way to it, or `onward` leads nowhere.
        """
        at = self._ahead(stop)
        return self._with(
            [*self.stops[:at], *_towards(self.stops[at + 1 :], onward)], self.numbers[:at] + self.numbers[at + 1 :]
        )

    def insert(self, new: Stop, after: int | str | None = None, onward: Duration | None = None) -> Route:
        """The route with one more stop, which gets the next number that was never used here.

        Args:
            new: The stop, with the way to it.
            after: The stop before it; None puts it first.
            onward: The way to the stop after it; unless given, as it was.

        Raises:
            UnknownNameError: If there is no stop `after`.
            InvalidPolicyError: If the vehicle has left it already, or `onward` leads nowhere.
        """
        at = 0 if after is None else self._place(after) + 1
        if at < len(self.arrivals) or (at == len(self.arrivals) and self.left_at(at) is not None):
            raise InvalidPolicyError(
                f"after is not ahead: the vehicle has left {after!r}; insert it after a later stop"
            )
        number = max(self.numbers) + 1
        return self._with(
            [*self.stops[:at], new, *_towards(self.stops[at:], onward)],
            (*self.numbers[:at], number, *self.numbers[at:]),
        )

    def swap(self, one: int | str, other: int | str, travel: Mapping[int | str, Duration] | None = None) -> Route:
        """The route with two stops ahead in each other's place.

        Args:
            one, other: Which.
            travel: The new way to any stop; to the others it stays as it was.

        Raises:
            UnknownNameError: If there is no such stop.
            InvalidPolicyError: If one is done or on the way to it.
        """
        first, second = self._ahead(one), self._ahead(other)
        order = list(range(len(self.stops)))
        order[first], order[second] = second, first
        ways = {self._ahead(stop): way for stop, way in (travel or {}).items()}
        stops = [attrs.evolve(self.stops[at], travel=ways.get(at, self.stops[at].travel)) for at in order]
        return self._with(stops, tuple(self.numbers[at] for at in order))

    def handed_over(self, service: float = 1.0, travel: float = 1.0) -> Route:
        """The route driven on by somebody else, whose day does not follow from how this one has gone.

        Args:
            service, travel: How long they take, as a multiple: 1.2 is a fifth longer. Counts for what is not begun.
        """
        done, under_way = len(self.arrivals), self.left_at(len(self.arrivals)) is not None
        stops = [
            _paced(stop, service, 1.0 if under_way and at == 0 else travel) for at, stop in enumerate(self.stops[done:])
        ]
        return attrs.evolve(self, stops=[*self.stops[:done], *stops], fresh_from=2 * done + under_way)

    def _ahead(self, stop: int | str) -> int:
        at = self._place(stop)
        if at < len(self.arrivals) or (at == len(self.arrivals) and self.left_at(at) is not None):
            raise InvalidPolicyError(f"stop {stop!r} is done or on the way to it; only what is ahead can change")
        return at

    def _with(self, stops: Iterable[Stop], numbers: tuple[int, ...]) -> Route:
        return attrs.evolve(self, stops=stops, numbers=numbers)

    def simulate(self, draws: int = 4000, seed: int = 1) -> Simulated:
        """When every stop is reached in each of so many days like this one, given what is known.

        Args:
            draws: How many; a share of 90 % is then known to about 0.5 % with 4,000.
            seed: The same seed, the same days.

        Raises:
            InvalidPolicyError: If `draws` is no whole number from 1, or `seed` none from 0.
        """
        for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
            if not is_whole(value, least):
                raise InvalidPolicyError(f"{name} must be a whole number from {least}, got {value!r}; e.g. {name}=4000")
        reached = np.empty((len(self.stops), draws))
        done = len(self.arrivals)
        reached[:done] = np.reshape(self.arrivals, (-1, 1))
        if done < len(self.stops):
            drive(self, reached, seed)
        reached.setflags(write=False)
        return Simulated(
            reached, self.numbers, self.names, tuple(stop.due for stop in self.stops), seed, self.shift_end, self.starts
        )


def _towards(stops: tuple[Stop, ...], onward: Duration | None) -> tuple[Stop, ...]:
    if onward is None:
        return stops
    if not stops:
        raise InvalidPolicyError("onward leads nowhere: there is no stop after it; leave it out")
    return (attrs.evolve(stops[0], travel=onward), *stops[1:])


def _paced(stop: Stop, service: float, travel: float) -> Stop:
    return attrs.evolve(stop, service=_slower(stop.service, service), travel=_slower(stop.travel, travel))


def _slower(of: Duration, pace: float) -> Duration:
    if not isinstance(of, Law):
        return of * pace
    return attrs.evolve(of, pace=of.pace * pace) if isinstance(of, Around) else Around(0.0, of, pace)
