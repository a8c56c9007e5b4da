"""Caps: how often somebody may be called at most, how long they rest after a talk, which hours the law leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_

import attrs
from attrs import field

from carepolicy._instant import Instant
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CUSTOMER, THEM, Fact, Facts, Which, conversation, words
from carepolicy.folds import KthLatest, Last, known_scope, which_of
from carepolicy.outreach import ContactHours
from carepolicy.policy import AllOf, Guard, all_of
from carepolicy.span import Span, days, forward

CALLS = Which("contact", by=THEM, channel=("phone", "video"), direction=("outbound", ""))
"""A call that we made, answered or not; also one of which nobody wrote down who began it, as a cap spares the customer
when in doubt."""
US_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
            "Pacific/Honolulu")  # fmt: skip
"""The zones of the fifty states, of which the first and the last are the widest apart."""


@attrs.frozen
class AttemptCap(Guard):
    """At most so many attempts in any stretch of a length.

    No counter is kept: the next attempt is free a span after the k-th latest one.

    Args:
        at_most: How many.
        per: The length of the stretch.
        which: The events that are attempts; our calls when left out, also those of which nobody wrote down who began.
        scope: Whom the cap protects: "customer", or "case" to count each case by itself.

    Raises:
        InvalidPolicyError: If `at_most` is below 1, `per` does not point forward, or the scope is not known.
    """

    at_most: int = 7
    per: Span = field(factory=lambda: days(7), validator=forward)
    which: tuple[Which, ...] = field(default=(CALLS,), converter=which_of)
    scope: str = field(default=CUSTOMER, validator=known_scope)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.at_most, int) or isinstance(self.at_most, bool) or self.at_most < 1:
            raise InvalidPolicyError(f"at_most must be a whole number from 1, got {self.at_most!r}")

    def needs(self) -> Mapping[str, Fact]:
        """The k-th latest attempt."""
        return {f"attempt_{self.at_most}_back": KthLatest(self.which, k=self.at_most, scope=self.scope)}

    def opens(self, f: Facts) -> Instant:
        """`per` after the k-th latest attempt."""
        return f.after(getattr(f, f"attempt_{self.at_most}_back"), self.per)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"at most {self.at_most} attempt{'s' if self.at_most > 1 else ''} in any {self.per}"


@attrs.frozen
class RestAfterTalk(Guard):
    """The customer is left alone for a while after a talk, whoever began it.

    Args:
        rest: How long.
        which: The talks that count; live human talks when left out.
        scope: As for `AttemptCap`.

    Raises:
        InvalidPolicyError: If `rest` does not point forward, or the scope is not known.
    """

    rest: Span = field(factory=lambda: days(7), validator=forward)
    which: tuple[Which, ...] = field(default=(conversation,), converter=which_of)
    scope: str = field(default=CUSTOMER, validator=known_scope)

    def needs(self) -> Mapping[str, Fact]:
        """The last talk."""
        return {"last_talk": Last(self.which, scope=self.scope)}

    def opens(self, f: Facts) -> Instant:
        """`rest` after the last talk."""
        return f.after(f.last_talk, self.rest)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.rest} after the last talk"


def reg_f(*, scope: str = CUSTOMER) -> AllOf:
    """What keeps a debt collector in the United States out of the presumption of harassment by telephone: at most seven
    calls within seven consecutive days, and none within seven days after a telephone talk.

    Calls that the customer made do not count to the seven; a talk that came of one does start the seven days. Where
    the rule leaves room, this is stricter: days are counted from the minute of a call and not from its date, so that
    the eighth day begins some hours late; a call that never connected to the number, and one within seven days of the
    customer's own consent, both of which the rule leaves out (12 CFR 1006.14(b)(3)), count like any other. So does the
    call that leaves a limited-content message, which the rule counts as well. Not covered: who else must not be called,
    intent shown in other ways, stricter law of a state. It is no legal advice.

    Args:
        scope: "customer" counts all debts of a customer together, which is stricter; "case" each debt by itself, as the
            rule does, and then only calls that name the case in the log.

    Source: 12 CFR 1006.14(b)(2)(i)(A) and (B), (b)(3); Consumer Financial Protection Bureau, Regulation F.
    """
    telephone = attrs.evolve(CALLS, channel=("phone",))
    talk = attrs.evolve(conversation, channel=("phone",))
    return all_of(AttemptCap(7, days(7), telephone, scope), RestAfterTalk(days(7), talk, scope))


def hours_anywhere(hours: Calendar, zones: Iterable[str]) -> ContactHours:
    """The hours of contact for customers who may be in any of some zones.

    Where the customer's zone is known, the hours are meant there. Where it is not, they are only open while they are
    open in every one of the zones.

    Args:
        hours: Wall times of the customer.
        zones: IANA names of where a customer may be.

    Raises:
        InvalidCalendarError: If the hours never meet.
        InvalidPolicyError: If no zone is named.
        UnknownZoneError: If a zone is not known.
    """
    named = words(zones)
    if not named:
        raise InvalidPolicyError("zones are none; name where a customer may be, e.g. 'America/Denver'")
    return ContactHours(reduce(and_, (hours.in_zone(zone) for zone in named)))


def us_calling_hours(zones: Iterable[str] = US_ZONES) -> ContactHours:
    """From 8:00 to 21:00 where the customer is, in the United States: for debt collectors and for calls that sell.

    Args:
        zones: Where a customer may be whose zone is not known; the fifty states when left out. Then only the hours are
            left that are allowed in all of them.

    Source: 12 CFR 1006.6(b)(1)(i) (debt collection); 47 CFR 64.1200(c)(1) (telephone solicitation).
    """
    return hours_anywhere(Calendar.weekly("Mon-Sun 08:00-21:00", zone=US_ZONES[0]), zones)
