"""How long `import carepolicy` takes, against the two libraries it imports anyway. Fresh processes, in turn.

python bench/import_time.py [--json FILE]
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from measuring import Figure, arguments, publish

ROUNDS = 21
GOAL = 1.3
BASELINE = "attrs, pendulum"
MEASURE = "from time import perf_counter; t = perf_counter(); import {}; print((perf_counter() - t) * 1e3)"
EVERYTHING = "carepolicy; from carepolicy import *"


def milliseconds(modules: str) -> float:
    """One import in a process of its own."""
    command = [sys.executable, "-I", "-c", MEASURE.format(modules)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    asked = arguments(__doc__)
    taken: dict[str, list[float]] = {BASELINE: [], "carepolicy": [], EVERYTHING: []}
    for modules in taken:
        milliseconds(modules)  # warms the disk cache
    for _ in range(ROUNDS):
        for modules, times in taken.items():
            times.append(milliseconds(modules))
    base, ours, everything = (median(times) for times in taken.values())
    peers = {f"import {BASELINE}": base}
    figures = [
        Figure("import carepolicy", ours, "ms", peers=peers, over_peer=GOAL),
        Figure("import carepolicy with every public name", everything, "ms", peers=peers),
    ]
    publish(figures, asked.json)


if __name__ == "__main__":
    main()
