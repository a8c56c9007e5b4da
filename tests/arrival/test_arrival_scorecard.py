"""The scorecard of promised windows, and whether stated chances come true."""

from __future__ import annotations

import datetime as dt
import math
import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from carepolicy.arrival.scorecard import Score, score
from carepolicy.arrival.stated_and_seen import Reliability, reliability
from carepolicy.errors import InvalidPolicyError, InvalidTimeError

NAN, INF = math.nan, math.inf
UTC = dt.UTC
TEN: dict[str, Any] = {"low": [0] * 10, "high": [30] * 10, "actual": [-2, 0, 5, 10, 15, 20, 25, 30, 31, 40]}
"""Ten half hours: one visit early by 2, two late by 1 and by 10, one on each end."""


class TestScore:
    """What the figures are."""

    held = score(**TEN, confidence=0.8)

    def test_both_ends_are_inside(self) -> None:
        """A visit at the very end of its window is kept, one a moment early is not."""
        assert (self.held.count, self.held.coverage, self.held.early, self.held.late) == (10, 0.7, 0.1, 0.2)

    def test_widths(self) -> None:
        """The mean and the median of uneven windows."""
        held = score([0, 0, 0], [10, 20, 60], [5, 5, 5])
        assert (held.mean_width, held.median_width) == (30.0, 20.0)

    def test_the_interval_score_adds_what_was_missed_by(self) -> None:
        """At 80 % a minute outside counts as ten of width: 30 + 10 * (2 + 1 + 10) / 10."""
        assert self.held.interval_score == pytest.approx(43)

    def test_standard_errors(self) -> None:
        """Binomial for shares, of the mean for the others."""
        marks = np.array([20.0, 0, 0, 0, 0, 0, 0, 0, 10, 100])
        expected = {
            "coverage": math.sqrt(0.7 * 0.3 / 10),
            "early": math.sqrt(0.1 * 0.9 / 10),
            "late": math.sqrt(0.2 * 0.8 / 10),
            "mean_width": 0.0,
            "interval_score": marks.std(ddof=1) / math.sqrt(10),
        }
        assert self.held.standard_errors == pytest.approx(expected)

    def test_rows_of_a_cluster_do_not_err_independently(self) -> None:
        """Two route-days, all kept and all missed, are worth two cases and not ten."""
        day = [1] * 5 + [2] * 5
        held = score(0, 30, [10] * 5 + [50] * 5, clusters=day)
        assert held.coverage_se == pytest.approx(0.5)
        assert score(0, 30, [10] * 10, clusters=[1] * 10).coverage_se != 0  # one cluster says nothing
        assert math.isnan(score(0, 30, [10] * 10, clusters=[1] * 10).coverage_se)

    def test_whether_it_keeps_what_was_promised(self) -> None:
        """70 % of ten are within two standard errors of 80 %, and not of 99.9 %."""
        assert self.held.keeps
        assert not score(**TEN, confidence=0.999).keeps

    def test_one_window_for_all(self) -> None:
        """A fixed window need not be written out for each row."""
        assert score(0, 30, TEN["actual"], confidence=0.8) == self.held

    def test_nothing_to_score(self) -> None:
        """No rows: no figures, and no error."""
        empty = score([], [], [])
        assert empty.count == 0
        assert all(math.isnan(value) for value in (empty.coverage, empty.mean_width, empty.median_width))
        assert not empty.keeps


