"""Run every benchmark, each in a fresh process, and print every figure beside its goal and its peers in one table.

    python bench/run.py [--json FILE] [--page FILE.md] [name ...]

With names, only those scripts. Writes one JSON file (bench/results/bench.json unless told otherwise): the machine, how
noisy it was, and all figures. `--page` puts the figures into a page of the documentation, too, and what is drawn of
them beside it. A missed goal is printed, not raised; a script that fails is.
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
from measuring import Figure, markdown_of, table_of

BENCH = Path(__file__).resolve().parent
VERSIONS = ("carepolicy", "numpy", "pyarrow", "polars", "pandas", "duckdb", "zen-engine", "durable-rules", "cedarpy")
REFERENCE_ROUNDS = 15
DRAWS = {"incremental": "renewal-cost.svg"}
"""What a script draws beside the page."""
BEGIN, END = "<!-- figures: begin (written by bench/run.py --page) -->\n", "<!-- figures: end -->\n"


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


def run(script: Path, page: Path | None) -> tuple[list[Figure], str]:
    """The figures of one script, and what went wrong; "" if nothing did. What it draws lands beside the page."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "figures.json"
        command = [sys.executable, str(script), "--json", str(target)]
        if page is not None and script.stem in DRAWS:
            command += ["--draw", str(page.parent / DRAWS[script.stem])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not target.exists():
            return [], (done.stderr or done.stdout).strip()[-2000:] or "it wrote no figures"
        return [Figure.from_data(data) for data in json.loads(target.read_text())["figures"]], ""


def noise_of(rounds: list[list[tuple[float, float]]]) -> dict[str, list[float]]:
    """How long the fixed work took in milliseconds: medians, before the first script and after each."""
    names = ("plain Python", "an array")
    return {name: [statistics.median(pair[n] for pair in pairs) for pairs in rounds] for n, name in enumerate(names)}


def noise_in_words(noise: dict[str, list[float]], load: float) -> str:
    """How quiet the machine was."""
    found = [f"{name} {min(ms):.1f} to {max(ms):.1f} ms ({max(ms) / min(ms):.2f} times)" for name, ms in noise.items()]
    return f"The same fixed work over and over: {', '.join(found)}; {load:.1f} processes wanted a core at the start."


def main() -> None:
    """Run them, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="scripts to run, without .py; all when left out")
    parser.add_argument("--json", type=Path, default=BENCH / "results" / "bench.json")
    parser.add_argument("--page", type=Path, help="a page with a place for the figures, docs/explanation/speed.md")
    asked = parser.parse_args()
    chosen = [path for path in scripts() if not asked.names or path.stem in asked.names]
    if unknown := set(asked.names) - {path.stem for path in chosen}:
        parser.error(
            f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(p.stem for p in scripts())}"
        )

    load = os.getloadavg()[0]
    rounds, results = [references()], {}
    for script in chosen:
        start = time.perf_counter()
        figures, error = run(script, asked.page)
        rounds.append(references())
        seconds = time.perf_counter() - start
        print(f"{script.stem}: {'FAILED' if error else f'{seconds:.0f} s'}", file=sys.stderr, flush=True)
        results[script.stem] = {"seconds": seconds, "error": error, "figures": [f.to_data() for f in figures]}
    whole = {"machine": machine(), "load": load, "noise": noise_of(rounds), "scripts": results}
    say(whole)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(whole, indent=1) + "\n")
    if asked.page is not None:
        before, rest = asked.page.read_text().split(BEGIN)
        asked.page.write_text(before + BEGIN + in_markdown(whole) + END + rest.split(END)[1])
    print(f"written: {asked.json}")
    sys.exit(any(result["error"] for result in results.values()))


def figures_of(whole: dict[str, Any]) -> list[Figure]:
    """Every figure of a run."""
    return [Figure.from_data(data) for result in whole["scripts"].values() for data in result["figures"]]


def in_markdown(whole: dict[str, Any]) -> str:
    """The figures of a run, and what they hold for, as a page has them."""
    found = whole["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    memory = f"{found['memory_gb']:g} GB" if found["memory_gb"] else "memory not known"
    about = f"{found['processor']}, {found['cores']} cores, {memory}; Python {found['python']}, {versions}."
    return f"{about} {noise_in_words(whole['noise'], whole['load'])}\n\n{markdown_of(figures_of(whole))}\n"


def say(whole: dict[str, Any]) -> None:
    """Print all figures as one table, how noisy the machine was, what was missed and what failed."""
    figures = figures_of(whole)
    missed = [figure.name for figure in figures if figure.verdict == "missed"]
    print(table_of(figures))
    print("\nratio: how many times as good as the peer, above 1 is better; medians of rounds taken in turn")
    print(noise_in_words(whole["noise"], whole["load"]))
    print(f"goals: {sum(figure.verdict == 'reached' for figure in figures)} reached, {len(missed)} missed")
    for name in missed:
        print(f"  missed: {name}")
    for name, result in whole["scripts"].items():
        if result["error"]:
            print(f"\n{name} FAILED:\n{result['error']}")


if __name__ == "__main__":
    main()
