"""Laws that are stated and not measured, and how cases take over."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

from carepolicy.arrival.interval import Interval
from carepolicy.arrival.law import Empirical, Law
from carepolicy.arrival.stated import Blended, Stated
from carepolicy.arrival.tails import ends
from carepolicy.errors import InvalidPolicyError

FOREMAN = Stated(20, 45, 120, why="the foreman says so")


class TestStated:
    """It goes through the three numbers, and says that nobody measured it."""

    def test_is_a_law(self) -> None:
        assert isinstance(FOREMAN, Law)
        assert isinstance(FOREMAN.update([30]), Law)

    def test_goes_through_the_three_numbers(self) -> None:
        law = Stated(20, 45, 120, confidence=0.8)
        assert np.allclose(law.quantile([0.1, 0.5, 0.9]), [20, 45, 120])
        assert np.allclose(law.cdf([20, 45, 120]), [0.1, 0.5, 0.9])

    def test_is_never_below_nothing_and_never_certain(self) -> None:
        assert FOREMAN.quantile([0, 1]).tolist() == [0, math.inf]
        assert FOREMAN.cdf([-5, 0]).tolist() == [0, 0]

    def test_a_window_of_it_says_where_it_comes_from(self) -> None:
        found = ends(FOREMAN, 0.9, "equal")
        assert isinstance(found, Interval)
        assert np.allclose([found.low, found.high], [20, 120])
        assert (found.observations, found.why) == (0, "the foreman says so")

    def test_nearly_everybody_is_not_stated(self) -> None:
        """The longest time is not known, and nothing makes it up."""
        assert FOREMAN.quantile(0.999) > 300

    @pytest.mark.parametrize(
        ("law", "shares"),
        [
            (Stated(30, 30, 30, confidence=0.5), [0, 0, 1, 1]),
            (Stated(30, 30, 60, confidence=0.5), [0, 0, 0.5, 0.75]),
            (Stated(15, 30, 30, confidence=0.5), [0.25, 0.26, 1, 1]),
        ],
    )
    def test_a_side_without_spread_is_a_step(self, law: Stated, shares: list[float]) -> None:
        assert law.cdf([15, 15.5, 30, 60]).round(2).tolist() == shares
        assert law.quantile(0.5) == 30

    def test_no_spread_at_all(self) -> None:
        assert Stated(30, 30, 30).quantile([0, 0.3, 1]).tolist() == [30, 30, 30]

    @pytest.mark.parametrize(
        "numbers", [(0, 1, 2), (-1, 1, 2), (3, 2, 4), (1, 3, 2), (1, 2, math.inf), (1, math.nan, 2)]
    )
    def test_numbers_out_of_order_are_refused(self, numbers: tuple[float, float, float]) -> None:
        with pytest.raises(InvalidPolicyError, match=r"low, likely and high are not in order: .*; state three numbers"):
            Stated(*numbers)

    def test_a_confidence_that_is_no_share_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match="confidence must be a share between 0 and 1, got 90"):
            Stated(1, 2, 3, confidence=90)

    def test_rebuilt_from_its_words(self) -> None:
        for value in (FOREMAN, FOREMAN.update([30, 40], worth=5)):
            assert eval(repr(value), {"Stated": Stated, "Blended": Blended, "Empirical": Empirical}) == value
            assert pickle.loads(pickle.dumps(value)) == value


class TestBlended:
    """What was stated weighs less with every case."""

    def test_the_statement_counts_as_so_many_cases(self) -> None:
        law = FOREMAN.update([10.0] * 30, worth=10)
        assert math.isclose(law.cdf(10), 0.75 + 0.25 * FOREMAN.cdf(10))
        assert (law.observations, law.why) == (30, "the foreman says so, worth 10 cases, and 30 cases seen")

    def test_many_cases_decide_alone(self) -> None:
        cases = np.random.default_rng(3).lognormal(5, 0.3, 20_000)
        law, seen = FOREMAN.update(cases), Empirical(cases)
        assert np.allclose(law.quantile([0.1, 0.5, 0.9]), seen.quantile([0.1, 0.5, 0.9]), rtol=0.01)

    def test_step_by_step_is_the_same_as_at_once(self) -> None:
        assert FOREMAN.update([30, 90]).update([40]) == FOREMAN.update([40, 90, 30])

    def test_the_whole_is_without_bound(self) -> None:
        assert FOREMAN.update([30]).quantile([0.5, 1]).tolist()[1] == math.inf

    def test_a_window_of_it_rests_on_the_cases_too(self) -> None:
        found = ends(FOREMAN.update([50.0] * 200, worth=1), 0.9)
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.observations) == (50, 50, 200)

    def test_a_statement_worth_nothing_is_refused(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match=r"worth must be above 0, got 0\.0; without a statement, use the cases"
        ):
            FOREMAN.update([30], worth=0)
        with pytest.raises(InvalidPolicyError, match=r"worth is no number: 'much'; pass one"):
            FOREMAN.update([30], worth="much")  # type: ignore[arg-type]

    def test_no_case_is_no_update(self) -> None:
        with pytest.raises(InvalidPolicyError, match="values are empty"):
            FOREMAN.update([])


@pytest.mark.parametrize("given", ["fast", None])
def test_what_is_stated_are_numbers(given: Any) -> None:
    """Anything else is refused in a sentence."""
    with pytest.raises(InvalidPolicyError, match=r"^likely is no number: .*; pass one$"):
        Stated(1, given, 3)
