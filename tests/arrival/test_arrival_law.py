"""What every law refuses to be asked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from carepolicy.arrival import Around, Blended, Empirical, Law, Reached, Remaining, Stated, Steps
from carepolicy.arrival.law import GivenAge
from carepolicy.errors import InvalidPolicyError

CASES = Empirical([10, 20, 30, 40])
LAWS: list[Law] = [
    CASES,
    Steps([10, 20], [0.5, 1]),
    Remaining.fit([10, 20], [True, True]),
    GivenAge(CASES, 15),
    Stated(10, 20, 40),
    Blended(Stated(10, 20, 40), CASES),
    Reached(CASES, 0.9),
    Around(5, CASES),
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize(
    ("share", "said"), [(90, "90.0"), ([0.5, -0.1], "-0.1"), (math.nan, "nan"), ([0.1, math.nan], "nan")]
)
def test_a_share_that_is_none_is_refused(law: Law, share: Any, said: str) -> None:
    """Who asks for 90 and means 90 % would be told the longest case that was seen."""
    with pytest.raises(InvalidPolicyError, match=rf"^share must be from 0 to 1, got {said}; write 0\.9 for 90 %$"):
        law.quantile(share)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_nobody_knows_what_is_over_by_a_time_that_is_missing(law: Law) -> None:
    """A deadline that nobody wrote down is not kept by all."""
    found = law.cdf([15, math.nan, 99])
    assert np.isnan(found).tolist() == [False, True, False]
    assert math.isnan(law.cdf(math.nan))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_none_and_all_are_shares(law: Law) -> None:
    """Both ends can be asked for, and what rounding adds to all of them."""
    assert (law.quantile([0, 1, 1 + 1e-15])[1:] >= 10).all()
