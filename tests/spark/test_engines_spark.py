"""A plan on Spark: law 5 in several partitions, events folded where they are, and nothing brought to the driver."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from carepolicy import Plan
from carepolicy.engines import spark
from carepolicy.errors import InvalidTableError
from carepolicy.table import decide_table, facts_from_events
from tests.engine_tables import AT, PLAN, ZONE, by_unit, facts, folded, in_order, log, told

sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed; make test-spark runs these tests")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("there is no Java, which Spark needs", allow_module_level=True)
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
END = "2018-02-28T00:00-07:00"


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = sql.SparkSession.builder.master("local[2]").appName("carepolicy")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "17",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    running = builder.getOrCreate()
    running.sparkContext.setLogLevel("OFF")
    yield running
    running.stop()


def plain(table: pa.Table) -> pa.Table:
    """A table without dictionaries, which Spark does not read."""
    kinds = [(field.name, kind_of(field.type)) for field in table.schema]
    return table.cast(pa.schema(kinds))


def kind_of(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def jobs_of(session: Any) -> int:
    """How many jobs Spark has run."""
    return len(session.sparkContext.statusTracker().getJobIdsForGroup(None))


class TestDecide:
    """The decisions of `decide_table`, where the rows are."""

    @pytest.mark.parametrize("partitions", [1, 4])
    def test_it_says_what_one_customer_after_the_other_is_told(self, session: Any, partitions: int) -> None:
        """With gaps, zones, rows of three scopes and what is to come, in batches that end anywhere."""
        table = facts(300)
        frame = session.createDataFrame(plain(table)).repartition(partitions)
        assert in_order(spark.decide(frame, PLAN, AT).toArrow().to_pylist()) == told(table)

    def test_it_equals_the_table_form_whatever_the_zone_of_the_session(self, session: Any) -> None:
        """`timestamp` is an instant in Spark; the zone of the session only says how it is shown."""
        table = facts(60)
        session.conf.set("spark.sql.session.timeZone", "Australia/Lord_Howe")
        try:
            decided = spark.decide(session.createDataFrame(plain(table)), PLAN, AT).toArrow()
        finally:
            session.conf.set("spark.sql.session.timeZone", "UTC")
        assert in_order(decided.to_pylist()) == in_order(decide_table(PLAN, table, at=AT).to_pylist())

    def test_without_scope_and_zone_every_touch_is_decided_about_every_row(self, session: Any) -> None:
        table = facts(20).drop_columns(["scope", "zone"])
        decided = spark.decide(session.createDataFrame(plain(table)), PLAN, AT).toArrow()
        assert decided.num_rows == 20 * len(PLAN.rules.rules)
        assert in_order(decided.to_pylist()) == in_order(decide_table(PLAN, table, at=AT).to_pylist())

    def test_options_are_those_of_the_table_form(self, session: Any) -> None:
        table = plain(facts(30)).rename_columns({"customer": "who"})
        table = table.append_column("day", pa.array(range(30), pa.int64()).cast(pa.timestamp("s", "UTC")))
        table = table.set_column(table.column_names.index("zone"), "zone", pa.array(["Nowhere"] * 30))
        options: dict[str, Any] = {
            "columns": {"customer": "who"},
            "unknown": "hold",
            "only": ("key", "touch", "verdict"),
        }
        decided = spark.decide(session.createDataFrame(table), PLAN, "day", **options).toArrow()
        assert decided.column_names == ["key", "touch", "verdict"]
        expected = decide_table(PLAN, table, at="day", **options)
        assert in_order(decided.to_pylist()) == in_order(expected.to_pylist())

    def test_no_rows_have_no_decisions(self, session: Any) -> None:
        frame = session.createDataFrame(plain(facts(3))).filter("customer = ''")
        assert spark.decide(frame, PLAN, AT).toArrow().num_rows == 0

    def test_what_is_decided_may_be_written_and_asked(self, session: Any, tmp_path: Path) -> None:
        table = facts(60)
        spark.decide(session.createDataFrame(plain(table)), PLAN, AT).write.parquet(str(tmp_path / "out"))
        session.read.parquet(str(tmp_path / "out")).createOrReplaceTempView("decisions")
        (row,) = session.sql("select count(*) n, sum(binding) b from decisions where reasons[0] is not null").collect()
        expected = told(table)
        assert (row.n, row.b) == (len(expected), sum(decision["binding"] for decision in expected))

    def test_nothing_is_computed_before_it_is_asked_for(self, session: Any) -> None:
        """And then by the workers: the plan of the query is one map over Arrow batches of what it reads."""
        frame = session.createDataFrame(plain(facts(30)).append_column("diary", pa.array(["long"] * 30)))
        before = jobs_of(session)
        lazy = spark.decide(frame, PLAN, AT)
        assert jobs_of(session) == before
        steps = lazy._jdf.queryExecution().executedPlan().toString()
        assert "MapInArrow" in steps
        assert (
            "diary"
            not in lazy._jdf.queryExecution().optimizedPlan().toString().partition("MapInArrow")[2].partition("\n")[0]
        )

    def test_a_missing_column_is_said_at_once(self, session: Any) -> None:
        with pytest.raises(InvalidTableError, match="promised"):
            spark.decide(session.createDataFrame(plain(facts(3))).drop("promised"), PLAN, AT)


class TestFacts:
    """The facts of `facts_from_events`, folded in the partition of their customer."""

    @pytest.mark.parametrize("partitions", [1, 5])
    def test_they_are_those_of_the_fold_of_one_event_after_the_other(self, session: Any, partitions: int) -> None:
        """Though the events of a customer lie in several partitions, and its name is not spaced alike."""
        plan, rows = Plan.named("claims"), log()
        events = session.createDataFrame(pa.Table.from_pylist(rows)).repartition(partitions)
        found = spark.facts(events, plan, zone=ZONE, at=END).toArrow().to_pylist()
        expected = folded(rows, plan, END)
        assert len(found) == len(expected)
        assert by_unit(iter(found), plan) == expected

    def test_they_go_on_into_decisions(self, session: Any) -> None:
        plan, events = Plan.named("claims"), pa.Table.from_pylist(log())
        frame = spark.facts(session.createDataFrame(events), plan, zone=ZONE, at=END)
        expected = decide_table(plan, facts_from_events(events, plan, zone=ZONE, at=END).to_frame(), at=END)
        assert in_order(spark.decide(frame, plan, END).toArrow().to_pylist()) == in_order(expected.to_pylist())

    def test_a_log_of_one_customer_needs_no_column_for_it(self, session: Any) -> None:
        plan, rows = Plan.named("claims"), [{k: v for k, v in row.items() if k != "customer"} for row in log(1)]
        events = session.createDataFrame(pa.Table.from_pylist(rows)).repartition(4)
        found = spark.facts(events, plan, zone=ZONE, at=END).toArrow().to_pylist()
        assert by_unit(iter(found), plan) == folded(rows, plan, END)

    def test_no_events_have_no_facts(self, session: Any) -> None:
        events = session.createDataFrame(pa.Table.from_pylist(log(1))).filter("kind = ''")
        found = spark.facts(events, Plan.named("claims"), zone=ZONE).toArrow()
        assert found.num_rows == 0
        assert set(Plan.named("claims").facts) < set(found.column_names)

    def test_nothing_is_computed_before_it_is_asked_for(self, session: Any) -> None:
        events = session.createDataFrame(pa.Table.from_pylist(log(1)))
        before = jobs_of(session)
        lazy = spark.facts(events, Plan.named("claims"), zone=ZONE)
        assert jobs_of(session) == before
        assert "MapInArrow" in lazy._jdf.queryExecution().executedPlan().toString()


def test_what_is_no_spark_frame_is_refused() -> None:
    frame: Any = facts(3)
    with pytest.raises(InvalidTableError, match=r"^frame is not a Spark frame: Table; read it with spark\.read"):
        spark.decide(frame, PLAN, AT)
