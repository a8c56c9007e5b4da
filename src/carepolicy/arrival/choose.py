"""The window that a customer is told: the narrowest on the clock's grid that keeps what is promised."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import ALWAYS, DAY, MINUTE, NEVER, maybe_moment, to_micros, to_moment, zone_of
from carepolicy.arrival._asked import before, law_of, percent, reach, rests_on, seen_by
from carepolicy.arrival._clock import clock_points, day_and_hour, whole_grid, zone_name
from carepolicy.arrival._numbers import CLOSE, is_number
from carepolicy.arrival._search import Points, Search
from carepolicy.arrival.interval import Interval, NoPromise, in_micros
from carepolicy.arrival.interval import share as a_share
from carepolicy.arrival.tails import fewest, too_few, wanted_share
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pendulum
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Law
    from carepolicy.arrival.tails import Shape

BEYOND = 1e-3
"""How much of what may be missed lies beyond the last points that are looked at, on each side."""
MOST_POINTS = 1_000_000
"""How many points of a grid are looked at; with more the grid is not meant for the law."""


@attrs.frozen
class GridWindow:
    """A window of time that a customer can be told, and the share of arrivals that it really holds.

    As every `Window` it closes before its end: an arrival at exactly the end is outside, and not counted in `share`.

    Args:
        window: From the first instant inside; without an opening for "by".
        share: Of the arrivals that fall inside, by the law.
        confidence: The share that was asked for.
        grid: In minutes.
        zone: IANA name, of the clock whose grid it is on.
        observations: How many cases the law rests on; 0 if it does not say.
    """

    window: Window
    share: float = field(validator=a_share(of_one=True), kw_only=True)
    confidence: float = field(validator=a_share(), kw_only=True)
    grid: int = field(kw_only=True)
    zone: str = field(kw_only=True)
    observations: int = field(default=0, kw_only=True)

    @property
    def low(self) -> pendulum.DateTime | None:
        """The first instant inside, in the zone; None for "by" without a beginning."""
        return maybe_moment(self.window.opens_us, self.zone)

    @property
    def high(self) -> pendulum.DateTime:
        """The end, in the zone."""
        return to_moment(self.window.closes_us, self.zone)

    @property
    def minutes(self) -> float:
        """How wide it is; infinite for "by" without a beginning."""
        opens = self.window.opens_us
        return math.inf if opens == ALWAYS else (self.window.closes_us - opens) / MINUTE

    def explain(self) -> str:
        """What the customer is told and what that holds, in one sentence."""
        last, end = day_and_hour(self.window.closes_us, self.zone)
        if self.low is None:
            told = f"by {last} {end}"
        else:
            first, start = day_and_hour(self.window.opens_us, self.zone)
            told = f"{first} {start} to {end if first == last else f'{last} {end}'}"
        return f"{told} holds {percent(self.share)} of the arrivals; {percent(self.confidence)} is promised"


@attrs.frozen
class _Limits:
    """Where a window of instants may lie."""

    calendar: Calendar | None
    available: Calendar | Window | Iterable[Window] | None
    not_before: datetime | str | None
    shift_end: datetime | str | None

    def refuse_any(self, **more: object) -> None:
        for name, value in {**attrs.asdict(self, recurse=False), **more}.items():
            if value is not None:
                raise InvalidPolicyError(f"{name} needs an instant to count from, got none; pass start=...")

    def stretches(self, opens: int, closes: int) -> list[tuple[int, int]]:
        """The stretches between two instants that lie within every limit, each as long as it can be."""
        first = ALWAYS if self.not_before is None else to_micros(self.not_before, "not_before")
        last = NEVER if self.shift_end is None else to_micros(self.shift_end, "shift_end")
        found = _meet([(opens, closes)], [(first, last)])
        for hours in (self.calendar, self._available()):
            if hours is not None and found:
                between = hours.open_windows(to_moment(found[0][0]), to_moment(found[-1][1]))
                found = _meet(found, [(window.opens_us, window.closes_us) for window in between])
        return found

    def _available(self) -> Calendar | None:
        given = self.available
        if given is None or isinstance(given, Calendar):
            return given
        return Calendar.only(*([given] if isinstance(given, Window) else given))


def _meet(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    pairs = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return [(opens, closes) for opens, closes in pairs if opens < closes]


def choose_window(
    law: Law | ArrayLike | NoPromise,
    start: datetime | str | None = None,
    *,
    confidence: float = 0.9,
    grid: float = 15,
    shape: Shape = "narrowest",
    at_least: float | None = None,
    unit: str = "minutes",
    zone: str | None = None,
    calendar: Calendar | None = None,
    available: Calendar | Window | Iterable[Window] | None = None,
    not_before: datetime | str | None = None,
    shift_end: datetime | str | None = None,
) -> Interval | GridWindow | NoPromise:
    """The narrowest window on the grid that keeps the promised share, or the reason why there is none.

    Rounding a window outward keeps the promise and wastes the customer's time, rounding to the nearest breaks it; so
    every pair of grid points is looked at. Of equally narrow windows the one that holds more is taken, then the
    earlier. From draws or cases the share holds for one more like them. With a `start` the ends are instants on the
    customer's clock, and the window lies within one open stretch of all limits: it never begins in the past, ends
    after the shift or spans a break.

    Args:
        law: Of the time from `start` to the arrival: a `Law`, or one-dimensional draws of it; negative is early. Where
            there is none, the answer is its reason: a `NoPromise`.
        start: The instant from which the law counts, any aware time; without it the answer is in the law's unit.
        confidence: The share of arrivals to hold; `Costs` bring their own.
        grid: In minutes with a `start`, a whole number that divides the day (5, 15, 30, 60); else in the law's unit.
        shape: "narrowest"; "equal", with half of the misses on each side at most; "by", with an end only; `Costs`.
        at_least: How wide the window must be, in the unit of the grid; one step of it where not given.
        unit: Of the law: seconds, minutes, hours, or days of 24 hours.
        zone: IANA name of the customer's zone; else that of `available`, of `calendar`, or of `start`.
        calendar: When we work.
        available: When the customer is there.
        not_before: The window opens no earlier: now, any aware time. What the law puts before it counts as missed, so
            pass the law of what is still to come.
        shift_end: The window ends no later, any aware time.

    Returns:
        Without a `start` an `Interval` whose ends are both inside; with one a `GridWindow`.

    Raises:
        InvalidPolicyError: If the draws are empty, not finite or not one-dimensional; the confidence, grid, shape,
            width or unit cannot be; or limits are given without a `start`.
        InvalidTimeError: If a time has no zone.
        UnknownZoneError: If the zone is not known, or only an offset whose clock has another grid.

    >>> draws = [31, 33, 34, 36, 38, 39, 41, 42, 47, 52]
    >>> choose_window(draws, confidence=0.8, grid=5)
    Interval(low=30.0, high=50.0, confidence=0.8, observations=10, why='on the grid of 5; holds 90 % of what was seen')
    >>> choose_window(draws, "2026-03-02T08:10-07:00", confidence=0.8, zone="America/Denver").explain()
    'Mon 2 Mar 2026 08:30 to 09:00 holds 90 % of the arrivals; 80 % is promised'
    """
    wanted = wanted_share(confidence, shape)
    if isinstance(law, NoPromise):
        return law
    law = law_of(law)
    limits, seen = _Limits(calendar, available, not_before, shift_end), seen_by(law)
    if 0 < seen < fewest(wanted, shape):
        return NoPromise(too_few(seen, wanted, shape), observations=seen)
    if start is None:
        limits.refuse_any(zone=zone)
        return _in_units(law, wanted, shape, _positive(grid, "grid"), at_least)
    micros, step, size = to_micros(start, "start"), whole_grid(grid), in_micros(unit)
    ours = next((hours.zone for hours in (available, calendar) if isinstance(hours, Calendar)), None)
    name = zone_of(zone).name if zone else ours or zone_name(start, step)
    least = step if at_least is None else _positive(at_least, "at_least")
    search = Search.of(shape, wanted, seen, max(1, round(least * MINUTE)))
    reached = _reached(law, wanted, step * MINUTE / size)
    if reached is None:
        return _unknown(law)
    around = DAY + search.at_least
    low, high = micros + round(reached[0] * size) - around, micros + round(reached[1] * size) + around
    most, found = 0.0, None
    for opens, closes in limits.stretches(low, high):
        at = clock_points(opens, closes, step, name)
        shares = before(law, (at - micros) / size)
        left_out = float(before(law, (opens - micros) / size))
        better = search.best(Points(at, shares, shares), left_out)
        most = max(most, float(shares[-1]) - (left_out if search.by else float(shares[0]))) if at.size else most
        if better and (found is None or better.worth < found[0].worth):
            opened = int(at[better.low]) if better.low >= 0 else opens if left_out > BEYOND * (1 - wanted) else ALWAYS
            found = better, Window._of(opened, int(at[better.high]))  # noqa: SLF001
    if found is None:
        return _none(wanted, f"{step} minute grid within the limits", most, law)
    return GridWindow(
        found[1], share=1 - found[0].missed, confidence=wanted, grid=step, zone=name, observations=rests_on(law)
    )


def _in_units(law: Law, wanted: float, shape: Shape, grid: float, at_least: float | None) -> Interval | NoPromise:
    least = 1 if at_least is None else math.ceil(_positive(at_least, "at_least") / grid - CLOSE)
    reached = _reached(law, wanted, grid)
    if reached is None:
        return _unknown(law)
    at = np.arange(math.floor(reached[0] / grid) - least, math.ceil(reached[1] / grid) + least + 1)
    points = Points(at, before(law, at * grid), law.cdf(at * grid))
    found = Search.of(shape, wanted, seen_by(law), least).best(points)
    if found is None:
        return _none(wanted, f"grid of {grid:g}", float(points.until[-1] - points.before[0]), law)
    holds = f"on the grid of {grid:g}; holds {percent(1 - found.missed)} of what was seen"
    opens = -math.inf if found.low < 0 else float(at[found.low] * grid)
    return Interval(opens, float(at[found.high] * grid), confidence=wanted, observations=rests_on(law), why=holds)


def _reached(law: Law, wanted: float, grid: float) -> tuple[float, float] | None:
    """From where to where windows are looked for; None if the law says nothing.

    Raises:
        InvalidPolicyError: If that are too many steps of the grid.
    """
    low, high = reach(law, BEYOND * (1 - wanted))
    if math.isinf(low) or math.isinf(high):
        return None
    if (high - low) / grid > MOST_POINTS:
        raise InvalidPolicyError(f"grid is too fine for a law from {low:g} to {high:g}: {grid:g}; use a wider one")
    return low, high


def _unknown(law: Law) -> NoPromise:
    return NoPromise(
        "the law does not say by when any case is over; promise the next update", observations=rests_on(law)
    )


def _none(wanted: float, where: str, most: float, law: Law) -> NoPromise:
    reason = f"no window on the {where} keeps {percent(wanted)}: the widest keeps {percent(most)}"
    return NoPromise(f"{reason}; allow more time, or promise less", observations=rests_on(law))


def _positive(value: float, name: str) -> float:
    if not is_number(value) or not 0 < value < math.inf:
        raise InvalidPolicyError(f"{name} must be a positive number, got {value!r}; use e.g. 15")
    return float(value)
