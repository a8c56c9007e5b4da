"""Flat rows into events: every cell checked, every bad one reported, none lost."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from carepolicy._instant import DAY, NEVER, to_micros, zone_of
from carepolicy._time.openings import FIRST_YEAR, LAST_YEAR
from carepolicy._time.zone import door_of
from carepolicy.errors import InvalidEventError, InvalidTimeError
from carepolicy.events import COLUMNS, DIRECTIONS, KINDS, PRECISIONS, BadRow, BadRowsError, Event

_STAND_IN = 9999
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
_TIMES = ("at", "recorded_at", "due")
_CHOICES = {"direction": DIRECTIONS, "precision": PRECISIONS}


def records(rows: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a data frame or an iterable as mappings.

    Raises:
        InvalidEventError: If it holds anything else.
    """
    for method, arguments in (("to_dicts", ()), ("to_pylist", ()), ("to_dict", ("records",))):
        if hasattr(rows, method) and not isinstance(rows, Mapping):
            rows = getattr(rows, method)(*arguments)
            break
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Iterable):
        raise InvalidEventError(
            f"rows are not a table: {type(rows).__name__}; pass a list of dicts or a polars, pandas or pyarrow table"
        )
    for row in rows:
        if isinstance(row, Event):
            raise InvalidEventError("rows hold Event values; build the timeline with Timeline(events) instead")
        if not isinstance(row, Mapping):
            raise InvalidEventError(f"row is not a mapping: {row!r}; pass dicts with the columns of a log")
        yield row


def read_rows(rows: Any, *, zone: str | None, kinds: Iterable[str], lenient: bool) -> tuple[list[Event], list[BadRow]]:
    """The events of the good rows and what is wrong with the others.

    Raises:
        BadRowsError: If there are bad rows and `lenient` is not set.
        UnknownZoneError: If the zone is not known.
    """
    if zone is not None:
        zone_of(zone)
    known = KINDS | {kinds} if isinstance(kinds, str) else KINDS | set(kinds)
    events: list[Event] = []
    bad: list[BadRow] = []
    for number, row in enumerate(records(rows), start=1):
        cells, faults = _cells(row, number, zone, known)
        bad += faults
        if not faults:
            events.append(Event(**cells))
    if bad and not lenient:
        raise BadRowsError(bad)
    return events, bad


def _cells(
    row: Mapping[str, Any], number: int, zone: str | None, kinds: set[str] | frozenset[str]
) -> tuple[dict[str, Any], list[BadRow]]:
    """The arguments of the event of one row, and every fault found in it."""
    cells: dict[str, Any] = {}
    extra: dict[str, str] = {}
    faults: list[BadRow] = []
    for column, value in row.items():
        if not isinstance(column, str):
            faults.append(BadRow(number, "(beyond the header)", str(value), "quote cells that hold the separator"))
        elif is_empty(value):
            continue
        elif column in _TIMES:
            try:
                cells[column] = read_time(value, zone, column)
                if column == "at" and is_date(value) and is_empty(row.get("precision")):
                    cells["precision"] = "day"
            except InvalidTimeError as error:
                faults.append(BadRow(number, column, str(value), str(error).rpartition("; ")[2]))
        elif column in COLUMNS:
            cells[column] = str(value).strip()
        else:
            extra[column] = str(value)
    faults += _faults(cells, row, number, kinds)
    if extra:
        cells["extra"] = extra
    return cells, faults


def _faults(
    cells: dict[str, Any], row: Mapping[str, Any], number: int, kinds: set[str] | frozenset[str]
) -> Iterator[BadRow]:
    """What an event cannot be built from, cell by cell."""
    if is_empty(row.get("at")):
        yield BadRow(number, "at", "", "say when it happened, e.g. 2026-03-02T09:00+01:00")
    kind = cells.get("kind", "")
    if kind not in kinds:
        remedy = f"use one of {', '.join(sorted(kinds))}"
        if kind:
            remedy += ", or name it as a kind of yours (kinds= or --kinds)"
        yield BadRow(number, "kind", kind, remedy)
    for column, choices in _CHOICES.items():
        value = cells.get(column, "")
        if value and value not in choices:
            yield BadRow(
                number, column, value, f"use one of {', '.join(sorted(c for c in choices if c))}, or leave it empty"
            )


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing: None, blank text, NaN, NaT or pandas' NA."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if type(value).__name__ == "NAType":  # of pandas, which need not be installed; it is neither equal nor unequal
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, datetime) and value != value  # noqa: PLR0124  (NaT)


def read_time(value: Any, zone: str | None, name: str = "at") -> int:
    """The UTC microseconds of a cell: an aware time, or a wall time of the zone.

    A wall time in the gap of a clock change means the gap's end, one in the overlap the first of the two. A date alone
    is its first instant, or for `due` the end of that date: who promises Tuesday has all of Tuesday. The year 9999,
    by which databases say "never", is NEVER for `due`.

    Raises:
        InvalidTimeError: If it is no time, a wall time and no zone is given, or outside the years 1800 to 2399.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise InvalidTimeError(
                f"{name} is not an ISO 8601 time: {value!r}; write e.g. 2026-03-02T09:00+01:00"
            ) from error
    elif isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001  (a wall time, given its zone below)
    else:
        raise InvalidTimeError(f"{name} is not a time: {value!r}; write e.g. 2026-03-02T09:00+01:00")
    if moment.year == _STAND_IN and name == "due":
        return NEVER
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise InvalidTimeError(
            f"{name} is outside the years {FIRST_YEAR} to {LAST_YEAR - 1}: {value}; correct it, or leave the cell empty"
        )
    if moment.tzinfo is not None:
        return to_micros(moment, name)
    if zone is None:
        raise InvalidTimeError(
            f"{name} has no offset: {value}; add an offset, e.g. +01:00, or name the zone of the log"
        )
    wall = to_micros(moment.replace(tzinfo=UTC)) + (DAY if name == "due" and is_date(value) else 0)
    return door_of(zone).around(wall).utc(wall)


def is_date(value: Any) -> bool:
    """Whether a cell gives a date without an hour."""
    if isinstance(value, str):
        return bool(_DATE.fullmatch(value.strip()))
    return isinstance(value, date) and not isinstance(value, datetime)
