"""One text, a million rows at a time: every row of a table against one customer decided alone.

`make nightly` runs this; it takes minutes, so it is not collected by `make test`, which holds the same law over random
plans and a few rows each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from carepolicy import ALWAYS, NEVER, Plan
from carepolicy._instant import DAY, HOUR, to_micros, to_moment
from carepolicy.table import decide_table
from tests.nightly.plans import PLANS

ROWS = 1_000_000
ZONES = ("America/Denver", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia")
CHANGES = [to_micros(text) for text in ("2025-11-02T07:00Z", "2026-03-08T09:00Z", "2026-03-29T01:00Z")]
INSTANTS = ("act_at", "opens", "closes", "due", "review_at")


def facts(plan: Plan, rows: int, seed: int) -> dict[str, Any]:
    """Random facts around clock changes; three in ten always or never."""
    draw = np.random.default_rng(seed)

    def instants() -> Any:
        around = np.array(CHANGES)[draw.integers(0, len(CHANGES), rows)]
        near = around + draw.integers(-60 * 24, 60 * 24, rows) * HOUR + draw.integers(-1, 2, rows)
        return np.select([draw.random(rows) < 0.15, draw.random(rows) < 0.15], [ALWAYS, NEVER], near)

    columns = {name: instants() for name in plan.facts}
    columns["next_visible"] = np.where(draw.random(rows) < 0.8, NEVER, instants())
    columns["asked"] = np.array(CHANGES)[draw.integers(0, 3, rows)] + draw.integers(-9 * 24, 9 * 24, rows) * HOUR
    return columns


def one_by_one(plan: Plan, columns: dict[str, Any], zones: list[str]) -> Iterator[tuple[Any, ...]]:
    """What each customer alone is told, touch by touch."""
    lists = {name: column.tolist() for name, column in columns.items()}
    for rule in plan.rules.rules:
        names = sorted(rule.asks)
        for row, zone in enumerate(zones):
            values = {name: lists[name][row] for name in names}
            unit = (f"c{row}", "", "", "")
            decision = rule.decide(values, unit, lists["asked"][row], lists["next_visible"][row], zone)
            bounds = (decision.act_us, decision.opens_us, decision.closes_us, decision.due_us, decision.review_us)
            told = tuple(us if ALWAYS < us < NEVER else None for us in bounds)
            yield decision.touch, decision.verdict.value, *told, decision.codes, decision.key


def in_a_table(decided: pa.Table) -> Iterator[tuple[Any, ...]]:
    """What each row says."""
    for batch in decided.to_batches():
        instants = [batch.column(name).cast(pa.int64()).to_pylist() for name in INSTANTS]
        words = [batch.column(name).to_pylist() for name in ("touch", "verdict")]
        yield from zip(
            *words, *instants, map(tuple, batch.column("reasons").to_pylist()), batch.column("key").to_pylist(),
            strict=True,
        )  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_a_million_rows_say_what_one_customer_is_told(name: str) -> None:
    """Verdicts, bounds, reasons and keys, with a zone and an instant for each row."""
    plan = PLANS[name]
    rows, step = ROWS // len(plan.rules.rules) // len(PLANS) + 1, 32_768
    for seed, at in enumerate(range(0, rows, step)):
        count = min(step, rows - at)
        columns = facts(plan, count, seed)
        zones = np.array(ZONES)[np.random.default_rng(seed).integers(0, len(ZONES), count)].tolist()
        table = pa.table({"customer": [f"c{row}" for row in range(count)], "zone": zones, **columns})
        decided = decide_table(plan, table, "asked")
        wanted = one_by_one(plan, columns, zones)
        for number, (row, told) in enumerate(zip(in_a_table(decided), wanted, strict=True)):
            assert row == told, (name, seed, number)
        assert decide_table(plan, pl.from_arrow(table), "asked").to_arrow().column("key").to_pylist() == (
            decided.column("key").to_pylist()
        )


def test_an_hour_of_history_at_once() -> None:
    """One `now` for all rows and the same instant in a column say the same."""
    plan = next(iter(PLANS.values()))
    columns = facts(plan, 200_000, 1)
    now = CHANGES[1] + 3 * DAY
    table = pa.table({"customer": pa.array(range(200_000)), **columns, "asked": np.full(200_000, now)})
    assert decide_table(plan, table, "asked").equals(decide_table(plan, table, to_moment(now)))
    assert list(islice(in_a_table(decide_table(plan, table, to_moment(now))), 1))
