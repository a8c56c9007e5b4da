"""The folds as polars expressions: what a lazy frame makes of a log is what `Plan.fold` makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import ALWAYS, NEVER, Event, Plan
from carepolicy._table.expressions import facts_polars
from carepolicy._table.lazy_log import ids_of
from carepolicy.errors import InvalidTableError, InvalidTimeError
from carepolicy.events import COLUMNS
from carepolicy.folds import Last
from tests.fold_logs import (
    Rows,
    asking,
    claim,
    competing,
    every_fold,
    expected,
    facts_of,
    logs,
    plans_of_known_folds,
    row,
    survey,
    table_of,
)

AT = "2026-03-04T00:00Z"


def lazy(rows: Iterable[dict[str, Any]], columns: Iterable[str] = COLUMNS) -> pl.LazyFrame:
    """Rows as a lazy frame."""
    frame = pl.from_arrow(table_of(rows, columns))
    assert isinstance(frame, pl.DataFrame)
    return frame.lazy()


def run(
    plan: Plan,
    events: pl.LazyFrame,
    at: datetime | str | None = None,
    engine: Literal["in-memory", "streaming"] = "in-memory",
) -> Rows:
    """The facts that polars finds."""
    return facts_of(plan, facts_polars(plan, events, at=at).collect(engine=engine).to_arrow())


class TestTheLaw:
    """The same units, the same facts, and the same next visible recording, for every customer, case, ref and party."""

    @given(plans_of_known_folds, st.data())
    def test_a_lazy_frame_folds_as_the_plan_does(self, plan: Plan, data: st.DataObject) -> None:
        rows, at = data.draw(logs(plan))
        assert run(plan, lazy(rows), at) == expected(plan, rows, at)

    def test_recordings_that_compete(self) -> None:
        plan, rows = competing()
        assert run(plan, lazy(rows)) == expected(plan, rows, None)

    @pytest.mark.parametrize("engine", ["in-memory", "streaming"])
    @pytest.mark.parametrize("at", ["2017-11-20T00:00Z", "2018-01-10T00:00Z", None])
    def test_the_claim(self, at: str | None, engine: Literal["in-memory", "streaming"]) -> None:
        for plan in (Plan.named("claims"), every_fold):
            assert run(plan, lazy(claim()), at, engine) == expected(plan, claim(), at)


class TestFrames:
    """Frames as they are."""

    def test_nothing_is_collected(self) -> None:
        def read(frame: pl.DataFrame) -> pl.DataFrame:
            raise RuntimeError("collected")

        events = lazy([row("2026-03-02T09:00Z", "survey")])
        facts = facts_polars(every_fold, events.map_batches(read, schema=events.collect_schema()), at=AT)
        with pytest.raises((RuntimeError, pl.exceptions.ComputeError), match="collected"):
            facts.collect()

    def test_an_empty_one(self) -> None:
        assert run(every_fold, lazy([]), AT) == {}

    def test_nulls_say_nothing(self) -> None:
        """A row with nothing but an instant and a kind is about a customer without a name."""
        rows = [row("2026-03-02T09:00Z", "survey")]
        events = lazy([*rows, {"kind": "survey", "customer": "ann"}])
        assert run(survey, events) == expected(survey, rows, None)

    def test_events_without_an_id_are_named_as_a_log_names_them(self) -> None:
        event = Event(at=AT, kind="survey")
        assert ids_of(pl.Series([event.content, None])).to_list() == [event.id, None]

    def test_one_without_most_columns(self) -> None:
        rows = [row("2026-03-02T09:00Z", "survey"), row("2026-03-05T09:00Z", "survey"), row(AT, "promise", due=AT)]
        facts = expected(every_fold, [{"at": r["at"], "kind": r["kind"]} for r in rows], AT)
        assert run(every_fold, lazy(rows, ["kind", "at"]), AT) == facts

    def test_one_without_kinds_is_refused(self) -> None:
        with pytest.raises(InvalidTableError, match=r"^column is missing from the events: 'kind'; add it, or .*$"):
            facts_polars(survey, lazy([], ["at"]))

    def test_times_without_a_zone_are_refused(self) -> None:
        naive = lazy([]).with_columns(pl.col("due").dt.replace_time_zone(None))
        message = r"^due has no zone: Datetime\(time_unit='us', time_zone=None\); give it the zone of the log, .*$"
        with pytest.raises(InvalidTimeError, match=message):
            facts_polars(survey, naive)

    def test_times_as_text_are_refused(self) -> None:
        with pytest.raises(InvalidTableError, match=r"^at is not a datetime: String; parse it, .*$"):
            facts_polars(survey, lazy([]).with_columns(pl.col("at").cast(pl.String)))

    @pytest.mark.parametrize("unit", ["ms", "us", "ns"])
    def test_other_units_zones_and_types(self, unit: Literal["ms", "us", "ns"]) -> None:
        """Milliseconds in Denver, kinds by category, customers by number, columns that never say anything."""
        rows = [
            row("2026-03-02T09:00Z", "survey", customer="7", recorded_at="2026-03-03T09:00Z", id="a"),
            row("2026-03-05T09:00Z", "survey", customer="7", id="b"),
        ]
        events = lazy(rows).with_columns(
            pl.col("at", "recorded_at").dt.convert_time_zone("America/Denver").dt.cast_time_unit(unit),
            pl.col("kind").cast(pl.Categorical),
            pl.col("customer").cast(pl.Int64),
            pl.lit(None).alias("due"),
            pl.lit(" ").alias("case"),
        )
        assert run(survey, events, AT) == expected(survey, rows, AT)

    def test_the_year_9999_is_never(self) -> None:
        plan = asking([Last("promise", gives="due", missing=missing) for missing in (ALWAYS, NEVER)])
        events = lazy([{**row("2026-03-02T09:00Z", "promise"), "due": datetime(9999, 12, 31, tzinfo=UTC)}])
        (facts,) = run(plan, events).values()
        assert facts == facts | {"asked": NEVER, "asked_2": NEVER}
