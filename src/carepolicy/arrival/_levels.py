"""For each law of a pool the narrowest window of every share, and the choice among them that is least in total."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

from carepolicy.arrival._asked import before, law_of, of_one_more, reach
from carepolicy.arrival._numbers import CLOSE
from carepolicy.arrival.law import Empirical, Law
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

STEPS = 256
"""How many shares are told apart between the floor and all."""
PLACES = 1000
"""Into how many equal shares a law is cut that is no list of cases."""
MOST_POINTS = 20_000
"""How many points of a grid one law of a pool may reach over."""


class Picked(NamedTuple):
    """Which level each law gets, and what no choice goes below."""

    level: Whole
    """-1 for a law without one."""
    least: float


@attrs.frozen(eq=False)
class Levels:
    """Windows to choose from, laws by levels, each law's from narrow to wide; `share` is NaN where there is none."""

    share: Floats
    low: Floats
    high: Floats

    def least_total(self, confidence: float, floor: Floats, cap: Floats) -> Picked | float:
        """The choice with the least width in total that holds a mean share; how much can be held if that is less.

        Raising the price of a miss moves every law along its convex hull, and the first price at which enough is held
        is the right one; of the laws that move at just that price, those first in order move until it is enough.

        Args:
            confidence: The mean share to hold, over the laws that have a level.
            floor: The least share of each law.
            cap: The greatest width of each law.
        """
        width = self.high - self.low
        may = (self.share >= floor[:, None] - CLOSE) & (width <= cap[:, None] * (1 + CLOSE))
        some = np.asarray(may.any(axis=1))
        share, width = np.where(may, self.share, 0.0)[some], np.where(may, width, np.inf)[some]
        target, rows = (confidence - CLOSE) * len(share), np.arange(len(share))
        most = float(share.max(axis=1).sum()) if some.any() else 0.0
        if most < target or not some.any():
            return most / max(1, len(share))

        def at_price(price: float) -> Whole:
            return np.asarray((width - price * share).argmin(axis=1))

        def held(level: Whole) -> float:
            return float(share[rows, level].sum())

        cheap, dear = 0.0, float(width[np.isfinite(width)].max()) or 1.0
        least_step = 1e-15 * dear
        few = many = at_price(cheap)
        if held(few) < target:
            while held(many := at_price(dear)) < target:
                cheap, few, dear = dear, many, 4 * dear
            while dear - cheap > 1e-12 * dear + least_step:
                price = (cheap + dear) / 2
                level = at_price(price)
                if held(level) < target:
                    cheap, few = price, level
                else:
                    dear, many = price, level
        chosen = _just_enough(share, width, few, many, target)
        bound = float(width[rows, few].sum()) + cheap * (target - held(few))
        found = np.full(some.size, -1)
        found[some] = chosen
        return Picked(found, bound)


def _just_enough(share: Floats, width: Floats, few: Whole, many: Whole, target: float) -> Whole:
    """From one choice towards another, law by law, until enough is held; the last law no further than needed."""
    rows, chosen = np.arange(len(few)), few.copy()
    held = float(share[rows, few].sum())
    for row in np.flatnonzero(few != many).tolist():
        if held >= target:
            break
        held -= float(share[row, few[row]])
        enough = np.where(share[row] >= target - held, width[row], np.inf)
        chosen[row] = many[row] if np.isinf(enough.min()) else int(enough.argmin())
        held += float(share[row, chosen[row]])
    return chosen


