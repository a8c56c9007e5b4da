"""Instants as their reader says them: in their language and zone, with the customer's zone beside it."""

from __future__ import annotations

from collections.abc import Callable

from carepolicy._instant import ALWAYS, NEVER, in_words, to_moment
from carepolicy.errors import MissingExtraError, UnknownNameError

Saying = Callable[[int, str, bool], str]
"""Says an instant in a zone; the day alone where asked."""


class Dates:
    """Says the instants of one document.

    Args:
        zone: The reader's zone.
        customer_zone: The customer's; "" where nobody said.
        locale: The language and country of the reader, such as "de" or "pt-BR"; "" for English as the house says it.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If babel does not know the locale.
    """

    def __init__(self, zone: str, customer_zone: str = "", locale: str = "") -> None:
        self._zone, self._customer_zone = zone, customer_zone
        self._say = saying(locale)

    def day(self, us: int) -> str:
        """The day of an instant whose hour is only a stand-in, in the reader's zone."""
        return self._say(us, self._zone, True)

    def when(self, us: int, zone: str = "") -> str:
        """The instant in the reader's zone or another, then named; the customer's beside it."""
        if not ALWAYS < us < NEVER:
            return ""
        said = self._say(us, zone or self._zone, False)
        if zone:
            said = f"{said} {zone}"
        if not self._customer_zone or self._customer_zone == (zone or self._zone):
            return said
        theirs = self._say(us, self._customer_zone, False)
        return said if said == theirs else f"{said} (customer: {theirs})"


def saying(locale: str) -> Saying:
    """How instants are said in a locale; the house's English where it is "".

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If babel does not know the locale.
    """
    if not locale:
        return _in_english
    try:
        from babel import Locale, UnknownLocaleError
        from babel.dates import format_date, format_time
    except ImportError as error:
        raise MissingExtraError("dates in a locale need the package babel; install carepolicy[locale]") from error
    try:
        known = Locale.parse(locale, sep="-" if "-" in locale else "_")
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownNameError(f"locale is not known: {locale!r}; write e.g. 'de' or 'pt-BR'") from error

    def say(us: int, zone: str, by_the_day: bool) -> str:
        if not ALWAYS < us < NEVER:
            return ""
        at = to_moment(us, zone)
        day: str = format_date(at.date(), "full", known)
        return day if by_the_day else f"{day}, {format_time(at.time(), 'short', locale=known)}"

    return say


def _in_english(us: int, zone: str, by_the_day: bool) -> str:
    return in_words(us, zone, by_the_day=by_the_day) if ALWAYS < us < NEVER else ""
