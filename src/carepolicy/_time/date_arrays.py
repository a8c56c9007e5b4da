"""Spans of dates for arrays: two look-ups by day, one for the offset of each instant, one for where its date goes.

Days with a clock change have no single offset; their entry is a flag so large that the result is plainly out of range,
and those few rows go the exact way, by searching among the clock changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepolicy._instant import ALWAYS, DAY, FIRST, LAST, NEVER
from carepolicy._time.dates import reach
from carepolicy._time.zone import offsets_of, year_of
from carepolicy.errors import HorizonError
from carepolicy.span import DAYS

if TYPE_CHECKING:
    from carepolicy._instant import Instants
    from carepolicy._time.chunks import Buffers, Kernel
    from carepolicy._time.clock import Clock
    from carepolicy.span import Span

_FLAG, _FLOOR, _SHIFT = -(2**60), -(2**59), 36
_SPARE, _WIDEST, _MOST = 90 * DAY, 20 * 365 * DAY, 64


class DateMove:
    """Moves instants from `low` to `high` by days or working days of one calendar: run the kernel, then `finish`."""

    __slots__ = ("first", "high", "kernel", "low", "offsets", "targets")

    def __init__(self, clock: Clock, span: Span, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.first = low // DAY - 1
        days = np.arange(self.first, high // DAY + 2)
        self.targets = (
            days + span.amount if span.unit == DAYS else _working_targets(clock, low, high, days, span.amount)
        )
        reached = [low, high, int(self.targets[0]) * DAY, int(self.targets[-1]) * DAY]
        if not FIRST + 4 * DAY <= min(reached) <= max(reached) <= LAST - 4 * DAY:
            raise HorizonError(f"{span!r} reaches outside the years 1 to 9999; ask for fewer, or leave rows out")
        first_year, last_year = max(year_of(min(reached)) - 1, 1), min(year_of(max(reached)) + 1, 9999)
        self.offsets = offsets_of(clock.zone, first_year, last_year)
        self.kernel = _kernel(self._offset_table(low, high), self._move_table(), low)

    @classmethod
    def of(cls, clock: Clock, span: Span, low: int, high: int) -> DateMove:
        """The one that the clock keeps, where it reaches far enough: a table comes in many chunks of much the same
        range."""
        kept = clock.moves.get(span)
        if isinstance(kept, cls) and kept.low <= low and high <= kept.high:
            return kept
        if high - low > _WIDEST:
            return cls(clock, span, low, high)
        try:
            move = cls(clock, span, low - _SPARE, high + _SPARE)
        except HorizonError:
            return cls(clock, span, low, high)
        if len(clock.moves) >= _MOST:
            clock.moves.clear()
        clock.moves[span] = move
        return move

    def _offset_table(self, low: int, high: int) -> Instants:
        """The offset in each bucket of instants, counted from the first date; flagged where it changes."""
        starts = low + (np.arange((high - low >> _SHIFT) + 1) << _SHIFT)
        changed = (np.array(self.offsets.at, np.int64) - low) >> _SHIFT
        table = self.offsets.offset_array(starts) - self.first * DAY
        table[changed[(changed >= 0) & (changed < len(table))]] = _FLAG
        return table

    def _move_table(self) -> Instants:
        """What to add to a wall time, by its date; flagged where the date it goes to has no one offset."""
        walls = self.targets * DAY
        moves = self.offsets.utc_array(walls) - np.arange(len(walls)) * DAY
        moves[np.isin(self.targets, self.offsets.uneven_days())] = _FLAG
        moves[[0, -1]] = _FLAG  # INVARIANT: a flagged offset clips to an end of this table, so it stays flagged
        return moves

    def finish(self, us: Instants, out: Instants) -> None:
        """Compute the flagged rows exactly."""
        odd = np.flatnonzero(out < _FLOOR)
        odd = odd[(us[odd] > ALWAYS) & (us[odd] < NEVER)]
        wall = us[odd] + self.offsets.offset_array(us[odd])
        out[odd] = self.offsets.utc_array(self.targets[wall // DAY - self.first] * DAY + wall % DAY)


def _working_targets(clock: Clock, low: int, high: int, days: Instants, count: int) -> Instants:
    """The `count`-th working date from each date."""
    table, _ = reach(clock.dated, (low, int(days[0])), (high, int(days[-1])), count)
    dates = np.array(clock.dated.dates(table), np.int64)
    if count > 0:
        return dates[np.searchsorted(dates, days, "right") - 1 + count]
    return dates[np.searchsorted(dates, days, "left") + count]


def _kernel(offsets: Instants, moves: Instants, low: int) -> Kernel:
    def kernel(us: Instants, out: Instants, buffers: Buffers) -> None:
        found, wall = buffers.found, buffers.work
        np.right_shift(np.subtract(us, low, out=found), _SHIFT, out=found)
        np.add(offsets.take(found, out=wall, mode="clip"), us, out=wall)
        np.floor_divide(wall, DAY, out=found)
        np.add(moves.take(found, out=buffers.spare, mode="clip"), wall, out=out)

    return kernel
