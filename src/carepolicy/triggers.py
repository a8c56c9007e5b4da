"""Triggers: when a case must go up, each as a duty that falls due at that instant. They join with `|`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.policy import Duty, FirstOf, first_of
from carepolicy.protocols import DutyLike
from carepolicy.severity import NAMES, known_band
from carepolicy.span import Span, forward
from carepolicy.tallies import KthChase, KthUnkept, at_least_one

_HALVINGS = 56
"""So often six centuries of microseconds are halved until one is left."""
OPEN: Mapping[str, Fact] = {
    "last_opened": Last(Which(("opened", "reopened"), whole=True), scope=CASE),
    "last_ended": Last(Which(("completed", "closed"), whole=True), scope=CASE),
}
"""Whether a case is open."""


def while_open(f: Facts, instant: Instant) -> Instant:
    """The instant, unless the case has ended."""
    return where(f.last_ended > f.last_opened, NEVER, instant)


def one_clock(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Validate a field: one duty.

    Raises:
        InvalidPolicyError: If it is none, or several that are joined.
    """
    if isinstance(value, FirstOf):
        raise InvalidPolicyError(f"clock is several: {value!r}; give each its own ShareUsed, and join these with |")
    if not isinstance(value, DutyLike) or isinstance(value, type):
        raise InvalidPolicyError(f"clock is no duty: {value!r}; use e.g. Heartbeat(working_days(5))")


def parts_of(value: DutyLike | Iterable[DutyLike]) -> tuple[DutyLike, ...]:
    """The duties meant: one, several that are joined with `|`, or a list of them.

    Raises:
        InvalidPolicyError: If there is none, or one of them is no duty.
    """
    duties = (value,) if isinstance(value, DutyLike) else tuple(value)
    if not duties:
        raise InvalidPolicyError("triggers are none; name at least one duty, e.g. SilentFor(working_days(5))")
    return first_of(*duties).parts


class Trigger(Duty):
    """What triggers share: they owe that somebody takes over."""

    __slots__ = ()
    owed: ClassVar[str] = "somebody to take over"

    def cycle(self, f: Facts) -> Instant:
        """When it calls for somebody."""
        return self.due(f)


@attrs.frozen
class ShareUsed(Trigger):
    """A share of a clock is used up: of the open time from what started it to when it falls due.

    Args:
        clock: Any one duty: a heartbeat, a promise, a reply.
        percent: How much of it, from 1 to 100. A clock of which nobody knows what started it is used up when due.

    Raises:
        InvalidPolicyError: If the clock is not one duty, or the share not from 1 to 100.
    """

    clock: DutyLike = field(validator=one_clock)
    percent: int = field(default=75, validator=at_least_one)

    def __attrs_post_init__(self) -> None:
        if self.percent > 100:
            raise InvalidPolicyError(f"percent is more than all of it: {self.percent}; use 1 to 100")

    def needs(self) -> Mapping[str, Fact]:
        """What the clock needs."""
        return self.clock.needs()

    def due(self, f: Facts) -> Instant:
        """The first instant by which that share of the open time is gone."""
        due, started = self.clock.due(f), self.clock.cycle(f)
        start = where(both(started > ALWAYS, started < due, due < NEVER), started, due)
        between = f.calendar._between  # noqa: SLF001  (the calendar's form for ticks)
        whole = between(start, due)
        before, reached = start, due
        for _ in range(_HALVINGS):
            middle = before + (reached - before) // 2
            gone = between(start, middle) * 100 >= whole * self.percent
            before, reached = where(gone, before, middle), where(gone, middle, reached)
        return where(whole > 0, reached, due)

    def cycle(self, f: Facts) -> Instant:
        """What started the clock."""
        return self.clock.cycle(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.percent} % of the time is gone for {self.clock.explain()}"


@attrs.frozen
class BrokenPromises(Trigger):
    """So many promises in one case were broken; what was kept late was broken all the same.

    Args:
        at_level: How many.
        by: Whose: parties by name, or by role; our side and its partners when left out.
    """

    at_level: int = field(default=2, validator=at_least_one)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """When the level is reached, and whether the case is open."""
        promises = Which("promise", by=self.by)
        return {**OPEN, "level_reached": KthUnkept(promises, until=("kept", "withdrawn"), k=self.at_level)}

    def due(self, f: Facts) -> Instant:
        """The date of the promise that makes the level."""
        return while_open(f, f.level_reached)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.at_level} broken promises in one case"


