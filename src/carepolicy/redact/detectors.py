"""Detectors: what finds cards, accounts, addresses and numbers in free text. None of them finds everything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import attrs

from carepolicy.errors import MissingExtraError
from carepolicy.redact.national import BY_LETTERS, BY_NUMBER
from carepolicy.redact.sums import iban_holds, luhn_holds

CARD, IBAN, EMAIL, PHONE, ID = "card", "iban", "e-mail", "phone", "id"
KINDS = (CARD, IBAN, EMAIL, PHONE, ID)
"""What the detectors here find."""
_GLUE = r"[\s.\-/_\u00ad\u00b7\u200b-\u200d\u2010-\u2015\u2022\u2060\u2212\ufeff]"
_NUMBER = re.compile(rf"\d(?:{_GLUE}?[()]?{_GLUE}?\d){{6,}}")
_BEGIN = "+＋("
_RUN = re.compile(r"[0-9]{2,}")
_GROUP = re.compile(r"\d+")
_IBAN = re.compile(rf"(?<![A-Za-z])[A-Za-z]{{2}}[0-9]{{2}}(?:{_GLUE}?[A-Za-z0-9]){{11,30}}")
_ATS = "@＠﹫"
_AT = re.compile(f"[{_ATS}]")
_BEFORE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_AFTER = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_PLAIN = re.compile(r"[^\dA-Za-z]")
_DATE = re.compile(r"\d{4}[-./]\d\d?[-./]\d\d?\b|\d\d?[-./]\d\d?[-./]\d{4}\b")
_SHORTEST_CARD, _LONGEST_CARD = 12, 19
_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "TR": 26, "UA": 29, "AE": 23, "BR": 29,
}  # fmt: skip
"""How long an IBAN of a country is; those of other countries are read as long as their check digits allow."""


@attrs.frozen
class Found:
    """A stretch of a text that should not be seen by everybody.

    Args:
        kind: What it is: "card", "e-mail", …; a word or two in lower case.
        start, end: Where it stands: from, and up to but not with.
    """

    kind: str
    start: int
    end: int


@runtime_checkable
class Detector(Protocol):
    """Finds what should not be seen by everybody: a model, a service, or a pattern of a host's own."""

    @property
    def name(self) -> str:
        """What it finds and by what means, as the document says it."""
        ...

    def find(self, text: str) -> Iterable[Found]:
        """The stretches of a text that it finds; those that overlap are one."""
        ...


@attrs.frozen
class Emails:
    """Finds e-mail addresses."""

    name: str = "e-mail addresses by pattern"

    def find(self, text: str) -> Iterator[Found]:
        """The addresses of a text."""
        if not any(sign in text for sign in _ATS):
            return
        for at in _AT.finditer(text):
            before = _BEFORE.search(text, max(0, at.start() - 64), at.start())
            after = _AFTER.match(text, at.end())
            if before is not None and after is not None:
                yield Found(EMAIL, before.start(), after.end())


@attrs.frozen
class Lettered:
    """Finds what begins with letters or ends with them: IBANs, and the national ids that have letters.

    Source: ISO 13616.
    """

    name: str = "IBAN and national ids with letters by form and check digits"

    def find(self, text: str) -> Iterator[Found]:
        """The accounts and ids of a text: each has two digits in a row, and few texts have many."""
        for run in _RUN.finditer(text):
            start = run.start()
            if text[start - 1 : start].isalpha() and (found := _IBAN.match(text, max(0, start - 2))):
                end = _longest_iban(found.group())
                if end:
                    yield Found(IBAN, found.start(), found.start() + end)
            for pattern, before, holds in BY_LETTERS:
                match = pattern.match(text, start - before) if start >= before else None
                if match is not None and holds(_PLAIN.sub("", match.group())):
                    yield Found(ID, match.start(), match.end())


def _longest_iban(text: str) -> int:
    """How much of a text is an IBAN, the longest reading; 0 where it is none."""
    plain, ends = [], []
    for place, char in enumerate(text, 1):
        if not _PLAIN.match(char):
            plain.append(char)
            ends.append(place)
    known = _LENGTHS.get("".join(plain[:2]).upper())
    for length in range(len(plain), 14, -1) if known is None else [known] if known <= len(plain) else []:
        if iban_holds("".join(plain[:length])):
            return ends[length - 1]
    return 0


