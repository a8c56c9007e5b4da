"""Time counted in agreed intervals: open time where working time was agreed; stretches that do not count left out."""

from __future__ import annotations

import math

import attrs

from carepolicy._instant import DAY, NEVER
from carepolicy.calendar import Calendar
from carepolicy.errors import HorizonError
from carepolicy.span import WORKING, WORKING_DAYS, Span

YEAR = 365 * DAY


@attrs.frozen
class Agreed:
    """A clock that counts agreed intervals from a contact on.

    Args:
        every: The agreed interval.
        calendar: In which it is counted.
        rests: Stretches that do not count, as (begin, end) in UTC microseconds, in order and apart; NEVER ends what
            goes on.
    """

    every: Span
    calendar: Calendar
    rests: tuple[tuple[int, int], ...] = ()

    def _mark(self, start: int, number: int) -> int:
        """So many agreed intervals after a start; NEVER beyond the calendar."""
        try:
            return int(self.calendar._add(start, self.every * number))  # noqa: SLF001  (ticks)
        except HorizonError:
            return NEVER

    def _by_the_calendar(self, start: int, end: int) -> float:
        """How many agreed intervals lie between two instants, rests included."""
        first = self._mark(start, 1)
        number = max(0, (end - start) // (first - start))
        while number and self._mark(start, number) > end:
            number -= 1
        low, high = self._mark(start, number), self._mark(start, number + 1)
        while high <= end:
            number, low, high = number + 1, high, self._mark(start, number + 2)
        if high >= NEVER:
            return float(number)
        if self.every.unit in (WORKING, WORKING_DAYS):
            whole = int(self.calendar._between(low, high))  # noqa: SLF001
            if whole:
                return number + int(self.calendar._between(low, end)) / whole  # noqa: SLF001
        return number + (end - low) / (high - low)

    def between(self, start: int, end: int) -> float:
        """How many agreed intervals lie between two instants. It never falls as the end moves on."""
        counted = self._by_the_calendar(start, end)
        for begin, over in self.rests:
            if over > start and begin < end:
                inside = (max(begin, start), min(over, end))
                counted -= self._by_the_calendar(start, inside[1]) - self._by_the_calendar(start, inside[0])
        return max(0.0, counted)

    def when(self, start: int, intervals: float) -> int:
        """The first instant by which so many agreed intervals have gone by; NEVER if they never will."""
        ended = [(a, b) for a, b in self.rests if b > start and b < NEVER]
        rested = sum(self._by_the_calendar(start, b) - self._by_the_calendar(start, max(a, start)) for a, b in ended)
        if intervals + rested > 10**6:
            return NEVER
        low, high = start, self._mark(start, math.ceil(intervals + rested) + 1)
        if high >= NEVER or self.between(start, high) < intervals:
            return NEVER
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.between(start, middle) >= intervals else (middle, high)
        return high

    def in_a_year(self, start: int) -> float:
        """How many agreed intervals the year after an instant has; at least one, for rhythms slower than that."""
        return max(1.0, self._by_the_calendar(start, start + YEAR))
