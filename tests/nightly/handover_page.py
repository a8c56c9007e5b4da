"""The page of a handover in a real browser: nothing runs, nothing is loaded, one sheet, no wider than a phone.

Needs Chromium; it says so where there is none. The ordinary suite reads the page with Python's own parser.
"""

from __future__ import annotations

import csv
import html as escapes
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from carepolicy import Timeline
from carepolicy.handover.handover import Handover
from carepolicy.render import html
from tests.handover.hostile import CORPUS, PLAIN, full

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--no-pdf-header-footer",
)  # fmt: skip
PHONE = 390
_TAG = re.compile(r"<(/?[a-zA-Z][^\s/>]*)")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: apt-get install chromium")


def browse(folder: Path, page: str, *flags: str) -> str:
    """What Chromium prints of a page."""
    where = folder / "page.html"
    where.write_text(page, encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, where.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def tags(dom: str) -> list[str]:
    """The elements of a page, in order."""
    return _TAG.findall(dom)


def claim() -> Handover:
    """The claim on the day that its customer reaches the manager."""
    with Path("examples/claim/claim.csv").open(encoding="utf-8", newline="") as rows:
        log = Timeline.read(csv.DictReader(rows), zone="America/Denver")
    return Handover.prepare(log, "claim", "2018-01-26T12:00-07:00", to="service manager", zone="America/Denver")


def test_a_browser_builds_our_elements_and_no_others(tmp_path: Path) -> None:
    """Whatever is written into the fields, the page has the elements that it has for a plain word."""
    plain = tags(browse(tmp_path, html.render(full(PLAIN)), "--dump-dom"))
    wrong = [t for t in CORPUS if tags(browse(tmp_path, html.render(full(t)), "--dump-dom")) != plain]
    assert wrong == []


@pytest.mark.parametrize("paper", ["A4", "letter"])
def test_it_prints_on_one_sheet(tmp_path: Path, paper: str) -> None:
    """The claim, nine weeks and fifty events old, is one page."""
    page = html.render(claim())
    style = f"<style>@page{{size:{paper}}}</style></head>"
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace("</head>", style)
    browse(tmp_path, page, f"--print-to-pdf={tmp_path / 'page.pdf'}")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "page.pdf").read_bytes())) == 1


@pytest.mark.parametrize("words", [None, "x" * 500, "https://evil.example/" + "a" * 400])
def test_it_is_no_wider_than_a_phone(tmp_path: Path, words: str | None) -> None:
    """Nobody has to scroll sideways, not for the longest word."""
    page = html.render(claim() if words is None else full(words))
    outer = (
        f'<!DOCTYPE html><title>none</title><iframe width="{PHONE}" height="800" srcdoc="{escapes.escape(page)}"'
        ' onload="document.title=this.contentDocument.documentElement.scrollWidth"></iframe>'
    )
    found = re.search(r"<title>(\d+)</title>", browse(tmp_path, outer, "--dump-dom"))
    assert found is not None
    assert int(found.group(1)) <= PHONE + 4
