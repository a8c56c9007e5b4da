"""A handover as Markdown in which nothing that somebody wrote is markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carepolicy.render.outline import Line, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

_ACTIVE = re.compile(r"[\\`*_{}\[\]()<>&#~|!$^%\"'=]")
_AT_START = re.compile(r"[-+:]|\d{1,9}(?=[.)])|@")
_LINKED = re.compile(
    r"[@\uff20]|:[a-z+-][\w+-]*:|[a-z][a-z0-9+.-]*:/|\bwww\b|\b(?:javascript|data|vbscript|mailto|xmpp|tel|sms|file):"
    r"|[^\W_][.\u3002\uff0e\uff61][^\W\d_]|#\w|GH-\d|\b[0-9a-f]{7,40}\b",
    re.IGNORECASE,
)
"""What some Markdown links by itself: addresses, mentions, numbers of issues, hashes of commits, names of emoji."""
_TICKS = re.compile("`+")


def render(handover: Handover, *, locale: str = "") -> str:
    """The handover as Markdown.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.

    Source: CommonMark 0.31, GitHub Flavored Markdown 0.29; OWASP ASVS 5.0, V1: escape once, for the sink.
    """
    told = outline(handover, locale)
    lines = [f"# {escaped(told.title)}", "", *(_line(line) for line in told.about)]
    for section in told.sections:
        lines += ["", f"## {section.title}", "", *(_line(line) for line in section.lines)]
    return "\n".join(lines) + "\n"


def _line(line: Line) -> str:
    label = f"**{escaped(line.label)}:** " if line.label else ""
    notes = f" ({'; '.join(map(escaped, line.notes))})" if line.notes else ""
    return f"- {label}{escaped(line.text)}{notes}"


def escaped(text: str) -> str:
    """The text as Markdown shows it: on one line, nothing of it markup, nothing of it a link.

    What some Markdown would link by itself is written as code, the rest with backslashes.

    >>> escaped("![x](http://a.b) *now*")
    '`![x](http://a.b)` \\\\*now\\\\*'
    """
    line = visible(text)
    if _LINKED.search(line):
        joined = " ".join(_code(w) if _LINKED.search(w) else _ACTIVE.sub(r"\\\g<0>", w) for w in line.split(" "))
    else:
        joined = _ACTIVE.sub(r"\\\g<0>", line)
    start = _AT_START.match(joined)
    if start is None:
        return joined
    at = start.end() if start.group().isdecimal() else 0
    return f"{joined[:at]}\\{joined[at:]}"


def _code(text: str) -> str:
    """A span of code around a text, with more backticks than it has."""
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
