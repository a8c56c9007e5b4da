"""The best two of the points at which a window may begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

from carepolicy.arrival._numbers import CLOSE
from carepolicy.arrival.tails import Costs, rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

    from carepolicy.arrival.tails import Shape


class Points(NamedTuple):
    """Where windows may begin and end, in order; `before` and `until` are shares of the law at each."""

    at: Whole
    before: Floats
    """What a window that begins here leaves out before it."""
    until: Floats
    """What is over when a window ends here."""


class Found(NamedTuple):
    """Two of the points, how far they lie apart and the share that is not between."""

    width: int
    """The instant of the end instead, for a window that has an end only."""
    missed: float
    low: int
    high: int

    @property
    def worth(self) -> tuple[int, float]:
        """Less is better: narrower, then holding more."""
        return self.width, round(self.missed, 12)


@attrs.frozen
class Search:
    """What a window has to leave out and to hold, and how narrow it may be.

    Args:
        hold: The share inside; 0 where each side has its own.
        leave: What may come before, and what must be over at the end; None where only the share inside counts.
        at_least: How wide it must be, in the unit of the points.
        by: Whether it has an end only.
    """

    hold: float
    leave: tuple[float, float] | None
    at_least: int
    by: bool = False

    @classmethod
    def of(cls, shape: Shape, confidence: float, seen: int, at_least: int) -> Search:
        """The search for a shape; from cases seen it holds for one more case like them.

        Args:
            shape: "narrowest", "equal", "by", or costs.
            confidence: The share to hold; costs bring their own.
            seen: How many cases were seen; 0 for a law that is taken at its word.
            at_least: How wide the window must be, in the unit of the points.
        """
        if shape in ("narrowest", "by"):
            return cls(_held(confidence, seen), None, at_least, shape == "by")
        early, late = (1 - confidence) / 2, (1 - confidence) / 2
        if isinstance(shape, Costs):
            early, late = shape.width / shape.early, shape.width / shape.late
        before = (seen - rank(seen, 1 - early)) / seen if seen else early
        return cls(0.0, (before, _held(1 - late, seen)), at_least)

    def best(self, points: Points, left_out: float = 0.0) -> Found | None:
        """The narrowest window that holds it, then the one that holds more, then the earliest; None without.

        Args:
            points: At which it may begin and end.
            left_out: For "by": what comes before the window can begin.
        """
        if self.by:
            high = int(np.searchsorted(points.until, left_out + self.hold - CLOSE))
            held = float(points.until[high] - left_out) if high < points.at.size else 0.0
            return Found(int(points.at[high]), 1 - held, -1, high) if held else None
        return self._between(points) if self.leave is None else self._sides(points, *self.leave)

    def _between(self, points: Points) -> Found | None:
        ends = np.maximum(
            np.searchsorted(points.until, points.before + (self.hold - CLOSE)),
            np.searchsorted(points.at, points.at + self.at_least),
        )
        begins = np.flatnonzero(ends < points.at.size)
        if not begins.size:
            return None
        ends = ends[begins]
        missed = 1 - (points.until[ends] - points.before[begins])
        widths = points.at[ends] - points.at[begins]
        first = np.lexsort((begins, np.round(missed, 12), widths))[0]
        return Found(int(widths[first]), float(missed[first]), int(begins[first]), int(ends[first]))

    def _sides(self, points: Points, before: float, until: float) -> Found | None:
        low = int(np.searchsorted(points.before, before + CLOSE, side="right")) - 1
        high = int(np.searchsorted(points.until, until - CLOSE))
        if low < 0:
            return None
        high = max(high, int(np.searchsorted(points.at, points.at[low] + self.at_least)))
        if high >= points.at.size:
            return None
        missed = 1 - float(points.until[high] - points.before[low])
        return Found(int(points.at[high] - points.at[low]), missed, low, high)


def _held(share: float, seen: int) -> float:
    """The share of the cases seen that one more stays within as often as asked."""
    return rank(seen, share) / seen if seen else share
