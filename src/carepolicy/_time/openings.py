"""The table of a calendar's openings in UTC, grown on demand, and the answers for one instant.

W(t) is the open time from the table's start to t. With `base[i] = ends[i] - closes[i]`, for the last stretch i that
opens by t, W(t) = min(t + base[i], ends[i]); adding working time is W, an addition, and W turned back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import sub
from threading import Lock
from typing import TYPE_CHECKING

from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER, iso
from carepolicy._time.zone import year_of, year_start
from carepolicy.errors import HorizonError

if TYPE_CHECKING:
    from carepolicy._time.rules import Rule

FIRST_YEAR, LAST_YEAR = 1800, 2400
"""Calendars are computed from the start of the first year to that of the last, in UTC."""
LOW, HIGH = year_start(FIRST_YEAR), year_start(LAST_YEAR)


def said(us: int) -> str:
    """An instant for an error, whatever its size."""
    return iso(us) if FIRST <= us <= LAST or abs(us) >= NEVER else f"{us} microseconds since 1970"


class Table:
    """The open stretches from `low` to `high`; immutable. Stretch 0 is empty and lies at `low`, as a stop."""

    __slots__ = ("arrays", "base", "closes", "dates", "ends", "high", "low", "opens")

    def __init__(self, low: int, high: int, opens: list[int], closes: list[int]) -> None:
        self.low, self.high = low, high
        self.opens, self.closes = [low, *opens], [low, *closes]
        self.ends: list[int] = list(accumulate(map(sub, self.closes, self.opens)))
        self.base: list[int] = list(map(sub, self.ends, self.closes))
        self.dates: list[int] | None = None
        self.arrays: object = None

    def worked(self, us: int) -> int:
        """Open time from the table's start to an instant inside it."""
        i = bisect_right(self.opens, us) - 1
        open_time, end = us + self.base[i], self.ends[i]
        return min(end, open_time)


