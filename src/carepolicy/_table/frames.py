"""Data frames of every kind as Arrow batches, and back into a frame of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from carepolicy.errors import InvalidTableError, MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 1 << 15
"""Rows in a batch: what one batch needs beside its input and output stays in the processor's cache."""
_KINDS = ("polars", "pandas", "pyarrow", "duckdb")
_QUOTE = '"'


def arrow() -> Any:
    """The package pyarrow.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("tables need the package pyarrow; install carepolicy[table]") from error
    return pyarrow


def kind_of(frame: Any) -> str:
    """Whose frame it is: "polars", "pandas", "pyarrow", "duckdb", or "arrow" for anything else that streams Arrow.

    Raises:
        InvalidTableError: If it is no frame.
    """
    package = type(frame).__module__.partition(".")[0].lstrip("_")
    if type(frame).__name__ == "LazyFrame":
        raise InvalidTableError("frame is lazy: LazyFrame; use carepolicy.engines.polars, or pass frame.collect()")
    if package in _KINDS and hasattr(frame, "columns"):
        return package
    if hasattr(frame, "__arrow_c_stream__"):
        return "arrow"
    raise InvalidTableError(
        f"frame is not a data frame: {type(frame).__name__}; pass a polars, pandas or pyarrow table, a DuckDB "
        "relation, or anything with __arrow_c_stream__"
    )


def names_of(frame: Any) -> list[str]:
    """The names of its columns, in order."""
    kind = kind_of(frame)
    if kind == "pyarrow":
        return list(frame.schema.names)
    if kind == "arrow":
        return list(_imported(arrow().schema, frame).names) if hasattr(frame, "__arrow_c_schema__") else []
    return [str(name) for name in frame.columns]


def batches_of(frame: Any, columns: Sequence[str] | None = None, size: int = CHUNK) -> Iterator[pa.RecordBatch]:
    """The rows in order, in batches of at most `size`, one at least; copied only where the kind has another layout than
    Arrow.

    Args:
        frame: Of any kind that `kind_of` knows.
        columns: The ones wanted, each once; all when left out.
        size: The most rows in a batch.

    Raises:
        InvalidTableError: If it is no frame, or a column holds what Arrow has no type for.
    """
    kind, pa = kind_of(frame), arrow()
    if kind == "pandas":
        yield from _of_pandas(frame, columns, size)
        return
    if kind == "polars":
        wanted = frame[list(columns)] if columns else frame  # select() would take some names for patterns
        for at in range(0, max(wanted.height, 1), size):
            yield from _sliced(wanted.slice(at, size).to_arrow().to_reader(size), size)
        return
    if kind == "pyarrow":
        table = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
        yield from _sliced((table.select(list(columns)) if columns else table).to_reader(size), size)
        return
    if kind == "duckdb" and columns:
        frame = frame.select(*(f'"{name.replace(_QUOTE, _QUOTE * 2)}"' for name in columns))
    for batch in _sliced(_imported(pa.RecordBatchReader.from_stream, frame), size):
        yield batch.select(list(columns)) if columns else batch


def _of_pandas(frame: Any, columns: Sequence[str] | None, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of a pandas frame, whose columns may be called by anything and hold anything."""
    pa = arrow()
    names = names_of(frame)
    places = [names.index(name) for name in columns or names]
    for at in range(0, max(len(frame), 1), size):
        some = frame.iloc[at : at + size, places]
        try:
            table = pa.Table.from_pandas(some, preserve_index=False)
        except pa.ArrowException as error:
            said = "; ".join(map(str, error.args))
            raise InvalidTableError(f"frame has a column of no one type: {said}; give each cell the same") from error
        yield from _sliced(table.to_reader(size), size)


def _imported(take: Any, frame: Any) -> Any:
    """What a stranger's frame gives through the Arrow C interface."""
    try:
        return take(frame)
    except arrow().ArrowInvalid as error:
        raise InvalidTableError(
            f"frame has no columns: {type(frame).__name__} ({error}); pass a table, of which this may be one column"
        ) from error


def _sliced(batches: pa.RecordBatchReader, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of some batches in batches of `size`, the last one shorter: however they came, they go out the same."""
    waiting: list[pa.RecordBatch] = []
    room, given = size, False
    for batch in batches:
        at = 0
        while batch.num_rows - at >= room:
            yield _joined([*waiting, batch.slice(at, room)])
            waiting, at, room, given = [], at + room, size, True
        if at < batch.num_rows:
            waiting.append(batch.slice(at))
            room -= batch.num_rows - at
    if waiting or not given:
        yield _joined(waiting or [arrow().RecordBatch.from_pylist([], batches.schema)])


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else arrow().concat_batches(batches)


def frame_like(frame: Any, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Any:
    """A frame of the kind of another one; pyarrow's for what is none of the four that we know by name."""
    made, pa = frame_of(kind_of(frame), batches, schema), arrow()
    if isinstance(frame, pa.RecordBatch):
        return next(_sliced(made.to_reader(), max(made.num_rows, 1)))
    return made


def frame_of(kind: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Any:
    """A frame of a kind, as `kind_of` names it."""
    pa = arrow()
    if kind == "polars":
        import polars as pl

        parts: list[Any] = [pl.from_arrow(batch) for batch in batches] or [pl.from_arrow(schema.empty_table())]
        return pl.concat(parts, rechunk=False)
    table = pa.Table.from_batches(batches, schema)
    if kind == "pandas":
        return _pandas(table)
    if kind == "duckdb":
        import duckdb

        return duckdb.from_arrow(table)
    return table


def _pandas(table: pa.Table) -> Any:
    """A pandas frame; lists stay in Arrow's layout, as a million small arrays would be slow and large."""
    import pandas as pd
    import pyarrow as pa

    return table.to_pandas(
        types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_list(kind) else None,
        split_blocks=True,
        self_destruct=True,
    )
