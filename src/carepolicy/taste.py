"""A taste of a higher tier: what is spare, who may get it, and by which rule."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs
from attrs import field

from carepolicy._instant import iso
from carepolicy.answers import NoLowAnswer
from carepolicy.caps import AttemptCap
from carepolicy.consent import Consented
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Which
from carepolicy.messages import micros_of
from carepolicy.policy import AllOf, all_of, guard_parts
from carepolicy.protocols import GuardLike
from carepolicy.span import Span, days, forward, not_backward, working_days
from carepolicy.survey import Actionable
from carepolicy.trouble import NothingRegistered, NoTrouble

TASTED = Which(("contact", "delivered", "used"), purpose="taste")
"""What says that a customer had a taste of a higher tier."""


def _share(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 < value <= 1:
        raise InvalidPolicyError(f"{attribute.name} must be a share above 0 and at most 1, got {value}")


@attrs.frozen(repr=False)
class Spare:
    """What is free and would be wasted.

    Args:
        places: How many.
        when: When it is free (tonight): any aware time, ISO 8601 text, or UTC microseconds. Everybody is judged for
            then, and the follow-up counts from then.
        what: What it is: the suite, the fast lane, a senior adviser.

    Raises:
        InvalidTimeError: If the time has no zone.
        InvalidPolicyError: If the places are negative.
    """

    places: int
    when_us: int = field(alias="when", converter=micros_of)
    what: str = ""

    def __attrs_post_init__(self) -> None:
        if self.places < 0:
            raise InvalidPolicyError(f"places must not be negative, got {self.places}")

    def __repr__(self) -> str:
        what = f", {self.what!r}" if self.what else ""
        return f"Spare({self.places}, {iso(self.when_us)!r}{what})"


@attrs.frozen
class Candidate:
    """A customer who may get it.

    Args:
        customer: Who.
        missing: How much is missing to the next rung, as a share of the way: 0 for there, 1 for the whole way.
        rung: The next rung: what they would taste.
        group: The group whose share it counts to (a branch, a region, how they book); "" for none, which has no cap.
        owner: Who follows up; the owner of the rule when left out.

    Raises:
        InvalidPolicyError: If nobody is named, or what is missing is no number from 0.
    """

    customer: str
    missing: float
    rung: str
    group: str = ""
    owner: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.customer or not self.rung:
            raise InvalidPolicyError(
                f"candidate lacks a customer or a rung: {self.customer!r}, {self.rung!r}; name both"
            )
        if not (math.isfinite(self.missing) and self.missing >= 0):
            raise InvalidPolicyError(f"missing must be a share of the way from 0, got {self.missing}")


@attrs.frozen
class GroupShare:
    """The share of one group.

    Args:
        group: Which.
        at_most: The share of the places that it gets at most; one place it may always get.
    """

    group: str
    at_most: float = field(validator=_share)


def _shares(value: Iterable[GroupShare]) -> tuple[GroupShare, ...]:
    return tuple(value)


@attrs.frozen(kw_only=True)
class Taste:
    """The rule by which a taste of a higher tier is given.

    Args:
        near: Who lacks at most this share of the way is near the next rung.
        rest: How long a customer who had one gets none.
        cool_off: How long after trouble.
        at_most: The share of the places that a group gets at most, where `shares` does not name it; one place it may
            always get.
        shares: The shares of groups that differ.
        guard: What else must hold, beside no open trouble, no refusal and the rest.
        follow_up: By when the owner asks how it was, counted from when it was.
        owner: Who follows up.

    Raises:
        InvalidPolicyError: If `near` or a share is none, a group has two shares, a span does not point forward, or
            nobody follows up.
    """

    near: float = field(default=0.2, validator=_share)
    rest: Span = field(factory=lambda: days(180), validator=forward)
    cool_off: Span = field(factory=lambda: days(14), validator=not_backward)
    at_most: float = field(default=0.5, validator=_share)
    shares: tuple[GroupShare, ...] = field(default=(), converter=_shares)
    guard: GuardLike | None = None
    follow_up: Span = field(factory=lambda: working_days(1), validator=forward)
    owner: str = "customer care"

    def __attrs_post_init__(self) -> None:
        groups = [share.group for share in self.shares]
        if len(set(groups)) < len(groups) or "" in groups:
            raise InvalidPolicyError(f"shares need a group each, and each its own: {groups!r}; keep one")
        if not self.owner.strip():
            raise InvalidPolicyError(f"owner is nobody: {self.owner!r}; name who follows up")

    @property
    def guards(self) -> AllOf:
        """All that stands against giving it to a customer."""
        return all_of(
            NoTrouble(self.cool_off),
            NothingRegistered(),
            NoLowAnswer(),
            Consented("taste", required=False),
            Actionable(),
            AttemptCap(1, self.rest, TASTED),
            *guard_parts(self.guard),
        )

    def cap(self, group: str, places: int) -> int:
        """How many of so many places a group gets at most."""
        if not group:
            return places
        share = next((share.at_most for share in self.shares if share.group == group), self.at_most)
        return max(1, math.floor(share * places + 1e-9))  # a share of 0.29 of 100 is 29, whatever floats say
