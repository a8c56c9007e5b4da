"""Grids: fixed dates for a rhythm, every so many days from a start or by a recurrence rule of a calendar."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, DAY, HOUR, NEVER, Instant, in_words, is_array, to_micros, zone_of
from carepolicy._time.openings import FIRST_YEAR, HIGH, LAST_YEAR, LOW
from carepolicy._time.zone import door_of, offsets_of, year_of, year_start
from carepolicy.calendar import Calendar
from carepolicy.errors import HorizonError, InvalidPolicyError
from carepolicy.span import DAYS, ELAPSED, WORKING, Span

if TYPE_CHECKING:
    from carepolicy._instant import Instants

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = (
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYHOUR",
    "BYMINUTE", "BYSECOND", "BYSETPOS",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (wall times of the grid's zone)
_MICROSECOND = timedelta(microseconds=1)
_SIZES = tuple(8 * 2**n for n in range(8))
"""For how many years dates are laid out: as few as will do, then twice as many."""


def _start(value: datetime | str) -> str:
    return value.isoformat() if isinstance(value, datetime) else value


@attrs.frozen(repr=False)
class Grid:
    """Fixed dates; build it with `Grid.every` or `Grid.from_rrule`.

    Dates are wall times of a zone: in the gap of a clock change they move to the gap's end, in the overlap the first
    is meant.

    Args:
        rule: A recurrence rule, or a span in words.
        start: The first date, or from when on the rule counts; ISO 8601 with an offset.
        zone: Whose wall times are meant, an IANA name; the zone of the plan when left out.

    Raises:
        InvalidPolicyError: If the rule cannot be meant or gives no date.
        InvalidTimeError: If the start is naive or no time.
        UnknownZoneError: If the zone is not known.
    """

    rule: str
    start: str = field(converter=_start)
    zone: str = ""

    def __attrs_post_init__(self) -> None:
        start = to_micros(self.start, "start")
        if not LOW <= start < HIGH:
            raise InvalidPolicyError(
                f"start of a grid is outside the years {FIRST_YEAR} to {LAST_YEAR - 1}: {self.start}; correct it"
            )
        if not isinstance(self.rule, str):
            raise InvalidPolicyError(f"rule of a grid is not text: {self.rule!r}; use Grid.every or Grid.from_rrule")
        zone, step = zone_of(self.zone).name if self.zone else "UTC", self._step
        if step is None:
            if next(_recurring(_checked(self.rule, zone), start, zone), None) is None:
                raise InvalidPolicyError(f"rule gives no date: {self.rule!r} from {self.start}; correct it")
        elif step.amount < (HOUR if step.unit in (ELAPSED, WORKING) else 1):
            raise InvalidPolicyError(f"step is too short for a grid: {step}; use a day, or an hour at least")

    @classmethod
    def every(cls, step: Span, *, start: datetime | str, zone: str = "") -> Grid:
        """The dates from a start on, a span apart; working time is counted in the calendar of the plan.

        Raises:
            InvalidPolicyError: If the step is no span, points backward, or is shorter than an hour.

        >>> from carepolicy.span import days
        >>> Grid.every(days(14), start="2026-03-03T09:00+01:00", zone="Europe/Paris")
        Grid('14 days', start='2026-03-03T09:00+01:00', zone='Europe/Paris')
        """
        if not isinstance(step, Span):
            raise InvalidPolicyError(f"step is not a span: {step!r}; use e.g. days(14)")
        return cls(str(step), start, zone)

    @classmethod
    def from_rrule(cls, rule: str, *, start: datetime | str, zone: str = "") -> Grid:
        """The dates of a recurrence rule.

        Source: RFC 5545, section 3.3.10, for FREQ=DAILY and longer.

        Args:
            rule: E.g. "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", with or without "RRULE:" before it.
            start: DTSTART: from when on it counts, and at what time of day.
            zone: TZID.

        Raises:
            InvalidPolicyError: If the rule cannot be meant, or gives no date.
        """
        text = rule.strip().upper().removeprefix("RRULE:") if isinstance(rule, str) else rule
        return cls(text, start, zone)

    @property
    def _step(self) -> Span | None:
        """The span between two dates; None where a rule says it."""
        return None if "=" in self.rule else Span.parse(self.rule)

    def after(self, instant: Instant, calendar: Calendar | None = None) -> Instant:
        """The first date after an instant, or after each of an array; NEVER where a finite rule has ended.

        Args:
            instant: UTC microseconds; ALWAYS and NEVER stay what they are.
            calendar: That of the plan: its zone where the grid has none, and in which working time is counted.

        Raises:
            HorizonError: If the date is beyond the years for which calendars are computed.
        """
        calendar = calendar or Calendar.always()
        step = self._step
        counted = calendar if step is not None and step.unit != DAYS else None
        asked = (self.rule, self.start, self.zone or calendar.zone, counted)
        if is_array(instant):
            return _after_each(instant, asked)
        if not ALWAYS < instant < NEVER:
            return instant
        dates = _reaching(instant, asked)
        place = bisect_right(dates, instant)
        return dates[place] if place < len(dates) else NEVER

    def __str__(self) -> str:
        """The dates in plain words."""
        how = f"every {self.rule}" if self._step is not None else self.rule
        zone = self.zone or "UTC"
        return f"{how} from {in_words(to_micros(self.start), zone)}{'' if self.zone else ' UTC'}"

    def __repr__(self) -> str:
        zone = f", zone={self.zone!r}" if self.zone else ""
        return f"Grid({self.rule!r}, start={self.start!r}{zone})"


_Asked = tuple[str, str, str, Calendar | None]


def _after_each(instants: Instants, asked: _Asked) -> Instants:
    import numpy as np

    us = np.asarray(instants)
    known = (us > ALWAYS) & (us < NEVER)
    if not known.any():
        return us
    dates = np.array((*_reaching(int(us[known].max()), asked), NEVER), np.int64)
    return np.where(known, dates[np.searchsorted(dates[:-1], us, "right")], us)


def _reaching(us: int, asked: _Asked) -> tuple[int, ...]:
    """The dates, up to one after an instant at least, or all that there are."""
    for years in _SIZES:
        dates, ended = _laid_out(*asked, years)
        if ended or (dates and dates[-1] > us):
            return dates
    raise HorizonError(f"grid has no date before the year {LAST_YEAR}: {asked[0]} from {asked[1]}; give a nearer start")


@lru_cache(maxsize=256)
def _laid_out(rule: str, start: str, zone: str, calendar: Calendar | None, years: int) -> tuple[tuple[int, ...], bool]:
    """The dates of some years, and whether these are all that there are."""
    first = to_micros(start)
    last_year = min(year_of(first) + years, LAST_YEAR)
    end = year_start(last_year)
    if calendar is not None:
        return tuple(_counted(first, Span.parse(rule), calendar, end)), False
    if "=" in rule:
        recurring = _recurring(_checked(rule, zone), first, zone)
    else:
        recurring = count(_wall(first, zone), Span.parse(rule).amount * DAY)
    walls, ended = [], True
    for wall in recurring:
        if wall >= end:
            ended = False
            break
        walls.append(wall)
    return tuple(offsets_of(zone, year_of(first) - 1, last_year + 1).utc_sorted(walls)), ended


def _counted(us: int, step: Span, calendar: Calendar, end: int) -> Iterator[int]:
    """One date after the other, a step apart in a calendar."""
    while us < end:
        yield us
        us = calendar._add(us, step)  # noqa: SLF001  (the calendar's form for ticks)


def _wall(us: int, zone: str) -> int:
    """The wall time of an instant, in microseconds."""
    return us + door_of(zone).around(us).offset(us)


def _checked(rule: str, zone: str) -> str:
    """A recurrence rule with its end as a wall time; refused by name where it cannot be meant."""
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or name in parts or not re.fullmatch(r"[A-Z0-9,+-]+", value):
            raise _refused(rule, part, f"each of {', '.join(_PARTS)} once, as NAME=VALUE")
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise _refused(rule, f"FREQ={parts.get('FREQ', '')}", f"one of {', '.join(_FREQUENCIES)}")
    for name in ("INTERVAL", "COUNT"):
        if not re.fullmatch(r"0*[1-9]\d{0,5}", parts.get(name, "1")):
            raise _refused(rule, f"{name}={parts[name]}", "a whole number from 1 on")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused(rule, "COUNT and UNTIL", "one of them")
    if parts["FREQ"] in ("DAILY", "WEEKLY") and re.search(r"\d", parts.get("BYDAY", "")):
        raise _refused(rule, f"BYDAY={parts['BYDAY']}", "days without a number, or FREQ=MONTHLY")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(rule, parts["UNTIL"], zone)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _until(rule: str, value: str, zone: str) -> str:
    """The end of a rule as a wall time; a date counts to its end."""
    match = re.fullmatch(r"(\d{8})(?:T(\d{6})(Z?))?", value)
    if match is None:
        raise _refused(rule, f"UNTIL={value}", "a date such as 20261231, or a time such as 20261231T090000Z")
    if not match[3]:
        return f"{match[1]}T{match[2] or '235959'}"
    try:
        us = to_micros(f"{match[1]}T{match[2]}+00:00", "UNTIL")
    except ValueError as error:
        raise _refused(rule, f"UNTIL={value}", "a date that there is") from error
    return (_EPOCH + _wall(us, zone) * _MICROSECOND).strftime("%Y%m%dT%H%M%S")


def _refused(rule: str, part: str, remedy: str) -> InvalidPolicyError:
    return InvalidPolicyError(f"rule cannot be meant: {part!r} in {rule!r}; use {remedy}")


def _recurring(rule: str, start: int, zone: str) -> Iterator[int]:
    """The wall times of a checked rule, in microseconds, in the years for which calendars are computed."""
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    first = _EPOCH + _wall(start, zone) * _MICROSECOND
    try:
        found = rrulestr(rule, dtstart=first)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidPolicyError(f"rule cannot be meant: {rule!r}: {error}; see RFC 5545, section 3.3.10") from error
    for moment in found:
        yield (moment - _EPOCH) // _MICROSECOND
