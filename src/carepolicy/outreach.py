"""What else goes out: nothing to sell while there is trouble, and nothing outside the hours of contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, earliest, where
from carepolicy.calendar import Calendar
from carepolicy.facts import CUSTOMER, Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.span import Span, days, not_backward
from carepolicy.threads import EarliestOpen


@attrs.frozen
class NoTrouble(Guard):
    """Nothing is open and nothing is wrong at the customer.

    Trouble is an open case, or trouble that was reported and is not over.

    Args:
        cool_off: How long after the last trouble ended.
    """

    cool_off: Span = field(factory=lambda: days(0), validator=not_backward)

    facts: ClassVar[Mapping[str, Fact]] = {
        "case_open_since": EarliestOpen(
            Which(("opened", "reopened"), whole=True), until=Which("closed", whole=True), scope=CUSTOMER, gives="at"
        ),
        "trouble_since": EarliestOpen("trouble", until="trouble_over", scope=CUSTOMER, gives="at"),
        "trouble_ended": Last((Which("closed", whole=True), Which("trouble_over"))),
    }
    awaits: ClassVar[str] = "the open case or trouble to end"

    def opens(self, f: Facts) -> Instant:
        """Never while there is trouble, then `cool_off` after it ended."""
        open_now = earliest(f.case_open_since, f.trouble_since) < NEVER
        return where(open_now, NEVER, f.after(f.trouble_ended, self.cool_off))

    def cycle(self, f: Facts) -> Instant:
        """When the last trouble ended."""
        return f.trouble_ended

    def explain(self) -> str:
        """The rule in plain words."""
        return "nothing is open or wrong at the customer" + (
            f", and has not been for {self.cool_off}" if self.cool_off.amount else ""
        )


@attrs.frozen
class ContactHours(Guard):
    """Only while these hours are open, where the customer is.

    Args:
        hours: A calendar. Its hours are wall times of the customer: where the customer's zone is known they are meant
            in that zone, else in the calendar's own.
        fixed: The hours keep their zone wherever the customer is: they are ours, not theirs.
    """

    hours: Calendar
    fixed: bool = False

    @property
    def local_hours(self) -> bool:
        """Whether the hours are wall times of the customer."""
        return not self.fixed

    def open_hours(self) -> Calendar:
        """The hours."""
        return self.hours

    def explain(self) -> str:
        """The rule in plain words."""
        return f"during {self.hours}" + ("" if self.fixed else ", or in the zone of the customer where it is known")
