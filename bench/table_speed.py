"""How fast a table is decided, and in how much memory.

    python bench/table_speed.py [--json FILE] [--rows N]

First six rules over int64 columns and 40 zones, on one core, beside the same rules written by hand in numpy (one core)
and in polars (all cores); the answers must be equal. Then the same through data frames. Then a plan of twenty policies
in five touches with reasons and keys, in frames of three kinds; its peak memory in a fresh process, above input and
output.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import six_rules
import six_rules_kernel as kernel
import twenty_policies
from measuring import STATM, Figure, Peak, arguments, in_fresh_process, in_turn, publish
from numpy.typing import NDArray
from six_rules import AT, AT_US, DAY, ZONES

from carepolicy import NEVER, Calendar, Duty, Fact, Facts, Instant, Plan, Touch, Verdict, last, working
from carepolicy._table.frames import CHUNK
from carepolicy._table.judge import VERDICTS, ColumnRule
from carepolicy.table import decide_table

ROUNDS = 7
BOUNDS = ("customer", "touch", "verdict", "act_at", "opens", "closes", "review_at")
KINDS = ("pyarrow", "polars", "pandas")
WARM_ROWS = 1000

Column = NDArray[Any]


@attrs.frozen
class Answered(Duty):
    """Four working hours to the answer."""

    facts: ClassVar[Mapping[str, Fact]] = {"case_opened": last("opened", missing=NEVER)}

    def due(self, f: Facts) -> Instant:
        """Four working hours after the case was opened."""
        return f.after(f.case_opened, working(hours=4))


def with_answer(office: Calendar) -> Plan:
    """The six rules, and a second touch that is due in working hours."""
    return Plan(office, touches=(*six_rules.plan().touches, ("answer", Touch(due=Answered()))))


def decided(rules: list[ColumnRule], known: Mapping[str, Column], *, reasons: bool = False) -> list[dict[str, Column]]:
    """What each rule says of every row, in whole columns: what a host that keeps int64 columns would write."""
    rows = len(known["zone"])
    every = []
    for rule in rules:
        names = ("opens", "closes", "act", "due", "review")
        given = {"verdict": np.empty(rows, np.int8), **{name: np.empty(rows, np.int64) for name in names}}
        for at in range(0, rows, CHUNK):
            part = slice(at, at + CHUNK)
            piece = {name: known[name][part] for name in rule.rule.asks}
            found = rule.decide(len(known["zone"][part]), piece, AT_US, codes=known["zone"][part], reasons=reasons)
            for name, column in given.items():
                column[part] = getattr(found, name)
        every.append(given)
    return every


def check(ours: Mapping[str, Column], theirs: tuple[Column, ...]) -> None:
    """Stop where a hand-written version gives another verdict, opening or closing."""
    why, opens, closes, *_ = theirs
    goes = ours["verdict"] == VERDICTS.index(Verdict.GO)
    act = np.where(ours["act"] < NEVER, np.maximum(ours["act"], AT_US), NEVER)
    assert np.array_equal(goes, why == 0)
    assert np.array_equal(act, opens)
    assert np.array_equal(ours["review"][goes], closes[goes])


def office_hours() -> tuple[Calendar, kernel.WorkingHours]:
    """Working hours with holidays, as a calendar and as the kernel's table."""
    office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="Europe/London", holidays="GB-ENG")
    windows = list(office.open_windows("2026-01-01T00:00Z", "2028-01-01T00:00Z"))
    starts, ends = (np.array([edge(w) for w in windows]) for edge in (lambda w: w.opens_us, lambda w: w.closes_us))
    return office, kernel.WorkingHours.of(starts, ends)


