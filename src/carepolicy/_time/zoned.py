"""The stretches of many calendars at once: their tables laid end to end, with one index over all of them.

The same hours in forty zones are forty calendars. To ask each for its rows would cost forty look-ups a batch; laid end
to end, the calendar only shifts where a row looks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, DAY, NEVER
from carepolicy._time.openings import HIGH, LOW, AlwaysOpenings, Openings
from carepolicy.errors import HorizonError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

_REACH = 400 * DAY
_WIDEST, _FINEST, _STEPS = 40, 30, 2
_DECADE = 3653 * DAY


@attrs.frozen(eq=False)
class _Laid:
    """Tables laid end to end, for instants from `low` to before `high`. `first` says from where in them a row looks: by
    `width` steps of 2**`shift` microseconds for each calendar, and `steps` stretches further at most."""

    low: int
    high: int
    opens: Instants
    closes: Instants
    first: Instants
    width: int
    shift: int
    steps: int


class Zoned:
    """Calendars by number, asked for arrays of instants with the number of the calendar beside each.

    What is laid is put in its place whole, so that threads may ask at once.
    """

    __slots__ = ("_laid", "calendars")

    def __init__(self, calendars: Sequence[Openings | AlwaysOpenings]) -> None:
        self.calendars = tuple(calendars)
        self._laid: _Laid | None = None

    def stretch(self, us: Instants, codes: NDArray[Any] | None = None) -> tuple[Instants, Instants]:
        """Opening and closing of the stretch that is open at each instant, or of the next one; see `Openings.stretch`.

        Args:
            us: Instants without sentinels.
            codes: The number of the calendar of each; all of the first when left out.

        Returns:
            NEVER for both where a calendar does not open again in the years for which calendars are computed;
            `refuse` says so.
        """
        if not len(us) or all(isinstance(calendar, AlwaysOpenings) for calendar in self.calendars):
            return np.full(len(us), ALWAYS), np.full(len(us), NEVER)
        laid = self._laid_for(us)
        rows = np.clip(us, laid.low, laid.high - 1)
        found = (rows - laid.low) >> laid.shift
        if codes is not None:
            found += laid.width * codes.astype(np.int64)
        found = laid.first.take(found)
        for _ in range(laid.steps):
            found += laid.closes.take(found) <= rows
        opens, closes = laid.opens.take(found), laid.closes.take(found)
        far = (us != rows) | (opens >= NEVER)
        if far.any():
            self._look_far(us, codes, np.flatnonzero(far), opens, closes)
        return opens, closes

    def refuse(self, us: int, code: int) -> None:
        """Say of an instant for which there is no stretch why.

        Raises:
            HorizonError: The calendar does not open again, or is not computed for its year.
        """
        self.calendars[code].stretch(us)

    def _laid_for(self, us: Instants) -> _Laid:
        """Tables around most of the instants."""
        laid = self._laid
        if laid is None or np.count_nonzero((us < laid.low) | (us >= laid.high)) * 2 > len(us):
            middle = int(np.clip(np.partition(us, len(us) // 2)[len(us) // 2], LOW, HIGH - 1))
            laid = self._laid = _lay(self.calendars, max(middle - _REACH, LOW), min(middle + _REACH, HIGH))
        return laid

    def _look_far(
        self, us: Instants, codes: NDArray[Any] | None, rows: NDArray[Any], opens: Instants, closes: Instants
    ) -> None:
        """Write the answers for rows far from the others, a decade at a time: a table of centuries would be large."""
        number = np.zeros(len(rows), np.int64) if codes is None else codes[rows].astype(np.int64)
        groups = np.stack([number, us[rows] // _DECADE])
        opens[rows], closes[rows] = NEVER, NEVER
        for code, decade in np.unique(groups, axis=1).T.tolist():
            calendar = _alike(self.calendars[code])
            some = rows[(groups[0] == code) & (groups[1] == decade)]
            for row in some[np.argsort(us[some])].tolist():
                try:
                    opens[row], closes[row] = calendar.stretch(int(us[row]))
                except HorizonError:
                    if us[row] >= LOW:
                        break  # and from none of the later ones on


def _alike(calendar: Openings | AlwaysOpenings) -> Openings | AlwaysOpenings:
    """The same calendar without a table, to be grown where it is asked and then forgotten."""
    return calendar if isinstance(calendar, AlwaysOpenings) else Openings(calendar.rule)


def _lay(calendars: Sequence[Openings | AlwaysOpenings], low: int, high: int) -> _Laid:
    """The tables of some calendars from `low` to `high`."""
    tables = [_stretches(calendar, low, high) for calendar in calendars]
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
    opens, closes = (np.concatenate(arrays) for arrays in zip(*tables, strict=True))
    return _Laid(low, high, opens, closes, np.concatenate(firsts), len(edges), shift, steps)


def _stretches(calendar: Openings | AlwaysOpenings, low: int, high: int) -> tuple[Instants, Instants]:
    """The stretches that an instant from `low` to before `high` may lie in or before.

    The last one is NEVER where the next opening is too far ahead to be looked for before somebody asks.
    """
    if isinstance(calendar, AlwaysOpenings):
        return np.array([ALWAYS]), np.array([NEVER])
    grown = Openings(calendar.rule)
    table = grown.cover(low, high - 1)
    first, after = bisect_right(table.closes, low), bisect_left(table.closes, high)
    pairs = list(zip(table.opens[first : after + 1], table.closes[first : after + 1], strict=True))
    if after == len(table.closes):
        pairs.append((NEVER, NEVER))
    for row in (0, -1):  # which may reach beyond the table
        if pairs[row][0] < NEVER:
            pairs[row] = grown.stretch(max(pairs[row][0], low))
    opens, closes = (np.array(bounds, np.int64) for bounds in zip(*pairs, strict=True))
    return opens, closes
