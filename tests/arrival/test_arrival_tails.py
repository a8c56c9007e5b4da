"""The ends of windows: ranks of cases, narrowest windows, costs, and when there is no promise."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Empirical, Law
from carepolicy.arrival.tails import Costs, Shape, ends, ends_of_cases, fewest, rank, widest_of_cases
from carepolicy.errors import InvalidPolicyError

HUNDRED = Empirical(np.arange(1, 100))


@attrs.frozen
class Exponential:
    """A law that is no list of cases; with a `plateau`, nobody has seen the rest."""

    plateau: float = 1.0

    def quantile(self, share: ArrayLike) -> NDArray[np.float64]:
        share = np.asarray(share, dtype=np.float64)
        with np.errstate(divide="ignore"):
            return np.where(share <= self.plateau, -np.log1p(-np.minimum(share, self.plateau)), math.inf)

    def cdf(self, value: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(np.minimum(1 - np.exp(-np.asarray(value, dtype=np.float64)), self.plateau))


class TestFromCases:
    """Ranks that hold for one more case, however few there are."""

    def test_equal_tails(self) -> None:
        found = ends(HUNDRED, 0.9, "equal")
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.observations) == (5, 95, 99)
        assert found.why == "ranks 5 and 95 of 99 cases"

    def test_a_bound_from_above_has_no_lower_end(self) -> None:
        found = ends(HUNDRED, 0.9, "by")
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.why) == (-math.inf, 90, "rank 90 of 99 cases")

    def test_costs_leave_out_less_where_it_costs_more(self) -> None:
        found = ends(HUNDRED, shape=Costs(width=1, early=50, late=20))
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (2, 95)
        assert math.isclose(found.confidence, 0.93)

    def test_the_narrowest_lies_where_cases_are_dense(self) -> None:
        skewed = Empirical(np.arange(1, 201) ** 2 / 200)
        narrow, equal = ends(skewed), ends(skewed, 0.9, "equal")
        assert isinstance(narrow, Interval)
        assert isinstance(equal, Interval)
        assert narrow.low < equal.low
        assert narrow.width < equal.width
        assert narrow.why == "the narrowest of 200 cases"

    def test_the_set_of_the_definition(self) -> None:
        """One more case is inside exactly if it lies in a shortest window of all cases and itself."""
        cases = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 20])
        low, high = ends_of_cases(cases, 0.8, "narrowest")
        held = rank(9, 0.8)

        def belongs(value: float) -> bool:
            everyone = np.sort(np.append(cases, value))
            widths = everyone[held - 1 :] - everyone[: len(everyone) - held + 1]
            around = (everyone[: len(widths)] <= value) & (value <= everyone[held - 1 :])
            return bool(widths[around].min(initial=math.inf) <= widths[~around].min(initial=math.inf))

        inside = [value for value in np.arange(-10, 30, 0.25) if belongs(value)]
        assert (low, high) == (inside[0], inside[-1])

    def test_cases_that_all_took_the_same(self) -> None:
        found = ends(Empirical([30.0] * 40))
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (30, 30)

    def test_a_share_between_two_per_cents_gets_the_upper_one(self) -> None:
        cases = np.arange(1.0, 100) ** 2
        low, high = ends_of_cases(cases, 0.901, "narrowest")
        assert (low, high) == ends_of_cases(cases, 0.91, "narrowest")
        assert high - low > np.ptp(ends_of_cases(cases, 0.90, "narrowest"))

    def test_below_nine_tenths_it_lies_inside_the_window_of_nine_tenths(self) -> None:
        """Two heaps: half of the cases lie in the larger one, in which the window of nine tenths reaches."""
        heaps = Empirical(np.concatenate([np.linspace(10, 20, 40), np.linspace(50, 60, 60)]))
        half, most = ends(heaps, 0.5), ends(heaps, 0.9)
        assert isinstance(half, Interval)
        assert isinstance(most, Interval)
        assert most.low <= half.low
        assert half.high <= most.high
        assert half.width < 11

    @pytest.mark.parametrize("confidence", [0.5, 0.7, 0.8])
    def test_below_nine_tenths_it_holds_as_often_as_stated(self, confidence: float) -> None:
        rng = np.random.default_rng(5)
        inside = []
        for _ in range(300):
            cases = np.sort(rng.lognormal(0, 0.6, 80))
            low, high = ends_of_cases(cases, confidence, "narrowest")
            inside.append(np.mean((low <= (more := rng.lognormal(0, 0.6, 500))) & (more <= high)))
        assert confidence - 0.005 < np.mean(inside) < confidence + 0.06


class TestTooFew:
    """Where cases cannot carry the share, there is no promise and never the largest case seen."""

    @pytest.mark.parametrize(
        ("confidence", "shape", "needed"),
        [
            (0.9, "narrowest", 9),
            (0.9, "equal", 19),
            (0.95, "by", 19),
            (0.99, "narrowest", 99),
            (0.999, "narrowest", 999),
        ],
    )
    def test_the_fewest_that_do(self, confidence: float, shape: Shape, needed: int) -> None:
        assert fewest(confidence, shape) == needed
        assert isinstance(ends(Empirical(np.arange(needed)), confidence, shape), Interval)
        assert isinstance(ends(Empirical(np.arange(needed - 1)), confidence, shape), NoPromise)

    @pytest.mark.parametrize(
        ("cases", "shape", "most"),
        [
            (99, "narrowest", 0.99),
            (50, "narrowest", 0.98),
            (150, "narrowest", 0.993),
            (39, "equal", 0.95),
            (19, "by", 0.95),
        ],
    )
    def test_the_largest_share_that_so_many_carry(self, cases: int, shape: Shape, most: float) -> None:
        values = np.arange(cases, dtype=np.float64) * 1.5
        assert widest_of_cases(values, shape) == ends_of_cases(values, most, shape)
        assert math.isfinite(widest_of_cases(values, shape)[1])
        assert fewest(most, shape) <= cases < fewest(most + (1 - most) / 2, shape)

    def test_one_case_carries_nothing(self) -> None:
        assert fewest(0.5) == 2
        assert ends(Empirical([7]), 0.5) == NoPromise("1 case does not carry 50 %; 2 would", observations=1)

    def test_the_reason_says_how_many_would_do(self) -> None:
        assert ends(Empirical([30, 45, 50])) == NoPromise("3 cases do not carry 90 %; 9 would", observations=3)


class TestFromOtherLaws:
    """Any other law is taken at its word."""

    def test_the_narrowest_of_an_exponential_begins_at_nothing(self) -> None:
        found = ends(Exponential(), 0.9)
        assert isinstance(found, Interval)
        assert found.low == 0
        assert math.isclose(found.high, math.log(10))
        assert (found.observations, found.why) == (0, "Exponential taken at its word")

    def test_equal_tails_and_a_bound(self) -> None:
        equal, by = ends(Exponential(), 0.9, "equal"), ends(Exponential(), 0.9, "by")
        assert isinstance(equal, Interval)
        assert isinstance(by, Interval)
        assert math.isclose(equal.low, -math.log(0.95))
        assert math.isclose(equal.high, -math.log(0.05))
        assert (by.low, math.isclose(by.high, math.log(10))) == (-math.inf, True)

    @pytest.mark.parametrize("confidence", [0.3, 0.8, 0.95, 0.995])
    def test_the_narrowest_of_other_shares(self, confidence: float) -> None:
        found = ends(Exponential(), confidence)
        assert isinstance(found, Interval)
        assert found.low == 0
        assert math.isclose(found.high, -math.log1p(-confidence))

    def test_a_law_whose_end_nobody_has_seen_still_says_less(self) -> None:
        found = ends(Exponential(plateau=0.8), 0.75)
        assert isinstance(found, Interval)
        assert math.isclose(found.high, math.log(4))
        assert isinstance(ends(Exponential(plateau=0.97), 0.96), Interval)
        assert isinstance(ends(Exponential(plateau=0.97), 0.98), NoPromise)

    @pytest.mark.parametrize("shape", ["narrowest", "equal", "by"])
    def test_an_end_that_nobody_has_seen(self, shape: Shape) -> None:
        assert ends(Exponential(plateau=0.8), 0.9, shape) == NoPromise(
            "the law does not say where 90 % of the cases lie; ask for less, or promise the next update"
        )


class TestRefused:
    """What no window can be made of."""

    @pytest.mark.parametrize("law", [HUNDRED, Exponential()])
    def test_an_unknown_shape(self, law: Law) -> None:
        with pytest.raises(InvalidPolicyError, match="shape is not known: 'widest'; use 'narrowest', 'equal', 'by'"):
            ends(law, 0.9, "widest")  # type: ignore[arg-type]

    def test_a_confidence_that_is_no_share(self) -> None:
        with pytest.raises(InvalidPolicyError, match="confidence must be a share between 0 and 1, got 90"):
            ends(HUNDRED, 90)

    def test_costs_that_leave_no_window(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"width / early \+ width / late is 1; keep it below 1"):
            Costs(width=1, early=2, late=2)

    def test_a_cost_that_is_none(self) -> None:
        with pytest.raises(InvalidPolicyError, match="late must be a positive number, got 0; give a cost per unit"):
            Costs(width=1, early=2, late=0)


class TestNaturalCalls:
    def test_draws_are_a_law(self) -> None:
        """Draws need not be wrapped."""
        assert ends(range(1, 100)) == ends(HUNDRED)

    def test_no_law_no_window(self) -> None:
        """Where there was no law to begin with, the answer says why: it passes through."""
        none = NoPromise("no group of this job has 50 cases")
        assert ends(none) is none

    def test_numbers_of_numpy(self) -> None:
        """What was measured in an array is kept as plain numbers."""
        costs = Costs(np.int64(1), np.int64(16), np.float32(32))
        assert repr(costs) == "Costs(width=1, early=16, late=32.0)"

    @pytest.mark.parametrize("shape", [["narrowest"], None])
    def test_a_shape_of_another_kind(self, shape: Any) -> None:
        """Is refused in a sentence."""
        with pytest.raises(InvalidPolicyError, match=r"^shape is not known: "):
            ends(HUNDRED, 0.9, shape)

    @pytest.mark.parametrize(("low", "high", "name"), [("a", 1, "low"), (0, None, "high")])
    def test_ends_are_numbers(self, low: Any, high: Any, name: str) -> None:
        """An interval of something else is refused in a sentence."""
        with pytest.raises(InvalidPolicyError, match=rf"^{name} is no number: "):
            Interval(low, high, confidence=0.9)

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [
            (2, 1, "low is not before high: low=2.0, high=1.0; swap them"),
            (math.nan, 1, "low is not before high: low=nan, high=1.0; swap them"),
            (1, math.inf, "high is without bound; say so with NoPromise and a reason"),
        ],
    )
    def test_ends_in_order(self, low: float, high: float, said: str) -> None:
        """And the high one is somewhere."""
        with pytest.raises(InvalidPolicyError, match=f"^{said}$"):
            Interval(low, high, confidence=0.9)

    def test_a_value_lies_inside(self) -> None:
        """Both ends included."""
        told = Interval(30, 75, confidence=0.9)
        assert [value in told for value in (29.9, 30, 75, 75.1)] == [False, True, True, False]

    def test_beyond_the_calendar(self) -> None:
        """An end that no calendar has is not cut off in silence."""
        with pytest.raises(InvalidPolicyError, match=r"^high reaches beyond the year 9999: 1e\+15 minutes; "):
            Interval(1, 1e15, confidence=0.9).after("2026-03-02T08:00Z")
