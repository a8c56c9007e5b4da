"""Reasons in words on request, and which decisions came due."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import Calendar, ContactHours, Plan, RestBetween, Touch, days, elapsed, testing
from carepolicy._instant import to_moment
from carepolicy.errors import InvalidTableError, InvalidTimeError
from carepolicy.table import batch_decider, decide_table, due, output_schema
from tests.test_table_laws import tables

HOURS = ContactHours(Calendar.weekly("Mon-Sun 08:00-20:00", zone="America/Denver"))
PLAN = Plan(Calendar.always(), survey=Touch(guard=RestBetween(elapsed(days=90)) & HOURS))
AT = "2026-03-02T12:00Z"
ROWS = pa.table(
    {
        "customer": ["ann", "bob", "cid"],
        "last_invited": pa.array([None, 1_772_000_000_000_000, 1_760_000_000_000_000], pa.timestamp("us", "UTC")),
        "zone": ["Europe/Paris", "Asia/Tokyo", "nowhere"],
    }
)


@settings(max_examples=20)
@given(testing.plans(), testing.instants(), st.data())
def test_a_table_reads_aloud_what_one_customer_is_told(plan: Plan, now: int, data: st.DataObject) -> None:
    """The column `why` is the sentence of each decision, for one instant or one for each row."""
    rows = data.draw(tables(plan))
    said = [
        str(rule.decide({n: row[n] for n in rule.asks}, unit(row), now, row["next_visible"], row["zone"]))
        for rule in plan.rules.rules
        for row in rows
    ]
    table = pa.Table.from_pylist(rows)
    assert decide_table(plan, table, to_moment(now), text=True)["why"].to_pylist() == said
    table = table.append_column("asked", pa.array([now] * len(rows)))
    assert decide_table(plan, table, "asked", only=["key"], text=True).column_names == ["key", "why"]


def unit(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return (row["customer"], row["case"], row["ref"], row["party"])


def test_who_is_held_is_said_to_wait() -> None:
    """Nothing is said of the hours of a customer whose zone is not known."""
    why = decide_table(PLAN, ROWS, AT, unknown="hold", text=True)["why"].to_pylist()
    assert why[2] == "survey: wait; the zone of the customer is not known"
    assert why[0].startswith("survey (ann): go")


def test_a_touch_without_facts_is_read_aloud() -> None:
    plan = Plan(Calendar.always(), call=Touch(guard=HOURS))
    (why,) = decide_table(plan, pa.table({"customer": ["ann"]}), "2026-03-02T02:00Z", text=True)["why"].to_pylist()
    assert "call (ann)" in why


@pytest.mark.parametrize("make", [lambda t: t, pl.from_arrow, pa.Table.to_pandas], ids=["pyarrow", "polars", "pandas"])
def test_what_came_due_is_a_frame_of_the_same_kind(make: Any) -> None:
    """Those whose `review_at` has come, and no others."""
    decisions = make(decide_table(PLAN, ROWS, AT, unknown="hold"))
    at = "2026-03-02T19:00Z"
    came = due(decisions, at)
    assert type(came) is type(decisions)
    assert list(came["customer"].to_pylist() if isinstance(came, pa.Table) else came["customer"]) == ["ann"]
    assert len(due(decisions, AT)) == 0
    assert list(due(decisions, AT).columns if not isinstance(came, pa.Table) else came.column_names)
    assert isinstance(due(pd.DataFrame({"review_at": pd.Series([], dtype="datetime64[us, UTC]")}), at), pd.DataFrame)


def test_what_is_not_decided_again_still_stands() -> None:
    """Law 3 for tables: before they come due, decisions are as they were."""
    before = decide_table(PLAN, ROWS.slice(0, 2), AT)
    later = "2026-03-02T18:59Z"
    assert len(due(before, later)) == 0
    assert decide_table(PLAN, ROWS.slice(0, 2), later).equals(before)


def test_due_refuses_what_are_no_decisions() -> None:
    with pytest.raises(InvalidTableError, match="lacks the column 'review_at'"):
        due(ROWS, AT)
    with pytest.raises(InvalidTimeError, match="no time zone"):
        due(decide_table(PLAN, ROWS, AT, unknown="hold"), "2026-03-02T12:00")


def test_the_schema_is_said_before_anything_is_decided() -> None:
    """What engines have to know first is what they get."""
    plan = Plan(Calendar.always(zone="Europe/Paris"), survey=Touch(guard=RestBetween(days(90))))
    table = pa.table({"customer": pa.array(["ann"], pa.large_string()), "last_invited": pa.nulls(1)})
    assert decide_table(plan, table, AT).schema == output_schema(plan)
    assert decide_table(plan, table, AT, only=["key", "touch"]).schema == output_schema(plan, ["key", "touch"])
    assert batch_decider(plan, AT, text=True).schema.names[-1] == "why"
