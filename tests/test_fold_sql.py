"""The folds as SQL: what a database makes of a log is what `Plan.fold` makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import Plan
from carepolicy._table.sql import facts_sql
from carepolicy.events import COLUMNS
from tests.fold_logs import Rows, expected, facts_of, logs, plans, table_of


def run(plan: Plan, sql: str, table: pa.Table) -> Rows:
    """The facts that DuckDB finds."""
    with duckdb.connect() as database:
        database.register("events", table)
        return facts_of(plan, database.sql(sql).to_arrow_table())


@given(plans, st.data())
def test_a_database_folds_as_the_plan_does(plan: Plan, data: st.DataObject) -> None:
    """Every unit, every fact, and when the next recording becomes visible."""
    rows, at = data.draw(logs(plan))
    assert run(plan, facts_sql(plan, at=at, columns=COLUMNS), table_of(rows)) == expected(plan, rows, at)
