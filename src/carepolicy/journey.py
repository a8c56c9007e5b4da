"""Journeys that may be asked about, and what becomes of each in a plan of sends."""

from __future__ import annotations

import enum
from functools import cached_property
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, maybe_moment
from carepolicy.coverage import Coverage
from carepolicy.decision import Decision
from carepolicy.errors import InvalidPolicyError
from carepolicy.protocols import GuardLike
from carepolicy.span import Span, forward
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

ELSEWHERE, DROP = "redirect", "suppress"


class Fate(enum.StrEnum):
    """What becomes of a journey in a plan of sends."""

    ASK = "ask"
    """It may be asked about now."""
    PLANNED = "planned"
    """It may be asked about at a known instant."""
    BEHIND = "behind"
    """It would take the place of another message, or come too soon after it: judged again once that has gone out."""
    ASKED = "asked"
    """It was asked about already."""
    HELD = "held"
    """It waits for an event."""
    REDIRECTED = "redirected"
    """Another contact is owed: where is it?"""
    TOO_LATE = "too_late"
    """Its time has passed."""
    IMPOSSIBLE = "impossible"
    """Its bounds leave no instant."""
    NOT_DRAWN = "not_drawn"
    """It is not in the sample."""
    DUPLICATE = "duplicate"
    """It was handed in more than once; the first stands for it."""

    def __repr__(self) -> str:
        return f"Fate.{self.name}"


@attrs.frozen(kw_only=True)
class Journey:
    """One journey about which a customer may be asked.

    Args:
        customer, case: Whose it is, and which.
        timeline: What is known of the customer.
        guard: When it may be asked about.
        person: Who would be asked; the customer as such when left out.
        survey: The name of the survey, the `purpose` of its events; it is part of the key.
        priority: The smaller goes before the greater where not everything can go.
        zone: Where the recipient is, an IANA name; "" where that is not known.
        longest: How long the completion is waited for at most, from the first event of the case; for ever when left
            out.
        then: What is owed after that: "redirect" (another contact) or "suppress" (nothing).

    Raises:
        InvalidPolicyError: If `then` is not known, or `longest` is no span or does not point forward.
    """

    customer: str
    case: str
    timeline: Timeline
    guard: GuardLike
    person: str = ""
    survey: str = "survey"
    priority: int = 0
    zone: str = ""
    longest: Span | None = field(default=None, validator=forward)
    then: str = ELSEWHERE

    def __attrs_post_init__(self) -> None:
        if self.then not in (ELSEWHERE, DROP):
            raise InvalidPolicyError(f"then is not known: {self.then!r}; use 'redirect' or 'suppress'")

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What tells it from other journeys."""
        return (self.customer, self.case, self.person, self.survey)


@attrs.frozen(kw_only=True)
class Judged:
    """One journey, and what becomes of it.

    Args:
        journey: The journey.
        fate: What becomes of it.
        decision: What its guard says by itself.
        at_us: When it may be asked about, in UTC microseconds; NEVER where that is not known.
        before_us: Before when it must go out if it is not to take the place of a more important one.
        behind: The key of what it is behind; "" for nothing.
        edges: Other instants at which this may change, in UTC microseconds.
    """

    journey: Journey
    fate: Fate
    decision: Decision
    at_us: int = NEVER
    before_us: int = NEVER
    behind: str = ""
    edges: tuple[int, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """The key to reserve before it is sent; where another contact is owed, that one's."""
        return self.decision.key

    @property
    def why(self) -> str:
        """Why, in one sentence."""
        return f"it is behind {self.behind}" if self.behind else self.decision.why


@attrs.frozen(kw_only=True)
class Ask:
    """One message to one person, about one journey or several.

    Args:
        at_us: From when it may go out, in UTC microseconds; ALWAYS where nothing bounds it.
        before_us: Before when.
        parts: The journeys that it asks about, the most important first.
        place: The place in the row of surveys to this customer: the same for two messages that were planned without
            knowing of one another. Reserve it together with the keys, and no worker overtakes another.
        zone: The zone that instants are given in.
    """

    at_us: int
    before_us: int
    parts: tuple[Judged, ...]
    place: str
    zone: str = "UTC"

    @property
    def customer(self) -> str:
        """Whom."""
        return self.parts[0].journey.customer

    @property
    def person(self) -> str:
        """Which person; "" for the customer as such."""
        return self.parts[0].journey.person

    @property
    def at(self) -> pendulum.DateTime | None:
        """From when it may go out; None where nothing bounds it."""
        return maybe_moment(self.at_us, self.zone)

    @property
    def before(self) -> pendulum.DateTime | None:
        """Before when; None where nothing bounds it."""
        return maybe_moment(self.before_us, self.zone)

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of every journey: reserve each before sending."""
        return tuple(part.key for part in self.parts)


@attrs.frozen(kw_only=True, slots=False)
class SendPlan(Holds):
    """What goes out, when, and what becomes of every journey.

    Args:
        judged: Every journey, in a fixed order.
        asks: The messages, by when they may go out; sent in this order none stands against another.
        review_us: Until when all this holds if nothing happens, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    judged: tuple[Judged, ...]
    asks: tuple[Ask, ...]
    review_us: int
    zone: str = "UTC"

    def of(self, *fates: Fate) -> tuple[Judged, ...]:
        """The journeys with some fates."""
        return tuple(j for j in self.judged if j.fate in fates)

    @property
    def where_is_it(self) -> tuple[Judged, ...]:
        """The journeys about which another contact is owed: no answer of theirs is lost."""
        return self.of(Fate.REDIRECTED)

    @cached_property
    def coverage(self) -> Coverage:
        """How many journeys are asked about, and why the others are not; it adds up to all of them."""
        return Coverage.of((j.fate.value, j.decision.codes) for j in self.judged)