class TestNotJudged:
    """What is counted apart."""

    def test_promises_without_an_end(self) -> None:
        """An infinite end is no width to be averaged; NaN ends are no promise."""
        held = score([0, 0, NAN, 0], [30, INF, 30, NAN], [10, 10, 10, 10])
        assert (held.count, held.unbounded, held.mean_width, held.coverage) == (1, 3, 30.0, 1.0)

    def test_open_cases(self) -> None:
        """Without a now they are only counted."""
        held = score(0, 30, [10, None, NAN])
        assert (held.count, held.open) == (1, 2)

    def test_open_cases_whose_window_has_passed_are_late(self) -> None:
        """At 45, fifteen minutes after the end and counting."""
        held = score([0, 40], [30, 60], [None, None], at=45, confidence=0.8)
        assert (held.count, held.open, held.late) == (1, 1, 1.0)
        assert held.interval_score == pytest.approx(30 + 10 * 15)

    def test_each_may_have_an_age_of_its_own(self) -> None:
        """Durations count from different starts."""
        held = score(0, 30, [None, None, 10], at=[20, 40, NAN])
        assert (held.count, held.open, held.late) == (2, 1, 0.5)

    def test_no_lower_end(self) -> None:
        """A bound from above has no width, but is kept or not."""
        held = score(-INF, 30, [10, 40])
        assert (held.coverage, held.late, held.mean_width) == (0.5, 0.5, INF)
        assert math.isnan(held.mean_width_se)


class TestParts:
    """By group and over time."""

    def test_by_labels(self) -> None:
        """Each group in the order of its name."""
        held = score(0, 30, [10, 50, 10], by=["S", "N", "S"])
        assert [(name, one.coverage) for name, one in held.groups] == [("N", 0.0), ("S", 1.0)]

    def test_by_columns(self) -> None:
        """A mapping of one column is that column; several make tuples; a data frame is the same."""
        columns = {"zone": ["S", "N", "S"], "kind": [2, 1, 2]}
        assert [name for name, _ in score(0, 30, [1, 1, 1], by={"zone": columns["zone"]}).groups] == ["N", "S"]
        found = score(0, 30, [1, 1, 1], by=columns)
        assert [name for name, _ in found.groups] == [("N", 1), ("S", 2)]
        assert found == score(0, 30, [1, 1, 1], by=pd.DataFrame(columns))

    def test_labels_that_cannot_be_compared(self) -> None:
        """A missing group stands in the order of its text."""
        assert [name for name, _ in score(0, 30, [1, 1, 1], by=["b", None, 1]).groups] == [1, None, "b"]

    def test_over_months(self) -> None:
        """Months are those of the zone: in Paris 23:30 UTC on the last of March is April."""
        times = [dt.datetime(2026, 3, 31, 23, 30, tzinfo=UTC), dt.datetime(2026, 2, 1, tzinfo=UTC)]
        assert [name for name, _ in score(0, 30, [1, 1], over=times).periods] == ["2026-02", "2026-03"]
        held = score(
            0,
            30,
            [1, 1],
            over=np.array([time.replace(tzinfo=None) for time in times], dtype="datetime64[us]"),
            zone="Europe/Paris",
        )
        assert [name for name, _ in held.periods] == ["2026-02", "2026-04"]
        assert held.periods == score(0, 30, [1, 1], over=pd.Series(times), zone="Europe/Paris").periods

    def test_over_labels(self) -> None:
        """Weeks, or whatever the host counts in."""
        assert [name for name, _ in score(0, 30, [1, 1], over=["W10", "W09"]).periods] == ["W09", "W10"]

    def test_over_nothing(self) -> None:
        """No rows have no periods."""
        assert score([], [], [], over=np.array([], dtype="datetime64[us]"), by=[]).periods == ()

    def test_clusters_within_groups(self) -> None:
        """A group has the standard errors of its own clusters."""
        held = score(0, 30, [10, 50, 10, 50], by=["a", "a", "b", "b"], clusters=[1, 2, 3, 3])
        assert [one.coverage_se for _, one in held.groups] == [pytest.approx(0.5), pytest.approx(NAN, nan_ok=True)]

    def test_explained_as_a_table(self) -> None:
        """One line for all, one for each group, one for each period."""
        held = score(**TEN, confidence=0.8, by=["N"] * 8 + ["S"] * 2, over=["W1"] * 10)
        assert held.explain() == (
            "     judged  inside         early  late    width   interval score  open  unbounded\n"
            "all  10      70.0% ± 14.5%  10.0%  20.0%   30 ± 0  43 ± 9.894      0     0\n"
            "N    8       87.5% ± 11.7%  12.5%  0.0%    30 ± 0  32.5 ± 2.5      0     0\n"
            "S    2       0.0% ± 0.0%    0.0%   100.0%  30 ± 0  85 ± 45         0     0\n"
            "W1   10      70.0% ± 14.5%  10.0%  20.0%   30 ± 0  43 ± 9.894      0     0"
        )


