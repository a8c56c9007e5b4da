"""Laws of duration by group: which group answers, when nobody does, what is refused, and JSON."""

from __future__ import annotations

import math
import pickle
import re
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest

from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.law import Empirical
from carepolicy.arrival.tails import Costs
from carepolicy.errors import InvalidPolicyError, InvalidTableError

MINUTES = np.concatenate([np.arange(30.0, 90), np.arange(60.0, 80), np.arange(100.0, 160), np.arange(10.0, 15)])
ZONES = ["N"] * 80 + ["S"] * 60 + ["W"] * 5
KINDS = ["repair"] * 60 + ["install"] * 20 + ["repair"] * 65
BY = {"zone": ZONES, "kind": KINDS}
FALLBACK = [("zone", "kind"), ("zone",)]
LAW = DurationLaw.fit(MINUTES, by=BY, fallback=FALLBACK, at_least=50)


def promised(found: Interval | NoPromise) -> Interval:
    assert isinstance(found, Interval)
    return found


class TestWhoAnswers:
    """The first group of the fallback order with enough cases, and everybody in the end."""

    def test_the_finest_group_that_is_large_enough(self) -> None:
        found = promised(LAW.window(0.9, {"zone": "N", "kind": "repair"}, "equal"))
        assert (found.low, found.high, found.observations) == (32, 87, 60)
        assert found.why == "zone=N, kind=repair: the window of 60 cases"

    def test_the_parent_of_a_group_that_is_too_small(self) -> None:
        found = promised(LAW.window(0.9, {"zone": "N", "kind": "install"}))
        assert (found.observations, found.why) == (80, "zone=N: the narrowest of 80 cases")

    @pytest.mark.parametrize("given", [None, {}, {"zone": "W", "kind": "repair"}, {"kind": "repair"}, {"zone": None}])
    def test_everybody_in_the_end(self, given: Any) -> None:
        found = promised(LAW.window(0.9, given))
        assert (found.observations, found.why) == (145, "everybody: the narrowest of 145 cases")

    def test_a_job_whose_group_is_unknown_counts_only_where_that_does_not_matter(self) -> None:
        law = DurationLaw.fit(range(1, 41), {"zone": ["N", None, float("nan"), pd.NA] * 10}, at_least=10)
        assert promised(law.window(0.8, {"zone": "N"})).observations == 10
        assert promised(law.window(0.8, {"zone": math.nan})).observations == 40

    def test_the_law_itself(self) -> None:
        assert LAW.of({"zone": "S"}) == Empirical(np.arange(100.0, 160))
        assert LAW.of() == Empirical(MINUTES)

    def test_without_groups_everybody_answers(self) -> None:
        law = DurationLaw.fit(MINUTES)
        assert promised(law.window()).observations == 145
        assert [each.tolist() for each in law.windows(pd.DataFrame(index=range(2)), 0.9, "by")] == [
            [-math.inf] * 2,
            [146] * 2,
        ]

    def test_all_columns_make_a_group_unless_told_otherwise(self) -> None:
        assert DurationLaw.fit(MINUTES, BY).levels == (("zone", "kind"), ())

    def test_more_confidence_than_the_group_carries_comes_from_its_parent_around_what_the_group_says(self) -> None:
        minutes = [*range(500, 550), *np.linspace(10, 20, 500)]
        law = DurationLaw.fit(minutes, {"kind": ["rare"] * 50 + ["often"] * 500}, at_least=50)
        less, more = (promised(law.window(share, {"kind": "rare"})) for share in (0.98, 0.985))
        assert (less.observations, more.observations) == (50, 550)
        assert more.low < less.low
        assert more.high >= less.high


