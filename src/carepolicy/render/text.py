"""A handover as plain text to read aloud: short lines, whole words, nothing that a terminal obeys."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carepolicy.render.outline import Line, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

WIDTH = 72


def render(handover: Handover, *, locale: str = "") -> str:
    """The handover as plain text.

    Titles and labels begin a line; words of the log that need more than one line are indented, so that none of them
    can pass for a title.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.
    """
    told = outline(handover, locale)
    lines = [*_wrapped(f"Handover: {visible(told.title)}"), *(part for line in told.about for part in _line(line))]
    for section in told.sections:
        lines += ["", f"{section.title}.", *(part for line in section.lines for part in _line(line))]
    return "\n".join(lines) + "\n"


def _line(line: Line) -> Iterator[str]:
    label = f"{visible(line.label)}: " if line.label else ""
    yield from _wrapped(f"{label}{visible(line.text)}", "  ")
    if line.notes:
        yield from _wrapped(f"{'; '.join(map(visible, line.notes))}.", "    ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent="    ", break_on_hyphens=False)
