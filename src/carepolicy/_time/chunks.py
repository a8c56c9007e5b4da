"""Arrays of instants in chunks that stay in the cache, with reused buffers and an index by bucket.

A bucket index turns the search among sorted points into one shift and one look-up: bucket `(t - low) >> shift` says how
many points lie before its start, and at most `steps` points inside the bucket are then stepped over. Where points lie
too close for a table of a sensible size, a binary search takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from carepolicy._instant import ALWAYS, NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

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


class Buffers:
    """Scratch space for one chunk, reused for all."""

    __slots__ = ("flags", "found", "number", "spare", "work")

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
    out: NDArray[Any],
    known: tuple[int, int, bool],
    kernel: Kernel,
) -> None:
    """Run a kernel over all chunks; rows with sentinels get any instant, and are left for the caller to restore."""
    low, high, sentinels = known
    buffers = Buffers(min(CHUNK, len(us)))
    for at in range(0, len(us), CHUNK):
        part = us[at : at + CHUNK]
        kernel(np.clip(part, low, high) if sentinels else part, out[at : at + CHUNK], buffers.cut(len(part)))


Kernel: TypeAlias = Callable[[Any, Any, Buffers], None]
"""Writes the answers for one chunk of instants into a second array of its size."""
Finish: TypeAlias = Callable[[Any, Any], None]
"""Completes the answers for all instants."""


def _blank(us: Instants, out: Instants) -> Instants:
    """The result, with sentinels put back where they were given."""
    for at in range(0, len(us), CHUNK):
        part = us[at : at + CHUNK]
        np.copyto(out[at : at + CHUNK], part, where=(part <= ALWAYS) | (part >= NEVER))
    return out


def flat(us: Instants) -> Instants:
    return np.ascontiguousarray(us, np.int64).reshape(-1)


def answered(us: Instants, prepare: Callable[[int, int], Kernel], finish: Finish | None = None) -> Instants:
    """Run the kernel that `prepare` makes for the range of the instants; sentinels and shape are kept."""
    rows = flat(us)
    known = known_range(rows)
    if known is None:
        return rows.copy().reshape(us.shape)
    out = np.empty(len(rows), np.int64)
    mapped(rows, out, known, prepare(known[0], known[1]))
    if finish is not None:
        finish(rows, out)
    return (_blank(rows, out) if known[2] else out).reshape(us.shape)
