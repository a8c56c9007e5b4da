"""Expiry: a survey can be answered from when the customer can know until the first thing that ends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, to_micros, where
from carepolicy.calendar import Calendar
from carepolicy.completion import Completion
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.span import Span, days, elapsed, forward, not_backward
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum

LIMITS = ("auto_close", "channel", "token")
"""What ends the chance to answer beside the survey's own closing: the case is closed by itself, the window of the
messaging channel ends, the link dies."""


@attrs.frozen
class AnswerableUntil(Guard):
    """The survey can still be answered once the journey is complete: it does not close before.

    Judges a survey that has a closing date: the one about to be sent, or the latest one sent. One that went out before
    the completion that stands binds nothing any more: the next one has a closing of its own.

    Args:
        of: What counts as the completion.
    """

    of: Completion = field(factory=Completion, kw_only=True)

    def needs(self) -> Mapping[str, Fact]:
        """The completion, and when the survey closes."""
        sent = Last("survey", scope=CASE, missing=NEVER, of_candidate=True)
        return {**self.of.needs(), "survey_sent": sent, "survey_closes": attrs.evolve(sent, gives="due")}

    def _spent(self, f: Facts) -> Instant:
        """The closing of the survey; NEVER where it went out before the completion that stands, so is not this one."""
        over = self.of.standing(f)
        return where(both(over < NEVER, f.survey_sent < over), NEVER, f.survey_closes)

    def opens(self, f: Facts) -> Instant:
        """The completion, or the expected one, for a survey that has a closing date."""
        over = self.of.foreseen(f)
        return where(both(self._spent(f) < NEVER, over < NEVER), over, ALWAYS)

    def closes(self, f: Facts) -> Instant:
        """When the survey closes."""
        return self._spent(f)

    def likely(self, f: Facts) -> Instant:
        """The completion, or the expected one."""
        return self.of.foreseen(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the survey can be answered after the journey is complete and before it closes"


@attrs.frozen
class Answerable(AnswerableUntil):
    """The survey stays open long enough: for the journey to be over, and for the customer to get round to answering.

    What ends it is whichever comes first of its own closing and of the limits, each told by the latest `note` whose
    `purpose` is its name and whose `due` is its end.

    Args:
        lag: How long customers take to answer, most of them (see `answer_lag`).
        open_for: How long a survey stays open from its sending; where it is left out, it closes at its date.
        limits: What else ends it.

    Raises:
        InvalidPolicyError: If it is open for a shorter time than customers take, in the same unit.
    """

    lag: Span = field(factory=lambda: days(7), validator=not_backward, kw_only=True)
    open_for: Span | None = field(default=None, validator=forward, kw_only=True)
    limits: tuple[str, ...] = field(default=LIMITS, converter=words, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.open_for is None or self.open_for.unit != self.lag.unit:
            return
        if self.open_for.amount < self.lag.amount:
            raise InvalidPolicyError(
                f"open_for is shorter than lag: open_for={self.open_for}, lag={self.lag}; most could not answer in time"
            )

    def needs(self) -> Mapping[str, Fact]:
        """The completion, when the survey closes, and when each of the limits ends it."""
        ends = {
            f"ends_{name}": Last(Which("note", purpose=name), scope=CASE, gives="due", missing=NEVER)
            for name in self.limits
        }
        return {**super().needs(), **ends}

    def opens(self, f: Facts) -> Instant:
        """The earliest sending that leaves it open until the journey is over and answered."""
        if self.open_for is None:
            return super().opens(f)
        over = self.of.foreseen(f)
        return where(over >= NEVER, ALWAYS, f.after(f.after(over, self.lag), -self.open_for))

    def closes(self, f: Facts) -> Instant:
        """The last sending that leaves the time to answer."""
        ends = earliest(self._spent(f), *(getattr(f, f"ends_{name}") for name in self.limits))
        return f.after(ends, -self.lag)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the survey stays open until the journey is over, and for {self.lag} to answer"


def answer_lag(lags: Iterable[timedelta], share: float = 0.95) -> Span:
    """How long customers take to answer, so many of them at least: a quantile that holds for the next one too.

    Args:
        lags: How long each past answer took from when it could be given.
        share: The share of customers, between 0 and 1.

    Raises:
        InvalidPolicyError: If the share is none, or there are too few lags to say so of that share.

    Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005: the k-th smallest of n exchangeable
    values, k = ceil((n + 1) share), is not exceeded by the next one with at least that probability.

    >>> answer_lag([timedelta(hours=h) for h in range(1, 20)])
    elapsed(hours=19)
    """
    if not 0 < share < 1:
        raise InvalidPolicyError(f"share must lie between 0 and 1, got {share}; use e.g. 0.95")
    ordered = sorted(lags)
    if ordered and ordered[0] < timedelta(0):
        raise InvalidPolicyError(f"lag is negative: {ordered[0]}; count from when the answer could be given")
    place = ceil((len(ordered) + 1) * share)
    if place > len(ordered):
        least = ceil(share / (1 - share))
        raise InvalidPolicyError(
            f"lags are too few for a share of {share}: {len(ordered)}; give at least {least}, or name the lag"
        )
    return elapsed(microseconds=ordered[place - 1] // timedelta(microseconds=1))


def expiry_for(
    completes: Window | datetime | str,
    lag: Span,
    sent: datetime | str,
    *,
    calendar: Calendar | None = None,
) -> pendulum.DateTime:
    """The earliest expiry of a survey that covers both: the journey over by then, and the time to answer.

    Args:
        completes: When the journey is expected to be over: a window of arrival, or an instant.
        lag: How long customers take to answer.
        sent: When the survey goes out.
        calendar: In which the lag is counted and whose zone the answer is in; around the clock in UTC when left out.

    Raises:
        InvalidPolicyError: If the window has no end: then no expiry covers it.
        InvalidTimeError: If a time has no zone.

    >>> str(expiry_for("2017-12-29T17:00Z", days(7), sent="2017-12-12T09:00Z"))
    '2018-01-05 17:00:00+00:00'
    """
    if lag.amount < 0:
        raise InvalidPolicyError(f"lag points backward: {lag}; say how long customers take to answer")
    end = completes.closes_us if isinstance(completes, Window) else to_micros(completes, "completes")
    if end >= NEVER:
        raise InvalidPolicyError(f"window of completion has no end: {completes!r}; bound it, or wait for an estimate")
    hours = calendar or Calendar.always()
    return hours._clock.door.moment(  # noqa: SLF001  (the calendar's form for ticks)
        hours._add(max(end, to_micros(sent, "sent")), lag)  # noqa: SLF001
    )
