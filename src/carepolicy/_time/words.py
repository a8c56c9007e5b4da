"""Calendars in plain words, for explanations and reasons."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from carepolicy._instant import EPOCH_ORDINAL
from carepolicy._time.rules import AlwaysRule, BothRule, EitherRule, ExceptRule, WeeklyRule
from carepolicy._time.weekly import print_shifts, print_week

if TYPE_CHECKING:
    from carepolicy._time.rules import Rule


def in_plain_words(rule: Rule) -> str:
    """When a calendar is open, as a care team would say it."""
    if isinstance(rule, WeeklyRule):
        return _weekly(rule)
    if isinstance(rule, AlwaysRule):
        return f"at any time ({rule.zone})"
    for kind, word in ((BothRule, " and "), (EitherRule, " or "), (ExceptRule, " except ")):
        if isinstance(rule, kind):
            return word.join(in_plain_words(part) for part in rule.parts)
    return f"at the times named ({rule.zone})"


def _weekly(rule: WeeklyRule) -> str:
    closed = [_day(day) for day, shifts in rule.special if not shifts]
    opened = [f"{_day(day)} {print_shifts(shifts)}" for day, shifts in rule.special if shifts]
    parts = [f"{print_week(rule.week)} ({rule.zone})"]
    parts += [f"closed on the holidays of {rule.code}"] if rule.code else []
    parts += [f"closed on {_some(closed)}"] if closed else []
    parts += [f"open on {_some(opened)}"] if opened else []
    return ", ".join(parts)


def _day(day: int) -> str:
    return date.fromordinal(day + EPOCH_ORDINAL).isoformat()


def _some(days: list[str]) -> str:
    """A few dates by name; of many only how many."""
    return " and ".join(days) if len(days) <= 3 else f"{len(days)} dates"
