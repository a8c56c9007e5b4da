"""Columns of a log as arrays: times as microseconds, words as codes, and 64-bit prints to tell rows apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import DAY, LAST, NEVER, SECOND
from carepolicy._rows import is_date, is_empty, read_time
from carepolicy._table.frames import arrow
from carepolicy._time.openings import HIGH, LOW
from carepolicy._time.zone import offsets_of, year_of, year_start
from carepolicy.errors import InvalidTimeError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

    Prints = NDArray[np.uint64]
    Rows = NDArray[np.int64]

_MICROS_IN = {"s": SECOND, "ms": 1000, "us": 1, "ns": 0}
_LOW, _HIGH, _NINES = LOW + DAY, HIGH - DAY, year_start(9999) + DAY
"""Within these the year is plain whatever the zone; what lies beyond is read cell by cell."""
_MULTIPLIER, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


@attrs.frozen(eq=False)
class Words:
    """A column of text: a code for each row, and the word of each code; "" where nothing was said."""

    codes: Rows
    words: list[str]

    @property
    def said(self) -> NDArray[np.bool_]:
        """Whether each row says something."""
        some = np.array([bool(word) for word in self.words], bool)
        return some[self.codes]

    def whether(self) -> Words:
        """Whether each row says something, in two words."""
        return Words(np.array([bool(word) for word in self.words], np.int64)[self.codes], ["", "some"])

    def texts(self) -> pa.Array:
        """The words row by row."""
        pa = arrow()
        return pa.array(self.words, pa.string()).take(pa.array(self.codes))


def read_words(column: pa.Array) -> Words:
    """The words of a column of any type; each distinct value is read once."""
    pa = arrow()
    if pa.types.is_null(column.type):
        return Words(same(0, len(column)), [""])
    column = _encoded(column)
    words = [word_of(value) for value in column.dictionary.to_pylist()]
    indices = column.indices
    if indices.null_count:
        indices = indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        indices[column.indices.is_null().to_numpy(zero_copy_only=False)] = len(words)
        return Words(indices, [*words, ""])
    return Words(indices.to_numpy(zero_copy_only=False), words)


def plain(column: pa.Array) -> pa.Array:
    """A column as it is, but for views of strings, with which Arrow can do little."""
    pa = arrow()
    return column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    """A column with each distinct value once."""
    pa, column = arrow(), plain(column)
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def as_text(column: pa.Array) -> pa.Array | None:
    """A column as text at once; None where its values have to be read one by one."""
    pa = arrow()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    return column.cast(pa.string()) if any(kind(column.type) for kind in kinds) else None


def joined_texts(columns: Sequence[pa.Array]) -> pa.Array:
    """Columns of text as one."""
    pa = arrow()
    return pa.concat_arrays([pa.array([], pa.string()), *columns])


def word_of(value: Any) -> str:
    """What a cell says, as text."""
    return "" if is_empty(value) else str(value).strip()


@attrs.frozen(eq=False)
class Times:
    """A column of times: UTC microseconds, where it says nothing, where it cannot be read at once, and where it is a
    date without an hour."""

    micros: Instants
    empty: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    by_day: NDArray[np.bool_]


def read_times(column: pa.Array, name: str, zone: str) -> Times:
    """The times of a column. Rows that are doubtful are for `read_rows` to read or to refuse one by one.

    Raises:
        InvalidTimeError: If the column is not one of times.
    """
    pa = arrow()
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _stamps(column, name, zone)
    if pa.types.is_null(kind):
        no = same(False, len(column))
        return Times(same(0, len(column)), same(True, len(column)), no, no)
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_timestamp(values):
        return read_times(column.cast(values), name, zone)
    text = pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values)
    if not text and not pa.types.is_date(values):
        raise InvalidTimeError(f"{name} is not a column of times: {kind}; cast it to timestamp('us', 'UTC')")
    return _read_once(column, name, zone)


def _read_once(column: pa.Array, name: str, zone: str) -> Times:
    """The times of text or of dates, each distinct value read once."""
    column = _encoded(column)
    values = [*column.dictionary.to_pylist(), None]
    micros = np.zeros(len(values), np.int64)
    empty, doubtful, by_day = (np.zeros(len(values), bool) for _ in range(3))
    for number, value in enumerate(values):
        if is_empty(value):
            empty[number] = True
            continue
        try:
            micros[number] = read_time(value, zone, name)
        except InvalidTimeError:
            doubtful[number] = True
        by_day[number] = is_date(value)
    codes = column.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    return Times(micros[codes], empty[codes], doubtful[codes], by_day[codes])


def _stamps(column: pa.Array, name: str, zone: str) -> Times:
    """The times of a timestamp column of any unit, in any zone or, as wall times, in the one given."""
    pa = arrow()
    none = same(False, len(column))
    empty, raw = none, column.view(pa.int64())
    if column.null_count:
        empty, raw = column.is_null().to_numpy(zero_copy_only=False), raw.fill_null(0)
    micros, doubtful = raw.to_numpy(zero_copy_only=False), none
    factor = _MICROS_IN[column.type.unit]
    if not factor:
        micros, doubtful = micros // 1000, micros % 1000 != 0
    elif factor > 1:
        micros = np.clip(micros, -NEVER // factor, NEVER // factor) * factor
    if len(micros) and not (micros.min() >= _LOW and micros.max() < _HIGH):
        never = (micros >= _NINES) & (micros <= LAST) if name == "due" else none
        doubtful = doubtful | (((micros < _LOW) | (micros >= _HIGH)) & ~never)
        micros = np.where(never, NEVER, micros)
    walls = ~(doubtful | empty | (micros == NEVER)) if column.type.tz is None else none
    if walls.any():
        local = micros[walls]
        offsets = offsets_of(zone, year_of(int(local.min())) - 1, year_of(int(local.max())) + 1)
        micros = micros.copy()
        micros[walls] = offsets.utc_array(local)
    return Times(micros, empty, doubtful & ~empty, none)


def cell_of(scalar: pa.Scalar) -> Any:
    """A cell as Python knows it; as text where it is no time that Python knows."""
    pa = arrow()
    if scalar.is_valid and pa.types.is_timestamp(scalar.type):
        text = scalar.cast(pa.string()).as_py()
        if scalar.type.unit == "ns" and scalar.value % 1000:
            return f"{text} (finer than a microsecond)"
        try:
            return scalar.as_py()
        except (OverflowError, ValueError):
            return text
    return scalar.as_py()


def print_of(word: str) -> int:
    """64 bits that stand for a text, the same in every process."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def prints_of(words: Words) -> Prints:
    """The prints of a column of text, row by row."""
    return np.array([print_of(word) for word in words.words], np.uint64)[words.codes]


