"""Windows for a pool: who gets how much of the width, within floors and caps, and how groups fare."""

from __future__ import annotations

import math
import re
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray

from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.pool import Pool, PoolGroup, pool_windows
from carepolicy.arrival.stated import Stated
from carepolicy.errors import InvalidPolicyError, UnknownNameError

NEAR, FAR = np.linspace(25, 35, 101), np.linspace(10, 80, 101)
"""Draws of two customers: one near, whose arrival is known within ten minutes, and one far, within seventy."""


class Normal:
    """A normal law with its own mean and deviation."""

    def __init__(self, mean: float, deviation: float) -> None:
        self.law = NormalDist(mean, deviation)

    def quantile(self, share: ArrayLike) -> NDArray[np.float64]:
        found = np.vectorize(lambda p: self.law.inv_cdf(p) if 0 < p < 1 else math.inf * (p - 0.5), otypes=[float])(
            share
        )
        return np.asarray(found)

    def cdf(self, value: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(np.vectorize(self.law.cdf, otypes=[float])(value))


class Unseen:
    """A law of which nobody has seen the end, from some share on."""

    def __init__(self, seen: float) -> None:
        self.seen = seen

    def quantile(self, share: ArrayLike) -> NDArray[np.float64]:
        at = np.asarray(share, dtype=np.float64)
        return np.where(at <= self.seen, 100 * at, np.inf)

    def cdf(self, value: ArrayLike) -> NDArray[np.float64]:
        return np.clip(np.asarray(value, dtype=np.float64) / 100, 0, self.seen)


def pooled(*laws: Any, **how: Any) -> Pool:
    found = pool_windows(list(laws), **how)
    assert isinstance(found, Pool), found
    return found


class TestRule:
    """Every window ends where another minute of width brings the same everywhere."""

    def test_the_narrow_law_gets_more_than_the_wide_one(self) -> None:
        """A minute of the near one holds seven times as much."""
        pool = pooled(NEAR, FAR, confidence=0.9, floor=0.8)
        assert pool.share[0] > 0.98
        assert pool.share[1] == pytest.approx(0.8, abs=0.02)
        assert pool.held == pytest.approx(0.9, abs=0.005)
        assert pool.total == pytest.approx(float(pool.width.sum()))

    def test_normal_laws_end_at_the_same_density(self) -> None:
        """Where the closed form says: half widths of s * sqrt(2 ln(1 / (c s sqrt(2 pi))))."""
        spreads = [5.0, 10.0, 20.0]
        pool = pooled(*(Normal(60, s) for s in spreads), confidence=0.9, floor=0)
        c = max(NormalDist(0, s).pdf(width / 2) for s, width in zip(spreads, pool.width, strict=True))
        halves = [s * math.sqrt(2 * math.log(1 / (c * s * math.sqrt(2 * math.pi)))) for s in spreads]
        assert pool.width / 2 == pytest.approx(halves, rel=0.04)

    def test_an_array_is_customers_by_draws(self) -> None:
        """Rows of an array are the same as a list of draws."""
        rows, found = np.array([NEAR, FAR[::-1]]), pooled(NEAR, FAR)
        assert pool_windows(rows) == found
        assert found != pooled(NEAR, NEAR)

    def test_a_law_with_two_humps_gets_one_window(self) -> None:
        """Between the humps nobody comes, and yet one window has to hold both."""
        humps = [10.0] * 50 + [100.0] * 50
        assert pooled(humps, confidence=0.7, floor=0).width.tolist() == [90.0]

    def test_stated_laws(self) -> None:
        """A technician without history is one of the pool."""
        pool = pooled(Stated(20, 45, 120), NEAR, confidence=0.85)
        assert pool.held >= 0.85 - 1e-9
        assert 20 < pool.width[0] < 110

    def test_on_a_grid(self) -> None:
        """All ends are multiples of it."""
        for laws in ((NEAR, FAR), (Normal(60, 5), Normal(60, 20))):
            pool = pooled(*laws, grid=5)
            assert not (pool.low % 5).any()
            assert not (pool.high % 5).any()
            assert pool.held >= 0.9 - 1e-9

    def test_no_window_is_a_point_on_a_grid(self) -> None:
        """Whoever always comes at the same minute gets a step of the grid."""
        assert pooled([30.0] * 20, grid=15, confidence=0.9).width.tolist() == [15.0]

    def test_little_is_asked_of_a_single_law(self) -> None:
        """A floor that is enough by itself is all that is given."""
        assert pooled(NEAR, confidence=0.8, floor=0.8).share[0] == pytest.approx(82 / 102)


class TestBounds:
    """Nobody below the floor, no window wider than the cap."""

    def test_a_floor_for_each(self) -> None:
        """A customer of a higher tier has a higher floor."""
        pool = pooled(FAR, FAR, confidence=0.85, floor=[0.8, 0.9])
        assert pool.share[0] >= 0.8
        assert pool.share[1] >= 0.9

    def test_a_cap(self) -> None:
        """No window is wider; what is missing is made up by others."""
        pool = pooled(NEAR, FAR, confidence=0.88, floor=0.7, cap=55)
        assert pool.width.max() <= 55
        assert pool.held >= 0.88 - 1e-9

    def test_who_cannot_reach_the_floor_within_the_cap_is_left_out(self) -> None:
        """Their ends are no numbers, the share is held over the others, and the window says why."""
        pool = pooled(NEAR, FAR, cap=20)
        assert pool.left_out.tolist() == [False, True]
        assert np.isnan([pool.low[1], pool.high[1], pool.share[1]]).all()
        assert pool.held >= 0.9 - 1e-9
        assert pool.window(1) == NoPromise(
            "no window within the cap reaches the floor; widen the cap or lower the floor"
        )

    def test_a_law_whose_end_nobody_has_seen(self) -> None:
        """It is left out where it does not reach the floor, and gets its window where it does."""
        assert pooled(NEAR, Unseen(0.5)).left_out.tolist() == [False, True]
        assert pooled(NEAR, Unseen(0.9)).left_out.tolist() == [False, False]

    def test_a_share_that_cannot_be_held(self) -> None:
        """Three draws hold three quarters of what may come."""
        assert pool_windows([[1, 2, 3]], floor=0.5) == NoPromise(
            "the pool holds 75 % at most, 90 % is asked for; widen the cap, lower the floor, or bring more draws"
        )
        assert isinstance(pool_windows([[1, 2, 3]]), NoPromise)
        assert isinstance(pool_windows([[1, 2, 3]], grid=5), NoPromise)


class TestReport:
    """How groups fare."""

    def test_groups(self) -> None:
        """The far ones hold less, which the report shows."""
        pool = pooled(NEAR, FAR, FAR, by=["near", "far", "far"], floor=0.75)
        far, near = pool.groups
        assert (far.name, far.count, near.count) == ("far", 2, 1)
        assert (far.below, near.below, far.left_out) == (1, 0, 0)
        assert far.worst == pool.share[1:].min()
        assert far.width == pytest.approx(pool.width[1:].mean())

    def test_a_group_without_a_window(self) -> None:
        """Its figures are no numbers."""
        found = pooled(NEAR, FAR, cap=20, by=["near", "far"]).groups[0]
        assert (found.count, found.left_out) == (0, 1)
        assert math.isnan(found.share)
        assert found == eval(repr(found), {"PoolGroup": PoolGroup})

    def test_one_window(self) -> None:
        """The window of one customer, with what it holds."""
        pool = pooled(NEAR, FAR)
        window = pool.window(0)
        assert isinstance(window, Interval)
        assert (window.low, window.high, window.confidence) == (pool.low[0], pool.high[0], pool.share[0])
        assert len(pool) == 2
        assert repr(pool) == "<Pool of 2 windows that hold 90.2 %, 67.4 wide in total>"

    def test_arrays_cannot_be_written_to(self) -> None:
        """A pool is a value."""
        with pytest.raises(ValueError, match="read-only"):
            pooled(NEAR).low[0] = 3


class TestRefused:
    """What cannot be meant is refused in one sentence."""

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"laws": []}, "laws are empty; pass one a customer"),
            ({"laws": np.array([[1, math.nan]])}, "draws must be finite; leave out what is not known"),
            ({"floor": 80}, "floor must be a share from 0, below 1, got 80"),
            ({"floor": -0.1}, "floor must be a share from 0, below 1, got -0.1"),
            ({"floor": [0.8, 0.8]}, "floor has the shape (2,) for 1 rows; pass one a row, or one for all"),
            ({"cap": 0}, "cap must be a positive width, got 0; leave it out for none"),
            ({"grid": 0}, "grid must be a positive number, got 0; leave it out for any end"),
            ({"grid": 1e-9}, "grid is too fine for a law from 25 to 35: 1e-09; use a wider one"),
            ({"confidence": 1}, "confidence must be a share between 0 and 1, got 1; write 0.9 for 90 %"),
        ],
    )
    def test_parameters(self, how: dict[str, Any], message: str) -> None:
        """The text names the argument, what it was, and what would do."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(message)}$"):
            pool_windows(**{"laws": [NEAR], **how})


class TestNaturalCalls:
    def test_a_frame_of_draws(self) -> None:
        """A row is a customer."""
        draws = np.array([NEAR, FAR])
        assert pool_windows(pd.DataFrame(draws)) == pool_windows(draws)

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (lambda: pool_windows(Stated(1, 2, 3)), "laws must be several, got Stated("),  # type: ignore[arg-type]
            (
                lambda: pool_windows([NEAR], floor="all"),
                "floor holds what is no number: 'all'; pass one column of them",
            ),
            (
                lambda: pool_windows([NEAR], grid="5"),  # type: ignore[arg-type]
                "grid must be a positive number, got '5'; leave it out for any end",
            ),
        ],
    )
    def test_refused(self, call: Any, text: str) -> None:
        """In one sentence."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(text)}"):
            call()

    @pytest.mark.parametrize("customer", [2, -1, "Kim"])
    def test_nobody_there(self, customer: Any) -> None:
        """Positions begin at 0, and none counts from the end: it would be somebody else's window."""
        pool = pool_windows([NEAR, FAR])
        assert isinstance(pool, Pool)
        with pytest.raises(UnknownNameError, match=r"^customer is not in the pool: .*; the positions are 0 to 1$"):
            pool.window(customer)
