"""The window on the clock's grid: which one is told, within which limits, and when there is none."""

from __future__ import annotations

import datetime as dt
import math
import pickle
import re
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from carepolicy import Calendar, Window
from carepolicy.arrival.choose import GridWindow, choose_window
from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.interval import Interval, NoPromise
from carepolicy.arrival.tails import Costs
from carepolicy.errors import InvalidPolicyError, InvalidTimeError, UnknownZoneError

PARIS = "Europe/Paris"
DRAWS = list(range(31, 131))
"""One arrival a minute, from 31 to 130 minutes after the start."""
EIGHT = "2026-03-02T08:00+01:00"
office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone=PARIS)


def told(law: Any = DRAWS, start: Any = EIGHT, **how: Any) -> str:
    """From when to when, in the zone of the window."""
    found = choose_window(law, start, **{"zone": PARIS, **how})
    assert isinstance(found, GridWindow), found
    opens = "" if found.low is None else found.low.strftime("%d %H:%M")
    return f"{opens}-{found.high.strftime('%d %H:%M')}"


def refused(law: Any = DRAWS, **how: Any) -> str:
    found = choose_window(law, **how)
    assert isinstance(found, NoPromise), found
    return found.reason


class Plain:
    """A law without cases, uniform up to a share whose end nobody has seen."""

    def __init__(self, low: float, high: float, seen: float = 1.0) -> None:
        self.low, self.high, self.seen = low, high, seen

    def quantile(self, share: ArrayLike) -> NDArray[np.float64]:
        at = np.asarray(share, dtype=np.float64)
        return np.where(at <= self.seen, self.low + at * (self.high - self.low), np.inf)

    def cdf(self, value: ArrayLike) -> NDArray[np.float64]:
        at = (np.asarray(value, dtype=np.float64) - self.low) / (self.high - self.low)
        return np.clip(at, 0, self.seen)


class TestInUnits:
    """Without a start the ends are multiples of the grid, both inside."""

    def test_the_narrowest_window_that_holds_the_share_is_told(self) -> None:
        """For one more draw, 89 % need 90 of 100."""
        expected = Interval(
            30, 120, confidence=0.89, observations=100, why="on the grid of 15; holds 90 % of what was seen"
        )
        assert choose_window(DRAWS, confidence=0.89) == expected

    def test_draws_may_be_any_array_of_one_dimension(self) -> None:
        """A list, a tuple and an array give the same window."""
        expected = choose_window(DRAWS)
        assert expected == choose_window(tuple(DRAWS)) == choose_window(np.array(DRAWS[::-1], dtype=np.float32))

    def test_equal_leaves_half_of_the_misses_on_either_side(self) -> None:
        """Ranks 5 and 96 of 100 are 35 and 126."""
        found = choose_window(DRAWS, grid=5, shape="equal")
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (35.0, 130.0)

    def test_by_has_an_end_only(self) -> None:
        """The 91st of 100 draws is 121."""
        found = choose_window(DRAWS, grid=5, shape="by")
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (-math.inf, 125.0)

    def test_costs_leave_out_less_where_a_miss_is_dearer(self) -> None:
        """With early four times as dear as late, at most 2.5 % come before and 10 % after."""
        found = choose_window(DRAWS, grid=5, shape=Costs(width=1, early=40, late=10))
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.confidence) == (30.0, 125.0, 0.875)

    def test_a_window_is_at_least_a_step_wide(self) -> None:
        """Who is always there after 30 minutes is promised between 15 and 30, the earlier of two."""
        found = choose_window([30] * 20)
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (15.0, 30.0)

    def test_a_wider_one_can_be_asked_for(self) -> None:
        """An hour is the least that the dispatcher promises."""
        found = choose_window([30] * 20, at_least=50)
        assert isinstance(found, Interval)
        assert found.width == 60

    def test_a_law_is_taken_at_its_word(self) -> None:
        """Of a uniform law from 0 to 100 a window of 90 holds 90 %."""
        found = choose_window(Plain(0, 100), grid=10)
        assert isinstance(found, Interval)
        assert (found.low, found.high, found.observations) == (0.0, 90.0, 0)

    def test_early_arrivals_count_from_below_nothing(self) -> None:
        """A law may reach below zero."""
        found = choose_window(Plain(-20, 20), grid=5, confidence=0.99)
        assert isinstance(found, Interval)
        assert (found.low, found.high) == (-20.0, 20.0)


