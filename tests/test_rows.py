"""Flat rows: read from whatever table they come in, and every bad cell named."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from carepolicy import Event, Timeline
from carepolicy.errors import InvalidEventError, UnknownZoneError
from carepolicy.events import BadRowsError

ROW: dict[str, Any] = {"id": "a", "at": "2026-03-02T09:00Z", "kind": "sold"}
DENVER = "America/Denver"


def read(row: dict[Any, Any], **options: Any) -> Event:
    (event,) = Timeline.read([row], **options).events
    return event


class TestTables:
    """Rows are dicts, or the rows of any data frame."""

    @pytest.mark.parametrize("table", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist, list, tuple, iter])
    def test_of_every_kind_are_read_alike(self, table: Any) -> None:
        rows = [ROW, {**ROW, "id": "b", "case": "17", "recorded_at": "2026-03-03T09:00Z", "branch": "north"}]
        whole = Timeline.read(table([{"recorded_at": None, "branch": None, "case": None, **row} for row in rows]))
        assert [(e.id, e.case, e.extra) for e in whole.events] == [("a", "", ()), ("b", "17", (("branch", "north"),))]

    @pytest.mark.parametrize(
        ("rows", "problem"),
        [
            ("at,kind", "rows are not a table: str; pass a list of dicts"),
            (b"at", "rows are not a table: bytes"),
            (ROW, "rows are not a table: dict"),
            (None, "rows are not a table: NoneType"),
            ([Event(at=ROW["at"], kind="sold")], "rows hold Event values; build the timeline with Timeline(events)"),
            ([["a", "b"]], "row is not a mapping: ['a', 'b']; pass dicts with the columns of a log"),
        ],
    )
    def test_of_other_kinds_are_refused(self, rows: object, problem: str) -> None:
        with pytest.raises(InvalidEventError, match=re.escape(problem)):
            Timeline.read(rows)


class TestCells:
    """Every cell is read or named; none is lost."""

    @pytest.mark.parametrize("empty", [None, "", "  ", float("nan"), pd.NaT, pd.NA])
    def test_an_empty_one_says_nothing(self, empty: object) -> None:
        event = read({**ROW, "case": empty, "recorded_at": empty, "due": empty, "branch": empty, "direction": empty})
        assert event == Event(**ROW)

    def test_text_is_stripped_and_other_columns_are_kept_as_they_are(self) -> None:
        event = read({**ROW, "kind": " sold ", "case": 17, "branch": " north ", "score": 4.5})
        assert (event.kind, event.case) == ("sold", "17")
        assert event.extra == (("branch", " north "), ("score", "4.5"))

    def test_a_kind_of_ones_own_is_allowed_by_name(self) -> None:
        assert read({**ROW, "kind": "sighted"}, kinds=["sighted"]).kind == "sighted"
        assert read({**ROW, "kind": "sighted"}, kinds="sighted").kind == "sighted"
        with pytest.raises(BadRowsError, match="or name it as a kind of yours"):
            read({**ROW, "kind": "sighted"})

    def test_all_bad_ones_are_named_in_one_go(self) -> None:
        rows = [
            {**ROW, "at": ""},
            {**ROW, "at": "yesterday", "recorded_at": "2026-03-02T09:00"},
            ROW,
            {**ROW, "kind": None, "direction": "in", "precision": "hour"},
            dict[Any, Any](ROW) | {None: ["x"]},
            {**ROW, "due": 20260302, "recorded_at": "0001-01-01T00:00+01:00"},
        ]
        with pytest.raises(BadRowsError, match="log has 9 bad cells: row 1, column at: ''; say when") as caught:
            Timeline.read(rows)
        assert [(b.row, b.column, b.value) for b in caught.value.bad_rows] == [
            (1, "at", ""),
            (2, "at", "yesterday"),
            (2, "recorded_at", "2026-03-02T09:00"),
            (4, "kind", ""),
            (4, "direction", "in"),
            (4, "precision", "hour"),
            (5, "(beyond the header)", "['x']"),
            (6, "due", "20260302"),
            (6, "recorded_at", "0001-01-01T00:00+01:00"),
        ]
        remedies = [b.remedy for b in caught.value.bad_rows]
        assert remedies[1] == "write e.g. 2026-03-02T09:00+01:00"
        assert remedies[2] == "add an offset, e.g. +01:00, or name the zone of the log"
        assert remedies[3].startswith("use one of accepted, answer, asked, ")
        assert remedies[4] == "use one of inbound, outbound, or leave it empty"
        assert remedies[5] == "use one of day, minute, or leave it empty"
        assert remedies[6] == "quote cells that hold the separator"
        assert all(remedies)

    def test_bad_rows_are_left_out_only_when_asked_and_said(self) -> None:
        timeline = Timeline.read([{**ROW, "at": ""}, ROW], lenient=True, complete_since="2026-01-01T00:00Z")
        assert [e.id for e in timeline.events] == ["a"]
        assert [(b.row, b.column) for b in timeline.left_out] == [(1, "at")]
        assert str(timeline.complete_since) == "2026-01-01 00:00:00+00:00"


class TestTimes:
    """Times are ISO 8601 with an offset, or wall times of the zone of the log."""

    @pytest.mark.parametrize(
        ("cell", "utc"),
        [
            ("2026-03-02T09:00-07:00", "2026-03-02T16:00Z"),
            (" 2026-03-02 09:00 ", "2026-03-02T16:00Z"),
            ("2026-03-02", "2026-03-02T07:00Z"),
            (date(2026, 3, 2), "2026-03-02T07:00Z"),
            (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09:00Z"),
            (pd.Timestamp("2026-03-02 09:00"), "2026-03-02T16:00Z"),
            # the gap of 8 March 2026, 02:00 to 03:00, ends at 09:00Z; the hour of 1 November is meant the first time
            ("2026-03-08T02:00", "2026-03-08T09:00Z"),
            ("2026-03-08T02:30:15", "2026-03-08T09:00Z"),
            ("2026-03-08T02:59:59.999999", "2026-03-08T09:00Z"),
            ("2026-03-08T03:00", "2026-03-08T09:00Z"),
            ("2026-11-01T01:30", "2026-11-01T07:30Z"),
            ("2026-11-01T02:00", "2026-11-01T09:00Z"),
        ],
    )
    def test_are_read_to_the_instant(self, cell: object, utc: str) -> None:
        assert read({**ROW, "at": cell}, zone=DENVER).at_us == Event(at=utc, kind="sold").at_us

    @pytest.mark.parametrize(
        ("cell", "utc"),
        [
            ("2026-03-02", "2026-03-03T07:00Z"),
            (date(2026, 3, 2), "2026-03-03T07:00Z"),
            ("2026-03-02T17:00", "2026-03-03T00:00Z"),
        ],
    )
    def test_whoever_promises_a_date_has_all_of_it(self, cell: object, utc: str) -> None:
        assert read({**ROW, "due": cell}, zone=DENVER).due_us == Event(at=utc, kind="sold").at_us

    @pytest.mark.parametrize("cell", ["9999-12-31", "9999-12-31T23:59:59Z", date(9999, 12, 31)])
    def test_the_year_by_which_databases_say_never_is_never_for_what_is_due(self, cell: object) -> None:
        assert read({**ROW, "due": cell}, zone=DENVER).due is None
        with pytest.raises(BadRowsError, match=r"row 1, column at: '9999-12-31.*'; correct it"):
            read({**ROW, "at": cell}, zone=DENVER)

    def test_a_day_that_a_zone_left_out_means_its_end(self) -> None:
        """Samoa had no 30 December 2011: it went from Thursday to Saturday."""
        event = read({**ROW, "at": "2011-12-30T12:00"}, zone="Pacific/Apia")
        assert event.at_us == Event(at="2011-12-31T00:00+14:00", kind="sold").at_us

    @pytest.mark.parametrize(
        ("zone", "cell"), [("Asia/Tokyo", "0001-01-01T00:00"), ("America/Denver", "9999-12-31T23:59")]
    )
    def test_beyond_the_years_are_bad_cells(self, zone: str, cell: str) -> None:
        with pytest.raises(BadRowsError, match=f"row 1, column at: '{cell}'; correct it"):
            read({**ROW, "at": cell}, zone=zone)

    def test_need_a_zone_that_exists(self) -> None:
        with pytest.raises(UnknownZoneError, match="zone is not a known time zone: 'Mars/Olympus'"):
            Timeline.read([], zone="Mars/Olympus")
