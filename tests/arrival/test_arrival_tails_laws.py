"""What always holds of the ends of windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.interval import Interval
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.tails import ANCHOR, Costs, Shape, ends, ends_of_cases

cases = st.lists(st.integers(0, 40).map(float), min_size=2, max_size=60)
"""Few distinct values, so that ties are frequent."""
confidences = st.floats(0.05, 0.995)
shapes = st.sampled_from(["narrowest", "equal", "by", Costs(1, 10, 30), Costs(1, 3, 4)])


@given(cases, confidences, shapes)
def test_a_window_holds_as_often_as_stated(values: list[float], confidence: float, shape: Shape) -> None:
    """Whichever case comes last, of all orders in which the cases may come the share inside is at least the stated.

    The narrowest window below 90 % has to fit into the one of 90 %: it is tried by simulation, with the examples.
    """
    wanted = shape.confidence if isinstance(shape, Costs) else confidence
    wanted = max(wanted, ANCHOR) if shape == "narrowest" else wanted
    array, inside = np.sort(values), 0
    for last in range(len(array)):
        low, high = ends_of_cases(np.delete(array, last), wanted, shape)
        inside += low <= array[last] <= high
    assert inside >= wanted * len(array) - 1e-6


@given(cases, confidences, confidences, st.sampled_from(["narrowest", "equal", "by"]))
def test_windows_nest_in_confidence(values: list[float], first: float, second: float, shape: Shape) -> None:
    """Who asks for more confidence gets a window around the one of who asks for less, or no promise."""
    array = np.sort(values)
    inner, outer = (ends_of_cases(array, share, shape) for share in sorted((first, second)))
    assert outer[0] <= inner[0]
    assert inner[1] <= outer[1]


@given(cases, confidences, shapes)
def test_windows_do_not_depend_on_the_unit(values: list[float], confidence: float, shape: Shape) -> None:
    """Other units and another zero move the ends along, and nothing else."""
    wanted = shape.confidence if isinstance(shape, Costs) else confidence
    ends_here = ends_of_cases(np.sort(values), wanted, shape)
    exact = np.sort(values) * 4 + 8  # exact in binary, so that ties stay ties
    assert ends_of_cases(exact, wanted, shape) == tuple(end * 4 + 8 for end in ends_here)


@given(st.lists(st.integers(0, 40).map(float), min_size=9, max_size=60))
def test_the_narrowest_is_no_narrower_than_its_share_of_cases(values: list[float]) -> None:
    """A narrowest window covers the shortest stretch that holds its share of the cases seen."""
    found = ends(Empirical(values))
    assert isinstance(found, Interval)
    array = np.sort(values)
    held = int(np.ceil(0.9 * len(array)))
    assert ((array >= found.low) & (array <= found.high)).sum() >= held