class TestNone:
    """No window is said to be none, with the reason."""

    def test_too_few_cases_carry_no_promise(self) -> None:
        """Eight cases carry no 90 %, and no 90 % with equal tails before nineteen."""
        assert refused(DRAWS[:8]) == "8 cases do not carry 90 %; 9 would"
        assert refused(DRAWS[:18], shape="equal") == "18 cases do not carry 90 %; 19 would"

    def test_a_law_that_ends_below_the_share(self) -> None:
        """Of 60 % nobody has seen the end of the others."""
        assert refused(Plain(0, 100, seen=0.6)) == (
            "no window on the grid of 15 keeps 90 %: the widest keeps 60 %; allow more time, or promise less"
        )

    @pytest.mark.parametrize("start", [None, EIGHT])
    def test_a_law_that_says_nothing(self, start: str | None) -> None:
        """A law that has seen no end at all."""
        silent = Plain(0, math.inf, seen=0)
        reason = "the law does not say by when any case is over; promise the next update"
        assert refused(silent, start=start) == reason

    def test_limits_that_leave_too_little(self) -> None:
        """The customer is there for one hour only."""
        hour = Window.between("2026-03-02T09:00+01:00", "2026-03-02T10:00+01:00")
        for shape in ("narrowest", "equal", "by"):
            assert refused(start=EIGHT, zone=PARIS, available=hour, shape=shape) == (
                "no window on the 15 minute grid within the limits keeps 90 %: the widest keeps 60 %; allow more time, "
                "or promise less"
            )

    def test_a_shift_that_ends_too_early(self) -> None:
        """At nine a third of the arrivals is over, whatever the shape."""
        for shape in ("narrowest", "equal", "by"):
            assert "the widest keeps 29 %" in refused(
                start=EIGHT, zone=PARIS, shift_end="2026-03-02T09:00+01:00", shape=shape
            )

    def test_limits_that_leave_nothing(self) -> None:
        """The shift is over before anybody can arrive."""
        reason = refused(start=EIGHT, zone=PARIS, shift_end="2026-02-27T17:00+01:00", calendar=office)
        assert "the widest keeps 0 %" in reason

    def test_limits_without_a_point_of_the_grid(self) -> None:
        """Ten minutes between two quarter hours hold no window on them."""
        few = Window.between("2026-03-02T09:01+01:00", "2026-03-02T09:11+01:00")
        assert "the widest keeps 0 %" in refused(start=EIGHT, zone=PARIS, available=few)
        assert "the widest keeps 0 %" in refused(start=EIGHT, zone=PARIS, available=few, shape="equal")


class TestOnTheClock:
    """With a start the ends are instants on the customer's clock."""

    def test_the_grid_is_that_of_the_clock(self) -> None:
        """From 08:07 on, whole quarter hours are not whole numbers of the law."""
        assert told(start="2026-03-02T08:07+01:00") == "02 08:30-02 10:15"

    def test_the_share_is_what_falls_inside(self) -> None:
        """An arrival at exactly the end is outside, as of every window."""
        found = choose_window(DRAWS, EIGHT, zone=PARIS)
        assert isinstance(found, GridWindow)
        start = dt.datetime(2026, 3, 2, 8, tzinfo=ZoneInfo(PARIS))
        inside = [start + dt.timedelta(minutes=draw) in found.window for draw in DRAWS]
        assert found.share == pytest.approx(sum(inside) / 100)
        assert found.minutes == 105
        assert found.explain() == "Mon 2 Mar 2026 08:30 to 10:15 holds 100 % of the arrivals; 90 % is promised"

    @pytest.mark.parametrize("grid", [5, 15, 30, 60])
    def test_every_grid(self, grid: int) -> None:
        """Both ends are multiples of the grid."""
        found = choose_window(DRAWS, "2026-03-02T08:07+01:00", zone=PARIS, grid=grid)
        assert isinstance(found, GridWindow)
        assert found.low is not None
        assert found.low.minute % grid == 0 == found.high.minute % grid

    def test_hours_and_days(self) -> None:
        """A law in days of 24 hours is promised by the hour."""
        days = np.arange(1, 101) / 100 + 2
        assert told(days, unit="days", grid=60, confidence=0.5) == "04 14:00-05 03:00"

    def test_a_zone_with_another_quarter(self) -> None:
        """In Nepal clocks are 5:45 ahead: their full hours are quarters elsewhere."""
        found = choose_window(DRAWS, "2026-03-02T08:00Z", grid=60, zone="Asia/Kathmandu")
        assert isinstance(found, GridWindow)
        assert str(found.high) == "2026-03-02 16:00:00+05:45"

    def test_past_midnight(self) -> None:
        """The window ends on the next day, and says so."""
        assert told(start="2026-03-02T22:40+01:00") == "02 23:15-03 01:00"
        found = choose_window(DRAWS, "2026-03-02T22:40+01:00", zone=PARIS)
        assert isinstance(found, GridWindow)
        assert found.explain().startswith("Mon 2 Mar 2026 23:15 to Tue 3 Mar 2026 01:00 holds")

    def test_when_clocks_skip_an_hour(self) -> None:
        """On 29 March 2026 Paris goes from 02:00 to 03:00: half past two is no time to be promised."""
        assert told(start="2026-03-29T00:40+01:00", grid=30) == "29 01:00-29 04:00"

    def test_when_an_hour_comes_twice(self) -> None:
        """On 25 October 2026 the hour from 02:00 comes twice: 100 minutes lie between 01:30 and the second 02:30."""
        found = choose_window(DRAWS, "2026-10-25T01:00+02:00", zone=PARIS, grid=30)
        assert isinstance(found, GridWindow)
        assert (str(found.low), str(found.high)) == ("2026-10-25 01:30:00+02:00", "2026-10-25 02:30:00+01:00")