class TestTimes:
    """Instants are scored in minutes."""

    nine = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)

    def test_aware_datetimes(self) -> None:
        """One visit in time, one still open after its window."""
        low, high = [self.nine] * 2, [self.nine + dt.timedelta(minutes=45)] * 2
        held = score(low, high, [self.nine, None], at="2026-03-02T09:50Z")
        assert (held.coverage, held.late, held.mean_width) == (0.5, 0.5, 45.0)

    def test_columns_of_times(self) -> None:
        """The same from a column of times with NaT."""
        low = np.array(["2026-03-02T09:00"] * 2, dtype="datetime64[s]")
        actual = np.array(["2026-03-02T09:00", "NaT"], dtype="datetime64[us]")
        held = score(low, low + np.timedelta64(45, "m"), actual, at=self.nine + dt.timedelta(minutes=50))
        assert (held.coverage, held.late, held.mean_width) == (0.5, 0.5, 45.0)


class TestValue:
    """A score is a value."""

    @pytest.mark.parametrize("held", [score(**TEN, by=["a"] * 10), score([], [], []), score(-INF, 30, [10])])
    def test_round_trips(self, held: Score) -> None:
        """Also where figures are missing or infinite."""
        assert eval(repr(held)) == held == pickle.loads(pickle.dumps(held))
        assert hash(eval(repr(held))) == hash(held) or held.count == 0


class TestRefused:
    """Rows that cannot be meant are refused in one sentence."""

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            (
                {"low": [1, 2], "high": 3, "actual": [1]},
                "low has the shape (2,) for 1 rows; pass one a row, or one for all",
            ),
            (
                {"low": [0, 9], "high": 3, "actual": [1, 1]},
                "low is after high: 9.0 at position 1; correct the row or leave it out",
            ),
            (
                {"low": 0, "high": 3, "actual": [1, INF]},
                "actual must be finite, or missing: inf at position 1; correct the row or leave it out",
            ),
            ({"low": 0, "high": 3, "actual": ["x"]}, None),
            ({"low": 0, "high": 3, "actual": [{}]}, "actual holds neither numbers nor times; pass one column of them"),
            ({"low": 0, "high": 3, "actual": [1], "by": {}}, "by has no columns; pass at least one, or leave it out"),
            (
                {"low": 0, "high": 3, "actual": [1], "by": ["a", "b"]},
                "column 'by' has 2 values for 1 jobs; pass one for each",
            ),
            (
                {"low": 0, "high": 3, "actual": [1], "over": np.array(["NaT"], dtype="datetime64[us]")},
                "over has times that are missing; fill them, or leave these rows out",
            ),
            (
                {"low": 0, "high": 3, "actual": [1], "confidence": 90},
                "confidence must be a share between 0 and 1, got 90; write 0.9 for 90 %",
            ),
        ],
    )
    def test_rows(self, how: dict[str, Any], message: str | None) -> None:
        """The text names the column, what it was, and what would do."""
        kind: type[ValueError] = InvalidPolicyError if message else InvalidTimeError
        message = message or "actual is not an ISO 8601 time: 'x'; write e.g. '2026-03-02T09:00+01:00'"
        with pytest.raises(kind, match=f"^{re.escape(message)}$"):
            score(**how)


