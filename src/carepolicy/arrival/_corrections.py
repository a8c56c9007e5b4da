"""What is added to the ends of raw windows so that they hold: from the windows of earlier cases, open ones included.

Three steps, each from what is known at one instant. The shape: how the ends are off in proportion to the window
itself, refitted now and then. The level of the late end follows how the middle of the cases has moved since, because
the last of the cases come in weeks after the middle. The size: the share that is to miss, off the Kaplan-Meier curve
of what each case was beyond its end, with a memory that fades.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival.kaplan_meier import at_risk_table
from carepolicy.arrival.law import EXACT, fixed, stay_fixed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

OUTER = 0.05
"""The share beyond each end at which the shape is fitted, whatever is promised, so that windows nest in confidence."""
MIDDLE = 0.35
"""The share of cases by which it is told how far all have moved: known early, and not only of the quickest."""
MEMORY, BLOCK = 1 / 3, 1 / 6
"""As a share of the cases kept: after how many one counts half, and how many tell together how far all have moved."""
FEWEST_FOR_SHAPE = 200
"""How many ended cases the shape needs; before, every window is moved by the same."""
_NEARLY = 1.1  # fresh cases weigh a little more than old ones
_ROUNDS, _RIDGE, _CLEAR, _LEAST_SEEN = 40, 10.0, 0.01, 0.05


def _pairs(values: ArrayLike) -> Floats:
    return fixed(np.reshape(values, (-1, 2)))


@attrs.frozen
class Shape:
    """How much an end is off in proportion to both ends of the window.

    Args:
        ends: Of the windows it was fitted on, the middle, the spread, the least and the most, each for both ends.
        slopes: Row by row for the low and the high end: per spread of the low and of the high end.
    """

    ends: Floats = field(converter=_pairs, eq=EXACT)
    slopes: Floats = field(converter=_pairs, eq=EXACT)

    __setstate__ = stay_fixed

    def off(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """What is added to each end; beyond the windows it was fitted on, as for the nearest of them."""
        pair = np.stack([low, high])
        middle, spread, least, most = self.ends.reshape(4, 2, *(1 for _ in range(low.ndim)))
        first, second = np.tensordot(self.slopes, (np.clip(pair, least, most) - middle) / spread, axes=1)
        return first, second


@attrs.frozen
class Cases:
    """Cases in the order in which they started, as they are known at one instant.

    Args:
        lasted: Duration, or the age reached.
        ended: Whether it has ended.
        age: From its start to now, ended or not.
        low, high: The raw window.
    """

    lasted: Floats
    ended: Flags
    age: Floats
    low: Floats
    high: Floats

    @property
    def ago(self) -> Floats:
        """How many cases have started since each."""
        return np.arange(self.ended.size - 1, -1, -1, dtype=np.float64)


def moved(cases: Cases, block: int) -> tuple[Floats, float]:
    """How far the middle of the cases lay beyond that of their windows at each case, and at the latest."""
    count = cases.ended.size
    if count < 2 * block:
        return np.zeros(count), 0.0
    off, ago = cases.lasted - (cases.low + cases.high) / 2, cases.ago
    found: list[float] = []
    places: list[float] = []
    for place in range(count // block):
        last = count - place * block
        part = slice(last - block, last)
        (value,) = passed(off[part], cases.ended[part], [MIDDLE], None)
        if math.isfinite(value):
            found.append(value)
            places.append((place + 0.5) * block)
    if not found:
        return np.zeros(count), 0.0
    return np.interp(ago, places, found), found[0]


def passed(scores: Floats, ended: Flags, shares: Iterable[float], weights: Floats | None) -> list[float]:
    """The scores that shares of the cases do not exceed; infinite where nobody can tell.

    Nobody can where the curve stops above it, or where it comes down to it by a single case that stands for more of
    all cases than the one of `1 / missed - 1` on which a promise would rest if every case had ended.

    Source: the curve of Kaplan and Meier (1958), each case with its weight.
    """
    if not ended.any():
        return [math.inf for _ in shares]
    scores_at, ends, at_risk = at_risk_table(scores, ended, weights=weights)
    falls = np.negative(np.cumprod(1 - ends / at_risk))
    typical = 1.0 if weights is None else float(weights.mean())
    found = []
    for share in shares:
        missed = 1 - share
        at = int(np.searchsorted(falls, -(missed + 1e-12), side="left"))
        if at == falls.size:
            found.append(math.inf)
            continue
        one = typical * float(-falls[at - 1] if at else 1.0) / at_risk[at]
        tail = min(share, missed)
        found.append(math.inf if one > tail / (1 - tail) * _NEARLY else float(scores_at[at]))
    return found


@attrs.frozen
class Sizes:
    """What has to be added to each end of a window beside its shape.

    Args:
        low, high: So that the share that may miss it does; infinite where nobody can tell.
        halves: So that half of the cases miss each end, both together; NaN where nobody can tell. Halfway between
            those ends a window may end or begin, but not beyond: so windows nest, whatever is promised.
    """

    low: float = -math.inf
    high: float = math.inf
    halves: float = math.nan

    def of(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """The ends of windows with what is added, never below no time at all."""
        halfway = (low + high + self.halves) / 2
        lower = np.maximum(np.fmin(low + self.low, halfway), 0.0)
        return lower, np.maximum(np.fmax(high + self.high, halfway), lower)


def sizes_of(cases: Cases, low: Floats, high: Floats, missed: float, last: int, *, both: bool) -> Sizes:
    """What has to be added to ends, so that a share misses each; the low end is left out unless both are promised."""
    weights = 0.5 ** (cases.ago / (MEMORY * last))
    ended = weights[cases.ended]
    kept = 1 - float((ended**2).sum() / ended.sum() ** 2)  # less by the one case in so many that is to come
    shares = missed * kept, kept / 2
    late, half_late = passed(cases.lasted - high, cases.ended, [1 - share for share in shares], weights)
    if not both:
        return Sizes(high=late)
    early, half_early = (
        size if math.isfinite(size) else -math.inf for size in passed(cases.lasted - low, cases.ended, shares, weights)
    )
    return Sizes(early, late, half_early + half_late if math.isfinite(half_late - half_early) else math.nan)


def shape_of(cases: Cases, block: int) -> Shape:
    """The shape by which windows are off, from ended cases that stand for those still open as old as they.

    Source: inverse probability of censoring weights, as in Bang and Tsiatis (2002), with quantile regression by
    majorising and minimising, as in Hunter and Lange (2000).
    """
    ends = np.stack([cases.low, cases.high])
    middle, spread = ends.mean(axis=1), ends.std(axis=1)
    spread = np.where(spread > 1e-9 * np.abs(ends).max(), spread, np.inf)  # an end that never varies explains nothing
    scaled = ((ends - middle[:, None]) / spread[:, None])[:, cases.ended]
    lasted, level = cases.lasted[cases.ended], moved(cases, block)[0][cases.ended]
    seen = 1 - np.searchsorted(np.sort(cases.age), lasted, side="left") / cases.age.size
    weights = 1 / np.maximum(seen, _LEAST_SEEN)
    slopes = np.stack(
        [
            _slopes(scaled, lasted - cases.low[cases.ended], weights, OUTER),
            _slopes(scaled, lasted - cases.high[cases.ended] - level, weights, 1 - OUTER),
        ]
    )
    steepest = -np.where(np.isfinite(spread), spread, 0.0)  # a later raw end never makes that end earlier
    own = np.diag_indices(2)
    slopes[own] = np.maximum(slopes[own], steepest)
    return Shape(np.stack([middle, spread, ends.min(axis=1), ends.max(axis=1)]), slopes)


def _slopes(scaled: Floats, off: Floats, weights: Floats, share: float) -> Floats:
    """The slopes of a quantile of `off`, held towards none by some cases' worth."""
    columns = np.concatenate([np.ones((1, off.size)), scaled]).T
    weights = weights / weights.mean()
    order = np.argsort(off)
    climbs = np.cumsum(weights[order])
    found = np.array([off[order][np.searchsorted(climbs, share * climbs[-1])], 0.0, 0.0])
    typical = float(weights @ np.abs(off - found[0]) / off.size)
    if typical <= 0:
        return np.zeros(2)
    held = np.diag([0.0, _RIDGE / typical, _RIDGE / typical])
    pull = (2 * share - 1) * (weights @ columns)
    for _ in range(_ROUNDS):
        near = weights / (_CLEAR * typical + np.abs(off - columns @ found))
        weighed = columns * near[:, None]
        found = np.linalg.solve(weighed.T @ columns + held, weighed.T @ off + pull)
    return np.asarray(found[1:], dtype=np.float64)
