"""How long `import carepolicy` takes, against the two libraries it imports anyway. Fresh processes, in turn."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

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
    """Print both medians and their ratio."""
    taken: dict[str, list[float]] = {BASELINE: [], "carepolicy": [], EVERYTHING: []}
    for modules in taken:
        milliseconds(modules)  # warms the disk cache
    for _ in range(ROUNDS):
        for modules, times in taken.items():
            times.append(milliseconds(modules))
    base, ours, everything = (median(times) for times in taken.values())
    print(f"import {BASELINE}: {base:.1f} ms")
    print(f"import carepolicy:      {ours:.1f} ms")
    print(f"with every public name: {everything:.1f} ms, ratio {everything / base:.2f}: names load when asked for")
    verdict = "ok" if ours <= GOAL * base else "missed"
    print(f"ratio: {ours / base:.2f} (goal: at most {GOAL}; {verdict}; medians of {ROUNDS} fresh processes each)")


if __name__ == "__main__":
    main()
