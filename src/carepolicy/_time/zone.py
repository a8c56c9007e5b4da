"""UTC offsets of a zone as a table of its clock changes: wall time to UTC and back in whole microseconds.

A clock change at the instant T from offset b to offset a has one key, the wall time T + b at which the old offset
ends. A wall time before the key is read with b, one from the key on with a, but not before T. So a wall time in the
gap (a > b) becomes the gap's end, and one in the overlap (a < b) is its first occurrence, without a special case.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pendulum

from carepolicy._instant import DAY, EPOCH_ORDINAL, FIRST, LAST, SECOND, moment_in, to_micros, zone_of
from carepolicy.errors import HorizonError

if TYPE_CHECKING:
    from carepolicy._instant import Instants

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_BLOCK_YEARS = 8
# The shortest there-and-back in the zone database is four days (Freetown 1939), and 6.9 days since 1970 (Brazil 2000):
# shorter steps miss nothing.
_STEP, _OLD_STEP = 6 * 86_400, 3 * 86_400
_GRID = 900
_REACH = 130 * 366 * DAY
_MOMENT = pendulum.DateTime
_FIRST, _LAST = FIRST // SECOND + 2 * 86_400, LAST // SECOND - 2 * 86_400


def year_of(micros: int) -> int:
    """The year, in UTC, of an instant within the years 1 to 9999."""
    return date.fromordinal(micros // DAY + EPOCH_ORDINAL).year


def year_start(year: int) -> int:
    """The first instant of a year, in UTC microseconds."""
    return (date(year, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY


def _plain(zone: str) -> ZoneInfo:
    """The zone without pendulum's layer, which makes every question four times as slow."""
    return ZoneInfo(zone_of(zone).key)


def _offset_at(tz: ZoneInfo, second: int) -> int:
    """The UTC offset, in seconds, at a UTC second: wall times of one zone subtract as if it had none, which is fast."""
    moment = _EPOCH.replace(tzinfo=tz) + timedelta(0, second)
    return (tz.fromutc(moment) - moment) // _SECOND


