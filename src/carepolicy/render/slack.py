"""A handover as a message of Slack blocks in which nobody is called and nothing is linked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from carepolicy.render.outline import Line, Outline, outline
from carepolicy.render.visible import visible

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

BLOCKS, TEXT, HEADER, ALL = 50, 3000, 150, 12_000
"""What Slack takes: blocks of a message; characters of a text, of a header, and of all blocks of a message together."""
_PIECE, _RESERVE = 1500, 1000
"""How long a text of many lines grows, so that little room is lost; what the header and the count of cuts may take."""
_MOST, _OURS = 300, 2000
"""How much of a text from the log is shown in a line, and of our own sentences, which are short by themselves."""
_SENTENCES = frozenset({"say_first", "summary"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(handover: Handover, *, locale: str = "") -> dict[str, Any]:
    """The handover as the arguments of one message: its blocks, and the text of its notice.

    Every text is a `plain_text`, which knows no markup. What one message has no room for is cut, and it says how many
    lines of which sections; what is owed comes before the details. `messages` has all of them.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.

    Source: Slack, "Formatting text for app surfaces": &, < and > are replaced, nothing else; "Block Kit" for limits;
    slackapi/bolt-js 2509 for that of all blocks together, beyond which a message is refused (`msg_blocks_too_long`).
    """
    told = outline(handover, locale)
    first, *later = _pages(told)
    if later:
        left = Counter[str]()
        for text in (text for page in later for text in page):
            title, *lines = text.split("\n")
            left[title.capitalize()] += len(lines)
        named = ", ".join(f"{title}: {number}" for title, number in left.items())
        first.append(f"CUT\n{left.total()} lines had no room in this message; the page has them all ({named})")
    return _message(told, first)


def messages(handover: Handover, *, locale: str = "") -> tuple[dict[str, Any], ...]:
    """All of the handover: a message, and what goes into replies to it; arguments and errors as for `render`."""
    told = outline(handover, locale)
    return tuple(_message(told, page) for page in _pages(told))


def _pages(told: Outline) -> list[list[str]]:
    """The texts of each message: as many as it takes beside its header, which is always fewer than BLOCKS."""
    texts = list(_texts(["Handover", *map(_line, (Line("Title", told.title), *told.about))]))
    for section in told.sections:
        most = _OURS if section.code in _SENTENCES else _MOST
        texts += _texts([section.title.upper(), *(_line(line, most) for line in section.lines)])
    pages: list[list[str]] = []
    room = 0
    for text in texts:
        size = len(json.dumps(_block("section", text), ensure_ascii=False)) + len(", ")
        if size > room:
            pages.append([])
            room = ALL - _RESERVE
        pages[-1].append(text)
        room -= size
    return pages


def _message(told: Outline, texts: Iterable[str]) -> dict[str, Any]:
    head = escaped(told.title, HEADER - 30)
    return {
        "text": f"Handover: {escaped(told.title, HEADER)}",
        "blocks": [
            _block("header", head if len(head) <= HEADER else "Handover"),
            *(_block("section", text) for text in texts),
        ],
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
        if len(text) + len(line) > _PIECE and text != title:
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
