"""The package as a whole: its names, its layers, what importing it costs, and that it reads no clock."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import carepolicy

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "carepolicy"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 320

# From the ground up; a module may import its own layer and those below it.
LAYERS = tuple(
    set(names.split())
    for names in (
        "errors",
        "_instant _holds",
        "span",
        "window",
        "_time",
        "_calendar_data calendar",
        "events timeline _rows _problems",
        "facts folds threads sequence state answering stretches",
        "reason decision protocols rules _judge _alone policy touch",
        """tier grid cadence heartbeat pauses clocks _day rungs persistence caps aftercare promise phrases vague stages
        needed news severity recovery informing escalation tallies triggers ownership levels expected
        survey quarantine trouble reader answers completion expiry sampling consent eligible question_sets reminders
        outreach conflict billing offers messages printed taste higher_tier wording arrival""",
        """finding history held checks pause_checks review _sent ledger at_risk warning coming ical attention
        inattention questions unasked closing supplier drift _sequential adoption stall endemic _spared demand roster
        incomplete""",
        "_codec _shipped _plan_data plan coverage journey sends loop",
        "audit",
        "handover redact render",
        "testing _strategies _laws _texts",
        "_table table",
        "engines _bar _facts_file _parts _deciding _reading _rendering _handing cli",
    )
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Imports inside a function or for types only that reach up nevertheless, each for a method that a reader expects there.
REACHING_UP = {("plan", "audit")}
HEAVY = ("numpy", "pandas", "polars", "pyarrow", "typer", "rich", "hypothesis", "holidays")
CLOCKS = {"now", "today", "utcnow", "yesterday", "tomorrow", "localtime", "monotonic", "perf_counter", "time_ns"}


def name_of(path: Path) -> str:
    """`src/carepolicy/arrival/fit.py` is `arrival`, and the package itself `carepolicy`."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "carepolicy" if first == "__init__" else first


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def is_module(name: str) -> bool:
    return (PACKAGE / f"{name}.py").exists() or (PACKAGE / name / "__init__.py").exists()


every_module = pytest.mark.parametrize("path", MODULES, ids=label)
every_layered_module = pytest.mark.parametrize(
    "path", [p for p in MODULES if p.relative_to(PACKAGE).as_posix() not in {"__init__.py", "__main__.py"}], ids=label
)


def imports(node: ast.AST, path: Path, *, deferred: bool = False) -> Iterator[tuple[str, bool]]:
    """The modules of ours that are imported, by first name, and whether only in a function or for types."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                for alias in names:
                    yield from ours(alias.name, deferred=deferred)
            case ast.ImportFrom(module="carepolicy", level=0, names=names):
                for alias in names:
                    yield (alias.name if alias.name in LEVEL or is_module(alias.name) else "carepolicy"), deferred
            case ast.ImportFrom(module=module, level=0):
                yield from ours(module or "", deferred=deferred)
            case ast.ImportFrom(module=module):
                pytest.fail(f"{label(path)}:{child.lineno} imports relatively; write carepolicy.{module or ''}")
            case ast.FunctionDef() | ast.Lambda() | ast.AsyncFunctionDef():
                yield from imports(child, path, deferred=True)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from imports(child, path, deferred=True)
            case _:
                yield from imports(child, path, deferred=deferred)


def ours(module: str, *, deferred: bool) -> Iterator[tuple[str, bool]]:
    top, _, rest = module.partition(".")
    if top == "carepolicy":
        yield (rest.partition(".")[0] or "carepolicy"), deferred


def clock_reads(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in CLOCKS or called == "time.time":
                yield node.lineno, called
            elif called.rpartition(".")[2] in {"parse", "datetime64", "Timestamp", "instance"}:
                yield from ((node.lineno, called) for a in node.args if ast.unparse(a) in {"'now'", "'today'"})
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield node.lineno, "from time import"


class TestNames:
    """`from carepolicy import ...` is the whole of the documented way in."""

    def test_what_is_not_there_is_said(self) -> None:
        with pytest.raises(AttributeError, match=r"^module 'carepolicy' has no attribute 'nonsense'$"):
            _ = carepolicy.nonsense

    def test_dir_lists_what_loads_when_asked_for(self) -> None:
        assert {*carepolicy.__all__, "__version__"} == set(dir(carepolicy))

    def test_all_is_sorted(self) -> None:
        """Constants, classes, functions, as ruff sorts them."""
        names = list(carepolicy.__all__)
        assert names == sorted(names, key=lambda n: (0 if n.isupper() else 1 if n[0].isupper() else 2, n))
        assert len(names) == len(set(names))

    def test_every_name_is_there_and_documented(self) -> None:
        undocumented = [name for name in carepolicy.__all__ if not getattr(carepolicy, name).__doc__]
        assert undocumented == []

    def test_no_name_is_left_out(self) -> None:
        """What the package shows without an underscore is in `__all__`, or is a module."""
        shown = {n for n, v in vars(carepolicy).items() if not n.startswith("_") and not inspect.ismodule(v)}
        assert shown - set(carepolicy.__all__) - {"annotations", "TYPE_CHECKING"} == set()

    def test_version_is_the_one_in_pyproject(self) -> None:
        declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        assert carepolicy.__version__ == importlib.metadata.version("carepolicy") == declared


class TestShape:
    """One concept per module, and imports that point down."""

    @every_module
    def test_no_module_is_long(self, path: Path) -> None:
        lines = len(path.read_text().splitlines())
        assert lines <= LONGEST, f"{lines} lines: is it still one concept?"

    @every_layered_module
    def test_every_module_has_its_layer(self, path: Path) -> None:
        assert name_of(path) in LEVEL, "give it a place in LAYERS above"

    @every_layered_module
    def test_imports_point_down(self, path: Path) -> None:
        me = name_of(path)
        level = LEVEL.get(me, len(LAYERS))
        up = {
            target
            for target, deferred in imports(ast.parse(path.read_text()), path)
            if LEVEL.get(target, len(LAYERS)) > level and not (deferred and (me, target) in REACHING_UP)
        }
        assert up == set(), f"{me} imports from above"

    @every_module
    def test_no_clock_is_read(self, path: Path) -> None:
        """Hosts pass the instant: `now()` appears nowhere."""
        assert list(clock_reads(ast.parse(path.read_text()))) == []

    def test_the_checks_can_fail(self) -> None:
        tree = ast.parse(
            "import carepolicy.plan\n"
            "from carepolicy import cli, Window\n"
            "def f():\n    from carepolicy.audit import Audit\n    return pendulum.now(), time.time(), parse('now')\n"
        )
        assert list(imports(tree, PACKAGE / "x.py")) == [
            ("plan", False),
            ("cli", False),
            ("carepolicy", False),
            ("audit", True),
        ]
        assert {called for _, called in clock_reads(tree)} == {"pendulum.now", "time.time", "parse"}


def test_importing_loads_nothing_heavy() -> None:
    """numpy comes with the first array, the extras with the first use."""
    program = "import sys, carepolicy; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
