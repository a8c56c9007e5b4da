"""Slots that can be booked at a place: who comes a little late does not stand before a closed door."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import MINUTE, NEVER, in_words, to_micros
from carepolicy.arrival._asked import law_of, of_one_more, percent
from carepolicy.arrival._clock import clock_points, whole_grid
from carepolicy.arrival._numbers import CLOSE, is_number
from carepolicy.arrival.interval import checked_share
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Law


@attrs.frozen
class Slot:
    """A time for which a customer can be booked, or cannot, and why.

    Args:
        window: In which the customer is to come.
        served: The chance that one who comes as customers do is still served.
        offered: Whether it can be booked.
        why: In one sentence.
    """

    window: Window
    served: float
    offered: bool
    why: str


def bookable_slots(
    calendar: Calendar,
    opens: datetime | str,
    closes: datetime | str,
    *,
    lateness: Law | ArrayLike,
    length: int = 30,
    takes: float = 0,
    grace: float = 0,
    confidence: float = 0.95,
    not_before: datetime | str | None = None,
) -> tuple[Slot, ...]:
    """All slots of a place between two instants, with those that would strand who comes a little late marked.

    Slots lie on the clock's grid, one after the other, each within one open stretch; they never overlap, and may run
    past midnight where the place does. A slot is offered if the customer, late as customers are, is there early enough
    for what is to be done before the door closes (a lunch break closes it too), grace included.

    Args:
        calendar: When the place is open; its zone has the clock.
        opens, closes: From when to when slots are asked for, any aware times.
        lateness: The law, or draws, of how many minutes after the end of the slot customers come; negative is in time.
        length: Of a slot in minutes, a whole number that divides the day.
        takes: Minutes that have to be left when the customer comes; 0 to hand something in.
        grace: Minutes that the place stays after closing for who is on the way.
        confidence: The chance of being served that a slot needs.
        not_before: Slots begin no earlier: now, any aware time.

    Raises:
        InvalidPolicyError: If the calendar is none, a length cannot be, or the draws are none.
        InvalidTimeError: If a time has no zone.
        InvalidWindowError: If `closes` is not after `opens`.

    >>> from carepolicy import Calendar
    >>> shop = Calendar.weekly("Mon-Fri 09:00-18:00", zone="Europe/Paris")
    >>> late = [-30, -25, -20, -15, -10, -5, 0, 5, 10, 25]
    >>> day = bookable_slots(shop, "2026-03-02T16:30+01:00", "2026-03-03T00:00+01:00", lateness=late, confidence=0.9)
    >>> [slot.offered for slot in day]
    [True, True, False]
    >>> day[-1].why
    'ends as the door closes, Mon 2 Mar 2026 18:00: 63.64 % would be served, 90 % is needed'
    """
    if not isinstance(calendar, Calendar):
        raise InvalidPolicyError(f"calendar is none: {calendar!r:.80}; use e.g. Calendar.weekly(...)")
    law, wanted, step = law_of(lateness, "lateness"), checked_share(confidence), whole_grid(length, "length")
    after = _minutes(grace, "grace") - _minutes(takes, "takes")
    first = to_micros(opens, "opens") if not_before is None else to_micros(not_before, "not_before")
    slots = []
    for open_time in calendar.open_windows(opens, closes):
        shut = calendar._stretch(open_time.opens_us)[1]  # noqa: SLF001  (where the door closes, asked for or not)
        points = clock_points(max(open_time.opens_us, first), open_time.closes_us, step, calendar.zone).tolist()
        slots += [
            _slot(law, begin, end, shut, after, wanted, calendar.zone)
            for begin, end in pairwise(points)
            if end - begin == step * MINUTE
        ]
    return tuple(slots)


def _slot(law: Law, begin: int, end: int, shut: int, after: float, wanted: float, zone: str) -> Slot:
    room = math.inf if shut >= NEVER else (shut - end) / MINUTE + after
    served = float(law.cdf(room)) * of_one_more(law)
    offered = served >= wanted - CLOSE
    where = (
        f"ends {(shut - end) / MINUTE:g} minutes before the door closes" if shut > end else "ends as the door closes"
    )
    door = f"{where}, {in_words(shut, zone)}" if shut < NEVER else "the door never closes"
    asked = "" if offered else f", {percent(wanted)} is needed"
    window = Window._of(begin, end)  # noqa: SLF001
    return Slot(window, served, offered, f"{door}: {percent(served)} would be served{asked}")


def _minutes(value: float, name: str) -> float:
    if not is_number(value) or not 0 <= value < math.inf:
        raise InvalidPolicyError(f"{name} must be minutes from 0, got {value!r}")
    return float(value)
