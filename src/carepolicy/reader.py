"""Readers: nobody is asked whose answer nobody reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, DAY, NEVER, Instant, latest, unless
from carepolicy._time.rules import Rule, Stretches, tidy, whole_dates
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER, THEM, Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.span import DAYS, ELAPSED, Span, elapsed, forward, not_backward
from carepolicy.threads import EarliestOpen

REPLY = Which("contact", by=THEM, direction="outbound", author=("human", ""), purpose=("reply", "survey_reply"))
"""A reply of a person of ours to what a customer answered."""


@attrs.frozen(repr=False)
class _InTimeFor:
    """Open when another rule will be open after a while: at some instant from `lag` until `lag` and `within` later.

    Each stretch of the other rule is moved back, and begins earlier by the time within which it counts.
    """

    desk: Rule
    within: Span
    lag: Span

    def __repr__(self) -> str:
        return f"in_time_for({self.desk!r}, within={self.within!r}, lag={self.lag!r})"

    @property
    def zone(self) -> str:
        """The zone of the desk."""
        return self.desk.zone

    def stretches(self, low: int, high: int) -> Stretches:
        """The stretches of the desk, moved back."""
        always = Calendar.always(self.zone)
        far = always._add(always._add(high, self.lag), self.within) + 2 * DAY  # noqa: SLF001  (the form for ticks)
        opens, closes = self.desk.stretches(low, far)
        starts = [always._add(always._add(at, -self.within), -self.lag) for at in opens]  # noqa: SLF001
        return tidy(starts, [always._add(at, -self.lag) for at in closes], low, high)  # noqa: SLF001

    def dates(self, low: int, high: int) -> list[int]:
        """The dates on which a stretch opens, or that one fills."""
        return whole_dates(self.zone, *self.stretches(low - 3 * DAY, high + 3 * DAY), low, high)


@lru_cache(maxsize=256)
def in_time_for(desk: Calendar, *, within: Span, lag: Span) -> Calendar:
    """When to ask so that the desk is open while the answer is fresh: the hours of the desk, moved back.

    Args:
        desk: When answers are read.
        within: How soon after the answer somebody must be there.
        lag: How long after the question the answer is likely to come.

    Raises:
        InvalidPolicyError: If a span counts working time: it is the customer's time that passes.

    >>> from carepolicy.span import days
    >>> desk = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC")
    >>> asks = in_time_for(desk, within=elapsed(hours=4), lag=days(2))
    >>> [str(asks.next_open(f"2026-03-{day:02}T12:00Z")) for day in (4, 5, 7)]  # a Wednesday, a Thursday, a Saturday
    ['2026-03-04 12:00:00+00:00', '2026-03-07 05:00:00+00:00', '2026-03-07 12:00:00+00:00']
    """
    for name, span in (("within", within), ("lag", lag)):
        if span.unit not in (DAYS, ELAPSED):
            raise InvalidPolicyError(f"{name} counts working time: {span}; use days(...) or elapsed(hours=...)")
    return Calendar(_InTimeFor(desk._rule, within, lag))  # noqa: SLF001  (a rule made of the rule of the desk)


@attrs.frozen
class ReaderReady(Guard):
    """Somebody owns the answers, reads them and replies: no "you will not receive a reply".

    It waits while the reader is away (`paused` and `resumed` with the purpose "reader") and while an earlier answer
    of the customer has had no reply.

    Args:
        reader: Who reads and replies; a person or a desk that has a name.
        hours: When somebody reads; asked is only when they will be there once the answer comes. At any time when left
            out.
        within: How soon after the answer they must be there.
        lag: How long after the question the answer is likely to come.
        backlog: Whether the reader tells until when there is no time for more: the `due` of the latest `note` with the
            purpose "reader_backlog", or the fact `backlog_until`. An answer that comes by then, and so long before as
            `within` says, is too early.

    Raises:
        InvalidPolicyError: If nobody is named, or a span counts working time.
        InvalidCalendarError: If nobody is ever there in time.

    Source: half of the customers of a shop who answered after arrival had answered within 38 hours.
    """

    reader: str = field(default="customer care")
    hours: Calendar | None = field(default=None, kw_only=True)
    within: Span = field(factory=lambda: elapsed(hours=24), validator=forward, kw_only=True)
    lag: Span = field(factory=lambda: elapsed(hours=38), validator=not_backward, kw_only=True)
    backlog: bool = field(default=False, kw_only=True)

    awaits: ClassVar[str] = "somebody to read the answer, and a reply to the last one"

    def __attrs_post_init__(self) -> None:
        if not self.reader.strip():
            raise InvalidPolicyError(f"reader is nobody: {self.reader!r}; name who reads the answers, or do not ask")
        self.open_hours()  # spans that cannot be meant are refused here

    def needs(self) -> Mapping[str, Fact]:
        """When the reader went away and came back, the earliest answer without a reply, and the backlog."""
        told = Last(Which("note", purpose="reader_backlog"), gives="due")
        return {
            "reader_away": Last(Which("paused", purpose="reader")),
            "reader_back": Last(Which("resumed", purpose="reader")),
            "unreplied_since": EarliestOpen("answer", until=REPLY, scope=CUSTOMER, gives="at"),
            **({"backlog_until": told} if self.backlog else {}),
        }

    def opens(self, f: Facts) -> Instant:
        """Never while nobody reads, or while the last answer waits for its reply; then when there is time for more."""
        away, waiting = f.reader_away > f.reader_back, f.unreplied_since < NEVER
        free = f.after(f.after(f.backlog_until, -self.within), -self.lag) if self.backlog else ALWAYS
        return latest(unless(away), unless(waiting), free)

    def open_hours(self) -> Calendar | None:
        """When somebody will be there once the answer comes."""
        return None if self.hours is None else in_time_for(self.hours, within=self.within, lag=self.lag)

    def explain(self) -> str:
        """The rule in plain words."""
        said = f"{self.reader} reads the answer and replies"
        if self.hours is not None:
            said += f", and is there within {self.within} of an answer that comes {self.lag} later"
        return said + (", and has time for it" if self.backlog else "")
