"""Drift: the rhythm thins, it slides from voice to mail to text, or the customer does all the calling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs
from attrs import field

from carepolicy._instant import to_micros
from carepolicy._sequential.account import Account
from carepolicy._sequential.assessment import BUDGET, Assessment, Trend
from carepolicy.cadence import Cadence
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.facts import US, Parties, words
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.span import Span, forward
from carepolicy.tier import Tier, each_once, tiers_of
from carepolicy.timeline import Timeline

__all__ = ["Assessment", "Drift", "Trend"]


def _interval(value: Span | Cadence) -> Span:
    return (value.every if value.at_most is None else value.at_most) if isinstance(value, Cadence) else value


@attrs.frozen
class Drift:
    """The care of a customer drifts: fewer talks than agreed, writing for talks, or the customer does the calling.

    Found from the times of contacts by sequential tests that chance sets off at most as often as stated, whether the
    rhythm is kept to the day or as irregularly as chance can be. What changes by agreement is no drift: an event of
    kind "tier" or "wish" that names another rhythm (its purpose) starts anew, under the rhythm of that name if there is
    one. Stretches that the customer wanted free do not count: a pause of the customer or of the whole account, the time
    up to the due date of a wish, and from leaving until buying again.

    Args:
        agreed: The interval at which a talk that we begin is agreed; a cadence stands for the longest it allows.
        false_alarms: How many false alarms an account-year may have; the rhythm spends half of them.
        at_least: How many contacts there must be before an alarm.
        tiers, wishes: Other rhythms by name.
        by: Who is to begin: parties by name, or "us".

    Raises:
        InvalidPolicyError: If the interval is none or does not point forward, a number is out of range, or two rhythms
            have one name.
    """

    agreed: Span = field(converter=_interval, validator=forward)
    false_alarms: float = 0.2
    at_least: int = 5
    tiers: tuple[Tier, ...] = field(default=(), converter=tiers_of)
    wishes: tuple[Tier, ...] = field(default=(), converter=tiers_of)
    by: tuple[str, ...] = field(default=(US,), converter=words)

    def __attrs_post_init__(self) -> None:
        bounded(self.false_alarms, self.at_least)
        each_once("tiers", self.tiers)
        each_once("wishes", self.wishes)

    def assess(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
    ) -> Assessment:
        """Whether the care of a customer drifts; of several customers the most pressing, unless one is named.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nothing is known of the customer named.
        """
        each = self.assess_each(timeline, at, calendar=calendar, parties=parties)
        if customer is not None:
            each = tuple(a for a in each if a.customer == customer)
        if not each:
            raise UnknownNameError(f"nothing is known of customer={customer!r} at {at}; leave it out to ask of all")
        first = min(each, key=lambda a: a.leading.pressing)
        return attrs.evolve(first, review_us=min(a.review_us for a in each))

    def assess_each(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
    ) -> tuple[Assessment, ...]:
        """Whether the care of each customer drifts, by name; of a log without any event, that of one without a name.

        Raises:
            InvalidTimeError: If `at` has no zone.
        """
        now, calendar = to_micros(at), calendar or Calendar.always()
        known = timeline._as_of(now)  # noqa: SLF001  (ticks)
        coming = timeline.next_visible(now)
        by_customer = known.by_customer or {"": known}
        found = []
        for name, own in by_customer.items():
            account = Account(self, own.events, calendar, parties or Parties(), known.complete_from, now)
            trends = tuple(account.trend(kind) for kind in BUDGET)
            review = min(coming, *(trend.review_us for trend in trends))
            found.append(Assessment(customer=name, trends=trends, review_us=review, zone=calendar.zone))
        return tuple(found)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each kind and occasion: from when its alarm went off until contacts took it back."""
        for customer, events in history.by_customer.items():
            account = Account(self, events, history.calendar, history.parties, history.complete_from, history.until_us)
            for kind in BUDGET:
                course, _ = account.follow(kind)
                for alarm in course.alarms:
                    yield account.finding(kind, alarm, customer)

    def explain(self) -> str:
        """The rule in plain words."""
        return (
            f"talks that we begin come less often than every {self.agreed}, writing takes the place of talks, or the "
            f"customer does the calling ({self.false_alarms:g} false alarms per account-year)"
        )


def bounded(false_alarms: float, at_least: int) -> None:
    """Refuse a rate of false alarms that states nothing, and a minimum that is none."""
    if not 0 < false_alarms <= 1:
        raise InvalidPolicyError(f"false_alarms must be above 0 and at most 1 per account-year, got {false_alarms}")
    if at_least < 2:
        raise InvalidPolicyError(f"at_least must be at least 2 contacts, got {at_least}")
