"""Windows of any model, widened or narrowed by what earlier ones missed, so that they hold as often as stated.

How far outside each actual end was, over past jobs, is all that is needed: a further job like them stays within the
right quantile of that. Groups have their own, where they are large enough.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._groups import Groups, Run, cells_of, grown, names_of, whole
from carepolicy.arrival._json import read
from carepolicy.arrival._numbers import amounts, checked_whole
from carepolicy.arrival.interval import Interval, NoPromise, checked_share
from carepolicy.arrival.tails import rank, too_few
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats

Tails = Literal["each", "together", "by"]
_TAILS = ("each", "together", "by")


@attrs.frozen(eq=False, repr=False)
class ConformalWindow:
    """What is added to the windows of a model so that they hold; build it with `ConformalWindow.fit`.

    Source: split conformal prediction for quantiles, Romano, Patterson, Candes (2019); by group (Mondrian), Vovk,
        Gammerman, Shafer (2005). A share of further jobs of at least the stated one is inside, if they are like those
        that it was fitted on, and the model did not see these.

    >>> calibrated = ConformalWindow.fit([30] * 19, [60] * 19, range(45, 64), confidence=0.9)
    >>> low, high = calibrated.adjust([30, 35], [60, 70])
    >>> low.tolist(), high.tolist()
    ([45.0, 50.0], [63.0, 73.0])
    """

    confidence: float
    tails: Tails
    at_least: int
    columns: tuple[str, ...]
    _sides: tuple[tuple[Run, ...], ...] = field()

    @classmethod
    def fit(
        cls,
        low: ArrayLike,
        high: ArrayLike,
        actual: ArrayLike,
        confidence: float = 0.9,
        by: Any = None,
        at_least: int = 50,
        tails: Tails = "each",
    ) -> ConformalWindow:
        """The corrections from past windows and what happened.

        Args:
            low, high: The ends that the model gave, in any unit, one pair for all or one a job; from jobs it was not
                fitted on.
            actual: What happened, in the same unit.
            confidence: The share of further jobs inside.
            by: The group of each job: one column, a mapping of names to columns, or a data frame; without, all are one.
            at_least: A group with fewer jobs is corrected as all such small groups together, or as all jobs where these
                have fewer too.
            tails: "each" keeps both ends apart, with the same share beyond either; "together" moves both by the same;
                "by" promises the high end only.

        Raises:
            InvalidPolicyError: If lengths differ, an end is not finite or reversed, or the confidence, `at_least` or
                `tails` cannot be meant.
            InvalidTableError: If a column of groups is missing.
        """
        if tails not in _TAILS:
            raise InvalidPolicyError(f"tails are not known: {tails!r}; use one of {', '.join(map(repr, _TAILS))}")
        columns = () if by is None else names_of(_table(by))
        empty = cls(
            checked_share(confidence),
            tails,
            checked_whole(at_least, "at_least", 1),
            columns,
            ((), ()) if tails == "each" else ((),),
        )
        return empty.update(low, high, actual, by)

    def update(self, low: ArrayLike, high: ArrayLike, actual: ArrayLike, by: Any = None) -> ConformalWindow:
        """The corrections with further jobs, the same as from all at once; takes what the new ones take to sort.

        Raises:
            InvalidPolicyError, InvalidTableError: As `fit` does.
        """
        happened = np.atleast_1d(amounts(actual, "actual"))
        lows, highs = _ends(low, high, happened.size)
        if happened.shape != lows.shape:
            raise InvalidPolicyError(f"actual has {happened.size} values for {lows.size} windows; pass one for each")
        if not np.isfinite(happened).all():
            row = int(np.argmin(np.isfinite(happened)))
            raise InvalidPolicyError(
                f"actual must be finite, row {row} is {happened[row]}; for open jobs use RollingCalibrator"
            )
        early, late = lows - happened, happened - highs
        scores = {"each": (early, late), "together": (np.maximum(early, late),), "by": (late,)}[self.tails]
        for score in scores:
            if not np.isfinite(score).all():
                row = int(np.argmin(np.isfinite(score)))
                raise InvalidPolicyError(f"window without bound, row {row}; leave out what was not promised")
        codes, cells = self._cells(by, happened.size)
        sides = zip(self._sides, scores, strict=True)
        return attrs.evolve(self, sides=tuple(grown(runs, Run.of(score, cells, codes)) for runs, score in sides))

    @property
    def observations(self) -> int:
        """How many past jobs it rests on."""
        return sum(len(run) for run in self._sides[0])

    def window(self, low: float, high: float, by: Any = None) -> Interval | NoPromise:
        """The window of one job that holds, or why there is none.

        Args:
            low, high: The ends that the model gives.
            by: Its group: a value, or a mapping of columns to values.

        Raises:
            InvalidPolicyError, InvalidTableError: As `fit` does.
        """
        one = {name: [value] for name, value in by.items()} if isinstance(by, Mapping) else by
        first, last = (float(end) for end in self.adjust(low, high, one))
        if math.isinf(high) or (math.isinf(low) and self.tails != "by"):
            return NoPromise("the window of the model has no end to correct; give both", observations=self.observations)
        if math.isinf(last) or (math.isinf(first) and self.tails != "by"):
            reason = too_few(self.observations, self.confidence, "equal" if self.tails == "each" else "by")
            return NoPromise(reason, observations=self.observations)
        why = f"as the windows of {self.observations} past jobs would have held"
        return Interval(first, last, confidence=self.confidence, observations=self.observations, why=why)

    def adjust(self, low: ArrayLike, high: ArrayLike, by: Any = None) -> tuple[Any, Any]:
        """The windows that hold: low and high, infinite where too few jobs are known to say.

        Numbers for one job, arrays for several.

        A window that would be empty is that of the smallest share at which it is not. Ends may come to lie below 0:
        cut them if that cannot be.

        Args:
            low, high: The ends that the model gives.
            by: The group of each, as in `fit`.

        Raises:
            InvalidPolicyError, InvalidTableError: As `fit` does.
        """
        lows, highs = _ends(low, high)
        if np.ndim(low) == 0:
            one = by if by is None or isinstance(by, Mapping) or hasattr(by, "columns") else [by]
            return tuple(float(end[0]) for end in self.adjust(lows, highs, one))  # type: ignore[return-value]
        codes, cells = self._cells(by, lows.size)
        levels = tuple(dict.fromkeys((self.columns, ())))
        sides = [Groups(self.columns, runs, levels, self.at_least) for runs in self._sides]
        scores = [[self._scores(side, cell) for side in (sides[0], sides[-1])] for cell in cells]
        wanted = np.array([rank(each[0].size, self._share) for each in scores], dtype=np.int64)
        early, late = (
            np.array([[_at(side, held) for side in each] for each, held in zip(scores, wanted, strict=True)])
            .reshape(-1, 2)[codes]
            .T
        )
        if self.tails == "by":
            return np.full(lows.shape, -math.inf), highs + late
        first, last = lows - early, highs + late
        for row in np.flatnonzero(first > last).tolist():
            each = scores[codes[row]]
            held = int(np.searchsorted(each[0] + each[1], lows[row] - highs[row])) + 1
            held = min(max(held, int(wanted[codes[row]])), each[0].size)
            ends = lows[row] - _at(each[0], held), highs[row] + _at(each[1], held)
            # narrower than any window seen: nothing but a point is left of it
            first[row], last[row] = ends if ends[0] <= ends[1] else (sum(ends) / 2, sum(ends) / 2)
        return first, last

    @property
    def _share(self) -> float:
        return (1 + self.confidence) / 2 if self.tails == "each" else self.confidence

    def _scores(self, side: Groups, cell: tuple[Any, ...]) -> Floats:
        """How far outside the jobs of a group were, sorted; of the small ones or of all where it is too small."""
        least = -math.inf
        for _, scores in side.answers(cell, self.at_least):
            if rank(scores.size, self._share) <= scores.size:
                return np.maximum(scores, least)
            least = float(scores[-1])  # what is said of more confidence lies around what was said of less
        return np.empty(0)

    def _cells(self, by: Any, rows: int) -> tuple[Any, list[tuple[Any, ...]]]:
        if by is None and self.columns:
            raise InvalidPolicyError(f"by is missing; it was fitted by {', '.join(map(repr, self.columns))}")
        return cells_of(_table(by), self.columns, rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConformalWindow):
            return NotImplemented
        same = self._terms() == other._terms()
        return same and all(whole(one).same(whole(two)) for one, two in zip(self._sides, other._sides, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def _terms(self) -> dict[str, Any]:
        columns = list(self.columns)
        return {"confidence": self.confidence, "tails": self.tails, "at_least": self.at_least, "columns": columns}

    def __repr__(self) -> str:
        return f"<ConformalWindow at {100 * self.confidence:.4g} %, tails {self.tails}, from {self.observations} jobs>"

    def to_json(self) -> str:
        """All of it as JSON; `from_json` gives the same back.

        Raises:
            InvalidPolicyError: If a group value is no text, number or truth.
        """
        return json.dumps({**self._terms(), "sides": [whole(runs).as_data() for runs in self._sides]}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> ConformalWindow:
        """The corrections of their JSON.

        Raises:
            InvalidPolicyError: If the text is something else.
        """

        def build(data: dict[str, Any]) -> ConformalWindow:
            runs = tuple((Run.from_data(side),) for side in data["sides"])
            return cls(data["confidence"], data["tails"], data["at_least"], tuple(data["columns"]), runs)

        return read(text, "correction of windows", build)


def _table(by: Any) -> Any:
    """Groups as a table: a single column is one of that name."""
    return by if by is None or isinstance(by, Mapping) or hasattr(by, "columns") else {"by": by}


def _ends(low: ArrayLike, high: ArrayLike, rows: int = 1) -> tuple[Floats, Floats]:
    """Both ends of each window, in order; one pair is the same for all rows."""
    lows, highs = amounts(low, "low"), amounts(high, "high")
    if lows.ndim == highs.ndim == 0:
        lows, highs = np.full(rows, lows), np.full(rows, highs)
    if lows.ndim != 1 or lows.shape != highs.shape:
        raise InvalidPolicyError(
            f"low and high must be one-dimensional and of one length, got {lows.shape} and {highs.shape}"
        )
    if not (lows <= highs).all():
        row = int(np.argmin(lows <= highs))
        raise InvalidPolicyError(f"low is not before high, row {row}: low={lows[row]}, high={highs[row]}; swap them")
    return lows, highs


def _at(scores: Floats, held: int) -> float:
    return float(scores[held - 1]) if held <= scores.size else math.inf
