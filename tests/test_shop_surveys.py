"""The example that holds a shop's surveys against the guard: on made-up records, and on real ones where they are."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "examples" / "records" / "shop_surveys.py"
RECORDS = ROOT.parent / "shared" / "data" / "olist"


def run(folder: Path) -> str:
    done = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def journey(number: int, *, arrives: int | None, promised: int, sent: int, score: int) -> dict[str, Any]:
    """An order of 1 October 2017; the days count from then. On the 15th there was no midnight there."""
    start = datetime(2017, 10, 1)  # noqa: DTZ001  (wall times, as the shop writes them)
    at = start + timedelta(days=sent, hours=1 if sent == 14 else 0)
    return {
        "order_id": f"o{number}",
        "customer_unique_id": f"c{number}" if number % 2 else None,
        "delivered_at": None if arrives is None else start + timedelta(days=arrives, hours=15),
        "estimated_at": start + timedelta(days=promised),
        "survey_sent_at": at,
        "survey_answered_local": at + timedelta(hours=30),
        "score": score,
    }


def count(printed: str, words: str) -> tuple[int, int]:
    found = re.search(rf"{words}: ([\d,]+) of ([\d,]+) held or redirected", printed)
    assert found is not None, printed
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


class TestMadeUp:
    """Each way in which a survey can meet its order, once; and enough others to learn how long answers take."""

    def test_tells_them_apart(self, tmp_path: Path) -> None:
        usual = [journey(n, arrives=4, promised=20, sent=5, score=5) for n in range(10, 30)]
        rows = [
            *usual,
            journey(1, arrives=14, promised=20, sent=14, score=4),
            journey(2, arrives=22, promised=20, sent=20, score=3),
            journey(3, arrives=25, promised=20, sent=21, score=1),
            journey(4, arrives=None, promised=20, sent=21, score=1),
            journey(5, arrives=None, promised=30, sent=21, score=2),
        ]
        pl.DataFrame(rows).write_parquet(tmp_path / "journeys.parquet")
        printed = run(tmp_path)
        assert "25 surveys about 25 orders" in printed
        assert count(printed, "sent before arrival, or never arrived") == (4, 4)
        assert count(printed, "sent the day after arrival or later") == (0, 20)
        assert re.search(r"^held +3 +12.0 % +3.00 +33.3 %$", printed, re.MULTILINE)
        assert re.search(r"^redirected: where is it +2 +8.0 % +1.00 +66.7 %$", printed, re.MULTILINE)
        assert "stopped although the promised day had passed: 2, 2 of them redirected" in printed
        assert "promised before 22 Oct 2017: c3/o3///survey/-/-" in printed
        assert "promised before 22 Oct 2017: o4/o4///survey/-/-" in printed
        assert re.search(r"in all +25 of 25 journeys", printed)


@pytest.mark.skipif(not RECORDS.exists(), reason="the records of the shop are not here, only made-up ones were judged")
class TestRecords:
    """On the half of the records that is there: nothing is tuned to them."""

    def test_holds_what_came_too_early_and_nothing_else(self) -> None:
        printed = run(RECORDS)
        stopped, early = count(printed, "sent before arrival, or never arrived")
        assert stopped >= 0.99 * early > 0
        wrongly, after = count(printed, "sent the day after arrival or later")
        assert wrongly <= 0.01 * after
        passed = re.search(r"promised day had passed: ([\d,]+), ([\d,]+) of them redirected", printed)
        listed = re.search(r"where is it: ([\d,]+) surveys to follow up instead", printed)
        assert passed is not None
        assert listed is not None
        assert passed[1] == passed[2] == listed[1]
        total = re.search(r"in all +([\d,]+) of ([\d,]+) journeys", printed)
        assert total is not None
        assert total[1] == total[2]
