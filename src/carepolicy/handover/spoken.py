"""How a person says it on the telephone: a day without its log's marks, a text without its second half, a count."""

from __future__ import annotations

import re

from carepolicy._instant import DAY, to_moment
from carepolicy.handover.casefile import clipped
from carepolicy.handover.document import Owed
from carepolicy.handover.owing import is_late

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_HALF_A_YEAR, _SOON = 182 * DAY, 2 * DAY
_CLAUSE = re.compile(r"[;.!?](?=\s|$)")
_WORDS, _CHARS = 12, 90
_SINCE = {"unknown": "nobody has confirmed", "passed": "has passed", "partly": "was kept in part only"}
_TIMES = {1: "once", 2: "twice"}


def day_said(micros: int, zone: str, at_us: int, *, hour: bool = False) -> str:
    """A day as it is said: the year only where the day is half a year away, so that it stays true on any desk.

    Args:
        micros: Which, in UTC microseconds.
        zone: In whose calendar.
        at_us: When it is said, in UTC microseconds.
        hour: Whether the hour is said as well, which helps within two days only.

    >>> day_said(1_516_665_600_000_000, "America/Denver", 1_516_993_200_000_000)
    'Monday 22 January'
    """
    at = to_moment(micros, zone)
    day = f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"
    if abs(micros - at_us) > _HALF_A_YEAR:
        return f"{day} {at.year}"
    return f"{day} at {at.hour}:{at.minute:02}" if hour and abs(micros - at_us) <= _SOON else day


def clause(text: str, words: int = _WORDS) -> str:
    """The first clause of a text, short enough to be said, without marks that would end or ask; "…" where it was cut.

    >>> clause("slipped on wet stairs at work; the left wrist is broken")
    'slipped on wet stairs at work'
    """
    head = text[: 4 * _CHARS].strip()
    first = next((part for part in map(str.strip, _CLAUSE.split(head)) if part), "")
    said = first.replace('"', "'").replace("?", "").split()
    short = " ".join(said[:words])
    cut = len(said) > words or len(short) > _CHARS or (first == head and len(text.strip()) > len(head))
    return f"{short[:_CHARS].rstrip(' ,:')}…" if cut else short.rstrip(" ,:")


def in_quotes(text: str) -> str:
    """Somebody's own words within quotation marks, all of them that a sentence bears; no clause is left out unmarked.

    >>> print(in_quotes('swap it! "Or not?"'))
    "swap it! 'Or not'"
    """
    said = text.replace('"', "'").replace("?", "")
    return f'"{clipped(said)}"'


def for_when(owed: Owed, at_us: int, zone: str) -> str:
    """What is owed and for when; once that has passed, what became of it.

    Args:
        owed: What; it has a date.
        at_us: When it is said, in UTC microseconds.
        zone: In whose calendar.
    """
    late = f", {after_its_date(owed)}" if is_late(owed, at_us) else ""
    return f'"{clause(owed.what)}" for {day_said(owed.due_us, zone, at_us, hour=True)}{late}'


def after_its_date(owed: Owed) -> str:
    """What is known of something owed whose date has passed."""
    return f"which {_SINCE.get(owed.state, 'has not been kept')}"


def times(number: int) -> str:
    """How often, in words.

    >>> times(1), times(4)
    ('once', '4 times')
    """
    return _TIMES.get(number, f"{number} times")
