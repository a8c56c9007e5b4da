"""What always holds of the windows of a pool."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.pool import Pool, pool_windows

pools = st.integers(1, 4).flatmap(lambda jobs: arrays(np.float64, (jobs, 9), elements=st.integers(0, 60)))
confidences = st.sampled_from([0.5, 0.7, 0.9])
floors = st.sampled_from([0.0, 0.3, 0.5])
grids = st.sampled_from([None, 5.0, 20.0])
caps = st.sampled_from([None, 10.0, 30.0])


def shares(draws: np.ndarray, pool: Pool) -> np.ndarray:
    """What the windows hold, counted, for one more draw."""
    inside = (draws >= pool.low[:, None]) & (draws <= pool.high[:, None])
    return np.asarray(inside.sum(axis=1) / (draws.shape[1] + 1))


@given(pools, confidences, st.lists(floors, min_size=4, max_size=4), grids, caps)
def test_the_share_is_held_and_nobody_is_below_the_floor(
    draws: np.ndarray, confidence: float, floors_of_four: list[float], grid: float | None, cap: float | None
) -> None:
    """Counted draw by draw: as much as stated in all, each at least its floor, none wider than the cap."""
    floor = np.array(floors_of_four)[: len(draws)]
    pool = pool_windows(draws, confidence, floor=floor, grid=grid, cap=cap)
    if isinstance(pool, NoPromise):
        return
    there = ~pool.left_out
    held = shares(draws, pool)[there]
    assert held.mean() >= confidence - 1e-6
    assert (held >= floor[there] - 1e-6).all()
    assert (held >= pool.share[there] - 1e-9).all()
    assert cap is None or pool.width[there].max() <= cap


@given(pools, confidences, floors)
def test_hardly_any_choice_is_narrower(draws: np.ndarray, confidence: float, floor: float) -> None:
    """Of all combinations of narrowest windows none is below `least`, and the best is at most one step better."""
    pool = pool_windows(draws, confidence, floor=floor)
    rows = np.sort(draws, axis=1)
    levels = [[(k, min(row[k - 1 :] - row[: 10 - k])) for k in range(1, 10) if k / 10 >= floor - 1e-9] for row in rows]
    every = [
        sum(width for _, width in chosen)
        for chosen in product(*levels)
        if sum(k for k, _ in chosen) / (10 * len(rows)) >= confidence - 1e-6
    ]
    if isinstance(pool, NoPromise):
        assert not every
        return
    step = max(b[1] - a[1] for level in levels for a in level for b in level)
    assert pool.least - 1e-6 <= min(every) <= pool.total + 1e-6
    assert pool.total <= min(every) + step + 1e-6


@given(pools, confidences)
def test_the_pool_is_no_wider_than_equal_shares(draws: np.ndarray, confidence: float) -> None:
    """Whoever gives each customer the same share gives at least the `least` width."""
    pool, rows = pool_windows(draws, confidence, floor=0), np.sort(draws, axis=1)
    k = int(np.ceil(confidence * 10 - 1e-9))
    if k < 10:
        assert isinstance(pool, Pool)
        assert pool.least <= (rows[:, k - 1 :] - rows[:, : 10 - k]).min(axis=1).sum() + 1e-6


@given(pools, st.tuples(floors, floors).map(sorted))
def test_a_higher_floor_never_takes_less_width(draws: np.ndarray, floor: list[float]) -> None:
    """What protects the worst off costs width, or nothing."""
    low, high = (pool_windows(draws, 0.7, floor=one) for one in floor)
    if isinstance(high, Pool):
        assert isinstance(low, Pool)
        assert low.least <= high.least + 1e-6


@given(pools, st.integers(-50, 50), st.sampled_from([0.5, 2.0, 60.0]))
def test_the_unit_does_not_matter(draws: np.ndarray, moved: int, times: float) -> None:
    """In other units, and from another origin, the same windows are told."""
    pool, other = pool_windows(draws, 0.7), pool_windows(draws * times + moved, 0.7)
    if isinstance(pool, Pool):
        assert isinstance(other, Pool)
        assert other.total == pytest.approx(pool.total * times)


@given(pools, confidences)
def test_the_same_pool_gets_the_same_windows(draws: np.ndarray, confidence: float) -> None:
    """Nothing is left to chance, nor to the order of draws."""
    assert pool_windows(draws, confidence, floor=0.3) == pool_windows(draws[:, ::-1].copy(), confidence, floor=0.3)