def six_rules_figures(rows: int) -> list[Figure]:
    """Int64 columns beside the hand-written versions, and the way through data frames."""
    office, hours = office_hours()
    known = six_rules.columns(rows)
    opened = np.random.default_rng(1).integers(0, 60 * 1440, rows) * (DAY // 1440)
    known |= {"case_opened": AT_US - opened, "last_sent_answer": known["last_sent_survey"]}
    by_hand = kernel.facts(known)
    frame, arrow = pl.DataFrame(by_hand), six_rules.table(rows)
    from_arrow = pl.from_arrow(arrow)
    plan = six_rules.plan()
    rules = [ColumnRule(rule, ZONES) for rule in plan.rules.rules]
    two = [ColumnRule(rule, ZONES) for rule in with_answer(office).rules.rules]

    numpy_kernel = kernel.in_chunks(by_hand, AT_US, hours)
    in_polars = kernel.polars_decide(frame, AT_US, hours)
    check(decided(rules, known)[0], numpy_kernel)
    check(decided(rules, known)[0], tuple(column.to_numpy() for column in in_polars.get_columns()))
    assert np.array_equal(decided(two, known)[1]["due"], numpy_kernel[3])

    rates = {
        name: rows / seconds / 1e6
        for name, seconds in in_turn(
            {
                "ours": lambda: decided(rules, known),
                "kernel": lambda: kernel.in_chunks(by_hand, AT_US),
                "polars": lambda: kernel.polars_decide(frame, AT_US),
                "limit": lambda: [known[name].max() for name in sorted({"zone", *rules[0].rule.asks})],
                "reasons": lambda: decided(rules, known, reasons=True),
                "two": lambda: decided(two, known),
                "kernel, due": lambda: kernel.in_chunks(by_hand, AT_US, hours),
                "polars, due": lambda: kernel.polars_decide(frame, AT_US, hours),
                "arrow": lambda: decide_table(plan, arrow, at=AT, only=BOUNDS),
                "polars frame": lambda: decide_table(plan, from_arrow, at=AT, only=BOUNDS),
                "everything": lambda: decide_table(plan, arrow, at=AT),
            },
            rounds=ROUNDS,
        ).items()
    }
    peers = {"numpy by hand": rates["kernel"], "polars by hand, all cores": rates["polars"]}
    with_due = {"numpy by hand": rates["kernel, due"], "polars by hand, all cores": rates["polars, due"]}
    unit = "M rows/s"
    return [
        Figure("six rules, int64 columns, 40 zones, one core", rates["ours"], unit, goal=15, peers=peers),
        Figure("the machine's limit: the same columns read once", rates["limit"], unit),
        Figure("six rules, int64 columns, and what binds", rates["reasons"], unit),
        Figure(
            "six rules, int64 columns, and a second touch due in 4 working hours", rates["two"], unit, peers=with_due
        ),
        Figure("six rules, pyarrow table, verdict and bounds", rates["arrow"], unit, goal=8),
        Figure("six rules, polars frame, verdict and bounds", rates["polars frame"], unit),
        Figure("six rules, pyarrow table, reasons and keys, too", rates["everything"], unit),
    ]


def frame_of(kind: str, path: Path) -> Any:
    """The stored table as a frame of a kind."""
    table = feather.read_table(path, memory_map=False)
    if kind == "polars":
        return pl.from_arrow(table, rechunk=False)
    return table if kind == "pyarrow" else table.to_pandas(split_blocks=True, self_destruct=True)


def size_of(frame: Any) -> int:
    """Bytes that a frame holds."""
    if isinstance(frame, pl.DataFrame):  # its own estimate leaves out the views of short texts
        return int(frame.to_arrow(compat_level=pl.CompatLevel.newest()).get_total_buffer_size())
    return int(frame.nbytes if isinstance(frame, pa.Table) else frame.memory_usage(index=False, deep=True).sum())


def peak_above(kind: str, path: Path) -> float:
    """The most memory above input and output while a frame is decided, in MB; for a fresh process."""
    plan, frame = twenty_policies.plan(), frame_of(kind, path)
    decide_table(
        plan, frame[:WARM_ROWS] if kind != "pyarrow" else frame.slice(0, WARM_ROWS), at=AT
    )  # loads code, zones
    gc.collect()
    pa.default_memory_pool().release_unused()
    with Peak() as peak:
        given = decide_table(plan, frame, at=AT)
    return peak.mb - size_of(given) / 1e6


def seconds_of_each(path: Path) -> dict[str, float]:
    """How long the stored table takes as a frame of each kind, and without the dearer columns."""
    plan, frames = twenty_policies.plan(), {kind: frame_of(kind, path) for kind in KINDS}

    def deciding(kind: str, **options: Any) -> Callable[[], object]:
        return lambda: decide_table(plan, frames[kind], at=AT, **options)

    asked = {kind: deciding(kind) for kind in KINDS}
    asked["verdicts and bounds"] = deciding("pyarrow", only=BOUNDS)
    asked["without reasons"] = deciding("pyarrow", only=(*BOUNDS, "due", "key"))
    asked["without keys"] = deciding("pyarrow", only=(*BOUNDS, "due", "reasons", "binding"))
    return in_turn(asked, rounds=ROUNDS)


def twenty_policies_figures(rows: int) -> list[Figure]:
    """A whole plan with reasons and keys, in frames of each kind, and what its columns cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.arrow"
        feather.write_feather(twenty_policies.table(rows), path, compression="uncompressed")
        seconds = seconds_of_each(path)
        peaks = {kind: in_fresh_process(peak_above, kind, path) for kind in KINDS} if STATM.exists() else {}
    name = "twenty policies in five touches"
    return [
        *(
            Figure(f"{name}, {what}", rows / took / 1e6, "M rows/s", goal=2 if what in KINDS else None)
            for what, took in seconds.items()
        ),
        *(Figure(f"{name}, {kind}: peak memory", mb, "MB", goal=60) for kind, mb in peaks.items()),
    ]


def main() -> None:
    asked = arguments(__doc__, rows=1_000_000)
    publish([*six_rules_figures(asked.rows), *twenty_policies_figures(asked.rows // 4)], asked.json)


if __name__ == "__main__":
    main()
