"""Weekly hours as text: the parser into a normal form, and the printer back.

The normal form of one date is a tuple of shifts (start, end) in microseconds from its local midnight, sorted, disjoint
and not touching; an overnight shift ends after 24 h. That of a week is seven such tuples, Monday first.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from carepolicy._instant import DAY, HOUR, MINUTE, SECOND
from carepolicy.errors import InvalidCalendarError

Shifts: TypeAlias = tuple[tuple[int, int], ...]
Week: TypeAlias = tuple[Shifts, ...]

NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FULL_WEEK: Week = (((0, DAY),),) * 7
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEX = {name: i for i, full in enumerate(_FULL) for name in (full, full[:3], full[:2])}
_CLAUSE = re.compile(r"\s*([A-Za-z][A-Za-z\s,\-]*?)\s+(\d.*?)\s*", re.DOTALL)
_SHIFT = re.compile(r"\s*(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*-\s*(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*")
_EXAMPLE = "'Mon-Fri 08:00-12:00, 13:00-17:00; Sat 09:00-12:00'"


def parse_week(text: str) -> Week:
    """The normal form of weekly hours.

    Raises:
        InvalidCalendarError: If the text cannot be read, names a day twice, or shifts of one day overlap.
    """
    if not isinstance(text, str):
        raise InvalidCalendarError(f"weekly hours are not text: {text!r}; write e.g. {_EXAMPLE}")
    week: list[Shifts] = [()] * 7
    for clause in _plain(text).split(";"):
        if not clause.strip():
            continue
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise InvalidCalendarError(f"weekly hours cannot be read: {clause.strip()!r}; write e.g. {_EXAMPLE}")
        shifts = parse_shifts(match[2])
        for day in _days(match[1]):
            if week[day]:
                raise InvalidCalendarError(
                    f"weekly hours name {NAMES[day]} twice: {text!r}; write all its shifts in one clause"
                )
            week[day] = shifts
    return tuple(week)


def _plain(text: str) -> str:
    return text.replace("–", "-").replace("—", "-")


def _days(text: str) -> list[int]:
    """The days of 'Mon-Wed, Fri'; a range may run over the week's end."""
    days: list[int] = []
    for part in text.split(","):
        ends = [_INDEX.get(name.strip().lower()) for name in part.split("-")]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:
            raise InvalidCalendarError(f"weekday is not known: {part.strip()!r}; write e.g. 'Mon', 'Mon-Fri'")
        days += [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    return days


def parse_shifts(text: str) -> Shifts:
    """The normal form of one date's hours: '09:00-12:00, 13:00-17:00', or '' for closed.

    Raises:
        InvalidCalendarError: If the text cannot be read, a shift has no length, or two overlap.
    """
    if not isinstance(text, str):
        raise InvalidCalendarError(f"hours are not text: {text!r}; write e.g. '09:00-12:00, 13:00-17:00'")
    shifts = sorted(_shift(part) for part in _plain(text).split(",") if text.strip())
    merged: list[tuple[int, int]] = []
    for start, end in shifts:
        if merged and start < merged[-1][1]:
            raise InvalidCalendarError(f"shifts of one day overlap: {text!r}; write them as one")
        if merged and start == merged[-1][1]:
            start = merged.pop()[0]  # noqa: PLW2901
        merged.append((start, end))
    return tuple(merged)


def _shift(text: str) -> tuple[int, int]:
    match = _SHIFT.fullmatch(text)
    if match is None:
        raise InvalidCalendarError(f"hours cannot be read: {text.strip()!r}; write e.g. '08:00-12:00'")
    start, end = _clock(match[1], text), _clock(match[2], text)
    if start in (end, DAY):
        raise InvalidCalendarError(
            f"shift starts when it ends: {text.strip()!r}; write '00:00-24:00' for a day of 24 hours"
        )
    return start, end if end > start else end + DAY


def _clock(text: str, shift: str) -> int:
    """The microseconds from midnight of '08:00', '08:00:30.5' or '24:00'."""
    hours, minutes, *rest = text.split(":")
    seconds, _, fraction = (rest[0] if rest else "0").partition(".")
    micros = int(hours) * HOUR + int(minutes) * MINUTE + int(seconds) * SECOND + int((fraction or "0").ljust(6, "0"))
    if int(minutes) > 59 or int(seconds) > 59 or micros > DAY:
        raise InvalidCalendarError(
            f"hours are not times of a day: {shift.strip()!r}; use 00:00 to 24:00, and '22:00-06:00' for a night shift"
        )
    return micros


def print_shifts(shifts: Shifts) -> str:
    """The text of one date's hours, as short as it can be read back."""
    return ", ".join(f"{_print_clock(start)}-{_print_clock(end if end <= DAY else end - DAY)}" for start, end in shifts)


def _print_clock(micros: int) -> str:
    text = f"{micros // HOUR:02d}:{micros // MINUTE % 60:02d}"
    if micros % MINUTE:
        text += f":{micros // SECOND % 60:02d}"
    if micros % SECOND:
        text += f".{micros % SECOND:06d}".rstrip("0")
    return text


def print_week(week: Week) -> str:
    """The text of weekly hours: days with the same shifts in one clause.

    >>> print_week(parse_week("mon-thu 8:00-12:00,12:00-17:00; fri 8:00-17:00; sunday 22:00-06:00"))
    'Mon-Fri 08:00-17:00; Sun 22:00-06:00'
    """
    groups: dict[Shifts, list[int]] = {}
    for day, shifts in enumerate(week):
        if shifts:
            groups.setdefault(shifts, []).append(day)
    return "; ".join(f"{_print_days(days)} {print_shifts(shifts)}" for shifts, days in groups.items())


def _print_days(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(NAMES[run[0]] if len(run) == 1 else f"{NAMES[run[0]]}-{NAMES[run[-1]]}" for run in runs)