def mixed(columns: Iterable[NDArray[Any]]) -> Prints:
    """One print for the values that several columns have in each row; a column of one row is that of all."""
    total: Prints = np.zeros(1, np.uint64)
    for number, column in enumerate(columns):
        total = total + bent(column, number)
    return finished(total)


def bent(column: NDArray[Any], number: int) -> Prints:
    """What a column adds to the prints of rows, by its number among the columns; see `finished`."""
    own: Prints = (column[:1] if column.strides == (0,) else column).astype(np.uint64)
    own += np.uint64(number + 1)
    for _ in range(2):
        own *= _MULTIPLIER
        own ^= own >> _SHIFT
    return own


def finished(total: Prints) -> Prints:
    """The prints of rows, from what their columns add up to."""
    found: Prints = total * _MULTIPLIER
    found ^= found >> _SHIFT
    return found


def same(value: Any, size: int) -> NDArray[Any]:
    """A column that has one value in all its rows, and takes up no more room than one."""
    cell = np.array(value)
    return np.ndarray((size,), cell.dtype, cell, 0, (0,))


def either(columns: Iterable[NDArray[np.bool_]], size: int) -> NDArray[np.bool_]:
    """Where one of several columns of flags is set."""
    found = same(False, size)
    for column in columns:
        if column.strides != (0,) or column[:1].any():
            found = found | column
    return found


def picked(column: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """Some rows of a column."""
    return same(column[0], len(rows)) if column.strides == (0,) and len(rows) else column[rows]
