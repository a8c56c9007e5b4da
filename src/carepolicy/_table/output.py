"""Decisions as Arrow columns: verdicts, instants, the codes of reasons, and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, is_array
from carepolicy._judge import Rule
from carepolicy._table.binding import CLOSES, HOURS, NOT_BINDING, OPENS, REDIRECTS
from carepolicy._table.frames import arrow
from carepolicy._table.judge import VERDICTS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


NAMES = ("customer", "case", "ref", "party")
INSTANTS = ("act_at", "opens", "closes", "due", "review_at")
COLUMNS = (*NAMES, "touch", "verdict", *INSTANTS, "reasons", "binding", "key")
"""The columns of a table of decisions."""
WHY = "why"
"""The column that has the reasons in words, on request."""
_WORDS = {NOT_BINDING: "opens", OPENS: "opens", CLOSES: "closes", REDIRECTS: "redirects", HOURS: "hours"}
_RADIX = len(_WORDS)
_IN_SHORT, _IN_LONG = 2**15, 2**62
_WHOLE = {1: np.int16, 2: np.int32, 4: np.int64}


def schema_of(zone: str, only: Sequence[str] = COLUMNS) -> pa.Schema:
    """The types of decisions.

    Args:
        zone: The zone of the plan, in which instants are given.
        only: The columns wanted.
    """
    pa = arrow()
    word = pa.dictionary(pa.int16(), pa.string())
    types = dict.fromkeys(NAMES, pa.string()) | dict.fromkeys(INSTANTS, pa.timestamp("us", zone))
    types |= {"touch": word, "verdict": pa.dictionary(pa.int8(), pa.string()), "reasons": pa.list_(word)}
    types |= {"binding": pa.int16(), "key": pa.string(), WHY: pa.string()}
    return pa.schema([(name, types[name]) for name in only])


def same(word: str, words: Sequence[str], count: int, kind: pa.DataType) -> pa.Array:
    """One of some words, in every row."""
    pa = arrow()
    codes = np.full(count, words.index(word), np.dtype(kind.index_type.to_pandas_dtype()))
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, kind.value_type))


def verdicts(numbers: NDArray[np.int8]) -> pa.Array:
    """Verdicts by number as words."""
    pa = arrow()
    return pa.DictionaryArray.from_arrays(pa.array(numbers), pa.array([v.value for v in VERDICTS], pa.string()))


def moments(us: Instant, count: int, kind: pa.DataType) -> pa.Array:
    """Instants, null for ALWAYS and NEVER."""
    pa = arrow()
    if not is_array(us):
        if not ALWAYS < us < NEVER:
            return pa.nulls(count, kind)
        us = np.full(count, us)
    missing = np.abs(us) >= NEVER
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(kind, count, [valid, pa.py_buffer(us)])


class Codes:
    """The codes of the reasons of every rule: which policies bind, as one number a row, and what it stands for."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        numbers: dict[str, int] = {}
        self._tables: list[list[tuple[int, ...]]] = []
        for rule in rules:
            guards = [[f"{type(g.policy).__name__}.{word}" for word in _WORDS.values()] for g in rule.guards]
            duties = [[f"{type(d.policy).__name__}.due"] * _RADIX for d in rule.duties]
            self._tables.append(
                [tuple(numbers.setdefault(code, len(numbers)) for code in codes) for codes in (*guards, *duties)]
            )
        self.words = list(numbers)
        self._known: list[dict[tuple[int, ...], tuple[list[int], int]]] = [{} for _ in rules]

    def columns(self, number: int, binds: Sequence[Any], count: int) -> tuple[pa.Array, pa.Array]:
        """The codes of each row, binding ones first, and how many bind.

        Args:
            number: Which rule.
            binds: What binds of each of its policies.
            count: How many rows.
        """
        pa = arrow()
        patterns, which = _patterns(binds, count)
        known, table = self._known[number], self._tables[number]
        ordered = []
        for pattern in patterns:
            found = known.get(pattern)
            if found is None:
                binding = [codes[what] for codes, what in zip(table, pattern, strict=True) if what]
                others = [codes[what] for codes, what in zip(table, pattern, strict=True) if not what]
                found = known[pattern] = ([*binding, *others], len(binding))
            ordered.append(found)
        lists = np.array([codes for codes, _ in ordered], np.int16).reshape(len(ordered), len(table))
        values = pa.array(_rows_of(lists, which).reshape(-1))
        offsets = pa.array(np.arange(count + 1, dtype=np.int32) * np.int32(len(table)))
        words = pa.DictionaryArray.from_arrays(values, pa.array(self.words, pa.string()))
        many = np.array([many for _, many in ordered], np.int16).take(which)
        return pa.ListArray.from_arrays(offsets, words), pa.array(many)


def _rows_of(lists: NDArray[np.int16], which: NDArray[Any]) -> NDArray[np.int16]:
    """Rows of a small table by number; up to four shorts are taken as one number, which is ten times as fast."""
    whole = _WHOLE.get(lists.shape[1])
    if whole is None:
        return lists.take(which, axis=0)
    found: NDArray[np.int16] = lists.view(whole).reshape(-1).take(which).view(np.int16)
    return found


def _patterns(binds: Sequence[Any], count: int) -> tuple[list[tuple[int, ...]], NDArray[Any]]:
    """The different rows of some columns of small numbers, and which of them each row is."""
    varying = [column for column in binds if is_array(column)]
    number: NDArray[Any] = np.zeros(count, np.int16)
    many = 1
    for column in varying:
        radix = int(column.max()) + 1
        if many * radix > _IN_SHORT and number.dtype == np.int16:
            number = number.astype(np.int64)
        if many * radix > _IN_LONG:
            first, number = _numbered(number)
            many = len(first)
        number *= number.dtype.type(radix)
        number += column
        many *= radix
    first, number = _numbered(number)
    rows = [column[first].tolist() if is_array(column) else [int(column)] * len(first) for column in binds]
    return list(zip(*rows, strict=True)), number


def _numbered(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """A row in which each different value stands, and the number of the value of each row."""
    pa = arrow()
    if values.dtype == np.int16:
        place = np.full(int(values.max()) + 1, -1, np.int32)
        place[values] = np.arange(len(values), dtype=np.int32)
        used = np.flatnonzero(place >= 0)
        rank = np.zeros(len(place), np.int32)
        rank[used] = np.arange(len(used))
        return place[used], rank.take(values)
    coded = pa.array(values).dictionary_encode()
    number = coded.indices.to_numpy().astype(np.int64)
    place = np.empty(len(coded.dictionary), np.int64)
    place[number] = np.arange(len(values))
    return place, number
