"""Whether stated chances come true: of the visits that were late with a stated chance of 30 %, were 30 % late?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy.arrival._columns import codes, each, mean_error, numbers, share_error
from carepolicy.arrival._numbers import is_whole
from carepolicy.arrival.scorecard import figure
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@attrs.frozen
class ReliabilityRow:
    """Cases with about the same stated chance, and what became of them.

    Args:
        low, high: The chances that fall in here, `low` included, `high` not; 1 falls in the last.
        count: How many cases.
        stated: The mean chance that was stated.
        seen: The share in which it happened.
        seen_se: The standard error of `seen`.
    """

    low: float
    high: float
    count: int
    stated: float
    seen: float
    seen_se: float = figure()


@attrs.frozen
class Reliability:
    """Stated chances against what happened.

    Args:
        rows: By stated chance, those without a case left out.
        count: How many cases.
        happened: The share in which it happened.
        brier: The mean squared distance of the stated chance from what happened, 1 or 0; less is better.
        brier_se: The standard error of `brier`.
    """

    rows: tuple[ReliabilityRow, ...]
    count: int
    happened: float = figure()
    brier: float = figure()
    brier_se: float = figure()

    def explain(self) -> str:
        """The rows as a table, and the Brier score."""
        lines = [f"{'stated':>7}  {'seen':>14}  cases"]
        lines += [f"{row.stated:7.1%}  {row.seen:6.1%} ± {row.seen_se:5.1%}  {row.count}" for row in self.rows]
        return "\n".join([*lines, f"Brier score {self.brier:.4f} ± {self.brier_se:.4f}, {self.count} cases"])


def reliability(stated: ArrayLike, happened: ArrayLike, *, bins: int = 10, clusters: Any = None) -> Reliability:
    """How stated chances came true.

    Args:
        stated: Chances from 0 to 1, one a case.
        happened: Whether it did, one a case.
        bins: In how many equal parts the chances are told apart, from 1.
        clusters: One label a case: cases with the same one do not err independently.

    Raises:
        InvalidPolicyError: If a chance is none, lengths differ, or there are no bins.

    Source: Brier, Verification of Forecasts Expressed in Terms of Probability (1950).

    >>> print(reliability([0.1, 0.1, 0.9, 0.9], [False, False, True, False], bins=2).explain())
     stated            seen  cases
      10.0%    0.0% ±  0.0%  2
      90.0%   50.0% ± 35.4%  2
    Brier score 0.2100 ± 0.2000, 4 cases
    """
    if not is_whole(bins, 1):
        raise InvalidPolicyError(f"bins must be a whole number from 1, got {bins!r}; use 10")
    bins = int(bins)
    chance = np.atleast_1d(numbers(stated, "stated"))
    came = each(happened, "happened", chance.size)
    if not ((chance >= 0) & (chance <= 1)).all():
        wrong = chance[~((chance >= 0) & (chance <= 1))][0]
        raise InvalidPolicyError(f"stated must be chances from 0 to 1, got {wrong}; write 0.9 for 90 %")
    if not np.isin(came, (0, 1)).all():
        raise InvalidPolicyError("happened must say yes or no for each case; leave out the cases that are still open")
    together = None if clusters is None else codes(clusters, chance.size, "clusters")
    place = np.minimum((chance * bins + 1e-9).astype(np.int64), bins - 1)
    rows = []
    for part in np.unique(place).tolist():
        at = np.flatnonzero(place == part)
        error = share_error(came[at], None if together is None else together[at])
        rows.append(
            ReliabilityRow(
                part / bins, (part + 1) / bins, at.size, float(chance[at].mean()), float(came[at].mean()), error
            )
        )
    square = (chance - came) ** 2
    some = chance.size > 0
    return Reliability(
        tuple(rows),
        chance.size,
        float(came.mean()) if some else np.nan,
        float(square.mean()) if some else np.nan,
        mean_error(square, together),
    )
