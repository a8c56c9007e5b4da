"""The answers of a calendar for arrays of instants: chunks that stay in the cache, reused buffers, an index by bucket.

A bucket index turns the search for the stretch of an instant into one shift and one look-up: bucket `(t - low) >> shift`
says which stretch had opened by its start, and at most `steps` openings inside the bucket are then stepped over. The
same index over the prefix sum of open time turns W back. Where stretches lie too close, a binary search takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from carepolicy import _dates
from carepolicy._instant import ALWAYS, DAY, NEVER, Instants
from carepolicy._openings import HIGH, AlwaysOpenings, Openings, Table
from carepolicy.span import DAYS, ELAPSED, WORKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from carepolicy._instant import Instant
    from carepolicy.span import Span

    Flags: TypeAlias = NDArray[np.bool_]

CHUNK = 1 << 13
_WIDEST, _FINEST, _BUCKETS, _STEPS = 44, 28, 1 << 20, 3


class Index:
    """Which of some sorted points an instant has passed, by bucket."""

    __slots__ = ("first", "low", "points", "shift", "steps", "upcoming")

    def __init__(self, points: Instants, low: int, high: int) -> None:
        self.points, self.low = points, low
        self.upcoming = np.append(points, NEVER)
        self.steps = 0
        for self.shift in range(_WIDEST, _FINEST - 1, -1):
            count = (high - low >> self.shift) + 2
            if count > _BUCKETS:
                break
            buckets = low + (np.arange(count, dtype=np.int64) << self.shift)
            first = np.searchsorted(points, buckets, "left")
            most = int(np.diff(first, append=len(points)).max())
            if most <= 1 or (most <= _STEPS and count * 4 > _BUCKETS):
                self.first, self.steps = first.astype(np.int64), max(most, 1)
                return

    def passed(self, at: Instants, found: Instants, spare: Instants, flags: Flags, inclusive: bool = True) -> None:
        """Write into `found` how many points lie before each value, or at it if `inclusive`."""
        if not self.steps:
            found[:] = np.searchsorted(self.points, at, "right" if inclusive else "left")
            return
        np.right_shift(np.subtract(at, self.low, out=spare), self.shift, out=spare)
        self.first.take(spare, out=found, mode="clip")
        reached = np.less_equal if inclusive else np.less
        for _ in range(self.steps):
            self.upcoming.take(found, out=spare, mode="clip")
            np.add(found, reached(spare, at, out=flags), out=found)


class Arrays:
    """One table as arrays, with an index over its openings and one over its open time."""

    __slots__ = ("base", "by_opening", "by_work", "closes", "ends", "next_close", "next_open")

    def __init__(self, table: Table) -> None:
        opens = np.array(table.opens, np.int64)
        self.closes, self.base, self.ends = (np.array(x, np.int64) for x in (table.closes, table.base, table.ends))
        if table.high >= HIGH and table.closes[-1] == table.high:
            self.closes[-1] = NEVER
        self.next_open = np.append(opens[1:], NEVER)
        self.next_close = np.append(self.closes[1:], NEVER)
        self.by_opening = Index(opens[1:], table.low, table.high)
        self.by_work = Index(self.ends[1:], 0, table.ends[-1])


def arrays_of(table: Table) -> Arrays:
    """The table as arrays, made once."""
    if table.arrays is None:
        table.arrays = Arrays(table)
    arrays = table.arrays
    assert isinstance(arrays, Arrays)  # noqa: S101  (declared as object, so that tables need no numpy)
    return arrays


class Buffers:
    """Scratch space for one chunk, reused for all."""

    __slots__ = ("found", "flags", "number", "spare", "work")

    def __init__(self, size: int = CHUNK) -> None:
        self.found, self.spare, self.number, self.work = (np.empty(size, np.int64) for _ in range(4))
        self.flags = np.empty(size, np.bool_)

    def cut(self, size: int) -> Buffers:
        """Views of the first `size` rows."""
        if size == len(self.found):
            return self
        cut = object.__new__(Buffers)
        for name in self.__slots__:
            setattr(cut, name, getattr(self, name)[:size])
        return cut


def known_range(us: Instants) -> tuple[int, int, bool] | None:
    """The earliest and latest instant that is no sentinel, and whether there are sentinels; None if nothing is left."""
    if not us.size:
        return None
    low, high = int(us.min()), int(us.max())
    if low > ALWAYS and high < NEVER:
        return low, high, False
    lows, highs = [], []
    for at in range(0, len(us), CHUNK):
        part = us[at : at + CHUNK]
        part = part[(part > ALWAYS) & (part < NEVER)]
        if part.size:
            lows.append(int(part.min()))
            highs.append(int(part.max()))
    return (min(lows), max(highs), True) if lows else None


def mapped(
    us: Instants,
    out: NDArray[np.int64] | Flags,
    known: tuple[int, int, bool],
    kernel: Callable[[Instants, NDArray[np.int64] | Flags, Buffers], None],
) -> None:
    """Run a kernel over all chunks; rows with sentinels get any instant, and are left for the caller to restore."""
    low, high, sentinels = known
    buffers = Buffers(min(CHUNK, len(us)))
    for at in range(0, len(us), CHUNK):
        part = us[at : at + CHUNK]
        kernel(np.clip(part, low, high) if sentinels else part, out[at : at + CHUNK], buffers.cut(len(part)))
