"""A table of facts: every kind of frame and column, what is refused, and what changes in place."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from pathlib import Path
from typing import Any

import attrs
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from carepolicy import ALWAYS, NEVER, Calendar, Event, Guard, Parties, Plan, Timeline, Touch, first, kth_latest, last
from carepolicy._instant import DAY, to_micros, to_moment
from carepolicy.errors import (
    InvalidEventError,
    InvalidPolicyError,
    InvalidTableError,
    InvalidTimeError,
    UnknownZoneError,
)
from carepolicy.events import BadRowsError
from carepolicy.facts import SCOPES
from carepolicy.folds import First, KthLatest, Last
from carepolicy.table import FactTable, changed, facts_from_events, merge
from carepolicy.threads import EarliestOpen, Intervals, LastWhile
from tests.fold_logs import asking, expected, facts_of, row_of, table_of

DAYS = [to_micros(f"2026-03-{day:02}T09:00Z") for day in range(1, 10)]
plan = asking([last("survey"), last("contact", scope="case"), last("promise", scope="ref", gives="due"), first("sold")])
LOG = [
    Event(id="1", at=DAYS[0], kind="sold", customer="7"),
    Event(id="2", at=DAYS[1], kind="contact", customer="7", case="roof", channel="phone"),
    Event(id="3", at=DAYS[2], kind="promise", customer="7", case="roof", ref="visit", due=DAYS[8]),
    Event(id="4", at=DAYS[3], kind="survey", customer="12", recorded_at=DAYS[4]),
    Event(id="5", at=DAYS[5], kind="contact", customer="12", party="agent"),
]
ROWS = [row_of(event) for event in LOG]
WHOLE = expected(plan, ROWS, None)
TABLE = table_of(ROWS)


def facts(state: FactTable, whose: Plan = plan, **asked: Any) -> Any:
    """The facts of a state, whatever kind of frame it gives."""
    return said(state.to_frame(**asked), whose)


def said(frame: Any, whose: Plan) -> Any:
    """What a frame of facts says."""
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    elif isinstance(frame, duckdb.DuckDBPyRelation):
        frame = pa.table(frame)
    elif not isinstance(frame, pa.Table):
        frame = frame.to_arrow()
    columns = {name: frame[name].cast(_plain(frame[name].type)) for name in frame.column_names}
    for name, fact in whose.facts.items():
        if isinstance(fact, Later):  # what a fact of one's own gives is never null
            none = pc.equal(columns[name], fact.missing)
            columns[name] = pc.if_else(none, None, columns[name]).cast(pa.timestamp("us", "UTC"))
    return facts_of(whose, pa.table(columns))


def _plain(kind: pa.DataType) -> pa.DataType:
    """Polars and pandas have longer strings, and pandas has nanoseconds for a column of nothing."""
    text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return pa.string() if text else pa.timestamp("us", "UTC") if pa.types.is_timestamp(kind) else kind


def column(values: Any, name: str = "at") -> pa.Table:
    """The log with one column replaced."""
    return TABLE.set_column(TABLE.schema.get_field_index(name), name, values)


@attrs.frozen
class Later(Last):
    """As `Last`, a day later."""

    def value(self, state: Any) -> int:
        return self.missing if state is None else int(state[0][0]) + DAY


class TestKinds:
    """Any kind of frame comes in, and facts go out as the same kind."""

    @pytest.mark.parametrize(
        ("frame", "kind"),
        [
            (TABLE, pa.Table),
            (TABLE.to_batches()[0], pa.Table),
            (TABLE.to_reader(), pa.Table),
            (pl.from_arrow(TABLE), pl.DataFrame),
            (TABLE.to_pandas(), pd.DataFrame),
            (TABLE.to_pandas(types_mapper=pd.ArrowDtype), pd.DataFrame),
            (duckdb.from_arrow(TABLE), duckdb.DuckDBPyRelation),
        ],
        ids=["pyarrow", "batch", "reader", "polars", "pandas", "pandas of arrow", "duckdb"],
    )
    def test_the_kind_that_came_goes(self, frame: Any, kind: type) -> None:
        state = facts_from_events(frame, plan)
        assert facts(state) == WHOLE
        assert isinstance(state.to_frame(), kind)

    def test_a_stream_of_batches_is_a_table_each(self) -> None:
        assert facts(facts_from_events((TABLE.slice(at, 2) for at in (4, 2, 0)), plan)) == WHOLE
        assert facts(facts_from_events(TABLE.to_batches(max_chunksize=1), plan)) == WHOLE

    def test_rows_are_sorted_by_scope_and_unit(self) -> None:
        units = facts_from_events(TABLE, plan).to_frame().select(["scope", "customer", "case", "ref"]).to_pylist()
        assert [tuple(unit.values()) for unit in units] == [
            ("customer", "12", "", ""),
            ("customer", "7", "", ""),
            ("case", "7", "roof", ""),
            ("ref", "7", "roof", "visit"),
        ]

    @pytest.mark.parametrize("frame", [TABLE.slice(0, 0), TABLE.to_pandas().iloc[:0], pl.from_arrow(TABLE).head(0)])
    def test_an_empty_frame_comes_to_nothing(self, frame: Any) -> None:
        state = facts_from_events(frame, plan)
        assert facts(state) == {}
        assert (state.watermark, repr(state)) == (None, f"<FactTable of plan {plan.version}: nobody>")

    def test_no_frame_is_refused(self) -> None:
        with pytest.raises(InvalidTableError, match="frame is not a data frame: int"):
            facts_from_events(5, plan)


class TestColumns:
    """A column may have any type that can mean the same; what is missing or null says nothing."""

    @pytest.mark.parametrize(
        "at",
        [
            *(TABLE["at"].cast(pa.timestamp(unit, "UTC")) for unit in ("s", "ms", "us", "ns")),
            TABLE["at"].cast(pa.timestamp("us", "Asia/Kathmandu")),
            TABLE["at"].cast(pa.timestamp("s", "UTC")).cast(pa.string()),
            TABLE["at"].dictionary_encode(),
            pa.chunked_array([TABLE["at"].chunk(0)[:2], TABLE["at"].chunk(0)[2:]]),
            pa.array([f"2026-03-{day:02}T10:00+01:00" for day in (1, 2, 3, 4, 6)], pa.string_view()),
        ],
        ids=["s", "ms", "us", "ns", "other zone", "text", "dictionary", "chunked", "string view"],
    )
    def test_times_of_any_unit_and_zone(self, at: Any) -> None:
        assert facts(facts_from_events(column(at), plan)) == WHOLE

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_wall_times_are_of_the_zone_given(self, unit: str) -> None:
        walls = [row["at"].in_timezone("America/Denver").naive() for row in ROWS]
        log = column(pa.array(walls, pa.timestamp("us")).cast(pa.timestamp(unit)))
        assert facts(facts_from_events(log, plan, zone="America/Denver")) == WHOLE
        texts = column(pa.array([wall.isoformat() for wall in walls]))
        assert facts(facts_from_events(texts, plan, zone="America/Denver")) == WHOLE
        of_plan = Plan(Calendar.always("America/Denver"), touches=plan.touches, parties=plan.parties)
        assert facts(facts_from_events(log, of_plan)) == facts(facts_from_events(texts, of_plan)) == WHOLE
        with pytest.raises(UnknownZoneError, match="'Mars/Olympus'"):
            facts_from_events(log, plan, zone="Mars/Olympus")

    def test_dates_are_read_as_single_rows_are(self) -> None:
        of_due = asking([last("survey"), last("promise", gives="due")])
        rows = [
            {"customer": "a", "kind": "survey", "at": dt.date(2026, 3, 2), "due": None},
            {"customer": "a", "kind": "promise", "at": dt.date(2026, 3, 3), "due": dt.date(2026, 3, 9)},
        ]
        folded = of_due.fold(Timeline.read(rows, zone="America/Denver"), "2026-04-01T00:00Z")
        for log in (pa.Table.from_pylist(rows), pl.DataFrame(rows)):
            found = facts(facts_from_events(log, of_due, zone="America/Denver"), of_due)
            unit = ("customer", "a", "", "", "")
            assert found == {unit: {**folded.values(unit[1:]), "next_visible": NEVER}}

    @pytest.mark.parametrize("code", [pa.int8(), pa.int32()])
    def test_words_of_a_dictionary(self, code: pa.DataType) -> None:
        log = TABLE
        for name in ("kind", "customer", "case", "party"):
            encoded = TABLE[name].dictionary_encode().cast(pa.dictionary(code, pa.string()))
            log = log.set_column(log.schema.get_field_index(name), name, encoded)
        assert facts(facts_from_events(log, plan)) == WHOLE
        assert facts(facts_from_events(log.to_pandas(), plan)) == WHOLE

    @pytest.mark.parametrize(
        "kind", [pa.int64(), pa.int16(), pa.uint32(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
    )
    def test_customers_of_any_type(self, kind: pa.DataType) -> None:
        state = facts_from_events(column(TABLE["customer"].cast(kind), "customer"), plan)
        assert facts(state) == WHOLE
        assert facts(state.update(TABLE)) == WHOLE
        assert facts(facts_from_events(TABLE, plan).update(column(TABLE["customer"].cast(kind), "customer"))) == WHOLE

    def test_customers_as_views_of_strings(self) -> None:
        views = pa.array(TABLE["customer"].to_pylist(), pa.string_view())
        assert facts(facts_from_events(column(views, "customer"), plan)) == WHOLE

    def test_a_number_that_is_missing_makes_no_other_customers(self) -> None:
        log = column(pa.array([7, 7, 7, None, 12], pa.int64()), "customer")
        assert {unit[1] for unit in facts(facts_from_events(log, plan))} == {"7", ""}

    def test_columns_may_be_missing_or_have_other_names(self) -> None:
        log = TABLE.select(["customer", "case", "ref", "kind", "at"]).rename_columns(
            ["client", "case", "ref", "what", "at"]
        )
        renamed = {"customer": "client", "kind": "what"}
        rows = [{name: row[name] for name in ("customer", "case", "ref", "kind", "at")} for row in ROWS]
        assert facts(facts_from_events(log, plan, columns=renamed)) == expected(plan, rows, None)
        with pytest.raises(
            InvalidTableError, match="events have no column 'kind'; they have client, case, ref, what, at"
        ):
            facts_from_events(log, plan)
        with pytest.raises(InvalidTableError, match="events have no column 'when' for at; they have"):
            facts_from_events(log, plan, columns={**renamed, "at": "when"})

    def test_nulls_and_blanks_say_nothing(self) -> None:
        blank = TABLE.to_pandas()
        blank["party"] = ["", None, "  ", float("nan"), " agent "]
        assert facts(facts_from_events(blank, plan)) == WHOLE
        blank["recorded_at"] = blank["recorded_at"].where(blank["recorded_at"].notna(), pd.NaT)
        assert facts(facts_from_events(blank, plan)) == WHOLE

    def test_the_year_9999_is_never(self) -> None:
        of_due = asking([last("promise", gives="due", missing=ALWAYS)])
        for unit in ("s", "ms", "us"):
            due = pa.array([dt.datetime(9999, 12, 31, tzinfo=dt.UTC)] * 5).cast(pa.timestamp(unit, "UTC"))
            state = facts_from_events(column(due, "due"), of_due)
            assert [row["asked"] for row in state.to_frame().to_pylist() if row["customer"] == "7"] == [NEVER]

    def test_other_columns_are_left_out(self) -> None:
        assert facts(facts_from_events(TABLE.append_column("agent's mood", pa.array([{"x": 1}] * 5)), plan)) == WHOLE


class TestBadRows:
    """Rows that cannot be read are refused, all of them by name, and nothing is folded."""

    def test_all_are_named(self) -> None:
        log = pa.table(
            {
                "at": ["2026-03-02T09:00Z", "tomorrow", None, "2026-03-02T09:00", "2026-03-02T09:00Z"],
                "kind": ["survey", "survey", "sold", "sold", "sneeze"],
                "direction": ["sideways", None, None, None, "inbound"],
            }
        )
        state = facts_from_events(TABLE, plan)
        with pytest.raises(BadRowsError) as caught:
            state.update(log)
        with pytest.raises(BadRowsError) as of_rows:
            Timeline.read(log, zone=plan.calendar.zone)
        assert caught.value.bad_rows == of_rows.value.bad_rows
        assert [bad.row for bad in caught.value.bad_rows] == [1, 2, 3, 5]
        assert facts(state) == WHOLE

    def test_rows_are_counted_through_all_batches(self) -> None:
        bad = column(pa.array(["survey", "survey", "sneeze", "sold", "sneeze"]), "kind")
        with pytest.raises(BadRowsError) as caught:
            facts_from_events(bad.to_reader(max_chunksize=2), plan)
        assert [fault.row for fault in caught.value.bad_rows] == [3, 5]

    def test_kinds_of_ones_own(self) -> None:
        log = column(pa.array(["survey", "survey", "sneeze", "sold", "sneeze"]), "kind")
        for kinds in ("sneeze", ["sneeze"]):
            assert (
                len(facts(facts_from_events(log, asking([last("sneeze")]), kinds=kinds), asking([last("sneeze")]))) == 2
            )

    def test_times_too_fine_or_too_far(self) -> None:
        fine = pa.array([DAYS[0] * 1000 + n for n in range(5)], pa.timestamp("ns", "UTC"))
        with pytest.raises(BadRowsError, match=r"log has 4 bad cells: row 2, column at: .*finer than a microsecond"):
            facts_from_events(column(fine), plan)
        far = pa.array([2**60, -(2**60), 0, 0, 0], pa.timestamp("s", "UTC"))
        with pytest.raises(BadRowsError, match=r"log has 2 bad cells: row 1, column at"):
            facts_from_events(column(far), plan)
        old = pa.array(
            [dt.datetime(1799, 12, 31, 23, tzinfo=dt.UTC), dt.datetime(1800, 1, 1, 1, tzinfo=dt.UTC)] + [None] * 3
        )
        with pytest.raises(BadRowsError, match=r"log has 1 bad cell: row 1, column recorded_at"):
            facts_from_events(column(old, "recorded_at"), plan)
        assert facts(facts_from_events(column(pa.chunked_array([old[1:2]] * 5), "recorded_at"), plan))

    @pytest.mark.parametrize("values", [pa.array(DAYS[:5]), pa.array([1.5] * 5), pa.array([True] * 5)])
    def test_no_column_of_times_is_refused(self, values: pa.Array) -> None:
        with pytest.raises(
            InvalidTimeError, match=re.escape(f"at is not a column of times: {values.type}; cast it to")
        ):
            facts_from_events(column(values), plan)


class TestCorrections:
    """Inside a table they count as in a timeline; later ones cannot be taken back out."""

    first = row_of(Event(id="1", at=DAYS[0], kind="survey", customer="a"))
    second = row_of(Event(id="1", at=DAYS[2], kind="survey", customer="a", recorded_at=DAYS[3]))
    plan = asking([last("survey")])

    @pytest.mark.parametrize("at", [None, "2026-03-02T12:00Z", "2026-03-04T12:00Z"])
    def test_the_latest_content_known_counts(self, at: str | None) -> None:
        rows = [self.second, self.first, *ROWS]
        assert facts(facts_from_events(table_of(rows), self.plan, at=at), self.plan) == expected(self.plan, rows, at)

    def test_a_row_may_come_twice(self) -> None:
        rows = [*ROWS, *ROWS[1:]]
        assert facts(facts_from_events(table_of(rows), plan)) == WHOLE

    def test_a_later_one_is_folded_like_one_more_event(self) -> None:
        state = facts_from_events(table_of([self.second]), self.plan).update(table_of([self.first]))
        assert facts(state, self.plan) == expected(self.plan, [{**self.second, "id": "2"}, self.first], None)

    def test_a_later_one_is_refused_where_events_are_remembered(self) -> None:
        state = facts_from_events(table_of([self.first, *ROWS]), self.plan, remember=True)
        state.update(table_of([self.first, *ROWS]))
        with pytest.raises(
            InvalidEventError, match=re.escape("events correct what was folded: '1' of 'a'; fold the log again, as")
        ):
            state.update(table_of([self.second]))
        many = [{**self.first, "id": str(n), "customer": "b"} for n in range(9)]
        state.update(table_of(many))
        with pytest.raises(InvalidEventError, match=r"'4' of 'b' and 4 more; fold the log again"):
            state.update(table_of([{**row, "party": "agent"} for row in many]))
        nameless = {**self.first, "id": None}
        assert facts(state.update(table_of([nameless, {**nameless, "party": "agent"}])), self.plan)

    def test_states_that_correct_one_another_do_not_merge(self) -> None:
        one, other = (facts_from_events(table_of([row]), self.plan, remember=True) for row in (self.first, self.second))
        with pytest.raises(InvalidEventError, match="states correct one another in 2 recordings; fold the log in one"):
            one.merge(other)
        merged = one.merge(one)
        with pytest.raises(InvalidEventError, match="events correct what was folded"):
            merged.update(table_of([self.second]))
        assert one.merge(facts_from_events(table_of([self.second]), self.plan)).remembered is None

    def test_one_to_come_ends_what_the_state_can_answer(self) -> None:
        state = facts_from_events(table_of([self.first, self.second]), self.plan, at="2026-03-01T12:00Z")
        assert facts(state, self.plan, at="2026-03-02T12:00Z") == expected(
            self.plan, [self.first, self.second], "2026-03-02T12:00Z"
        )
        with pytest.raises(
            InvalidTimeError, match=re.escape("state holds what was corrected at 2026-03-04T09:00:00+00:00")
        ):
            state.to_frame(at="2026-03-05T12:00Z")


class TestInTime:
    """A state answers from its last event on; what is to come waits."""

    def test_an_earlier_instant_is_refused(self) -> None:
        state = facts_from_events(TABLE, plan)
        assert state.watermark == LOG[-1].at
        with pytest.raises(
            InvalidTimeError,
            match=re.escape(
                "at is before the last event folded: 2026-03-05T09:00:00+00:00, 2026-03-06T09:00:00+00:00;"
            ),
        ):
            state.to_frame(at="2026-03-05T09:00Z")

    def test_a_batch_may_bring_what_is_to_come(self) -> None:
        state = facts_from_events(TABLE.slice(0, 2), plan, at="2026-03-02T12:00Z")
        state.update(TABLE.slice(2), at="2026-03-03T12:00Z").update(TABLE.slice(2), at="2026-03-03T12:00Z")
        assert facts(state) == expected(plan, ROWS, "2026-03-03T12:00Z")
        assert len(state.pending or ()) == 2
        assert facts(state.merge(state)) == facts(state)
        numbers = facts_from_events(column(TABLE["customer"].cast(pa.int64()), "customer"), plan)
        assert facts(numbers.merge(numbers)) == facts(numbers.merge(state)) == WHOLE
        assert facts(facts_from_events(TABLE, plan, at="2026-03-02T12:00Z"), at="2026-03-03T12:00Z") == facts(state)
        assert facts(state.merge(facts_from_events(TABLE, plan))).keys() == WHOLE.keys()
        assert facts(state.update(TABLE.slice(0, 1), at="2026-03-09T12:00Z")) == WHOLE

    def test_what_waits_may_come_in_dictionaries(self) -> None:
        coded = pa.table({n: c.dictionary_encode() if pa.types.is_string(c.type) else c for n, c in zip(
            TABLE.column_names, TABLE.columns, strict=True)})  # fmt: skip
        assert any(pa.types.is_dictionary(kind) for kind in coded.schema.types)
        state = facts_from_events(coded.slice(0, 3), plan, at="2026-03-02T12:00Z")
        state.update(coded.slice(3), at="2026-03-02T12:00Z").update(TABLE.slice(4), at="2026-03-02T12:00Z")
        assert facts(state, at="2026-03-09T12:00Z") == WHOLE


class TestChanged:
    """The facts of the units that a batch may have changed, and of no others."""

    def units(self, frame: Any) -> list[tuple[str, ...]]:
        return [tuple(row[n] for n in ("scope", "customer", "case", "ref", "party")) for row in frame.to_pylist()]

    def test_a_fact_of_a_unit_is_one_of_all_in_it(self) -> None:
        state = facts_from_events(TABLE, plan)
        roof = Event(id="8", at=DAYS[7], kind="contact", customer="7", case="roof")
        assert self.units(changed(state, table_of([row_of(roof)]))) == [
            ("case", "7", "roof", "", ""),
            ("ref", "7", "roof", "visit", ""),
        ]
        survey = Event(id="9", at=DAYS[7], kind="survey", customer="7")
        assert len(changed(state, table_of([row_of(survey)]))) == 3
        assert len(changed(state, table_of([row_of(attrs.evolve(survey, kind="note"))]))) == 0

    def test_what_comes_to_wait_and_what_has_come(self) -> None:
        state = facts_from_events(TABLE, plan)
        survey = Event(id="9", at=DAYS[8], kind="survey", customer="12")
        assert self.units(changed(state, table_of([row_of(survey)]), at="2026-03-07T09:00Z")) == [
            ("customer", "12", "", "", "")
        ]
        frame = changed(state, table_of([]), at="2026-03-09T12:00Z")
        assert [(row["customer"], row["next_visible"]) for row in frame.to_pylist()] == [("12", None)]

    def test_only_the_units_named(self) -> None:
        state = facts_from_events(TABLE, plan)
        named = pa.table({"customer": ["7", "7", "nobody", "12"], "case": ["roof", "", "", "roof"]})
        assert self.units(state.to_frame(named)) == [("customer", "7", "", "", ""), ("case", "7", "roof", "", "")]
        numbers = facts_from_events(column(TABLE["customer"].cast(pa.int64()), "customer"), plan)
        names = pa.table({"customer": ["7", "07", "x", "12", str(2**64)]})
        assert self.units(numbers.to_frame(names)) == [("customer", c, "", "", "") for c in ("12", "7")]
        assert facts(facts_from_events(TABLE, plan), of=pl.DataFrame({"customer": ["12"]})).keys() == {
            ("customer", "12", "", "", "")
        }
        with pytest.raises(InvalidTableError, match="units have no column 'customer': client; name whom you want"):
            state.to_frame(pa.table({"client": ["7"]}))


FOLDS = [
    fold
    for scope in SCOPES
    for fold in (
        Last("promise", scope=scope, gives="due", missing=NEVER),
        Last("promise", scope=scope, missing=NEVER),
        First("promise", scope=scope, missing=ALWAYS),
        KthLatest("promise", k=2, scope=scope),
        EarliestOpen("promise", until="kept", scope=scope),
        LastWhile("contact", ahead="promise", scope=scope),
        Intervals("promise", until="kept", scope=scope),
        Later("promise", scope=scope),
    )
]


class TestFacts:
    """Folds of other kinds, ties, and facts that nobody here knows."""

    @pytest.mark.parametrize("fold", FOLDS, ids=lambda fold: f"{type(fold).__name__} {fold.scope}")
    def test_few_of_many_are_as_among_all(self, fold: Any) -> None:
        """Those units alone are looked at, and what changes them."""
        of_fold = asking([fold])
        rows = [
            row_of(
                Event(id=f"{n}", at=DAYS[0] + n // 3 * 10**6, kind=("promise", "contact", "kept", "promise")[n % 4],
                customer=f"c{n % 70}", case=f"{n % 2}", ref=f"{n % 3}", party=f"p{n % 3}", due=DAYS[n % 9])
            )
            for n in range(700)
        ]  # fmt: skip
        half, whole = facts_from_events(table_of(rows[:350]), of_fold), expected(of_fold, rows, None)
        state = half.merge(facts_from_events(table_of(rows[350:690]), of_fold)).update(table_of(rows[350:]))
        found = facts(state, of_fold)
        assert found == whole
        few = facts(state, of_fold, of=pa.table({"customer": ["c7", "c9"], "case": ["1", ""], "ref": ["0", ""]}))
        assert few.items() <= whole.items()
        assert {unit[1] for unit in few} <= {"c7", "c9"}
        more = [{**rows[7], "id": "more", "at": to_moment(DAYS[1])}]
        frame = changed(state, table_of(more))
        now = expected(of_fold, [*rows, *more], None)
        assert said(frame, of_fold).items() <= now.items()
        assert {unit for unit, of_unit in now.items() if whole.get(unit) != of_unit} <= said(frame, of_fold).keys()

    def test_ties_are_broken_by_id(self) -> None:
        of_due = asking(
            [
                last("promise", gives="due"),
                EarliestOpen("promise", until="kept"),
                LastWhile("contact", ahead="promise"),
                Intervals("promise", until="kept", scope="party"),
                kth_latest("promise", k=2),
            ]
        )
        events = [
            Event(id=name, at=DAYS[0], kind=kind, customer="a", case="c", party="agent", due=due)
            for name, kind, due in (
                ("2", "promise", DAYS[4]),
                ("3", "promise", DAYS[2]),
                ("1", "promise", DAYS[6]),
                ("0", "kept", None),
                ("9", "contact", None),
            )
        ]
        for rows in (list(map(row_of, events)), [{**row_of(event), "id": None} for event in events]):
            for cut in range(len(rows)):
                state = facts_from_events(table_of(rows[cut:]), of_due).update(table_of(rows[: cut + 1]))
                assert facts(state, of_due) == expected(of_due, rows, None)

    def test_a_later_recording_of_one_instant_comes_later(self) -> None:
        of_due = asking([last("promise", gives="due")])
        events = [
            Event(id=str(9 - n), at=DAYS[0], recorded_at=DAYS[n], kind="promise", customer="a", due=DAYS[n + 1])
            for n in range(3)
        ]
        rows = list(map(row_of, events))
        for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
            state = facts_from_events(table_of([]), of_due)
            for n in order:
                state.update(table_of([rows[n]]))
            assert facts(state, of_due) == expected(of_due, rows, None)

    def test_a_fact_of_ones_own_goes_through_its_own_steps(self) -> None:
        own = asking([Later("survey"), last("sold")])
        frame = facts_from_events(TABLE, own).to_frame()
        assert frame.schema.field("asked").type == pa.int64()
        assert {row["customer"]: row["asked"] for row in frame.to_pylist()} == {
            "12": DAYS[4],
            "7": ALWAYS,
        }

    def test_many_micro_batches_come_to_the_whole(self) -> None:
        of_due = asking(
            [last("promise", gives="due"), EarliestOpen("promise", until="kept"), LastWhile("contact", ahead="promise")]
        )
        kinds = ("promise", "kept", "contact", "promise")
        rows = [
            row_of(
                Event(
                    id=str(n), at=DAYS[0] + n * 10**6, kind=kinds[n % 4], customer=str(n % 5), case="c", due=DAYS[n % 9]
                )
            )
            for n in range(60)
        ]
        state = facts_from_events(table_of([]), of_due)
        for row in rows:
            state.update(table_of([row]))
        assert facts(state, of_due) == expected(of_due, rows, None)

    def test_old_events_are_forgotten(self) -> None:
        of_due = asking([last("promise", gives="due")])
        state = facts_from_events(TABLE, of_due)
        for n in range(12):
            at = DAYS[0] + (n * 1000 + np.arange(1000)) * 10**6
            state.update(
                pa.table(
                    {
                        "customer": [str(c) for c in range(1000)],
                        "kind": ["promise"] * 1000,
                        "at": pa.array(at, pa.timestamp("us", "UTC")),
                        "due": pa.array(at + 10**6, pa.timestamp("us", "UTC")),
                    }
                )
            )
        slot: Any = state.slots["customer"]["asked"]
        assert slot._newest._pool.size < 8000
        assert state.to_frame()["asked"].to_pylist()[0] == DAYS[0] + 11_001 * 10**6

    def test_events_of_centuries_and_of_many(self) -> None:
        twice = asking([kth_latest("survey", k=2)])
        events = [
            Event(id=f"{year} {n}", at=f"{year}-03-02T09:00Z", kind="survey", customer=str(n))
            for year in (1801, 2398)
            for n in range(600)
        ]
        rows = list(map(row_of, events))
        assert facts(facts_from_events(table_of(rows), twice), twice) == expected(twice, rows, None)

    def test_many_words_make_many_shapes(self) -> None:
        rows = [
            {**row_of(LOG[4]), "id": str(n), "party": f"p{n}", "purpose": f"q{n}", "outcome": f"o{n}"}
            for n in range(60)
        ]
        parties = asking([last("contact", scope="party"), last("contact", by="us")], Parties(partners=["p1", "p2"]))
        assert facts(facts_from_events(table_of(rows), parties), parties) == expected(parties, rows, None)


class TestStored:
    """A state is stored with its plan's version, and is refused where that is another."""

    def test_round_trip(self, tmp_path: Path) -> None:
        for log in (TABLE, column(TABLE["customer"].cast(pa.int64()), "customer"), pl.from_arrow(TABLE)):
            state = facts_from_events(log, plan, at="2026-03-04T12:00Z", remember=True, columns={"text": "text"})
            state.save(tmp_path / "facts.parquet")
            again = FactTable.load(str(tmp_path / "facts.parquet"), plan)
            assert (again.about(), facts(again)) == (state.about(), facts(state))
            assert facts(again.update(log, at="2026-03-09T12:00Z")) == WHOLE
            with pytest.raises(InvalidEventError, match="events correct what was folded"):
                again.update(table_of([{**ROWS[0], "party": "agent"}]))

    def test_a_state_that_waits_for_nothing(self, tmp_path: Path) -> None:
        facts_from_events(TABLE, plan).save(tmp_path / "facts.parquet")
        assert facts(FactTable.load(tmp_path / "facts.parquet", plan)) == WHOLE

    def test_another_version_is_refused(self, tmp_path: Path) -> None:
        other = Plan.named("claims")
        facts_from_events(TABLE, other).save(tmp_path / "facts.parquet")
        with pytest.raises(
            InvalidPolicyError,
            match=f"table of facts is of plan version {other.version}, and this plan is of version {plan.version};",
        ):
            FactTable.load(tmp_path / "facts.parquet", plan)

    def test_another_file_is_refused(self, tmp_path: Path) -> None:
        pq.write_table(TABLE, tmp_path / "log.parquet")
        with pytest.raises(
            InvalidTableError, match=r"file holds no table of facts: .*log\.parquet; write one with state\.save"
        ):
            FactTable.load(tmp_path / "log.parquet", plan)

    def test_a_pickle_is_the_state(self) -> None:
        claims = Plan.named("claims")
        for log in (TABLE, column(TABLE["customer"].cast(pa.int64()), "customer")):
            state = pickle.loads(pickle.dumps(facts_from_events(log, claims)))
            assert facts(state, claims) == expected(claims, ROWS, None)
            assert facts(state.update(TABLE), claims) == expected(claims, ROWS, None)

    def test_other_plans_do_not_merge(self) -> None:
        with pytest.raises(
            InvalidPolicyError, match="states are of different plans; fold both parts of the log with one"
        ):
            merge(facts_from_events(TABLE, plan), facts_from_events(TABLE, Plan.named("claims")))


def test_the_claim_comes_to_what_its_log_comes_to() -> None:
    """The example that ships, with the plan that ships."""
    log = pl.read_csv("examples/claim/claim.csv", infer_schema=False)
    claims = Plan.named("claims")
    state = facts_from_events(log, claims, zone="America/Denver")
    folded = claims.fold(Timeline.read(log, zone="America/Denver"), "2018-12-31T00:00Z")
    found = facts(state, claims)
    assert found == {u: {**folded.values(u[1:]), "next_visible": NEVER} for u in found}
    assert {u[1:] for u in found if u[0] == "ref"} == set(folded.units["ref"])
    assert repr(state) == f"<FactTable of plan {claims.version}: 1 of scope customer, 1 of scope case, 5 of scope ref>"


@attrs.frozen
class Nothing(Guard):
    """Asks for nothing."""


def test_a_plan_that_asks_for_nothing_but_what_it_sent() -> None:
    """Its touches' own events are all that it folds."""
    quiet = Plan(Calendar.always(), touches={"survey": Touch(guard=Nothing())})
    assert facts(facts_from_events(TABLE, quiet), quiet) == expected(quiet, ROWS, None)
