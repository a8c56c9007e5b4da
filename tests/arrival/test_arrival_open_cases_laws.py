"""Laws of done-by bounds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy.arrival.open_cases import OpenCases

seeds = st.integers(0, 2**32 - 1)


def fitted(seed: int, *, ahead: float = 2.5) -> OpenCases:
    rng = np.random.default_rng(seed)
    whole = (rng.pareto(rng.uniform(0.7, 3), 400) + 0.1) * 5
    reached = np.minimum(whole, rng.uniform(0.1, 60, 400))
    return OpenCases.fit(reached, reached == whole, ahead=ahead)


ages = st.lists(st.floats(0, 80), min_size=1, max_size=8)


@given(seeds, ages, st.floats(0.05, 0.99))
@settings(max_examples=40, deadline=None)
def test_a_bound_lies_ahead(seed: int, taken: list[float], confidence: float) -> None:
    """No case that is open now was promised for earlier."""
    assert (fitted(seed).done_by(taken, confidence=confidence) >= np.array(taken)).all()


@given(seeds, ages, st.floats(0.05, 0.99), st.floats(0.05, 0.99))
@settings(max_examples=40, deadline=None)
def test_bounds_nest_in_confidence(seed: int, taken: list[float], one: float, other: float) -> None:
    """Who asks for more waits as long or longer."""
    cases = fitted(seed)
    less, more = (cases.done_by(taken, confidence=share) for share in sorted((one, other)))
    assert (more >= less - 1e-9).all()


@given(seeds, ages)
@settings(max_examples=40, deadline=None)
def test_a_nearer_limit_only_takes_dates_away(seed: int, taken: list[float]) -> None:
    """A limit ahead moves no date."""
    far, near = fitted(seed, ahead=100).done_by(taken), fitted(seed, ahead=0.5).done_by(taken)
    assert ((near == far) | np.isinf(near)).all()
