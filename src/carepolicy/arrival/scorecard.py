"""Whether the windows that were promised hold: how often, how wide, for whom, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._columns import codes, each, grouped, mean_error, months, numbers, share_error
from carepolicy.arrival._numbers import written
from carepolicy.arrival.interval import checked_share
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIGURES = ("coverage", "early", "late", "mean_width", "interval_score")


def _same(value: float) -> float | None:
    return None if math.isnan(value) else value


def figure() -> Any:
    """A field that holds a number or NaN: two NaN are the same, and it is written so that it can be read back."""
    return field(converter=float, eq=_same, repr=written)


@attrs.frozen
class Score:
    """How promised windows held.

    Every figure is of the promises that can be judged: bounded ones whose case is over, or still open after its
    window. Those count as late, with the interval score that they have reached by now. A figure of none is NaN.

    Args:
        count: How many promises were judged.
        coverage: The share that came inside, both ends included.
        early, late: The shares that came before and after.
        mean_width, median_width: Of the windows; infinite where there is no lower end.
        interval_score: The mean of width plus 2 / (1 - confidence) times what was missed by; less is better.
        coverage_se, early_se, late_se, mean_width_se, interval_score_se: The standard errors of these.
        open: Cases still open within their window, which are not judged.
        unbounded: Promises without an end, or none at all; they are not judged either.
        confidence: What was promised.
        groups: A score for each group, by name.
        periods: A score for each month or period, in order.
    """

    count: int
    coverage: float = figure()
    early: float = figure()
    late: float = figure()
    mean_width: float = figure()
    median_width: float = figure()
    interval_score: float = figure()
    coverage_se: float = figure()
    early_se: float = figure()
    late_se: float = figure()
    mean_width_se: float = figure()
    interval_score_se: float = figure()
    open: int = 0
    unbounded: int = 0
    confidence: float = 0.9
    groups: tuple[tuple[Hashable, Score], ...] = ()
    periods: tuple[tuple[Hashable, Score], ...] = ()

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each figure that has one, by name."""
        return {name: getattr(self, f"{name}_se") for name in FIGURES}

    @property
    def keeps(self) -> bool:
        """Whether the coverage is as promised, or below it by no more than two standard errors."""
        return self.coverage >= self.confidence - 2 * self.coverage_se

    def explain(self) -> str:
        """The figures as a table: all, then each group, then each period."""
        rows: list[tuple[str, ...]] = [
            ("", "judged", "inside", "early", "late", "width", "interval score", "open", "unbounded")
        ]
        rows += [_row(str(name), score) for name, score in (("all", self), *self.groups, *self.periods)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)


def _row(name: str, score: Score) -> tuple[str, ...]:
    def said(figure: str, form: str) -> str:
        return f"{getattr(score, figure):{form}} ± {round(getattr(score, figure + '_se'), 9):{form}}"

    return (
        name,
        str(score.count),
        said("coverage", ".1%"),
        f"{score.early:.1%}",
        f"{score.late:.1%}",
        said("mean_width", ".4g"),
        said("interval_score", ".4g"),
        str(score.open),
        str(score.unbounded),
    )


