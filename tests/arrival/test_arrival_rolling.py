"""Live windows: what became of the latest cases corrects those to come."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import attrs
import numpy as np
import pytest

from carepolicy.arrival._corrections import Cases, Shape, moved, passed, shape_of
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.rolling import Correction, RollingCalibrator
from carepolicy.errors import InvalidPolicyError, InvalidTimeError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def stream(count: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Starts a minute apart, ends, and raw windows that are off in proportion to themselves."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(20, 60, count)
    high = 1.5 * low
    return np.arange(count, dtype=float), low * rng.uniform(1.0, 2.0, count), low, high


def known(count: int = 400, at: float = 1000.0, **settings: object) -> RollingCalibrator:
    start, lasted, low, high = stream(count)
    return RollingCalibrator(**settings).update(start, start + lasted, low, high, at=at)  # type: ignore[arg-type]


class TestUpdate:
    """What a host hands in."""

    def test_times_of_every_kind_mean_the_same(self) -> None:
        """Aware times, numpy's, pandas' and text give equal calibrators."""
        import pandas as pd

        start = [NOW - timedelta(minutes=90), NOW - timedelta(minutes=60), NOW - timedelta(minutes=30)]
        ends = [NOW - timedelta(minutes=50), NOW - timedelta(minutes=10), None]
        numpy_start, numpy_ends = (
            np.array([None if t is None else t.replace(tzinfo=None) for t in column], dtype="datetime64[us]")
            for column in (start, ends)
        )
        empty = RollingCalibrator()
        expected = empty.update(start, ends, 20, 40, at=NOW)
        assert expected == empty.update(numpy_start, numpy_ends, 20, 40, at=np.datetime64("2026-03-02T12:00"))
        naive, aware = pd.Series(numpy_start), pd.Series(numpy_start).dt.tz_localize("UTC")
        assert expected == empty.update(naive, pd.Series(numpy_ends), 20, 40, at=pd.Timestamp("2026-03-02T12:00"))
        assert expected == empty.update(aware, pd.Series(numpy_ends).dt.tz_localize("UTC"), 20, 40, at=NOW)
        assert expected == empty.update(list(naive), [*pd.Series(numpy_ends)], 20, 40, at=NOW)
        assert expected == empty.update(list(numpy_start), list(numpy_ends), 20, 40, at=NOW.isoformat())

    def test_one_case_at_a_time(self) -> None:
        """A single start, and later its end, are one case."""
        cal = RollingCalibrator().update(NOW - timedelta(hours=1), None, 20, 40, at=NOW)
        assert (len(cal), cal.in_flight) == (1, 1)
        cal = cal.update(NOW - timedelta(hours=1), NOW - timedelta(minutes=5), 20, 40, at=NOW)
        assert (len(cal), cal.in_flight) == (1, 0)

    def test_the_same_again_changes_nothing(self) -> None:
        """Handing in what is held already is no further case."""
        cal = RollingCalibrator().update([0, 5], [9, None], 3, 5, at=10)
        assert cal.update([0, 5], [9, None], 3, 5, at=10) == cal

    def test_equal_starts_and_windows(self) -> None:
        """Two rows of one update are two cases, and their ends find them later."""
        cal = RollingCalibrator().update([0, 0, 0], [None, None, 4], 3, 5, at=5)
        assert (len(cal), cal.in_flight) == (3, 2)
        cal = cal.update([0, 0, 0], [4, 7, None], 3, 5, at=8)
        assert (len(cal), cal.in_flight) == (3, 1)
        cal = cal.update([0, 0], [8, 9], 3, 5, at=10)
        assert (len(cal), cal.in_flight) == (4, 0)

    def test_the_same_word_before_an_open_case(self) -> None:
        """An end that is held already ends no other case with the same start and window."""
        cal = RollingCalibrator()
        for end in (None, 4, None, 4):
            cal = cal.update(0, end, 3, 5, at=9)
        assert (len(cal), cal.in_flight) == (2, 1)
        assert cal.update([-0.0], [4], [3], [5], at=9) == cal.update(-0.0, 4, 3, 5, at=9) == cal

    def test_names_tell_cases_apart(self) -> None:
        """With `case` the later word counts, also where it takes an end back."""
        cal = RollingCalibrator().update([0, 0], [4, None], 3, 5, at=5, case=["a", "b"])
        cal = cal.update([0, 0], [None, 6], 3, 5, at=7, case=["a", "b"])
        assert (len(cal), cal.in_flight) == (2, 1)
        assert len(cal.update(0, None, 3, 5, at=8, case=[1])) == 3

    def test_names_are_as_given(self) -> None:
        """A number among texts stays a number, alone or in columns, and numpy's are as Python's."""
        cal = RollingCalibrator().update([0, 0], None, 3, 5, at=5, case=[7, "7"])
        for again in (7, np.int64(7), "7", np.str_("7"), (7,), np.array(["7"])):
            cal = cal.update(0, None, 3, 5, at=5, case=again)
        assert len(cal) == 2

    def test_starts_and_ends_come_in_one_by_one(self) -> None:
        """Many starts and ends, each told alone, are those told at once."""
        cal, starts = RollingCalibrator(), np.arange(60.0)
        for start in starts:
            cal = cal.update(start, None, 3, 5, at=60)
        assert cal == RollingCalibrator().update(starts, None, 3, 5, at=60)
        at_once = cal.update(starts, starts + 50, 3, 5, at=200)
        for start in starts:
            cal = cal.update(start, start + 50, 3, 5, at=200)
        assert cal == at_once
        assert cal.in_flight == 0

    def test_calibrators_told_before_stay(self) -> None:
        """A calibrator is a value: who goes on from it twice gets two, and it is what it was."""
        cal = RollingCalibrator().update(0, None, 3, 5, at=1)
        ended, begun = cal.update(0, 4, 3, 5, at=9), cal.update(2, None, 3, 5, at=9)
        assert [(len(one), one.in_flight) for one in (cal, ended, begun)] == [(1, 1), (1, 0), (2, 2)]

    def test_an_end_to_come_is_not_known(self) -> None:
        """An end after `at` leaves the case open."""
        assert RollingCalibrator().update([0], [30], 3, 5, at=10).in_flight == 1

    def test_only_the_latest_are_kept(self) -> None:
        """`last` cases, by their start, whatever came first."""
        cal = RollingCalibrator(last=20).update(range(15, 30), range(16, 31), 1, 2, at=40)
        cal = cal.update(range(15), range(1, 16), 1, 2, at=40)
        assert len(cal) == 20
        assert float(cal._held.columns.started.min()) == 10

    def test_the_earliest_goes_first(self) -> None:
        """Also one by one, and where the earliest was told last."""
        cal = RollingCalibrator(last=20).update(range(11, 30), None, 1, 2, at=40)
        cal = cal.update(5, None, 1, 2, at=40).update(31, None, 1, 2, at=40)
        assert cal._held.columns.started.tolist() == [*range(11, 30), 31]

    @pytest.mark.parametrize(
        ("rows", "at", "message"),
        [
            (([0, 1], [2], 1, 2), 9, "finished has 1 values for 2 cases; pass one for each"),
            (([0, 1], None, [1, 1, 1], 2), 9, "low and high have 3 values for 2 cases; pass one for each"),
            (([0], None, [1, 2], [1, 2, 3]), 9, "low and high differ in length: 2, 3; pass one of each for a case"),
            (([0, None], None, 1, 2), 9, "started is missing at position 1; a case begins when it is promised"),
            (([10], None, 1, 2), 9, r"started is after at at position 0 \(10.0\); hand it in once it has started"),
            (
                ([5], [4], 1, 2),
                9,
                r"finished is before started at position 0 \(4.0\); correct it, or leave the case out",
            ),
            (([0], None, np.nan, 2), 9, "low must be finite, got nan; pass the raw window, before adjust"),
            (([0], None, "x", 2), 9, "low is not numbers: 'x'; pass durations in the unit"),
            ((["x"], None, 1, 2), 9, r"started is not numbers, but at is one: \['x'\]; pass times for both"),
            ((0, None, np.inf, 2), 9, "low must be finite, got inf; pass the raw window"),
            ((-np.inf, None, 1, 2), 9, r"started is missing at position 0 \(-inf\); a case begins when"),
            ((5, 4, 1, 2), 9, r"finished is before started at position 0 \(4.0\)"),
            ((NOW, 5, 1, 2), NOW, "finished is numbers, but at is a time: 5; pass times for both"),
            ((NOW, None, 1, 2), np.datetime64("NaT"), "at must be a time or a finite number, got .*NaT"),
            (([0], None, 1, 2), np.nan, "at must be a time or a finite number, got nan; pass the instant of now"),
            (([0.0], None, 1, 2), NOW, r"started is not a time: 0.0 \(float\); pass an aware datetime"),
            ((np.array([0]), None, 1, 2), NOW, r"started is numbers, but at is a time: array\(\[0\]\)"),
        ],
    )
    def test_refused(self, rows: tuple[object, ...], at: object, message: str) -> None:
        """What cannot be meant is refused in one sentence."""
        with pytest.raises((InvalidPolicyError, InvalidTimeError), match=message):
            RollingCalibrator().update(*rows, at=at)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("case", "message"),
        [
            (["a"], "case has 1 values for 2 cases; pass one for each"),
            (["a", "a"], "case comes twice in one update: 'a'; hand in its latest word only"),
            ([1.5, 2.5], "case must be texts or whole numbers, got 1.5; leave it out if there is none"),
        ],
    )
    def test_names_refused(self, case: list[object], message: str) -> None:
        """Names are texts or whole numbers, one for each case, each once."""
        with pytest.raises(InvalidPolicyError, match=message):
            RollingCalibrator().update([0, 1], None, 1, 2, at=9, case=case)

    def test_naive_times_are_refused(self) -> None:
        """A `datetime` without a zone is no instant."""
        with pytest.raises(InvalidTimeError, match="started has no time zone"):
            RollingCalibrator().update([NOW.replace(tzinfo=None)], None, 1, 2, at=NOW)

    def test_time_goes_on(self) -> None:
        """Neither does `at` go back, nor change its kind."""
        cal = RollingCalibrator().update([0], None, 1, 2, at=9)
        with pytest.raises(InvalidPolicyError, match="at goes back: 8 is before the last update"):
            cal.update([0], None, 1, 2, at=8)
        with pytest.raises(InvalidPolicyError, match="at is not of the kind of the updates before"):
            cal.update([NOW], None, 1, 2, at=NOW)


class TestAdjust:
    """What a host gets back."""

    def test_too_few_cases_are_no_promise(self) -> None:
        """Before anything is known the window has no bound, and the verdict says what is missing."""
        cal = RollingCalibrator()
        assert cal.adjust(20, 40) == (0.0, np.inf)
        assert cal.verdict() == NoPromise("0 ended cases do not carry 90 %; 19 would")
        assert isinstance(cal.window(20, 40), NoPromise)

    def test_nineteen_cases_carry_ninety_percent(self) -> None:
        """With 19 the ends are the first and the last of them."""
        cal = RollingCalibrator().update(np.zeros(19), np.arange(1.0, 20), 5, 10, at=50)
        assert cal.adjust(5, 10) == (1.0, 19.0)
        assert cal.verdict() == Correction(low=-4.0, high=9.0, cases=19, in_flight=0)

    def test_open_cases_without_end_are_no_promise(self) -> None:
        """Where more than the share that may be late is open beyond its window, nobody has seen the end."""
        ends = [*(float(n) for n in range(1, 41)), *(None for _ in range(40))]
        cal = RollingCalibrator().update(np.zeros(80), ends, 5, 10, at=50)
        verdict = cal.verdict()
        assert isinstance(verdict, NoPromise)
        assert verdict.reason == (
            "nobody has seen when the slowest 5 % end: 40 of the latest 80 cases are still open; "
            "promise the next update"
        )
        assert cal.adjust(5, 10)[1] == np.inf

    def test_all_open(self) -> None:
        """Cases that have all not ended tell nothing about an end."""
        assert passed(np.ones(3), np.zeros(3, dtype=bool), [0.5], None) == [np.inf]

    def test_by_promises_the_high_end_only(self) -> None:
        """All misses are late, and the low end says nothing."""
        both, by = known(), known(side="by")
        assert by.adjust(30, 45)[0] == 0.0
        assert by.adjust(30, 45)[1] < both.adjust(30, 45)[1]
        verdict = by.verdict()
        assert isinstance(verdict, Correction)
        assert verdict.low == -np.inf

    def test_the_shape_of_windows_is_learnt(self) -> None:
        """Windows that are off in proportion to themselves are widened in proportion."""
        low, high = known().adjust([20.0, 60.0], [30.0, 90.0])
        assert high[1] - 90 > 2 * (high[0] - 30)
        assert (low[0] >= 20, low[1] >= 60) == (True, True)

    def test_crossed_ends_are_taken_in_order(self) -> None:
        """Boosted quantiles may cross."""
        cal = known()
        assert cal.adjust(45, 30) == cal.adjust(30, 45)

    def test_window_of_one_case(self) -> None:
        """As an interval that says what it rests on."""
        cal = known()
        found = cal.window(30, 45)
        assert isinstance(found, Interval)
        assert (found.low, found.high) == cal.adjust(30, 45)
        assert found.why == "as the latest 400 cases ended, 0 of them still open"

    def test_the_shape_is_refitted_as_cases_come(self) -> None:
        """Not at every update, but when a block of starts and ends has been heard of."""
        cal = known(last=600)
        again = cal.update([990.0], None, 30, 45, at=1000)
        assert again._shape is cal._shape
        start, lasted, low, high = stream(seed=2)
        later = again.update(start + 1000, start + 1000 + lasted, low, high, at=2000)
        assert later._shape != cal._shape

    def test_equal_windows_have_no_shape(self) -> None:
        """Where the window never varies, it explains nothing: all are moved by the same."""
        start, lasted, _, _ = stream()
        cal = RollingCalibrator().update(start, start + lasted, 20, 90, at=1000)
        assert cal._shape is not None
        assert not cal._shape.slopes.any()

    def test_cases_exactly_on_their_ends(self) -> None:
        """Where every case ends at both ends of its window, nothing is added."""
        start = np.arange(300.0)
        cal = RollingCalibrator().update(start, start + 30 + start % 7, 30 + start % 7, 30 + start % 7, at=1000)
        assert cal.adjust(33, 33) == (33.0, 33.0)

    def test_the_level_follows_the_middle(self) -> None:
        """The late end of cases to come moves with the middle of the latest ones."""
        cases = Cases(
            lasted=np.r_[np.full(200, 10.0), np.full(200, 16.0)],
            ended=np.ones(400, dtype=bool),
            age=np.full(400, 50.0),
            low=np.full(400, 5.0),
            high=np.full(400, 15.0),
        )
        level, now = moved(cases, 100)
        assert (level[0], level[-1], now) == (0.0, 6.0, 6.0)
        unseen = attrs.evolve(cases, ended=np.zeros(400, dtype=bool))
        assert moved(unseen, 100)[1] == 0.0
        assert moved(cases, 300)[1] == 0.0
        assert isinstance(shape_of(cases, 100), Shape)


class TestValue:
    """It is a value."""

    def test_round_trips(self) -> None:
        """JSON and pickle give the same calibrator, open cases and windows without spread included."""
        for cal in (
            RollingCalibrator(side="by", unit="days"),
            known(),
            known().update([995.0], None, 30, 45, at=1000),
            RollingCalibrator().update(np.arange(300.0), np.arange(300.0) + 9, 5, 10, at=500),
        ):
            assert RollingCalibrator.from_json(cal.to_json()) == cal
            assert pickle.loads(pickle.dumps(cal)) == cal

    def test_other_text_is_refused(self) -> None:
        """Only its own text is read."""
        for text in ("{}", "[]", "x", '{"format": 9}'):
            with pytest.raises(InvalidPolicyError, match=r"^text is no calibrator: .*; pass what to_json gave$"):
                RollingCalibrator.from_json(text)

    def test_repr(self) -> None:
        """Its settings, and how much it knows."""
        assert repr(RollingCalibrator(side="by", unit="days")) == (
            "RollingCalibrator(confidence=0.9, last=3000, side='by', unit='days')"
        )
        assert repr(RollingCalibrator().update([0], None, 1, 2, at=3)) == (
            "<RollingCalibrator(confidence=0.9, last=3000): 1 cases, 1 of them open>"
        )

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"confidence": 1.0}, "confidence must be a share between 0 and 1, got 1.0"),
            ({"last": 5}, "last must be a whole number of cases from 20, got 5; use 3000"),
            ({"side": "left"}, "side is not known: 'left'; use one of both, by"),
            ({"unit": "weeks"}, "unit is not known: 'weeks'; use one of seconds, minutes, hours, days"),
        ],
    )
    def test_settings_refused(self, settings: dict[str, object], message: str) -> None:
        """Settings that cannot be are refused."""
        with pytest.raises(InvalidPolicyError, match=message):
            RollingCalibrator(**settings)  # type: ignore[arg-type]


class TestHandedIn:
    """Settings as hosts have them, and a value among values."""

    def test_numbers_of_numpy_are_numbers(self) -> None:
        cal = RollingCalibrator(confidence=np.float64(0.8), last=np.int64(300))
        assert cal == RollingCalibrator(0.8, 300)
        assert repr(cal) == repr(RollingCalibrator(0.8, 300))

    def test_equal_ones_have_one_hash(self) -> None:
        one, other = (RollingCalibrator().update([0], [20], 10, 30, at=60) for _ in range(2))
        assert one == other
        assert hash(one) == hash(other)
        assert len({one, other}) == 1


def test_two_cases_with_one_start_and_window_end_one_by_one() -> None:
    """Handed in together, then each by itself: the first word ends one of them, and the second the other."""
    both = RollingCalibrator().update([0, 0, 5], [None, None, None], 10, 30, at=6)
    assert both.in_flight == 3
    one = both.update(0, 20, 10, 30, at=25)
    assert one.in_flight == 2
    assert one.update(0, 22, 10, 30, at=25).in_flight == 1
    assert one.update(0, 20, 10, 30, at=25).in_flight == 2


class TestOneByOneWhereItIsFull:
    """A calibrator that holds as many as it keeps, told of one case more."""

    START = RollingCalibrator(last=20).update(range(20), [None] * 20, 10, 30, at=20)

    def both_ways(self, started: list[int], at: int) -> None:
        alone = self.START
        for start in started:
            alone = alone.update(start, None, 10, 30, at=at)
        assert alone == self.START.update(started, [None] * len(started), 10, 30, at=at)

    def test_the_earliest_makes_room(self) -> None:
        self.both_ways([20, 21], 21)

    def test_one_that_began_before_all_that_are_held_is_not_kept(self) -> None:
        self.both_ways([-1], 21)

    def test_one_that_began_in_between_is_put_in_its_place(self) -> None:
        self.both_ways([5, 21], 21)

    def test_a_named_case_whose_start_was_corrected_is_the_same_case(self) -> None:
        named = RollingCalibrator().update([0, 5], [None, None], 10, 30, at=6, case=["a", "b"])
        moved = named.update(1, None, 10, 30, at=7, case="a")
        assert moved.in_flight == 2
        assert moved == named.update([1], [None], 10, 30, at=7, case=["a"])
