"""Windows of a model made to hold: per tail, together, by group, and when too few jobs are known."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from carepolicy.arrival.conformal import ConformalWindow, Tails
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.errors import InvalidPolicyError, InvalidTableError

RNG = np.random.default_rng(8)
ACTUAL = RNG.lognormal(3.5, 0.5, 400)
LOW, HIGH = np.full(400, 20.0), np.full(400, 60.0)
ZONES = np.array(["N", "S"])[(np.arange(400) % 8 == 0).astype(int)]
FIT = ConformalWindow.fit(LOW, HIGH, ACTUAL)


class TestCorrections:
    """What is added comes from how far outside the actual ends were."""

    def test_each_tail_has_its_own(self) -> None:
        low, high = FIT.adjust([20], [60])
        wanted = math.ceil(401 * 0.95) - 1
        assert low[0] == 20 - np.sort(20 - ACTUAL)[wanted]
        assert high[0] == 60 + np.sort(ACTUAL - 60)[wanted]

    def test_together_both_ends_move_by_the_same(self) -> None:
        low, high = ConformalWindow.fit(LOW, HIGH, ACTUAL, tails="together").adjust([20], [60])
        score = np.sort(np.maximum(20 - ACTUAL, ACTUAL - 60))[math.ceil(401 * 0.9) - 1]
        assert (low[0], high[0]) == (20 - score, 60 + score)

    def test_by_promises_the_high_end_only(self) -> None:
        without_low = np.full(400, -math.inf)
        low, high = ConformalWindow.fit(without_low, HIGH, ACTUAL, tails="by").adjust([20], [60])
        assert low[0] == -math.inf
        assert math.isclose(high[0], np.sort(ACTUAL)[math.ceil(401 * 0.9) - 1])

    def test_windows_that_are_too_wide_become_narrower_but_never_empty(self) -> None:
        """A window narrower than any seen becomes a point; one without bound stays so."""
        wide = ConformalWindow.fit([0] * 19, [100] * 19, [50] * 19)
        low, high = wide.adjust([0, 30, -math.inf], [100, 60, math.inf])
        assert low.tolist() == [50, 45, -math.inf]
        assert high.tolist() == [50, 45, math.inf]

    def test_a_window_that_would_be_empty_is_that_of_the_smallest_share_at_which_it_is_not(self) -> None:
        rng = np.random.default_rng(2)
        low, high = np.full(300, 10.0), np.full(300, 90.0)
        low[0], high[0] = 49.0, 51.0
        fit = ConformalWindow.fit(low, high, rng.normal(50, 5, 300), 0.5)
        low, high = fit.adjust([49, 20], [51, 80])
        assert 0 <= high[0] - low[0] < 1
        assert high[1] > low[1]

    @pytest.mark.parametrize(("tails", "needed"), [("each", 19), ("together", 9), ("by", 9)])
    def test_too_few_jobs_leave_the_end_without_bound(self, tails: Tails, needed: int) -> None:
        for jobs in (needed - 1, needed):
            fit = ConformalWindow.fit([0] * jobs, [9] * jobs, range(jobs), tails=tails)
            assert math.isinf(fit.adjust([0], [9])[1][0]) == (jobs < needed)


class TestGroups:
    """A group has its own corrections where it is large enough."""

    def test_large_groups_have_their_own_and_small_ones_those_of_all(self) -> None:
        fit = ConformalWindow.fit(LOW, HIGH, ACTUAL, by=ZONES, at_least=60)
        low, high = fit.adjust([20] * 4, [60] * 4, by=["N", "S", "new", None])
        alone = ConformalWindow.fit(LOW[:350], HIGH[:350], ACTUAL[ZONES == "N"]).adjust([20], [60])
        everybody = FIT.adjust([20], [60])
        assert (low[0], high[0]) == (alone[0][0], alone[1][0])
        for row in (1, 2, 3):
            assert (low[row], high[row]) == (everybody[0][0], everybody[1][0])

    def test_small_groups_are_corrected_as_all_small_ones_together(self) -> None:
        small = np.where(np.arange(400) % 8 == 0, np.arange(400).astype(str), "N")
        fit = ConformalWindow.fit(LOW, HIGH, ACTUAL, by=small, at_least=40)
        alone = ConformalWindow.fit(LOW[:50], HIGH[:50], ACTUAL[small != "N"]).adjust([20], [60])
        assert np.array_equal(fit.adjust([20], [60], by=["new"]), alone)

    def test_several_columns_make_a_group(self) -> None:
        by = {"zone": ZONES, "kind": ["a", "b"] * 200}
        fit = ConformalWindow.fit(LOW, HIGH, ACTUAL, by=by)
        assert fit.columns == ("zone", "kind")
        frame = pd.DataFrame({"kind": ["b"], "zone": ["N"]})
        which = (ZONES == "N") & (np.arange(400) % 2 == 1)
        alone = ConformalWindow.fit(LOW[which], HIGH[which], ACTUAL[which])
        assert np.array_equal(fit.adjust([20], [60], by=frame), alone.adjust([20], [60]))

    def test_what_a_group_cannot_carry_lies_around_what_it_can(self) -> None:
        actual = [*range(100, 125), *(job % 40 for job in range(400))]
        by = ["slow"] * 25 + ["all"] * 400
        fit = ConformalWindow.fit([0] * 425, [10] * 425, actual, 0.97, by=by, at_least=20)
        assert fit.adjust([0], [10], by=["slow"])[1][0] == 124


class TestValue:
    """A fit is a value."""

    @pytest.mark.parametrize("tails", ["each", "together", "by"])
    def test_json_gives_the_same_back(self, tails: Tails) -> None:
        fit = ConformalWindow.fit(LOW, HIGH, ACTUAL, 0.8, by=ZONES, tails=tails)
        assert ConformalWindow.from_json(fit.to_json()) == fit
        assert pickle.loads(pickle.dumps(fit)) == fit

    def test_other_terms_or_jobs_are_another_fit(self) -> None:
        assert ConformalWindow.fit(LOW, HIGH, ACTUAL, 0.8) != FIT
        assert ConformalWindow.fit(LOW, HIGH, ACTUAL + 1) != FIT
        assert FIT != "fit"

    def test_short_words_for_it(self) -> None:
        assert repr(FIT) == "<ConformalWindow at 90 %, tails each, from 400 jobs>"


def test_a_window_without_end_is_none_to_correct() -> None:
    """The reason is the model's window, not the number of cases."""
    kept = ConformalWindow.fit([30] * 40, [60] * 40, range(25, 65))
    for low, high in ((30, math.inf), (-math.inf, 60)):
        found = kept.window(low, high)
        assert found == NoPromise("the window of the model has no end to correct; give both", observations=40)


