"""The scripts for engines: shown in the guide, and run by `make engines`, not here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPTS = {path.name for path in (ROOT / "examples" / "engines").glob("*.py")}


def test_the_guide_shows_every_script() -> None:
    """And none that is gone."""
    page = (ROOT / "docs" / "how-to" / "engines.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\{literalinclude\} \.\./\.\./examples/engines/(\S+)$", page, flags=re.MULTILINE)
    assert sorted(shown) == sorted(SCRIPTS)


def test_every_script_is_run_by_the_check() -> None:
    """Which names each engine's package by the name of its script."""
    tree = ast.parse((ROOT / "tools" / "engines_check.py").read_text(encoding="utf-8"))
    (packages,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PACKAGES"
    )
    assert {f"with_{engine}.py" for engine in packages} == SCRIPTS - {"surveys.py"}
