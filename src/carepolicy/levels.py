"""Levels: who must take over, within how long, and who comes after them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, in_words, maybe_moment
from carepolicy.decision import About, Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.span import Span, forward
from carepolicy.state import Unit
from carepolicy.tallies import at_least_one

if TYPE_CHECKING:
    import pendulum


@attrs.frozen
class Level:
    """One level of an escalation: a person (or role) and a time box.

    Args:
        name: What the level is called.
        who: The party that must take over, as events name it.
        within: How long they have to say that they did, each time they are asked.
        repeats: How many times they are asked before it goes on to the next level.

    Raises:
        InvalidPolicyError: If nobody is named, the span does not point forward, or they are never asked.
    """

    name: str
    who: str
    within: Span = field(validator=forward)
    repeats: int = field(default=1, validator=at_least_one)

    def __attrs_post_init__(self) -> None:
        if not self.who:
            raise InvalidPolicyError(f"who is empty: level {self.name!r}; name the party that must take over")


def ladder(value: Iterable[Level]) -> tuple[Level, ...]:
    """The levels in order, checked to lead from one person to another.

    Raises:
        InvalidPolicyError: If there is none, two neighbours are one person, or two have one name.
    """
    levels = tuple(value)
    if not levels:
        raise InvalidPolicyError("levels are none; name at least one person who must take over")
    for lower, upper in pairwise(levels):
        if lower.who == upper.who:
            raise InvalidPolicyError(
                f"levels {lower.name!r} and {upper.name!r} are one person: {lower.who!r}; let the next level be another"
            )
    if len({level.name for level in levels}) < len(levels):
        raise InvalidPolicyError(f"levels share a name: {[level.name for level in levels]}; give each its own")
    return levels


@attrs.frozen
class EscalationState(Holds):
    """How far up a case is, and what comes next.

    Args:
        level: The name of the level that has it; "" while nothing calls for one.
        rank: Its number, from 1; 0 for none.
        who: Whom it is with.
        since_us: Since when it calls for somebody, in UTC microseconds; NEVER for not yet.
        reached_us: Since when it is with that level, in UTC microseconds.
        asked_us: When the level was last to be asked, in UTC microseconds.
        times: How many times the level was to be asked by now.
        acknowledged_us: When somebody took over, in UTC microseconds; NEVER while nobody has.
        exhausted: Whether the top was asked as often as it is to be: it stays there.
        next_us: When it goes up, or the same level is asked again, or a trigger falls due, in UTC microseconds.
        next_who: Who is asked then; "" where nothing comes by itself.
        owner: Who has the case: whoever accepted it last, else who opened it or handed it on.
        triggers: Why, one sentence each: what calls for somebody by now.
        why: All of it in words.
        key: The same for the same ask, wherever and whenever it is computed; reserve it before asking.
        unit: Whom it is about: (customer, case, ref, party).
        review_us: The next instant at which any of this may change without an event, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    level: str = ""
    rank: int = 0
    who: str = ""
    since_us: int = NEVER
    reached_us: int = NEVER
    asked_us: int = NEVER
    times: int = 0
    acknowledged_us: int = NEVER
    exhausted: bool = False
    next_us: int = NEVER
    next_who: str = ""
    owner: str = ""
    triggers: tuple[str, ...] = ()
    why: str = ""
    key: str = ""
    unit: Unit = ("", "", "", "")
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def acknowledged(self) -> bool:
        """Whether somebody of the levels took over."""
        return self.acknowledged_us < NEVER

    @property
    def since(self) -> pendulum.DateTime | None:
        """Since when it calls for somebody; None for not yet."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def asked_at(self) -> pendulum.DateTime | None:
        """When the level was last to be asked; None for not yet."""
        return maybe_moment(self.asked_us, self.zone)

    @property
    def acknowledged_at(self) -> pendulum.DateTime | None:
        """When somebody took over; None while nobody has."""
        return maybe_moment(self.acknowledged_us, self.zone)

    @property
    def next_at(self) -> pendulum.DateTime | None:
        """When the next one is asked; None where nothing comes by itself."""
        return maybe_moment(self.next_us, self.zone)

    @property
    def because(self) -> str:
        """What calls for somebody, as the end of a sentence."""
        return "; because " + "; ".join(self.triggers)

    @property
    def then(self) -> str:
        """Who is asked next, as the end of a sentence; "" where nobody is by itself."""
        return f"; {self.next_who} is asked {in_words(self.next_us, self.zone)}" if self.next_us < NEVER else ""

    def __str__(self) -> str:
        return self.why


def key_of(unit: Unit, level: str, times: int, since: int) -> str:
    """The key of one ask: whom it is about, which level, for which time, and what called for it."""
    return Decision(Verdict.GO, unit, About(f"escalation.{level}.{times}"), cycle_us=since).key


def pressing(state: EscalationState) -> tuple[Any, ...]:
    """How states are ordered: what nobody has taken and is furthest up, then what somebody has, then what comes."""
    waits = state.rank > 0 and not state.acknowledged
    return (not waits, -state.rank, state.since_us, state.next_us, state.unit)


def owner_of(known: Iterable[Event], unit: Unit) -> str:
    """Who has a case: whoever accepted it last, else who opened it or handed it on last."""
    steps = [e for e in known if (e.customer, e.case) == unit[:2] and e.party and e.kind in _HOLDS]
    return max(steps, key=lambda e: (e.kind == "accepted", e.order)).party if steps else ""


_HOLDS = ("accepted", "handed", "opened")
