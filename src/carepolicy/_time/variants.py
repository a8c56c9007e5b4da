"""Rules made of other rules: joined, proved to open at all, with dates of their own, in another zone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, reduce
from typing import TYPE_CHECKING

import attrs

from carepolicy._time.rules import AlwaysRule, BothRule, EitherRule, ExceptRule, OnlyRule, WeeklyRule
from carepolicy._time.zone import year_start
from carepolicy.errors import InvalidCalendarError

if TYPE_CHECKING:
    from carepolicy._time.rules import Rule
    from carepolicy._time.weekly import Shifts


def joined(kind: type[BothRule | EitherRule], first: Rule, second: Rule) -> Rule:
    """Two rules as one, flat, each part once, so that grouping and repetition make no difference."""
    parts: list[Rule] = []
    for rule in (first, second):
        for part in rule.parts if isinstance(rule, kind) else (rule,):
            if part not in parts:
                parts.append(part)
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def proved_open(rule: Rule) -> Rule:
    """The rule, if it opens at some time: looked for in the 2020s first, then from 1970 to 2199.

    Raises:
        InvalidCalendarError: If it does not.
    """
    for first, last in ((2020, 2030), (1970, 2200)):
        if rule.stretches(year_start(first), year_start(last))[0]:
            return rule
    raise InvalidCalendarError(f"calendar never opens in the years 1970 to 2199: {rule!r}; widen one of its parts")


def with_dates(rule: Rule, special: Mapping[int, Shifts]) -> Rule:
    """The rule with other shifts on single dates (whole days since 1970), none for closed.

    Raises:
        InvalidCalendarError: If it is not a weekly one.
    """
    if not isinstance(rule, WeeklyRule):
        raise InvalidCalendarError(
            f"single dates need a weekly calendar: {rule!r}; change its parts, or use & and - with another calendar"
        )
    return attrs.evolve(rule, special=tuple(sorted({**dict(rule.special), **special}.items())))


def in_zone(rule: Rule, zone: str) -> Rule:
    """The same wall times in another zone, part by part; windows are instants and stay where they are.

    Raises:
        InvalidCalendarError: If the parts, which may have had zones of their own, are then never open together.
    """
    if isinstance(rule, EitherRule):
        return reduce(partial(joined, EitherRule), (in_zone(part, zone) for part in rule.parts))
    if isinstance(rule, BothRule):
        return proved_open(reduce(partial(joined, BothRule), (in_zone(part, zone) for part in rule.parts)))
    if isinstance(rule, ExceptRule):
        return proved_open(ExceptRule((in_zone(rule.parts[0], zone), in_zone(rule.parts[1], zone))))
    assert isinstance(rule, WeeklyRule | AlwaysRule | OnlyRule)  # noqa: S101  (there are no others)
    return attrs.evolve(rule, zone=zone)
