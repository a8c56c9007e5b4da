"""Run every benchmark, each in a fresh process, and print every figure beside its goal and its peers in one table.

    python bench/run.py [--json FILE] [name ...]

With names, only those scripts. Writes one JSON file (bench/results/bench.json unless told otherwise): the machine, how
noisy it was, and all figures. A missed goal is printed, not raised; a script that fails is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Figure, table_of

BENCH = Path(__file__).resolve().parent
VERSIONS = ("carepolicy", "numpy", "pyarrow", "polars", "pandas", "duckdb", "zen-engine", "durable-rules", "cedarpy")
REFERENCE_ROUNDS = 15


def scripts() -> list[Path]:
    """Every benchmark: what can be run by itself."""
    return [p for p in sorted(BENCH.glob("*.py")) if p.name != "run.py" and "__main__" in p.read_text()]


def reference() -> tuple[float, float]:
    """Milliseconds that two fixed pieces of work take: a loop of plain Python, and passes over an array in memory."""
    start = time.perf_counter()
    total = 0
    for n in range(200_000):
        total += n & 7
    middle = time.perf_counter()
    column = np.arange(4_000_000)
    np.maximum(column, total, out=column)
    return (middle - start) * 1e3, (time.perf_counter() - middle) * 1e3


def references() -> list[tuple[float, float]]:
    """The fixed work a few times over."""
    return [reference() for _ in range(REFERENCE_ROUNDS)]


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    found: dict[str, str] = {}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "memory_gb": memory_gb(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": found,
    }


def processor() -> str:
    """The model of the processor, as the system names it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def memory_gb() -> float | None:
    """How much memory there is; None where the system does not say."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def run(script: Path) -> tuple[list[Figure], str]:
    """The figures of one script, and what went wrong; "" if nothing did."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "figures.json"
        command = [sys.executable, str(script), "--json", str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not target.exists():
            return [], (done.stderr or done.stdout).strip()[-2000:] or "it wrote no figures"
        return [Figure.from_data(data) for data in json.loads(target.read_text())["figures"]], ""


def noise_of(rounds: list[list[tuple[float, float]]]) -> dict[str, Any]:
    """How much the fixed work varied: its medians from one script to the next, least and most."""
    found: dict[str, Any] = {}
    for n, name in enumerate(("plain_python_ms", "array_ms")):
        medians = [statistics.median(pair[n] for pair in pairs) for pairs in rounds]
        found[name] = {"medians": medians, "most_over_least": max(medians) / min(medians)}
    return found


def main() -> None:
    """Run them, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="scripts to run, without .py; all when left out")
    parser.add_argument("--json", type=Path, default=BENCH / "results" / "bench.json")
    asked = parser.parse_args()
    chosen = [path for path in scripts() if not asked.names or path.stem in asked.names]
    if unknown := set(asked.names) - {path.stem for path in chosen}:
        parser.error(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(p.stem for p in scripts())}"
        )

    rounds, results = [references()], {}
    for script in chosen:
        start = time.perf_counter()
        figures, error = run(script)
        rounds.append(references())
        seconds = time.perf_counter() - start
        print(f"{script.stem}: {'FAILED' if error else f'{seconds:.0f} s'}", file=sys.stderr, flush=True)
        results[script.stem] = {"seconds": seconds, "error": error, "figures": [f.to_data() for f in figures]}
    noise = noise_of(rounds)
    say(results, noise)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps({"machine": machine(), "noise": noise, "scripts": results}, indent=1) + "\n")
    print(f"written: {asked.json}")
    sys.exit(any(result["error"] for result in results.values()))


def say(results: dict[str, Any], noise: dict[str, Any]) -> None:
    """Print all figures as one table, how noisy the machine was, what was missed and what failed."""
    figures = [Figure.from_data(data) for result in results.values() for data in result["figures"]]
    missed = [figure.name for figure in figures if figure.verdict == "missed"]
    print(table_of(figures))
    print("\nratio: how many times as good as the peer, above 1 is better; medians of rounds taken in turn")
    for name, found in noise.items():
        print(f"noise: {name.removesuffix('_ms')} work took up to {found['most_over_least']:.2f} times its shortest")
    print(f"goals: {sum(figure.verdict == 'reached' for figure in figures)} reached, {len(missed)} missed")
    for name in missed:
        print(f"  missed: {name}")
    for name, result in results.items():
        if result["error"]:
            print(f"\n{name} FAILED:\n{result['error']}")


if __name__ == "__main__":
    main()
