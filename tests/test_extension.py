"""The example of an extension: installable as it stands, and its own tests pass."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples" / "extension"


def test_its_own_tests_pass() -> None:
    """Run as its author would run them, from its folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_ships_what_it_names() -> None:
    """The package that pyproject.toml puts into the wheel is there."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())
    assert project["project"]["dependencies"] == ["carepolicy>=0.1"]
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (FOLDER / package / "__init__.py").exists()
