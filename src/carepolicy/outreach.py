"""Hours of contact: nothing goes out outside them, wherever the customer is."""

from __future__ import annotations

import operator
import re
from functools import lru_cache, reduce

import attrs
from attrs import field

from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import words
from carepolicy.policy import Guard


@attrs.frozen
class ContactHours(Guard):
    """Only while these hours are open, where the customer is.

    Args:
        hours: A calendar. Its hours are wall times of the customer: where the customer's zone is known they are meant
            in that zone, else in the calendar's own.
        fixed: The hours keep their zone wherever the customer is: they are ours, not theirs.
    """

    hours: Calendar
    fixed: bool = False

    @property
    def local_hours(self) -> bool:
        """Whether the hours are wall times of the customer."""
        return not self.fixed

    def open_hours(self) -> Calendar:
        """The hours."""
        return self.hours

    def explain(self) -> str:
        """The rule in plain words."""
        return f"during {self.hours}" + ("" if self.fixed else ", or in the zone of the customer where it is known")


_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _awake(quiet: str) -> str:
    """The hours of a day that are not quiet, as a calendar reads them."""
    found = _QUIET.fullmatch(quiet)
    if found is None:
        raise InvalidPolicyError(f"quiet hours cannot be read: {quiet!r}; write e.g. '21:00-08:00'")
    start, end = quiet.split("-")
    if start == end:
        raise InvalidPolicyError(f"quiet hours start when they end: {quiet!r}; say which hours, or leave the guard out")
    if start > end:
        return f"{end}-{start}"
    stretches = (f"00:00-{start}" if start > "00:00" else "", f"{end}-24:00")
    return ", ".join(stretch for stretch in stretches if stretch)


@attrs.frozen
class QuietHours(Guard):
    """Nothing arrives while the recipient may be asleep, or has a day off.

    The hours are wall times where the recipient is. Where their zone is not known, it is quiet as long as it is quiet
    in any of the zones in which they may be.

    Args:
        zone: The zone of a recipient whose own is not known.
        quiet: From when until when, [start, end), over midnight too.
        days: On which days something may arrive at all.
        candidates: All zones in which a recipient may be whose own is not known; `zone` alone when left out.
        holidays: Days off: a country, with its part if need be, "BR" or "US-MT" (extra `holidays`).

    Raises:
        InvalidPolicyError: If the quiet hours cannot be read, or are none.
        InvalidCalendarError: If nothing is left of the days.
        UnknownZoneError: If a zone is not known.

    >>> QuietHours("America/Sao_Paulo").open_hours()
    Calendar.weekly('Mon-Sun 08:00-21:00', zone='America/Sao_Paulo')
    """

    zone: str
    quiet: str = field(default="21:00-08:00", kw_only=True)
    days: str = field(default="Mon-Sun", kw_only=True)
    candidates: tuple[str, ...] = field(default=(), converter=words, kw_only=True)
    holidays: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        self.open_hours()  # what cannot be meant is refused here

    @property
    def local_hours(self) -> bool:
        """The hours are wall times of the customer."""
        return True

    def open_hours(self) -> Calendar:
        """The hours that are quiet in none of the zones."""
        return _open_in(f"{self.days} {_awake(self.quiet)}", (self.zone, *self.candidates), self.holidays)

    def explain(self) -> str:
        """The rule in plain words."""
        where = f"{self.zone} and wherever else they may be" if self.candidates else self.zone
        return f"not during {self.quiet} where the customer is, in {where} where that is not known"


@lru_cache(maxsize=256)
def _open_in(hours: str, zones: tuple[str, ...], holidays: str) -> Calendar:
    """The hours that are open in each of some zones; the same calendar for whoever asks, as laying one takes long."""
    every = [Calendar.weekly(hours, zone=zone, holidays=holidays or ()) for zone in dict.fromkeys(zones)]
    return reduce(operator.and_, every)
