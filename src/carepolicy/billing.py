"""Billing: a bill after the work, a reminder only of what nobody disputes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, where
from carepolicy.completion import EVENT, Completion
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.outreach import QuietHours
from carepolicy.policy import AllOf, Guard, all_of
from carepolicy.span import Span, days, not_backward
from carepolicy.threads import EarliestOpen

DISPUTE = ("dispute",)
"""What a `trouble` is called that disputes a bill, by its `purpose`."""


@attrs.frozen
class DunningHeld(Guard):
    """Nobody is reminded to pay what they dispute, until the dispute is over and for a while after.

    A dispute is a `trouble` of that purpose until its `trouble_over`. Closing the case ends no dispute.

    Args:
        cool_off: How long after the last dispute ended.
        purposes: What disputes are called.
        scope: "customer": any dispute of theirs holds every reminder; "case": only those about this case.

    Raises:
        InvalidPolicyError: If no dispute is named, or the scope is not known.
    """

    cool_off: Span = field(factory=lambda: days(7), validator=not_backward)
    purposes: tuple[str, ...] = field(default=DISPUTE, converter=words, kw_only=True)
    scope: str = field(default=CUSTOMER, kw_only=True)

    awaits: ClassVar[str] = "the dispute to be over"

    def __attrs_post_init__(self) -> None:
        if not self.purposes or "" in self.purposes:
            raise InvalidPolicyError(f"purposes name no dispute: {self.purposes!r}; say which, e.g. 'dispute'")
        if self.scope not in (CASE, CUSTOMER):
            raise InvalidPolicyError(f"scope is not known: {self.scope!r}; use one of {CASE}, {CUSTOMER}")

    def needs(self) -> Mapping[str, Fact]:
        """The earliest dispute that goes on, and when the last one ended."""
        said, over = Which("trouble", purpose=self.purposes), Which("trouble_over", purpose=self.purposes)
        return {
            "dispute_since": EarliestOpen(said, until=over, scope=self.scope, gives="at"),
            "dispute_ended": Last(over, scope=self.scope),
        }

    def opens(self, f: Facts) -> Instant:
        """Never during a dispute, then `cool_off` after it."""
        return where(f.dispute_since < NEVER, NEVER, f.after(f.dispute_ended, self.cool_off))

    def cycle(self, f: Facts) -> Instant:
        """When the last dispute ended."""
        return f.dispute_ended

    def explain(self) -> str:
        """The rule in plain words."""
        after = f", nor for {self.cool_off} after it" if self.cool_off.amount else ""
        return f"no reminder to pay during a dispute{after}"


@attrs.frozen
class InvoiceAfterCompletion(Guard):
    """The bill comes after the work is done, never because its date has come or its file was closed.

    What is reopened, or fails, is not done. All legs must be done where they are named.

    Args:
        settle: How long after the completion.
        of: What counts as the completion; the customer's word or what happened, when left out.
    """

    settle: Span = field(factory=lambda: days(0), validator=not_backward)
    of: Completion = field(factory=lambda: Completion(EVENT), kw_only=True)

    awaits: ClassVar[str] = "the work to be done"

    def needs(self) -> Mapping[str, Fact]:
        """The completion, what voids it, and the date that was given."""
        return self.of.needs()

    def opens(self, f: Facts) -> Instant:
        """`settle` after the completion."""
        return f.after(self.of.standing(f), self.settle)

    def likely(self, f: Facts) -> Instant:
        """`settle` after the completion, or after the date that was given."""
        return f.after(self.of.foreseen(f), self.settle)

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return self.of.begun(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the bill comes " + (f"{self.settle} after" if self.settle.amount else "once") + " the work is done"


def dunning_guard(zone: str, *, cool_off: Span | None = None) -> AllOf:
    """The guard of a reminder to pay that we recommend: not during a dispute, and on a working day.

    Args:
        zone: The zone of customers whose own is not known.
        cool_off: How long after a dispute; seven days when left out.
    """
    held = DunningHeld() if cool_off is None else DunningHeld(cool_off)
    return all_of(held, QuietHours(zone, days="Mon-Fri"))
