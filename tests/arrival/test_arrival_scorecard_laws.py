"""What always holds of a score."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.scorecard import score
from carepolicy.arrival.stated_and_seen import reliability

ends = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)
rows = st.lists(st.tuples(ends, st.integers(-20, 90), st.sampled_from("abc")), min_size=1, max_size=40)
confidences = st.sampled_from([0.5, 0.8, 0.9])
Rows = list[tuple[list[int], int, str]]


def columns(given_rows: Rows) -> tuple[list[int], list[int], list[int]]:
    return [row[0][0] for row in given_rows], [row[0][1] for row in given_rows], [row[1] for row in given_rows]


@given(rows)
def test_inside_early_and_late_are_all(some: Rows) -> None:
    """Every visit is one of the three."""
    held = score(*columns(some))
    assert held.coverage + held.early + held.late == pytest.approx(1)


@given(rows, confidences)
def test_a_score_is_that_of_a_loop(some: Rows, confidence: float) -> None:
    """One visit at a time gives the same figures."""
    held, count = score(*columns(some), confidence), len(some)
    inside = sum(low <= y <= high for (low, high), y, _ in some)
    weight = 2 / (1 - confidence)
    marks = [high - low + weight * (max(low - y, 0) + max(y - high, 0)) for (low, high), y, _ in some]
    assert held.coverage == pytest.approx(inside / count)
    assert held.mean_width == pytest.approx(sum(high - low for (low, high), _, _ in some) / count)
    assert held.interval_score == pytest.approx(sum(marks) / count)


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(some: Rows, random: object) -> None:
    """Groups and figures are the same."""
    one = score(*columns(some), by=[row[2] for row in some])
    mixed = some.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    other = score(*columns(mixed), by=[row[2] for row in mixed])
    assert one.coverage == pytest.approx(other.coverage)
    assert [(name, part.count) for name, part in one.groups] == [(name, part.count) for name, part in other.groups]
    assert one.interval_score == pytest.approx(other.interval_score)


@given(rows)
def test_groups_are_parts_of_the_whole(some: Rows) -> None:
    """The score of a group is that of its rows alone, and the counts add up."""
    held = score(*columns(some), by=[row[2] for row in some])
    for name, part in held.groups:
        assert part == score(*columns([row for row in some if row[2] == name]))
    assert sum(part.count for _, part in held.groups) == held.count


@given(rows)
def test_clusters_of_one_are_as_good_as_none(some: Rows) -> None:
    """Where every row is its own cluster, the error of a mean is the usual one."""
    held, apart = score(*columns(some), clusters=range(len(some))), score(*columns(some))
    assert held.interval_score_se == pytest.approx(apart.interval_score_se, nan_ok=True)


@given(rows, st.lists(st.booleans(), min_size=40, max_size=40))
def test_what_cannot_be_judged_changes_no_figure(some: Rows, endless: list[bool]) -> None:
    """Promises without an end, and cases that are open, are counted apart and nowhere else."""
    low, high, actual = columns(some)
    more = score([*low, 0, 0], [*high, math.inf, 30], [*actual, 5, None])
    assert (more.unbounded, more.open) == (1, 1)
    assert more.standard_errors == pytest.approx(score(low, high, actual).standard_errors, nan_ok=True)


@given(rows, st.integers(-100, 100))
def test_moving_the_clock_changes_nothing(some: Rows, by: int) -> None:
    """Windows and visits that are moved alike are scored alike."""
    low, high, actual = columns(some)
    moved = score(np.add(low, by), np.add(high, by), np.add(actual, by))
    assert moved.interval_score == pytest.approx(score(low, high, actual).interval_score)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50), st.integers(1, 20))
def test_every_chance_is_in_one_row(cases: list[tuple[float, bool]], bins: int) -> None:
    """The rows hold all cases, and each its own chances only."""
    found = reliability([chance for chance, _ in cases], [came for _, came in cases], bins=bins)
    assert sum(row.count for row in found.rows) == len(cases)
    assert all(row.low - 1e-8 <= row.stated <= row.high + 1e-8 for row in found.rows)
    assert sum(row.count * row.seen for row in found.rows) == pytest.approx(sum(came for _, came in cases))