class TestReliability:
    """Whether stated chances come true."""

    found = reliability([0.05, 0.1, 0.35, 0.32, 1.0, 1.0], [0, 0, 1, 0, 1, 1])

    def test_rows(self) -> None:
        """By tenths, the last with its upper end; a chance of exactly 0.1 begins the second."""
        rows = [(row.low, row.high, row.count, round(row.stated, 3), row.seen) for row in self.found.rows]
        assert rows == [
            (0.0, 0.1, 1, 0.05, 0.0),
            (0.1, 0.2, 1, 0.1, 0.0),
            (0.3, 0.4, 2, 0.335, 0.5),
            (0.9, 1.0, 2, 1.0, 1.0),
        ]
        assert self.found.rows[2].seen_se == pytest.approx(math.sqrt(0.25 / 2))

    def test_brier_score(self) -> None:
        """The mean squared distance."""
        squares = [0.05**2, 0.1**2, 0.65**2, 0.32**2, 0, 0]
        assert self.found.brier == pytest.approx(np.mean(squares))
        assert self.found.brier_se == pytest.approx(np.std(squares, ddof=1) / math.sqrt(6))
        assert (self.found.count, self.found.happened) == (6, 0.5)

    def test_clusters(self) -> None:
        """Cases of one cluster are one."""
        apart = reliability([0.5] * 4, [1, 1, 0, 0])
        together = reliability([0.5] * 4, [1, 1, 0, 0], clusters=["a", "a", "b", "b"])
        assert [apart.rows[0].seen_se, together.rows[0].seen_se] == pytest.approx([0.25, 0.5])

    def test_explained_as_a_table(self) -> None:
        """A line for each row, and the Brier score."""
        assert reliability([0.5] * 4, [1, 1, 0, 0]).explain() == (
            " stated            seen  cases\n  50.0%   50.0% ± 25.0%  4\nBrier score 0.2500 ± 0.0000, 4 cases"
        )

    def test_nothing(self) -> None:
        """No cases have no rows."""
        assert reliability([], []).rows == ()
        assert eval(repr(reliability([], [])), {"Reliability": Reliability}) == reliability([], [])

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"stated": [90], "happened": [1]}, "stated must be chances from 0 to 1, got 90.0; write 0.9 for 90 %"),
            ({"stated": [NAN], "happened": [1]}, "stated must be chances from 0 to 1, got nan; write 0.9 for 90 %"),
            (
                {"stated": [0.9], "happened": [None]},
                "happened must say yes or no for each case; leave out the cases that are still open",
            ),
            ({"stated": [0.9], "happened": [1], "bins": 0}, "bins must be a whole number from 1, got 0; use 10"),
        ],
    )
    def test_refused(self, how: dict[str, Any], message: str) -> None:
        """The text names the column, what it was, and what would do."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(message)}$"):
            reliability(**how)


class TestColumnsOfFrames:
    """Times as data frames have them: widths are in minutes, whatever the frame."""

    NINE = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)
    TIMES = (NINE, NINE + dt.timedelta(hours=1), NINE + dt.timedelta(minutes=70))

    @pytest.mark.parametrize(
        "column",
        [
            lambda at: pd.Series([at, at]),
            lambda at: pd.Series([at, at], dtype=object),
            lambda at: pd.Series([at.replace(tzinfo=None)] * 2),
            lambda at: pl.Series([at, at]),
            lambda at: pl.Series([at.replace(tzinfo=None)] * 2),
            lambda at: [at, at],
        ],
    )
    def test_times(self, column: Any) -> None:
        """A column of times of pandas or polars, with a zone or in UTC, or a list."""
        found = score(*map(column, self.TIMES))
        assert (found.mean_width, found.late, round(found.interval_score)) == (60, 1, 260)

    def test_time_spans(self) -> None:
        """Durations from the subtraction of two columns are in minutes too."""
        found = score(*(pd.Series(pd.to_timedelta([span, span], unit="min")) for span in (30, 60, 70)))
        assert (found.mean_width, found.late) == (30, 1)

    @pytest.mark.parametrize("actual", [[NINE, pd.NaT], [pd.NaT, None], pd.Series([pd.NaT, NINE], dtype=object)])
    def test_missing(self, actual: Any) -> None:
        """NaT in a list or a column of objects is a case that is still open."""
        assert score(self.NINE, self.TIMES[1], actual).open >= 1
