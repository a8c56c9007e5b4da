"""The units of a table of facts: customers, their cases, the references in them, their parties, each with a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from carepolicy._table.cells import Words
from carepolicy._table.frames import arrow
from carepolicy._table.growing import Column, Index, Lists
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES

if TYPE_CHECKING:
    import pyarrow as pa

    from carepolicy._table.cells import Rows

_WORD = 32
"""Bits for the number of a word or a row inside a key of two."""


class Vocabulary:
    """Words, each with a number, in order of arrival."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = list(texts)
        self._numbers = {text: number for number, text in enumerate(self.texts)}

    def __len__(self) -> int:
        return len(self.texts)

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[list[str]]]:
        return Vocabulary, (self.texts,)

    def add(self, words: Words) -> Rows:
        """The numbers of a column of words; those that there were not get the next ones."""
        occurs = np.zeros(len(words.words), bool)
        occurs[words.codes] = True
        numbers = np.full(len(words.words), -1, np.int64)
        for code in np.flatnonzero(occurs).tolist():
            word = words.words[code]
            number = self._numbers.setdefault(word, len(self.texts))
            if number == len(self.texts):
                self.texts.append(word)
            numbers[code] = number
        found: Rows = numbers[words.codes]
        return found

    def find(self, words: Words) -> Rows:
        """The numbers of a column of words; -1 for those that there are not."""
        found: Rows = np.array([self._numbers.get(word, -1) for word in words.words], np.int64)[words.codes]
        return found


class Names:
    """The customers: as whole numbers for as long as all of them are, else as words."""

    def __init__(self) -> None:
        self.names: Index | Vocabulary = Index()

    def __len__(self) -> int:
        return len(self.names)

    def add(self, names: Rows | Words, at: Rows) -> Rows:
        """The rows of those names that stand at some positions; those that there were not get the next ones."""
        if isinstance(names, Words):
            some = Words(names.codes[at], names.words)
            if isinstance(self.names, Index):
                self.names = Vocabulary(map(str, self.names.keys.values.tolist()))
            return self.names.add(some)
        if isinstance(self.names, Index):
            return self.names.add(names[at])
        return self.names.add(_spelt(names[at]))

    def find(self, names: Words) -> Rows:
        """The rows of some names; -1 for those that there are not."""
        if isinstance(self.names, Vocabulary):
            return self.names.find(names)
        numbers = [_number(word) for word in names.words]
        rows = self.names.find(np.array([number or 0 for number in numbers], np.int64))
        rows[[number is None for number in numbers]] = -1
        return rows[names.codes]

    def spelt(self, rows: Rows) -> pa.Array:
        """The names of some rows, as text."""
        pa = arrow()
        if isinstance(self.names, Index):
            return pa.array(self.names.keys.values[rows]).cast(pa.string())
        return _chosen(self.names.texts, rows)


class Level:
    """Units of one kind inside those of another: each is a word in its parent, and has a row."""

    def __init__(self) -> None:
        self.index, self.children = Index(), Lists()

    def __len__(self) -> int:
        return len(self.index)

    @property
    def parents(self) -> Rows:
        """The row of each one's parent."""
        return self.children.parents.values

    @property
    def numbers(self) -> Rows:
        """The word of each one."""
        found: Rows = self.index.keys.values & ((1 << _WORD) - 1)
        return found

    def add(self, parents: Rows, numbers: Rows) -> Rows:
        """The rows of some units; those that there were not get the next ones."""
        before = len(self)
        rows = self.index.add((parents << _WORD) | numbers)
        self.children.extend(self.index.keys.values[before:] >> _WORD)
        return rows

    def find(self, parents: Rows, numbers: Rows) -> Rows:
        """The rows of some units; -1 for those that there are not."""
        return np.where((parents < 0) | (numbers < 0), -1, self.index.find((parents << _WORD) | numbers))


class Units:
    """Everybody of whom something is known, and which facts of whom.

    `cases` has a row for each customer and case, the empty one included; `places` for each of these and reference;
    `parties` for each customer and party; `talks` for each of these and place. `known` says, for each scope, of which
    rows a fact of that scope has been fed.
    """

    def __init__(self) -> None:
        self.customers, self.words = Names(), Vocabulary([""])
        self.cases, self.places, self.parties, self.talks = Level(), Level(), Level(), Level()
        self.known = {scope: Column(False, bool) for scope in SCOPES}

    def join(self, other: Units) -> dict[str, Rows]:
        """Everybody of another table, too; which rows here its rows are."""
        held = other.customers.names
        if isinstance(held, Index):
            customers = self.customers.add(held.keys.values, np.arange(len(held)))
        else:
            customers = self.customers.add(Words(np.arange(len(held)), held.texts), np.arange(len(held)))
        numbers = self.words.add(Words(np.arange(len(other.words)), other.words.texts))
        cases = self.cases.add(customers[other.cases.parents], numbers[other.cases.numbers])
        places = self.places.add(cases[other.places.parents], numbers[other.places.numbers])
        parties = self.parties.add(customers[other.parties.parents], numbers[other.parties.numbers])
        talks = self.talks.add(parties[other.talks.parents], places[other.talks.numbers])
        maps = {CUSTOMER: customers, CASE: cases, REF: places, PARTY: parties, "talks": talks}
        for scope, known in other.known.items():
            rows = maps[scope][np.flatnonzero(known.values)]
            if len(rows):
                self.known[scope].upto(int(rows.max()) + 1)[rows] = True
        return maps

    def spelt(self, level: Level, rows: Rows) -> pa.Array:
        """The words of some rows of a level; "" for no row."""
        numbers = np.where(rows < 0, 0, level.numbers[rows] if len(level) else 0)
        return _chosen(self.words.texts, numbers)


def _spelt(numbers: Rows) -> Words:
    found, codes = np.unique(numbers, return_inverse=True)
    return Words(codes, [str(number) for number in found.tolist()])


def _number(word: str) -> int | None:
    """The whole number that is spelt so."""
    try:
        number = int(word)
    except ValueError:
        return None
    return number if str(number) == word and -(2**63) <= number < 2**63 else None


def _chosen(texts: list[str], rows: Rows) -> pa.Array:
    """Some of the texts; all are handed over only where many are wanted."""
    pa = arrow()
    if 4 * len(rows) > len(texts):
        return pa.array(texts, pa.string()).take(pa.array(rows))
    return pa.array([texts[row] for row in rows.tolist()], pa.string())
