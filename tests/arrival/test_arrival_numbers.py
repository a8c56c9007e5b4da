"""Numbers in all the forms in which hosts have them, and text that was JSON."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from carepolicy.arrival._json import read
from carepolicy.arrival._numbers import amounts, is_number, is_whole, number_of, plain, written
from carepolicy.arrival.conformal import ConformalWindow
from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.remaining import Remaining
from carepolicy.arrival.route_laws import RouteLaws
from carepolicy.errors import InvalidPolicyError


class TestNumbers:
    def test_those_of_numpy_are_numbers(self) -> None:
        """A number from an array or a data frame is as good as one that was typed; truth and text are none."""
        assert all(map(is_number, (1, 0.5, np.int64(1), np.float32(0.5), math.nan)))
        assert not any(map(is_number, (True, np.True_, "1", None)))
        assert is_whole(np.int64(3), 3)
        assert not any((is_whole(2, 3), is_whole(3.0, 3), is_whole(True, 0)))

    def test_what_is_kept_is_of_python(self) -> None:
        """So that a representation needs no numpy to be read back."""
        assert [type(plain(value)) for value in (np.float32(1), np.int64(1), np.str_("a"), "b")] == [
            float,
            int,
            str,
            str,
        ]
        assert [written(value) for value in (1.5, math.inf, -math.inf)] == ["1.5", "float('inf')", "float('-inf')"]

    def test_one(self) -> None:
        """One number, or a sentence."""
        assert number_of(np.int64(3), "low") == 3.0
        with pytest.raises(InvalidPolicyError, match=r"^low is no number: 'a'; pass one$"):
            number_of("a", "low")


class TestAmounts:
    @pytest.mark.parametrize(
        "given", [[1, 2], (1, 2), range(1, 3), np.array([1, 2]), pd.Series([1, 2], dtype="Int64"), np.array(["1", "2"])]
    )
    def test_many_forms(self, given: Any) -> None:
        """A column is numbers, however it is held."""
        assert amounts(given, "minutes").tolist() == [1, 2]

    def test_missing(self) -> None:
        """What is missing is NaN."""
        assert np.isnan(amounts([1, None], "minutes")).tolist() == [False, True]
        assert np.isnan(amounts(pd.Series([1, None], dtype="Int64"), "minutes")).tolist() == [False, True]

    @pytest.mark.parametrize(
        "given",
        [
            [timedelta(minutes=90), timedelta(minutes=2)],
            np.array([5400, 120], dtype="timedelta64[s]"),
            pd.Series(pd.to_timedelta([90, 2], unit="min")),
        ],
    )
    def test_time_spans(self, given: Any) -> None:
        """Where minutes are meant they become minutes; elsewhere they are refused, as nothing says in which unit."""
        assert amounts(given, "minutes", spans=True).tolist() == [90, 2]
        with pytest.raises(InvalidPolicyError, match=r"^values holds time spans, timedelta64\["):
            amounts(given, "values")

    def test_a_span_that_is_missing(self) -> None:
        """NaT is NaN."""
        assert np.isnan(amounts(np.array(["NaT", 60], dtype="m8[s]"), "minutes", spans=True)).tolist() == [True, False]

    @pytest.mark.parametrize(
        ("given", "text"),
        [
            (["fast"], "minutes holds what is no number: ['fast']; pass one column of them"),
            (np.array(["2026-03-02"], "M8[D]"), "minutes holds times, datetime64[D]; pass numbers in one unit"),
            ([datetime(2026, 3, 2, tzinfo=UTC)], "minutes holds what is no number: [datetime.datetime("),
        ],
    )
    def test_refused(self, given: Any, text: str) -> None:
        """In one sentence."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(text)}"):
            amounts(given, "minutes", spans=True)


class TestRead:
    @pytest.mark.parametrize("fit", [DurationLaw, ConformalWindow, Remaining, RouteLaws])
    @pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"columns": 3}'])
    def test_other_text(self, fit: Any, text: str) -> None:
        """Text that no fit wrote is refused in one sentence."""
        with pytest.raises(InvalidPolicyError, match=r"^text is no .*; pass what to_json gave$"):
            fit.from_json(text)

    def test_what_was_refused_inside_is_said(self) -> None:
        """What is wrong with the data says so itself."""
        with pytest.raises(InvalidPolicyError, match=r"^low is no number: None; pass one$"):
            read("null", "number", lambda data: number_of(data, "low"))
