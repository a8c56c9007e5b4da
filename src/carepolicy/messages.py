"""Held messages: what was written and could not go out lives for a stated time, and is judged again before it goes."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, iso, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Parties, Which
from carepolicy.policy import all_of, guard_parts
from carepolicy.protocols import GuardLike
from carepolicy.rules import Part, Rules
from carepolicy.span import Span, forward
from carepolicy.state import within
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

InForce: TypeAlias = "tuple[datetime | str | None, GuardLike | None]"
"""From when a guard is in force, None for always; and the guard, None for nothing that stands against it."""
ALLOWED = (Verdict.GO, Verdict.OVERDUE)


def micros_of(value: datetime | str | int) -> int:
    """UTC microseconds: of an aware time or ISO 8601 text, or as they are."""
    return value if isinstance(value, int) else to_micros(value)


@lru_cache(maxsize=256)
def _rules_of(name: str, parts: tuple[Any, ...], calendar: Calendar, parties: Parties) -> Rules:
    """The guard of a message, ready to decide; kept, as laying its hours takes longer than deciding."""
    return Rules.of([Part(name, (), parts, Which(named=name))], calendar, parties)


def decide_message(
    name: str,
    guard: GuardLike | None,
    timeline: Timeline,
    at: datetime | str | int,
    *,
    known: datetime | str | int | None = None,
    customer: str = "",
    case: str = "",
    zone: str = "",
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Decision:
    """Whether a message may go out at an instant, by what was known then or earlier.

    Args:
        name: What the message is called; it is part of the key.
        guard: When it may go out; None where nothing stands against it.
        timeline: The log, of one customer or of many.
        at: The instant to judge at.
        known: What had become known by then counts, and nothing later; `at` when left out.
        customer, case: Whom it is for, and what it is about; nothing need be known of them.
        zone: Where the customer is, an IANA name; "" where that is not known.
        calendar: In which spans are counted, and whose zone instants are in; around the clock in UTC when left out.
        parties: Who is ours.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If the guard is none.
        UnknownZoneError: If the zone is not known.
    """
    now = micros_of(at)
    by = now if known is None else micros_of(known)
    parts = () if guard is None else guard_parts(all_of(guard))
    rules = _rules_of(name, parts, calendar or Calendar.always(), parties or Parties())
    log = timeline.by_customer.get(customer, Timeline(()))
    unit = within((customer, case, "", ""), rules.rules[0].scope)
    values = rules.folding.fold(log.known(by)).values(unit)
    return rules.rules[0].decide(values, unit, now, log.next_visible(by) if known is None else NEVER, zone)


@attrs.frozen(kw_only=True, repr=False)
class HeldMessage:
    """A message that was written and could not go out yet.

    Args:
        name: What it is called.
        held_at: Since when it is held: any aware time, ISO 8601 text, or UTC microseconds.
        lives: How long it lives; after that it never goes out.
        customer, case: Whom it is for, and what it is about.
        zone: Where the customer is, an IANA name; "" where that is not known.

    Raises:
        InvalidTimeError: If the time has no zone.
        InvalidPolicyError: If it has no name, or `lives` is no span or does not point forward.
    """

    name: str
    held_us: int = field(alias="held_at", converter=micros_of)
    lives: Span = field(validator=forward)
    customer: str = ""
    case: str = ""
    zone: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidPolicyError("message has no name; say what it is, e.g. 'renewal'")

    def expires_us(self, calendar: Calendar) -> int:
        """From when it is dead, in UTC microseconds, counted in a calendar."""
        return int(calendar._add(self.held_us, self.lives))  # noqa: SLF001  (the calendar's form for ticks)

    def __repr__(self) -> str:
        parts = [f"name={self.name!r}", f"held_at={iso(self.held_us)!r}", f"lives={self.lives!r}"]
        parts += [f"{n}={getattr(self, n)!r}" for n in ("customer", "case", "zone") if getattr(self, n)]
        return f"HeldMessage({', '.join(parts)})"


class HeldFate(enum.StrEnum):
    """What becomes of a held message."""

    SEND = "send"
    """It may go out now."""
    HOLD = "hold"
    """It goes on being held."""
    REDIRECTED = "redirected"
    """Another contact is owed instead."""
    DROPPED = "dropped"
    """Its time has passed by the rules now in force, or they leave none."""
    EXPIRED = "expired"
    """It has lived its time."""

    def __repr__(self) -> str:
        return f"HeldFate.{self.name}"


_FATES = {Verdict.REDIRECT: HeldFate.REDIRECTED, Verdict.WAIT: HeldFate.HOLD}


@attrs.frozen(kw_only=True)
class Release:
    """What becomes of a held message, with both decisions for the log.

    Args:
        message: The message.
        fate: What becomes of it.
        then: What the rules in force when it was held said of it, by what was known then.
        now: What the rules in force now say, by what is known now.
        rules_changed: Whether other rules are in force now.
        expires_us: From when it is dead, in UTC microseconds.
        review_us: Until when all this holds, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    message: HeldMessage
    fate: HeldFate
    then: Decision
    now: Decision
    rules_changed: bool
    expires_us: int
    review_us: int
    zone: str = "UTC"

    @property
    def expired(self) -> bool:
        """Whether it has lived its time."""
        return self.fate == HeldFate.EXPIRED

    @property
    def outruns(self) -> bool:
        """Whether it is held until after its end, as far as is known: nobody need wait for it."""
        return self.fate == HeldFate.HOLD and self.expires_us <= self.now.act_us < NEVER

    @property
    def key(self) -> str:
        """The key to reserve before it goes out."""
        return self.now.key

    @property
    def expires_at(self) -> pendulum.DateTime | None:
        """From when it is dead."""
        return maybe_moment(self.expires_us, self.zone)

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when all this holds; None for ever."""
        return maybe_moment(self.review_us, self.zone)

    @property
    def why(self) -> str:
        """Why, in one sentence."""
        if self.expired:
            return f"it lived until {in_words(self.expires_us, self.zone)}"
        late = f", and it lives until {in_words(self.expires_us, self.zone)} only" if self.outruns else ""
        rules = ", by rules that are newer than the message" if self.rules_changed else ""
        return f"{self.now.why}{late}{rules}"


def release(
    held: HeldMessage,
    guards: Iterable[InForce],
    timeline: Timeline,
    at: datetime | str,
    *,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> Release:
    """What becomes of a held message: judged again by the rules now in force, never replayed.

    Args:
        held: The message.
        guards: The guards of this message with the instant from which each was in force, None for always; of plans, the
            `guard` of the touch in each: `[(None, old["offer"].guard), ("2026-04-01T00:00Z", new["offer"].guard)]`.
        timeline: The log, of one customer or of many.
        at: The instant to judge at.
        calendar: In which spans are counted, and whose zone instants are in; around the clock in UTC when left out.
        parties: Who is ours.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If no rules were in force when it was held, two came into force at one instant, or it is
            judged before it was held.
    """
    now, hours = to_micros(at), calendar or Calendar.always()
    if now < held.held_us:
        raise InvalidPolicyError(f"at lies before the message was held: {iso(now)} < {iso(held.held_us)}; judge later")
    dated = [(ALWAYS if since is None else to_micros(since, "since"), guard) for since, guard in guards]
    dated.sort(key=lambda pair: pair[0])
    starts = [since for since, _ in dated]
    if len(set(starts)) < len(starts):
        raise InvalidPolicyError("guards come into force at one instant twice; keep the one that was meant")
    if not starts or starts[0] > held.held_us:
        raise InvalidPolicyError(f"no rules were in force on {iso(held.held_us)}; begin with (None, guard)")

    def decide(us: int, known: int | None) -> tuple[Any, Decision]:
        guard = next(g for since, g in reversed(dated) if since <= us)
        decision = decide_message(
            held.name, guard, timeline, us, known=known, customer=held.customer, case=held.case, zone=held.zone,
            calendar=hours, parties=parties,
        )  # fmt: skip
        return guard, decision

    old, then = decide(held.held_us, held.held_us)
    new, judged = decide(now, None)
    expires = held.expires_us(hours)
    fate = HeldFate.EXPIRED
    if now < expires:
        fate = HeldFate.SEND if judged.verdict in ALLOWED else _FATES.get(judged.verdict, HeldFate.DROPPED)
    edges = (judged.review_us, expires, *starts)
    return Release(
        message=held,
        fate=fate,
        then=then,
        now=judged,
        rules_changed=old != new,
        expires_us=expires,
        review_us=min((us for us in edges if us > now), default=NEVER),
        zone=hours.zone,
    )
