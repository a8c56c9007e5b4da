"""The example scripts run, the README shows what the demo prints, and the reference pages name all there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from carepolicy.events import COLUMNS, KINDS
from carepolicy.finding import KINDS as FINDINGS

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
REFERENCE = ROOT / "docs" / "reference"
SAYS = {
    "arrival_day.py": "  Cole: there at 15:38   late, 135 minutes   late, 105 minutes   3",
    "failure_demand.py": "broken promise                 3     50%     50%         0",
    "handover.py": "  1. nobody has written down what outcome the customer wants. Ask customer:",
    "nightly.py": "the same verdicts as deciding everything again: True",
    "own_calendar.py": "four working hours on: 2026-04-06 10:30:00+02:00",
    "own_policy.py": "Hasty.opens breaks the law 'one text'",
    "repair_over_holidays.py": "2017-12-04   29 Dec           10 Jan      01 Feb",
    "review_one_customer.py": "look again at 2026-03-10 09:00:00+01:00, or when something happens",
    "service_desk.py": "say where the log is: python examples/service_desk.py FOLDER",
    "worklist.py": "no time left for berg: promise, due 2026-03-04 12:00:00+01:00",
}


def run(*command: object) -> str:
    """What a command prints, in a terminal of 100 columns."""
    words = [str(word) for word in command]
    environment = {**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(*words: object) -> str:
    """What the command `carepolicy` prints."""
    return run(sys.executable, "-c", "from carepolicy.cli import main; main()", *words)


class TestScripts:
    """Every script beside the larger examples can be run as it stands."""

    @pytest.mark.parametrize("name", SAYS)
    def test_a_script_says_what_it_should(self, name: str) -> None:
        printed = run(sys.executable, EXAMPLES / name).splitlines()
        assert any(line.startswith(SAYS[name]) for line in printed), printed

    def test_no_script_is_left_out(self) -> None:
        assert {path.name for path in EXAMPLES.glob("*.py")} == set(SAYS)


class TestReadme:
    """The first page shows nothing that is not so."""

    def test_the_excerpt_is_what_the_demo_prints(self) -> None:
        """Every line of the excerpt, in its order."""
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        block = re.search(r"```text\n(.*?)```", readme, flags=re.DOTALL)
        assert block is not None
        excerpt = [line.rstrip() for line in block[1].splitlines() if line.strip() not in ("", "...")]
        printed = iter([line.rstrip() for line in command("audit", "examples/claim/claim.csv").splitlines()])
        missing = [line for line in excerpt if line not in printed]
        assert missing == []

    def test_its_links_lead_somewhere(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]
        assert [link for link in links if not (ROOT / link).exists()] == []


class TestReference:
    """What a reader looks up is there."""

    @pytest.mark.parametrize(
        ("page", "words"),
        [("log-columns", COLUMNS), ("event-kinds", sorted(KINDS)), ("findings", FINDINGS)],
        ids=["columns", "kinds of event", "kinds of finding"],
    )
    def test_every_word_has_its_row(self, page: str, words: tuple[str, ...]) -> None:
        rows = [line for line in (REFERENCE / f"{page}.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
        named = " ".join(row.split("|")[1] for row in rows)
        assert [word for word in words if f"`{word}`" not in named] == []

    def test_every_public_module_has_its_page(self) -> None:
        """And no page speaks of a module that is gone."""
        package = ROOT / "src" / "carepolicy"
        there = {path.stem for path in package.glob("*.py") if path.stem[0] != "_"} - {"cli"}
        there |= {path.parent.name for path in package.glob("[a-z]*/__init__.py")}
        pages = {path.stem for path in (REFERENCE / "modules").glob("*.md")} - {"instants"}
        assert pages == there

    @pytest.mark.parametrize("name", ["audit", "review", "decide", "handover", "explain", "schema"])
    def test_every_option_of_the_command_is_named(self, name: str) -> None:
        page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
        assert f"carepolicy {name}" in page
        options = set(re.findall(r"--[a-z][a-z-]*", command(name, "--help"))) - {"--help"}
        assert [option for option in sorted(options) if option not in page] == []
