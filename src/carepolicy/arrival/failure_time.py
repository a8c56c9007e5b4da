"""Accelerated failure time: parametric laws of jobs, fitted with those that are still open, by lifelines.

The extra `survival` stands apart from `all`, as lifelines wants a pandas before 3; `make test-survival` tests it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from carepolicy.arrival._numbers import amounts, flags
from carepolicy.arrival.interval import checked_share
from carepolicy.errors import InvalidPolicyError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.models import Three

Family = Literal["weibull", "lognormal", "loglogistic"]
_FITTERS = {"weibull": "WeibullAFTFitter", "lognormal": "LogNormalAFTFitter", "loglogistic": "LogLogisticAFTFitter"}


@attrs.frozen(repr=False)
class Accelerated:
    """A parametric law of each job, fitted with open cases; build it with `accelerated`."""

    fitter: Any
    confidence: float

    def quantiles(self, jobs: Any, ages: ArrayLike | None = None) -> Three:
        """Low, middle and high of each job; with `ages`, of the time still to come of jobs open at these ages."""
        frame, tail = _frame(jobs), (1 - self.confidence) / 2
        after = None if ages is None else np.asarray(ages, dtype=np.float64)
        low, middle, high = (
            # lifelines counts the share that is still open
            np.asarray(
                self.fitter.predict_percentile(frame, p=1 - at, conditional_after=after), dtype=np.float64
            ).ravel()
            for at in (tail, 0.5, 1 - tail)
        )
        return low, middle, high

    def __repr__(self) -> str:
        return f"<Accelerated by {type(self.fitter).__name__}>"


def accelerated(
    x: ArrayLike,
    durations: ArrayLike,
    ended: ArrayLike,
    confidence: float = 0.9,
    family: Family = "weibull",
    penalizer: float = 0.001,
) -> Accelerated:
    """An accelerated failure time model by lifelines: jobs that are still open count.

    Args:
        x: Numbers known of each job before it is done: two-dimensional, without NaN.
        durations: What it took, or has taken so far; above 0.
        ended: Whether it has ended.
        confidence: The share from low to high, as many before as after.
        family: "weibull", "lognormal" or "loglogistic".
        penalizer: How strongly coefficients are drawn to nothing; a little keeps the fit from failing.

    Raises:
        MissingExtraError: If lifelines is not installed.
        InvalidPolicyError: If the family is not known, the confidence is no share, a duration is not above 0, or
            `ended` does not say yes or no.
    """
    if family not in _FITTERS:
        raise InvalidPolicyError(f"family is not known: {family!r}; use one of {', '.join(map(repr, _FITTERS))}")
    try:
        import lifelines
    except ImportError as error:
        raise MissingExtraError(
            "fits with open cases need the package lifelines; install carepolicy[survival]"
        ) from error
    taken = amounts(durations, "durations")
    if not ((taken > 0) & (taken < math.inf)).all():
        row = int(np.argmin((taken > 0) & (taken < math.inf)))
        raise InvalidPolicyError(f"durations must be above 0, row {row} is {taken[row]}; leave the job out")
    frame = _frame(x).assign(duration=taken, ended=flags(ended, "ended"))
    fitter = getattr(lifelines, _FITTERS[family])(penalizer=penalizer)
    return Accelerated(fitter.fit(frame, "duration", event_col="ended"), checked_share(confidence))


def _frame(x: Any) -> Any:
    import pandas as pd  # lifelines brings it

    values = np.asarray(x, dtype=np.float64)
    return pd.DataFrame(values, columns=[f"x{at}" for at in range(values.shape[1])])
