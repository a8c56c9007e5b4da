"""Remaining time of open cases: censoring, other ends, late entry, and where nobody has seen the end."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Law, Steps, left_at
from carepolicy.arrival.remaining import Remaining
from carepolicy.arrival.stage import Stage
from carepolicy.arrival.work import Completion
from carepolicy.errors import InvalidPolicyError

DURATIONS = [2, 3, 3, 4, 6, 6, 9, 12]
ENDED = [True, True, False, True, True, False, True, False]
LAW = Remaining.fit(DURATIONS, ENDED)


def simulated(seed: int = 4, count: int = 500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole-day durations with many ties, a third of them open, some watched late."""
    rng = np.random.default_rng(seed)
    durations = np.ceil(rng.lognormal(2, 0.8, count))
    entry = np.where(rng.random(count) < 0.3, np.floor(durations * rng.random(count) * 0.9), 0.0)
    return durations, rng.random(count) < 0.66, entry


class TestGivenTheAge:
    """What is still to come for a case that is open at an age."""

    def test_is_a_law(self) -> None:
        assert isinstance(LAW, Law)
        assert isinstance(LAW.given(3), Law)

    def test_time_from_now_on(self) -> None:
        given = LAW.given(4)
        assert given.values.tolist() == [2, 5]
        assert np.allclose(given.shares, [0.25, 0.625])
        assert given.quantile([0, 0.25, 0.26, 0.63]).tolist() == [2, 2, 5, math.inf]
        assert np.allclose(given.cdf([-1, 1, 2, 100]), [0, 0, 0.25, 0.625])
        assert (given.observations, given.why) == (4, "4 cases that were open at an age of 4")

    def test_nobody_at_all_is_over_at_the_first_end_to_come(self) -> None:
        assert LAW.remaining([4, 5.5], 0).tolist() == [2, 0.5]

    def test_nobody_was_open_at_that_age(self) -> None:
        given = LAW.given(50)
        assert math.isinf(given.quantile(0.1))
        assert given.observations == 0
        everybody = Remaining.fit([1, 2], [True, True])
        assert everybody.given(2).quantile(0.1) == math.inf
        assert everybody.remaining([0, 1, 2, 3], 0.5).tolist() == [1, 1, math.inf, math.inf]

    def test_cases_closed_at_once_count_for_a_new_one_only(self) -> None:
        law = Remaining.fit([0, 0, 5, 5], [True] * 4)
        assert law.cdf(0) == 0.5
        assert law.given(0).quantile(0.1) == 5

    def test_an_open_case_counts_for_as_long_as_it_was_watched(self) -> None:
        closed_only = Remaining.fit([1, 2, 3], [True] * 3)
        assert closed_only.quantile(0.6) == 2
        assert Remaining.fit([1, 2, 3, 2, 9, 9], [True] * 3 + [False] * 3).quantile(0.6) == math.inf

    def test_an_age_that_is_none_is_refused(self) -> None:
        with pytest.raises(InvalidPolicyError, match="age must be finite and not negative, got -1; a case has taken"):
            LAW.given(-1)


class TestPromised:
    """With one more case that does not end, what is said holds for the very case that is asked about."""

    def test_without_open_cases_it_is_the_rank_of_one_more(self) -> None:
        law = Remaining.fit(range(1, 20), [True] * 19)
        found = law.window(0.95)
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.observations) == (-math.inf, 19, 19)
        assert found.why == "19 cases that were open at an age of 0"

    def test_given_the_age_only_those_still_open_count(self) -> None:
        law = Remaining.fit(range(1, 40), [True] * 39)
        found = law.window(0.9, age=20, shape="by")
        assert isinstance(found, Interval)
        assert (found.high, found.observations) == (18, 19)
        assert law.remaining([20, 31], 0.9, promised=True).tolist() == [18, math.inf]

    def test_few_left_are_no_promise(self) -> None:
        assert Remaining.fit(range(1, 20), [True] * 19).window(0.9, age=15) == NoPromise(
            "the law does not say where 90 % of the cases lie; ask for less, or promise the next update", observations=4
        )


