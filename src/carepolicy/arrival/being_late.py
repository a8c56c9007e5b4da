"""Lateness: how likely somebody is late who is not there yet, and the instant at which the customer is to know.

For a given law and a given end, the chance of being late never falls while nobody arrives, whatever the shape of the
law: what is over by now is divided out of the same tail. So the instant to warn can be computed ahead, and only news
takes a warning back. The chance of being *outside* a window falls at first, while coming too early gets impossible.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, LAST, NEVER
from carepolicy.arrival._numbers import number_of, plain
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.interval import checked_share
from carepolicy.arrival.quote import Quote
from carepolicy.errors import InvalidPolicyError
from carepolicy.severity import from_zero
from carepolicy.span import ELAPSED, Span, elapsed


def elapsed_time(instance: object, attribute: attrs.Attribute[Any], value: Span) -> None:
    """Validate a field: elapsed time, none or more.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not isinstance(value, Span) or value.unit != ELAPSED or value.amount < 0:
        raise InvalidPolicyError(f"{attribute.name} is not elapsed time from 0: {value!r}; use elapsed(minutes=15)")


@attrs.frozen
class WarnRule:
    """When a customer is told that we may be late, and when that is taken back.

    Between the two thresholds nothing is said, so that a chance that wavers does not.

    Args:
        warn_from: The chance of being late from which the customer is told.
        clear_below: The chance below which that is taken back.
        grace: How long after the end of the window it is late; elapsed time.
        base_rate: The share of all visits that are late, if known: a threshold that is not above it would spam.

    Raises:
        InvalidPolicyError: If the thresholds are no shares or not in order, `warn_from` is not above the base rate,
            or the grace is no elapsed time.
    """

    warn_from: float = field(default=0.5, converter=plain)
    clear_below: float = field(default=0.15, converter=plain)
    grace: Span = field(factory=lambda: elapsed(minutes=0), validator=elapsed_time)
    base_rate: float = field(default=0.0, converter=plain, validator=from_zero)

    def __attrs_post_init__(self) -> None:
        upper, lower = checked_share(self.warn_from, "warn_from"), checked_share(self.clear_below, "clear_below")
        if lower >= upper:
            raise InvalidPolicyError(f"clear_below is not below warn_from: {lower} and {upper}; leave a band between")
        if upper <= self.base_rate:
            raise InvalidPolicyError(
                f"warn_from is not above the share that is late anyway: {upper} and {self.base_rate}; "
                "it would warn nearly everybody, so raise it"
            )

    @classmethod
    def from_costs(
        cls,
        *,
        false_alarm: float,
        late_unwarned: float,
        late_warned: float,
        clear_below: float | None = None,
        grace: Span | None = None,
        base_rate: float = 0.0,
    ) -> WarnRule:
        """The rule that costs least: warn from `false_alarm / (false_alarm + late_unwarned - late_warned)` on.

        Args:
            false_alarm: What a warning costs when we are in time after all.
            late_unwarned, late_warned: What being late costs, without and with a warning.
            clear_below: As above; three tenths of the threshold when left out.
            grace, base_rate: As above.

        Raises:
            InvalidPolicyError: If a cost is no number, a warning costs or spares nothing, or the rule is refused.

        Source: the ratio of cost and loss from which a warning pays, Murphy (1977).

        >>> WarnRule.from_costs(false_alarm=10, late_unwarned=40, late_warned=15).warn_from
        0.2857142857142857
        """
        false_alarm = number_of(false_alarm, "false_alarm")
        late_unwarned, late_warned = number_of(late_unwarned, "late_unwarned"), number_of(late_warned, "late_warned")
        if not false_alarm > 0 or not late_unwarned > late_warned >= 0:
            raise InvalidPolicyError(
                f"costs leave nothing to weigh: false_alarm={false_alarm}, late_unwarned={late_unwarned}, "
                f"late_warned={late_warned}; a warning costs something, and being late costs less with it"
            )
        upper = false_alarm / (false_alarm + late_unwarned - late_warned)
        lower = 0.3 * upper if clear_below is None else clear_below
        return cls(upper, lower, elapsed(minutes=0) if grace is None else grace, base_rate)

    def limit(self, quote: Quote) -> int:
        """The last instant that is not late yet, in UTC microseconds."""
        return quote.last_us + self.grace.amount

    def warn_us(self, quote: Quote, arriving: Arriving, start_us: int = ALWAYS) -> int:
        """From when on the customer is to be warned if nobody arrives, in UTC microseconds.

        Args:
            quote: What was promised.
            arriving: What is known.
            start_us: No instant before this one.
        """
        start, limit = max(start_us, arriving.since_us), self.limit(quote)
        return first_of(lambda us: arriving.late(limit, us) >= self.warn_from, start, max(start, limit + 1))


def first_of(holds: Callable[[int], bool], start: int, end: int) -> int:
    """The first instant from `start` to `end` at which something holds that goes on to hold; NEVER for none."""
    if holds(start):
        return start
    if not holds(end):
        return NEVER
    while end - start > 1:
        middle = (start + end) // 2
        start, end = (start, middle) if holds(middle) else (middle, end)
    return end


@attrs.frozen
class Lateness(Holds):
    """Whether somebody who is not there may be late; it holds until `review_at` if nothing is heard.

    Args:
        warn: Whether the chance has passed the threshold.
        chance: How likely it is to be late, as of `as_of_us`.
        as_of_us: When that was so, in UTC microseconds: when the threshold was passed, else when the estimate was made.
        warn_us: From when on to warn if nobody arrives, in UTC microseconds.
        late_us: From when on it is late, in UTC microseconds.
        known: Whether the estimate still says when; else it has run out, and being late is counted as certain.
        review_us: Until when this holds, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    warn: bool
    chance: float
    as_of_us: int
    warn_us: int
    late_us: int
    known: bool
    review_us: int
    zone: str = "UTC"


def lateness(
    quote: Quote, arriving: Arriving, *, at: datetime | str, rule: WarnRule | None = None, zone: str = "UTC"
) -> Lateness:
    """Whether somebody who is not there at an instant may be late, and when to look again.

    Args:
        quote: What was promised.
        arriving: What is known of it.
        at: The instant to judge at.
        rule: When the customer is to be told.
        zone: The zone that instants are given in.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If `at` is before the estimate.

    >>> from carepolicy.arrival.law import Empirical
    >>> quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T10:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
    >>> coming = Arriving(Empirical([20, 40, 50, 70]), since="2026-03-02T09:00Z")
    >>> said = lateness(quote, coming, at="2026-03-02T09:00Z")
    >>> said.warn, said.chance, str(said.review_at)
    (False, 0.25, '2026-03-02 09:40:00+00:00')
    """
    ruled, now = rule or WarnRule(), arriving.checked(at)
    limit, turn = ruled.limit(quote), ruled.warn_us(quote, arriving)
    warn = turn <= now
    as_of = turn if warn else arriving.since_us
    out = first_of(lambda us: arriving.gone(us) >= 1, arriving.since_us, LAST)
    edges = [edge for edge in (turn, out, limit + 1) if edge > now]
    return Lateness(
        warn, arriving.late(limit, as_of), as_of, turn, limit + 1, now < out, min(edges, default=NEVER), zone
    )
