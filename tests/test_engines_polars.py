"""A plan on lazy frames of polars: law 5, however the rows are cut, and nothing read too early."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carepolicy import Plan
from carepolicy.engines import polars
from carepolicy.errors import InvalidTableError, MissingExtraError
from carepolicy.table import decide_table, facts_from_events
from tests.engine_tables import AT, PLAN, ZONE, by_unit, facts, folded, in_order, log, told

END = "2018-02-28T00:00-07:00"
engines = pytest.mark.parametrize("engine", ["streaming", "in-memory"])


def frame(rows: int = 300) -> pl.DataFrame:
    made = pl.from_arrow(facts(rows))
    assert isinstance(made, pl.DataFrame)
    return made


class TestDecide:
    """The decisions of `decide_table`, lazily."""

    @engines
    def test_it_says_what_one_customer_after_the_other_is_told(self, engine: Any) -> None:
        """With gaps, zones, rows of three scopes and what is to come."""
        table = facts(300)
        decided = polars.decide(frame().lazy(), PLAN, AT).collect(engine=engine)
        assert in_order(decided.to_dicts()) == told(table)

    @engines
    @pytest.mark.parametrize("size", [1, 7, 100_000])
    def test_however_the_rows_are_cut(self, engine: Any, size: int, tmp_path: Path) -> None:
        rows = frame(60)
        rows.write_parquet(tmp_path / "facts.parquet", row_group_size=size)
        decided = polars.decide(pl.scan_parquet(tmp_path / "facts.parquet"), PLAN, AT).collect(engine=engine)
        assert in_order(decided.to_dicts()) == in_order(decide_table(PLAN, rows, at=AT).to_dicts())

    @engines
    def test_what_follows_it_sees_decisions(self, engine: Any) -> None:
        """A filter, a slice and a choice of columns after it are not pushed before it."""
        rows = frame(60)
        lazy = polars.decide(rows.lazy(), PLAN, AT)
        whole = decide_table(PLAN, rows, at=AT)
        waiting = lazy.filter(pl.col("verdict") == "wait").select("key").collect(engine=engine)
        assert sorted(waiting["key"]) == sorted(whole.filter(pl.col("verdict") == "wait")["key"])
        assert lazy.slice(5, 50).collect(engine=engine).height == 50

    @engines
    def test_no_rows_have_no_decisions(self, engine: Any) -> None:
        lazy = polars.decide(frame(3).clear().lazy(), PLAN, AT)
        decided = lazy.collect(engine=engine)
        assert decided.is_empty()
        assert decided.schema == lazy.collect_schema() == decide_table(PLAN, frame(3), at=AT).schema

    def test_it_goes_from_file_to_file(self, tmp_path: Path) -> None:
        rows = frame(60)
        rows.write_parquet(tmp_path / "facts.parquet")
        polars.decide(pl.scan_parquet(tmp_path / "facts.parquet"), PLAN, AT).sink_parquet(tmp_path / "out.parquet")
        written = pl.read_parquet(tmp_path / "out.parquet")
        assert in_order(written.to_dicts()) == in_order(decide_table(PLAN, rows, at=AT).to_dicts())

    def test_options_are_those_of_the_table_form(self) -> None:
        rows = (
            frame(60)
            .rename({"customer": "who"})
            .with_columns(
                zone=pl.lit("Nowhere"), day=pl.lit("2026-10-25").str.to_datetime().dt.replace_time_zone("UTC")
            )
        )
        options: dict[str, Any] = {
            "columns": {"customer": "who"},
            "unknown": "hold",
            "only": ("key", "touch", "verdict"),
        }
        decided = polars.decide(rows.lazy(), PLAN, "day", **options).collect()
        expected = decide_table(PLAN, rows, at="day", **options)
        assert decided.columns == ["key", "touch", "verdict"]
        assert in_order(decided.to_dicts()) == in_order(expected.to_dicts())

    def test_a_missing_column_is_said_at_once(self) -> None:
        with pytest.raises(InvalidTableError, match="promised"):
            polars.decide(frame(3).drop("promised").lazy(), PLAN, AT)

    def test_what_is_not_used_is_not_read(self, tmp_path: Path) -> None:
        frame(3).with_columns(diary=pl.lit("long")).write_parquet(tmp_path / "facts.parquet")
        assert "diary" not in polars.decide(pl.scan_parquet(tmp_path / "facts.parquet"), PLAN, AT).explain()


class TestFacts:
    """The facts of `facts_from_events`, lazily."""

    @engines
    def test_they_are_those_of_the_fold_of_one_event_after_the_other(self, engine: Any) -> None:
        plan, rows = Plan.named("claims"), log()
        lazy = polars.facts(pl.LazyFrame(rows), plan, zone=ZONE, at=END)
        found = lazy.collect(engine=engine)
        assert by_unit(found.iter_rows(named=True), plan) == folded(rows, plan, END)
        assert found.schema == lazy.collect_schema()

    @engines
    def test_they_go_on_into_decisions(self, engine: Any) -> None:
        plan, rows = Plan.named("claims"), pl.DataFrame(log())
        known = facts_from_events(rows, plan, zone=ZONE, at=END).to_frame()
        lazy = polars.decide(polars.facts(rows.lazy(), plan, zone=ZONE, at=END), plan, END)
        expected = decide_table(plan, known, at=END)
        assert in_order(lazy.collect(engine=engine).to_dicts()) == in_order(expected.to_dicts())

    def test_no_events_have_no_facts(self) -> None:
        plan = Plan.named("claims")
        found = polars.facts(pl.DataFrame(log()).clear().lazy(), plan, zone=ZONE).collect()
        assert found.is_empty()
        assert set(plan.facts) < set(found.columns)

    def test_what_is_not_used_is_not_read(self, tmp_path: Path) -> None:
        pl.DataFrame(log()).with_columns(diary=pl.lit("long")).write_parquet(tmp_path / "log.parquet")
        lazy = polars.facts(pl.scan_parquet(tmp_path / "log.parquet"), Plan.named("claims"), zone=ZONE)
        assert "diary" not in lazy.explain()


class TestRefused:
    """What is no lazy frame."""

    @pytest.mark.parametrize("ask", [lambda x: polars.decide(x, PLAN, AT), lambda x: polars.facts(x, PLAN)])
    def test_a_frame_in_memory(self, ask: Any) -> None:
        with pytest.raises(InvalidTableError, match=r"^frame is not a lazy frame: DataFrame; pass frame\.lazy\(\)"):
            ask(frame(3))

    def test_polars_is_an_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "polars", None)
        with pytest.raises(MissingExtraError, match=r"install carepolicy\[polars\]$"):
            polars.decide(None, PLAN, AT)  # type: ignore[arg-type]
