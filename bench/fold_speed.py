"""Folding a table of events into a table of facts, beside DuckDB and polars; and bringing held facts up to date.

The events have a customer (int64), a kind (dictionary) and a time. The facts of each customer: the latest contact, the
latest contact or note, the latest opening, closing and survey, and the third latest survey. All three start from the
same columns in memory and end with the facts of every customer; DuckDB and polars use all cores, carepolicy uses one.

    python bench/fold_speed.py [--events N] [--customers N] [--json FILE]
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import attrs
import measuring
import numpy as np
import pyarrow as pa

from carepolicy import Calendar, Guard, Plan, Touch
from carepolicy._instant import DAY, to_micros
from carepolicy.folds import kth_latest, last
from carepolicy.table import FactTable, changed, facts_from_events

KINDS = ("contact", "note", "opened", "closed", "survey", "told")
SHARES = (0.15, 0.15, 0.08, 0.07, 0.05, 0.5)
END = to_micros("2026-11-01T00:00Z")
FACTS = {
    "contacted": last("contact"),
    "touched": last("contact", "note"),
    "opened": last("opened"),
    "closed": last("closed"),
    "surveyed": last("survey"),
    "third": kth_latest("survey", k=3),
}
SQL = """
select customer,
    max("at") filter (kind = 'contact') contacted, max("at") filter (kind in ('contact', 'note')) touched,
    max("at") filter (kind = 'opened') opened, max("at") filter (kind = 'closed') closed,
    max("at") filter (kind = 'survey') surveyed, max("at", 3) filter (kind = 'survey')[3] third
from events where kind <> 'told' group by customer
"""


@attrs.frozen
class Asking(Guard):
    """As much of a policy as has facts."""

    facts = FACTS


PLAN = Plan(Calendar.always(), touches={"ask": Touch(guard=Asking())})


def events(size: int, customers: int, seed: int = 3, until: int = END) -> pa.Table:
    """Events of the last 400 days, in the order in which they happened."""
    random = np.random.default_rng(seed)
    at = np.sort(until - random.integers(0, 400 * DAY, size))
    kinds = random.choice(len(KINDS), size, p=SHARES).astype(np.int8)
    return pa.table(
        {
            "customer": random.integers(0, customers, size),
            "kind": pa.DictionaryArray.from_arrays(kinds, list(KINDS)),
            "at": pa.array(at, pa.timestamp("us", "UTC")),
        }
    )


def ours(log: pa.Table) -> FactTable:
    """The state, from which decisions are made without another step."""
    return facts_from_events(log, PLAN)


def of_duckdb(duckdb: Any, log: pa.Table) -> Any:
    """The same facts as one SELECT."""
    connection = duckdb.connect()
    connection.register("events", log)

    def fold() -> Any:
        connection.execute(f"create or replace temp table facts as {SQL}")
        return connection

    return fold


def of_polars(polars: Any, log: pa.Table, engine: str) -> Any:
    """The same facts as expressions."""
    frame = polars.from_arrow(log).lazy()
    at, kind = polars.col("at"), polars.col("kind").cast(polars.String)
    kinds = {"contacted": ["contact"], "touched": ["contact", "note"]}
    kinds |= {"opened": ["opened"], "closed": ["closed"], "surveyed": ["survey"]}
    latest = {name: at.filter(polars.col("kind").cast(polars.String).is_in(some)).max() for name, some in kinds.items()}
    third = at.filter(kind == "survey").top_k(3).sort(descending=True).get(2, null_on_oob=True)
    query = frame.filter(kind != "told").group_by("customer").agg(**latest, third=third)
    return lambda: query.collect(engine=engine)


def sums(frame: pa.Table) -> dict[str, tuple[int, int]]:
    """How many customers have each fact, and the sum of its seconds: equal answers have equal ones."""
    import pyarrow.compute as pc

    columns = {name: frame[name].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).drop_null() for name in FACTS}
    return {n: (len(c), pc.sum(pc.divide(c, 1_000_000)).as_py()) for n, c in columns.items()}


def folding(log: pa.Table) -> Iterator[measuring.Figure]:
    """All events at once."""
    duckdb, polars = measuring.optional("duckdb"), measuring.optional("polars")
    candidates: dict[str, Any] = {"carepolicy": lambda: ours(log)}
    answers = {"carepolicy": sums(ours(log).to_frame())}
    if duckdb is not None:
        candidates["DuckDB"] = of_duckdb(duckdb, log)
        facts = candidates["DuckDB"]().sql("select * from facts")
        answers["DuckDB"] = sums(pa.table(facts))
    if polars is not None:
        for name, engine in (("polars streaming", "streaming"), ("polars", "in-memory")):
            candidates[name] = of_polars(polars, log, engine)
            answers[name] = sums(candidates[name]().to_arrow())
    wrong = [name for name, answer in answers.items() if answer != answers["carepolicy"]]
    if wrong:
        raise SystemExit(f"other answers than carepolicy's: {wrong}: {answers}")
    seconds = measuring.in_turn(candidates, rounds=5)
    rates = {name: len(log) / each / 1e6 for name, each in seconds.items()}
    seen = rates.pop("carepolicy")
    missing = tuple(n for n, module in (("DuckDB", duckdb), ("polars", polars)) if module is None)
    yield measuring.Figure(f"fold {len(log) / 1e6:g} M events", seen, "M events/s", 15, rates, left_out=missing)


def arriving(customers: int, batch: int = 1000) -> Iterator[measuring.Figure]:
    """Some events arrive at a state of so many customers: the facts of those that they may have changed."""
    state = ours(events(2 * customers, customers))
    times = []
    for number in range(50):
        more = events(batch, customers, seed=number, until=END + number * DAY)
        start = time.perf_counter()
        frame = changed(state, more)
        times.append(time.perf_counter() - start)
        assert 0 < len(frame) <= batch
    yield measuring.Figure(
        f"{batch:,} events arrive at {customers / 1e6:g} M customers", 1e3 * float(np.median(times)), "ms", 1
    )


def main() -> None:
    asked = measuring.arguments(__doc__, events=10_000_000, customers=1_000_000)
    figures = list(folding(events(asked.events, asked.customers)))
    for customers in (100_000, 1_000_000, 10_000_000):
        figures += arriving(customers)
    measuring.publish(figures, asked.json)


if __name__ == "__main__":
    main()