class TestRest:
    """Small groups speak for small groups, and large ones do not drown them."""

    MINUTES = np.concatenate([np.arange(30.0, 90), np.arange(200.0, 230), np.arange(300.0, 330), np.arange(5.0)])
    BY: ClassVar[dict[str, list[Any]]] = {"zone": ["N"] * 60 + ["S"] * 30 + ["W"] * 30 + [None] * 5}
    LAW = DurationLaw.fit(MINUTES, BY, at_least=50)

    @pytest.mark.parametrize("zone", ["S", "W", "new"])
    def test_a_small_group_is_answered_by_the_small_ones(self, zone: str) -> None:
        found = promised(self.LAW.window(0.9, {"zone": zone}, "equal"))
        assert (found.low, found.high, found.observations) == (2, 327, 65)
        assert found.why == "smaller groups of everybody: the window of 65 cases"
        alone = promised(DurationLaw.fit(self.MINUTES, self.BY, at_least=50, rest=False).window(0.9, {"zone": zone}))
        assert alone.observations == 125

    def test_a_large_group_by_itself_and_a_job_without_group_by_everybody(self) -> None:
        assert promised(self.LAW.window(0.9, {"zone": "N"})).observations == 60
        assert promised(self.LAW.window(0.9)).observations == 125

    def test_where_the_small_ones_are_not_enough_all_answer(self) -> None:
        law = DurationLaw.fit(self.MINUTES[:90], {"zone": self.BY["zone"][:90]}, at_least=50)
        assert promised(law.window(0.9, {"zone": "S"})).observations == 90

    def test_the_share_holds_for_small_groups_too(self) -> None:
        rng, inside = np.random.default_rng(9), []
        for _ in range(200):
            zone = np.where(rng.random(400) < 0.7, 0, rng.integers(1, 9, 400))
            took = rng.lognormal(3, 0.4, 400) * np.where(zone, 2, 1)
            law = DurationLaw.fit(took[:300], {"zone": zone[:300]}, at_least=50)
            small = zone[300:] > 0
            low, high = law.windows({"zone": zone[300:]}, 0.9, "equal")
            inside += ((low <= took[300:]) & (took[300:] <= high))[small].tolist()
        assert 0.89 < np.mean(inside) < 0.93


class TestNoPromise:
    """What cannot be carried is said."""

    def test_too_few_cases(self) -> None:
        law = DurationLaw.fit([30, 40, 50, 60])
        assert law.window() == NoPromise("4 cases do not carry 90 %; 9 would", observations=4)
        assert law.windows({"zone": ["N"]})[1].tolist() == [math.inf]

    def test_everybody_left_out(self) -> None:
        law = DurationLaw.fit(MINUTES, BY, FALLBACK, everybody=False)
        none = NoPromise("no group of this job has 50 cases, and everybody is left out")
        assert law.window(0.9, {"zone": "W"}) == none
        assert law.of({"zone": "W"}) == none
        assert promised(law.window(0.9, {"zone": "S"})).observations == 60

    def test_no_case_yet(self) -> None:
        law = DurationLaw.fit([], {"zone": []})
        assert law.window() == NoPromise("no case is known yet; state a law with Stated(...) until there are some")
        assert promised(law.update(MINUTES, BY).window()).observations == 145


class TestManyJobs:
    """The same answers for a table of jobs."""

    @pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame])
    @pytest.mark.parametrize("shape", ["narrowest", "equal", "by", Costs(1, 15, 30)])
    def test_each_as_if_asked_alone(self, frame: Any, shape: Any) -> None:
        jobs: dict[str, list[Any]] = {
            "zone": ["N", "S", "W", None, "N"],
            "kind": ["repair", "install", "repair", "repair", "new"],
        }
        low, high = LAW.windows(frame(jobs), 0.9, shape)
        for row in range(5):
            alone = promised(LAW.window(0.9, {name: column[row] for name, column in jobs.items()}, shape))
            assert (low[row], high[row]) == (alone.low, alone.high)

    def test_no_jobs(self) -> None:
        assert [each.size for each in LAW.windows({"zone": [], "kind": []})] == [0, 0]

    def test_more_combinations_than_a_small_table_holds(self) -> None:
        many = {name: [f"{name}{row}" for row in range(600)] for name in ("a", "b")}
        law = DurationLaw.fit(range(600), many)
        assert promised(law.window(0.9, {"a": "a1", "b": "b1"})).observations == 600
        assert law.windows(many, 0.9, "by")[1].tolist() == [540] * 600


