"""Raw text of a log as one line that hides nothing: what cannot be seen is named, what is cut says so."""

from __future__ import annotations

import re

MOST = 600
"""How many characters of one text a rendering shows; JSON keeps them all."""
_JOINED = (
    "\u0600-\u0dff\u1000-\u109f\u1780-\u17ff"  # scripts whose spelling needs joiners: Arabic, Indic, Burmese, Khmer
)
_EMOJI = "\u00a9-\u00ae\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff\ufe0f"
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|[\u200c\u200d](?!(?<=[{_JOINED}].)[{_JOINED}]|(?<=[{_EMOJI}]\u200d)[{_EMOJI}])"
    "|[\ufe00-\ufe0f](?<![\u00a9\u00ae0-9#*\u203c-\u3299\U0001f000-\U0001faff].)"
)


def visible(text: str, most: int = MOST) -> str:
    """The text on one line, with everything that is there to be seen.

    Controls, overrides of the writing direction, characters without width and halves of characters are written as
    their number, "[U+202E]". Joiners stay where a script or an emoji is spelt with them.

    Args:
        text: As the log has it.
        most: How many characters are shown; how many were cut is said.

    >>> visible("a\\u202eb\\x00\\nc"), visible("word " * 3, most=4)
    ('a[U+202E]b[U+0000] c', 'word (cut: 11 characters)')

    Source: RFC 5892, appendix A: joiners are right only where their neighbours need them; Unicode TR 36 and 39.
    """
    cut = len(text) - most
    if cut > 0:
        text = text[:most]
    if not text.isascii() or not text.isprintable():
        text = _HIDDEN.sub(_named, text)
    line = " ".join(text.split())
    return f"{line} (cut: {cut} characters)" if cut > 0 else line


def _named(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"
