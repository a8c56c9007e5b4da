"""Runs of `decide_file` that are killed before or after each thing that they do to files; run as a program.

It forks before pyarrow has any threads, and prints what it found as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

import carepolicy._deciding as deciding
from carepolicy import Calendar, Plan, RestBetween, Touch, days
from carepolicy.table import batch_decider

AT = "2026-03-02T09:00"
CHUNK_ROWS = 4
PLAN = Plan(Calendar.always(), survey=Touch(guard=RestBetween(days(90))))
deciding.CHUNKS = 1


@contextmanager
def no_bar(what: str, total: int, *, begun: int | None = None) -> Iterator[Callable[[int], object]]:
    yield lambda count: None


def run(facts: str, out: str) -> None:
    deciding.decide_file(facts, PLAN, AT, out, bar=no_bar, say=lambda sentence: None, chunk_rows=CHUNK_ROWS)


def killed_at(step: int) -> None:
    """From now on, this process is killed at the step of so much number: before or after a change to files."""
    left = step

    def counted(do: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:
            tick()
            found = do(*arguments, **named)
            tick()
            return found

        return wrapper

    def tick() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("replace", "unlink", "mkdir", "rmdir"):
        setattr(Path, name, counted(getattr(Path, name)))
    os.fsync = counted(os.fsync)


def forked(facts: str, out: str, step: int = 0) -> bool:
    """Whether a run came to its end."""
    if not (child := os.fork()):
        if step:
            killed_at(step)
        run(facts, out)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return status == 0


def main(facts: str, folder: Path) -> dict[str, Any]:
    """Kill a run at each step and let another end it; then kill one again and again until it ends."""
    warm = pa.RecordBatch.from_pylist([{"customer": "ann", "last_invited": None}])
    batch_decider(PLAN, "2026-03-02T09:00Z")(warm)  # what is loaded here is not loaded in every fork
    whole = folder / "whole.parquet"
    assert forked(facts, str(whole))
    steps, wrong = 0, []
    ended = False
    while not ended:
        steps += 1
        out = folder / f"{steps}.parquet"
        parts = out.with_name(f"{out.name}.parts")
        ended = forked(facts, str(out), steps)
        assert forked(facts, str(out))
        if out.read_bytes() != whole.read_bytes() or parts.exists():
            wrong.append(steps)
    out, step = folder / "again.parquet", 1
    while not out.exists():
        forked(facts, str(out), step)
        step += 5
    return {"steps": steps, "wrong": wrong, "same": out.read_bytes() == whole.read_bytes()}


if __name__ == "__main__":
    json.dump(main(sys.argv[1], Path(sys.argv[2])), sys.stdout)