@attrs.frozen
class Numbers:
    """Finds cards by Luhn, national ids by their check digits, and phone numbers.

    Args:
        region: Whose phone numbers may be written without a country, such as "US"; "" for none.
        with_phonenumbers: Whether the package phonenumbers says what a phone number is; else 7 to 15 digits are one.

    Raises:
        MissingExtraError: If phonenumbers is asked for and not installed.

    Source: ISO/IEC 7812-1 (cards), ITU-T E.164 (phone numbers).
    """

    region: str = ""
    with_phonenumbers: bool = False

    def __attrs_post_init__(self) -> None:
        if self.with_phonenumbers and not has_phonenumbers():
            raise MissingExtraError("phone numbers by region need the package phonenumbers; install carepolicy[phone]")

    @property
    def name(self) -> str:
        """What it is, and by what means."""
        phones = "the package phonenumbers" if self.with_phonenumbers else "pattern"
        return f"cards by Luhn, national ids by form and check digits, phone numbers by {phones}"

    def find(self, text: str) -> Iterator[Found]:
        """The numbers of a text."""
        for match in _NUMBER.finditer(text):
            start = match.start()
            while start and match.start() - start < 2 and text[start - 1] in _BEGIN:
                start -= 1
            yield from self._within(text[start : match.end()], start)

    def _within(self, run: str, offset: int) -> Iterator[Found]:
        """What a run of digits holds: it may be several numbers, one behind the other.

        A date or a count before a card reads like a phone number with it, so cards are looked for everywhere.
        """
        groups = [(m.start(), m.end()) for m in _GROUP.finditer(run)]
        spans, first = [], 0
        while first < len(groups):
            kind, last = self._longest(run, groups, first)
            spans += [(first, last, kind)] if kind else []
            first = last + 1
        ids = [span for span in spans if span[2] == ID]
        spans += [card for card in _cards(run, groups) if not any(i[0] <= card[0] and card[1] <= i[1] for i in ids)]
        for first, last, kind in spans:
            yield Found(kind, offset + _start(groups, first), offset + groups[last][1])

    def _longest(self, run: str, groups: list[tuple[int, int]], first: int) -> tuple[str, int]:
        """What begins at a group of digits: a card before an id before a phone number, the longest of each first."""
        texts = [run[a:b] for a, b in groups[first : first + _LONGEST_CARD]]
        found = None
        for last in range(len(texts), 0, -1):
            if _is_card("".join(texts[:last])):
                return CARD, first + last - 1
        for last in range(len(texts), 0, -1):
            written = run[_start(groups, first) : groups[first + last - 1][1]]
            digits = "".join(texts[:last])
            if found is None and any(p.fullmatch(written) and holds(_ascii(digits)) for p, holds in BY_NUMBER):
                found = ID, first + last - 1
            if found is None and not _DATE.match(written) and self._is_phone(written, digits):
                found = PHONE, first + last - 1
        return found or ("", first)

    def _is_phone(self, written: str, digits: str) -> bool:
        if not 7 <= len(digits) <= 15:
            return False
        if not self.with_phonenumbers:
            return True
        import phonenumbers

        try:
            number = phonenumbers.parse(written, self.region or None)
        except phonenumbers.NumberParseException:
            return len(digits) >= 9
        return bool(phonenumbers.is_possible_number(number))


def _start(groups: list[tuple[int, int]], first: int) -> int:
    """Where a number begins in its run: what stands before the first group, "+" or "(", belongs to it."""
    return groups[first][0] if first else 0


def _is_card(digits: str) -> bool:
    return _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and luhn_holds(digits)


def _cards(run: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Whatever may be a card in a run, wherever it begins: its first and last group, and its kind."""
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            digits += run[groups[last][0] : groups[last][1]]
            if len(digits) > _LONGEST_CARD:
                break
            if _is_card(digits):
                yield first, last, CARD


def _ascii(digits: str) -> str:
    return "".join(str(int(d)) for d in digits)


def has_phonenumbers() -> bool:
    """Whether the package phonenumbers can be imported."""
    from importlib.util import find_spec

    return find_spec("phonenumbers") is not None


def usual_detectors(region: str = "") -> tuple[Detector, ...]:
    """The detectors that need no model; phone numbers by the package phonenumbers where it is installed.

    Args:
        region: Whose phone numbers may be written without a country, such as "US"; "" for none.
    """
    return (Emails(), Lettered(), Numbers(region=region, with_phonenumbers=has_phonenumbers()))