def _steps(tz: ZoneInfo, low: int, high: int, step: int) -> list[int]:
    """Seconds from `low` to `high` that hold each change of the offset between two neighbours."""
    start = _EPOCH.replace(tzinfo=tz) + timedelta(0, low)
    moments = accumulate(repeat(timedelta(0, step), (high - low) // step), datetime.__add__, initial=start)
    offsets = [tz.fromutc(moment) - moment for moment in moments]
    found = [i for i, (before, after) in enumerate(pairwise(offsets)) if before != after]
    return [low, *(low + (i + k) * step for i in found for k in (0, 1)), low + (len(offsets) - 1) * step, high]


def _search(tz: ZoneInfo, low: int, before: int, high: int, after: int) -> list[tuple[int, int, int]]:
    """The clock changes after `low`, up to and including `high`, whose offsets are given; all in seconds.

    Halves on whole quarters of an hour first, as nearly all changes lie on them.
    """
    if before == after:
        return []
    if high - low == 1 or (high - low <= _GRID and _offset_at(tz, high - 1) == before):
        return [(high, before, after)]
    middle = (low + high) // 2
    if high - low > _GRID:
        middle -= middle % _GRID
        middle += _GRID if middle <= low else 0
    at = _offset_at(tz, middle)
    return _search(tz, low, before, middle, at) + _search(tz, middle, at, high, after)


@lru_cache(maxsize=4096)
def _changes(zone: str, block: int) -> tuple[tuple[int, int, int], ...]:
    """The clock changes (instant, offset before, offset after), in seconds, of eight years."""
    tz, year = _plain(zone), block * _BLOCK_YEARS
    low = max(year_start(max(year, 1)) // SECOND, _FIRST)
    high = min(year_start(year + _BLOCK_YEARS) // SECOND if year + _BLOCK_YEARS <= 9999 else _LAST, _LAST)
    steps = _steps(tz, low, high, _STEP if year >= 1970 else _OLD_STEP)
    offsets = [_offset_at(tz, second) for second in steps]
    found = [
        change
        for i in range(1, len(steps))
        for change in _search(tz, steps[i - 1], offsets[i - 1], steps[i], offsets[i])
    ]
    return tuple(found)


class Offsets:
    """The clock changes of one zone over a range of years; immutable.

    `at` are their instants, `keys` the wall times at which the old offsets end, `offsets` one more: before the first
    change, and after each. Exact for instants and wall times inside the range; outside, the nearest offset holds.
    """

    __slots__ = ("at", "first_keys", "keys", "last_keys", "offsets", "zone")

    def __init__(self, zone: str, first_year: int, last_year: int) -> None:
        self.zone = zone
        blocks = range(first_year // _BLOCK_YEARS, last_year // _BLOCK_YEARS + 1)
        changes = [change for block in blocks for change in _changes(zone, block)]
        start = max(year_start(max(blocks.start * _BLOCK_YEARS, 1)) // SECOND, _FIRST)
        self.at = [at * SECOND for at, _, _ in changes]
        self.keys = [(at + before) * SECOND for at, before, _ in changes]
        # how a datetime reads its wall time: with the new offset from here on if fold is 1, from there on if it is 0
        self.first_keys = [(at + min(before, after)) * SECOND for at, before, after in changes]
        self.last_keys = [(at + max(before, after)) * SECOND for at, before, after in changes]
        self.offsets = [_offset_at(_plain(zone), start) * SECOND, *(after * SECOND for _, _, after in changes)]

    def offset(self, us: int) -> int:
        """The UTC offset at an instant."""
        return self.offsets[bisect_right(self.at, us)]

    def utc(self, wall: int) -> int:
        """The instant of a wall time: the gap's end in a gap, the first in an overlap."""
        i = bisect_right(self.keys, wall)
        us = wall - self.offsets[i]
        return us if not i or us > self.at[i - 1] else self.at[i - 1]

    def utc_sorted(self, walls: list[int]) -> list[int]:
        """As `utc`, for a sorted list: sliced between the clock changes, which is all arithmetic."""
        out: list[int] = []
        low = 0
        for i, offset in enumerate(self.offsets):
            high = bisect_right(walls, self.keys[i] - 1) if i < len(self.keys) else len(walls)
            if low < high:
                part = [wall - offset for wall in walls[low:high]] if offset else walls[low:high]
                if i and part[0] < self.at[i - 1]:
                    part = [max(us, self.at[i - 1]) for us in part]
                out += part
            low = high
        return out

    def gaps(self, low: int, high: int) -> list[tuple[int, int]]:
        """The wall times [from, to) that clocks skip, of the changes between two instants."""
        pairs = zip(self.at, self.keys, self.offsets[1:], strict=True)
        return [(key, at + after) for at, key, after in pairs if low <= at < high and at + after > key]

    def uneven_days(self) -> list[int]:
        """The local dates, in days since 1970, on which not every wall time has the same offset."""
        pairs = zip(self.at, self.keys, self.offsets[1:], strict=True)
        return [day for at, key, after in pairs for day in range(key // DAY, max(key, at + after) // DAY + 1)]

    def offset_array(self, us: Instants) -> Instants:
        """The UTC offsets at an array of instants."""
        import numpy as np

        found: Instants = np.array(self.offsets, np.int64)[np.searchsorted(self.at, us, "right")]
        return found

    def utc_array(self, walls: Instants) -> Instants:
        """As `utc`, for an array."""
        import numpy as np

        i = np.searchsorted(self.keys, walls, "right")
        floor = np.array([FIRST - DAY * 4, *self.at], np.int64)
        found: Instants = np.maximum(walls - np.array(self.offsets, np.int64)[i], floor[i])
        return found


class Door:
    """The door for times of one zone, to and fro; three times as fast as asking pendulum, as the offsets are at hand.

    Mutable, and shared by all who use the zone: the years at hand grow towards what is asked.
    """

    __slots__ = ("at_hand", "tz")

    def __init__(self, zone: str) -> None:
        self.tz = zone_of(zone)
        self.at_hand = (0, 0, Offsets(zone, 1970, 1960))  # no years yet

    def _offsets(self, us: int) -> Offsets | None:
        """The offsets with those of an instant, or None where that would take a century or more."""
        if not -_REACH < us < _REACH:
            return None
        low, high, offsets = self.at_hand
        year = year_of(us)
        first, last = (
            (year - 2, year + 5) if low == high else (min(year_of(low), year - 2), max(year_of(high), year + 5))
        )
        offsets = Offsets(offsets.zone, first, last)
        self.at_hand = (year_start(first), year_start(last), offsets)
        return offsets

    def around(self, us: int) -> Offsets:
        """The offsets of the days around an instant, or around a wall time taken as one.

        Raises:
            HorizonError: If it is outside the years 1 to 9999.
        """
        low, high, offsets = self.at_hand
        if low + 3 * DAY <= us < high - 3 * DAY:
            return offsets
        year = year_of(us)
        return self._offsets(us) or offsets_of(self.tz.key, max(year - 1, 1), min(year + 1, 9999))

    def micros(self, value: datetime | str, name: str = "at") -> int:
        """The UTC microseconds of one aware time; see `to_micros`."""
        if value.__class__ is not _MOMENT or value.tzinfo is not self.tz:
            return to_micros(value, name)
        wall = (
            (value.toordinal() - EPOCH_ORDINAL) * 86_400 + (value.hour * 60 + value.minute) * 60 + value.second
        ) * SECOND + value.microsecond
        low, high, offsets = self.at_hand
        if not low + DAY < wall < high - DAY:
            return to_micros(value, name)
        keys = offsets.first_keys if value.fold else offsets.last_keys
        return wall - offsets.offsets[bisect_right(keys, wall)]

    def moment(self, us: int) -> pendulum.DateTime:
        """The pendulum time of UTC microseconds; see `moment_in`."""
        low, high, offsets = self.at_hand
        if not low <= us < high:
            found = self._offsets(us)
            if found is None:
                return moment_in(us, self.tz)
            offsets = found
        i = bisect_right(offsets.at, us)
        wall = us + offsets.offsets[i]
        day, rest = divmod(wall, DAY)
        second, micro = divmod(rest, SECOND)
        minute, second = divmod(second, 60)
        at = date.fromordinal(day + EPOCH_ORDINAL)
        if i and wall < offsets.keys[i - 1]:
            return _MOMENT(at.year, at.month, at.day, minute // 60, minute % 60, second, micro, tzinfo=self.tz, fold=1)
        return _MOMENT(at.year, at.month, at.day, minute // 60, minute % 60, second, micro, self.tz)


@lru_cache(maxsize=1024)
def door_of(zone: str) -> Door:
    """The door of a zone, one for all."""
    return Door(zone)


@lru_cache(maxsize=256)
def offsets_of(zone: str, first_year: int, last_year: int) -> Offsets:
    """The clock changes of a zone over whole years, from the cache.

    Raises:
        HorizonError: If the years are not within 1 to 9999.
    """
    if first_year < 1 or last_year > 9999:
        raise HorizonError(f"years of zone {zone} reach beyond 1 to 9999: {first_year} to {last_year}; stay within")
    return Offsets(zone, first_year, last_year)
