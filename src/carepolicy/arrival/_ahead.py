"""Instants an amount of a calendar's time ahead, one amount a row; the other way round; and the end of a day's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepolicy._instant import ALWAYS, DAY, NEVER
from carepolicy._time.openings import AlwaysOpenings
from carepolicy._time.zone import offsets_of, year_of
from carepolicy.span import working_days

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.calendar import Calendar

    Instants = NDArray[np.int64]


def ahead(calendar: Calendar, us: Instants, amounts: Instants) -> Instants:
    """Each instant plus its own amount of open time, as `Calendar.add` has it for one; NEVER plus anything is NEVER.

    Args:
        calendar: Whose open time counts.
        us: UTC microseconds.
        amounts: Microseconds from 0, or NEVER.

    Raises:
        HorizonError: If there is not as much open time in the years for which calendars are computed.
    """
    out = np.full(us.shape, NEVER, np.int64)
    known = (us < NEVER) & (amounts < NEVER)
    at, more = us[known], amounts[known]
    if not at.size:
        return out
    openings = calendar._clock.openings  # noqa: SLF001  (the internal form; its own kernels take one amount for all)
    if isinstance(openings, AlwaysOpenings):
        out[known] = at + more
        return out
    table = openings.reach(int(at.min()), int(at.max()), int(more.max()))
    opens, ends, base = (np.asarray(column, np.int64) for column in (table.opens, table.ends, table.base))
    found = np.searchsorted(opens, at, side="right") - 1
    worked = np.minimum(at + base[found], ends[found]) + more
    out[known] = np.where(more > 0, worked - base[np.searchsorted(ends, worked, side="left")], at)
    return out


def dates_ahead(calendar: Calendar, us: Instants, counts: Instants) -> Instants:
    """Each instant plus its own count of working days, the wall time kept; NEVER plus anything is NEVER."""
    out = np.full(us.shape, NEVER, np.int64)
    known = (us < NEVER) & (counts < NEVER)
    for count in np.unique(counts[known]).tolist():
        rows = known & (counts == count)
        out[rows] = calendar._add(us[rows], working_days(count))  # noqa: SLF001
    return out


def dates_passed(calendar: Calendar, start: int, end: int) -> int:
    """The greatest count of working days that, added to a start, does not lead past an end."""
    count, step = 0, 1
    while calendar._add(start, working_days(count + step)) <= end:  # noqa: SLF001
        count, step = count + step, step * 2
    while step > 1:
        step //= 2
        if calendar._add(start, working_days(count + step)) <= end:  # noqa: SLF001
            count += step
    return count


def end_of_day(calendar: Calendar, us: int) -> int:
    """The last closing on the day on which work that is done at an instant can be shown; midnight where none closes.

    What is done at exactly closing belongs to the stretch that closes, and what is done outside the hours to the next.
    """
    opens, closes = calendar._stretch(us - 1)  # noqa: SLF001
    shift = ALWAYS < opens and closes - opens < DAY
    first = opens if shift else max(us - 1, opens)  # a shift belongs to the date on which it starts
    offsets = offsets_of(calendar.zone, year_of(first - DAY), year_of(first + 2 * DAY))
    midnight = offsets.utc(((first + offsets.offset(first)) // DAY + 1) * DAY)
    if not shift:
        return min(closes, midnight)
    while calendar._stretch(closes)[0] < midnight:  # noqa: SLF001
        closes = calendar._stretch(closes)[1]  # noqa: SLF001
    return closes
