"""The day of somebody who has to be reached: its hours and parts, and on which day and at which time a call comes."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import Any

import attrs

from carepolicy._instant import ALWAYS, DAY, HOUR, NEVER, Instant, earliest, latest, where
from carepolicy._time.zone import year_start
from carepolicy.calendar import Calendar
from carepolicy.errors import HorizonError, InvalidCalendarError
from carepolicy.span import working_days

_LATE = year_start(2040)
_NIGHT = 12 * HOUR


@attrs.frozen
class Day:
    """The hours in which somebody may be called, by part of the day.

    Args:
        open: When calls may be made at all.
        parts: The parts of the day, in which earlier calls fall.
        left: When calls may be made in each part; a part in which none may be made year after year is left out.
        ends: Open from noon to midnight: it closes when a date ends.
        written: When the customer may be written to; None for any time.
        ours: When we call; working days are counted in it.
    """

    open: Calendar
    parts: tuple[Calendar, ...]
    left: tuple[Calendar, ...]
    ends: Calendar
    written: Calendar | None
    ours: Calendar

    def end_of(self, us: Any) -> Any:
        """The midnight after an instant (UTC microseconds)."""
        return self.ends._next_close(us)  # noqa: SLF001  (the calendar's form for ticks)

    def is_working(self, us: int) -> bool:
        """Whether a call may be made at any time of the date of an instant."""
        noon, _ = self.ends._stretch(us)  # noqa: SLF001
        midnight = self.end_of(noon - 13 * HOUR)
        return bool(self.open._next_open(midnight) < self.end_of(us))  # noqa: SLF001

    def within(self, chosen: tuple[bool, ...]) -> Calendar:
        """When calls may be made in some of the parts; in any where none is chosen."""
        some = [left for left, wanted in zip(self.left, chosen, strict=True) if wanted]
        return reduce(or_, some) if some else self.open

    def soonest(self, last: Any, wait: int) -> Any:
        """From when a call may follow the last one: at once, or `wait` working days later from the opening on."""
        if not wait:
            return last
        return self.ours._add(self.open._next_open(self.end_of(last)), working_days(wait - 1))  # noqa: SLF001

    def other_times(self, soonest: Instant, calls: tuple[Instant, ...]) -> tuple[Instant, ...]:
        """When each part of the day comes that was not tried, or else that was not tried last; NEVER for the others,
        and for what does not come by the end of the next working day.

        Args:
            soonest: From when a call may be made.
            calls: The last calls; ALWAYS for none.
        """
        if not self.left:
            return ()
        end = self.end_of(self.ours._add(soonest, working_days(1)))  # noqa: SLF001
        opens = [left._next_open(soonest) for left in self.left]  # noqa: SLF001
        opens = [where(us < end, us, NEVER) for us in opens]
        tried = [
            latest(ALWAYS, *(where(part._is_open(call), call, ALWAYS) for call in calls))  # noqa: SLF001
            for part in self.parts
        ]
        last = latest(ALWAYS, *tried)
        fresh = [where(was > ALWAYS, NEVER, us) for was, us in zip(tried, opens, strict=True)]
        other = [where(was >= last, NEVER, us) for was, us in zip(tried, opens, strict=True)]
        is_fresh = earliest(NEVER, *fresh) < NEVER
        return tuple(where(is_fresh, one, two) for one, two in zip(fresh, other, strict=True))


@lru_cache(maxsize=256)
def day_of(calendar: Calendar, hours: Calendar | None, zone: str, parts: tuple[str, ...]) -> Day:
    """The day of somebody in a zone, the same for every question: its tables take long to make.

    Args:
        calendar: When we call.
        hours: When the customer may be called, in wall times of the customer; None for any time.
        zone: The customer's zone; "" for not known: that of the hours, or else of the calendar.
        parts: The parts of the day, as hours.

    Raises:
        InvalidCalendarError: If our hours and those of the customer never meet.
    """
    home = zone or (calendar if hours is None else hours).zone
    local = hours if hours is None or not zone else hours.in_zone(zone)
    ours = calendar if local is None else calendar & local
    met = []
    for part in parts:
        band = Calendar.weekly(f"Mon-Sun {part}", zone=home)
        try:
            left = ours & band
            left._next_open(_LATE)  # noqa: SLF001  (the calendar's form for ticks)
        except (InvalidCalendarError, HorizonError):
            continue  # nobody is called in this part, or was only while clocks stood otherwise
        met.append((band, left))
    return Day(
        ours,
        tuple(band for band, _ in met),
        tuple(left for _, left in met),
        Calendar.weekly("Mon-Sun 12:00-24:00", zone=home),
        local,
        calendar,
    )


@attrs.frozen
class CallTerms:
    """What a call must keep to take a rung: the day, the time of day, and who makes it.

    Args:
        day: The day of the customer; None where nobody knows where it begins: then a night of twelve hours parts days.
        wait: How many working days after the call that took a rung before.
        other_time: Whether it comes at another time of day than the calls before.
        who: Who makes it.
        looks_back: How many calls are looked at for their time of day.
    """

    day: Day | None
    wait: int
    other_time: bool
    who: str
    looks_back: int

    def allows(self, at: int, since: int, calls: tuple[int, ...]) -> bool:
        """Whether a call keeps the day and the time of day.

        Args:
            at: When it is made, in UTC microseconds.
            since: When the call was made that took a rung before, or the ladder began.
            calls: All calls since it began, in order.
        """
        if self.day is None:
            return not self.wait or at - since >= _NIGHT + (self.wait - 1) * DAY
        if self.wait and not (self.day.end_of(at) > self.day.soonest(since, self.wait) and self.day.is_working(at)):
            return False
        if not self.other_time:
            return True
        last = max((since, *calls[-1:]))
        times = self.day.other_times(self.day.soonest(last, self.wait), calls[-self.looks_back :])
        parts = [part for part, us in zip(self.day.parts, times, strict=False) if us < NEVER]
        return not parts or any(part._is_open(at) for part in parts)  # noqa: SLF001
