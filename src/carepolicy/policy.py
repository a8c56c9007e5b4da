"""Policies: guards say when something may happen, duties when something must; `&` and `|` join them.

A policy is a frozen value with plain functions from facts to instants. The same text decides for one customer (ints)
and for a table (int64 columns), so it may not branch on facts: use `where`, `latest`, `earliest`, `only_if`, `unless`
instead of `if`, `max()`, `min()`, `not`. `carepolicy.testing.check_policy` finds the traps.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar

import attrs

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, latest
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Fact, Facts, Parties
from carepolicy.protocols import DutyLike, GuardLike
from carepolicy.span import Span
from carepolicy.timeline import Timeline


class _Policy:
    """What guards and duties share; strangers may subclass `Guard` and `Duty`, or write the methods of the Protocol."""

    __slots__ = ()
    facts: ClassVar[Mapping[str, Fact]] = {}
    awaits: ClassVar[str] = "an event"

    def needs(self) -> Mapping[str, Fact]:
        """The facts it asks for, by name; the class attribute `facts` unless a parameter decides."""
        return self.facts

    def cycle(self, f: Facts) -> Instant:
        """When the event happened that opened this cycle; ALWAYS where there is none."""
        return ALWAYS

    def explain(self) -> str:
        """The rule in plain words: the first line of the docstring unless a subclass says it better."""
        return (type(self).__doc__ or type(self).__name__).strip().splitlines()[0].rstrip(".")

    def decide(
        self,
        timeline: Timeline,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        parties: Parties | None = None,
        customer: str | None = None,
        case: str | None = None,
        ref: str | None = None,
        zone: str = "",
        wish: Calendar | None = None,
    ) -> Decision:
        """What this policy alone decides; of several cases or promises the most pressing one, unless one is named.

        `zone` is where the customer is, an IANA name; a `wish` are the hours in which they want to be contacted.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nothing is known of the customer, case or ref named.
        """
        from carepolicy._alone import decide_alone

        asked = {"customer": customer, "case": case, "ref": ref}
        return decide_alone(self, timeline, at, calendar or Calendar.always(), parties or Parties(), asked, zone, wish)

    def decide_facts(
        self,
        facts: Facts,
        at: datetime | str,
        *,
        calendar: Calendar | None = None,
        customer: str = "",
        case: str = "",
        ref: str = "",
        zone: str = "",
        wish: Calendar | None = None,
    ) -> Decision:
        """What this policy alone decides from facts that the host keeps; what is left out never happened.

        Name the customer, case and ref that the facts are about: they make the key; and the customer's own zone, an
        IANA name, where it is known: hours of contact are meant in it.

        Raises:
            UnknownNameError: If a fact is given that the policy does not use.
            UnknownZoneError: If the zone is not known.
        """
        from carepolicy._alone import decide_from_facts

        return decide_from_facts(self, facts, at, calendar or facts.calendar, (customer, case, ref, ""), zone, wish)


class Guard(_Policy):
    """When something may happen. Override what differs: `opens`, `closes`, `redirects`, `likely`, `open_hours`."""

    __slots__ = ()

    def opens(self, f: Facts) -> Instant:
        """From when it may happen; ALWAYS unless a subclass says otherwise."""
        return ALWAYS

    def closes(self, f: Facts) -> Instant:
        """Before when it must have happened to be allowed; NEVER unless a subclass says otherwise."""
        return NEVER

    def redirects(self, f: Facts) -> Instant:
        """From when another contact is called for instead; NEVER unless a subclass says otherwise."""
        return NEVER

    def likely(self, f: Facts) -> Instant:
        """From when it may be expected to open; `opens` unless an estimate is known."""
        return self.opens(f)

    def open_hours(self) -> Calendar | None:
        """The hours in which it may happen; any unless a subclass says otherwise."""
        return None

    @property
    def local_hours(self) -> bool:
        """Whether its hours are wall times of the customer, meant in the customer's zone where it is known."""
        return False

    def __and__(self, other: GuardLike) -> AllOf:
        return all_of(self, other)

    def __rand__(self, other: GuardLike) -> AllOf:
        return all_of(other, self)

    def __or__(self, other: object) -> AllOf:
        raise InvalidPolicyError(
            f"guards cannot be joined with |: {type(self).__name__} | {type(other).__name__}; a union is not one "
            "window, so write two touches, or one guard that says when either opens"
        )


class Duty(_Policy):
    """When something must happen. Override `due`, and what else differs."""

    __slots__ = ()
    lapse: ClassVar[str] = "missed"
    """The kind of finding when it lapses; "missed" becomes "late" where it was done after all."""
    owed: ClassVar[str] = "it"
    """What is owed, as findings say it: "no … since", "… was due", "… by"."""
    ours_to_do: ClassVar[bool] = False
    """Whether it is the owner's, and not the party's whose promise or estimate opened the cycle."""

    def starts(self, f: Facts) -> Instant:
        """From when it is worth doing; from `due` on unless a subclass says otherwise."""
        return self.due(f)

    @property
    def starts_at_due(self) -> bool:
        """Whether it starts when it falls due, so that both need to be asked for only once."""
        return type(self).starts is Duty.starts

    def due(self, f: Facts) -> Instant:
        """By when it must be done."""
        raise InvalidPolicyError(f"duty has no due instant: {type(self).__name__}; write its `due` method")

    def attempted(self, f: Facts) -> Instant:
        """When it was last tried; ALWAYS for never."""
        return ALWAYS

    def interval(self) -> Span | None:
        """A silence is reported again each time it crosses another one; None to report it once."""
        return None

    def __or__(self, other: DutyLike) -> FirstOf:
        return first_of(self, other)

    def __ror__(self, other: DutyLike) -> FirstOf:
        return first_of(other, self)

    def __and__(self, other: object) -> FirstOf:
        raise InvalidPolicyError(
            f"duties cannot be joined with &: {type(self).__name__} & {type(other).__name__}; join duties with |, and "
            "give a duty and a guard to a touch: Touch(due=..., guard=...)"
        )


