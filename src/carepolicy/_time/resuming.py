"""Time that goes on: what was left of a clock when it was stopped, added again from when it runs, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepolicy._instant import is_array
from carepolicy._time.openings import AlwaysOpenings, Openings

if TYPE_CHECKING:
    from carepolicy._instant import Instant, Instants
    from carepolicy._time.clock import Clock


def remaining(clock: Clock, start: Instant, end: Instant, *, working: bool) -> Instant:
    """The time from a start to an end: open time where it is `working`, else by any clock."""
    return clock.between(start, end) if working else end - start


def gone_on(clock: Clock, us: Instant, left: Instant, *, working: bool) -> Instant:
    """The earliest instant by which `left` more time has elapsed from each instant on.

    Args:
        clock: In which time is counted.
        us: From when.
        left: UTC microseconds, one amount for each row, not negative; 0 where the instant is a sentinel.
        working: Whether only open time counts.
    """
    openings = clock.openings
    if not working or isinstance(openings, AlwaysOpenings):
        return us + left
    if is_array(us) or is_array(left):
        return _by_row(openings, us, left)
    return openings.add(us, left) if left else us


def _by_row(openings: Openings, us: Instant, left: Instant) -> Instants:
    """As `Openings.add`, with one amount per row."""
    import numpy as np

    given, amounts = np.broadcast_arrays(np.asarray(us), np.asarray(left))
    out = given.astype(np.int64)
    rows = amounts > 0
    at, more = given[rows], amounts[rows]
    if at.size:
        table = openings.reach(int(at.min()), int(at.max()), int(more.max()))
        base, ends = np.array(table.base, np.int64), np.array(table.ends, np.int64)
        found = np.searchsorted(np.array(table.opens, np.int64), at, side="right") - 1
        worked = np.minimum(at + base[found], ends[found]) + more
        out[rows] = worked - base[np.searchsorted(ends, worked, side="left")]
    return out
