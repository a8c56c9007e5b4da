"""How much a plan costs inside polars: Parquet through the six rules, beside polars passing the same rows through.

    python bench/engines_speed.py [--rows N] [--rounds N] [--json FILE]

Passed through without the policy: by polars alone, and by a function of Python that gives back what it gets. What
comes out is written as Parquet again; or only counted, column by column, which leaves the policy nothing to hide
behind. Goal: at most twice the time of polars alone. Decisions have the columns that say what to do and when, and
are written once more with reasons and keys.
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
    asked = arguments(__doc__, rows=5_000_000, rounds=3)
    plan = six_rules.plan()
    with tempfile.TemporaryDirectory() as folder:
        facts, out = Path(folder, "facts"), Path(folder, "out.parquet")
        write(facts, asked.rows)
        scan = pl.scan_parquet(facts / "*.parquet")

        def identity() -> pl.LazyFrame:
            return scan.map_batches(lambda rows: rows, schema=scan.collect_schema(), streamable=True)

        def decided(only: Sequence[str] | None = None) -> pl.LazyFrame:
            return polars.decide(scan, plan, six_rules.AT, only=only)

        def written(frame: Callable[[], pl.LazyFrame]) -> Callable[[], object]:
            return lambda: frame().sink_parquet(out)

        def counted(frame: Callable[[], pl.LazyFrame]) -> Callable[[], object]:
            nulls = pl.all().null_count().name.suffix(" missing")
            return lambda: frame().select(pl.len(), nulls).collect(engine="streaming")

        ways = {"alone": lambda: scan, "through Python": identity, "decided": lambda: decided(WHEN)}
        candidates = {f"{name}, written": written(way) for name, way in ways.items()}
        candidates |= {f"{name}, counted": counted(way) for name, way in ways.items()}
        candidates["with reasons and keys, written"] = written(decided)
        seconds = in_turn(candidates, rounds=asked.rounds)
    rate = {name: asked.rows / took / 1e6 for name, took in seconds.items()}
    millions = f"{asked.rows / 1e6:g} M rows of Parquet through polars, six rules"

    def figure(what: str, out_as: str, over_peer: float | None) -> Figure:
        peers = {
            "polars, no policy": rate[f"alone, {out_as}"],
            "polars, a function that does nothing": rate[f"through Python, {out_as}"],
        }
        seen = rate[f"{what}, {out_as}"]
        return Figure(f"{millions}: {what}, {out_as}", seen, "M rows/s", peers=peers, over_peer=over_peer)

    publish(
        [
            figure("decided", "written", 0.5),
            figure("decided", "counted", 0.5),
            figure("with reasons and keys", "written", None),
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
