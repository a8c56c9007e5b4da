"""What always holds of windows made to hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from carepolicy.arrival.conformal import ConformalWindow

jobs = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 30), st.sampled_from(["N", "S", None])),
    min_size=1,
    max_size=50,
)
confidences = st.floats(0.1, 0.98)
tails_of = st.sampled_from(["each", "together", "by"])


def columns(rows: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low = np.array([row[0] for row in rows], dtype=float)
    return low, low + [row[1] for row in rows], np.array([row[2] for row in rows], dtype=float)


@given(jobs, confidences, tails_of)
def test_adjusted_windows_hold_as_often_as_stated(rows: list[Any], confidence: float, tails: Any) -> None:
    """Whichever job comes last, of all orders in which they may come the share inside is at least the stated."""
    low, high, actual = columns(rows)
    inside = 0
    for last in range(len(rows)):
        others = np.arange(len(rows)) != last
        fit = ConformalWindow.fit(low[others], high[others], actual[others], confidence, tails=tails)
        first, end = fit.adjust(low[[last]], high[[last]])
        inside += first[0] <= actual[last] <= end[0]
    assert inside >= confidence * len(rows) - 1e-6


@given(jobs, confidences, confidences, tails_of)
def test_windows_nest_in_confidence(rows: list[Any], one: float, two: float, tails: Any) -> None:
    """Who asks for more gets a window around the one of who asks for less, by group too."""
    low, high, actual = columns(rows)
    by = [row[3] for row in rows]
    less, more = (
        ConformalWindow.fit(low, high, actual, share, by=by, at_least=5, tails=tails).adjust(low, high, by=by)
        for share in sorted((one, two))
    )
    assert (more[0] <= less[0]).all()
    assert (less[1] <= more[1]).all()


@given(jobs, st.integers(0, 50), tails_of)
def test_a_fit_then_updated_equals_a_fit_of_all(rows: list[Any], cut: int, tails: Any) -> None:
    """However the jobs are split, the corrections are the same."""
    low, high, actual = columns(rows)
    by = [row[3] for row in rows]
    first = ConformalWindow.fit(low[:cut], high[:cut], actual[:cut], by=by[:cut], tails=tails)
    assert first.update(low[cut:], high[cut:], actual[cut:], by=by[cut:]) == ConformalWindow.fit(
        low, high, actual, by=by, tails=tails
    )


@given(jobs, tails_of)
def test_json_gives_the_same_back(rows: list[Any], tails: Any) -> None:
    """Written and read again, it is the same."""
    fit = ConformalWindow.fit(*columns(rows), by=[row[3] for row in rows], tails=tails)
    assert ConformalWindow.from_json(fit.to_json()) == fit


@given(jobs, confidences, tails_of)
@example([(0, 1, 5, "N")] * 20 + [(0, 1, 5, None)] * 4, 0.9, "each")  # four small ones do not stand for all
def test_what_all_jobs_can_carry_is_said_of_every_group(rows: list[Any], confidence: float, tails: Any) -> None:
    """An end is infinite only where all jobs together are too few, however they are grouped."""
    low, high, actual = columns(rows)
    by = [row[3] for row in rows]
    alone = ConformalWindow.fit(low, high, actual, confidence, tails=tails).adjust([0], [1])
    grouped = ConformalWindow.fit(low, high, actual, confidence, by=by, at_least=3, tails=tails)
    for zone in ("N", "S", None, "unknown"):
        found = grouped.adjust([0], [1], by=[zone])
        assert [bool(np.isinf(end[0])) for end in found] == [bool(np.isinf(end[0])) for end in alone]
