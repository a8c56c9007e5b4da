"""Arrays that grow, rows found by a number, and lists of children: what a table of facts that changes is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._table.cells import Rows

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Column:
    """An array that grows: doubled when it is full, so that adding rows costs the same however many there are."""

    __slots__ = ("_values", "fill", "size")

    def __init__(self, fill: Any, dtype: Any = np.int64) -> None:
        self.fill, self.size = fill, 0
        self._values = np.full(0, fill, dtype)

    def upto(self, size: int) -> NDArray[Any]:
        """The array, with at least so many rows."""
        if size > self.size:
            if size > len(self._values):
                grown = np.full(max(size, 2 * len(self._values)), self.fill, self._values.dtype)
                grown[: self.size] = self._values[: self.size]
                self._values = grown
            self.size = size
        return self._values[: self.size]

    @property
    def values(self) -> NDArray[Any]:
        """The array."""
        return self._values[: self.size]

    def extend(self, values: NDArray[Any]) -> None:
        """Add values at the end."""
        start = self.size
        self.upto(start + len(values))[start:] = values


class Index:
    """Rows of whole numbers, in order of arrival; finding one takes as long among ten million as among ten."""

    def __init__(self) -> None:
        self.keys = Column(0)
        self._table: Rows = np.full(16, -1, np.int64)

    def __len__(self) -> int:
        return self.keys.size

    def __getstate__(self) -> dict[str, Any]:
        return {"keys": self.keys}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.keys = state["keys"]
        self._grow(len(self))

    def _slots(self, keys: Rows) -> Rows:
        shift = np.uint64(65 - len(self._table).bit_length())
        found: Rows = ((keys.view(np.uint64) * _MULTIPLIER) >> shift).view(np.int64)
        return found

    def _grow(self, size: int) -> None:
        """A table in which so many keys leave half of the places free."""
        self._table = np.full(1 << max(4, (2 * size).bit_length()), -1, np.int64)
        rows = np.arange(len(self))
        slots = self._slots(self.keys.values)
        while len(rows):
            free = self._table[slots] < 0
            self._table[slots[free]] = rows[free]
            lost = self._table[slots] != rows
            rows, slots = rows[lost], (slots[lost] + 1) & (len(self._table) - 1)

    def find(self, keys: Rows) -> Rows:
        """The rows of some keys; -1 for those that there are not."""
        table, held = self._table, self.keys.values
        slots = self._slots(keys)
        rows = table[slots]
        if not len(held):
            return rows
        apart = np.flatnonzero((held[rows] != keys) & (rows >= 0))
        while len(apart):
            slots[apart] = (slots[apart] + 1) & (len(table) - 1)
            there = rows[apart] = table[slots[apart]]
            apart = apart[(there >= 0) & (held[there] != keys[apart])]
        return rows

    def add(self, keys: Rows) -> Rows:
        """The rows of some keys; those that there were not get the next ones."""
        rows = self.find(keys)
        absent = np.flatnonzero(rows < 0)
        if len(absent):
            rows[absent] = self._insert(keys[absent])
        return rows

    def _insert(self, keys: Rows) -> Rows:
        """The rows of keys that there were not, some of them several times."""
        if 2 * (len(self) + len(keys)) > len(self._table):
            self._grow(len(self) + len(keys))
        table, held = self._table, self.keys.values
        first = np.full(len(keys), -1, np.int64)  # the position of each key's first winner of a place
        places = np.zeros(len(keys), np.int64)
        open_, slots = np.arange(len(keys)), self._slots(keys)
        base = len(held)
        while len(open_):
            there = table[slots]
            free = there < 0
            table[slots[free]] = base + open_[free]
            there = table[slots] - base
            mine = (there >= 0) & (keys[np.maximum(there, 0)] == keys[open_])
            first[open_[mine]], places[open_[mine]] = there[mine], slots[mine]
            open_, slots = open_[~mine], (slots[~mine] + 1) & (len(table) - 1)
        won = np.zeros(len(keys), bool)
        won[first] = True
        winners = np.flatnonzero(won)
        numbers = np.zeros(len(keys), np.int64)
        numbers[winners] = np.arange(base, base + len(winners))
        table[places[winners]] = numbers[winners]
        self.keys.extend(keys[winners])
        return numbers[first]


class Lists:
    """For each row of one kind its children of another, linked from the latest to the first."""

    def __init__(self) -> None:
        self.parents, self._next, self._head = Column(-1), Column(-1), Column(-1)

    def extend(self, parents: Rows) -> None:
        """Add children, by the rows of their parents."""
        if not len(parents):
            return
        start = self.parents.size
        self.parents.extend(parents)
        order = np.argsort(parents, kind="stable")
        ranked, children = parents[order], order + start
        new = np.empty(len(order), bool)
        new[0], new[1:] = True, ranked[1:] != ranked[:-1]
        head = self._head.upto(max(self._head.size, int(ranked[-1]) + 1))
        before = np.empty(len(order), np.int64)
        before[1:] = children[:-1]
        before[new] = head[ranked[new]]
        self._next.upto(self.parents.size)[children] = before
        last = np.append(new[1:], True)
        head[ranked[last]] = children[last]

    def of(self, rows: Rows) -> Rows:
        """The children of some rows."""
        head = self._head.values
        found = []
        children = head[rows[rows < len(head)]]
        while len(children := children[children >= 0]):
            found.append(children)
            children = self._next.values[children]
        return np.concatenate([np.zeros(0, np.int64), *found])
