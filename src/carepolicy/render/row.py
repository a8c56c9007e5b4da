"""A handover as one row of CSV in which no cell is a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carepolicy._instant import iso_or_none
from carepolicy.render.outline import TITLES, Line, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

_OWN = ("customer", "case", "to", "sender", "at", "severity", "mood", "status", "title")
COLUMNS = (*_OWN, *TITLES)
"""The columns: what a sheet is sorted by, then one for each section."""
CELL = 32_000
"""How many characters a cell has at most; spreadsheets take 32,767."""
_FORMULA = re.compile(r"(^|[;,|])([\s\"']*)(?=[=+\-@＝＋－＠﹢﹣﹦﹫−])")
"""Where a spreadsheet would start a formula: at the start of a cell, or behind what another country's sheets cut at."""


def render(handover: Handover, *, locale: str = "") -> str:
    """The handover as one row of CSV, without a header and without the end of the line.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.

    Source: RFC 4180; OWASP ASVS 5.0, 1.2.10 and "CSV Injection".
    """
    told = outline(handover, locale)
    own = {name: getattr(handover, name) for name in _OWN if name != "at"}
    cells = {
        **own,
        "at": iso_or_none(handover.at_us, handover.zone) or "",
        **{section.code: " | ".join(map(_line, section.lines)) for section in told.sections},
    }
    return ",".join(escaped(cells.get(name, "")) for name in COLUMNS)


def header() -> str:
    """The header of such rows."""
    return ",".join(f'"{name}"' for name in COLUMNS)


def escaped(text: str) -> str:
    """The text as a cell: always quoted, and with an apostrophe before whatever a spreadsheet would compute.

    >>> escaped("=1+1"), escaped('say "hi", -1')
    ('"\\'=1+1"', '"say ""hi"", \\'-1"')
    """
    harmless = _FORMULA.sub(r"\1\2'", visible(text, CELL))
    return '"' + visible(harmless, CELL).replace('"', '""') + '"'  # a sheet goes on with too long a cell in another one


def _line(line: Line) -> str:
    label = f"{visible(line.label)}: " if line.label else ""
    notes = f" ({'; '.join(map(visible, line.notes))})" if line.notes else ""
    return f"{label}{visible(line.text)}{notes}"
