"""Columns of a user's frame as what policies ask for: int64 microseconds, text, and the numbers of zones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import ALWAYS, FIRST, LAST, NEVER
from carepolicy._table.frames import arrow
from carepolicy._time.zone import offsets_of, year_of
from carepolicy.errors import InvalidTableError

if TYPE_CHECKING:
    import pyarrow as pa

    from carepolicy._instant import Instants


def instants(column: pa.Array, name: str, missing: int, naive: str | None = None) -> Instants:
    """The UTC microseconds of a column.

    Args:
        column: Timestamps of any unit and zone, or whole microseconds.
        name: What the caller calls it, for errors.
        missing: What null means.
        naive: The zone of timestamps that have none.

    Raises:
        InvalidTableError: If it holds anything else, wall times and no zone is given, parts of a microsecond, or years
            outside 1 to 9999.
    """
    pa = arrow()
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_null(kind):
        return np.full(len(column), missing, np.int64)
    wall = False
    if pa.types.is_timestamp(kind):
        wall = kind.tz is None
        if wall and naive is None:
            raise InvalidTableError(
                f"column has wall times without a zone: {name!r} ({kind}); give the zone, naive='Europe/Paris', or "
                "convert it"
            )
        try:
            column = column.cast(pa.timestamp("us", kind.tz)).view(pa.int64())
        except pa.ArrowInvalid as error:
            raise InvalidTableError(
                f"column has times finer than a microsecond or out of range: {name!r} ({kind}); round it first"
            ) from error
    elif not pa.types.is_integer(kind):
        raise InvalidTableError(
            f"column holds no instants: {name!r} ({kind}); give timestamps with a zone, or int64 microseconds since "
            "1970 in UTC; in pandas Int64, where there are nulls"
        )
    try:
        given = _filled(column.cast(pa.int64()), missing)
    except pa.ArrowInvalid as error:
        raise InvalidTableError(
            f"column is outside the years 1 to 9999: {name!r} ({kind}); give microseconds since 1970"
        ) from error
    _check_range(given, name)
    if wall and naive is not None:
        given = _utc(given, column, naive)
        _check_range(given, name)
    return given


def _filled(column: pa.Array, missing: int) -> Instants:
    found: Instants = (column.fill_null(missing) if column.null_count else column).to_numpy(zero_copy_only=False)
    return found


def _utc(walls: Instants, column: pa.Array, zone: str) -> Instants:
    """Wall times as instants: the gap's end in a gap, the first in an overlap."""
    real = np.ones(len(walls), np.bool_) if not column.null_count else column.is_valid().to_numpy(zero_copy_only=False)
    if not real.any():
        return walls
    chosen, out = walls[real], walls.copy()
    first, last = year_of(int(chosen.min())), year_of(int(chosen.max()))
    out[real] = offsets_of(zone, max(first - 1, 1), min(last + 1, 9999)).utc_array(chosen)
    return out


def _check_range(given: Instants, name: str) -> None:
    """Refuse what is neither an instant of the years 1 to 9999 nor a sentinel."""
    if not len(given) or (given.min() >= FIRST and given.max() <= LAST):
        return
    wrong = ((given < FIRST) | (given > LAST)) & (given != ALWAYS) & (given != NEVER)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InvalidTableError(
            f"column is outside the years 1 to 9999: {name!r}, {given[row]} in row {row} of its batch; give "
            "microseconds since 1970, and ALWAYS or NEVER for what never happened"
        )


def _names() -> tuple[Callable[[pa.DataType], bool], ...]:
    """What types a name may have."""
    kinds = arrow().types
    return kinds.is_string, kinds.is_large_string, kinds.is_string_view, kinds.is_integer, kinds.is_null


def texts(column: pa.Array, name: str) -> pa.Array:
    """A column of names as text, "" for null.

    Raises:
        InvalidTableError: If it holds neither text nor whole numbers.
    """
    pa = arrow()
    if pa.types.is_dictionary(column.type):
        column = pa.DictionaryArray.from_arrays(column.indices, texts(column.dictionary, name)).dictionary_decode()
    kind = column.type
    if not any(is_kind(kind) for is_kind in _names()):
        raise InvalidTableError(f"column holds no names: {name!r} ({kind}); give text or whole numbers")
    column = column.cast(pa.string())
    return column.fill_null("") if column.null_count else column


def numbers(column: pa.Array, name: str) -> tuple[np.ndarray[Any, Any], list[str]]:
    """A column of a few words as numbers and what they stand for, only words that occur; null and "" stand for "".

    Raises:
        InvalidTableError: If it holds no text.
    """
    pa = arrow()
    if not pa.types.is_dictionary(column.type):
        coded = texts(column, name).dictionary_encode()
        return coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    words = texts(column.dictionary, name).to_pylist()
    codes = column.indices.cast(pa.int64())
    if codes.null_count:
        codes = codes.fill_null(len(words))
        words = [*words, ""]
    given = codes.to_numpy(zero_copy_only=False)
    occurs = np.bincount(given, minlength=len(words)) > 0
    if occurs.all():
        return given, words
    return (np.cumsum(occurs) - 1).take(given), [word for word, there in zip(words, occurs, strict=True) if there]
