"""Parametric laws by lifelines, open cases among them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from carepolicy.arrival.failure_time import accelerated
from carepolicy.arrival.models import QuantileModel
from carepolicy.errors import InvalidPolicyError

pytest.importorskip("lifelines", reason="lifelines is not installed; make test-survival runs these tests")

RNG = np.random.default_rng(6)
SIZE = RNG.random((900, 2))
TOOK = np.exp(3 + SIZE[:, 0] + 0.3 * RNG.normal(size=900))


class TestAccelerated:
    """Parametric laws by lifelines, open cases among them."""

    @pytest.mark.parametrize("family", ["weibull", "lognormal", "loglogistic"])
    def test_open_cases_count(self, family: Any) -> None:
        seen = np.minimum(TOOK, 40)
        whole, closed = (
            accelerated(SIZE[which], seen[which], (seen == TOOK)[which], family=family)
            for which in (slice(None), seen == TOOK)
        )
        assert isinstance(whole, QuantileModel)
        low, middle, high = whole.quantiles(SIZE)
        assert (low < middle).all()
        assert (middle < high).all()
        assert abs(np.mean(TOOK <= middle) - 0.5) < 0.08
        assert np.mean(TOOK <= closed.quantiles(SIZE)[1]) < 0.42

    def test_given_the_age_the_time_still_to_come(self) -> None:
        model = accelerated(SIZE, TOOK, np.ones(900), family="weibull")
        jobs, ages = SIZE[:3], np.array([0.0, 20.0, 60.0])
        high = model.quantiles(jobs, ages)[2]
        assert np.allclose(high[0], model.quantiles(jobs)[2][0])
        for row in (1, 2):
            curve = model.fitter.predict_survival_function(
                pd.DataFrame(jobs[[row]], columns=["x0", "x1"]), times=[ages[row], ages[row] + high[row]]
            ).to_numpy()
            assert math.isclose(curve[1, 0], 0.05 * curve[0, 0], rel_tol=1e-6)
        assert repr(model) == "<Accelerated by WeibullAFTFitter>"

    def test_what_cannot_be_fitted_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match="family is not known: 'cox'; use one of 'weibull', 'lognormal'"):
            accelerated(SIZE, TOOK, TOOK > 0, family="cox")  # type: ignore[arg-type]
        with pytest.raises(InvalidPolicyError, match=r"durations must be above 0, row 1 is 0\.0; leave the job out"):
            accelerated(SIZE[:2], [1, 0], [True, True])
        with pytest.raises(InvalidPolicyError, match="ended must say yes or no, row 1 is nan; True is ended"):
            accelerated(SIZE[:2], [1, 2], [True, math.nan])
        with pytest.raises(InvalidPolicyError, match=r"durations holds time spans, timedelta64\[m\]; pass numbers"):
            accelerated(SIZE[:2], np.array([1, 2], "m8[m]"), [True, True])
