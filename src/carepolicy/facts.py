"""Facts: what is known, folded from events.

A fact is a declaration: which events, in which scope, folded how. From it come the value for one timeline, the O(1)
update when one event arrives, and the merging of partial folds. Folds are latest, first, k-th latest or latest per
reference, so they merge in any order and survive re-delivery; a sum would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import attrs

from carepolicy._instant import ALWAYS, NEVER, Instant, is_array, iso, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import UnknownNameError
from carepolicy.events import Event
from carepolicy.span import Span

CUSTOMER, CASE, REF, PARTY = "customer", "case", "ref", "party"
SCOPES = (CUSTOMER, CASE, REF, PARTY)
US, PARTNER, THEM, CUSTOMER_PARTY = "us", "partner", "them", "customer"
"""Roles that stand for parties: our own people, our partners, both of these, and the customer."""


def words(value: str | Iterable[str]) -> tuple[str, ...]:
    """One word or several, as a tuple.

    >>> words("us"), words(["phone", "visit"])
    (('us',), ('phone', 'visit'))
    """
    return (value,) if isinstance(value, str) else tuple(value)


@attrs.frozen
class Parties:
    """Who is who: which parties are ours and which are partners. Whoever is named nowhere is ours; `customer` never.

    >>> Parties(partners=["dealer"]).are("dealer", ("us",)), Parties().are("agent", ("us",))
    (False, True)
    """

    ours: tuple[str, ...] = attrs.field(default=(), converter=words)
    partners: tuple[str, ...] = attrs.field(default=(), converter=words)
    customers: tuple[str, ...] = attrs.field(default=(CUSTOMER_PARTY,), converter=words)

    def role(self, party: str) -> str:
        """The role of a party: "customer", "partner" or "us"."""
        if party in self.customers:
            return CUSTOMER_PARTY
        return PARTNER if party in self.partners else US

    def are(self, party: str, named: tuple[str, ...]) -> bool:
        """Whether a party is among those named, by name or by role; nobody named means anybody."""
        if not named or party in named:
            return True
        role = self.role(party)
        return role in named or (role != CUSTOMER_PARTY and THEM in named)


@attrs.frozen
class Which:
    """Which events: every condition given must hold, one left out asks for nothing.

    Args:
        kind: Kinds of event; any one of them.
        by: Parties by name, or by role: "us", "partner", "them" (both), "customer".
        person, channel, direction, outcome, author, purpose: Any one of the words given.
        conversation: Only live human talks.
        whole: Only events of the case itself, not of a part of it (they have no `ref`).
        named: The kind or the purpose is this word; how a touch finds its own events in a log.

    >>> Which("contact", by="us", direction="outbound").matches(Event(at=0, kind="sold"), Parties())
    False
    """

    kind: tuple[str, ...] = attrs.field(default=(), converter=words)
    by: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    person: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    channel: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    direction: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    outcome: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    author: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    purpose: tuple[str, ...] = attrs.field(default=(), converter=words, kw_only=True)
    conversation: bool = attrs.field(default=False, kw_only=True)
    whole: bool = attrs.field(default=False, kw_only=True)
    named: str = attrs.field(default="", kw_only=True)

    def matches(self, event: Event, parties: Parties) -> bool:
        """Whether an event is one of these."""
        return (
            (not self.kind or event.kind in self.kind)
            and (not self.named or self.named in (event.kind, event.purpose))
            and not (self.whole and event.ref)
            and (not self.conversation or event.is_conversation)
            and (not self.direction or event.direction in self.direction)
            and (not self.channel or event.channel in self.channel)
            and (not self.outcome or event.outcome in self.outcome)
            and (not self.author or event.author in self.author)
            and (not self.purpose or event.purpose in self.purpose)
            and (not self.person or event.person in self.person)
            and (not self.by or parties.are(event.party, self.by))
        )


conversation = Which("contact", conversation=True)
"""A live human talk, whoever began it."""


class Fact(Protocol):
    """A declared fold. `step` and `merge` are commutative, associative and idempotent: order and re-delivery of
    events never matter."""

    @property
    def scope(self) -> str:
        """One of `SCOPES`."""
        ...

    @property
    def missing(self) -> int:
        """The value where nothing has happened: ALWAYS or NEVER."""
        ...

    @property
    def of_candidate(self) -> bool:
        """Whether the fact speaks of the very message that is being judged (such as the closing of a survey)."""
        ...

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that feed it, in groups of alternatives: what opens it, what ends it, …"""
        ...

    def start(self) -> Any:
        """The state before any event."""
        ...

    def step(self, state: Any, event: Event, role: int) -> Any:
        """The state after one more event; bit n of `role` says that the event met group n of the conditions."""
        ...

    def merge(self, one: Any, other: Any) -> Any:
        """The state of two parts of a log as of the whole."""
        ...

    def value(self, state: Any) -> int:
        """The instant that the policies see."""
        ...


