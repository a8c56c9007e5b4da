"""Opening hours in a zone: what is open when, and time counted in it.

A calendar answers for one instant (any aware time in, pendulum in its zone out) and for arrays (`datetime64[us]` in
UTC in and out, or int64 microseconds). Stretches are half-open: not open at exactly closing. Hours are wall times
turned into instants; in the gap of a clock change they move to the gap's end, in the overlap the first is meant.
Working time is real elapsed time between those instants. Computed for the years 1800 to 2399.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy import _calendar_data
from carepolicy._instant import NEVER, is_array, micros_array, to_micros, zone_of
from carepolicy._time import pauses as pausing
from carepolicy._time.clock import Clock
from carepolicy._time.holidays import code_and_days, days_of
from carepolicy._time.rules import AlwaysRule, BothRule, EitherRule, ExceptRule, OnlyRule, WeeklyRule
from carepolicy._time.variants import in_zone, joined, proved_open, with_dates
from carepolicy._time.weekly import parse_shifts, parse_week
from carepolicy._time.words import in_plain_words
from carepolicy.errors import HorizonError, InvalidCalendarError
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from carepolicy._instant import Flag, Instant
    from carepolicy._time.rules import Rule
    from carepolicy.span import Span


@attrs.frozen(repr=False, order=False)
class Calendar:
    """When something is open; build it with `weekly`, `always` or `only`, and join it with `&`, `|` and `-`.

    Values never change: what is learnt later makes a new calendar. The zone of a joined one is that of its left side.

    >>> from carepolicy.span import working
    >>> office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver", holidays=["2025-07-04"])
    >>> print(office.add("2025-07-03T16:00-06:00", working(hours=2)))
    2025-07-07 09:00:00-06:00
    >>> office.between("2025-07-03T16:00-06:00", "2025-07-07T09:00-06:00")
    datetime.timedelta(seconds=7200)
    """

    _rule: Rule
    _clock: Clock = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_clock", Clock(self._rule))

    @classmethod
    def weekly(cls, hours: str, *, zone: str, holidays: str | Iterable[date | str] = ()) -> Calendar:
        """The calendar of hours that repeat every week.

        Args:
            hours: E.g. "Mon-Fri 08:00-12:00, 13:00-17:00; Sat 22:00-06:00". A shift belongs to the date on which it
                starts; 24 hours are "00:00-24:00". Shifts of one day that touch are one, that overlap are refused;
                a night shift may reach into the next day's first.
            zone: IANA name such as "America/Denver".
            holidays: Dates without a shift, or a country with or without its part, "US" or "US-MT", whose public
                holidays the package `holidays` knows (for the United States those from 1865 to 2100).

        Raises:
            InvalidCalendarError: If the hours cannot be read, contradict themselves or never open, or the holidays are
                neither dates nor a known code.
            UnknownZoneError: If the zone is not known.
            MissingExtraError: If holidays come by code and the package is not installed.
        """
        week = parse_week(hours)
        if not any(week):
            raise InvalidCalendarError(
                f"weekly hours never open: {hours!r}; use Calendar.only(...) for single openings"
            )
        code, closed = code_and_days(holidays)
        return cls(WeeklyRule(week, zone_of(zone).name, code, tuple((day, ()) for day in closed)))

    @classmethod
    def always(cls, zone: str = "UTC") -> Calendar:
        """The calendar that never closes; every date of its zone is a working date.

        Raises:
            UnknownZoneError: If the zone is not known.
        """
        return cls(AlwaysRule(zone_of(zone).name))

    @classmethod
    def only(cls, *windows: Window, zone: str = "UTC") -> Calendar:
        """The calendar that is open in these windows and at no other time.

        Raises:
            InvalidCalendarError: If there is none, or one is empty or no Window.
            UnknownZoneError: If the zone is not known.
        """
        for window in windows:
            if not isinstance(window, Window) or window.is_empty:
                raise InvalidCalendarError(f"opening is not a window with time in it: {window!r}; leave it out")
        if not windows:
            raise InvalidCalendarError("calendar never opens: no windows; pass at least one Window")
        return cls(OnlyRule(tuple(pausing.merged(windows, NEVER)), zone_of(zone).name))

    def closed_on(self, *dates: date | str) -> Calendar:
        """The calendar with these dates closed, whatever the week and the holidays say.

        Raises:
            InvalidCalendarError: If one is no date, or the calendar is not a weekly one.
        """
        return Calendar(with_dates(self._rule, dict.fromkeys(days_of(dates), ())))

    def open_on(self, day: date | str, hours: str) -> Calendar:
        """The calendar with other hours on one date: a half day, an extra opening, a holiday that is worked.

        Args:
            day: The local date on which the shifts start.
            hours: E.g. "09:00-12:00"; they replace those of the week.

        Raises:
            InvalidCalendarError: If it is no date, the hours cannot be read or are none, or the calendar is not a
                weekly one.
        """
        shifts = parse_shifts(hours)
        if not shifts:
            raise InvalidCalendarError(f"hours never open: {hours!r}; use closed_on({day!s}) for a closed date")
        return Calendar(with_dates(self._rule, dict.fromkeys(days_of([day]), shifts)))

    def in_zone(self, zone: str) -> Calendar:
        """The calendar with the same wall times in another zone; what opens in windows keeps its instants.

        Raises:
            UnknownZoneError: If the zone is not known.
            InvalidCalendarError: If it joins hours of several zones that never meet in one.

        >>> Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris").in_zone("Asia/Tokyo")
        Calendar.weekly('Mon-Fri 09:00-17:00', zone='Asia/Tokyo')
        """
        return Calendar(in_zone(self._rule, zone_of(zone).name))

    def __and__(self, other: Calendar) -> Calendar:
        """Open when both are.

        Raises:
            InvalidCalendarError: If they are never open together in the years 1970 to 2199.
        """
        if not isinstance(other, Calendar):
            return NotImplemented
        return Calendar(proved_open(joined(BothRule, self._rule, other._rule)))

    def __or__(self, other: Calendar) -> Calendar:
        """Open when one of them is: follow the sun, or an extra opening."""
        if not isinstance(other, Calendar):
            return NotImplemented
        return Calendar(joined(EitherRule, self._rule, other._rule))

    def __sub__(self, other: Calendar) -> Calendar:
        """Open when this one is and the other is not.

        Raises:
            InvalidCalendarError: If nothing is left in the years 1970 to 2199.
        """
        if not isinstance(other, Calendar):
            return NotImplemented
        return Calendar(proved_open(ExceptRule((self._rule, other._rule))))

    @property
    def zone(self) -> str:
        """The IANA name of the zone in which its dates and its answers are."""
        return self._rule.zone

    def __repr__(self) -> str:
        return repr(self._rule)

    def __str__(self) -> str:
        """When it is open, in plain words."""
        return in_plain_words(self._rule)

    def __reduce__(self) -> tuple[type[Calendar], tuple[Rule]]:
        return Calendar, (self._rule,)

    def to_data(self) -> dict[str, Any]:
        """The calendar as plain data, for TOML and JSON: dicts, lists, text; `from_data` reads it back."""
        return _calendar_data.to_data(self._rule)

    @classmethod
    def from_data(cls, data: Mapping[str, Any], path: str = "calendar") -> Calendar:
        """The calendar of its plain data.

        Args:
            data: What `to_data` gives; "closed" (dates) and "hours" (by date) may stand beside "weekly".
            path: Where the data stands, for errors.

        Raises:
            InvalidCalendarError: If a part is missing, unknown or wrong; the text says where.

        >>> Calendar.from_data({"weekly": "Mon-Fri 09:00-17:00", "zone": "Europe/Paris", "closed": ["2026-05-01"]})
        Calendar.weekly('Mon-Fri 09:00-17:00', zone='Europe/Paris', holidays=[date(2026, 5, 1)])
        """
        return _calendar_data.from_data(cls, data, path)

    def is_open(self, at: Any) -> Any:
        """Whether it is open at a time; at exactly closing it is not."""
        if is_array(at):
            return self._clock.is_open(micros_array(at))
        return self._clock.openings.is_open(self._clock.door.micros(at))

    def next_open(self, at: Any) -> Any:
        """The time itself when open, else the next opening.

        Raises:
            HorizonError: If it does not open again in the years for which calendars are computed.
        """
        if is_array(at):
            return _like(at, self._clock.next_open(micros_array(at)))
        clock = self._clock
        return clock.door.moment(clock.openings.next_open(clock.door.micros(at)))

    def next_close(self, at: Any) -> Any:
        """The first closing after a time: of the stretch that is open, or of the next one.

        Raises:
            HorizonError: If it does not close again in the years for which calendars are computed.
        """
        closes = self._clock.next_close(self._inside(at, "at"))
        if closes == NEVER if closes.__class__ is int else (closes == NEVER).any():
            raise HorizonError(f"calendar never closes again: {self!r}, after {at}; ask is_open first")
        return _like(at, closes) if is_array(at) else self._clock.door.moment(closes)

    def add(self, at: Any, span: Span, pauses: Iterable[Window] = ()) -> Any:
        """The time a span away.

        Working time lands at the earliest instant by which it has elapsed (Thursday 17:00, not Friday 08:00), and
        subtracted at the latest from which it has. Working days count dates on which a shift starts, after the date of
        `at`, and keep the wall time; days keep it too. Adding nothing changes nothing.

        Args:
            at: One time, or an array.
            span: Of any unit; negative reaches back.
            pauses: Windows whose open time is given back, for working and elapsed spans. Overlaps count once.

        Raises:
            HorizonError: If the result is beyond the years for which calendars are computed.
            InvalidWindowError: If a pause has no end.
            InvalidSpanError: If days are to be counted with pauses, or it is no span.
        """
        clock = self._clock
        us = micros_array(at) if is_array(at) else clock.door.micros(at)
        end = clock.add_paused(us, span, pausing.merged(pauses)) if pauses != () else clock.add(us, span)
        return clock.door.moment(end) if end.__class__ is int else _like(at, end)

    def between(self, start: Any, end: Any, pauses: Iterable[Window] = (), until: datetime | str | None = None) -> Any:
        """The open time from one time to another, negative if the other is earlier.

        Args:
            start: One time, or an array.
            end: One time, or an array of the same length.
            pauses: Windows whose open time does not count. Overlaps count once.
            until: When a pause that has no end is taken to end.

        Returns:
            A `timedelta`; int64 microseconds if one of the times is an array.

        Raises:
            HorizonError: If a time is beyond the years for which calendars are computed.
            InvalidWindowError: If a pause has no end and `until` is not given.
        """
        first, last = self._inside(start, "start"), self._inside(end, "end")
        if pauses != ():
            merged = pausing.merged(pauses, None if until is None else to_micros(until, "until"))
            found = self._clock.between_paused(first, last, merged)
        else:
            found = self._clock.between(first, last)
        return timedelta(0, 0, found) if found.__class__ is int else found

    def _inside(self, value: Any, name: str) -> Instant:
        return micros_array(value, name) if is_array(value) else self._clock.door.micros(value, name)

    def open_windows(self, start: datetime | str, end: datetime | str) -> list[Window]:
        """The open stretches from one time to another, clipped to them.

        Raises:
            InvalidWindowError: If the end is not after the start.
            HorizonError: If a time is beyond the years for which calendars are computed.
        """
        asked = Window(start, end)
        pairs = zip(*self._clock.openings.slice(asked.opens_us, asked.closes_us), strict=True)
        return [Window._of(opens, closes) for opens, closes in pairs]  # noqa: SLF001

    # --- the same inside the library: ints or int64 arrays of UTC microseconds, sentinels passed through --------------

    def _is_open(self, us: Instant) -> Flag:
        return self._clock.is_open(us)

    def _next_open(self, us: Instant) -> Instant:
        return self._clock.next_open(us)

    def _next_close(self, us: Instant) -> Instant:
        return self._clock.next_close(us)

    def _stretch(self, us: int) -> tuple[int, int]:
        return self._clock.stretch(us)

    def _add(self, us: Instant, span: Span) -> Instant:
        return self._clock.add(us, span)

    def _between(self, start: Instant, end: Instant) -> Instant:
        return self._clock.between(start, end)


def _like(given: Any, us: Instant) -> Any:
    """Instants as the array was given: `datetime64[us]`, or int64 microseconds."""
    return us.view("datetime64[us]") if given.dtype.kind == "M" else us
