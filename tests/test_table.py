"""What `decide_table` takes of every kind of frame, what it refuses by name, and what its rows say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from carepolicy import (
    ALWAYS,
    Cadence,
    JourneyComplete,
    Plan,
    RestBetween,
    Touch,
    days,
)
from carepolicy._instant import to_micros
from carepolicy._rows import read_time
from carepolicy._table import frames
from carepolicy.errors import (
    InvalidTableError,
    MissingExtraError,
)
from carepolicy.table import batch_decider, decide_table
from tests.table_frames import (
    AT,
    KINDS,
    LATELY,
    LONG_AGO,
    OFFICE,
    PLAN,
    ROWS,
    TOLD,
    Stranger,
    decided,
    every_kind,
    stamps,
    table_of,
    told,
)

LAYOUTS = [
    (kind, how)
    for kind in KINDS
    for how in ("string", "large_string", "string_view", "dictionary", "dictionary of views")
    if (kind, how) != ("duckdb", "dictionary of views")  # which DuckDB itself cannot read
]


class TestKindsOfFrames:
    """The same kind comes out, and says what one customer is told."""

    @every_kind
    def test_the_same_kind_comes_out(self, kind: str) -> None:
        """A stranger's frame and a reader come out as pyarrow's."""
        frame = KINDS[kind](table_of())
        made = decide_table(PLAN, frame, AT)
        assert type(made) is (pa.Table if kind in ("stranger", "reader") else type(frame))
        assert decided(made) == TOLD

    @every_kind
    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
    def test_every_unit_and_zone_of_time(self, kind: str, unit: str, zone: str) -> None:
        table = table_of(last_invited=stamps(None, LONG_AGO, LATELY, unit=unit, zone=zone))
        assert decided(decide_table(PLAN, KINDS[kind](table), AT)) == TOLD

    @every_kind
    @pytest.mark.parametrize("sentinel", [ALWAYS, None])
    def test_whole_microseconds(self, kind: str, sentinel: int | None) -> None:
        frame: Any = KINDS[kind](table_of(last_invited=pa.array([sentinel, LONG_AGO, LATELY], pa.int64())))
        if kind == "pandas":
            frame = frame.astype({"last_invited": "Int64"})
        assert decided(decide_table(PLAN, frame, AT)) == TOLD

    @every_kind
    def test_a_column_of_nothing(self, kind: str) -> None:
        rows = [{**row, "last_invited": ALWAYS} for row in ROWS]
        assert decided(decide_table(PLAN, KINDS[kind](table_of(last_invited=pa.nulls(3))), AT)) == told(rows)

    @pytest.mark.parametrize(("kind", "how"), LAYOUTS)
    def test_every_layout_of_text(self, kind: str, how: str) -> None:
        """Of zones and of names, with nulls in them."""
        layouts = {
            "dictionary": pa.dictionary(pa.int8(), pa.string()),
            "dictionary of views": pa.dictionary(pa.int32(), pa.string_view()),
        }
        layout = layouts.get(how) or getattr(pa, how)()

        def text(words: list[str | None]) -> pa.Array:
            if how != "dictionary of views":
                return pa.array(words, pa.string()).cast(layout)
            coded = pa.array(words, pa.string()).dictionary_encode()
            return pa.DictionaryArray.from_arrays(coded.indices, coded.dictionary.cast(pa.string_view()))

        table = table_of(
            customer=text(["ann", "bob", "cid"]),
            zone=text([str(row["zone"]) for row in ROWS]),
            case=text(["c/1", None, ""]),
        )
        wanted = told([{**row, "case": case} for row, case in zip(ROWS, ("c/1", "", ""), strict=True)])
        assert decided(decide_table(PLAN, KINDS[kind](table), AT)) == wanted

    def test_categories_of_polars_and_pandas(self) -> None:
        """Words of a category that no row has are not asked for."""
        zones = [str(row["zone"]) for row in ROWS]
        frame = pl.from_arrow(table_of())
        assert isinstance(frame, pl.DataFrame)
        for kind in (pl.Categorical(), pl.Enum(["nowhere", *zones])):
            assert decided(decide_table(PLAN, frame.with_columns(pl.col("zone").cast(kind)), AT)) == TOLD
        some = table_of().to_pandas()
        some["zone"] = pd.Categorical(zones, categories=["nowhere", *zones, "elsewhere"])
        assert decided(decide_table(PLAN, some, AT)) == TOLD

    @every_kind
    def test_whole_numbers_as_customers(self, kind: str) -> None:
        rows = [{**row, "customer": name} for row, name in zip(ROWS, ("1", "-2", "3"), strict=True)]
        assert decided(decide_table(PLAN, KINDS[kind](table_of(customer=[1, -2, 3])), AT)) == told(rows)

    @every_kind
    def test_no_rows(self, kind: str) -> None:
        frame = KINDS[kind](table_of().slice(0, 0))
        made = decide_table(PLAN, frame, AT)
        assert decided(made) == []
        assert frames.names_of(made)[-1] == "key"

    @every_kind
    def test_one_row(self, kind: str) -> None:
        assert decided(decide_table(PLAN, KINDS[kind](table_of().slice(1, 1)), AT)) == TOLD[1:2]

    @every_kind
    def test_longer_than_a_chunk_and_cut_unevenly(self, kind: str) -> None:
        """Chunks of the input and of the work end at different rows, and dictionaries differ from chunk to chunk."""
        parts = []
        for size in (1, 32_767, 5, 0, 40_000):
            part = table_of().take(np.arange(size) % 3)
            zone = part["zone"].combine_chunks().dictionary_encode()
            parts.append(part.set_column(2, "zone", zone).to_batches() if size else [])
        table = pa.Table.from_batches([batch for part in parts for batch in part])
        frame = KINDS[kind](table)
        counted: list[int] = []
        made = decide_table(PLAN, frame, AT, only=["customer", "key", "verdict"], progress=counted.append)
        if kind == "duckdb":
            made = made.to_arrow_table()
        made = pa.table(made) if isinstance(made, pl.DataFrame) else made
        frame = made if isinstance(made, pd.DataFrame) else pa.table(made).to_pandas()
        assert counted == [32_768, 32_768, len(frame) - 65_536]
        keys = {row[0][0]: (row[6], row[2]) for row in TOLD}
        names = table["customer"].to_pylist()
        assert frame["customer"].tolist() == names
        assert list(zip(frame["key"], frame["verdict"], strict=True)) == [keys[name] for name in names]

    def test_nat_is_never(self) -> None:
        frame = table_of().to_pandas()
        assert frame["last_invited"].isna().tolist() == [True, False, False]
        assert decided(decide_table(PLAN, frame, AT)) == TOLD

    def test_pandas_columns_of_objects_and_of_chunks(self) -> None:
        """Texts that start with a chunk of None, and columns that pandas keeps in pieces."""
        frame = table_of().to_pandas()
        frame["case"] = pd.Series([None, None, "c"], dtype=object)
        frame["ref"] = pd.concat([pd.Series(["x"]), pd.Series(["y", None])]).to_numpy()
        pieces = pa.chunked_array([["p"], ["q", ""]])
        frame["party"] = pd.Series(pd.arrays.ArrowExtensionArray(pieces))
        units = [row[0] for row in decided(decide_table(PLAN, frame, AT))]
        assert units == [("ann", "", "x", "p"), ("bob", "", "y", "q"), ("cid", "c", "", "")]

    def test_decisions_of_the_table_law_are_of_the_table(self) -> None:
        """The types of what comes out are those that were announced."""
        batch = table_of().to_batches()[0]
        decide = batch_decider(PLAN, AT)
        assert decide(batch).schema == decide.schema
        assert decide(batch.slice(0, 0)).schema == decide.schema
        assert decide.schema.field("act_at").type == pa.timestamp("us", "Europe/Berlin")


class TestRefusedFrames:
    """What is no table is refused by name, whatever library it comes from."""

    @pytest.mark.parametrize(
        ("frame", "text"),
        [
            ({}, "frame is not a data frame: dict; pass a polars, pandas or pyarrow table"),
            ([{"customer": "ann"}], "frame is not a data frame: list"),
            (None, "frame is not a data frame: NoneType"),
            (np.ones(3), "frame is not a data frame: ndarray"),
            (pl.LazyFrame(), "frame is lazy: LazyFrame; use carepolicy.engines.polars, or pass frame.collect"),
            (pl.Series([1]), "frame has no columns: Series"),
            (pd.Series([1]), "frame has no columns: Series"),
            (pa.chunked_array([[1]]), "frame has no columns: ChunkedArray"),
        ],
    )
    def test_no_table(self, frame: Any, text: str) -> None:
        with pytest.raises(InvalidTableError, match=text):
            decide_table(PLAN, frame, AT)

    @pytest.mark.parametrize("cell", [1, object()])
    def test_a_pandas_column_of_no_one_type(self, cell: object) -> None:
        frame = pd.DataFrame({"customer": pd.Series(["ann", cell], dtype=object), "last_invited": [1, 2]})
        with pytest.raises(InvalidTableError, match=r"frame has a column of no one type: .*customer.*; give each cell"):
            decide_table(PLAN, frame, AT)

    def test_columns_of_one_name(self) -> None:
        """Of which it cannot be known which one is meant."""
        columns = [pa.array(["ann"]), pa.array(["bob"]), pa.array([1])]
        table = pa.Table.from_arrays(columns, ["customer", "customer", "last_invited"])
        twice = pd.DataFrame([["ann", "bob", 1]], columns=["customer", "customer", "last_invited"])
        for frame in (table, Stranger(table), twice, table.to_batches()[0]):
            with pytest.raises(InvalidTableError, match="table has two columns of one name: 'customer'; rename one"):
                decide_table(PLAN, frame, AT)

    def test_without_pyarrow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        with pytest.raises(MissingExtraError, match=r"tables need the package pyarrow; install carepolicy\[table\]"):
            frames.arrow()


class TestColumnsOfFacts:
    """Each column is read as what it is, or refused by name."""

    @every_kind
    @pytest.mark.parametrize(
        ("column", "text"),
        [
            (pa.array([True, False, None]), "column holds no instants: 'last_invited'"),
            (pa.array([1.0, 2.0, None]), "column holds no instants: 'last_invited' .*; give timestamps with a zone"),
            (pa.array(["2026-01-01"] * 3), "column holds no instants: 'last_invited'"),
            (pa.array([1, 2, 3], pa.date32()), "column holds no instants: 'last_invited'"),
            (pa.array([1, 2, 2**62]), "column is outside the years 1 to 9999: 'last_invited', 4611686018427387904 in"),
            (pa.array([1, 2, -(2**62)]), "column is outside the years 1 to 9999: 'last_invited'"),
            (pa.array([1, 2, 2**64 - 1], pa.uint64()), r"outside the years 1 to 9999: 'last_invited' \(uint64\)"),
            (pa.array([1, 2, 3], pa.timestamp("us")), "column has wall times without a zone: 'last_invited' .*naive="),
            (pa.array([1001, 0, 0], pa.timestamp("ns", "UTC")), "times finer than a microsecond or out of range"),
        ],
    )
    def test_refused(self, kind: str, column: pa.Array, text: str) -> None:
        with pytest.raises(InvalidTableError, match=text):
            decide_table(PLAN, KINDS[kind](table_of(last_invited=column)), AT)

    @every_kind
    def test_wall_times_of_a_zone(self, kind: str) -> None:
        """In the gap and in the overlap of a clock change as in a log that is read."""
        walls = ["2025-03-30T02:30:00", "2025-10-26T02:30:00"]
        us = [to_micros(wall + "Z") for wall in walls]
        table = table_of(last_invited=stamps(None, *us, zone=None))
        meant = [ALWAYS, *(read_time(wall, "Europe/Paris") for wall in walls)]
        wanted = told([{**row, "last_invited": at} for row, at in zip(ROWS, meant, strict=True)])
        assert decided(decide_table(PLAN, KINDS[kind](table), AT, naive="Europe/Paris")) == wanted

    def test_wall_times_of_no_row_and_of_no_year(self) -> None:
        rows = [{**row, "last_invited": ALWAYS} for row in ROWS]
        none = table_of(last_invited=stamps(None, None, None, zone=None))
        assert decided(decide_table(PLAN, none, AT, naive="Europe/Paris")) == told(rows)
        with pytest.raises(InvalidTableError, match="outside the years 1 to 9999: 'last_invited'"):
            decide_table(PLAN, table_of(last_invited=stamps(1, 2, 2**59, zone=None)), AT, naive="Europe/Paris")
        edge = to_micros("0001-01-01T00:00Z")
        with pytest.raises(InvalidTableError, match="outside the years 1 to 9999: 'last_invited'"):
            decide_table(PLAN, table_of(last_invited=stamps(1, 2, edge, zone=None)), AT, naive="Europe/Paris")

    def test_a_dictionary_of_times(self) -> None:
        column = stamps(None, LONG_AGO, LATELY).dictionary_encode()
        assert decided(decide_table(PLAN, table_of(last_invited=column), AT)) == TOLD

    @every_kind
    def test_missing_ones_are_said_at_once(self, kind: str) -> None:
        """Who needs each, what it means and what stands for never; of a frame without rows, too."""
        plan = Plan(OFFICE, call=Touch(due=Cadence(days(3)), guard=RestBetween(days(9))), ask=PLAN["survey"])
        wanted = (
            "^table lacks columns: 'customer', whom the row is about, which every key names; "
            r".*'last_invited', which RestBetween of touch 'call' and RestBetween of touch 'ask' .*"
            "when the latest survey of the customer was, null or ALWAYS where that never happened; "
            ".*'first_heard_of', .*; add them, or name yours with columns={ours: yours}$"
        )
        for rows in (3, 0):
            frame = KINDS[kind](table_of(customer=None, last_invited=None).slice(0, rows))
            with pytest.raises(InvalidTableError, match=wanted.replace(".*'first_heard_of', .*; ", "")):
                decide_table(Plan(OFFICE, call=Touch(guard=RestBetween(days(9))), ask=PLAN["survey"]), frame, AT)
            with pytest.raises(InvalidTableError, match="Cadence of touch 'call'"):
                decide_table(plan, frame, AT)

    def test_a_missing_column_of_what_never_is(self) -> None:
        plan = Plan(OFFICE, survey=Touch(guard=JourneyComplete()))
        with pytest.raises(InvalidTableError, match=r"'completed', which .*, null or NEVER where that never happened"):
            decide_table(plan, pa.table({"customer": ["ann"]}), AT)

    @every_kind
    def test_under_other_names(self, kind: str) -> None:
        """However strange they are."""
        names = {"customer": 'cu"st', "last_invited": "^last.*$", "zone": "*"}
        table = table_of().rename_columns([names[name] for name in table_of().column_names])
        table = table.append_column("survey", pa.array([1, 2, 3])).append_column("", pa.array([1, 2, 3]))
        if kind == "duckdb":
            table = table.drop_columns([""])
        assert decided(decide_table(PLAN, KINDS[kind](table), AT, columns=names)) == TOLD

    def test_pandas_columns_called_by_numbers(self) -> None:
        frame = table_of().to_pandas().set_axis([0, 1, 2], axis=1)
        names = {"customer": "0", "last_invited": "1", "zone": "2"}
        assert decided(decide_table(PLAN, frame, AT, columns=names)) == TOLD

    def test_names_that_lead_nowhere(self) -> None:
        with pytest.raises(InvalidTableError, match="columns names what the plan does not use: 'last_invite'; it uses"):
            decide_table(PLAN, table_of(), AT, columns={"last_invite": "zone"})
        with pytest.raises(InvalidTableError, match="columns names what the table lacks: 'timezone'; correct it"):
            decide_table(PLAN, table_of(), AT, columns={"zone": "timezone"})

    @pytest.mark.parametrize("column", [pa.array(["a", None, "b"]), pa.array([1, None, 2])])
    def test_a_row_without_a_customer(self, column: pa.Array) -> None:
        with pytest.raises(InvalidTableError, match="column has rows without a customer: 'customer'; drop them"):
            decide_table(PLAN, table_of(customer=column), AT)

    @every_kind
    @pytest.mark.parametrize("column", [pa.array([1.0, 2.0, 3.5]), pa.array([True, False, True])])
    def test_names_that_are_none(self, kind: str, column: pa.Array) -> None:
        for name in ("customer", "case", "zone"):
            with pytest.raises(InvalidTableError, match=f"column holds no names: '{name}'"):
                decide_table(PLAN, KINDS[kind](table_of(**{name: column})), AT)
