"""What always holds of stated laws."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from carepolicy.arrival.interval import Interval
from carepolicy.arrival.stated import Blended, Stated
from carepolicy.arrival.tails import Shape, ends

statements = st.lists(st.floats(1, 1000), min_size=3, max_size=3).map(lambda three: Stated(*sorted(three)))
laws = statements | st.builds(
    lambda stated, cases, worth: stated.update(cases, worth=worth),
    statements,
    st.lists(st.floats(0, 1000), min_size=1, max_size=20),
    st.floats(0.5, 50),
)
shares = st.floats(0.01, 0.99)


@given(laws, shares, shares)
def test_quantiles_never_fall(law: Stated | Blended, one: float, two: float) -> None:
    """A larger share takes at least as long."""
    less, more = law.quantile(sorted((one, two)))
    assert less <= more * (1 + 1e-12)


@given(laws, shares)
@example(Stated(1, 1, 1).update([2.0], worth=0.5), 0.5)  # all that was stated is over, and not half of the cases
def test_a_quantile_is_the_first_value_by_which_the_share_is_over(law: Stated | Blended, share: float) -> None:
    """The share is over by its quantile, and not a little before."""
    value = float(law.quantile(share))
    assert law.cdf(value * (1 + 1e-6)) >= share - 1e-9
    assert law.cdf(value - 1e-6 * max(value, 1)) <= share + 1e-9


@given(laws, st.floats(-10, 3000), st.floats(-10, 3000))
def test_the_share_that_is_over_never_falls(law: Stated | Blended, one: float, two: float) -> None:
    """Later, at least as many are over."""
    less, more = law.cdf(sorted((one, two)))
    assert 0 <= less <= more <= 1


@given(laws, shares, shares, st.sampled_from(["narrowest", "equal", "by"]))
def test_windows_nest_in_confidence(law: Stated | Blended, one: float, two: float, shape: Shape) -> None:
    """Who asks for more gets a window around the one of who asks for less."""
    less, more = (ends(law, confidence, shape) for confidence in sorted((one, two)))
    assert isinstance(less, Interval)
    assert isinstance(more, Interval)
    assert more.low <= less.low * (1 + 1e-9) or math.isinf(more.low)
    assert less.high <= more.high * (1 + 1e-9)


@given(statements, st.lists(st.floats(0, 1000), min_size=1, max_size=20), shares)
def test_a_blend_lies_between_the_statement_and_the_cases(stated: Stated, cases: list[float], share: float) -> None:
    """No quantile lies outside what was said and what was seen."""
    blended = stated.update(cases)
    ends_of = [float(stated.quantile(share)), float(blended.seen.quantile(share))]
    assert min(ends_of) <= blended.quantile(share) <= np.nextafter(max(ends_of), math.inf)