class TestLowest:
    """What a duration can be is stated, and windows do not begin before it."""

    def test_no_time_at_all_is_a_duration_unless_told_otherwise(self) -> None:
        assert promised(DurationLaw.fit([0.0] * 30).window()).high == 0
        with pytest.raises(
            InvalidPolicyError, match=r"minutes are below the lowest of 0\.5, row 1 is 0; leave the job out"
        ):
            DurationLaw.fit([1, 0], lowest=0.5)

    def test_less_than_nothing_is_refused_unless_delays_are_meant(self) -> None:
        with pytest.raises(InvalidPolicyError, match="minutes are below the lowest of 0, row 2 is -4"):
            DurationLaw.fit([1, 0, -4, -5])
        assert promised(DurationLaw.fit(np.arange(-20, 20), lowest=-math.inf).window()).low < -15

    def test_a_window_does_not_begin_before_it(self) -> None:
        few = [1, 2, 3, 4, 5, 6, 7, 8, 30]
        assert promised(DurationLaw.fit(few).window()).low == 0
        assert promised(DurationLaw.fit(few, lowest=-math.inf).window()).low < 0


class TestRefused:
    """Bad input is named by row or column."""

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (
                lambda: DurationLaw.fit([1, math.nan]),
                "minutes must be finite, row 1 is nan; give open jobs to Remaining",
            ),
            (lambda: DurationLaw.fit([[1, 2]]), "minutes must be one-dimensional, got 2 dimensions"),
            (lambda: DurationLaw.fit([1], at_least=0), "at_least must be a whole number from 1, got 0"),
            (lambda: DurationLaw.fit([1], at_least=True), "at_least must be a whole number from 1, got True"),
            (lambda: DurationLaw.fit([1], everybody=False), "there is no group and everybody is left out"),
            (
                lambda: DurationLaw.fit([1, 2], {"zone": ["N"]}),
                "column 'zone' has 1 values for 2 jobs; pass one for each",
            ),
            (lambda: DurationLaw.fit([1], {"zone": [["N"]]}), "column 'zone' has values that make no group; use texts"),
            (
                lambda: LAW.window(0.9, {"town": "N"}),
                "given has a column that the law does not know: 'town'; known: 'zone'",
            ),
            (lambda: DurationLaw.fit([1]).window(0.9, {"zone": 1}), "does not know: 'zone'; known: none"),
            (lambda: LAW.window(1.5), "confidence must be a share between 0 and 1, got 1.5"),
            (lambda: LAW.windows(BY, 0.9, "wide"), "shape is not known: 'wide'"),  # type: ignore[arg-type]
            (lambda: DurationLaw.fit([1], {"day": [date(2026, 1, 1)]}).to_json(), "group value has no form in JSON"),
        ],
    )
    def test_in_a_sentence(self, call: Any, text: str) -> None:
        with pytest.raises(InvalidPolicyError) as caught:
            call()
        assert text in str(caught.value)

    def test_a_column_that_is_missing(self) -> None:
        with pytest.raises(InvalidTableError, match="column is missing: 'kind'; there are 'zone'"):
            LAW.windows({"zone": ["N"]})

    def test_groups_that_are_no_table(self) -> None:
        with pytest.raises(InvalidTableError, match="groups are no table: list; pass a mapping of names to columns"):
            DurationLaw.fit([1], ["N"], [("zone",)])


class TestValue:
    """A fit is a value."""

    def test_json_gives_the_same_law_back(self) -> None:
        for law in (
            LAW,
            DurationLaw.fit([1.5, -2], {"n": [1, None]}, lowest=-math.inf, rest=False),
            DurationLaw.fit([]),
        ):
            assert DurationLaw.from_json(law.to_json()) == law

    def test_pickled(self) -> None:
        assert pickle.loads(pickle.dumps(LAW)) == LAW

    def test_many_small_updates_leave_few_stretches_to_look_through(self) -> None:
        law = DurationLaw.fit(MINUTES, BY, FALLBACK)
        for minutes in range(100):
            law = law.update([minutes], {"zone": ["N"], "kind": ["repair"]})
        assert law.observations == 245
        assert len(law._runs) <= 8

    def test_other_terms_or_other_cases_are_another_law(self) -> None:
        assert DurationLaw.fit(MINUTES, BY, FALLBACK, at_least=40) != LAW
        assert DurationLaw.fit(MINUTES + 1, BY, FALLBACK) != LAW
        assert DurationLaw.fit(MINUTES[:9], {"zone": ZONES[:9], "kind": KINDS[:9]}, FALLBACK) != LAW
        assert LAW != "law"

    def test_short_words_for_it(self) -> None:
        assert repr(LAW) == "<DurationLaw of 145 cases, by zone, kind: 4 groups>"
        assert repr(DurationLaw.fit([3])) == "<DurationLaw of 1 cases, by nothing: 1 groups>"

    def test_the_cases_cannot_be_written_over(self) -> None:
        law = LAW.of()
        assert isinstance(law, Empirical)
        with pytest.raises(ValueError, match="read-only"):
            law.values[0] = 1


