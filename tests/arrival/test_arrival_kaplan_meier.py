"""The curve of open cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy.arrival.kaplan_meier import at_risk_table, curve
from carepolicy.errors import InvalidPolicyError

cases = st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30)


class TestCurve:
    """Examples."""

    def test_nobody_has_ended(self) -> None:
        """Without an end there is no step."""
        times, still = curve([1, 2], [False, False])
        assert (times.size, still.size) == (0, 0)

    def test_weights_of_the_last_case(self) -> None:
        """The last case at risk takes the curve to nothing, whatever sums of weights round to."""
        assert curve([1, 2, 3], [True] * 3, weights=[0.1, 0.2, 0.3])[1][-1] == 0

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            (([1, 2], [True]), "ended has 1 values for 2 durations; pass one for each"),
            (
                (np.array([1, 2], "m8[m]"), [True, True]),
                r"durations holds time spans, timedelta64\[m\]; pass numbers in",
            ),
            (([[1, 2]], [[True, True]]), "durations must be one-dimensional, got 2 dimensions; pass one a case"),
            (([1, 2], [True, None]), "ended must say yes or no, row 1 is nan; True is ended"),
            (([1, 2], ["yes", "no"]), "ended holds what is no number"),
            (([1, np.inf], [True, True]), "durations must be finite, got inf; an open case has the age reached"),
            (([1], [True], None, [0]), r"weights must be above 0, got 0.0; leave the case out"),
            (([1], [True], [1]), r"entry is not before the end: 1.0, 1.0; leave the case out"),
        ],
    )
    def test_refused(self, columns: tuple[object, ...], message: str) -> None:
        """What cannot be is refused in one sentence."""
        with pytest.raises(InvalidPolicyError, match=message):
            curve(*columns)  # type: ignore[arg-type]


@given(cases)
def test_the_table_counts_what_one_counts_by_hand(rows: list[tuple[int, bool, int]]) -> None:
    """At every age at which somebody ended: how many did, and how many were watched and open just before."""
    rows = [(age, ended, entry) for age, ended, entry in rows if entry < age]
    ages, ended, entry = ([row[n] for row in rows] for n in range(3))
    found = at_risk_table(np.array(ages, dtype=float), np.array(ended, dtype=bool), np.array(entry, dtype=float))
    expected = [
        (
            time,
            sum(age == time and over for age, over, _ in rows),
            sum(age >= time > since for age, _, since in rows),
        )
        for time in sorted({age for age, over, _ in rows if over})
    ]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_without_open_cases_it_is_the_share_still_open(ages: list[int]) -> None:
    """When all have ended the curve is the share of cases that lasted longer."""
    times, still = curve(ages, [True] * len(ages))
    assert np.allclose(still, [sum(age > time for age in ages) / len(ages) for time in times])


@given(cases, st.integers(1, 5))
def test_a_weight_counts_as_so_many_cases(rows: list[tuple[int, bool, int]], times: int) -> None:
    """A weight of three is three cases."""
    ages, ended = [row[0] for row in rows], [row[1] for row in rows]
    weighed = curve(ages, ended, weights=[float(times)] * len(rows))
    repeated = curve(ages * times, ended * times)
    assert np.allclose(weighed[1], repeated[1])


@given(cases, st.randoms())
def test_the_order_of_cases_does_not_matter(rows: list[tuple[int, bool, int]], random: object) -> None:
    """Shuffled cases give the same curve."""
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (curve([row[0] for row in each], [row[1] for row in each]) for each in (rows, mixed))
    assert one[0].tolist() == other[0].tolist()
    assert one[1].tolist() == other[1].tolist()