def unit_of(scope: str, event: Event) -> tuple[str, str, str, str] | None:
    """Whom a fact of this scope is about: (customer, case, ref, party); None where the event says nothing of it."""
    if scope == CASE:
        return (event.customer, event.case, "", "") if event.case else None
    if scope == CUSTOMER:
        return (event.customer, "", "", "")
    if scope == REF:
        return (event.customer, event.case, event.ref, "")
    return (event.customer, "", "", event.party) if event.party else None


_set = object.__setattr__


class Facts:
    """What is known of one customer, case, ref or party: names to instants, and the calendar to count in.

    Args:
        calendar: In which `after` counts; open around the clock in UTC when left out.
        known: Any aware times, ISO 8601 text, or UTC microseconds; what is None or left out is filled in by the
            policy that asks: it never happened.

    >>> from carepolicy.span import elapsed
    >>> f = Facts(last_invited="2026-03-02T09:00Z")
    >>> f.after(f.last_invited, elapsed(hours=1)) - f.last_invited == 3_600_000_000
    True
    """

    if TYPE_CHECKING:
        _calendar: Calendar

        def __getattr__(self, name: str) -> Instant: ...

    __slots__ = ("__dict__", "_calendar")  # the facts, and nothing else, are in the dict

    def __init__(self, calendar: Calendar | None = None, /, **known: datetime | str | int | None) -> None:
        values = {name: v if isinstance(v, int) else to_micros(v, name) for name, v in known.items() if v is not None}
        _set(self, "__dict__", values)
        _set(self, "_calendar", calendar or Calendar.always())

    @classmethod
    def of(cls, calendar: Calendar, values: Mapping[str, Instant]) -> Facts:
        """Facts of UTC microseconds (ints or int64 arrays), taken as they are."""
        return cls._over(calendar, dict(values))

    @classmethod
    def _over(cls, calendar: Calendar, values: dict[str, Instant]) -> Facts:
        """As `of`, of a dict that nobody changes: without a copy."""
        self = cls.__new__(cls)
        _set(self, "__dict__", values)
        _set(self, "_calendar", calendar)
        return self

    def __reduce__(self) -> tuple[Any, tuple[Calendar, dict[str, Instant]]]:
        return type(self).of, (self._calendar, self.__dict__)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"facts never change: {name!r} cannot be set; make new Facts")

    @property
    def calendar(self) -> Calendar:
        """The calendar that `after` counts in."""
        return self._calendar

    def after(self, instant: Instant, span: Span) -> Instant:
        """The instant a span later, in the calendar of the plan; ALWAYS and NEVER stay what they are."""
        return self._calendar._add(instant, span)  # noqa: SLF001  (the calendar's form for ticks)

    def known(self) -> dict[str, Instant]:
        """The facts by name."""
        return dict(self.__dict__)

    def filled(self, missing: Mapping[str, int]) -> dict[str, Instant]:
        """The facts by name, with what was not said filled in.

        Args:
            missing: What each fact is where nothing has happened.

        Raises:
            UnknownNameError: If a fact is known that is not among these.
        """
        values = {**missing, **self.__dict__}
        if len(values) > len(missing):
            unknown = min(values.keys() - missing.keys())
            raise UnknownNameError(
                f"fact is not one the policy uses: {unknown!r}; it uses {', '.join(sorted(missing))}"
            )
        return values

    def with_defaults(self, calendar: Calendar, declared: Mapping[str, Fact]) -> Facts:
        """These facts with what was not said filled in by the declarations.

        Raises:
            UnknownNameError: If a fact is known that nobody declared.
        """
        return Facts.of(calendar, self.filled({name: fact.missing for name, fact in declared.items()}))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and (self._calendar, self.__dict__) == (other._calendar, other.__dict__)

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        words = [] if self._calendar == Calendar.always() else [repr(self._calendar)]
        words += [f"{name}={_said(value)}" for name, value in self.known().items()]
        return f"Facts({', '.join(words)})"


def _said(value: Instant) -> str:
    """What builds a fact again: a column as it is, ALWAYS and NEVER by name, else ISO 8601."""
    if is_array(value):
        return repr(value)
    return repr(iso(value)) if ALWAYS < value < NEVER else iso(value).upper()
