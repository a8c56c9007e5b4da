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
        return list(arrow().schema(frame).names) if hasattr(frame, "__arrow_c_schema__") else []
    return [str(name) for name in frame.columns]


def batches_of(frame: Any, columns: Sequence[str] | None = None, size: int = CHUNK) -> Iterator[pa.RecordBatch]:
    """The rows in order, in batches of at most `size`; copied only where the kind has another layout than Arrow.

    Args:
        frame: Of any kind that `kind_of` knows.
        columns: The ones wanted; all when left out.
        size: The most rows in a batch.
    """
    kind, pa = kind_of(frame), arrow()
    if kind == "pandas":
        wanted = frame if columns is None else frame[list(columns)]
        for at in range(0, len(wanted), size):
            yield pa.RecordBatch.from_pandas(wanted.iloc[at : at + size], preserve_index=False)
        return
    if kind == "polars":
        wanted = frame if columns is None else frame.select(columns)
        for at in range(0, wanted.height, size):
            yield from _whole(wanted.slice(at, size).to_arrow())
        return
    if kind == "pyarrow":
        table = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
        yield from _sliced((table if columns is None else table.select(columns)).to_reader(size), size)
        return
    wanted = frame.select(*(f'"{name}"' for name in columns)) if kind == "duckdb" and columns is not None else frame
    reader = pa.RecordBatchReader.from_stream(wanted)
    for batch in _sliced(reader, size):
        yield batch if columns is None else batch.select(list(columns))


def _sliced(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """The rows of some batches in batches of `size`, the last one shorter: however they came, they go out the same."""
    waiting: list[pa.RecordBatch] = []
    room = size
    for batch in batches:
        at = 0
        while batch.num_rows - at >= room:
            yield _joined([*waiting, batch.slice(at, room)])
            waiting, at, room = [], at + room, size
        if at < batch.num_rows:
            waiting.append(batch.slice(at))
            room -= batch.num_rows - at
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else arrow().concat_batches(batches)


def _whole(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """A table of few rows as one batch."""
    yield from table.combine_chunks().to_batches()


def frame_like(frame: Any, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Any:
    """A frame of the kind of another one; pyarrow's for what is none of the four that we know by name."""
    return frame_of(kind_of(frame), batches, schema)


def frame_of(kind: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Any:
    """A frame of a kind, as `kind_of` names it."""
    pa = arrow()
    if kind == "polars":
        import polars as pl

        parts = [pl.from_arrow(batch) for batch in batches] or [pl.from_arrow(schema.empty_table())]
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
