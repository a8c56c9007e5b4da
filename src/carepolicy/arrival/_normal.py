"""The normal scores behind the draws of routes: cells of equal width in standard deviations, and their shares."""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Cells = NDArray[np.intp]
    Scores = NDArray[np.float32]

_ONE = NormalDist()
_REACH, _STEPS = 4, 256
CELLS = 2 * _REACH * _STEPS + 1
"""How many points a law is drawn from: from 4 standard deviations below the middle to 4 above."""


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.setflags(write=False)
    return array


@lru_cache(maxsize=1)
def scores() -> Floats:
    """The score of each cell."""
    return _frozen(np.linspace(-_REACH, _REACH, CELLS))


@lru_cache(maxsize=1)
def shares() -> Floats:
    """The share of a normal law below the score of each cell."""
    return _frozen(np.array([_ONE.cdf(score) for score in scores().tolist()]))


def cells(normal: Scores) -> Cells:
    """The cell of each score; what lies beyond the last belongs to it."""
    found = normal * np.float32(_STEPS)
    found += np.float32(_REACH * _STEPS + 0.5)
    return np.clip(found, 0, CELLS - 1, out=found).astype(np.intp)


def share_of(score: Floats | Scores | float) -> Floats:
    """The share of a normal law below a score."""
    return np.asarray(np.interp(score, scores(), shares()))


def score_of(share: Floats | float) -> Floats:
    """The score below which a share of a normal law lies; no farther out than the last cell."""
    return np.asarray(np.interp(share, shares(), scores()))


@lru_cache(maxsize=8)
def noise(draws: int, seed: int, rows: int) -> Scores:
    """Independent normal scores, a row for each thing that is drawn; the same rows whatever else is drawn.

    Every row holds the same evenly spread scores in its own order, so that a law is met exactly in each.
    """
    spread = np.array([_ONE.inv_cdf((at + 0.5) / draws) for at in range(draws)], dtype=np.float32)
    found = np.stack([np.random.default_rng([seed, row]).permutation(spread) for row in range(rows)])
    found.setflags(write=False)
    return found


@lru_cache(maxsize=8)
def noise_cells(draws: int, seed: int, rows: int) -> Cells:
    """The cells of the same."""
    found = cells(noise(draws, seed, rows))
    found.setflags(write=False)
    return found
