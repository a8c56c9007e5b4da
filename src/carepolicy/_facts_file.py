"""A Parquet file of facts, read bit by bit: never the whole of it is in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from carepolicy._table.frames import arrow
from carepolicy.errors import InvalidTableError

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """A file of facts, to be read bit by bit.

    Raises:
        InvalidTableError: If it cannot be read.
    """
    pa = arrow()
    from pyarrow import parquet

    with _readable(name):
        stream = pa.OSFile(name)
    with stream:
        with _readable(name):
            file = parquet.ParquetFile(stream, pre_buffer=False)
        yield file


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (arrow().ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise InvalidTableError(
            f"facts cannot be read as Parquet: {name!r} ({reason}); check the path, and what wrote it"
        ) from error


def batches(file: Any, name: str, columns: list[str] | None, begin: int, size: int) -> Iterator[pa.RecordBatch]:
    """The rows from one on; row groups before it are not read."""
    group = 0
    while group < file.num_row_groups and file.metadata.row_group(group).num_rows <= begin:
        begin -= file.metadata.row_group(group).num_rows
        group += 1
    batches = file.iter_batches(size, row_groups=range(group, file.num_row_groups), columns=columns)
    while True:
        with _readable(name):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch.slice(begin)
        begin = max(begin - batch.num_rows, 0)


def chunks(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of exactly so many, but for the last: where row groups end makes no difference."""
    concat = arrow().concat_batches
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= size:
            yield concat([*held, rest.slice(0, size - count)])
            rest = rest.slice(size - count)
            held, count = [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield concat(held)
