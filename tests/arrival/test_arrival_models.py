"""Models of others: boosted trees, draws; put in order, and made to hold."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

from carepolicy.arrival.conformal import ConformalWindow
from carepolicy.arrival.models import (
    Conformalised,
    QuantileModel,
    Sampled,
    SampleModel,
    boosted,
    conformalised,
    quantiles_of,
)
from carepolicy.errors import InvalidPolicyError, MissingExtraError

RNG = np.random.default_rng(6)
SIZE = RNG.random((900, 2))
TOOK = np.exp(3 + SIZE[:, 0] + 0.3 * RNG.normal(size=900))


class Says:
    """A model that says the same three columns of any jobs."""

    def __init__(self, *columns: Any) -> None:
        self.columns = columns

    def quantiles(self, jobs: Any) -> Any:
        return self.columns


class Draws:
    """A model that draws around the number of each job."""

    def samples(self, jobs: Any, draws: int, seed: int) -> np.ndarray:
        return np.asarray(jobs)[:, None] + np.random.default_rng(seed).normal(size=(len(jobs), draws))


class TestBoosted:
    """Quantiles by scikit-learn, in order, the same for the same seed."""

    def test_wider_for_jobs_that_vary_more_and_in_order(self) -> None:
        model = boosted(SIZE[:600], TOOK[:600], max_iter=40)
        low, middle, high = model.quantiles(SIZE[600:])
        assert isinstance(model, QuantileModel)
        assert (low <= middle).all()
        assert (middle <= high).all()
        assert 0.7 < np.mean((low <= TOOK[600:]) & (TOOK[600:] <= high)) < 0.95
        assert np.array_equal(low, boosted(SIZE[:600], TOOK[:600], max_iter=40).quantiles(SIZE[600:])[0])
        assert repr(model) == "<Boosted at 0.05, 0.5, 0.95>"

    def test_made_to_hold(self) -> None:
        model = boosted(SIZE[:300], TOOK[:300], max_iter=40)
        held = conformalised(model, SIZE[300:600], TOOK[300:600])
        low, middle, high = held.quantiles(SIZE[600:])
        raw = quantiles_of(model, SIZE[600:])
        assert isinstance(held, QuantileModel)
        assert np.mean((low <= TOOK[600:]) & (TOOK[600:] <= high)) > 0.87
        assert (low <= middle).all()
        assert (middle <= high).all()
        earlier = quantiles_of(model, SIZE[300:600])
        fit = ConformalWindow.fit(earlier[0], earlier[2], TOOK[300:600])
        assert np.array_equal(np.stack([low, high]), np.stack(fit.adjust(raw[0], raw[2])))

    def test_without_scikit_learn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
        with pytest.raises(MissingExtraError, match=r"need the package scikit-learn; install carepolicy\[models\]"):
            boosted(SIZE, TOOK)


class TestProtocols:
    """What any model may bring."""

    def test_crossed_quantiles_are_put_in_order(self) -> None:
        low, middle, high = quantiles_of(Says([3, 1], [2, 2], [1, 3]), None)
        assert (low.tolist(), middle.tolist(), high.tolist()) == ([1, 1], [2, 2], [3, 3])

    @pytest.mark.parametrize(
        ("draws", "seed", "text"), [(0, 0, "draws must be a whole"), (9, -1, "seed must be a whole")]
    )
    def test_draws_are_counted(self, draws: int, seed: int, text: str) -> None:
        with pytest.raises(InvalidPolicyError, match=f"^{text} number from"):
            Sampled(Draws(), draws=draws, seed=seed)

    def test_draws_become_quantiles(self) -> None:
        model = Sampled(Draws(), 0.9, draws=20_000, seed=1)
        assert isinstance(Draws(), SampleModel)
        low, middle, high = model.quantiles([10.0, 20.0])
        assert np.allclose(middle, [10, 20], atol=0.05)
        assert np.allclose(high - low, 2 * 1.645, atol=0.1)
        assert np.array_equal(low, model.quantiles([10.0, 20.0])[0])

    def test_the_middle_stays_between_corrected_ends(self) -> None:
        fit = ConformalWindow.fit([0] * 19, [10] * 19, range(20, 39))
        low, middle, high = Conformalised(Says([0], [5], [10]), fit).quantiles(None)
        assert low[0] <= middle[0] <= high[0]
        assert middle[0] == low[0] == 20

    @pytest.mark.parametrize(
        ("columns", "text"),
        [
            (([1], [2]), r"model must say low, middle and high of each job, got columns of \(1,\), \(1,\)$"),
            (([1], [2], [3, 4]), r"got columns of \(1,\), \(1,\), \(2,\)$"),
            (([1, 1], [2, math.nan], [3, 3]), "model says NaN of job 1; give it all it needs"),
        ],
    )
    def test_what_is_no_answer_is_refused(self, columns: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError, match=text):
            quantiles_of(Says(*columns), None)
