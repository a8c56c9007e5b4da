"""The Kaplan-Meier curve: which share of cases is still open at which age, when some have not ended yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepolicy.arrival._numbers import amounts, flags
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def curve(
    durations: ArrayLike,
    ended: ArrayLike,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """The ages at which cases ended, ascending, and the share still open just after each.

    Before the first of the ages the share is 1. A case that ends at the very age at which another is seen for the
    last time counts while that other is still at risk, and a case that enters at an age is at risk after it. When the
    last share is above 0, nobody has seen the end.

    Args:
        durations: Age at the end, or the age reached where it is still open; any unit, negative values too.
        ended: Whether it has ended.
        entry: The age from which it was watched (it would not be there had it ended before); without, from the start.
        weights: How much each case counts, above 0; 1 by default.

    Raises:
        InvalidPolicyError: If lengths differ, a duration is no finite number, `ended` does not say yes or no, a weight
            is not above 0, or a case does not enter before its end.

    Source: Kaplan and Meier (1958), with delayed entry as in Klein and Moeschberger, Survival Analysis, chapter 4.

    >>> ages, open_share = curve([2, 3, 3, 5], [True, True, False, True])
    >>> ages.tolist(), open_share.tolist()
    ([2.0, 3.0, 5.0], [0.75, 0.5, 0.0])
    """
    times, ends, at_risk = at_risk_table(durations, ended, entry, weights)
    return times, np.asarray(np.cumprod(1 - ends / at_risk), dtype=np.float64)


def at_risk_table(
    durations: ArrayLike,
    ended: ArrayLike,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> tuple[Floats, Floats, Floats]:
    """The ages at which cases ended, how many did, and how many were watched just before: the counts behind `curve`.

    >>> [column.tolist() for column in at_risk_table([2, 3, 3, 5], [True, True, False, True])]
    [[2.0, 3.0, 5.0], [1.0, 1.0, 1.0], [4.0, 3.0, 1.0]]
    """
    ages = amounts(durations, "durations")
    if ages.ndim != 1:
        raise InvalidPolicyError(f"durations must be one-dimensional, got {ages.ndim} dimensions; pass one a case")
    over, counts, entered = _columns(ages, ended, entry, weights)
    order = np.argsort(ages)
    ages, over, counts = ages[order], over[order], counts[order]
    ends_at = ages[over]
    new = np.ones(ends_at.size, dtype=bool)
    new[1:] = ends_at[1:] != ends_at[:-1]
    first = np.flatnonzero(new)
    if not first.size:
        return np.empty(0), np.empty(0), np.empty(0)
    times: Floats = ends_at[first]
    ends: Floats = np.add.reduceat(counts[over], first)
    at_risk = _from(counts)[np.searchsorted(ages, times, side="left")]
    if entered is not None:
        late = np.argsort(entered)
        unsorted = np.empty_like(counts)
        unsorted[order] = counts
        at_risk = at_risk - _from(unsorted[late])[np.searchsorted(entered[late], times, side="left")]
    # rounding of sums of weights: the last case at risk takes the curve to 0 and not nearly there
    return times, ends, np.where(at_risk - ends < 1e-9 * ends, ends, at_risk)


def _from(counts: Floats) -> Floats:
    """How much there is from each place to the end, and 0 after it."""
    return np.append(np.cumsum(counts[::-1])[::-1], 0.0)


def _columns(
    ages: Floats, ended: ArrayLike, entry: ArrayLike | None, weights: ArrayLike | None
) -> tuple[Flags, Floats, Floats | None]:
    over = flags(ended, "ended")
    counts = np.ones(ages.size) if weights is None else np.asarray(weights, dtype=np.float64)
    entered = None if entry is None else np.asarray(entry, dtype=np.float64)
    for name, column in (("ended", over), ("weights", counts), ("entry", entered)):
        if column is not None and column.shape != (ages.size,):
            raise InvalidPolicyError(f"{name} has {column.size} values for {ages.size} durations; pass one for each")
    if not np.isfinite(ages).all():
        bad = ages[~np.isfinite(ages)][0]
        raise InvalidPolicyError(f"durations must be finite, got {bad}; an open case has the age reached")
    if not (counts > 0).all():
        raise InvalidPolicyError(f"weights must be above 0, got {counts[~(counts > 0)][0]}; leave the case out")
    if entered is not None and not (entered < ages).all():
        at = int(np.argmin(entered < ages))
        raise InvalidPolicyError(f"entry is not before the end: {entered[at]}, {ages[at]}; leave the case out")
    return over, counts, entered
