"""What the benchmarks of arrival windows share: how good promised windows were, and the CPU clock.

Coverage is the share of cases inside closed ends, the score is Winkler's: width plus twenty times (at 90 %) what a
miss was outside. Less is better, and it is least on average for the true 5 % and 95 % points.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Self

import attrs
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@attrs.frozen
class Windows:
    """How promised windows held.

    Args:
        cover, early, late: Shares of the cases: inside, before the window, after it.
        width: On average, in the unit of the windows.
        score: Interval score on average, in the unit of the windows.
        cover_error, score_error: Standard errors of the two averages, as if cases were independent.
        cases: How many there were.
    """

    cover: float
    early: float
    late: float
    width: float
    score: float
    cover_error: float
    score_error: float
    cases: int

    @classmethod
    def of(cls, actual: ArrayLike, low: ArrayLike, high: ArrayLike, missed: float = 0.1) -> Windows:
        """The windows `low` to `high` against what happened, at a target of `missed` outside."""
        y, lower, upper = (np.asarray(each, dtype=np.float64) for each in (actual, low, high))
        early, late, each = y < lower, y > upper, winkler(actual, low, high, missed)
        cover = 1 - float((early | late).mean())
        return cls(
            cover=cover,
            early=float(early.mean()),
            late=float(late.mean()),
            width=float((upper - lower).mean()),
            score=float(each.mean()),
            cover_error=math.sqrt(cover * (1 - cover) / y.size),
            score_error=float(each.std() / math.sqrt(y.size)),
            cases=y.size,
        )

    @property
    def cells(self) -> tuple[str, ...]:
        """As `HEADING` says."""
        return (
            f"{self.cover:.3f} +- {self.cover_error:.3f}",
            f"{self.early:.3f}",
            f"{self.late:.3f}",
            f"{self.width:.1f}",
            f"{self.score:.2f} +- {self.score_error:.2f}",
        )


HEADING = ("cover", "early", "late", "width", "interval score")


def winkler(actual: ArrayLike, low: ArrayLike, high: ArrayLike, missed: float = 0.1) -> Floats:
    """The interval score of each case."""
    y, lower, upper = (np.asarray(each, dtype=np.float64) for each in (actual, low, high))
    outside = np.maximum(lower - y, 0) + np.maximum(y - upper, 0)
    return np.asarray(upper - lower + 2 / missed * outside)


class Clock:
    """Measures the CPU seconds of this process in a `with` block."""

    seconds = math.nan

    def __enter__(self) -> Self:
        self._began = time.process_time()
        return self

    def __exit__(self, *raised: object) -> None:
        self.seconds = time.process_time() - self._began
