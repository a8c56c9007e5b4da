"""How much a plan costs inside polars: Parquet through the six rules, beside polars passing the same rows through.

    python bench/engines_speed.py [--rows N] [--json FILE]

What is passed through is read whole and written again, without the policy: by polars alone, and with a function of
Python that gives back what it gets. Decisions are written with the columns that say what to do and when, and once
more with reasons and keys. Goal: at most twice the time of polars alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import six_rules
from measuring import Figure, arguments, in_turn, publish

from carepolicy.engines import polars

FILES, GROUP = 10, 131_072
WHEN = ("customer", "touch", "verdict", "act_at", "opens", "closes", "review_at")
"""What the design study's rules answered: whether, from when, until when, and when to look again."""


def main() -> None:
    """Measure them in turn."""
    asked = arguments(__doc__, rows=5_000_000, rounds=5)
    plan = six_rules.plan()
    with tempfile.TemporaryDirectory() as folder:
        facts, out = Path(folder, "facts"), Path(folder, "out.parquet")
        write(facts, asked.rows)
        scan = pl.scan_parquet(facts / "*.parquet")

        def identity() -> pl.LazyFrame:
            return scan.map_batches(lambda rows: rows, schema=scan.collect_schema(), streamable=True)

        def decided(only: Sequence[str] | None = None) -> pl.LazyFrame:
            return polars.decide(scan, plan, six_rules.AT, only=only)

        def sunk(frame: Callable[[], pl.LazyFrame]) -> Callable[[], None]:
            return lambda: frame().sink_parquet(out)

        seconds = in_turn(
            {
                "alone": sunk(lambda: scan),
                "through Python": sunk(identity),
                "decided": sunk(lambda: decided(WHEN)),
                "with reasons and keys": sunk(decided),
            },
            rounds=asked.rounds,
        )
    rate = {name: asked.rows / took / 1e6 for name, took in seconds.items()}
    peers = {"polars, no policy": rate["alone"], "polars, a function that does nothing": rate["through Python"]}
    millions = f"{asked.rows / 1e6:g} M rows of Parquet through polars, six rules"
    publish(
        [
            Figure(f"{millions}: when", rate["decided"], "M rows/s", peers=peers, over_peer=0.5),
            Figure(f"{millions}: with reasons and keys", rate["with reasons and keys"], "M rows/s", peers=peers),
        ],
        asked.json,
    )


def write(folder: Path, rows: int) -> None:
    """Customers in several files."""
    folder.mkdir()
    part = rows // FILES
    for number in range(FILES):
        table = six_rules.table(part, seed=number)
        pq.write_table(table, folder / f"part-{number:03d}.parquet", row_group_size=GROUP, compression="zstd")


if __name__ == "__main__":
    main()