def score(
    low: Any,
    high: Any,
    actual: Any,
    confidence: float = 0.9,
    *,
    at: Any = None,
    by: Any = None,
    over: Any = None,
    zone: str = "UTC",
    clusters: Any = None,
) -> Score:
    """How promised windows held against what came.

    To score the first and the last quote of promises that were quoted anew, call it once for each. Judge promises whose
    windows are all over by `at`: of younger ones only the quick cases are, and they look better than they are.

    Args:
        low, high: The ends of each window, both inside; one pair for all, or one a row. Numbers in any unit, or times
            (aware datetimes or `datetime64` in UTC), whose widths are in minutes. An infinite `high`, or NaN, is a
            promise without an end.
        actual: When each came, of the same kind; NaN, NaT or None for a case that is still open.
        confidence: What was promised.
        at: Now, of the same kind, for all or one a row (the age of each, where the others are durations): an open case
            whose window ended before it is late.
        by: One label a row, or a mapping or data frame of columns: a score for each group too.
        over: One time a row, for a score of each month too; or one label, such as "2026-W10".
        zone: IANA name, of the months.
        clusters: One label a row: rows with the same one (a route-day) do not err independently.

    Raises:
        InvalidPolicyError: If lengths differ, a window is reversed, an end is infinite where it cannot be, or the
            confidence is no share.

    Source: the interval score of Winkler (1972), as in Gneiting and Raftery, Strictly Proper Scoring Rules (2007), 6.2.

    >>> held = score([0, 0, 10, 20], [30, 30, 40, float("inf")], [12, 35, 9, 50])
    >>> held.count, round(held.coverage, 2), round(held.coverage_se, 2), held.mean_width, held.unbounded
    (3, 0.33, 0.27, 30.0, 1)
    """
    wanted = checked_share(confidence)
    came = np.atleast_1d(numbers(actual, "actual"))
    now = np.full(came.shape, -np.inf) if at is None else each(at, "at", came.size)
    lower, upper = each(low, "low", came.size), each(high, "high", came.size)
    _refuse(np.isinf(came), "actual must be finite, or missing", came)
    _refuse(lower > upper, "low is after high", lower)
    everything = _Rows(lower, upper, came, now, None if clusters is None else codes(clusters, came.size, "clusters"))
    return attrs.evolve(
        everything.score(wanted),
        groups=() if by is None else everything.scores(by, "by", wanted),
        periods=() if over is None else everything.scores(months(over, zone), "over", wanted),
    )


@attrs.frozen
class _Rows:
    """Windows, what came, now for the cases that are open, and which rows go together."""

    low: Floats
    high: Floats
    actual: Floats
    at: Floats
    clusters: NDArray[np.int64] | None

    def scores(self, by: Any, name: str, confidence: float) -> tuple[tuple[Hashable, Score], ...]:
        parts = grouped(by, self.actual.size, name)
        return tuple((label, self._only(rows).score(confidence)) for label, rows in parts)

    def _only(self, rows: NDArray[Any]) -> _Rows:
        kept = None if self.clusters is None else self.clusters[rows]
        return _Rows(self.low[rows], self.high[rows], self.actual[rows], self.at[rows], kept)

    def score(self, confidence: float) -> Score:
        bounded = ~(np.isnan(self.low) | np.isnan(self.high) | np.isposinf(self.high))
        closed = ~np.isnan(self.actual)
        judged = bounded & (closed | (self.at > self.high))
        known = self._only(np.flatnonzero(judged))
        came = np.where(np.isnan(known.actual), known.at, known.actual)
        early, late = came < known.low, came > known.high
        width = known.high - known.low
        missed = np.where(early, known.low - came, 0) + np.where(late, came - known.high, 0)
        inside, before, after = (flags.astype(np.float64) for flags in (~(early | late), early, late))
        marks = width + 2 / (1 - confidence) * missed
        return Score(
            count=came.size,
            coverage=_mean(inside),
            early=_mean(before),
            late=_mean(after),
            mean_width=_mean(width),
            median_width=float(np.median(width)) if width.size else math.nan,
            interval_score=_mean(marks),
            coverage_se=share_error(inside, known.clusters),
            early_se=share_error(before, known.clusters),
            late_se=share_error(after, known.clusters),
            mean_width_se=mean_error(width, known.clusters),
            interval_score_se=mean_error(marks, known.clusters),
            open=int((bounded & ~judged).sum()),
            unbounded=int((~bounded).sum()),
            confidence=confidence,
        )


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan


def _refuse(wrong: NDArray[np.bool_], what: str, values: Floats) -> None:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise InvalidPolicyError(f"{what}: {values[first]} at position {first}; correct the row or leave it out")
