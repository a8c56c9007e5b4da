"""What a calendar is made of: rules that list the open stretches between two instants.

A rule is a frozen value and knows no cache. `stretches(low, high)` are two sorted lists, the openings and the closings
of disjoint stretches that do not touch, clipped to [low, high); `dates(low, high)` are its working dates as whole days
since 1970, of the local dates that begin in [low, high), asked with the stretches at hand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import reduce
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from carepolicy._instant import DAY
from carepolicy._time.holidays import holidays_of, written
from carepolicy._time.weekly import Shifts, Week, print_shifts, print_week
from carepolicy._time.zone import Offsets, offsets_of, year_of
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

Stretches: TypeAlias = tuple[list[int], list[int]]


class Rule(Protocol):
    """What lists open stretches; calendars hold one. Its repr is the expression that builds the calendar."""

    @property
    def zone(self) -> str:
        """The IANA name of the zone that says what its dates are."""

    def stretches(self, low: int, high: int) -> Stretches:
        """The openings and closings of the open stretches between two instants."""

    def dates(self, low: int, high: int) -> list[int]:
        """The working dates, in whole days since 1970, from the local date of one instant to that of another."""


@attrs.frozen(repr=False)
class WeeklyRule:
    """Weekly hours in a zone, minus holidays, with single dates that have hours of their own.

    Args:
        week: The normal form of seven days, Monday first.
        zone: IANA name.
        code: Holidays by country and subdivision, '' for none.
        special: Dates (whole days since 1970) with their own shifts, none for closed; sorted.
    """

    week: Week
    zone: str
    code: str = ""
    special: tuple[tuple[int, Shifts], ...] = ()

    def __repr__(self) -> str:
        closed = written([day for day, shifts in self.special if not shifts])
        text = f"Calendar.weekly({print_week(self.week)!r}, zone={self.zone!r}"
        if self.code or closed:
            text += f", holidays={repr(self.code) if self.code else f'[{closed}]'}"
        text += ")"
        if self.code and closed:
            text += f".closed_on({closed})"
        opened = [f".open_on({written([day])}, {print_shifts(shifts)!r})" for day, shifts in self.special if shifts]
        return text + "".join(opened)

    def stretches(self, low: int, high: int) -> Stretches:
        """The shifts of every date as instants, joined where they touch."""
        offsets = self._offsets(low, high)
        days, first = self._days(low // DAY - 3, high // DAY + 3)
        bases = range(first * DAY, (first + len(days)) * DAY, DAY)
        opens = [base + start for base, day in zip(bases, days, strict=True) for start, _ in day]
        closes = [base + end for base, day in zip(bases, days, strict=True) for _, end in day]
        # Shifts may reach into the next date's: sorted one by one, openings and closings still cover the same time.
        closes.sort()
        return tidy(offsets.utc_sorted(opens), offsets.utc_sorted(closes), low, high)

    def dates(self, low: int, high: int) -> list[int]:
        """The dates on which a shift starts that the clocks do not skip."""
        offsets = self._offsets(low, high)
        days, first = self._days((low + offsets.offset(low)) // DAY, (high + offsets.offset(high)) // DAY)
        uneven = {day for start, end in offsets.gaps(low - 3 * DAY, high + 3 * DAY) for day in _touched(start, end)}
        return [
            day
            for day, shifts in enumerate(days, first)
            if shifts and (day not in uneven or _starts(offsets, day, shifts))
        ]

    def _offsets(self, low: int, high: int) -> Offsets:
        return offsets_of(self.zone, year_of(low) - 1, year_of(high) + 1)

    def _days(self, first: int, last: int) -> tuple[list[Shifts], int]:
        """The shifts of each date from `first` up to before `last`, and `first`."""
        ahead = (first + 3) % 7
        days = list(((*self.week[ahead:], *self.week[:ahead]) * ((last - first) // 7 + 1))[: last - first])
        for day in self._holidays(first, last):
            days[day - first] = ()
        for day, shifts in self.special:
            if first <= day < last:
                days[day - first] = shifts
        return days, first

    def _holidays(self, first: int, last: int) -> Iterator[int]:
        if not self.code:
            return
        for year in range(year_of(first * DAY), year_of(last * DAY) + 1):
            yield from (day for day in holidays_of(self.code, year) if first <= day < last)


@attrs.frozen(repr=False)
class AlwaysRule:
    """Open at every instant; its dates are those of a zone."""

    zone: str

    def __repr__(self) -> str:
        return f"Calendar.always(zone={self.zone!r})"

    def stretches(self, low: int, high: int) -> Stretches:
        """The whole time asked about."""
        return [low], [high]

    def dates(self, low: int, high: int) -> list[int]:
        """Every date that clocks do not skip."""
        return whole_dates(self.zone, *self.stretches(low, high), low, high)


@attrs.frozen(repr=False)
class OnlyRule:
    """Open in listed windows and nowhere else.

    Args:
        windows: Instants (opens, closes), sorted, disjoint and not touching.
        zone: IANA name, which says what its dates are.
    """

    windows: tuple[tuple[int, int], ...]
    zone: str

    def __repr__(self) -> str:
        windows = "".join(f"{Window._of(*pair)!r}, " for pair in self.windows)  # noqa: SLF001
        return f"Calendar.only({windows}zone={self.zone!r})"

    def stretches(self, low: int, high: int) -> Stretches:
        """The windows, clipped."""
        return tidy([a for a, _ in self.windows], [b for _, b in self.windows], low, high)

    def dates(self, low: int, high: int) -> list[int]:
        """The dates on which a window opens, or that one fills."""
        return whole_dates(self.zone, *self.stretches(low - 3 * DAY, high + 3 * DAY), low, high)


class _Composed:
    """What rules made of rules share: the zone of the first, and dates by what is open on them."""

    __slots__ = ()
    parts: tuple[Rule, ...]

    @property
    def zone(self) -> str:
        """That of the first part."""
        return self.parts[0].zone

    def dates(self: Rule, low: int, high: int) -> list[int]:
        """The dates on which a stretch opens, or that one fills from midnight to midnight."""
        return whole_dates(self.zone, *self.stretches(low - 3 * DAY, high + 3 * DAY), low, high)


@attrs.frozen(repr=False)
class BothRule(_Composed):
    """Open when all parts are."""

    parts: tuple[Rule, ...]

    def __repr__(self) -> str:
        return f"({' & '.join(map(repr, self.parts))})"

    def stretches(self, low: int, high: int) -> Stretches:
        """The time in all parts."""
        return reduce(_intersected, (part.stretches(low, high) for part in self.parts))


@attrs.frozen(repr=False)
class EitherRule(_Composed):
    """Open when one of the parts is."""

    parts: tuple[Rule, ...]

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.parts))})"

    def stretches(self, low: int, high: int) -> Stretches:
        """The time in any part: sorted one by one, openings and closings still cover the same time."""
        runs = [part.stretches(low, high) for part in self.parts]
        return tidy(sorted(a for run in runs for a in run[0]), sorted(b for run in runs for b in run[1]), low, high)


@attrs.frozen(repr=False)
class ExceptRule(_Composed):
    """Open when the first part is and the second is not."""

    parts: tuple[Rule, Rule]

    def __repr__(self) -> str:
        return f"({self.parts[0]!r} - {self.parts[1]!r})"

    def stretches(self, low: int, high: int) -> Stretches:
        """The time in the first part and outside the second."""
        opens, closes = self.parts[1].stretches(low, high)
        return _intersected(self.parts[0].stretches(low, high), tidy([low, *closes], [*opens, high], low, high))


def _intersected(first: Stretches, second: Stretches) -> Stretches:
    (opens, closes), (other_opens, other_closes) = first, second
    starts: list[int] = []
    ends: list[int] = []
    i = j = 0
    while i < len(opens) and j < len(other_opens):
        start = max(opens[i], other_opens[j])
        end = min(closes[i], other_closes[j])
        if start < end:
            starts.append(start)
            ends.append(end)
        if closes[i] == end:
            i += 1
        else:
            j += 1
    return starts, ends


def _starts(offsets: Offsets, day: int, shifts: Shifts) -> bool:
    """Whether a date exists and one of its shifts opens, near a gap."""
    exists = offsets.utc(day * DAY) < offsets.utc((day + 1) * DAY)
    return exists and any(offsets.utc(day * DAY + start) < offsets.utc(day * DAY + end) for start, end in shifts)


def _touched(start: int, end: int) -> range:
    """The dates of which a shift can lie in the wall times [start, end)."""
    return range(start // DAY - 1, end // DAY + 1)


def tidy(opens: list[int], closes: list[int], low: int, high: int) -> Stretches:
    """Sorted openings and closings, clipped to [low, high), without empty stretches, joined where they touch."""
    if not all(map(int.__lt__, opens, closes)) or not all(map(int.__lt__, closes, opens[1:])):
        opens, closes = _joined(opens, closes)
    i, j = bisect_right(closes, low), bisect_left(opens, high)
    opens, closes = opens[i:j], closes[i:j]
    if opens:
        opens[0], closes[-1] = max(opens[0], low), min(closes[-1], high)
    return opens, closes


def _joined(opens: list[int], closes: list[int]) -> Stretches:
    starts: list[int] = []
    ends: list[int] = []
    for start, end in zip(opens, closes, strict=True):
        if start >= end:
            continue
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def whole_dates(zone: str, opens: list[int], closes: list[int], low: int, high: int) -> list[int]:
    """The local dates on which a stretch opens, or that are open from midnight to midnight."""
    offsets = offsets_of(zone, year_of(low) - 1, year_of(high) + 1)
    first, last = (low + offsets.offset(low)) // DAY, (high + offsets.offset(high)) // DAY
    found: set[int] = set()
    for start, end in zip(opens, closes, strict=True):
        day = (start + offsets.offset(start)) // DAY
        found.add(day)
        final = (end + offsets.offset(end)) // DAY
        found.update(range(day + 1, final))
    skipped = {day for a, b in offsets.gaps(low - DAY, high + DAY) for day in _skipped(offsets, a, b)}
    return sorted(day for day in found - skipped if first <= day < last)


def _skipped(offsets: Offsets, start: int, end: int) -> list[int]:
    """The dates without any instant, of those that the wall times [start, end) touch."""
    days = range(start // DAY, end // DAY + 1)
    return [day for day in days if offsets.utc(day * DAY) == offsets.utc((day + 1) * DAY)]