class TestLimits:
    """The window lies within one stretch of all limits."""

    def test_not_in_the_past(self) -> None:
        """At 08:31 half past eight is over."""
        assert told(confidence=0.85, not_before="2026-03-02T08:31+01:00") == "02 08:45-02 10:15"

    def test_not_past_the_shift(self) -> None:
        """The shift ends at ten past ten; the window ends at ten."""
        assert told(confidence=0.85, shift_end="2026-03-02T10:00+01:00") == "02 08:30-02 10:00"

    def test_not_over_the_lunch_break(self) -> None:
        """From 10:00 on, 91 % before noon need a window from 10:30 on; from 10:30 on there is none."""
        start = "2026-03-02T10:00+01:00"
        assert told(confidence=0.88, start=start, calendar=office) == "02 10:30-02 12:00"
        reason = refused(start="2026-03-02T10:30+01:00", calendar=office, confidence=0.88)
        assert "the widest keeps 59 %" in reason

    def test_when_the_customer_is_there(self) -> None:
        """Windows, one or several, or a calendar of theirs; the second stretch holds enough."""
        first = Window.between("2026-03-02T08:00+01:00", "2026-03-02T08:20+01:00")
        second = Window(opens="2026-03-02T08:35+01:00")
        assert told(available=[first, second], confidence=0.85) == "02 08:45-02 10:15"
        assert told(available=second, confidence=0.85) == "02 08:45-02 10:15"
        evenings = Calendar.weekly("Mon-Sun 08:40-22:00", zone=PARIS)
        assert told(available=evenings, calendar=office, zone=None, confidence=0.85) == "02 08:45-02 10:15"

    def test_by_begins_where_the_stretch_does(self) -> None:
        """The end is chosen, the beginning is the limit; without one that matters there is none."""
        assert told(shape="by") == "-02 10:15"
        assert told(shape="by", confidence=0.8, not_before="2026-03-02T08:40+01:00") == "02 08:40-02 10:15"
        assert told(shape="by", not_before="2026-03-02T07:00+01:00") == "-02 10:15"

    def test_by_is_as_wide_as_it_says(self) -> None:
        """Without a beginning it has no width."""
        found = choose_window(DRAWS, EIGHT, shape="by", zone=PARIS)
        assert isinstance(found, GridWindow)
        assert found.minutes == math.inf
        assert found.explain() == "by Mon 2 Mar 2026 10:15 holds 100 % of the arrivals; 90 % is promised"

    def test_the_earlier_of_two_stretches_that_serve_alike(self) -> None:
        """Two hours that hold the same: the first is told."""
        law = [10.0] * 50 + [130.0] * 50
        hours = Calendar.weekly("Mon-Fri 08:00-09:00, 10:00-11:00", zone=PARIS)
        assert told(law, calendar=hours, confidence=0.4) == "02 08:00-02 08:15"


