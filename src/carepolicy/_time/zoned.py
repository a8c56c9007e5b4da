"""The stretches of many calendars at once: their tables laid end to end, with one index over all of them.

The same hours in forty zones are forty calendars. To ask each for its rows would cost forty look-ups a batch; laid end
to end, the calendar only shifts where a row looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import ALWAYS, DAY, NEVER
from carepolicy._time.openings import HIGH, LOW, AlwaysOpenings, Openings, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

_REACH = 2 * 365 * DAY
_WIDEST, _FINEST, _STEPS = 40, 30, 2
_DECADE = 3653 * DAY


class Zoned:
    """Calendars by number, asked for arrays of instants with the number of the calendar beside each."""

    __slots__ = ("_closes", "_first", "_high", "_low", "_opens", "_shift", "_steps", "_width", "calendars")

    def __init__(self, calendars: Sequence[Openings | AlwaysOpenings]) -> None:
        self.calendars = tuple(calendars)
        self._low = self._high = 0

    def stretch(self, us: Instants, codes: NDArray[Any] | None = None) -> tuple[Instants, Instants]:
        """Opening and closing of the stretch that is open at each instant, or of the next one; see `Openings.stretch`.

        Args:
            us: Instants without sentinels.
            codes: The number of the calendar of each; all of the first when left out.

        Raises:
            HorizonError: If a calendar does not open again in the years for which calendars are computed.
        """
        if not len(us) or all(isinstance(calendar, AlwaysOpenings) for calendar in self.calendars):
            return np.full(len(us), ALWAYS), np.full(len(us), NEVER)
        far = (us < self._low) | (us >= self._high)
        if np.count_nonzero(far) * 2 > len(us):
            middle = int(np.partition(us, len(us) // 2)[len(us) // 2])
            self._lay(max(middle - _REACH, LOW), min(middle + _REACH, HIGH))
            far = (us < self._low) | (us >= self._high)
        rows = np.clip(us, self._low, self._high - 1)
        found = (rows - self._low) >> self._shift
        if codes is not None:
            found += self._width * codes.astype(np.int64)
        found = self._first.take(found)
        for _ in range(self._steps):
            found += self._closes.take(found) <= rows
        opens, closes = self._opens.take(found), self._closes.take(found)
        if far.any():
            self._look_far(us, codes, np.flatnonzero(far), opens, closes)
        return opens, closes

    def _lay(self, low: int, high: int) -> None:
        """Lay the tables from `low` to `high` end to end; the index says from where in them a row looks."""
        tables = [_stretches(calendar, low, high) for calendar in self.calendars]
        self._opens, self._closes = (np.concatenate(arrays) for arrays in zip(*tables, strict=True))
        for shift in range(_WIDEST, _FINEST - 1, -1):
            edges = low + (np.arange((high - low >> shift) + 2, dtype=np.int64) << shift)
            firsts, steps, laid = [], 0, 0
            for _, closes in tables:
                passed = np.searchsorted(closes, edges, "right")
                steps = max(steps, int(np.diff(passed).max()))
                firsts.append(passed + laid)
                laid += len(closes)
            if steps <= _STEPS:
                break
        self._first, self._width = np.concatenate(firsts), len(edges)
        self._shift, self._steps, self._low, self._high = shift, steps, low, high

    def _look_far(
        self, us: Instants, codes: NDArray[Any] | None, rows: NDArray[Any], opens: Instants, closes: Instants
    ) -> None:
        """Write the answers for rows far from the others, a decade at a time: a table of centuries would be large."""
        number = np.zeros(len(rows), np.int64) if codes is None else codes[rows].astype(np.int64)
        groups = np.stack([number, us[rows] // _DECADE])
        for code, decade in np.unique(groups, axis=1).T.tolist():
            calendar = _alike(self.calendars[code])
            for row in rows[(groups[0] == code) & (groups[1] == decade)].tolist():
                opens[row], closes[row] = calendar.stretch(int(us[row]))


def _alike(calendar: Openings | AlwaysOpenings) -> Openings | AlwaysOpenings:
    """The same calendar without a table, to be grown where it is asked and then forgotten."""
    return calendar if isinstance(calendar, AlwaysOpenings) else Openings(calendar.rule)


def _stretches(calendar: Openings | AlwaysOpenings, low: int, high: int) -> tuple[Instants, Instants]:
    """The stretches that an instant from `low` to before `high` may lie in or before."""
    if isinstance(calendar, AlwaysOpenings):
        return np.array([ALWAYS]), np.array([NEVER])
    grown = Openings(calendar.rule)
    first, last = grown.stretch(low), grown.stretch(high - 1)
    opens, closes = (np.array(found, np.int64) for found in _inside(grown.table, first[0], last[1]))
    opens[0], closes[-1] = first[0], last[1]  # sentinels where a stretch reaches the horizon
    return opens, closes


def _inside(table: Table, first: int, last: int) -> tuple[list[int], list[int]]:
    """The stretches of a table from the one that opens at `first` to the one that closes at `last`."""
    pairs = [(a, b) for a, b in zip(table.opens[1:], table.closes[1:], strict=True) if b > first and a < last]
    return [a for a, _ in pairs], [b for _, b in pairs]
