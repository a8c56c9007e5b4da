"""A handover as one page of HTML: on one sheet of paper or a phone, without scripts or anything from outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from carepolicy.render._style import POLICY, STYLE
from carepolicy.render.outline import FIRST, Line, Outline, Section, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "`": "&#96;",
        "{": "&#123;",
        "}": "&#125;",
    }
)


def render(handover: Handover, *, locale: str = "") -> str:
    """The handover as a whole page.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.

    Source: OWASP "Cross Site Scripting Prevention"; WCAG 2.2, AA.
    """
    told = outline(handover, locale)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex, nofollow">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">\n'
        f"<title>Handover: {escaped(told.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{_body(told, 1)}</body>\n</html>\n"
    )


def fragment(handover: Handover, *, locale: str = "") -> str:
    """The handover as a piece of a page, for notebooks: without styles, which would leak into what is around it.

    Its classes keep notebooks from setting what stands between two dollar signs as mathematics.
    """
    return (
        f'<article lang="en" class="tex2jax_ignore mathjax_ignore">\n{_body(outline(handover, locale), 2)}</article>\n'
    )


def escaped(text: str) -> str:
    """The text as HTML shows it, within an element or a quoted attribute; braces too, which templates act on.

    >>> escaped("<b>{{x}}")
    '&lt;b&gt;&#123;&#123;x&#125;&#125;'
    """
    return visible(text).translate(_ESCAPES)


def _body(told: Outline, level: int) -> str:
    first = [_section(s, level + 1) for s in told.sections if s.code in FIRST]
    rest = [_section(s, level + 1) for s in told.sections if s.code not in FIRST]
    about = "".join(f"<div><dt>{escaped(a.label)}</dt> <dd>{_bdi(a.text)}</dd></div>\n" for a in told.about)
    return (
        f"<header>\n<h{level}>{_bdi(told.title)}</h{level}>\n<dl>\n{about}</dl>\n</header>\n"
        f'<main>\n{"".join(first)}<div class="details">\n{"".join(rest)}</div>\n</main>\n'
    )


def _section(section: Section, level: int) -> str:
    return (
        f'<section class="{section.code}">\n<h{level}>{section.title}</h{level}>\n{_lines(section.lines)}</section>\n'
    )


def _lines(lines: Iterable[Line]) -> str:
    """A paragraph where one line says it all, else a list."""
    items = list(map(_line, lines))
    if len(items) == 1:
        return f"<p>{items[0]}</p>\n"
    return "<ul>\n" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>\n"


def _line(line: Line) -> str:
    label = f"<b>{_bdi(line.label)}:</b> " if line.label else ""
    notes = f" <small>{' · '.join(map(_bdi, line.notes))}</small>" if line.notes else ""
    return f"{label}{_bdi(line.text)}{notes}"


def _bdi(text: str) -> str:
    """A text that keeps its own direction of writing to itself."""
    return f"<bdi>{escaped(text)}</bdi>"
