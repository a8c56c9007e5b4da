"""The latest cases of a live system, each once, however often it is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from carepolicy.arrival._live import OPEN
from carepolicy.arrival._shelf import COLUMNS, Columns, Read, Shelf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.arrival._live import Row, Rows

    Places = NDArray[np.intp]


@attrs.frozen(eq=False, repr=False)
class Held:
    """Cases in the order in which they started, and how many starts and ends have been heard of.

    Told in columns or row by row, the same cases are equal.
    """

    _read: Read
    _shelf: Shelf | None
    _found: list[Columns]

    @classmethod
    def of(cls, columns: Columns, told: int = 0) -> Held:
        """From columns in order."""
        waiting = int(np.isinf(columns.ended).sum())
        return cls(Read(0, columns.key.size, 0, told, waiting), None, [columns])

    @property
    def columns(self) -> Columns:
        """The cases; laid out once."""
        if not self._found and self._shelf is not None:
            self._found.append(self._shelf.columns(self._read))
        return self._found[0]

    @property
    def told(self) -> int:
        """How many starts and ends have been heard of, those of cases no longer held too."""
        return self._read.told

    @property
    def in_flight(self) -> int:
        """How many have not ended."""
        return self._read.open

    def __len__(self) -> int:
        return self._read.after - self._read.first

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and self.told == other.told and self.columns == other.columns

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[object, ...]:
        return Held.of, (self.columns, self.told)

    def with_row(self, row: Row, last: int) -> Held:
        """As `with_rows` for one case, in time that does not grow with the cases held."""
        shelf, read = self._shelf, self._read
        if shelf is None:
            shelf = Shelf(self.columns)
        after = shelf.add(row, read, last)
        return self.with_rows(row.as_rows(), last) if after is None else Held(after, shelf, [])

    def with_rows(self, rows: Rows, last: int) -> Held:
        """With the cases of an update, the latest that started."""
        held = self.columns
        (at, row), new = _matched(held, rows)
        fresh = new[np.lexsort((rows.ended[new], rows.key[new], rows.started[new]))]
        heard = int(np.isfinite(rows.ended[new]).sum()) + new.size
        heard += int((np.isinf(held.ended[at]) & np.isfinite(rows.ended[row])).sum())
        columns = {"key": np.concatenate([held.key, rows.key[fresh]])}
        for name in COLUMNS:
            column = np.concatenate([getattr(held, name), getattr(rows, name)[fresh]])
            column[at] = getattr(rows, name)[row]
            columns[name] = column
        started = columns["started"]
        if (started[1:] < started[:-1]).any():
            order = np.argsort(started, kind="stable")
            columns = {name: column[order] for name, column in columns.items()}
        return Held.of(Columns(**{name: column[-last:] for name, column in columns.items()}), self.told + heard)


NOTHING = Held.of(Columns(key=(), started=(), ended=(), low=(), high=()))


def _matched(held: Columns, rows: Rows) -> tuple[tuple[Places, Places], Places]:
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
        same = {one: sorted(order[first[one] : after[one]].tolist()) for one in crowded.tolist()}
        more_at, more = _among_equals(held, rows, same)
        at, row = np.concatenate([at, more_at]), np.concatenate([row, more])
        takes[more] = True
    return (at, row), np.flatnonzero(~takes)


def _among_equals(held: Columns, rows: Rows, same: dict[int, list[int]]) -> tuple[Places, Places]:
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
