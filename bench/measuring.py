"""What the benchmarks share: timing in turn, peak memory, figures beside their goals and peers, and JSON of them.

A script measures, makes `Figure`s and ends with `publish(figures)`. It works alone and under `bench/run.py`:

    python bench/some_speed.py [--json FILE]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

import attrs

STATM = Path("/proc/self/statm")
"""Where Linux says how much memory this process holds; elsewhere memory is not measured."""
PAGE, SAMPLE_EVERY = 4096, 0.004


@attrs.frozen
class Figure:
    """Something measured, beside its goal and what it is compared with in the same run.

    Args:
        name: What was measured.
        seen: The figure.
        unit: "us", "ms", "MB" and "times" are better when less; "M rows/s" and other rates when more.
        goal: What it is to reach; None where it is only context.
        peers: The same figure of others, by name.
        over_peer: The goal as a multiple of the first peer's figure, where it is not a number by itself.
        left_out: Peers that are not installed here.
    """

    name: str
    seen: float
    unit: str
    goal: float | None = None
    peers: Mapping[str, float] = attrs.field(factory=dict)
    over_peer: float | None = None
    left_out: tuple[str, ...] = ()

    @property
    def more_is_better(self) -> bool:
        """Whether it is a rate."""
        return self.unit.endswith("/s")

    @property
    def target(self) -> float | None:
        """The goal as a number of the figure's unit."""
        if self.over_peer is None:
            return self.goal
        return self.over_peer * next(iter(self.peers.values())) if self.peers else None

    @property
    def verdict(self) -> str:
        """Whether the goal was reached; "" where there is none."""
        if self.target is None:
            return ""
        return (
            "reached" if (self.seen >= self.target if self.more_is_better else self.seen <= self.target) else "missed"
        )

    def times_as_good(self, peer: float) -> float:
        """How many times as good as a peer: above one is better, whatever the unit."""
        return self.seen / peer if self.more_is_better else peer / self.seen

    def to_data(self) -> dict[str, Any]:
        """Plain data, with what follows from it."""
        ratios = {peer: self.times_as_good(seen) for peer, seen in self.peers.items()}
        return {**attrs.asdict(self), "target": self.target, "verdict": self.verdict, "times_as_good": ratios}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Figure:
        """The figure of plain data."""
        return cls(**{field.name: data[field.name] for field in attrs.fields(cls)})


class Peak:
    """The most memory that this process held inside the `with` block above what it held before, in MB.

    Sampled every 4 ms, so good to a few MB for work of 50 ms and more. Use it in a fresh process: one that has freed
    memory before hides what it uses again.
    """

    mb: float

    def __enter__(self) -> Self:
        gc.collect()
        self._before = self._top = resident()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_EVERY):
            self._top = max(self._top, resident())

    def __exit__(self, *raised: object) -> None:
        self._done.set()
        self._thread.join()
        self.mb = (max(self._top, resident()) - self._before) / 1e6


def resident() -> int:
    """How many bytes of memory this process holds."""
    return int(STATM.read_text().split()[1]) * PAGE


def in_turn(candidates: Mapping[str, Callable[[], object]], rounds: int = 7, calls: int = 1) -> dict[str, float]:
    """The median seconds of one call of each; every round asks each in turn, so that a noisy second hits all."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for ask in candidates.values():
        ask()
    for _ in range(rounds):
        for name, ask in candidates.items():
            start = time.perf_counter()
            for _ in range(calls):
                ask()
            times[name].append((time.perf_counter() - start) / calls)
    return {name: statistics.median(found) for name, found in times.items()}


def in_fresh_process(work: Callable[..., float], *given: object) -> float:
    """What a function gives in a process of its own, which has used and freed no memory before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def optional(name: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def arguments(about: str | None, **more: int | type[Path]) -> argparse.Namespace:
    """What was asked on the command line: `--json FILE`, and `more`: a number by its default, or a file."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    for name, default in more.items():
        if isinstance(default, int):
            parser.add_argument(f"--{name}", type=int, default=default)
        else:
            parser.add_argument(f"--{name}", type=default)
    return parser.parse_args()


def publish(figures: Iterable[Figure], to: Path | None = None) -> None:
    """Print the figures as a table, and write them as JSON where a file is asked for."""
    every = list(figures)
    print(table_of(every))
    if to is not None:
        to.write_text(json.dumps({"figures": [figure.to_data() for figure in every]}, indent=1) + "\n")


def rows_of(figures: Iterable[Figure]) -> list[tuple[str, ...]]:
    """Figures as cells: figure, seen, goal, each peer of the same run with the ratio, reached or missed."""
    rows: list[tuple[str, ...]] = [("figure", "seen", "goal", "peer in the same run", "ratio", "")]
    for figure in figures:
        goal = "" if figure.target is None else in_words(figure.target, figure.unit)
        peers = [
            (f"{peer} {in_words(seen, figure.unit)}", f"{figure.times_as_good(seen):.2f}")
            for peer, seen in figure.peers.items()
        ] + [(f"{peer}: not installed", "") for peer in figure.left_out]
        first, *more = peers or [("", "")]
        rows.append((figure.name, in_words(figure.seen, figure.unit), goal, *first, figure.verdict))
        rows += [("", "", "", *other, "") for other in more]
    return rows


def table_of(figures: Iterable[Figure]) -> str:
    """Figures as lines of text."""
    rows = rows_of(figures)
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def markdown_of(figures: Iterable[Figure]) -> str:
    """Figures as a table in Markdown."""
    first, *rest = (f"| {' | '.join(row)} |" for row in rows_of(figures))
    return "\n".join([first, "| --- | ---: | ---: | --- | ---: | --- |", *rest])


def in_words(number: float, unit: str) -> str:
    """A number with its unit, three digits that count.

    >>> in_words(1234.5, "us"), in_words(0.01234, "ms"), in_words(15, "M rows/s")
    ('1,234 us', '0.0123 ms', '15.0 M rows/s')
    """
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2 if abs(number) >= 1 else 4
    return f"{number:,.{digits}f} {unit}"