class TestRefused:
    """Bad input is named."""

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (
                lambda: ConformalWindow.fit([1], [2], [1], tails="late"),  # type: ignore[arg-type]
                "tails are not known: 'late'; use one of 'each'",
            ),
            (lambda: ConformalWindow.fit([1], [2], [1], at_least=0), "at_least must be a whole number from 1, got 0"),
            (lambda: ConformalWindow.fit([1], [2], [1], 1.5), "confidence must be a share between 0 and 1, got 1.5"),
            (lambda: ConformalWindow.fit([1], [2, 3], [1]), "low and high must be one-dimensional and of one length"),
            (lambda: ConformalWindow.fit([1, 5], [2, 3], [1, 1]), "low is not before high, row 1: low=5.0, high=3.0"),
            (lambda: ConformalWindow.fit([1], [math.nan], [1]), "low is not before high, row 0: low=1.0, high=nan"),
            (lambda: ConformalWindow.fit([1], [2], [1, 2]), "actual has 2 values for 1 windows; pass one for each"),
            (lambda: ConformalWindow.fit([1], [2], [math.nan]), "actual must be finite, row 0 is nan; for open jobs"),
            (lambda: ConformalWindow.fit([1], [math.inf], [1]), "window without bound, row 0; leave out what was not"),
            (
                lambda: ConformalWindow.fit([1], [2], [1], by=["a"]).adjust([1], [2]),
                "by is missing; it was fitted by 'by'",
            ),
        ],
    )
    def test_in_a_sentence(self, call: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            call()
        assert text in str(caught.value)

    def test_a_column_that_is_missing(self) -> None:
        with pytest.raises(InvalidTableError, match="column is missing: 'zone'; there are 'by'"):
            ConformalWindow.fit([1], [2], [1], by={"zone": ["N"]}).adjust([1], [2], by=["N"])


class TestOneJob:
    """Numbers for one job, as the calibrator of live windows gives them."""

    def test_numbers_in_numbers_out(self) -> None:
        """One pair of ends is corrected as the same pair among many."""
        low, high = FIT.adjust([30], [50])
        assert FIT.adjust(30, 50) == (float(low[0]), float(high[0]))
        by_zone = ConformalWindow.fit(LOW, HIGH, ACTUAL, by=ZONES)
        low, high = by_zone.adjust([30], [50], by=["S"])
        assert (
            by_zone.adjust(30, 50, by="S")
            == by_zone.adjust(30, 50, by={"by": ["S"]})
            == (float(low[0]), float(high[0]))
        )

    def test_as_a_promise(self) -> None:
        """The window of one job says what it rests on."""
        low, high = FIT.adjust(30, 50)
        why = "as the windows of 400 past jobs would have held"
        assert FIT.window(30, 50) == Interval(low, high, confidence=0.9, observations=400, why=why)
        by_zone = ConformalWindow.fit(LOW, HIGH, ACTUAL, by={"zone": ZONES})
        found = by_zone.window(30, 50, by={"zone": "S"})
        assert isinstance(found, Interval)
        assert (found.low, found.high) == by_zone.adjust(30, 50, by={"zone": ["S"]})

    @pytest.mark.parametrize(("tails", "needed"), [("each", 19), ("together", 9), ("by", 9)])
    def test_too_few(self, tails: Tails, needed: int) -> None:
        """Where the jobs do not carry it, the answer is why."""
        few = ConformalWindow.fit(30, 50, range(30, 30 + needed - 1), tails=tails)
        reason = f"{needed - 1} cases do not carry 90 %; {needed} would"
        assert few.window(30, 50) == NoPromise(reason, observations=needed - 1)
        assert isinstance(few.update(30, 50, [40]).window(30, 50), Interval)

    def test_one_pair_for_all(self) -> None:
        """Past jobs that had all the same window need not repeat it."""
        assert ConformalWindow.fit(20, 60, ACTUAL) == FIT


class TestGroupsThatAreLargeAndStillTooSmall:
    def test_all_jobs_answer(self) -> None:
        """A group that cannot carry the share is corrected as all jobs, and not as the small groups beside it."""
        zones = ["N"] * 60 + ["S"] * 300 + [f"small {at}" for at in range(60)]
        actual = np.concatenate([np.full(60, 55.0), np.full(300, 70.0), np.full(60, 500.0)])
        fit = ConformalWindow.fit(20, 60, actual, 0.98, by=zones)
        assert fit.adjust(20, 60, by="N")[1] == 500.0  # ranks of all 420, not of the 60 small ones, which carry none
        assert fit.adjust(20, 60, by="small 3")[1] == 500.0
