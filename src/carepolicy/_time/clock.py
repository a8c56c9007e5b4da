"""The internal form of a calendar: ints or int64 arrays of UTC microseconds in and out, sentinels passed through.

numpy, and the kernels for arrays, are imported only where an array arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepolicy._instant import ALWAYS, NEVER, is_array
from carepolicy._time import dates
from carepolicy._time import pauses as pausing
from carepolicy._time.openings import AlwaysOpenings, Openings
from carepolicy._time.rules import AlwaysRule, ExceptRule, OnlyRule, WeeklyRule
from carepolicy._time.weekly import FULL_WEEK
from carepolicy._time.zone import door_of
from carepolicy.errors import InvalidSpanError
from carepolicy.span import DAYS, ELAPSED, WORKING, Span

if TYPE_CHECKING:
    from carepolicy._instant import Flag, Instant
    from carepolicy._time.pauses import Pauses
    from carepolicy._time.rules import Rule


def opens_always(rule: Rule) -> bool:
    """Whether a rule plainly never closes, so that it needs no table."""
    if isinstance(rule, WeeklyRule):
        return rule.week == FULL_WEEK and not rule.code and not rule.special
    return isinstance(rule, AlwaysRule)


class Clock:
    """Time counted by one rule. Holds the table, which grows; equality and pickling are the calendar's, by its rule."""

    __slots__ = ("dated", "door", "moves", "openings", "rule", "zone")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.zone = rule.zone
        self.door = door_of(rule.zone)
        self.dated = Openings(rule)
        self.moves: dict[Span, object] = {}  # tables for arrays, kept as they serve many chunks
        self.openings = AlwaysOpenings(rule) if opens_always(rule) else self.dated

    def is_open(self, us: Instant) -> Flag:
        """Whether a stretch holds the instant; a sentinel is no instant, and open only where it always is."""
        if is_array(us):
            from carepolicy._time import arrays

            return arrays.is_open(self.openings, us)
        if ALWAYS < us < NEVER:
            return self.openings.is_open(us)
        return isinstance(self.openings, AlwaysOpenings)

    def next_open(self, us: Instant) -> Instant:
        """The instant itself when open, else the next opening."""
        if is_array(us):
            from carepolicy._time import arrays

            return arrays.next_open(self.openings, us)
        return self.openings.next_open(us) if ALWAYS < us < NEVER else us

    def next_close(self, us: Instant) -> Instant:
        """The first closing after the instant; NEVER if there is none."""
        if is_array(us):
            from carepolicy._time import arrays

            return arrays.next_close(self.openings, us)
        if isinstance(self.openings, AlwaysOpenings):
            return NEVER
        return self.openings.next_close(us) if ALWAYS < us < NEVER else us

    def stretch(self, us: int) -> tuple[int, int]:
        """The opening and closing of the stretch that is open at the instant, or of the next one."""
        if ALWAYS < us < NEVER or isinstance(self.openings, AlwaysOpenings):
            return self.openings.stretch(us)
        return us, us

    def add(self, us: Instant, span: Span) -> Instant:
        """The instant a span away; see `Calendar.add`."""
        if span.__class__ is not Span:
            raise InvalidSpanError(f"span is not a Span: {span!r}; use e.g. working(hours=4), or Span.parse('3 days')")
        if us.__class__ is not int and is_array(us):
            from carepolicy._time import arrays

            return arrays.add(self, us, span)
        if not ALWAYS < us < NEVER:
            return us
        unit, amount = span.unit, span.amount
        if unit == WORKING:
            return self.openings.add(us, amount)
        if unit == ELAPSED:
            return us + amount
        if unit == DAYS:
            return dates.add_days(self.door, us, amount)
        return dates.add_working_days(self.door, self.dated, us, amount)

    def between(self, start: Instant, end: Instant) -> Instant:
        """Open time from one instant to the other; NEVER or ALWAYS where one of them is a sentinel."""
        if is_array(start) or is_array(end):
            from carepolicy._time import arrays

            return arrays.between(self.openings, start, end)
        if ALWAYS < start < NEVER and ALWAYS < end < NEVER:
            return self.openings.between(start, end)
        return 0 if start == end else NEVER if end > start else ALWAYS

    def add_paused(self, us: Instant, span: Span, pauses: Pauses) -> Instant:
        """As `add`, with the open time of pauses given back.

        Raises:
            InvalidSpanError: If the span counts dates, which no pause can be taken from.
        """
        if span.unit not in (WORKING, ELAPSED):
            raise InvalidSpanError(
                f"pauses cannot be taken from dates: {span!r}; use working(hours=...) or elapsed(...)"
            )
        openings = self.openings if span.unit == WORKING else AlwaysOpenings(self.rule)
        if not is_array(us):
            return pausing.add(openings, us, span.amount, pauses)
        from carepolicy._time import arrays

        base = self.rule if span.unit == WORKING else AlwaysRule(self.zone)
        return arrays.add_open_time(Openings(without(base, pauses)), us, span.amount)

    def between_paused(self, start: Instant, end: Instant, pauses: Pauses) -> Instant:
        """As `between`, without the open time of pauses."""
        if is_array(start) or is_array(end):
            return Clock(without(self.rule, pauses)).between(start, end)
        return pausing.between(self.openings, start, end, pauses)


def without(rule: Rule, pauses: Pauses) -> Rule:
    """The rule with pauses closed: time counted by it is unpaused open time."""
    return ExceptRule((rule, OnlyRule(tuple(pauses), rule.zone))) if pauses else rule