class TestNaturalCalls:
    """Ways of calling that a newcomer tries."""

    FRAME = pd.DataFrame({"zone": ["N"] * 60 + ["S"] * 40, "kind": ["a", "b"] * 50})

    def test_a_level_may_be_a_name(self) -> None:
        """A name alone is a group of one column."""
        law = DurationLaw.fit(range(100), by=self.FRAME, fallback=[("zone", "kind"), ("zone",)])
        assert DurationLaw.fit(range(100), by=self.FRAME, fallback=[("zone", "kind"), "zone"]) == law
        assert DurationLaw.fit(range(100), by=self.FRAME, fallback="zone").levels == (("zone",), ())

    def test_a_row_of_a_frame_is_a_job(self) -> None:
        """What is given may be a row as the frame hands it out."""
        law = DurationLaw.fit(range(100), by=self.FRAME, at_least=20)
        assert law.window(given=self.FRAME.iloc[0]) == law.window(given={"zone": "N", "kind": "a"})

    def test_numbers_of_numpy(self) -> None:
        """Shares, counts and group values from arrays are as good as typed ones, and survive JSON."""
        law = DurationLaw.fit(range(100), by={"zone": [np.int64(1), np.int64(2)] * 50}, at_least=np.int64(20))  # type: ignore[arg-type]
        assert law.window(np.float32(0.9), {"zone": np.int64(1)}) == law.window(float(np.float32(0.9)), {"zone": 1})  # type: ignore[arg-type]
        assert DurationLaw.from_json(law.to_json()) == law

    def test_spans_become_minutes(self) -> None:
        """The difference of two columns of times is what a frame has."""
        spans = pd.Series(pd.to_timedelta(range(100), unit="min"))
        assert DurationLaw.fit(spans) == DurationLaw.fit(range(100))

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (lambda: DurationLaw.fit(["fast"]), "minutes holds what is no number: ['fast']; pass one column of them"),
            (
                lambda: DurationLaw.fit([1], fallback=["zone"]),
                "by is missing; pass the columns 'zone' of the jobs",
            ),
            (
                lambda: DurationLaw.fit([1], by={"zone": ["N"]}).window(given="N"),  # type: ignore[arg-type]
                "given is no mapping of columns to values: 'N'; pass a dict",
            ),
            (
                lambda: DurationLaw.fit([1], by={"zone": ["N"]}).window(given={"zone": ["N"]}),  # type: ignore[dict-item]
                "'zone' is a value that makes no group: ['N']; use a text",
            ),
            (
                lambda: DurationLaw.fit([1], by={"zone": [math.inf]}).to_json(),
                "group value has no form in JSON: inf; fit with its text",
            ),
        ],
    )
    def test_refused(self, call: Any, text: str) -> None:
        """In one sentence: argument, problem, value; remedy."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(text)}$"):
            call()


class TestGroupsThatAreLargeAndStillTooSmall:
    """A group that answers for itself, until more is asked of it than it can carry."""

    ZONES = ["N"] * 25 + ["S"] * 100 + [f"small {at}" for at in range(25)]
    LAW = DurationLaw.fit([10.0] * 25 + [50.0] * 100 + [90.0] * 25, by={"zone": ZONES}, at_least=20)

    def test_the_whole_parent_answers(self) -> None:
        """Not the small groups in it, to which it does not belong; and theirs too, where they are too few."""
        found = [self.LAW.window(0.95, {"zone": zone}, "equal") for zone in ("N", "small 3")]
        assert [each.why for each in found if isinstance(each, Interval)] == ["everybody: the window of 150 cases"] * 2

    def test_small_groups_answer_small_ones_as_long_as_they_can(self) -> None:
        """As their own share is held then."""
        found = self.LAW.window(0.9, {"zone": "small 3"}, "equal")
        assert isinstance(found, Interval)
        assert (found.low, found.why) == (90.0, "smaller groups of everybody: the window of 25 cases")
