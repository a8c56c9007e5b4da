"""Decisions about a file of facts, part by part: a run that was killed is continued. What `carepolicy decide` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import file_digest
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs

from carepolicy._facts_file import batches, chunks, opened
from carepolicy._instant import to_moment
from carepolicy._parts import Parts
from carepolicy._rows import read_time
from carepolicy._table.batch import REFUSE, BatchDecider
from carepolicy._table.frames import CHUNK, arrow
from carepolicy.errors import InvalidTableError, InvalidTimeError
from carepolicy.plan import Plan
from carepolicy.table import batch_decider

if TYPE_CHECKING:
    import pyarrow as pa

Advance = Callable[[int], object]

CHUNKS = 32
"""Chunks in a part: at most so much is decided again after a run was killed."""
_ROW_GROUP = 1 << 18  # decisions, at least, in a row group of the output
_PLAN, _AT, _STAMP = b"carepolicy.plan", b"carepolicy.at", b"carepolicy.job"


class Bar(Protocol):
    """What shows how far the work is, as `_bar.progress` does; it gives what moves it on."""

    def __call__(self, what: str, total: int, *, begun: int | None = None) -> AbstractContextManager[Advance]:
        """Show it; rows of facts where `begun` is given, which were decided before."""
        ...


@attrs.frozen
class Outcome:
    """What a job came to.

    Args:
        rows: Rows of facts.
        decisions: Rows of decisions.
    """

    rows: int
    decisions: int


def decide_file(
    facts: str,
    plan: Plan,
    at: str,
    out: str,
    *,
    bar: Bar,
    say: Callable[[str], None],
    columns: Mapping[str, str] | None = None,
    naive: str | None = None,
    unknown: str = REFUSE,
    only: Sequence[str] | None = None,
    chunk_rows: int = CHUNK,
    force: bool = False,
) -> Outcome:
    """Decide about a Parquet file of facts, in memory that does not grow with it.

    Args:
        facts: The file; its columns are those of `decide_table`.
        plan: The plan.
        at: The instant to judge at, a wall time of the plan's zone where it has no offset; or a column of the file.
        out: The Parquet file to write.
        bar: Shows how far it is.
        say: Told what else is worth a sentence.
        columns: As for `decide_table`.
        naive: As for `decide_table`.
        unknown: As for `decide_table`.
        only: As for `decide_table`.
        chunk_rows: The rows that are decided at once.
        force: Replace the output if it is there.

    Raises:
        CarePolicyError: If the facts cannot be read or meant, or the output is there already.
        OSError: If the output cannot be written.
    """
    with opened(facts) as file:
        names = file.schema_arrow.names
        moment = at if at in names else _moment(at, plan, facts)
        decider = batch_decider(plan, moment, columns=columns, naive=naive, unknown=unknown, only=only)
        list(decider.parts(arrow().RecordBatch.from_pylist([], file.schema_arrow)))  # refuses columns before the work
        parts = Parts(Path(out), _job(facts, decider, chunk_rows))
        rows, step = file.metadata.num_rows, CHUNKS * chunk_rows
        if _is_finished(parts, facts, force=force):
            say("the output of this very job is there: nothing was left to decide")
            parts.remove()
            return Outcome(rows, _decisions_in(parts.result))
        if differs := parts.begin():
            say(f"parts of an earlier run are discarded: it had other {', '.join(differs)}")
        done = parts.done()
        begun = min(done * step, rows)
        if begun:
            say(f"an earlier run is continued: {begun} of {rows} rows were decided")
        with bar("deciding", rows, begun=begun) as advance:
            rest = chunks(batches(file, facts, decider.wanted(names), begun, chunk_rows), chunk_rows)
            for number in range(done, -(-rows // step)):
                _write_part(parts, number, decider, islice(rest, CHUNKS), advance)
    count = parts.done()
    with bar("writing", count) as advance:
        decisions = _join(parts, count, decider.schema, advance)
    parts.remove()
    return Outcome(rows, decisions)


def _job(facts: str, decider: BatchDecider, chunk_rows: int) -> dict[str, object]:
    """Everything that the output depends on, by name."""
    with Path(facts).open("rb") as stream:
        content = file_digest(stream, "blake2b").hexdigest()
    return {
        "facts": content,
        "plan": decider.plan.version,
        "at": str(decider.at),
        "columns": decider.columns,
        "naive": decider.naive,
        "unknown": decider.unknown,
        "only": decider.only,
        "chunk_rows": chunk_rows,
        "carepolicy": version("carepolicy"),
    }


def _moment(at: str, plan: Plan, facts: str) -> datetime:
    """The instant that is meant.

    Raises:
        InvalidTimeError: If it is none.
    """
    try:
        return to_moment(read_time(at, plan.calendar.zone, "--at"))
    except InvalidTimeError as error:
        raise InvalidTimeError(f"{error}, or name a column of {facts!r}") from error


def _write_part(
    parts: Parts, number: int, decider: BatchDecider, chunks: Iterable[pa.RecordBatch], advance: Advance
) -> None:
    from pyarrow import ipc

    options = ipc.IpcWriteOptions(compression="lz4")
    with (
        parts.writing(parts.path(number)) as stream,
        ipc.new_stream(stream, decider.schema, options=options) as writer,
    ):
        for chunk in chunks:
            for batch in decider.parts(chunk):
                writer.write_table(arrow().Table.from_batches([batch]).cast(decider.schema))
            advance(chunk.num_rows)


def _join(parts: Parts, count: int, schema: pa.Schema, advance: Advance) -> int:
    """Write the output out of its parts; how many decisions it holds.

    Nothing but the parts decides about its bytes: not when they were written, nor where.
    """
    from pyarrow import parquet

    said = {_PLAN: str(parts.job["plan"]), _AT: str(parts.job["at"]), _STAMP: parts.stamp}
    mostly_repeated = [name for name in schema.names if name != "key"]
    decisions = 0
    with (
        parts.writing(parts.result) as stream,
        parquet.ParquetWriter(
            stream, schema.with_metadata(said), compression="zstd", use_dictionary=mostly_repeated
        ) as writer,
    ):
        for table in _row_groups(_written(parts, count, advance)):
            writer.write_table(table, row_group_size=table.num_rows)
            decisions += table.num_rows
    return decisions


def _written(parts: Parts, count: int, advance: Advance) -> Iterator[pa.RecordBatch]:
    """The decisions of all parts."""
    from pyarrow import ipc

    for number in range(count):
        with parts.path(number).open("rb") as stream, ipc.open_stream(stream) as reader:
            yield from reader
        advance(1)


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count >= _ROW_GROUP:
            yield arrow().Table.from_batches(held)
            held, count = [], 0
    if held:
        yield arrow().Table.from_batches(held)


def _is_finished(parts: Parts, facts: str, *, force: bool) -> bool:
    """Whether the output of this very job is there: a run may be killed when nothing is left but to say so.

    Raises:
        InvalidTableError: If there is another output, which is not to be replaced.
    """
    out = parts.result
    if not out.exists():
        return False
    if out.samefile(facts):
        raise InvalidTableError(f"output is the file of facts: {str(out)!r}; name another")
    if force:
        return False
    if _stamp_of(out) == parts.stamp:
        return True
    raise InvalidTableError(f"output is there already: {str(out)!r}; name another, or replace it with --force")


def _stamp_of(out: Path) -> str:
    """The job that a file is the output of; "" for any other file."""
    from pyarrow import parquet

    try:
        said = parquet.read_schema(out).metadata or {}
    except arrow().ArrowInvalid:
        return ""
    return str(said.get(_STAMP, b""), "ascii")


def _decisions_in(out: Path) -> int:
    from pyarrow import parquet

    found: int = parquet.read_metadata(out).num_rows
    return found
