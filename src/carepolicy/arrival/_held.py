"""The latest cases of a live system, each once, however often it is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._corrections import Cases
from carepolicy.arrival._live import OPEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.arrival._live import Floats, Keys, Rows

    Places = NDArray[np.intp]

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
    """Cases in the order in which they started, those of one instant as they came in.

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
        """With durations in units of `size`."""
        over = np.isfinite(self.ended)
        age = (now - self.started) / size
        lasted = np.where(over, (self.ended - self.started) / size, age)
        return Cases(lasted, over, age, self.low, self.high)

    def with_rows(self, rows: Rows, last: int) -> Held:
        """With the cases of an update, the latest that started."""
        (at, row), new = _matched(self, rows)
        fresh = new[np.lexsort((rows.ended[new], rows.key[new], rows.started[new]))]
        heard = int(np.isfinite(rows.ended[new]).sum()) + new.size
        heard += int((np.isinf(self.ended[at]) & np.isfinite(rows.ended[row])).sum())
        columns = {"key": np.concatenate([self.key, rows.key[fresh]])}
        for name in COLUMNS:
            column = np.concatenate([getattr(self, name), getattr(rows, name)[fresh]])
            column[at] = getattr(rows, name)[row]
            columns[name] = column
        started = columns["started"]
        if (started[1:] < started[:-1]).any():
            order = np.argsort(started, kind="stable")
            columns = {name: column[order] for name, column in columns.items()}
        return Held(**{name: column[-last:] for name, column in columns.items()}, told=self.told + heard)


NOTHING = Held(key=(), started=(), ended=(), low=(), high=())


def _matched(held: Held, rows: Rows) -> tuple[tuple[Places, Places], Places]:
    """Which held place takes the word of which row, and which rows are cases not held yet."""
    order = np.argsort(held.key)
    first, after = (np.searchsorted(held.key, rows.key, side=side, sorter=order) for side in ("left", "right"))
    _, back, often = np.unique(rows.key, return_inverse=True, return_counts=True)
    plain = (often[back] == 1) & (after - first == 1)
    takes = plain.copy()
    if not rows.named:
        there = held.ended[order[first[plain]]]
        takes[plain] = np.isinf(there) | (there == rows.ended[plain])
    at, row = order[first[takes]], np.flatnonzero(takes)
    crowded = np.flatnonzero(~plain & (after > first))
    if crowded.size:
        same = {one: order[first[one] : after[one]].tolist() for one in crowded.tolist()}
        more_at, more = _among_equals(held, rows, same)
        at, row = np.concatenate([at, more_at]), np.concatenate([row, more])
        takes[more] = True
    return (at, row), np.flatnonzero(~takes)


def _among_equals(held: Held, rows: Rows, same: dict[int, list[int]]) -> tuple[Places, Places]:
    """As `_matched`, one by one, where several cases have the same start and window: same words first, then ends."""
    free = {int(rows.key[row]): places for row, places in same.items()}
    pairs: list[tuple[int, int]] = []
    for wanted in ("the same", "open"):
        taken = {row for _, row in pairs}
        for row in sorted(same.keys() - taken, key=lambda row: float(rows.ended[row])):
            places, end = free[int(rows.key[row])], rows.ended[row] if wanted == "the same" else OPEN
            place = next((place for place in places if held.ended[place] == end), None)
            if place is not None:
                places.remove(place)
                pairs.append((place, row))
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]
