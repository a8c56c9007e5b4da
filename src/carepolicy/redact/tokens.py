"""Tokens that stand for what was taken out: the same one for the same value, so that the story stays readable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from unicodedata import normalize

NAME, CUSTOMER, FACT, REACH = "name", "customer", "fact", "reach"
"""What tokens stand for beside the kinds of the detectors."""
_SHORTEST, _LONG = 3, 8
CUT = "…"
"""What says that a text was cut."""
_MARKS = re.compile(r"[\W_]+")


class Tokens:
    """The tokens of one document, as they are given out.

    Args:
        kinds: The kinds there can be.
        texts: The texts of the document: tokens that stand in them already are kept, and not given out again.
    """

    def __init__(self, kinds: Iterable[str], texts: Iterable[str] = ()) -> None:
        every = sorted({*kinds, NAME, CUSTOMER, FACT, REACH}, key=lambda kind: (-len(kind), kind))
        self.pattern = re.compile(rf"(\[(?:{'|'.join(map(re.escape, every))}) [1-9][0-9]{{0,3}}\])")
        self._last: dict[str, int] = {}
        self._given: dict[str, str] = {}
        self.literal: dict[str, str] = {}
        self.words: dict[str, str] = {}
        for text in texts:
            if "[" in text:
                for token in self.pattern.findall(text):
                    kind, _, number = token[1:-1].rpartition(" ")
                    self._last[kind] = max(self._last.get(kind, 0), int(number))

    def of(self, kind: str, raw: str, values: Iterable[str] = ()) -> str:
        """The token of a text that a detector found; the same however it is written, and for each value within it."""
        key = _key(raw)
        if key not in self._given:
            self._last[kind] = self._last.get(kind, 0) + 1
            self._given[key] = f"[{kind} {self._last[kind]}]"
        self.literal[raw] = self._given[key]
        for value in values:
            self.literal[value] = self._given.setdefault(_key(value), self._given[key])
        return self._given[key]

    def around(self, text: str, change: Callable[[str], str]) -> str:
        """A text with everything but its tokens changed."""
        if "[" not in text:
            return change(text)
        pieces = self.pattern.split(text)
        pieces[::2] = [change(piece) if piece else "" for piece in pieces[::2]]
        return "".join(pieces)

    def add_word(self, kind: str, value: str) -> None:
        """Have a value replaced wherever it stands as a word of its own.

        One of fewer than three letters is replaced only where it is the whole text, one of eight or more within other
        words too.
        """
        value = value.strip()
        if value and not self.pattern.fullmatch(value) and value not in self.words:
            token = self.of(kind, value)
            del self.literal[value]
            for form in ("NFC", "NFD"):  # "é" may be written as one character or as two
                self.words[normalize(form, value)] = token
            self.words[value] = token

    def replace_words(self, text: str) -> str:
        """A text, free of tokens, with its words that were added replaced."""
        if text.strip() in self.words:
            return self.words[text.strip()]
        low = text.lower()
        same = len(low) == len(text)
        for word in sorted(self.words, key=lambda w: (-len(w), w)):
            if len(word) >= _SHORTEST and (not same or word.lower() in low):
                found = re.escape(word) if len(word) >= _LONG else rf"(?<!\w){re.escape(word)}(?!\w)"
                text = re.sub(found, self.words[word], text, flags=re.IGNORECASE)
                low = text.lower()
                same = len(low) == len(text)
        return text

    def replace_cut(self, text: str) -> str:
        """A text, free of tokens, without the beginning of any value before a "…": a half is still too much.

        A sentence that quotes is cut in the middle of what it quotes, where no detector knows a card or a name by its
        first half.
        """
        pieces = text.split(CUT)
        known = {" ".join(raw.split()): token for raw, token in (*self.literal.items(), *self.words.items())}
        return CUT.join([*(_without_half(piece, known) for piece in pieces[:-1]), pieces[-1]])

    def replace_literals(self, text: str, *kinds: str) -> str:
        """A text, free of tokens, without any value that a detector found elsewhere; of some kinds, else of all."""
        for raw in sorted(self.literal, key=lambda r: (-len(r), r)):
            if raw in text and (not kinds or self.literal[raw][1:].startswith(kinds)):
                text = text.replace(raw, self.literal[raw])
        return text


def _key(raw: str) -> str:
    """What is the same in a value, however it is written."""
    return _MARKS.sub("", raw).casefold()


def _without_half(piece: str, known: dict[str, str]) -> str:
    """A text that was cut, without a value's beginning at its end, the longest one first."""
    halves = (
        (size, token)
        for raw, token in known.items()
        for size in range(min(len(raw), len(piece)), _SHORTEST, -1)
        if piece.endswith(raw[:size]) and not piece[-size - 1 : -size].isalnum()
    )
    size, token = max(halves, default=(0, ""))
    return piece[:-size] + token if size else piece
