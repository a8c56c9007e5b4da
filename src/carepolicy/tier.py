"""Tiers and wishes: another rhythm for some customers, by what they are to us or by what they asked for.

A customer is in one tier at a time, and wishes one rhythm at a time: what the latest event of the kind names. The
stays in each are folded, so that a change keeps what was met and never breaches anything before it happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, earliest, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import CUSTOMER, Fact, Facts, Which
from carepolicy.folds import Order, known_scope, which_of
from carepolicy.span import Span, forward

SINCE, UNTIL = "since", "until"


def in_order(every: Span, at_most: Span | None) -> None:
    """Refuse a longest interval that is shorter than the ideal one, where the two can be compared."""
    if at_most is not None and at_most.unit == every.unit and at_most.amount < every.amount:
        raise InvalidPolicyError(f"at_most is shorter than every: at_most={at_most}, every={every}; swap them")


def fact_name(name: str) -> str:
    """A name as it stands in the name of a fact.

    >>> fact_name("Key account")
    'key_account'
    """
    return re.sub(r"\W+", "_", name).lower()


def _named(instance: object, attribute: object, value: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidPolicyError(f"tier has no name: {value!r}; name it as the log does, e.g. 'gold'")


@attrs.frozen
class Tier:
    """The rhythm of the customers of one tier, or of those who wish it.

    Args:
        name: What the log calls it: the purpose of an event of kind "tier" or "wish".
        every: After how long the next talk is due.
        at_most: The longest that it may take; as `every` when left out.

    Raises:
        InvalidPolicyError: If it has no name, or the spans are none or contradict each other.
    """

    name: str = field(validator=_named)
    every: Span = field(validator=forward)
    at_most: Span | None = field(default=None, validator=forward)
    fact: str = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        in_order(self.every, self.at_most)
        object.__setattr__(self, "fact", fact_name(self.name))

    @property
    def limit(self) -> Span:
        """The longest that it may take."""
        return self.every if self.at_most is None else self.at_most

    def __str__(self) -> str:
        """The rhythm in plain words."""
        return f"every {self.every}" + ("" if self.at_most is None else f", {self.at_most} at most")


def tiers_of(value: Iterable[Tier]) -> tuple[Tier, ...]:
    """Some tiers as they are kept."""
    return tuple(value)


def each_once(name: str, tiers: Sequence[Tier]) -> None:
    """Refuse tiers whose facts would have one name."""
    for number, tier in enumerate(tiers):
        if not isinstance(tier, Tier):
            raise InvalidPolicyError(f"{name} holds what is no Tier: {tier!r}; write e.g. Tier('gold', days(7))")
        if tier.fact in {other.fact for other in tiers[:number]}:
            raise InvalidPolicyError(f"{name} names one twice: {tier.name!r}; keep one, or name it otherwise")


@attrs.frozen
class Stay:
    """The latest stay in a tier (or in a wish): since when or until when. The state keeps every change of its scope.

    A stay begins with the first event that names it and ends with the first that names another; naming it again
    changes nothing, and an event that names none (no purpose) says nothing.

    Args:
        which: The events that name it.
        among: The events that name it or another one.
        gives: "since" or "until"; a stay that goes on lasts until NEVER.
        other: Whether it is the stay in none of those that `which` names, which lasts from the beginning.
        scope: Whom the fact is about.
        missing: The value where there was no stay.
    """

    which: tuple[Which, ...] = field(converter=which_of)
    among: tuple[Which, ...] = field(converter=which_of, kw_only=True)
    gives: str = field(default=SINCE, kw_only=True)
    other: bool = field(default=False, kw_only=True)
    scope: str = field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = field(default=NEVER, kw_only=True)
    of_candidate: bool = field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """What names it, and what names any."""
        return (self.which, self.among)

    def start(self) -> tuple[tuple[Order, bool], ...]:
        """Nothing was named."""
        return ()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more event that names one."""
        return self.merge(state, ((event.order, bool(role & 1) != self.other),)) if event.purpose else state

    def merge(self, one: Any, other: Any) -> Any:
        """The events of both."""
        return tuple(sorted({*one, *other}))

    def value(self, state: Any) -> int:
        """When the latest stay began or ended."""
        since = ALWAYS if self.other else None
        stay = None
        for (at, _, _), inside in state:
            if inside and since is None:
                since = at
            elif not inside and since is not None:
                stay, since = (since, at), None
        if since is not None:
            stay = (since, NEVER)
        if stay is None:
            return self.missing
        return int(stay[0] if self.gives == SINCE else stay[1])


