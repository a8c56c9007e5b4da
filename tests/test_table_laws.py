"""One text: a table of any kind says of every row what one customer is told, reasons and keys included."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepolicy import ALWAYS, NEVER, Plan, Timeline, testing
from carepolicy._instant import to_moment
from carepolicy.table import decide_table
from tests.tables import decisions_of, said

ZONES = ("", "Europe/Paris", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu")
NAMES = st.sampled_from(("", "a", "b/c", "50%", "~", "für Ängstliche"))


@st.composite
def tables(draw: st.DrawFn, plan: Plan) -> list[dict[str, Any]]:
    """Rows of facts with whom they are about, in which zone, and when something more becomes known."""
    rows = st.fixed_dictionaries(
        {
            "customer": NAMES.map(lambda name: name or "ann"),
            "case": NAMES,
            "ref": NAMES,
            "party": NAMES,
            "zone": st.sampled_from(ZONES[1:]),
            "next_visible": testing.instants() | st.just(NEVER),
            **dict.fromkeys(plan.facts, testing.known()),
        }
    )
    return draw(st.lists(rows, min_size=1, max_size=6))


def one_by_one(plan: Plan, rows: list[dict[str, Any]], now: int) -> list[Any]:
    """What one customer after the other is told."""
    found = []
    for rule in plan.rules.rules:
        for row in rows:
            unit = (row["customer"], row["case"], row["ref"], row["party"])
            values = {name: row[name] for name in rule.asks}
            found.append(said(rule.decide(values, unit, now, row["next_visible"], row.get("zone", ""))))
    return found


@given(testing.plans(), testing.instants(), st.data())
def test_a_table_says_what_one_customer_is_told(plan: Plan, now: int, data: st.DataObject) -> None:
    """Verdicts, bounds, reasons and keys, for any plan, facts, zones and instants around clock changes."""
    rows = data.draw(tables(plan))
    table = pa.Table.from_pylist(rows)
    assert decisions_of(decide_table(plan, table, to_moment(now))) == one_by_one(plan, rows, now)


@given(testing.plans(), st.lists(testing.instants(), min_size=6, max_size=6), st.data())
def test_an_instant_for_each_row(plan: Plan, instants: list[int], data: st.DataObject) -> None:
    """A column of instants judges each row at its own."""
    rows = data.draw(tables(plan))
    table = pa.Table.from_pylist([{**row, "asked": now} for row, now in zip(rows, instants, strict=False)])
    together = decisions_of(decide_table(plan, table, "asked"))
    alone = [one_by_one(plan, [row], now) for row, now in zip(rows, instants, strict=False)]
    assert together == [each[number] for number in range(len(plan.rules.rules)) for each in alone]


@given(testing.plans(), testing.instants(), st.data())
def test_every_kind_of_frame_says_the_same(plan: Plan, now: int, data: st.DataObject) -> None:
    """polars, pandas and pyarrow, whole or in chunks."""
    table = pa.Table.from_pylist(data.draw(tables(plan)))
    at = to_moment(now)
    wanted = decisions_of(decide_table(plan, table, at))
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    frames: list[Any] = [pl.from_arrow(table), table.to_pandas(), chunked, pl.from_arrow(chunked)]
    for frame in frames:
        found = decide_table(plan, frame, at)
        assert type(found) is type(frame)
        assert decisions_of(found) == wanted


@given(testing.plans(), testing.instants(), st.data())
def test_facts_folded_from_a_log_are_decided_as_in_a_review(plan: Plan, now: int, data: st.DataObject) -> None:
    """With the scope of each row, a table comes to the decisions of `Plan.review`, and no others."""
    policies = [policy for _, touch in plan.touches for policy in (touch.due, touch.guard) if policy is not None]
    timeline: Timeline = data.draw(testing.timelines(*policies, customers=("ann", "bob")))
    review = plan.review(timeline, to_moment(now))
    rows = []
    for customer, log in timeline.by_customer.items():
        folded = plan.rules.folding.fold(log.known(now))
        units = {"customer": [(customer, "", "", "")] if any(map(len, folded.units.values())) else [], **folded.units}
        units["customer"] = [(customer, "", "", "")] if any(map(len, folded.units.values())) else []
        for scope, some in units.items():
            for unit in some:
                names = dict(zip(("customer", "case", "ref", "party"), unit, strict=True))
                coming = {"scope": scope, "next_visible": log.next_visible(now)}
                rows.append({**names, **coming, **folded.values(unit)})
    if rows:
        found = decisions_of(decide_table(plan, pa.Table.from_pylist(rows), to_moment(now)))
        assert sorted(found) == sorted(said(decision) for decision in review)
    else:
        assert not list(review)


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow"])
def test_null_is_never(kind: str) -> None:
    """A fact that is null never happened, in every kind of frame."""
    plan = Plan.named("claims")
    missing = pa.table({"customer": ["ann"], **{name: pa.nulls(1, pa.timestamp("us", "UTC")) for name in plan.facts}})
    frame: Any = {"polars": pl.from_arrow, "pandas": pa.Table.to_pandas, "pyarrow": lambda t: t}[kind](missing)
    row = {"customer": "ann", "case": "", "ref": "", "party": "", "next_visible": NEVER}
    row |= {name: fact.missing for name, fact in plan.facts.items()}
    at = "2026-03-02T09:00Z"
    now = int(pd.Timestamp(at).timestamp() * 1_000_000)
    assert decisions_of(decide_table(plan, frame, at)) == one_by_one(plan, [row], now)
    assert ALWAYS in row.values()
