"""What it costs to renew decisions when events arrive, by how many customers are held and how many events arrive.

    python bench/incremental.py [--json FILE] [--largest N] [--draw FILE.svg]

A `FactTable` holds everybody; a batch arrives; `changed` folds it in and gives the facts that it may have changed, and
those are decided. Beside it, DuckDB brings two tables of the same facts up to date with the same batch and decides
nothing, which favours it. The cost has to follow what changed and not how many are held.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import six_rules
from drawing import lines_svg
from measuring import Figure, arguments, optional, publish
from six_rules import AT_US, DAY, ZONES

from carepolicy import Plan
from carepolicy.table import changed, decide_table, facts_from_events

KINDS = ("survey", "completed", "milestone", "opened", "closed", "opted_out", "note")
WEIGHTS = (0.15, 0.15, 0.15, 0.1, 0.1, 0.01, 0.34)
OWN_KINDS = ("opted_out",)
SIZES = (100_000, 1_000_000, 10_000_000)
BATCHES = (100, 1000, 10_000)
USUAL = 1000
ROUNDS = 15
GOAL_MS, FLAT = 2.0, 1.5
LATER, LATER_US = "2026-11-19T10:30Z", AT_US + DAY
BRIEF = ("customer", "touch", "verdict", "review_at")


def events(customers: np.ndarray[Any, Any], first: int, last: int, seed: int) -> pa.Table:
    """One event for each customer given, between two instants."""
    draw, rows = np.random.default_rng(seed), len(customers)
    kinds = pa.DictionaryArray.from_arrays(draw.choice(len(KINDS), rows, p=WEIGHTS).astype(np.int8), pa.array(KINDS))
    instants = draw.integers(first // 60_000_000, last // 60_000_000, rows) * 60_000_000
    columns = {
        "customer": pa.array(customers),
        "kind": kinds,
        "at": pa.array(instants, pa.timestamp("us", "UTC")),
        "case": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array(["c1"])),
    }
    return pa.table(columns)


def history(held: int) -> pa.Table:
    """Two events for each customer on average, and one at least."""
    rest = np.random.default_rng(2).integers(0, held, held)
    return events(np.concatenate([np.arange(held), rest]), AT_US - 200 * DAY, AT_US, seed=3)


def batch(held: int, size: int, number: int) -> pa.Table:
    """New events of customers drawn from all that are held."""
    return events(np.random.default_rng(number).integers(0, held, size), AT_US, LATER_US, seed=1000 + number)


def with_zones(facts: pa.Table) -> pa.Table:
    """The facts with the customers' zones beside them, as a host that keeps them would add them."""
    codes = facts["customer"].cast(pa.int64()).combine_chunks().to_numpy() % len(ZONES)
    return facts.append_column("zone", pa.DictionaryArray.from_arrays(codes.astype(np.int8), pa.array(ZONES)))


class Duck:
    """The same facts in DuckDB: latest instants by customer, and openings and closings by case."""

    LATEST = ("survey", "completed", "milestone", "opted_out", "closed")

    def __init__(self, duckdb: Any, log: pa.Table) -> None:
        self.connection = duckdb.connect()
        latest = ", ".join(f"{kind} timestamptz" for kind in self.LATEST)
        self.connection.sql(f"create table facts (customer bigint primary key, {latest})")
        self.connection.sql('create table cases (customer bigint, "case" text, opened timestamptz, closed timestamptz, '
                            'primary key (customer, "case"))')  # fmt: skip
        self.upsert(log)

    def upsert(self, log: pa.Table) -> None:
        """Bring both tables up to date."""
        self.connection.register("log", log)
        self._into("facts", ("customer",), self.LATEST)
        self._into("cases", ("customer", '"case"'), ("opened", "closed"), "where kind in ('opened', 'closed')")
        self.connection.unregister("log")

    def _into(self, table: str, keys: tuple[str, ...], kinds: tuple[str, ...], where: str = "") -> None:
        key, names = ", ".join(keys), ", ".join(kinds)
        newest = ", ".join(f"max(\"at\") filter (kind = '{kind}')" for kind in kinds)
        merged = ", ".join(f"{kind} = greatest({table}.{kind}, excluded.{kind})" for kind in kinds)
        self.connection.sql(
            f"insert into {table} ({key}, {names}) select {key}, {newest} from log {where} group by all "
            f"on conflict ({key}) do update set {merged}"
        )


def milliseconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long something took, and what it gave."""
    start = time.perf_counter()
    given = work()
    return (time.perf_counter() - start) * 1e3, given


def decided(plan: Plan, facts: pa.Table) -> pa.Table:
    """What the plan decides about customers whose facts may have changed, a day on."""
    return decide_table(plan, with_zones(facts), at=LATER, only=BRIEF)


def measured(held: int, sizes: tuple[int, ...], duckdb: Any) -> dict[str, dict[int, float]]:
    """Median milliseconds for batches of each size with so many customers held, ours, then DuckDB's: its threads go on
    working when it has answered, so it comes last."""
    plan, log = six_rules.plan(), history(held)
    state = facts_from_events(log, plan, kinds=OWN_KINDS)
    found: dict[str, dict[int, float]] = {"renew": {}, "fold": {}, "duckdb": {}, "everybody": {}}

    def arrived(size: int) -> list[pa.Table]:
        return [batch(held, size, size + number) for number in range(ROUNDS)]

    for size in sizes:
        folds, renewals = [], []
        for some in arrived(size):
            folding, rows = milliseconds(lambda some=some: changed(state, some))
            deciding, _ = milliseconds(lambda rows=rows: decided(plan, rows))
            folds.append(folding)
            renewals.append(folding + deciding)
        found["fold"][size], found["renew"][size] = statistics.median(folds), statistics.median(renewals)
    found["everybody"][USUAL], _ = milliseconds(lambda: decided(plan, state.to_frame()))
    if duckdb is not None:
        duck = Duck(duckdb, log)
        for size in sizes:
            taken = [milliseconds(lambda some=some: duck.upsert(some))[0] for some in arrived(size)]
            found["duckdb"][size] = statistics.median(taken)
    return found


def figures_of(by_held: dict[int, dict[str, dict[int, float]]], *, has_duckdb: bool) -> list[Figure]:
    """The cost by customers held, then by events that arrive."""
    left_out = () if has_duckdb else ("duckdb",)

    def figure(held: int, size: int) -> Figure:
        found = by_held[held]
        peers = {"duckdb upsert, no decision": found["duckdb"][size]} if has_duckdb else {}
        name = f"{size:,} events arrive, {held / 1e6:g} M customers held: decisions renewed"
        goal = GOAL_MS if size == USUAL else None
        return Figure(name, found["renew"][size], "ms", goal=goal, peers=peers, left_out=left_out)

    figures = []
    for held, found in by_held.items():
        figures.append(figure(held, USUAL))
        figures.append(Figure("  of that, folding the events in", found["fold"][USUAL], "ms"))
        figures.append(Figure("  instead, everybody decided again", found["everybody"][USUAL], "ms"))
    costs = [found["renew"][USUAL] for found in by_held.values()]
    figures.append(Figure("the most customers against the fewest", costs[-1] / costs[0], "times", goal=FLAT))
    for held, found in by_held.items():
        figures += [figure(held, size) for size in found["renew"] if size != USUAL]
    return figures


def main() -> None:
    asked = arguments(__doc__, largest=SIZES[-1], draw=Path)
    duckdb = optional("duckdb")
    by_held = {
        held: measured(held, BATCHES if held == SIZES[1] else (USUAL,), duckdb)
        for held in SIZES
        if held <= asked.largest
    }
    publish(figures_of(by_held, has_duckdb=duckdb is not None), asked.json)
    if asked.draw is not None:
        names = {
            "everybody": "everybody decided again",
            "duckdb": "DuckDB upsert, no decision",
            "renew": "what changed, decided",
        }
        lines = {
            words: [(float(held), found[name][USUAL]) for held, found in by_held.items() if found[name]]
            for name, words in names.items()
        }
        asked.draw.write_text(
            lines_svg(
                "1,000 events arrive: the cost follows the changes", "customers held", "milliseconds",
                {name: line for name, line in lines.items() if line},
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
