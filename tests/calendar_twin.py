"""The judge of calendars: reads the wall clock of every UTC minute, then counts open minutes one by one.

A bound is the first minute whose wall clock has reached it, which is the gap's end in a gap and the first occurrence in
an overlap. Nothing here is shared with the library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Shift = tuple[int, int]
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE = 60_000_000
DAYS = 12


def minutes_since_1970(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) // 60


def midnight_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 1440


@lru_cache(maxsize=64)
def wall_clock(zone: str, start: date) -> tuple[int, list[int]]:
    """The first UTC minute, and for each the highest wall time so far, in minutes since 1970."""
    first = midnight_of(start) - 1440
    tz, reached, highest = ZoneInfo(zone), [], -(10**12)
    for minute in range(first, first + (DAYS + 3) * 1440):
        wall = datetime.fromtimestamp(minute * 60, UTC).astimezone(tz).replace(tzinfo=None)
        highest = max(highest, minutes_since_1970(wall))
        reached.append(highest)
    return first, reached


class Twin:
    """Twelve days of a weekly calendar from a date on, minute by minute."""

    def __init__(
        self,
        week: Sequence[Sequence[Shift]],
        zone: str,
        start: date,
        special: Mapping[date, Sequence[Shift]] | None = None,
    ) -> None:
        self.first, reached = wall_clock(zone, start)
        self.open = [False] * len(reached)
        self.working_dates = []
        instant: dict[int, int] = {}
        for position, wall in enumerate(reached):
            instant.setdefault(wall, position)
        for offset in range(-3, DAYS + 4):
            day = start + timedelta(days=offset)
            shifts = (special or {}).get(day, week[day.weekday()])
            midnight = midnight_of(day)
            exists = self._position(reached, instant, midnight) < self._position(reached, instant, midnight + 1440)
            starts = False
            for begin, end in shifts:
                low = self._position(reached, instant, midnight + begin)
                high = self._position(reached, instant, midnight + end)
                starts = starts or low < high
                self.open[low:high] = [True] * (high - low)
            if exists and starts and 0 <= offset < DAYS:
                self.working_dates.append(day)
        # the days before and after are only there to carry night shifts in
        self.low, self.high = self.first + 2 * 1440, self.first + (DAYS + 1) * 1440

    @staticmethod
    def _position(reached: list[int], instant: dict[int, int], wall: int) -> int:
        """The first minute whose wall clock has reached a time; in a gap that is the gap's end."""
        if wall <= reached[0]:
            return 0
        while wall not in instant:
            if wall > reached[-1]:
                return len(reached)
            wall += 1
        return instant[wall]

    def is_open(self, minute: int) -> bool:
        return self.open[minute - self.first]

    def between(self, start: int, end: int) -> int:
        if end < start:
            return -self.between(end, start)
        return sum(self.is_open(minute) for minute in range(start, end))

    def add(self, minute: int, count: int) -> int | None:
        """The earliest minute by which `count` have been open, or the latest from which they have; None if not here."""
        while count > 0 and minute < self.high:
            count -= self.is_open(minute)
            minute += 1
        if count < 0:
            minute -= 1
            while minute >= self.low:
                count += self.is_open(minute)
                if count == 0:
                    return minute
                minute -= 1
        return minute if count == 0 else None

    def next_open(self, minute: int) -> int | None:
        return next((m for m in range(minute, self.high) if self.is_open(m)), None)

    def next_close(self, minute: int) -> int | None:
        opens = self.next_open(minute)
        return None if opens is None else next((m for m in range(opens, self.high) if not self.is_open(m)), None)


def text_of(shifts: Sequence[Shift]) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return ", ".join(f"{clock(a)}-{clock(b if b <= 1440 else b - 1440)}" for a, b in shifts)


def week_text(week: Sequence[Sequence[Shift]]) -> str:
    return "; ".join(f"{NAMES[i]} {text_of(shifts)}" for i, shifts in enumerate(week) if shifts)
