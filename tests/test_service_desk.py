"""The service desk's log: a made-up one with every trap, and the real one where it is at hand."""

from __future__ import annotations

import os
import runpy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).parent.parent
RECORDS = Path(os.environ.get("CAREPOLICY_DATA", ROOT.parent / "shared" / "data")) / "service_desk"
script = runpy.run_path(str(ROOT / "examples" / "service_desk.py"))
START = datetime(2016, 2, 29, 9)  # noqa: DTZ001  (a Monday; the log names no zone)


def row(number: str, day: float, mod: int, state: str, handed: int = 0, reopened: int = 0) -> dict[str, Any]:
    filled = {"resolved_at": START + timedelta(days=20), "closed_at": START + timedelta(days=25)}
    return {
        "number": number, "state": state, "reassignment_count": handed, "reopen_count": reopened,
        "sys_mod_count": mod, "caller": f"caller of {number}", "updated_at": START + timedelta(days=day),
        "assignment_group": "desk", **filled,
    }  # fmt: skip


ROWS = [
    # taken up at once, silent from one Monday to the Tuesday after the next: six dates, and every row is there
    row("proved", 0, 0, "Active"),
    row("proved", 8, 1, "Active"),
    row("proved", 8, 2, "Resolved"),
    row("proved", 13, 3, "Closed"),
    # the same silence, but a row is missing in it
    row("unknown", 0, 0, "New"),
    row("unknown", 1, 1, "Active", handed=1),
    row("unknown", 9, 3, "Resolved", handed=1),
    # from one Monday to the next are five dates: not over five
    row("five", 0, 0, "New"),
    row("five", 7, 1, "Awaiting User Info"),
    row("five", 8, 2, "Active"),
    row("five", 8, 3, "Resolved"),
    # silent while it was resolved, which is no silence; reopened within the minute; the order of rows is mixed up
    row("reopened", 15, 4, "Closed", reopened=1),
    row("reopened", 14.5, 3, "Resolved", reopened=1),
    row("reopened", 14.5, 2, "Active", reopened=1),
    row("reopened", 0, 1, "Resolved"),
    row("reopened", 0, 0, "New"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the made-up log."""
    schema = {"reassignment_count": pl.Int32, "reopen_count": pl.Int32, "sys_mod_count": pl.Int32}
    pl.DataFrame(ROWS, schema_overrides=schema).write_parquet(tmp_path / "incidents.parquet")
    return tmp_path


def figures(lines: list[str]) -> dict[str, list[int]]:
    """The whole numbers of each line, by what it is about."""
    found = {}
    for line in lines:
        words = line[38:].replace(",", "").split()
        found[line[:38].strip()] = [int(word) for word in words if word.isdigit()]
    return found


class TestMadeUp:
    """Every trap once."""

    def test_every_figure_is_right(self, folder: Path) -> None:
        table = figures([*script["table"](folder)])
        assert table["closed_at on the first row"] == [4]
        assert table["rows are missing"] == [1, 1]
        assert table["taken up (the log has no replies)"] == [4]
        assert table["with no row missing before"] == [4]
        assert table["reassigned"][:1] == [1]
        assert table["waited for the customer"][:2] == [1, 1]
        assert table["pauses that name when they expire"] == [0]
        assert table["reopened"] == [1, 1]
        assert table["not taken up within 4 hours"] == [2, 2, 0]

    def test_a_silence_is_proved_where_no_row_is_missing(self, folder: Path) -> None:
        table = figures([*script["table"](folder)])
        assert table["silent for over 2 working days"] == [3, 2, 1]
        assert table["silent for over 5 working days"] == [2, 1, 1]
        assert table["silent for over 10 working days"] == [0, 0, 0]

    def test_columns_know_what_was_known_then(self, folder: Path) -> None:
        """On the Monday evening before the rows of Tuesday came."""
        table = figures([*script["table"](folder)])
        assert table["open at the end of 07 Mar 2016"] == [3]
        assert table["no row for over 5 working days"] == [1]

    def test_the_script_prints_it(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        script["main"]([str(folder)])
        assert capsys.readouterr().out.startswith("16 rows of 4 incidents: 33 events\n")
        script["main"]([])
        assert capsys.readouterr().out == "say where the log is: python examples/service_desk.py FOLDER\n"


@pytest.mark.skipif(not RECORDS.exists(), reason="the service desk's log is not here; set CAREPOLICY_DATA")
class TestRecords:
    """The real log, whose figures were counted before by other means."""

    def test_thirteen_in_a_hundred_were_silent_and_four_in_a_thousand_provably(self) -> None:
        lines = [*script["table"](RECORDS)]
        assert lines[0].startswith("141,712 rows of 24,918 incidents")
        table = figures(lines)
        assert table["silent for over 5 working days"] == [3_232, 95, 3_137]
        assert table["reopened"][0] == 275
        assert table["waited for the customer"][:2] == [5_471, 5_852]
        assert "mean 0.94, P90 3, P99 7, most 27" in next(line for line in lines if line.startswith("reassigned"))
        page = (ROOT / "docs" / "explanation" / "silence-a-log-does-not-prove.md").read_text(encoding="utf-8")
        assert "\n".join(lines) in page
