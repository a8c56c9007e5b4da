"""Does every script of examples/engines do what it says? Installs the engines in `.venv-engines` and runs each once.

Not part of `make test`, as the engines take gigabytes and minutes: `make engines` runs it. The script of Spark needs
Java; without it one line says that it was skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "examples" / "engines"
HOME = ROOT / ".venv-engines"
PACKAGES = {
    "polars": "polars",
    "duckdb": "duckdb>=1.2",
    "dask": "dask[dataframe]",
    "ray": "ray[data]",
    "daft": "daft",
    "spark": "pyspark>=4.0",
}


def python_of(home: Path) -> Path:
    """The Python of an environment, with every engine installed; made where it is not there."""
    found = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not found.exists():
        venv.create(home, with_pip=True)
    subprocess.run([found, "-m", "pip", "install", "--quiet", "-e", f"{ROOT}[spark]", *PACKAGES.values()], check=True)
    return found


def version_of(python: Path, package: str) -> str:
    """Which version of a package is installed."""
    name = re.split(r"[\[>=]", package)[0]
    ask = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def has_java() -> bool:
    """Whether Spark can be started."""
    java = shutil.which(os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "java")) or shutil.which("java")
    return java is not None and subprocess.run([java, "-version"], capture_output=True, check=False).returncode == 0


def main() -> None:
    """Run them one after the other; the first that fails ends it."""
    scripts = {path.stem.removeprefix("with_"): path for path in sorted(SCRIPTS.glob("with_*.py"))}
    if scripts.keys() != PACKAGES.keys():
        sys.exit(f"scripts and packages differ: {sorted(scripts)}, {sorted(PACKAGES)}; name both alike")
    python = python_of(HOME)
    for engine, path in scripts.items():
        if engine == "spark" and not has_java():
            print("SKIPPED: no Java, so nothing was run on spark; install Java 17 or newer", flush=True)
            continue
        start = time.monotonic()
        done = subprocess.run([python, path], capture_output=True, text=True, check=False)
        said = [line for line in done.stdout.splitlines() if line.startswith(f"{engine}: ")]
        if done.returncode or not said:
            sys.exit(f"{path.name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        version = version_of(python, PACKAGES[engine])
        print(f"ok: {said[0]}  ({engine} {version}, {time.monotonic() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
