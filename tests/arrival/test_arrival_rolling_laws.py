"""Laws of live windows."""

from __future__ import annotations

import pickle
from datetime import UTC

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from carepolicy.arrival.rolling import RollingCalibrator

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, count: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = np.sort(rng.uniform(0, 1000, count))
    low = rng.uniform(10, 40, count)
    return start, start + low * rng.uniform(0.5, 3, count), low, low + rng.uniform(0, 20, count)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_never_matters(seed: int) -> None:
    """An update in any order gives the same calibrator."""
    start, ends, low, high = drawn(seed)
    mixed = np.random.default_rng(seed).permutation(start.size)
    one = RollingCalibrator().update(start, ends, low, high, at=1000)
    other = RollingCalibrator().update(start[mixed], ends[mixed], low[mixed], high[mixed], at=1000)
    assert one == other


@given(seeds, st.floats(0.5, 0.95), st.floats(0.5, 0.95))
@example(0, 0.5, 0.5625)  # each end has its own shape: here they would cross
@example(2, 0.5, 0.53)
@settings(max_examples=20, deadline=None)
def test_windows_nest_in_confidence(seed: int, one: float, other: float) -> None:
    """Who asks for more gets a window around the one of who asks for less."""
    start, ends, low, high = drawn(seed)
    less, more = (
        RollingCalibrator(confidence).update(start, ends, low, high, at=1000).adjust(low, high)
        for confidence in sorted((one, other))
    )
    assert (more[0] <= less[0]).all()
    assert (more[1] >= less[1]).all()


@given(seeds, st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_what_comes_in_parts_is_known_as_at_once(seed: int, parts: int) -> None:
    """Starts first and ends later, in any parts, hold the same cases as all handed in at the end."""
    start, ends, low, high = drawn(seed, 150)
    cal = RollingCalibrator()
    for now in np.linspace(start[0], 1000, parts + 1):
        begun = start <= now
        known = np.where(ends <= now, ends, np.nan)
        cal = cal.update(start[begun], known[begun], low[begun], high[begun], at=now)
    at_once = RollingCalibrator().update(start, np.where(ends <= 1000, ends, np.nan), low, high, at=1000)
    assert cal.adjust(low, high)[1].tolist() == at_once.adjust(low, high)[1].tolist()
    assert (len(cal), cal.in_flight) == (len(at_once), at_once.in_flight)


words = st.tuples(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.5, 50.0]),  # started
    st.sampled_from([None, np.nan, 60.0, 70.0, 200.0]),  # finished, the last of them after now
    st.sampled_from([5.0, 9.0]),  # low
    st.sampled_from([4.0, 12.0]),  # high, crossed now and then
    st.sampled_from([None, None, None, "a", "b", 7]),  # name
)
bursts = st.tuples(words, st.integers(1, 25), st.sampled_from([0.0, 0.25]))  # the same word, or a row of cases


@given(st.lists(st.tuples(bursts, st.integers(0, 3)), max_size=12), st.sampled_from([20, 23, 60]))
@settings(deadline=None)
def test_one_by_one_is_as_in_columns_and_changes_nothing_told_before(
    told: list[tuple[tuple[tuple[float, float | None, float, float, str | None], int, float], int]], last: int
) -> None:
    """Cases told as plain values are held as those told in columns of one, whichever calibrator one goes on from."""
    versions = [(RollingCalibrator(last=last), RollingCalibrator(last=last))]
    for ((started, finished, low, high, name), times, step), back in told:
        one, other = versions[max(len(versions) - 1 - back, 0)]
        for turn in range(times):
            begin = started + turn * step
            one = one.update(begin, finished, low, high, at=100, case=name)
            case = None if name is None else [name]
            other = other.update([begin], [finished], [low], [high], at=100, case=case)
        versions.append((one, other))
    for one, other in versions:
        assert one == other
        assert (len(one), one.in_flight) == (len(other), other.in_flight)
        assert pickle.loads(pickle.dumps(one)) == other


