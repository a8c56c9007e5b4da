"""The answers of a calendar for arrays of instants; the table's lists as arrays, each with an index by bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepolicy._instant import ALWAYS, NEVER, is_array
from carepolicy._time.chunks import CHUNK, Buffers, Index, Kernel, answered, flat, known_range, mapped
from carepolicy._time.date_arrays import DateMove
from carepolicy._time.openings import HIGH, AlwaysOpenings, Openings, Table
from carepolicy.span import ELAPSED, WORKING

if TYPE_CHECKING:
    from carepolicy._instant import Instant, Instants
    from carepolicy._time.chunks import Flags
    from carepolicy._time.clock import Clock
    from carepolicy.span import Span


class Arrays:
    """One table as arrays, with an index over its openings and one over its open time."""

    __slots__ = ("base", "by_opening", "by_work", "closes", "ends", "next_close", "next_open", "work_base")

    def __init__(self, table: Table) -> None:
        opens = np.array(table.opens, np.int64)
        self.closes, self.base, self.ends = (np.array(x, np.int64) for x in (table.closes, table.base, table.ends))
        if table.high >= HIGH and table.closes[-1] == table.high:
            self.closes[-1] = NEVER
        self.work_base = self.base[1:]
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


def _worked(arrays: Arrays, at: Instants, out: Instants, buffers: Buffers) -> None:
    """Write W of each instant into `out`."""
    found, spare = buffers.found, buffers.spare
    arrays.by_opening.passed(at, found, spare, buffers.flags)
    np.add(arrays.base.take(found, out=out, mode="clip"), at, out=out)
    np.minimum(out, arrays.ends.take(found, out=spare, mode="clip"), out=out)


def is_open(openings: Openings | AlwaysOpenings, us: Instants) -> Flags:
    """Whether a stretch holds each instant."""
    rows = flat(us)
    if isinstance(openings, AlwaysOpenings):
        return np.ones(us.shape, np.bool_)
    known, out = known_range(rows), np.zeros(len(rows), np.bool_)
    if known is not None:
        arrays = arrays_of(openings.cover(known[0], known[1]))

        def kernel(at: Instants, part: Flags, buffers: Buffers) -> None:
            arrays.by_opening.passed(at, buffers.found, buffers.spare, buffers.flags)
            np.less(at, arrays.closes.take(buffers.found, out=buffers.spare, mode="clip"), out=part)

        mapped(rows, out, known, kernel)
        if known[2]:
            out &= (rows > ALWAYS) & (rows < NEVER)
    return out.reshape(us.shape)


def next_open(openings: Openings | AlwaysOpenings, us: Instants) -> Instants:
    """Each instant itself when open, else the next opening."""
    if isinstance(openings, AlwaysOpenings):
        return us.copy()

    def prepare(low: int, high: int) -> Kernel:
        openings.cover(low, high)
        openings.next_open(high)
        arrays = arrays_of(openings.table)

        def kernel(at: Instants, out: Instants, buffers: Buffers) -> None:
            arrays.by_opening.passed(at, buffers.found, buffers.spare, buffers.flags)
            np.less(at, arrays.closes.take(buffers.found, out=buffers.spare, mode="clip"), out=buffers.flags)
            arrays.next_open.take(buffers.found, out=out, mode="clip")
            np.copyto(out, at, where=buffers.flags)

        return kernel

    return answered(us, prepare)


def next_close(openings: Openings | AlwaysOpenings, us: Instants) -> Instants:
    """The first closing after each instant; NEVER where there is none."""
    if isinstance(openings, AlwaysOpenings):
        return np.full(us.shape, NEVER, np.int64)

    def prepare(low: int, high: int) -> Kernel:
        openings.cover(low, high)
        openings.next_close(high)
        arrays = arrays_of(openings.table)

        def kernel(at: Instants, out: Instants, buffers: Buffers) -> None:
            arrays.by_opening.passed(at, buffers.found, buffers.spare, buffers.flags)
            arrays.closes.take(buffers.found, out=buffers.spare, mode="clip")
            np.less(at, buffers.spare, out=buffers.flags)
            arrays.next_close.take(buffers.found, out=out, mode="clip")
            np.copyto(out, buffers.spare, where=buffers.flags)

        return kernel

    return answered(us, prepare)


def add(clock: Clock, us: Instants, span: Span) -> Instants:
    """The instants a span away."""
    if span.unit == WORKING and isinstance(clock.openings, Openings):
        return add_open_time(clock.openings, us, span.amount)
    if not span.amount:
        return us.copy()
    if span.unit in (WORKING, ELAPSED):
        moved: Instants = us + span.amount
        np.copyto(moved, us, where=(us <= ALWAYS) | (us >= NEVER))
        return moved
    moves: list[DateMove] = []

    def prepare(low: int, high: int) -> Kernel:
        moves.append(DateMove.of(clock, span, low, high))
        return moves[0].kernel

    def finish(rows: Instants, out: Instants) -> None:
        moves[0].finish(rows, out)

    return answered(us, prepare, finish)


def add_open_time(openings: Openings, us: Instants, amount: int) -> Instants:
    """The instants an amount of open time away; see `Openings.add`."""
    if not amount:
        return us.copy()

    def prepare(low: int, high: int) -> Kernel:
        arrays = arrays_of(openings.reach(low, high, amount))
        forward = amount > 0

        def kernel(at: Instants, out: Instants, buffers: Buffers) -> None:
            work, found, spare = buffers.work, buffers.found, buffers.spare
            _worked(arrays, at, work, buffers)
            np.add(work, amount, out=work)
            arrays.by_work.passed(work, found, spare, buffers.flags, inclusive=not forward)
            np.subtract(work, arrays.work_base.take(found, out=spare, mode="clip"), out=out)

        return kernel

    return answered(us, prepare)


def between(openings: Openings | AlwaysOpenings, start: Instant, end: Instant) -> Instants:
    """Open time from each start to each end, either of which may be one instant for all."""
    shape = np.broadcast_shapes(np.shape(start), np.shape(end))
    size = int(np.prod(shape))
    firsts, lasts = _spread(start, shape, size), _spread(end, shape, size)
    out, buffers, work = np.empty(size, np.int64), Buffers(min(CHUNK, size)), np.empty(min(CHUNK, size), np.int64)
    ranges = [known for known in (known_range(firsts), known_range(lasts)) if known is not None]
    low, high = min((known[0] for known in ranges), default=0), max((known[1] for known in ranges), default=0)
    arrays = None if isinstance(openings, AlwaysOpenings) else arrays_of(openings.cover(low, high))
    for at in range(0, size, CHUNK):
        part = out[at : at + CHUNK]
        first, last = (rows[at : at + CHUNK] if len(rows) == size else rows[: len(part)] for rows in (firsts, lasts))
        if arrays is None:
            np.subtract(last, first, out=part)
        else:
            cut = buffers.cut(len(part))
            _worked(arrays, last, part, cut)
            _worked(arrays, first, work[: len(part)], cut)
            np.subtract(part, work[: len(part)], out=part)
        if len(ranges) < 2 or any(known[2] for known in ranges):
            _unbounded(first, last, part)
    return out.reshape(shape)


def _spread(value: Instant, shape: tuple[int, ...], size: int) -> Instants:
    """The rows of an operand; one instant for all becomes one chunk of it."""
    if not is_array(value):
        return np.full(min(CHUNK, size), value, np.int64)
    return flat(np.broadcast_to(value, shape))


def _unbounded(first: Instants, last: Instants, out: Instants) -> None:
    """Write NEVER, or ALWAYS if reversed, where one of two instants is a sentinel, and 0 where both are the same."""
    sentinel = (first <= ALWAYS) | (first >= NEVER) | (last <= ALWAYS) | (last >= NEVER)
    np.copyto(out, np.where(last > first, NEVER, np.where(last < first, ALWAYS, 0)), where=sentinel)
