"""Draws of what is still to come on a route, given what is known: stops done, when it left, and how long ago."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs
import numpy as np

from carepolicy.arrival._asked import before
from carepolicy.arrival._normal import CELLS, cells, noise, noise_cells, score_of, share_of, shares
from carepolicy.arrival.law import Law
from carepolicy.arrival.stop import Around, Duration

if TYPE_CHECKING:
    from carepolicy.arrival._normal import Cells, Floats, Scores
    from carepolicy.arrival.route_effect import RouteEffect

_FARTHEST = 3.5
"""A case beyond all that were seen counts as this score, or one odd stop would rule the whole day."""
_RIDGE = 1e-9


class _Same:
    """A law that equals only itself, to be looked up by: comparing laws takes longer than drawing from them."""

    __slots__ = ("law",)

    def __init__(self, law: Law) -> None:
        self.law = law

    def __hash__(self) -> int:
        return id(self.law)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.law is other.law


@lru_cache(maxsize=512)
def _points(same: _Same) -> Floats:
    """The law at the share of each cell; kept, as many stops and days have the same law."""
    points = np.array(same.law.quantile(shares()), dtype=np.float64)
    points.setflags(write=False)
    return points


def drawn(of: Duration, at: Cells) -> Floats | float:
    """The minutes in each draw."""
    if not isinstance(of, Law):
        return of
    if isinstance(of, Around):
        off = drawn(of.off, at)
        return off + of.minutes if of.pace == 1 else of.pace * (off + of.minutes)
    return _points(_Same(of)).take(at, mode="clip")


@attrs.frozen
class Known:
    """What a route has shown so far.

    Args:
        slots: Which durations were seen, as places in the order of the route: the start, then way and work in turn.
        scores: How long each was among its law, as normal scores.
        first: The place of the first duration that is still open.
        age: That it takes longer than this is known; minus infinity if nothing is.
    """

    slots: tuple[int, ...]
    scores: tuple[float, ...]
    first: int
    age: float


def score_in(law: Duration, minutes: float) -> float | None:
    """Where a duration lies in its law, as a normal score; None if the law leaves no choice."""
    if not isinstance(law, Law):
        return None
    share = (float(law.cdf(minutes)) + float(before(law, minutes))) / 2
    return float(np.clip(score_of(share), -_FARTHEST, _FARTHEST))


def open_cells(
    durations: tuple[Duration, ...], rows: list[int], effect: RouteEffect, known: Known, draws: int, seed: int
) -> tuple[Cells, bool]:
    """The cells of what is open, a row for each, and whether the first has not outlasted all that its law knows."""
    law, height = durations[known.first], max(rows) + 1
    over = float(law.cdf(known.age)) if isinstance(law, Law) and known.age > -np.inf else 0.0
    if over >= 1:
        return noise_cells(draws, seed, height)[rows[known.first :]], False
    if effect.is_none:
        found = noise_cells(draws, seed, height)[rows[known.first :]]
        if over > 0:
            found[0] = cells(_beyond(noise(draws, seed, height)[rows[known.first]], 0.0, 1.0, over))
    elif not known.slots and over == 0:
        return _alike(effect, tuple(rows[known.first :]), len(durations), draws, seed), True
    else:
        found = _given(noise(draws, seed, height)[rows[known.first :]], effect, len(durations), known, over)
    if over > 0:  # the cell at the edge may stand for what is over
        least = np.searchsorted(drawn(law, np.arange(CELLS)), known.age, side="right")
        np.maximum(found[0], min(int(least), CELLS - 1), out=found[0])
    return found, True


@lru_cache(maxsize=32)
def _alike(effect: RouteEffect, rows: tuple[int, ...], count: int, draws: int, seed: int) -> Cells:
    first = count - len(rows)
    found = _given(noise(draws, seed, max(rows) + 1)[list(rows)], effect, count, Known((), (), first, -np.inf), 0.0)
    found.setflags(write=False)
    return found


def _given(independent: Scores, effect: RouteEffect, count: int, known: Known, over: float) -> Cells:
    """Correlated scores, given those seen: a conditional normal law, the open leg first so that it can be cut off."""
    matrix = effect.correlation(count // 2)
    seen, ahead = np.array(known.slots, dtype=np.intp), np.arange(known.first, count)
    spread, middle = matrix[np.ix_(ahead, ahead)], np.zeros(ahead.size)
    if seen.size:
        cross = matrix[np.ix_(ahead, seen)]
        weights = np.linalg.solve(matrix[np.ix_(seen, seen)], cross.T).T
        spread, middle = spread - weights @ cross.T, weights @ np.array(known.scores)
    root = np.linalg.cholesky(spread + _RIDGE * np.eye(ahead.size))
    if over > 0:
        independent = independent.copy()
        independent[0] = (_beyond(independent[0], middle[0], root[0, 0], over) - middle[0]) / root[0, 0]
    found = root.astype(np.float32) @ independent
    found += middle.astype(np.float32)[:, None]
    return cells(found)


def _beyond(independent: Scores, middle: float, spread: float, over: float) -> Scores:
    """Scores of a normal law, cut off below a share of the standard one."""
    least = share_of((score_of(over) - middle) / spread)
    return (middle + spread * score_of(least + (1 - least) * share_of(independent))).astype(np.float32)
