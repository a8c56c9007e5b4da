"""Dates as whole days since 1970, given one by one or as the public holidays of a place."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from carepolicy._instant import EPOCH_ORDINAL
from carepolicy.errors import InvalidCalendarError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable


@lru_cache(maxsize=4096)
def holidays_of(code: str, year: int) -> tuple[int, ...]:
    """The public holidays of 'US' or 'US-MT' in a year, in whole days since 1970.

    Raises:
        InvalidCalendarError: If the country or its subdivision is not known.
        MissingExtraError: If the package `holidays` is not installed.
    """
    try:
        import holidays
    except ImportError as error:
        raise MissingExtraError(
            f"holidays by code need the package 'holidays': {code!r}; install carepolicy[holidays], or pass dates"
        ) from error
    country, _, subdivision = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
    except NotImplementedError as error:
        raise InvalidCalendarError(
            f"holidays code is not known: {code!r}; use a country such as 'US', or one with its part, 'US-MT'"
        ) from error
    return tuple(sorted(day.toordinal() - EPOCH_ORDINAL for day in found))


def code_and_days(holidays: Any) -> tuple[str, list[int]]:
    """The code, or the dates, that were given as holidays; a code is proved to be known.

    Raises:
        InvalidCalendarError: If they are neither.
        MissingExtraError: If a code is given and the package `holidays` is not installed.
    """
    if isinstance(holidays, str):
        holidays_of(holidays, 2025)
        return holidays, []
    if hasattr(holidays, "country") and not holidays:
        raise InvalidCalendarError(
            f"holidays are empty until a year is asked for: {holidays!r}; pass the code instead, such as 'US'"
        )
    return "", days_of(holidays)


def days_of(dates: Iterable[Any]) -> list[int]:
    """The dates, sorted, each once.

    Raises:
        InvalidCalendarError: If one is no date.
    """
    try:
        return sorted({_day(value) for value in dates})
    except TypeError as error:
        raise InvalidCalendarError(f"dates are not a list of dates: {dates!r}; pass e.g. [date(2025, 7, 4)]") from error


def _day(value: Any) -> int:
    """One date: a `date`, ISO text, or an element of a `datetime64[D]` array."""
    if not isinstance(value, date) and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise InvalidCalendarError(f"date cannot be read: {value!r}; write e.g. '2025-07-04'") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidCalendarError(f"not a date: {value!r}; pass e.g. date(2025, 7, 4), without a time of day")
    return value.toordinal() - EPOCH_ORDINAL


def as_date(day: int) -> date:
    """The date of a whole number of days since 1970."""
    return date.fromordinal(day + EPOCH_ORDINAL)


def written(days: list[int]) -> str:
    """The dates as Python text, separated by commas."""
    return ", ".join(f"date({at.year}, {at.month}, {at.day})" for at in map(as_date, days))
