"""The recursion of a route: when it gets to each stop in each draw, from what is known of the day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy.arrival._conditioning import Known, drawn, open_cells, score_in

if TYPE_CHECKING:
    from carepolicy.arrival.law import Floats
    from carepolicy.arrival.route import Route
    from carepolicy.arrival.stop import Break, Duration


def _durations(route: Route) -> tuple[Duration, ...]:
    return (route.leaves, *(each for stop in route.stops for each in (stop.travel, stop.service)))


def drive(route: Route, reached: Floats, seed: int) -> None:
    """The recursion, for what is still ahead."""
    done, durations = len(route.arrivals), _durations(route)
    rows = [0, *(row for number in route.numbers for row in (2 * number - 1, 2 * number))]
    known, pending = _known(route)
    found, tellable = open_cells(durations, rows, route.effect, known, reached.shape[1], seed)
    now = -math.inf if route.now is None else route.now
    left: Any = route.left_at(done)
    if left is None:
        begins = max(route.arrivals[-1], route.stops[done - 1].opens) if done else 0.0
        left = drawn(durations[known.first], found[0]) + begins if tellable else math.inf
        left = np.maximum(_rested(np.full(reached.shape[1], left) if np.ndim(left) == 0 else left, pending), now)
        tellable = True
    taken = 1 + 2 * done - known.first
    for at in range(done, len(route.stops)):
        stop, arrival = route.stops[at], reached[at]
        np.add(drawn(stop.travel, found[taken]) if tellable else math.inf, left, out=arrival)
        if at == done and route.now is not None:
            np.maximum(arrival, now, out=arrival)
        if route.shift_end < math.inf:
            arrival[arrival > route.shift_end] = math.inf
        begins = np.maximum(arrival, stop.opens) if stop.opens > -math.inf else arrival
        if at + 1 < len(route.stops):
            left = _rested(begins + drawn(stop.service, found[taken + 1]), pending)
        taken, tellable = taken + 2, True


def _rested(left: Floats, pending: list[tuple[Break, Any]]) -> Floats:
    """When it drives on, the breaks included that are due; `pending` says in which draws each is still to come."""
    for at, (each, still) in enumerate(pending):
        here = still & (left >= each.not_before)
        left = np.where(here, left + each.minutes, left)
        pending[at] = each, still & ~here
    return left


def _known(route: Route) -> tuple[Known, list[tuple[Break, Any]]]:
    """What the stops done say, and the breaks that are still to come."""
    pending: list[Break] = list(route.breaks)
    slots, scores = [], []
    done, durations = len(route.arrivals), _durations(route)
    for at in range(done + 1):
        begins = 0.0 if at == 0 else max(route.arrivals[at - 1], route.stops[at - 1].opens)
        left, first = route.left_at(at), 2 * at
        if left is None:
            continue
        rested, pending = _taken(left, pending)
        seen = [(first, left - rested - begins)]
        if at < done:
            seen.append((first + 1, route.arrivals[at] - left))
        for slot, minutes in seen:
            score = score_in(durations[slot], minutes)
            if score is not None and slot >= route.fresh_from:
                slots.append(slot)
                scores.append(score)
    left = route.left_at(done)
    began = left if left is not None else (max(route.arrivals[-1], route.stops[done - 1].opens) if done else 0.0)
    age = -math.inf if route.now is None else route.now - began
    if left is None:  # it may be resting there already
        age -= sum(each.minutes for each in pending if route.now is not None and each.not_before <= route.now)
    return Known(tuple(slots), tuple(scores), 2 * done + (left is not None), age), [
        (each, np.True_) for each in pending
    ]


def _taken(left: float, pending: list[Break]) -> tuple[float, list[Break]]:
    """How long it rested before it left, and what is still to come: as many breaks as can have been due."""
    for count in range(len(pending), 0, -1):
        rested = sum(each.minutes for each in pending[:count])
        due = left - rested
        for each in pending[:count]:
            due = due + each.minutes if due >= each.not_before else -math.inf
        if due > -math.inf:
            return rested, pending[count:]
    return 0.0, pending
