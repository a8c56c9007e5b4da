"""Does what we would publish work for someone who installs it? Builds sdist and wheel, and uses the wheel far from src.

First bare, with the three dependencies and no extra: it must import and decide. Then with the extras `cli` and
`holidays`: the command must run on the examples. Run by `make test`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUST_SHIP = ("py.typed", "plans/*.toml", "**/*schema*.json")

DECIDE = """
import csv, importlib.util, sys
absent = [m for m in ("typer", "rich", "holidays", "hypothesis", "pandas") if importlib.util.find_spec(m)]
assert not absent, f"a bare install brought {absent}"

import carepolicy
assert carepolicy.__file__.startswith(sys.prefix), f"imported from {carepolicy.__file__}, not from the wheel"

from carepolicy import Cadence, Calendar, Plan, Timeline, Touch, working_days
office = Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver")
plan = Plan(calendar=office, call=Touch(due=Cadence(every=working_days(10))))
with open("examples/claim/claim.csv", newline="") as file:
    timeline = Timeline.read(csv.DictReader(file), zone="America/Denver")
review = plan.review(timeline, at="2018-01-10T10:00-07:00")
assert review.review_at is not None
"""


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command in a place where src cannot be found; its output is shown only if it fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE", "VIRTUAL_ENV"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def step(text: str) -> None:
    """Say what has been shown."""
    print(f"ok: {text}", flush=True)


def check_contents(wheel: Path) -> None:
    """Everything under src/carepolicy is in the wheel, nothing else is, and what must ship exists."""
    package = ROOT / "src" / "carepolicy"
    for pattern in MUST_SHIP:
        if not list(package.glob(pattern)):
            sys.exit(f"nothing in src/carepolicy is named {pattern}; it must ship")
    ours = {p.relative_to(package.parent).as_posix() for p in package.rglob("*") if p.is_file()}
    ours = {name for name in ours if "__pycache__" not in name}
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    if ours != shipped:
        sys.exit(f"only in src: {sorted(ours - shipped)}; only in the wheel: {sorted(shipped - ours)}")


def main() -> None:
    """Build, look inside, install bare, install with extras."""
    with tempfile.TemporaryDirectory() as name:
        away = Path(name)
        run(sys.executable, "-m", "build", "--outdir", away / "dist", ROOT)
        (wheel,) = (away / "dist").glob("*.whl")
        step(f"sdist and {wheel.name} built, {wheel.stat().st_size // 1024} kB")
        check_contents(wheel)
        step("the wheel holds all of src/carepolicy: py.typed, plans and schema too")

        venv.create(away / "venv", with_pip=True)
        scripts = away / "venv" / "bin"
        install = (scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        shutil.copytree(ROOT / "examples", away / "examples")
        run(*install, wheel, cwd=away)
        run(scripts / "python", "-I", "-c", DECIDE, cwd=away)
        step("installed without extras, it imports and decides")

        refused = subprocess.run(
            [scripts / "carepolicy", "--help"], cwd=away, capture_output=True, text=True, check=False
        )
        if refused.returncode == 0 or "Traceback" in refused.stderr or "carepolicy[cli]" not in refused.stderr:
            sys.exit(
                f"without the extra, the command must name 'carepolicy[cli]' as remedy; it said:\n{refused.stderr}"
            )
        step("without the extra, the command says what to install")

        run(*install, f"{wheel}[cli,holidays]", cwd=away)
        run(scripts / "carepolicy", "--help", cwd=away)
        report = run(scripts / "carepolicy", "audit", "examples/claim/claim.csv", cwd=away).stdout
        if not report.strip():
            sys.exit("carepolicy audit examples/claim/claim.csv printed nothing")
        step(f"installed with cli and holidays, `carepolicy audit` prints {len(report.splitlines())} lines")


if __name__ == "__main__":
    main()
