"""Check digits: what tells a card, an account or an id from any other number."""

from __future__ import annotations

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of the others by Luhn; a row of zeros is no number.

    >>> luhn_holds("4111111111111111"), luhn_holds("4111111111111112")
    (True, False)

    Source: ISO/IEC 7812-1, annex B.
    """
    values = [int(d) for d in reversed(digits)]
    return any(values) and (sum(values[::2]) + sum(_DOUBLED[v] for v in values[1::2])) % 10 == 0


def iban_holds(plain: str) -> bool:
    """Whether the two check digits of an IBAN, without its spaces, are right.

    >>> iban_holds("DE89370400440532013000"), iban_holds("DE88370400440532013000")
    (True, False)

    Source: ISO 13616, ISO/IEC 7064 (mod 97-10).
    """
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def mod_11_10_holds(digits: str) -> bool:
    """Whether the last digit checks the others by mod 11, 10, as in a German tax id.

    >>> mod_11_10_holds("86095742719"), mod_11_10_holds("86095742710")
    (True, False)

    Source: ISO/IEC 7064 (mod 11,10); Abgabenordnung, section 139b.
    """
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def weighted_holds(digits: str, weights: tuple[int, ...], by: int) -> bool:
    """Whether the digits times their weights add up to a multiple, as in a Dutch BSN or a Polish PESEL.

    >>> weighted_holds("111222333", (9, 8, 7, 6, 5, 4, 3, 2, -1), 11)
    True
    """
    return any(d != "0" for d in digits) and sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % by == 0
