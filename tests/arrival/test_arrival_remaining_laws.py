"""What always holds of laws of remaining time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.remaining import Remaining

cases = st.lists(st.tuples(st.integers(0, 15), st.sampled_from(["open", "done", "cancelled"])), max_size=40)
shares = st.floats(0.01, 0.99)


def fitted(rows: list[tuple[int, str]], causes: bool = True) -> Remaining:
    durations, ended = [row[0] for row in rows], [row[1] != "open" for row in rows]
    if not causes:
        return Remaining.fit(durations, ended)
    return Remaining.fit(durations, ended, cause=np.array([row[1] for row in rows], dtype=object), wanted="done")


@given(cases, st.integers(1, 15))
def test_a_case_may_be_handed_over_in_pieces(rows: list[Any], age: int) -> None:
    """Open at an age, and going on from that age, is the same as handed over whole."""
    first = [(min(duration, age), "open" if duration > age else how) for duration, how in rows]
    later = [row for row in rows if row[0] > age]
    law = fitted(first).update(
        [row[0] for row in later],
        [row[1] != "open" for row in later],
        entry=[age] * len(later),
        cause=np.array([row[1] for row in later], dtype=object),
        wanted="done",
    )
    points = np.arange(0, 16)
    assert np.allclose(law.cdf(points), fitted(rows).cdf(points))


@given(cases, cases)
def test_a_fit_then_updated_equals_a_fit_of_all(first: list[Any], second: list[Any]) -> None:
    """However the cases are split, the law is the same."""
    more: dict[str, Any] = {"cause": np.array([row[1] for row in second], dtype=object), "wanted": "done"}
    updated = fitted(first).update([row[0] for row in second], [row[1] != "open" for row in second], **more)
    assert updated == fitted(first + second)


@given(cases)
def test_json_gives_the_same_law_back(rows: list[Any]) -> None:
    """Written and read again, the law is the same."""
    assert Remaining.from_json(fitted(rows).to_json()) == fitted(rows)


@given(cases, st.integers(0, 15), shares)
def test_many_ages_are_answered_as_each_alone(rows: list[Any], age: int, share: float) -> None:
    """The array form says of every age what the law given that age says."""
    law = fitted(rows)
    for promised in (False, True):
        alone = law.given(age, promised=promised).quantile(share)
        assert law.remaining([age, age], share, promised=promised).tolist() == [alone, alone]


@given(cases, st.integers(0, 15), shares)
def test_a_promise_is_never_earlier_than_the_estimate(rows: list[Any], age: int, share: float) -> None:
    """Counting one more case that does not end only makes bounds later."""
    law = fitted(rows)
    assert law.remaining([age], share)[0] <= law.remaining([age], share, promised=True)[0]


@given(st.lists(st.integers(1, 15), min_size=1, max_size=30), shares)
def test_a_promise_holds_as_often_as_stated(durations: list[int], share: float) -> None:
    """Without open cases: whichever case comes last, a share of at least the stated ends within the bound."""
    kept = 0
    for last, duration in enumerate(durations):
        others = durations[:last] + durations[last + 1 :]
        kept += duration <= Remaining.fit(others, [True] * len(others)).remaining([0], share, promised=True)[0]
    assert kept >= share * len(durations) - 1e-6


@given(cases, shares)
def test_other_ends_never_bring_the_wanted_one_forward(rows: list[Any], share: float) -> None:
    """A cancelled case is later than one that ended at the same age as wanted."""
    assert fitted(rows).quantile(share) >= fitted(rows, causes=False).quantile(share)


@given(cases, st.integers(0, 15))
def test_shares_never_fall_and_stay_below_one(rows: list[Any], age: int) -> None:
    """More time, at least as many ended; never more than all."""
    given_age = fitted(rows).given(age)
    assert (np.diff(given_age.shares) >= 0).all()
    assert given_age.cdf(math.inf) <= 1