class TestZone:
    """Whose clock it is."""

    def test_of_the_start_by_itself(self) -> None:
        """A start in a named zone needs no more."""
        found = choose_window(DRAWS, dt.datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Kathmandu")))
        assert isinstance(found, GridWindow)
        assert found.zone == "Asia/Kathmandu"

    def test_an_offset_is_enough_where_the_grid_is_the_same(self) -> None:
        """Whole quarters of an hour are the same in UTC."""
        found = choose_window(DRAWS, EIGHT)
        assert isinstance(found, GridWindow)
        assert found.zone == "UTC"

    def test_an_offset_is_refused_where_it_is_not(self) -> None:
        """Half hours of +05:45 are no half hours of UTC."""
        message = "zone is not known: start has only the offset 5:45:00; pass the name, e.g. zone='Asia/Kathmandu'"
        with pytest.raises(UnknownZoneError, match=f"^{re.escape(message)}$"):
            choose_window(DRAWS, "2026-03-02T08:00+05:45", grid=30)


class TestValue:
    """A window that was told is a value."""

    window = choose_window(DRAWS, EIGHT, zone=PARIS)

    def test_round_trips(self) -> None:
        """Its repr builds it again, and so does pickle."""
        assert eval(repr(self.window)) == self.window == pickle.loads(pickle.dumps(self.window))
        assert len({self.window, eval(repr(self.window))}) == 1


class TestRefused:
    """What cannot be meant is refused in one sentence."""

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"grid": 7, "start": EIGHT}, "grid does not divide the day into whole minutes: 7; use 5, 15, 30 or 60"),
            (
                {"grid": True, "start": EIGHT},
                "grid does not divide the day into whole minutes: True; use 5, 15, 30 or 60",
            ),
            (
                {"grid": 7.5, "start": EIGHT},
                "grid does not divide the day into whole minutes: 7.5; use 5, 15, 30 or 60",
            ),
            ({"grid": 0}, "grid must be a positive number, got 0; use e.g. 15"),
            ({"at_least": -1}, "at_least must be a positive number, got -1; use e.g. 15"),
            ({"at_least": True, "start": EIGHT}, "at_least must be a positive number, got True; use e.g. 15"),
            ({"confidence": 90}, "confidence must be a share between 0 and 1, got 90; write 0.9 for 90 %"),
            ({"shape": "wide"}, "shape is not known: 'wide'; use 'narrowest', 'equal', 'by' or Costs(...)"),
            ({"unit": "weeks", "start": EIGHT}, "unit is not known: 'weeks'; use one of seconds, minutes, hours, days"),
            ({"calendar": office}, "calendar needs an instant to count from, got none; pass start=..."),
            ({"zone": PARIS}, "zone needs an instant to count from, got none; pass start=..."),
            ({"grid": 1e-6}, "grid is too fine for a law from 31 to 130: 1e-06; use a wider one"),
            ({"law": []}, "values are empty; a law needs at least one case, or state one with Stated(...)"),
            ({"law": [[1, 2]]}, "law must be one-dimensional draws, got 2 dimensions; pass one row"),
            ({"law": "fast"}, "law is neither a law nor draws of one: 'fast'; pass numbers"),
            ({"law": [1, math.nan]}, "values must be finite, got nan; leave out what is not known"),
        ],
    )
    def test_parameters(self, how: dict[str, Any], message: str) -> None:
        """The text names the argument, what it was, and what would do."""
        with pytest.raises(InvalidPolicyError, match=f"^{re.escape(message)}$"):
            choose_window(**{"law": DRAWS, **how})

    def test_a_start_without_a_zone(self) -> None:
        """Naive times are refused at the door."""
        with pytest.raises(InvalidTimeError, match="start has no time zone"):
            choose_window(DRAWS, "2026-03-02T08:00")


class TestNaturalCalls:
    def test_no_law_no_window(self) -> None:
        """What a fit or a route could not promise needs no question in between: the reason passes through."""
        none = NoPromise("no group of this job has 50 cases")
        assert choose_window(none, EIGHT) is none

    def test_a_fit_is_not_a_law_of_one_job(self) -> None:
        """A law of many groups says how to get that of one."""
        with pytest.raises(
            InvalidPolicyError, match=r"neither a law nor draws of one: <Dur.*; pass what its of\(\.\.\.\) gives$"
        ):
            choose_window(DurationLaw.fit(DRAWS))  # type: ignore[arg-type]

    def test_numbers_of_numpy(self) -> None:
        """A grid from an array."""
        assert choose_window(DRAWS, EIGHT, grid=np.int64(15)) == choose_window(DRAWS, EIGHT)  # type: ignore[arg-type]

    def test_says_which_of_two_hours_is_meant(self) -> None:
        """In the night in which clocks go back."""
        found = choose_window([60] * 50, "2026-10-25T01:10+02:00", grid=60, zone=PARIS)
        assert isinstance(found, GridWindow)
        told = "Sun 25 Oct 2026 02:00 (UTC+02:00) to 02:00 (UTC+01:00) holds 100 % of the arrivals; 90 % is promised"
        assert found.explain() == told
