"""What a guard and a duty are, to whoever writes one: the methods that every policy has, by subclassing or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, runtime_checkable

from carepolicy._instant import Instant
from carepolicy.calendar import Calendar
from carepolicy.facts import Fact, Facts
from carepolicy.span import Span


@runtime_checkable
class GuardLike(Protocol):
    """What a guard is: `Guard` has a default for each of these."""

    awaits: ClassVar[str]

    def needs(self) -> Mapping[str, Fact]:
        """The facts it asks for, by name."""
        ...

    def opens(self, f: Facts) -> Instant:
        """From when it may happen."""
        ...

    def closes(self, f: Facts) -> Instant:
        """Before when it must have happened to be allowed."""
        ...

    def redirects(self, f: Facts) -> Instant:
        """From when another contact is called for instead."""
        ...

    def likely(self, f: Facts) -> Instant:
        """From when it may be expected to open, by what is estimated."""
        ...

    def cycle(self, f: Facts) -> Instant:
        """When the event happened that opened this cycle."""
        ...

    def open_hours(self) -> Calendar | None:
        """The hours in which it may happen; None for any."""
        ...

    def explain(self) -> str:
        """The rule in plain words."""
        ...


@runtime_checkable
class DutyLike(Protocol):
    """What a duty is: `Duty` has a default for each of these but `due`."""

    awaits: ClassVar[str]
    lapse: ClassVar[str]
    owed: ClassVar[str]

    def needs(self) -> Mapping[str, Fact]:
        """The facts it asks for, by name."""
        ...

    def starts(self, f: Facts) -> Instant:
        """From when it is worth doing."""
        ...

    def due(self, f: Facts) -> Instant:
        """By when it must be done."""
        ...

    def cycle(self, f: Facts) -> Instant:
        """When the event happened that opened this cycle."""
        ...

    def attempted(self, f: Facts) -> Instant:
        """When it was last tried."""
        ...

    def interval(self) -> Span | None:
        """A silence is reported again each time it crosses another one; None to report it once."""
        ...

    def explain(self) -> str:
        """The rule in plain words."""
        ...