@attrs.frozen
class NotBefore:
    """Before which instant a customer did not want to be contacted: the due date of a wish, as long as it stood.

    A later wish with a due date replaces the one before from when it was said; one without says nothing of it. The
    state keeps every such wish.

    Args:
        which: The events that say so.
        scope, missing: As for `Last`.
    """

    which: tuple[Which, ...] = field(converter=which_of)
    scope: str = field(default=CUSTOMER, kw_only=True, validator=known_scope)
    missing: int = field(default=ALWAYS, kw_only=True)
    of_candidate: bool = field(default=False, kw_only=True, init=False, repr=False)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that say so."""
        return (self.which,)

    def start(self) -> tuple[tuple[Order, int], ...]:
        """Nothing was said."""
        return ()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more wish with a due date."""
        return self.merge(state, ((event.order, event.due_us),)) if event.due_us < NEVER else state

    def merge(self, one: Any, other: Any) -> Any:
        """The wishes of both."""
        return tuple(sorted({*one, *other}))

    def value(self, state: Any) -> int:
        """The latest instant that a wish put off to while it stood."""
        replaced = [order[0] for order, _ in state[1:]] + [NEVER]
        stood = (min(due, at) for (_, due), at in zip(state, replaced, strict=False))
        return max(stood, default=self.missing)


def tier_facts(tiers: Sequence[Tier]) -> dict[str, Fact]:
    """Since when and until when the customer was last in each tier, and in none of them."""
    facts: dict[str, Fact] = {}
    if tiers:
        for tier in tiers:
            named = Which("tier", purpose=tier.name)
            facts[f"tier_{tier.fact}"] = Stay(named, among="tier")
            facts[f"tier_{tier.fact}_until"] = Stay(named, among="tier", gives=UNTIL)
        any_of = Which("tier", purpose=tuple(tier.name for tier in tiers))
        facts["no_tier"] = Stay(any_of, among="tier", other=True, missing=ALWAYS)
        facts["no_tier_until"] = Stay(any_of, among="tier", other=True, gives=UNTIL)
    return facts


def wish_facts(wishes: Sequence[Tier]) -> Mapping[str, Fact]:
    """Until when each wish stood (NEVER while it stands), and before when nothing was wanted."""
    facts: dict[str, Fact] = {
        f"wish_{wish.fact}_until": Stay(Which("wish", purpose=wish.name), among="wish", gives=UNTIL, missing=ALWAYS)
        for wish in wishes
    }
    facts["not_before"] = NotBefore("wish")
    return facts


def stays(f: Facts, tiers: Sequence[Tier]) -> tuple[tuple[Instant, Instant], ...]:
    """The latest stay in no tier and in each of them, as (since, until); each ends when a later one begins."""
    names = ("no_tier", *(f"tier_{tier.fact}" for tier in tiers))
    since = [getattr(f, name) for name in names]
    until = [getattr(f, f"{name}_until") for name in names]
    return tuple(
        (s, earliest(u, *(where(later > s, later, NEVER) for later in since)))
        for s, u in zip(since, until, strict=True)
    )


def due_in(limits: Sequence[Instant], times: Sequence[tuple[Instant, Instant]]) -> Instant:
    """When the limit of the tier in force was first reached; never before the customer came into that tier.

    Args:
        limits: When the limit of each tier is reached, counted from the last talk.
        times: The stay in each.
    """
    reached = [latest(limit, since) for limit, (since, _) in zip(limits, times, strict=True)]
    return earliest(NEVER, *(where(us < until, us, NEVER) for us, (_, until) in zip(reached, times, strict=True)))


def of_now(values: Sequence[Instant], times: Sequence[tuple[Instant, Instant]]) -> Instant:
    """The value of the tier that the customer is in."""
    held = [both(until >= NEVER, since < NEVER) for since, until in times]
    return earliest(NEVER, *(where(holds, value, NEVER) for holds, value in zip(held, values, strict=True)))