def levels_of(laws: Iterable[Law | ArrayLike] | ArrayLike, grid: float | None, lowest: float) -> Levels:
    """The levels of laws, or of an array of draws, laws by draws.

    Args:
        laws: As they are handed in.
        grid: On which the ends lie, if any.
        lowest: No share below it is needed.

    Raises:
        InvalidPolicyError: If there are none, or draws are not finite.
    """
    if hasattr(laws, "columns"):
        laws = np.asarray(laws)
    if isinstance(laws, np.ndarray) and laws.ndim == 2 and grid is None and laws.size:
        draws = np.sort(laws.astype(np.float64), axis=1)
        if not np.isfinite(draws).all():
            raise InvalidPolicyError("draws must be finite; leave out what is not known")
        return _of_draws(draws, lowest)
    if not isinstance(laws, Iterable):
        raise InvalidPolicyError(f"laws must be several, got {laws!r:.80}; pass one a customer")
    parts = []
    for given in laws:
        law = law_of(given)
        if grid is not None:
            parts.append(_on_grid(law, grid, lowest))
        else:
            parts.append(_of_draws(law.values[None, :], lowest) if isinstance(law, Empirical) else _of_law(law, lowest))
    if not parts:
        raise InvalidPolicyError("laws are empty; pass one a customer")
    return _padded(parts)


def _padded(parts: list[Levels]) -> Levels:
    most = max(part.share.shape[1] for part in parts)

    def column(name: str) -> Floats:
        filled = np.full((len(parts), most), np.nan)
        for row, part in zip(filled, parts, strict=True):
            values = getattr(part, name)[0]
            row[: values.size] = values
        return filled

    return Levels(column("share"), column("low"), column("high"))


def _counts(first: int, last: int) -> Whole:
    """Whole numbers from one to another, thinned out to so many steps."""
    steps = min(STEPS, max(0, last - first + 1))
    return np.unique(np.round(np.linspace(first, last, steps)).astype(np.int64)) if steps else np.empty(0, np.int64)


def _of_draws(draws: Floats, lowest: float) -> Levels:
    """The narrowest windows of sorted draws; k of n hold one more with the chance k / (n + 1)."""
    rows, seen = np.arange(len(draws)), draws.shape[1]
    counts = _counts(max(1, math.ceil(lowest * (seen + 1) - CLOSE)), seen)
    low, high = np.empty((2, len(draws), counts.size))
    for place, count in enumerate(counts.tolist()):
        first, last = draws[:, : seen - count + 1], draws[:, count - 1 :]
        best = (last - first).argmin(axis=1)
        low[:, place], high[:, place] = first[rows, best], last[rows, best]
    return Levels(np.broadcast_to(counts / (seen + 1), low.shape), low, high)


def _of_law(law: Law, lowest: float) -> Levels:
    """The narrowest windows between equal shares of a law."""
    edges = np.asarray(law.quantile(np.linspace(0, 1, PLACES + 1)))
    counts = _counts(max(1, math.ceil(lowest * PLACES - CLOSE)), PLACES)
    low, high = np.full((2, 1, counts.size), np.nan)
    for place, count in enumerate(counts.tolist()):
        first, last = edges[:-count], edges[count:]
        known = np.isfinite(first) & np.isfinite(last)
        if known.any():
            best = np.where(known, np.subtract(last, first, where=known, out=np.zeros(first.size)), np.inf).argmin()
            low[0, place], high[0, place] = first[best], last[best]
    return Levels(np.where(np.isnan(low), np.nan, counts / PLACES), low, high)


def _on_grid(law: Law, grid: float, lowest: float) -> Levels:
    """The best placed windows of each width of a grid, from the first that holds the lowest share."""
    ends = reach(law, 1 / PLACES)
    steps = (ends[1] - ends[0]) / grid
    if not steps <= MOST_POINTS:
        raise InvalidPolicyError(
            f"grid is too fine for a law from {ends[0]:g} to {ends[1]:g}: {grid:g}; use a wider one"
        )
    at = np.arange(math.floor(ends[0] / grid) - 1, math.ceil(ends[1] / grid) + 2) * grid
    first, last = before(law, at) * of_one_more(law), np.asarray(law.cdf(at)) * of_one_more(law)
    shares: list[float] = []
    lows: list[float] = []
    highs: list[float] = []
    for width in range(1, at.size):
        inside = last[width:] - first[:-width]
        best = int(inside.argmax())
        share = float(inside[best])
        if share >= lowest - CLOSE and (not shares or share > shares[-1] + CLOSE):
            shares.append(share)
            lows.append(float(at[best]))
            highs.append(float(at[best + width]))
    return Levels(np.array([shares]), np.array([lows]), np.array([highs]))