class Openings:
    """The answers of one rule for one instant; keeps the table and grows it. Instants are UTC microseconds."""

    __slots__ = ("growing", "rule", "table")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.growing = Lock()  # INVARIANT: tables only ever grow, whichever threads ask
        self.table = Table(0, 0, [], [])

    def cover(self, low: int, high: int) -> Table:
        """The table, grown where needed to hold both instants with a year to spare.

        Raises:
            HorizonError: If one is outside the years for which calendars are computed.
        """
        table = self.table
        if table.low <= low and high < table.high:
            return table
        for us in (low, high):
            if not LOW <= us < HIGH:
                raise HorizonError(
                    f"instant is outside the years {FIRST_YEAR} to {LAST_YEAR - 1}: {said(us)}, of {self.rule!r}; "
                    "a calendar is computed for these years only"
                )
        if table.low == table.high:
            return self._build(
                year_start(max(year_of(low) - 1, FIRST_YEAR)), year_start(min(year_of(high) + 2, LAST_YEAR))
            )
        if low < table.low:
            table = self.earlier(low)
        return self.later(high) if high >= table.high else table

    def earlier(self, us: int | None = None) -> Table:
        """The table, at least twice as long, into the past."""
        table = self.table
        size = year_of(table.high) - year_of(table.low)
        year = min(year_of(table.low) - max(size, 4), year_of(table.low if us is None else us) - 1)
        return self._build(year_start(max(year, FIRST_YEAR)), table.high)

    def later(self, us: int | None = None) -> Table:
        """The table, at least twice as long, into the future."""
        table = self.table
        size = year_of(table.high) - year_of(table.low)
        year = max(year_of(table.high) + max(size, 4), year_of(table.high if us is None else us) + 2)
        return self._build(table.low, year_start(min(year, LAST_YEAR)))

    def _build(self, low: int, high: int) -> Table:
        """A new table that holds what the old one does, and more; only then does it take the old one's place."""
        with self.growing:
            old = self.table
            if old.low == old.high:
                opens, closes = self.rule.stretches(low, high)
            else:
                low, high = min(low, old.low), max(high, old.high)
                opens, closes = old.opens[1:], old.closes[1:]
                if low < old.low:
                    opens, closes = _chained(self.rule.stretches(low, old.low), (opens, closes))
                if high > old.high:
                    opens, closes = _chained((opens, closes), self.rule.stretches(old.high, high))
            self.table = table = Table(low, high, opens, closes)
        return table

    def dates(self, table: Table) -> list[int]:
        """The working dates that begin in the table, computed once per table."""
        if table.dates is None:
            table.dates = self.rule.dates(table.low, table.high)
        return table.dates

    def is_open(self, us: int) -> bool:
        """Whether a stretch holds the instant."""
        table = self.table
        if not table.low <= us < table.high:
            table = self.cover(us, us)
        return us < table.closes[bisect_right(table.opens, us) - 1]

    def _next(self, us: int) -> tuple[Table, int]:
        """The table, and the index of the first stretch that closes after the instant."""
        table = self.table
        if not table.low <= us < table.high:
            table = self.cover(us, us)
        i = bisect_right(table.closes, us)
        while i == len(table.closes):
            if table.high >= HIGH:
                raise self.exhausted(us)
            table = self.later()
            i = bisect_right(table.closes, us)
        return table, i

    def exhausted(self, us: int) -> HorizonError:
        """The error for an instant from which no opening, or not enough open time, is left."""
        return HorizonError(
            f"no opening is left in the years {FIRST_YEAR} to {LAST_YEAR - 1} from {said(us)} on, "
            f"of {self.rule!r}; add openings, or ask for less"
        )

    def next_open(self, us: int) -> int:
        """The instant itself when open, else the next opening."""
        table, i = self._next(us)
        opens = table.opens[i]
        return max(opens, us)

    def next_close(self, us: int) -> int:
        """The closing of the stretch that is open or comes next; NEVER if it lasts to the horizon."""
        table, i = self._next(us)
        while table.closes[i] == table.high:
            if table.high >= HIGH:
                return NEVER
            self.later()
            table, i = self._next(us)
        return table.closes[i]

    def stretch(self, us: int) -> tuple[int, int]:
        """Opening and closing of the stretch that is open or comes next; ALWAYS, NEVER beyond the horizon."""
        table = self.table
        if table.low <= us < table.high:
            i = bisect_right(table.closes, us)
            if i < len(table.closes) and table.low < table.opens[i] and table.closes[i] < table.high:
                return table.opens[i], table.closes[i]
        closes = self.next_close(us)
        table, i = self._next(us)
        while table.opens[i] == table.low:
            if table.low <= LOW:
                return ALWAYS, closes
            self.earlier()
            table, i = self._next(us)
        return table.opens[i], closes

    def add(self, us: int, amount: int) -> int:
        """The earliest instant by which `amount` more open time has elapsed; for a negative one, the latest from
        which that much has elapsed up to here.
        """
        if not amount:
            return us
        table = self.table
        if not table.low <= us < table.high:
            table = self.cover(us, us)
        ends = table.ends
        i = bisect_right(table.opens, us) - 1
        worked = us + table.base[i]
        worked = (worked if worked < ends[i] else ends[i]) + amount  # noqa: FURB136  (as worked(), no calls)
        if not 0 <= worked <= ends[-1]:
            table = self.reach(us, us, amount)
            ends = table.ends
            worked = table.worked(us) + amount
        return worked - table.base[bisect_left(ends, worked) if amount > 0 else bisect_right(ends, worked)]

    def reach(self, first: int, last: int, amount: int) -> Table:
        """The table, grown until `amount` can be added from the first to the last instant."""
        table = self.cover(first, last)
        while amount > 0 and table.worked(last) + amount > table.ends[-1]:
            if table.high >= HIGH:
                raise self.exhausted(last)
            table = self.later()
        while amount < 0 and table.worked(first) + amount < 0:
            if table.low <= LOW:
                raise HorizonError(
                    f"no opening is left in the years {FIRST_YEAR} to {LAST_YEAR - 1} up to {said(first)}, "
                    f"of {self.rule!r}; add openings, or ask for less"
                )
            table = self.earlier()
        return table

    def between(self, start: int, end: int) -> int:
        """Open time from one instant to the other, negative if the other is earlier."""
        table = self.table
        if not (table.low <= start < table.high and table.low <= end < table.high):
            table = self.cover(min(start, end), max(start, end))
        return table.worked(end) - table.worked(start)

    def slice(self, low: int, high: int) -> tuple[list[int], list[int]]:
        """The stretches clipped to [low, high), from the table."""
        table = self.cover(low, high - 1)
        i, j = bisect_right(table.closes, low), bisect_left(table.opens, high)
        opens, closes = table.opens[i:j], table.closes[i:j]
        if opens:
            opens[0], closes[-1] = max(opens[0], low), min(closes[-1], high)
        return opens, closes


class AlwaysOpenings:
    """The answers of a calendar that never closes; all arithmetic, for one instant and for arrays alike."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def is_open(self, us: int) -> bool:
        """Always."""
        return True

    def next_open(self, us: int) -> int:
        """The instant itself."""
        return us

    def stretch(self, us: int) -> tuple[int, int]:
        """All of time."""
        return ALWAYS, NEVER

    def add(self, us: int, amount: int) -> int:
        """Plain addition."""
        return us + amount

    def between(self, start: int, end: int) -> int:
        """Plain subtraction."""
        return end - start

    def slice(self, low: int, high: int) -> tuple[list[int], list[int]]:
        """One stretch."""
        return [low], [high]


def _chained(first: tuple[list[int], list[int]], then: tuple[list[int], list[int]]) -> tuple[list[int], list[int]]:
    """Two runs of stretches that follow one another, joined if they touch."""
    (opens, closes), (more_opens, more_closes) = first, then
    if closes and more_opens and closes[-1] == more_opens[0]:
        return opens + more_opens[1:], closes[:-1] + more_closes
    return opens + more_opens, closes + more_closes
