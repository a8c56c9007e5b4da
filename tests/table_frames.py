"""Frames of every kind with facts of a few customers, and what each of them is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from carepolicy import NEVER, Calendar, ContactHours, Plan, RestBetween, Touch, days
from carepolicy._instant import DAY, to_micros
from tests.tables import decisions_of, said

AT = "2026-03-02T09:00Z"
NOW = to_micros(AT)
LONG_AGO, LATELY = NOW - 400 * DAY, NOW - 40 * DAY
THEIRS = ContactHours(Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/Paris"))
OFFICE = Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin")
PLAN = Plan(OFFICE, survey=Touch(guard=RestBetween(days(90)) & THEIRS))
UNIT = ("customer", "case", "ref", "party")


class Stranger:
    """A frame of which nothing is known but that it streams Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "polars": pl.from_arrow,
    "pandas": lambda table: table.to_pandas(),
    "pandas-arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": lambda table: table,
    "record batch": lambda table: pa.concat_batches(table.to_batches() or [_no_rows(table)]),
    "reader": lambda table: table.to_reader(),
    "duckdb": duckdb.from_arrow,
    "stranger": Stranger,
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def _no_rows(table: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], table.schema)


def table_of(**columns: Any) -> pa.Table:
    """Three customers of three zones: never asked, asked long ago, asked lately; columns that are None are left out."""
    base = {
        "customer": ["ann", "bob", "cid"],
        "last_invited": stamps(None, LONG_AGO, LATELY),
        "zone": ["Europe/Paris", "Asia/Tokyo", "Australia/Lord_Howe"],
    }
    return pa.table({name: values for name, values in {**base, **columns}.items() if values is not None})


def stamps(*us: int | None, unit: str = "us", zone: str | None = "UTC") -> pa.Array:
    return pa.array(us, pa.timestamp("us", zone)).cast(pa.timestamp(unit, zone))


def decided(frame: Any) -> list[Any]:
    """The rows of decisions of any kind of frame."""
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    return decisions_of(frame)


def told(rows: Sequence[Mapping[str, Any]], at: int = NOW, plan: Plan = PLAN) -> list[Any]:
    """What one customer after the other is told, touch by touch; what a row leaves out never happened."""
    missing = {name: fact.missing for name, fact in plan.facts.items()}
    found = []
    for rule in plan.rules.rules:
        for row in rows:
            values = {name: row.get(name, missing[name]) for name in rule.asks}
            unit: Any = tuple(row.get(name, "") for name in UNIT)
            found.append(said(rule.decide(values, unit, at, row.get("next_visible", NEVER), row.get("zone", ""))))
    return found


ROWS: list[dict[str, Any]] = [
    {"customer": "ann", "zone": "Europe/Paris"},
    {"customer": "bob", "zone": "Asia/Tokyo", "last_invited": LONG_AGO},
    {"customer": "cid", "zone": "Australia/Lord_Howe", "last_invited": LATELY},
]
TOLD = told(ROWS)