class TestValue:
    """A fit is a value."""

    def test_json_gives_the_same_law_back(self) -> None:
        law = Remaining.fit(*simulated(), cause=["done", "cancelled"] * 250, wanted="done")
        for each in (law, LAW, Remaining.fit([], [])):
            assert Remaining.from_json(each.to_json()) == each
            assert pickle.loads(pickle.dumps(each)) == each

    def test_short_words_for_it(self) -> None:
        assert repr(LAW) == "<Remaining of 8 cases, 3 of them open when last seen>"

    def test_steps_are_rebuilt_from_their_words(self) -> None:
        steps = LAW.given(4)
        assert eval(repr(steps), {"Steps": Steps}) == steps

    @pytest.mark.parametrize(
        ("columns", "text"),
        [
            (([3, 5], [0.5]), "values and shares must be one-dimensional and of one length, got (2,) and (1,)"),
            (([5, 3], [0.5, 0.75]), "values must be finite and ascending, got [5.0, 3.0]; sort both columns by value"),
            (([3, math.inf], [0.5, 1]), "values must be finite and ascending, got [3.0, inf]"),
            (([3, 5], [0.75, 0.5]), "shares must be from 0 to 1 and never fall, got [0.75, 0.5]; add up what is over"),
            (([3, 5], [0.5, 1.5]), "shares must be from 0 to 1 and never fall, got [0.5, 1.5]"),
            (([3, 5], [0.5, math.nan]), "shares must be from 0 to 1 and never fall, got [0.5, nan]"),
        ],
    )
    def test_steps_that_are_no_law_are_refused(self, columns: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            Steps(*columns)
        assert str(caught.value).startswith(text)

    def test_no_case_says_nothing(self) -> None:
        assert Remaining.fit([], []).quantile(0.1) == math.inf
        assert Remaining.fit([], []).cdf(100) == 0


class TestRefused:
    """Bad input is named by row."""

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (([[1]], [[True]]), "durations must be one-dimensional, got 2 dimensions; pass one a case"),
            (([1, 2], [True]), "ended has 1 values for 2 durations; pass one for each"),
            (([1, 2], [True, True], [0]), "entry has 1 values for 2 durations; pass one for each"),
            (([1, 2], [True, True], None, ["a"], "a"), "cause has 1 values for 2 durations; pass one for each"),
            (([1, math.nan], [True, True]), "durations must be finite and not negative, row 1 is nan; leave it out"),
            (([-1, 2], [True, True]), "durations must be finite and not negative, row 0 is -1.0; leave it out"),
            (([1, 2], [True, True], [0, 2]), "entry is not before the end: row 1 enters at 2.0 and ends at 2.0"),
            (([1, 2], [True, True], None, ["a", "b"]), "cause and wanted go together: say how cases ended"),
        ],
    )
    def test_in_a_sentence(self, arguments: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            Remaining.fit(*arguments)
        assert text in str(caught.value)

    @pytest.mark.parametrize(
        ("ages", "share", "text"),
        [
            ([1, math.nan], 0.5, "ages must be finite and not negative, got nan; pass what each has taken so far"),
            ([-1], 0.5, "ages must be finite and not negative, got -1.0; pass what each has taken so far"),
            ([1, 2], [0.5, 1.5], "share must be from 0 to 1, got 1.5; write 0.9 for 90 %"),
            ([1], math.nan, "share must be from 0 to 1, got nan; write 0.9 for 90 %"),
        ],
    )
    def test_what_is_asked_for_many(self, ages: Any, share: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            LAW.remaining(ages, share)
        assert str(caught.value) == text


def test_whether_a_case_ended_is_known() -> None:
    """Neither a gap nor a word is taken for yes or no."""
    with pytest.raises(InvalidPolicyError, match=r"^ended must say yes or no, row 1 is nan; True is ended$"):
        Remaining.fit([1, 2], pd.Series([True, None], dtype="boolean"))
    with pytest.raises(InvalidPolicyError, match=r"^ended holds what is no number: \['yes', 'no'\]; "):
        Remaining.fit([1, 2], ["yes", "no"])


def test_what_is_left_of_an_open_case_is_asked_of_the_law_that_watched() -> None:
    """Who was cancelled before does not count among those that are still open, wherever the law is used."""
    law = Remaining.fit([1, 1, 2, 3], [True] * 4, cause=["cancelled", "cancelled", "done", "done"], wanted="done")
    assert left_at(law, 1.5) == law.given(1.5)
    coming = Arriving(law, since="2026-03-02T09:00Z", unit="hours").not_yet("2026-03-02T10:30Z")
    assert coming is not None
    assert coming.law.quantile(0.5).item() == 0.5
    stage = Stage("repair", law, "hours", started="2026-03-02T09:00Z")
    assert Completion([stage]).simulate(at="2026-03-02T10:30Z").chance("2026-03-02T12:00Z") == 1
