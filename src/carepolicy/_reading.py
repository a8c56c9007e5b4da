"""What the command reads: logs as CSV, JSON Lines or Parquet, plans, rosters. Every fault is reported, in one go.

A CSV has one header with at least `at` and `kind`. It is read as UTF-8, with or without a byte order mark. Cells that a
row lacks at its end are not said; cells beyond the header are a fault. Nothing in a file is evaluated.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from carepolicy.errors import (
    CarePolicyError,
    InvalidEventError,
    InvalidPolicyError,
    MissingExtraError,
    UnknownNameError,
)
from carepolicy.events import BadRow, BadRowsError
from carepolicy.plan import Plan
from carepolicy.timeline import Timeline

STDIN = "-"
_NEEDED = ("at", "kind")
_LONGEST_CELL = 2**31 - 1  # what csv takes on every platform; the file is in memory already
_SHOWN = 60

Row = Mapping[Any, Any]


@attrs.frozen
class Table:
    """The rows of a file before they become events.

    Args:
        rows: With what each holds.
        numbers: The number of each row, counted from 1 without the header.
        lines: The line on which each row number begins; empty where a file has no lines.
        bad: What could not even be split into cells.
        notes: What is worth a word though nothing is wrong.
    """

    rows: list[Row]
    numbers: list[int]
    lines: dict[int, int] = attrs.field(factory=dict)
    bad: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()


@attrs.frozen
class Log:
    """A log as read.

    Args:
        timeline: Its events.
        left_out: One sentence for each cell at fault, with file, line, row, column, value and remedy.
        notes: What is worth a word though nothing is wrong.
    """

    timeline: Timeline
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class UnreadableLogError(BadRowsError):
    """A log with bad rows; `sentences` holds one for each cell at fault."""

    def __init__(self, bad_rows: Iterable[BadRow], sentences: Iterable[str]) -> None:
        super().__init__(bad_rows)
        self.sentences = tuple(sentences)


def read_log(
    name: str,
    *,
    zone: str,
    kinds: Iterable[str] = (),
    lenient: bool = False,
    watch: Callable[[list[Row]], Iterable[Row]] = iter,
) -> Log:
    """The events of a file.

    Args:
        name: Its path; "-" for CSV on standard input. `.jsonl` and `.ndjson` are JSON Lines, `.parquet` and `.pq` are
            Parquet, everything else is CSV.
        zone: The zone of wall times without an offset.
        kinds: Kinds of event beside the known ones.
        lenient: Leave bad rows out instead of refusing the log.
        watch: Hands the rows on, one by one; for a progress bar.

    Raises:
        UnreadableLogError: If rows cannot be read and `lenient` is not set; it names all of them.
        InvalidEventError: If the file as a whole cannot be read.
        MissingExtraError: If it is Parquet and pyarrow is not installed.
    """
    table = _table(name)
    timeline = Timeline.read(watch(table.rows), zone=zone, kinds=kinds, lenient=True)
    found = [attrs.evolve(bad, row=table.numbers[bad.row - 1]) for bad in timeline.left_out]
    every = sorted((*table.bad, *found), key=lambda bad: bad.row)
    sentences = tuple(_sentence(name, bad, table.lines.get(bad.row)) for bad in every)
    if every and not lenient:
        raise UnreadableLogError(every, sentences)
    return Log(timeline, sentences, table.notes)


def _sentence(name: str, bad: BadRow, line: int | None) -> str:
    where = name if line is None else f"{name}, line {line}"
    value = bad.value if len(bad.value) <= _SHOWN else f"{bad.value[:_SHOWN]}…"
    return f"{where}: {attrs.evolve(bad, value=value)}"


def _table(name: str) -> Table:
    ending = Path(name).suffix.lower()
    if name != STDIN and ending in {".parquet", ".pq"}:
        return _from_parquet(name)
    text = _text(name, "log")
    return _from_json_lines(text) if ending in {".jsonl", ".ndjson"} else _from_csv(name, text)


def _bytes(name: str, what: str) -> bytes:
    """The content of a file or of standard input.

    Raises:
        InvalidEventError: If there is no such file, or it cannot be read; `what` names it.
    """
    try:
        return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except IsADirectoryError as error:
        raise InvalidEventError(f"{what} is a directory: {name!r}; name a file in it") from error
    except (FileNotFoundError, ValueError) as error:
        raise InvalidEventError(f"{what} is not there: {name!r}; check the path") from error
    except OSError as error:
        raise InvalidEventError(f"{what} cannot be read: {name!r} ({error.strerror}); check who may read it") from error


def _text(name: str, what: str) -> str:
    """The text of a file in UTF-8, without its byte order mark."""
    raw = _bytes(name, what)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        raise InvalidEventError(
            f"{what} is not UTF-8: {name!r} has the byte 0x{byte:02x} on line {line}; save it as UTF-8"
            " (in a spreadsheet: 'CSV UTF-8')"
        ) from error


def _from_csv(name: str, text: str) -> Table:
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        return _cells(name, _split(name, text))
    finally:
        csv.field_size_limit(before)


def _split(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidEventError(
            f"log cannot be split into cells: {name!r}, from line {line} on ({error});"
            " close each quotation mark, and double those inside a cell"
        ) from error


def _cells(name: str, split: Iterator[tuple[int, list[str]]]) -> Table:
    header = _header(name, next(split, None))
    rows: list[Row] = []
    numbers: list[int] = []
    lines: dict[int, int] = {}
    bad: list[BadRow] = []
    short: list[int] = []
    for number, (line, cells) in enumerate(split, start=1):
        lines[number] = line
        nul = [BadRow(number, c, v, "remove the NUL byte") for c, v in zip(header, cells, strict=False) if "\0" in v]
        if nul:
            bad += nul
            continue
        row: dict[Any, Any] = dict(zip(header, cells, strict=False))
        beyond = ",".join(cells[len(header) :])
        if beyond.strip(", \t"):
            row[None] = beyond
        if len(cells) < len(header):
            short.append(number)
        rows.append(row)
        numbers.append(number)
    return Table(rows, numbers, lines, tuple(bad), _note(name, short))


def _note(name: str, short: list[int]) -> tuple[str, ...]:
    if not short:
        return ()
    rows = f"row {short[0]} has" if len(short) == 1 else f"{len(short)} rows, the first of them row {short[0]}, have"
    return (f"{name}: {rows} fewer cells than the header; what is missing is taken as not said",)


def _header(name: str, first: tuple[int, list[str]] | None) -> list[str]:
    """The column names.

    Raises:
        InvalidEventError: If there are none, one is missing, empty or there twice.
    """
    if first is None:
        raise InvalidEventError(f"log is empty: {name!r}; it needs a header with at least {' and '.join(_NEEDED)}")
    header = [cell.strip() for cell in first[1]]
    while not header[-1]:  # a separator at the end of each line
        header.pop()
    return _checked(name, header)


def _checked(name: str, header: list[str]) -> list[str]:
    missing = [column for column in _NEEDED if column not in header]
    if missing:
        seen = ", ".join(header)
        seen = seen if len(seen) <= _SHOWN else f"{seen[:_SHOWN]}…"
        raise InvalidEventError(
            f"log has no column {' and no column '.join(missing)}: {name!r} begins with {seen!r};"
            " put the column names first, separated by commas"
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        columns = ", ".join(repr(column) for column in twice)
        raise InvalidEventError(f"log names a column twice: {name!r}, {columns}; give each column its own name")
    return header


def _from_json_lines(text: str) -> Table:
    rows: list[Row] = []
    numbers: list[int] = []
    lines: dict[int, int] = {}
    bad: list[BadRow] = []
    filled = ((line, part) for line, part in enumerate(text.split("\n"), start=1) if part.strip())
    for number, (line, part) in enumerate(filled, start=1):
        lines[number] = line
        try:
            row = json.loads(part, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows.append(row)
            numbers.append(number)
        else:
            bad.append(BadRow(number, "(all)", part.strip(), "write one JSON object a line, each name once"))
    return Table(rows, numbers, lines, tuple(bad))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _from_parquet(name: str) -> Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "reading Parquet needs pyarrow, which is not installed; pip install 'carepolicy[parquet]', or pass CSV"
        ) from error
    raw = _bytes(name, "log")
    try:
        # a file object reads this file and nothing else: no folder of partitions, no columns from its path
        table = parquet.read_table(io.BytesIO(raw))
        rows = table.to_pylist()
    except (pyarrow.ArrowException, ValueError, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise InvalidEventError(f"log cannot be read as Parquet: {name!r} ({reason}); check what wrote it") from error
    _checked(name, table.column_names)
    return Table(rows, list(range(1, len(rows) + 1)))


def read_plan(name: str) -> Plan:
    """A plan by the name under which it ships, or from a TOML or JSON file by its ending.

    Raises:
        CarePolicyError: If there is none, or it cannot be meant.
    """
    ending = Path(name).suffix.lower()
    if ending not in {".toml", ".json"}:
        try:
            return Plan.named(name)
        except UnknownNameError as error:
            if not Path(name).is_file():
                raise
            raise InvalidPolicyError(
                f"plan is neither TOML nor JSON by its ending: {name!r}; name it .toml or .json"
            ) from error
    text = _text(name, "plan")
    try:
        return Plan.from_toml(text) if ending == ".toml" else Plan.from_json(text)
    except CarePolicyError as error:
        raise InvalidPolicyError(f"{name}: {error}") from error
    except (RecursionError, ValueError) as error:
        raise InvalidPolicyError(f"{name}: plan cannot be read; nest it less, and write shorter numbers") from error


def read_roster(name: str) -> list[str]:
    """The customers of a file, one a line; empty lines do not count.

    Raises:
        InvalidEventError: If it cannot be read.
    """
    return [line.strip() for line in _text(name, "roster").split("\n") if line.strip()]
