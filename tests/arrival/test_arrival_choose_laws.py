"""What always holds of a window on the clock's grid."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Calendar, Window
from carepolicy._instant import MINUTE
from carepolicy.arrival._clock import clock_points
from carepolicy.arrival.choose import GridWindow, choose_window
from carepolicy.arrival.interval import Interval, NoPromise

draws = st.lists(st.integers(-40, 200), min_size=2, max_size=60)
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95])
grids = st.sampled_from([5, 15, 30, 60])
shapes = st.sampled_from(["narrowest", "equal", "by"])
zones = st.sampled_from(["Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# around the days on which clocks change, in Paris, Newfoundland and on Lord Howe Island
starts = st.builds(
    lambda day, minutes: datetime(2026, day[0], day[1], tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from([(3, 28), (3, 8), (10, 25), (11, 1), (4, 4), (10, 3)]),
    st.integers(0, 2 * 1440),
)


def needed(seen: int, confidence: float) -> int:
    """So many of the cases, that one more like them falls inside as often as asked."""
    return math.ceil((seen + 1) * confidence - 1e-9)


@given(draws, confidences, grids)
def test_no_narrower_window_on_the_grid_holds_as_much(law: list[int], confidence: float, grid: int) -> None:
    """Of all windows on the grid, tried one by one, none that holds enough is narrower, or as narrow and holds more."""
    found = choose_window(law, confidence=confidence, grid=grid)
    ends = [end for end in range(-120, 301) if end % grid == 0]
    held = [(high - low, -sum(low <= x <= high for x in law), low) for low in ends for high in ends if low < high]
    enough = sorted(one for one in held if -one[1] >= needed(len(law), confidence))
    if not enough:
        assert isinstance(found, NoPromise)
        return
    assert isinstance(found, Interval)
    assert (found.width, found.low) == (enough[0][0], enough[0][2])


@given(draws, confidences, grids, shapes)
def test_rounding_never_loses_coverage(law: list[int], confidence: float, grid: int, shape: str) -> None:
    """Whatever the shape, the window on the grid holds the share of one more case."""
    found = choose_window(law, confidence=confidence, grid=grid, shape=shape)  # type: ignore[arg-type]
    if isinstance(found, Interval):
        assert sum(found.low <= x <= found.high for x in law) >= needed(len(law), confidence)
        assert found.high % grid == 0
        assert shape == "by" or found.low % grid == 0


@given(draws, starts, zones, grids, confidences, st.data())
def test_a_window_lies_within_the_limits(
    law: list[int], start: datetime, zone: str, grid: int, confidence: float, data: st.DataObject
) -> None:
    """It opens no earlier than now, ends with the shift and while the customer is there, on the clock's grid, and holds
    what it says."""
    now, until = (start + timedelta(minutes=data.draw(st.integers(low, high))) for low, high in ((-60, 40), (60, 300)))
    hours = Calendar.weekly("Mon-Sun 00:00-03:00, 04:00-23:00", zone=zone)
    home = Window(opens=start - timedelta(minutes=data.draw(st.integers(0, 90))))
    found = choose_window(
        law, start, confidence=confidence, grid=grid, zone=zone, calendar=hours, available=home, not_before=now,
        shift_end=until,
    )  # fmt: skip
    if isinstance(found, NoPromise):
        return
    assert isinstance(found, GridWindow)
    assert found.low is not None
    assert max(now, start - timedelta(minutes=90)) <= found.low < found.high <= until
    assert found.window & home == found.window
    assert hours.between(found.low, found.high) == found.high - found.low
    local = [end.astimezone(ZoneInfo(zone)) for end in (found.low, found.high)]
    assert all((end.hour * 60 + end.minute) % grid == 0 == end.second for end in local)
    inside = sum(start + timedelta(minutes=x) in found.window for x in law)
    assert inside >= needed(len(law), confidence)
    assert abs(found.share - inside / len(law)) < 1e-9


@given(draws, starts, grids, confidences)
def test_limits_never_make_a_window_narrower(law: list[int], start: datetime, grid: int, confidence: float) -> None:
    """Whoever may choose from fewer windows gets none that is better."""
    free = choose_window(law, start, confidence=confidence, grid=grid)
    bound = choose_window(law, start, confidence=confidence, grid=grid, not_before=start)
    if isinstance(bound, GridWindow):
        assert isinstance(free, GridWindow)
        assert free.minutes <= bound.minutes


@given(draws, confidences, shapes)
def test_a_finer_grid_is_never_wider(law: list[int], confidence: float, shape: str) -> None:
    """Every window on the hours is one on the quarters and on the five minutes too."""
    found = [choose_window(law, confidence=confidence, grid=grid, shape=shape) for grid in (5, 15, 60)]  # type: ignore[arg-type]
    if isinstance(found[0], Interval):
        widths = [one.high if shape == "by" else one.width for one in found if isinstance(one, Interval)]
        assert widths == sorted(widths)


@given(draws, st.tuples(confidences, confidences).map(sorted))
def test_asking_for_more_never_gives_less(law: list[int], asked: list[float]) -> None:
    """A higher share is never narrower."""
    less, more = (choose_window(law, confidence=one) for one in asked)
    if isinstance(more, Interval):
        assert isinstance(less, Interval)
        assert less.width <= more.width


@given(draws, st.randoms())
def test_the_order_of_draws_does_not_matter(law: list[int], random: object) -> None:
    """The same draws in any order give the same window."""
    shuffled = law.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose_window(shuffled, confidence=0.8) == choose_window(law, confidence=0.8)


@given(starts, st.integers(0, 600), zones, grids)
def test_grid_points_are_those_that_a_clock_shows(start: datetime, minutes: int, zone: str, grid: int) -> None:
    """Minute by minute, a point is one where the clock on the wall shows a multiple of the grid."""
    tz, first = ZoneInfo(zone), round((start - EPOCH) / timedelta(microseconds=1))
    shown = []
    for minute in range(minutes + 1):
        wall = (start + timedelta(minutes=minute)).astimezone(tz)
        if (wall.hour * 60 + wall.minute) % grid == 0:
            shown.append(first + minute * MINUTE)
    assert np.array_equal(clock_points(first, first + minutes * MINUTE, grid, zone), shown)
