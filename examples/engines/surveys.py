"""A plan, and customers in Parquet: what every script beside this one decides about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from carepolicy import Calendar, ContactHours, Plan, RestBetween, Touch, days
from carepolicy.table import decide_table

AT = "2026-03-02T10:00Z"
office = Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin")
plan = Plan(
    office,
    survey=Touch(guard=RestBetween(days(90)) & ContactHours(Calendar.weekly("Mon-Sat 09:00-20:00", zone="UTC"))),
    marketing=Touch(guard=RestBetween(days(14)) & ContactHours(office, fixed=True)),
)


def write_facts(folder: Path, customers: int = 10_000, files: int = 4) -> Path:
    """Customers, when each was last asked, and the zone they live in, in several files."""
    zones = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu")
    asked = [datetime(2026, 3, 1, 12, tzinfo=UTC) - timedelta(hours=n) if n % 7 else None for n in range(customers)]
    table = pa.table(
        {
            "customer": [f"c{n}" for n in range(customers)],
            "zone": [zones[n % len(zones)] for n in range(customers)],
            "last_invited": pa.array(asked, pa.timestamp("us", "UTC")),
        }
    )
    facts = folder / "facts"
    facts.mkdir()
    for n in range(files):
        pq.write_table(table.slice(n * customers // files, customers // files), facts / f"part-{n}.parquet")
    return facts


def compared(decisions: pa.Table, facts: Path) -> str:
    """One line about decisions, once they have been found to be those of `decide_table`."""
    names = ("key", "verdict", "act_at", "review_at", "reasons", "binding")
    theirs, ours = (
        {row["key"]: row for row in table.select(names).to_pylist()}
        for table in (decisions, decide_table(plan, pq.read_table(facts), at=AT))
    )
    assert theirs == ours, "the engine's decisions are not those of decide_table"
    return f"{decisions.num_rows} decisions, {sum(row['verdict'] == 'go' for row in ours.values())} go: the same"
