"""Spans of dates: the same wall time some days, or some working dates, away; for one instant and for arrays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from carepolicy._instant import DAY, FIRST, LAST
from carepolicy._time.openings import FIRST_YEAR, HIGH, LAST_YEAR, LOW, said
from carepolicy.errors import HorizonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepolicy._time.openings import Openings, Table
    from carepolicy._time.zone import Door


def add_days(door: Door, us: int, count: int) -> int:
    """The instant with the same wall time `count` days on: the gap's end in a gap, the first in an overlap.

    Raises:
        HorizonError: If it, or the instant, is outside the years 1 to 9999.
    """
    if not count:
        return us
    wall = _wall(door, us) + count * DAY
    if not FIRST + 4 * DAY <= wall <= LAST - 4 * DAY:
        raise HorizonError(f"{count} days from {said(us)} are outside the years 1 to 9999; ask for fewer")
    return door.around(wall).utc(wall)


def _wall(door: Door, us: int) -> int:
    """The wall time of an instant, in microseconds as if it were UTC."""
    if not FIRST <= us <= LAST:
        raise HorizonError(f"instant is outside the years 1 to 9999: {said(us)}; ask for fewer days")
    return us + door.around(us).offset(us)


def add_working_days(door: Door, openings: Openings, us: int, count: int) -> int:
    """The `count`-th working date after the date of an instant (before it, if negative), wall time kept.

    Raises:
        HorizonError: If there are not as many in the years for which calendars are computed.
    """
    if not count:
        return us
    day, time = divmod(_wall(door, us), DAY)
    table = openings.table
    dates = table.dates if table.low + 3 * DAY <= us < table.high - 3 * DAY else None
    i = _position(dates or (), day, day, count)
    if dates is None or not 0 <= i < len(dates):
        table, i = reach(openings, (us, day), (us, day), count)
        dates = openings.dates(table)
    wall = dates[i] * DAY + time
    return door.around(wall).utc(wall)


def _position(dates: Sequence[int], first: int, last: int, count: int) -> int:
    """Where the `count`-th date after the last date is, or before the first; may be out of the list."""
    return bisect_right(dates, last) - 1 + count if count > 0 else bisect_left(dates, first) + count


def reach(openings: Openings, first: tuple[int, int], last: tuple[int, int], count: int) -> tuple[Table, int]:
    """The table, grown until the `count`-th working date is in it from a first and from a last instant, and where.

    Args:
        openings: Whose dates are counted.
        first: The first instant, and its local date or one before it.
        last: The last instant, and its local date or one after it.
        count: Not 0.
    """
    low, high = first[0], last[0]
    table = openings.cover(max(low - 3 * DAY, min(LOW, low)), min(high + 3 * DAY, max(HIGH - 1, high)))
    while True:
        dates = openings.dates(table)
        i = _position(dates, first[1], last[1], count)
        if 0 <= i < len(dates):
            return table, i
        if table.high >= HIGH if count > 0 else table.low <= LOW:
            raise HorizonError(
                f"fewer than {abs(count)} working dates are left in the years {FIRST_YEAR} to {LAST_YEAR - 1} "
                f"{'from' if count > 0 else 'up to'} {said(high if count > 0 else low)}, of {openings.rule!r}; "
                "add openings, or ask for less"
            )
        table = openings.later() if count > 0 else openings.earlier()
