"""A handover as a message of Slack blocks in which nobody is called and nothing is linked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from carepolicy.render.outline import Line, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

BLOCKS, TEXT, HEADER = 50, 3000, 150
"""What Slack takes: blocks of a message, characters of a text, characters of a header."""
_MOST, _OURS = 300, 2000
"""How much of a text from the log is shown in a line, and of our own sentences, which are short by themselves."""
_SENTENCES = frozenset({"say_first", "summary"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(handover: Handover, *, locale: str = "") -> dict[str, Any]:
    """The handover as the arguments of a message: its blocks, and the text of its notice.

    Every text is a `plain_text`, which knows no markup. What Slack has no room for is cut, and the message says so.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.

    Source: Slack, "Formatting text for app surfaces": &, < and > are replaced, nothing else; "Block Kit" for limits.
    """
    told = outline(handover, locale)
    head = escaped(told.title, HEADER - 30)
    blocks = [_block("header", head if len(head) <= HEADER else "Handover")]
    texts = list(_texts(["Handover", *map(_line, (Line("Title", told.title), *told.about))]))
    for section in told.sections:
        most = _OURS if section.code in _SENTENCES else _MOST
        texts += _texts([section.title.upper(), *(_line(line, most) for line in section.lines)])
    room = BLOCKS - len(blocks)
    if len(texts) > room:
        left = sum(text.count("\n• ") for text in texts[room - 1 :])
        texts[room - 1 :] = [f"CUT\n{left} lines had no room in this message; the page has them all"]
    blocks += [_block("section", text) for text in texts]
    return {
        "text": f"Handover: {escaped(told.title, HEADER)}",
        "blocks": blocks,
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str, most: int = _MOST) -> str:
    """The text as Slack shows it: on one line, with nothing that Slack acts on.

    >>> escaped("<!channel> & <http://a.b|x>")
    '&lt;!channel&gt; &amp; &lt;http://a.b|x&gt;'
    """
    return visible(text, most).translate(_ESCAPES)


def _line(line: Line, most: int = _MOST) -> str:
    label = f"{escaped(line.label)}: " if line.label else ""
    notes = f" ({'; '.join(map(escaped, line.notes))})" if line.notes else ""
    return f"\n• {label}{escaped(line.text, most)}{notes}"


def _texts(lines: list[str]) -> Iterator[str]:
    """The lines of a section in as few texts as hold them; a line that is too long for one is cut."""
    text, *rest = lines
    title = text
    for line in rest:
        if len(text) + len(line) > TEXT and text != title:
            yield text
            text = title
        text += _fitting(line, TEXT - len(title))
    yield text


def _fitting(line: str, room: int) -> str:
    """A line cut to its room, not within an escape."""
    if len(line) <= room:
        return line
    kept = line[: room - 30]
    kept = kept[: kept.rindex("&")] if "&" in kept[-4:] else kept
    return f"{kept} (cut: {len(line) - len(kept)} characters)"


def _block(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "text": {"type": "plain_text", "text": text, "emoji": False}}
