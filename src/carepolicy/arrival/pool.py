"""Windows for many customers at once: the least width in total that keeps a share of all, and nobody below a floor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._asked import percent
from carepolicy.arrival._columns import each, grouped
from carepolicy.arrival._levels import levels_of
from carepolicy.arrival._numbers import CLOSE, amounts, is_number, is_whole
from carepolicy.arrival.interval import Interval, NoPromise, checked_share
from carepolicy.arrival.law import fixed, stay_fixed
from carepolicy.arrival.scorecard import figure
from carepolicy.errors import InvalidPolicyError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from carepolicy.arrival.law import Law

    Floats = NDArray[np.float64]


_ALIKE = attrs.cmp_using(eq=partial(np.array_equal, equal_nan=True))


@attrs.frozen
class PoolGroup:
    """How a group of customers fares in a pool.

    Args:
        name: Of the group.
        count: How many have a window.
        share: The mean share that their windows hold.
        width: The mean width of their windows.
        worst: The least share that one of their windows holds.
        below: How many have a window that holds less than the share of all to hold.
        left_out: How many have no window, as none within the cap reaches the floor.
    """

    name: Hashable
    count: int
    share: float = figure()
    width: float = figure()
    worst: float = figure()
    below: int = field(kw_only=True)
    left_out: int = field(kw_only=True)


@attrs.frozen(repr=False)
class Pool:
    """A window for each customer of a pool.

    Args:
        low, high: The ends, both inside, one a customer; NaN for who is left out.
        share: What each window holds; NaN for who is left out.
        confidence: The share of all to hold.
        least: No windows with the same levels to choose from have less width in total.
        groups: How each group fares.
    """

    low: Floats = field(converter=fixed, eq=_ALIKE, hash=False)
    high: Floats = field(converter=fixed, eq=_ALIKE, hash=False)
    share: Floats = field(converter=fixed, eq=_ALIKE, hash=False)
    confidence: float = field(kw_only=True)
    least: float = field(kw_only=True)
    groups: tuple[PoolGroup, ...] = field(default=(), kw_only=True)

    __setstate__ = stay_fixed

    @property
    def width(self) -> Floats:
        """How wide each window is; NaN for who is left out."""
        return self.high - self.low

    @property
    def total(self) -> float:
        """The width of all windows together."""
        return float(np.nansum(self.width))

    @property
    def held(self) -> float:
        """The mean share that the windows hold."""
        return float(np.nanmean(self.share))

    @property
    def left_out(self) -> NDArray[np.bool_]:
        """Who has no window, as none within the cap reaches the floor."""
        return np.isnan(self.share)

    def window(self, customer: int) -> Interval | NoPromise:
        """The window of one customer, by position.

        Raises:
            UnknownNameError: If there is none at that position.
        """
        if not is_whole(customer, 0) or customer >= len(self):
            raise UnknownNameError(f"customer is not in the pool: {customer!r}; the positions are 0 to {len(self) - 1}")
        if self.left_out[customer]:
            return NoPromise("no window within the cap reaches the floor; widen the cap or lower the floor")
        share = float(self.share[customer])
        return Interval(
            self.low[customer], self.high[customer], confidence=share, why=f"one of a pool that holds {self.held:.4g}"
        )

    def __len__(self) -> int:
        return int(self.share.size)

    def __repr__(self) -> str:
        return f"<Pool of {len(self)} windows that hold {percent(self.held)}, {self.total:.4g} wide in total>"


def pool_windows(
    laws: Iterable[Law | ArrayLike] | ArrayLike,
    confidence: float = 0.9,
    *,
    floor: ArrayLike = 0.8,
    cap: ArrayLike | None = None,
    grid: float | None = None,
    by: Any = None,
) -> Pool | NoPromise:
    """The windows with the least width in total that hold a share of all arrivals.

    A minute of width holds more of a law that is narrow than of one that is wide, so the narrow ones get more than the
    share and the wide ones less, down to the floor: every window ends where another minute brings the same everywhere.
    A law with two humps gets one window, the narrowest. From draws a window holds k of n + 1: one more like them, had
    it been placed before. It is placed where they lie close by chance, too, so fresh ones are held a little less often:
    by 1 point with 1,000 draws and 0.4 with 4,000, on a grid by 0.2 and nothing.

    Args:
        laws: One a customer: a `Law` or draws of it; or an array or data frame of draws, a row for each customer.
        confidence: The mean share that the windows hold.
        floor: The least share that each holds; one for all, or one a customer.
        cap: The greatest width, in the unit of the laws; one for all, or one a customer.
        grid: The ends are multiples of it.
        by: One label a customer, or a mapping or data frame of columns: report how each group fares.

    Raises:
        InvalidPolicyError: If there are no laws, draws are not finite, a floor is no share, a cap or the
            grid is not positive, or lengths differ.

    Source: for known densities f, the rule f(low) = f(high) = c for all windows, with one c; see Ulmer, Goodson,
        Thomas, Optimal Service Time Windows, for the problem.

    >>> near, far = np.linspace(25, 35, 101), np.linspace(10, 80, 101)
    >>> pool = pool_windows([near, far], 0.9, floor=0.8, by=["near", "far"])
    >>> [(group.name, round(group.share, 2), round(group.width, 1)) for group in pool.groups]
    [('far', 0.81, 57.4), ('near', 0.99, 10.0)]
    """
    wanted = checked_share(confidence)
    if grid is not None and (not is_number(grid) or not grid > 0):
        raise InvalidPolicyError(f"grid must be a positive number, got {grid!r}; leave it out for any end")
    levels = levels_of(laws, grid, float(np.min(amounts(floor, "floor"), initial=1)))
    count = len(levels.share)
    least = each(floor, "floor", count)
    if not ((least >= 0) & (least < 1)).all():
        raise InvalidPolicyError(
            f"floor must be a share from 0, below 1, got {least[~((least >= 0) & (least < 1))][0]:g}"
        )
    widest = np.full(count, np.inf) if cap is None else each(cap, "cap", count)
    if not (widest > 0).all():
        raise InvalidPolicyError(
            f"cap must be a positive width, got {widest[~(widest > 0)][0]:g}; leave it out for none"
        )
    choice = levels.least_total(wanted, least, widest)
    if isinstance(choice, float):
        reason = f"the pool holds {percent(choice)} at most, {percent(wanted)} is asked for"
        return NoPromise(f"{reason}; widen the cap, lower the floor, or bring more draws")
    rows, none = np.arange(count), choice.level < 0
    low, high, share = (
        np.where(none, np.nan, part[rows, choice.level]) for part in (levels.low, levels.high, levels.share)
    )
    pool = Pool(low, high, share, confidence=wanted, least=choice.least)
    if by is None:
        return pool
    return attrs.evolve(pool, groups=tuple(_group(name, pool, at) for name, at in grouped(by, count)))


def _group(name: Hashable, pool: Pool, at: NDArray[np.int64]) -> PoolGroup:
    out = pool.left_out[at]
    share, width = pool.share[at][~out], pool.width[at][~out]
    some = share.size > 0
    return PoolGroup(
        name,
        count=share.size,
        share=float(share.mean()) if some else float("nan"),
        width=float(width.mean()) if some else float("nan"),
        worst=float(share.min()) if some else float("nan"),
        below=int((share < pool.confidence - CLOSE).sum()),
        left_out=int(out.sum()),
    )
