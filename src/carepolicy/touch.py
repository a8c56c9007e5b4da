"""Touches: what a company does towards a customer, with the duty to do it, the guard that allows it, or both."""

from __future__ import annotations

from typing import TypeVar

import attrs
from attrs import field

from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Which
from carepolicy.policy import all_of, first_of
from carepolicy.protocols import DutyLike, GuardLike

_P = TypeVar("_P")
CLASSES = ("safety", "legal", "service", "billing", "survey", "marketing")
"""The order in which touches come before one another."""


def _duty(value: DutyLike | None) -> DutyLike | None:
    return _joined(() if value is None else first_of(value).parts, value)


def _guard(value: GuardLike | None) -> GuardLike | None:
    return _joined(() if value is None else all_of(value).parts, value)


def _joined(parts: tuple[_P, ...], whole: _P | None) -> _P | None:
    """What is joined from one part is that part, and from none nothing."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else whole


@attrs.frozen(kw_only=True)
class Touch:
    """Something that a company does towards a customer.

    Args:
        due: The duty: when it must be done; duties join with `|`.
        guard: The permission: when it may be done; guards join with `&`.
        owner: Who does it.
        touch_class: One of `CLASSES`; "service" when left out, or the name of the touch where it is one of them.
        channel: Touches on one channel that are due together are merged into one contact.
        minutes: How long it takes, for the worklist.
        sends: Which events of a log are this touch; those whose kind or purpose is its name, when left out.

    Raises:
        InvalidPolicyError: If neither duty nor guard is given, or one is not what it should be.
        InvalidCalendarError: If the hours of its guards never overlap.
    """

    due: DutyLike | None = field(default=None, converter=_duty)
    guard: GuardLike | None = field(default=None, converter=_guard)
    owner: str = ""
    touch_class: str = ""
    channel: str = "phone"
    minutes: int = 10
    sends: Which | None = None

    def __attrs_post_init__(self) -> None:
        if self.due is None and self.guard is None:
            raise InvalidPolicyError("touch has neither duty nor guard; give due= or guard=")
        if self.guard is not None:
            self.guard.open_hours()  # hours that never overlap are refused here
        if self.touch_class not in ("", *CLASSES):
            raise InvalidPolicyError(f"touch_class is not known: {self.touch_class!r}; use one of {', '.join(CLASSES)}")
        if not isinstance(self.minutes, int) or isinstance(self.minutes, bool):
            raise InvalidPolicyError(f"minutes must be a whole number, got {self.minutes!r}")
        if self.minutes < 1:
            raise InvalidPolicyError(f"minutes must be at least 1, got {self.minutes}")

    def class_of(self, name: str) -> str:
        """The class of this touch under its name in a plan."""
        return self.touch_class or (name if name in CLASSES else "service")

    def sends_of(self, name: str) -> Which:
        """Which events of a log are this touch, under its name in a plan."""
        return self.sends if self.sends is not None else Which(named=name)
