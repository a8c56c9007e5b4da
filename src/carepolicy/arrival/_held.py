"""The latest cases of a live system, each once, however often it is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._corrections import Cases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.arrival._live import Floats, Keys, Rows

COLUMNS = ("started", "ended", "low", "high")


def _column(values: object) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def _keys(values: object) -> Keys:
    array = np.asarray(values, dtype=np.uint64)
    array.setflags(write=False)
    return array


@attrs.frozen
class Held:
    """Cases in the order of their keys.

    Args:
        key, started, ended, low, high: As in `Rows`.
        told: How many starts and ends have been heard of, those of cases no longer held too.
    """

    key: Keys = field(converter=_keys, eq=attrs.cmp_using(eq=np.array_equal))
    started: Floats = field(converter=_column, eq=attrs.cmp_using(eq=np.array_equal))
    ended: Floats = field(converter=_column, eq=attrs.cmp_using(eq=np.array_equal))
    low: Floats = field(converter=_column, eq=attrs.cmp_using(eq=np.array_equal))
    high: Floats = field(converter=_column, eq=attrs.cmp_using(eq=np.array_equal))
    told: int = 0

    @property
    def in_flight(self) -> int:
        """How many have not ended."""
        return int(np.isinf(self.ended).sum())

    def as_of(self, now: float, size: float) -> Cases:
        """In the order in which they started, with durations in units of `size`."""
        order = np.lexsort((self.ended, self.key, self.started))
        started, ended = self.started[order], self.ended[order]
        over = np.isfinite(ended)
        age = (now - started) / size
        lasted = np.where(over, (ended - started) / size, age)
        return Cases(lasted, over, age, self.low[order], self.high[order])

    def with_rows(self, rows: Rows, last: int) -> Held:
        """With the cases of an update, the latest that started."""
        same, new = _matched(self, rows)
        columns = {name: getattr(self, name).copy() for name in COLUMNS}
        heard = int(np.isfinite(rows.ended[new]).sum()) + int(new.sum())
        at, row = same
        heard += int((np.isinf(self.ended[at]) & np.isfinite(rows.ended[row])).sum())
        for name, column in columns.items():
            column[at] = getattr(rows, name)[row]
        key = self.key
        if new.any():
            key = np.concatenate([key, rows.key[new]])
            columns = {name: np.concatenate([old, getattr(rows, name)[new]]) for name, old in columns.items()}
        kept = _latest(columns["started"], key, last)
        order = kept[np.lexsort((columns["ended"][kept], key[kept]))]
        return Held(key[order], **{name: column[order] for name, column in columns.items()}, told=self.told + heard)


NOTHING = Held(key=(), started=(), ended=(), low=(), high=())


def _latest(started: Floats, key: Keys, last: int) -> NDArray[np.intp]:
    if started.size <= last:
        return np.arange(started.size)
    return np.lexsort((key, started))[-last:]


def _matched(held: Held, rows: Rows) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]]:
    """Which held place takes the word of which row, and which rows are cases not held yet."""
    first, after = (np.searchsorted(held.key, rows.key, side=side) for side in ("left", "right"))
    _, back, often = np.unique(rows.key, return_inverse=True, return_counts=True)
    plain = (often[back] == 1) & (after - first == 1)
    takes = plain.copy()
    if not rows.named:
        there = held.ended[first[plain]]
        takes[plain] = np.isinf(there) | (there == rows.ended[plain])
    new = ~takes
    at, row = first[takes], np.flatnonzero(takes)
    crowded = np.flatnonzero(~plain & (after > first))
    if crowded.size:
        more = _among_equals(held, rows, crowded, first, after)
        at, row = np.concatenate([at, more[0]]), np.concatenate([row, more[1]])
        new[more[1]] = False
    return (at, row), new


def _among_equals(
    held: Held, rows: Rows, crowded: NDArray[np.intp], first: NDArray[np.intp], after: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """As `_matched`, one by one, where several cases have the same start and window: same words first, then ends."""
    free: dict[int, list[int]] = {}
    pairs: list[tuple[int, int]] = []
    left = []
    for row in crowded.tolist():
        places = free.setdefault(int(first[row]), list(range(first[row], after[row])))
        exact = next((place for place in places if held.ended[place] == rows.ended[row]), None)
        if exact is None:
            left.append(row)
        else:
            places.remove(exact)
            pairs.append((exact, row))
    for row in sorted(left, key=lambda row: float(rows.ended[row])):
        places = free[int(first[row])]
        still = next((place for place in places if np.isinf(held.ended[place])), None)
        if still is not None:
            places.remove(still)
            pairs.append((still, row))
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]
