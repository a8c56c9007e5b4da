"""Models of others behind a small protocol: three quantiles of each job, or samples; and how they are made to hold.

Boosted trees come from scikit-learn, an extra; fits with open cases stand in `failure_time`. Anything else that says
`quantiles(jobs)` or `samples(jobs, draws, seed)` takes their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._numbers import checked_whole, plain
from carepolicy.arrival.conformal import ConformalWindow, Tails
from carepolicy.arrival.interval import checked_share, share
from carepolicy.errors import InvalidPolicyError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats

Three = tuple["Floats", "Floats", "Floats"]


@runtime_checkable
class QuantileModel(Protocol):
    """Whatever says low, middle and high of each job."""

    def quantiles(self, jobs: Any) -> Three:
        """Low, middle and high, each one-dimensional with a value for every job, in the unit it was fitted in."""
        ...


@runtime_checkable
class SampleModel(Protocol):
    """Whatever draws how long each job may take."""

    def samples(self, jobs: Any, draws: int, seed: int) -> Floats:
        """One row for every job and one column for every draw, the same for the same seed."""
        ...


def quantiles_of(model: QuantileModel, jobs: Any) -> Three:
    """What a model says of jobs, put in order where its quantiles cross.

    Raises:
        InvalidPolicyError: If it says NaN, or not three columns of one length.

    Source: sorting crossed quantiles never makes them worse, Chernozhukov, Fernandez-Val, Galichon (2010).
    """
    columns = [np.asarray(column, dtype=np.float64) for column in model.quantiles(jobs)]
    if len(columns) != 3 or len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        shapes = ", ".join(str(column.shape) for column in columns)
        raise InvalidPolicyError(f"model must say low, middle and high of each job, got columns of {shapes}")
    rows = np.stack(columns)
    if np.isnan(rows).any():
        raise InvalidPolicyError(
            f"model says NaN of job {int(np.argmax(np.isnan(rows).any(axis=0)))}; give it all it needs"
        )
    low, middle, high = np.sort(rows, axis=0)
    return low, middle, high


@attrs.frozen
class Sampled:
    """A model that draws, asked for quantiles.

    Args:
        model: What draws.
        confidence: The share of draws from low to high, as many before as after.
        draws: How many for each job: 4,000 are off by about half a per cent on a share of 90 %.
        seed: The same seed gives the same answers.

    Raises:
        InvalidPolicyError: If the confidence is no share, `draws` no whole number from 1, or `seed` none from 0.
    """

    model: SampleModel
    confidence: float = field(default=0.9, converter=plain, validator=share())
    draws: int = field(default=4000, kw_only=True)
    seed: int = field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        checked_whole(self.draws, "draws", 1)
        checked_whole(self.seed, "seed", 0)

    def quantiles(self, jobs: Any) -> Three:
        """Low, middle and high of the draws of each job."""
        drawn = self.model.samples(jobs, self.draws, self.seed)
        tail = (1 - self.confidence) / 2
        low, middle, high = np.quantile(drawn, [tail, 0.5, 1 - tail], axis=1)
        return low, middle, high


@attrs.frozen
class Conformalised:
    """A model and its corrections, so that its windows hold; build it with `conformalised`."""

    model: QuantileModel
    corrections: ConformalWindow

    def quantiles(self, jobs: Any, by: Any = None) -> Three:
        """Low, middle and high that hold; infinite where too few jobs are known to say.

        Args:
            jobs: As the model takes them.
            by: The group of each job, if the corrections are by group.
        """
        low, middle, high = quantiles_of(self.model, jobs)
        low, high = self.corrections.adjust(low, high, by)
        return low, np.clip(middle, low, high), high


def conformalised(
    model: QuantileModel,
    jobs: Any,
    actual: ArrayLike,
    confidence: float = 0.9,
    by: Any = None,
    at_least: int = 50,
    tails: Tails = "each",
) -> Conformalised:
    """A model that is corrected by past jobs which it was not fitted on.

    Args:
        model: Fitted on other, earlier jobs.
        jobs: As the model takes them.
        actual: What happened with each, in its unit.
        confidence, by, at_least, tails: As in `ConformalWindow.fit`.

    Raises:
        InvalidPolicyError: As `ConformalWindow.fit` does.
    """
    low, _, high = quantiles_of(model, jobs)
    return Conformalised(model, ConformalWindow.fit(low, high, actual, confidence, by, at_least, tails))


@attrs.frozen(repr=False)
class Boosted:
    """Boosted trees, one for each quantile; build it with `boosted`."""

    trees: tuple[Any, Any, Any]

    def quantiles(self, jobs: Any) -> Three:
        """Low, middle and high of each job, in order."""
        low, middle, high = np.sort([tree.predict(jobs) for tree in self.trees], axis=0)
        return low, middle, high

    def __repr__(self) -> str:
        return f"<Boosted at {', '.join(f'{tree.quantile:.4g}' for tree in self.trees)}>"


def boosted(x: Any, y: ArrayLike, confidence: float = 0.9, seed: int = 0, **settings: Any) -> Boosted:
    """Quantiles by gradient boosting, not yet made to hold: hand it to `conformalised`.

    Args:
        x: What is known of each job before it is done: a row for each, missing values as NaN.
        y: What it took.
        confidence: The share from low to high, as many before as after.
        seed: The same seed gives the same trees.
        settings: Further arguments of scikit-learn's `HistGradientBoostingRegressor`, in place of ours.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
        InvalidPolicyError: If the confidence is no share.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as error:
        raise MissingExtraError("boosted trees need the package scikit-learn; install carepolicy[models]") from error
    tail = (1 - checked_share(confidence)) / 2
    chosen = {"max_iter": 150, "learning_rate": 0.06, "min_samples_leaf": 40, "random_state": seed, **settings}
    low, middle, high = (
        HistGradientBoostingRegressor(loss="quantile", quantile=quantile, **chosen).fit(x, y)
        for quantile in (tail, 0.5, 1 - tail)
    )
    return Boosted((low, middle, high))