@attrs.frozen
class ChasedAgain(Trigger):
    """The customer had to ask so many times with cause: without a date ahead, unanswered, or urgently.

    Args:
        times: How many.
        purposes: The purposes of a contact that ask for status.
        urgent: The purposes that always have cause.
    """

    times: int = field(default=2, validator=at_least_one)
    purposes: tuple[str, ...] = field(default=("status",), converter=words)
    urgent: tuple[str, ...] = field(default=("urgent",), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """When they asked for that time, and whether the case is open."""
        heard = Which("contact", direction="inbound", author=("human", ""))
        answers = (
            Which("contact", by=THEM, direction="outbound", author=("human", "")),
            Which("contact", conversation=True),
        )
        asked = KthChase(
            attrs.evolve(heard, purpose=self.purposes), urgent=attrs.evolve(heard, purpose=self.urgent), heard=heard,
            answered=answers, ahead=Which(("promise", "estimate"), by=THEM), k=self.times,
        )  # fmt: skip
        return {**OPEN, "asked_again": asked}

    def due(self, f: Facts) -> Instant:
        """The last of these times."""
        return while_open(f, f.asked_again)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the customer had cause to ask {self.times} times"


@attrs.frozen
class SilentFor(Trigger):
    """Nobody has told the customer anything in an open case, written or spoken, for so long.

    Args:
        span: How long.
        by: Whose word counts: parties by name, or by role; our side and its partners when left out.
    """

    span: Span = field(validator=forward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """The last word to the customer, and whether the case is open."""
        word = Which(
            "contact", by=self.by, direction="outbound", author=("human", ""), outcome=("conversation", "delivered")
        )
        talk = Which("contact", by=self.by, conversation=True)
        return {**OPEN, "last_word": Last((word, talk), scope=CASE)}

    def due(self, f: Facts) -> Instant:
        """So long after the last word, while the case is open."""
        return where(f.last_opened > f.last_ended, f.after(self.cycle(f), self.span), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """The last word, or when the case was opened."""
        return latest(f.last_opened, f.last_word)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.span} without a word to the customer"


@attrs.frozen
class SeverityAtLeast(Trigger):
    """The trouble is assessed as so severe, by an event of kind `trouble` whose purpose is the name of the band.

    Args:
        band: One of "nuisance", "minor", "serious", "critical".

    Raises:
        InvalidPolicyError: If it is none of these.
    """

    band: str = field(default="serious", validator=known_band)

    def needs(self) -> Mapping[str, Fact]:
        """The last assessment that is as severe, and the last that is less or the end of the trouble."""
        severe = NAMES[NAMES.index(self.band) :]
        milder = tuple(name for name in NAMES if name not in severe)
        eased = (Which("trouble_over"), *([Which("trouble", purpose=milder)] if milder else []))
        return {
            **OPEN,
            "last_severe": Last(Which("trouble", purpose=severe), scope=CASE),
            "last_eased": Last(eased, scope=CASE),
        }

    def due(self, f: Facts) -> Instant:
        """When it was assessed so, until it is assessed milder or is over."""
        return where(f.last_severe > latest(f.last_eased, f.last_ended), f.last_severe, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the trouble is {self.band}" + ("" if self.band == NAMES[-1] else " or worse")


@attrs.frozen
class CustomerAsks(Trigger):
    """The customer asks for a manager, whether the case is open or not; a talk about it that we began answers it.

    Args:
        purposes: The purposes of a contact that ask for one.
    """

    purposes: tuple[str, ...] = field(default=("escalate",), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """When they last asked, and were last called back about it."""
        asks = Which("contact", direction="inbound", purpose=self.purposes)
        back = Which("contact", direction="outbound", purpose=self.purposes, conversation=True)
        return {"manager_asked_for": Last(asks, scope=CASE), "manager_called": Last(back, scope=CASE)}

    def due(self, f: Facts) -> Instant:
        """When they asked."""
        return where(f.manager_asked_for > f.manager_called, f.manager_asked_for, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the customer asks for a manager"


@attrs.frozen
class ExecutiveInvolved(Trigger):
    """The customer's own executive turns up; a live talk with them that we began answers it.

    Args:
        persons: Who that is, by the column `person`.
    """

    persons: tuple[str, ...] = field(default=("executive",), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """When they were last heard, and last called."""
        heard = Which(("contact", "told", "asked"), person=self.persons, direction=("inbound", ""))
        called = Which("contact", person=self.persons, direction="outbound", conversation=True)
        return {"executive_heard": Last(heard, scope=CASE), "executive_called": Last(called, scope=CASE)}

    def due(self, f: Facts) -> Instant:
        """When they were heard."""
        return where(f.executive_heard > f.executive_called, f.executive_heard, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the customer's {' or '.join(self.persons)} turns up"
