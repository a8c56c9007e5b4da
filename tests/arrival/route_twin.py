"""The recursion of a route, draw by draw in plain Python: the judge of the columns."""

from __future__ import annotations

import math

import numpy as np

from carepolicy.arrival._normal import noise, shares
from carepolicy.arrival.law import Law
from carepolicy.arrival.route import Route


def minutes(of: Law | float, score: float) -> float:
    """One draw of a duration."""
    if not isinstance(of, Law):
        return float(of)
    cell = min(max(math.floor(np.float32(score) * np.float32(256) + np.float32(1024.5)), 0), 2048)
    return float(of.quantile(shares()[cell]))


def arrivals(route: Route, draws: int, seed: int) -> np.ndarray:
    """When each stop is reached in each draw, for a route without effect of which nothing is known."""
    rows = noise(draws, seed, 2 * max(route.numbers) + 1)
    found = np.empty((len(route.stops), draws))
    for draw in range(draws):
        left, pending = minutes(route.leaves, rows[0, draw]), list(route.breaks)
        for at, (stop, number) in enumerate(zip(route.stops, route.numbers, strict=True)):
            for each in list(pending):
                if left >= each.not_before:
                    left += each.minutes
                    pending.remove(each)
            arrival = left + minutes(stop.travel, rows[2 * number - 1, draw])
            if arrival > route.shift_end:
                arrival = math.inf
            found[at, draw] = arrival
            left = max(arrival, stop.opens) + minutes(stop.service, rows[2 * number, draw])
    return found