@given(seeds, st.sampled_from(["s", "ms", "us", "ns"]))
@settings(max_examples=10, deadline=None)
def test_the_kind_of_time_does_not_matter(seed: int, unit: str) -> None:
    """Aware times, numpy's of any unit and pandas' are the same instants."""
    count = np.random.default_rng(seed).integers(20, 60)
    begun = np.datetime64("2026-03-02T08:00").astype(f"datetime64[{unit}]") + np.arange(count) * np.timedelta64(90, "s")
    over = begun + np.timedelta64(3600, "s")
    aware = [[t.replace(tzinfo=UTC) for t in column.astype("datetime64[us]").tolist()] for column in (begun, over)]
    pandas = [[pd.Timestamp(t) for t in column] for column in (begun, over)]
    found = []
    for starts, ends in ((begun, over), aware, pandas):
        cal = RollingCalibrator()
        for start, end in zip(starts, ends, strict=True):
            cal = cal.update(start, end, 25, 28, at=starts[-1])
        found.append(cal)
    assert found[0] == found[1] == found[2]


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_what_is_promised_is_a_window(seed: int) -> None:
    """Never below no time at all, never crossed."""
    start, ends, low, high = drawn(seed)
    lower, upper = RollingCalibrator().update(start, ends, low, high, at=1000).adjust(low, high)
    assert (lower >= 0).all()
    assert (upper >= lower).all()


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_no_look_ahead(seed: int) -> None:
    """Ends after now change nothing, whether they are handed in or not."""
    start, ends, low, high = drawn(seed)
    begun = start <= 500
    known = np.where(ends <= 500, ends, np.nan)
    columns = start[begun], low[begun], high[begun]
    told = RollingCalibrator().update(columns[0], ends[begun], *columns[1:], at=500)
    assert told == RollingCalibrator().update(columns[0], known[begun], *columns[1:], at=500)


@given(seeds, st.sampled_from([60.0, 1440.0, 1 / 60]))
@settings(max_examples=15, deadline=None)
def test_the_unit_does_not_matter(seed: int, size: float) -> None:
    """The same cases in another unit give the same windows in it."""
    start, ends, low, high = drawn(seed)
    plain = RollingCalibrator().update(start, ends, low, high, at=1000).adjust(low, high)
    scaled = (
        RollingCalibrator()
        .update(start * size, ends * size, low * size, high * size, at=1000 * size)
        .adjust(low * size, high * size)
    )
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_allclose(other, one * size, rtol=1e-6, atol=1e-6 * size)


def test_windows_hold_on_like_cases_with_open_ones_among_them() -> None:
    """On exchangeable cases, asked live with late feedback, 90 % fall inside, and no more than a few more."""
    rng = np.random.default_rng(3)
    count = 6000
    start = np.cumsum(rng.exponential(1, count))
    low = rng.uniform(50, 150, count)
    ends = start + low * rng.lognormal(0.3, 0.4, count)
    high, inside = low * 1.5, []
    cal, before = RollingCalibrator(), 0.0
    for begin in range(0, count, 100):
        now = start[begin]
        news = (start < now) & ((start >= before) | ((ends > before) & (ends <= now)))
        cal = cal.update(start[news], np.where(ends <= now, ends, np.nan)[news], low[news], high[news], at=now)
        before = now
        if begin >= 2000:
            rows = slice(begin, begin + 100)
            lower, upper = cal.adjust(low[rows], high[rows])
            lasted = (ends - start)[rows]
            inside.append(((lasted >= lower) & (lasted <= upper)).mean())
    assert 0.885 <= np.mean(inside) <= 0.92


def test_closed_cases_only_would_break() -> None:
    """While all get slower, leaving the open ones out makes windows that are too early."""
    start = np.arange(2000.0)
    rng = np.random.default_rng(5)
    ends = start + rng.exponential(40 + start / 20)
    known = ends <= 2000
    with_open = RollingCalibrator().update(start, np.where(known, ends, np.nan), 10, 90, at=2000).adjust(10, 90)
    closed = RollingCalibrator().update(start[known], ends[known], 10, 90, at=2000).adjust(10, 90)
    assert closed[1] < with_open[1] - 20