@attrs.frozen(repr=False)
class AllOf(Guard):
    """Every one of some guards: the latest opening, the earliest closing, the hours intersected. Build it with `&`."""

    parts: tuple[GuardLike, ...] = attrs.field(converter=tuple, eq=frozenset)

    def needs(self) -> Mapping[str, Fact]:
        """The facts of all parts; a name that two parts declare differently is kept apart by the plan."""
        return {name: fact for part in self.parts for name, fact in part.needs().items()}

    def opens(self, f: Facts) -> Instant:
        """The latest opening."""
        return latest(ALWAYS, *(part.opens(f) for part in self.parts))

    def closes(self, f: Facts) -> Instant:
        """The earliest closing."""
        return earliest(NEVER, *(part.closes(f) for part in self.parts))

    def redirects(self, f: Facts) -> Instant:
        """The earliest instant at which another contact is called for."""
        return earliest(NEVER, *(part.redirects(f) for part in self.parts))

    def likely(self, f: Facts) -> Instant:
        """The latest opening that may be expected."""
        return latest(ALWAYS, *(part.likely(f) for part in self.parts))

    def cycle(self, f: Facts) -> Instant:
        """The latest event that opened a cycle."""
        return latest(ALWAYS, *(part.cycle(f) for part in self.parts))

    def open_hours(self) -> Calendar | None:
        """The hours in which every part is open."""
        hours = [h for part in self.parts if (h := part.open_hours()) is not None]
        return reduce(operator.and_, hours) if hours else None

    def explain(self) -> str:
        """The parts, one after the other."""
        return "; ".join(part.explain() for part in self.parts)

    def __repr__(self) -> str:
        return f"all_of({', '.join(map(repr, self.parts))})"


@attrs.frozen(repr=False)
class FirstOf(Duty):
    """Whichever of some duties falls due first. Build it with `|`."""

    parts: tuple[DutyLike, ...] = attrs.field(converter=tuple, eq=frozenset)

    def needs(self) -> Mapping[str, Fact]:
        """The facts of all parts; a name that two parts declare differently is kept apart by the plan."""
        return {name: fact for part in self.parts for name, fact in part.needs().items()}

    def starts(self, f: Facts) -> Instant:
        """The earliest start."""
        return earliest(NEVER, *(part.starts(f) for part in self.parts))

    def due(self, f: Facts) -> Instant:
        """The earliest due instant."""
        return earliest(NEVER, *(part.due(f) for part in self.parts))

    def attempted(self, f: Facts) -> Instant:
        """The latest try."""
        return latest(ALWAYS, *(part.attempted(f) for part in self.parts))

    def explain(self) -> str:
        """The parts, one after the other."""
        return "; or ".join(part.explain() for part in self.parts)

    def __repr__(self) -> str:
        return f"first_of({', '.join(map(repr, self.parts))})"


def guard_parts(guard: Any) -> tuple[Any, ...]:
    """A guard as its parts; none for None."""
    if guard is None:
        return ()
    return guard.parts if isinstance(guard, AllOf) else (guard,)


def duty_parts(duty: Any) -> tuple[Any, ...]:
    """A duty as its parts; none for None."""
    if duty is None:
        return ()
    return duty.parts if isinstance(duty, FirstOf) else (duty,)


def _is_guard(policy: object) -> bool:
    return isinstance(policy, GuardLike) and not isinstance(policy, type)


def _is_duty(policy: object) -> bool:
    return isinstance(policy, DutyLike) and not isinstance(policy, type)


def all_of(*guards: GuardLike) -> AllOf:
    """Every one of the guards; flat, each once, so that grouping and order do not matter.

    Raises:
        InvalidPolicyError: If one of them is no guard.
    """
    for guard in guards:
        if not _is_guard(guard):
            raise InvalidPolicyError(f"guard is not one: {guard!r}; {_remedy(guard, 'opens, closes and needs')}")
    return AllOf(_once(part for guard in guards for part in guard_parts(guard)))


def first_of(*duties: DutyLike) -> FirstOf:
    """Whichever of the duties falls due first; flat, each once.

    Raises:
        InvalidPolicyError: If one of them is no duty.
    """
    for duty in duties:
        if not _is_duty(duty):
            raise InvalidPolicyError(f"duty is not one: {duty!r}; {_remedy(duty, 'starts, due and needs')}")
    return FirstOf(_once(part for duty in duties for part in duty_parts(duty)))


def _remedy(policy: object, methods: str) -> str:
    """What to do about something that is no policy of the kind asked for."""
    if _is_guard(policy) or _is_duty(policy):
        return "a duty and a guard make a touch: Touch(due=..., guard=...)"
    return f"subclass Guard or Duty, or write its methods ({methods}, …)"


def _once(parts: Any) -> tuple[Any, ...]:
    many = tuple(parts)
    try:
        return tuple(dict.fromkeys(many))
    except TypeError as error:
        raise InvalidPolicyError(f"policy is not hashable: {many!r}; make it frozen, with tuples for lists") from error
