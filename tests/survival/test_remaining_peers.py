"""Remaining time of open cases, held against another implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carepolicy.arrival.remaining import Remaining

lifelines = pytest.importorskip("lifelines", reason="lifelines is not installed; make test-survival runs these tests")


def simulated(seed: int = 4, count: int = 500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole-day durations with many ties, a third of them open, some watched late."""
    rng = np.random.default_rng(seed)
    durations = np.ceil(rng.lognormal(2, 0.8, count))
    entry = np.where(rng.random(count) < 0.3, np.floor(durations * rng.random(count) * 0.9), 0.0)
    return durations, rng.random(count) < 0.66, entry


class TestAgainstLifelines:
    """The same curves as another implementation."""

    @pytest.mark.parametrize("late", [False, True])
    def test_kaplan_meier_given_the_age(self, late: bool) -> None:
        durations, ended, entry = simulated()
        law = Remaining.fit(durations, ended, entry if late else None)
        theirs = lifelines.KaplanMeierFitter().fit(durations, ended, entry=entry if late else None)
        points = np.arange(0.0, 40)
        assert np.allclose(law.cdf(points), 1 - theirs.predict(points).to_numpy())
        curve = theirs.survival_function_["KM_estimate"]
        for age in (0.5, 3, 7.5, 12):
            for share in (0.1, 0.5, 0.8, 0.95):
                reached = curve.index[(curve <= (1 - share) * theirs.predict(age) + 1e-12) & (curve.index > age)]
                expected = reached[0] - age if len(reached) else math.inf
                assert law.given(age).quantile(share) == expected
                assert law.remaining([age], share)[0] == expected

    def test_other_ends_take_cases_out_of_the_running(self) -> None:
        durations, ended, _ = simulated()
        durations = durations + np.random.default_rng(5).random(durations.size)  # lifelines moves ties at random
        cause = np.where(np.arange(durations.size) % 3 == 0, "cancelled", "done")
        law = Remaining.fit(durations, ended, cause=cause, wanted="done")
        events = np.where(ended, np.where(cause == "done", 1, 2), 0)
        theirs = lifelines.AalenJohansenFitter(calculate_variance=False).fit(durations, events, event_of_interest=1)
        points = theirs.cumulative_density_.index.to_numpy()
        assert np.allclose(law.cdf(points), theirs.cumulative_density_["CIF_1"])
        assert law.quantile(0.9) == math.inf
