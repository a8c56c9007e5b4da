"""Trouble at a customer: what is open or wrong, and what it holds back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, latest, unless, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.span import Span, days, forward, not_backward
from carepolicy.threads import EarliestOpen

HOLD, SUPPRESS, REDIRECT = "hold", "suppress", "redirect"
ACTIONS = (HOLD, SUPPRESS, REDIRECT)
"""What trouble does to what would go out: it waits, it is dropped, or another contact is made instead."""
SCOPES = (CASE, CUSTOMER)


def _known_scope(instance: object, attribute: object, value: str) -> None:
    if value not in SCOPES:
        raise InvalidPolicyError(f"scope is not known: {value!r}; use one of {', '.join(SCOPES)}")


@attrs.frozen
class NoTrouble(Guard):
    """Nothing is open and nothing is wrong at the customer.

    Trouble is an open case, or trouble that was reported and is not over.

    Args:
        cool_off: How long after the last trouble ended.
        scope: "customer": anything of theirs; "case": only this journey.
    """

    cool_off: Span = field(factory=lambda: days(0), validator=not_backward)
    scope: str = field(default=CUSTOMER, validator=_known_scope)

    awaits: ClassVar[str] = "the open case or trouble to end"

    def needs(self) -> Mapping[str, Fact]:
        """The earliest case that is open, the earliest trouble that is not over, and when the last of both ended."""
        begun, ended = Which(("opened", "reopened"), whole=True), Which("closed", whole=True)
        return {
            "case_open_since": EarliestOpen(begun, until=ended, scope=self.scope, gives="at"),
            "trouble_since": EarliestOpen("trouble", until="trouble_over", scope=self.scope, gives="at"),
            "trouble_ended": Last((ended, Which("trouble_over")), scope=self.scope),
        }

    def opens(self, f: Facts) -> Instant:
        """Never while there is trouble, then `cool_off` after it ended."""
        open_now = earliest(f.case_open_since, f.trouble_since) < NEVER
        return where(open_now, NEVER, f.after(f.trouble_ended, self.cool_off))

    def cycle(self, f: Facts) -> Instant:
        """When the last trouble ended."""
        return f.trouble_ended

    def explain(self) -> str:
        """The rule in plain words."""
        whole = "at the customer" if self.scope == CUSTOMER else "in the journey"
        return f"nothing is open or wrong {whole}" + (
            f", and has not been for {self.cool_off}" if self.cool_off.amount else ""
        )


@attrs.frozen
class Trouble:
    """One entry of the trouble register.

    Args:
        name: What is wrong, as the `purpose` of a `trouble` event says it: complaint, outage, bereavement, ...
        lasts: How long it holds from when it was reported; until its `trouble_over` event when left out.
        action: One of `ACTIONS`.

    Raises:
        InvalidPolicyError: If the name is empty, the action not known, or something else than a hold ends by itself.
    """

    name: str
    lasts: Span | None = field(default=None, validator=forward)
    action: str = HOLD

    def __attrs_post_init__(self) -> None:
        if not self.name:
            raise InvalidPolicyError("trouble has no name; say what is wrong, e.g. Trouble('complaint')")
        if self.action not in ACTIONS:
            raise InvalidPolicyError(f"action is not known: {self.action!r}; use one of {', '.join(ACTIONS)}")
        if self.lasts is not None and self.action != HOLD:
            raise InvalidPolicyError(f"lasts goes with a hold only: {self.action!r} for {self.lasts}; leave one out")

    def fact(self, scope: str) -> Fact:
        """When it was reported: the earliest that is not over, or the latest where it ends by itself."""
        said = Which("trouble", purpose=self.name)
        if self.lasts is not None:
            return Last(said, scope=scope)
        return EarliestOpen(said, until=Which("trouble_over", purpose=self.name), scope=scope, gives="at")


REGISTER = (
    Trouble("complaint"),
    Trouble("escalation"),
    Trouble("outage"),
    Trouble("collections", action=SUPPRESS),
    Trouble("loss", days(90)),
    Trouble("bereavement", days(365)),
)
"""A register to begin with."""


class GoingOn(Guard):
    """A guard of things that may go on, each of which holds, drops, or calls for another contact instead."""

    __slots__ = ()

    def _since(self, f: Facts, action: str) -> list[tuple[Span | None, Instant]]:
        """For everything with an action: how long it lasts (None until it is over), and since when it goes on."""
        raise InvalidPolicyError(f"guard does not say what goes on: {type(self).__name__}; write its `_since` method")

    def opens(self, f: Facts) -> Instant:
        """When everything that holds is over."""
        held = self._since(f, HOLD)
        return latest(ALWAYS, *(unless(at < NEVER) if lasts is None else f.after(at, lasts) for lasts, at in held))

    def closes(self, f: Facts) -> Instant:
        """Since when something goes on that drops it."""
        return earliest(NEVER, *(at for _, at in self._since(f, SUPPRESS)))

    def redirects(self, f: Facts) -> Instant:
        """Since when something goes on that calls for another contact."""
        return earliest(NEVER, *(at for _, at in self._since(f, REDIRECT)))


def _entries(value: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(value)


@attrs.frozen
class NothingRegistered(GoingOn):
    """Nothing that the trouble register names stands against it.

    Each kind of trouble holds (wait until it is over), suppresses (too late, for as long as it goes on), or calls for
    another contact instead.

    Args:
        register: What counts, and what it does.
        scope: "customer": anything of theirs; "case": only this journey.

    Raises:
        InvalidPolicyError: If the register is empty or names something twice.
    """

    register: tuple[Trouble, ...] = field(default=REGISTER, converter=_entries)
    scope: str = field(default=CUSTOMER, validator=_known_scope)

    awaits: ClassVar[str] = "the trouble to be over"

    def __attrs_post_init__(self) -> None:
        names = [entry.name for entry in self.register]
        if not names or len(set(names)) < len(names):
            raise InvalidPolicyError(f"register needs entries, each of its own name: {names!r}; rename or add one")

    def needs(self) -> Mapping[str, Fact]:
        """When each kind of trouble was reported."""
        return {f"trouble_{entry.name}": entry.fact(self.scope) for entry in self.register}

    def _since(self, f: Facts, action: str) -> list[tuple[Span | None, Instant]]:
        return [(t.lasts, getattr(f, f"trouble_{t.name}")) for t in self.register if t.action == action]

    def explain(self) -> str:
        """The rule in plain words."""
        return f"none of these is going on: {', '.join(entry.name for entry in self.register)}"
