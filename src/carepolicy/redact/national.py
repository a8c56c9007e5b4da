"""National ids: a small table of their forms, with check digits where they have some."""

from __future__ import annotations

import re
from collections.abc import Callable

from carepolicy.redact.sums import luhn_holds, mod_11_10_holds, weighted_holds

_GLUE = r"[ .\-/]?"


def _always(plain: str) -> bool:
    return True


def _ssn(digits: str) -> bool:
    """Source: US Social Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _nir(digits: str) -> bool:
    """Source: INSEE: the key is 97 less the remainder by 97."""
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def _bsn(digits: str) -> bool:
    """Source: Dutch elfproef."""
    return weighted_holds(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), 11)


def _pesel(digits: str) -> bool:
    """Source: Polish act on the register of people, PESEL."""
    return weighted_holds(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)


def _dni(plain: str) -> bool:
    """Source: Spanish Ministry of the Interior: the letter is the remainder by 23."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(plain[:8]) % 23] == plain[8].upper()


BY_NUMBER: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"\d{3}[ -]\d\d[ -]\d{4}"), _ssn),  # United States
    (re.compile(rf"\d\d{_GLUE}\d{{3}}{_GLUE}\d{{3}}{_GLUE}\d{{3}}"), mod_11_10_holds),  # Germany, tax id
    (re.compile(rf"[12]{_GLUE}\d\d{_GLUE}\d\d{_GLUE}\d\d{_GLUE}\d{{3}}{_GLUE}\d{{3}}{_GLUE}\d\d"), _nir),  # France
    (re.compile(r"\d{4}\.?\d\d\.?\d{3}"), _bsn),  # Netherlands
    (re.compile(r"\d{11}"), _pesel),  # Poland
    (re.compile(r"\d{3}[ -]\d{3}[ -]\d{3}"), luhn_holds),  # Canada, SIN
)
"""Ids of digits alone: their form, and whether their digits hold."""
BY_LETTERS: tuple[tuple[re.Pattern[str], int, Callable[[str], bool]], ...] = (
    (  # United Kingdom, national insurance number
        re.compile(
            r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[0-9]{2} ?){3}[A-D](?!\w)",
            re.IGNORECASE,
        ),
        2,
        _always,
    ),
    (  # the same, with a space behind its letters
        re.compile(
            r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: [0-9]{2}){3} ?[A-D](?!\w)",
            re.IGNORECASE,
        ),
        3,
        _always,
    ),
    (re.compile(r"(?<!\w)[0-9]{8}-?[A-HJ-NP-TV-Z](?!\w)", re.IGNORECASE), 0, _dni),  # Spain
    (  # Italy
        re.compile(r"(?<!\w)[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z](?!\w)", re.IGNORECASE),
        6,
        _always,
    ),
)
"""Ids with letters: their form, how many characters stand before their first digit, and whether they hold.

Source: HMRC, National Insurance Manual, NIM39110 (United Kingdom); decree of 23 December 1976 on the codice fiscale
(Italy), by form only.
"""
