"""A loan car covers the repair: nobody has to bring it back before their own is ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from carepolicy import NEVER, Duty, Event, Fact, Facts, Instant, Span, Which, last, where, working_days


@frozen
class Farthest:
    """The farthest due date among some events of a case: an extension counts, an earlier date does not.

    A maximum, so it merges in any order and survives re-delivery.

    Args:
        which: The events that count.
    """

    which: Which

    scope: ClassVar[str] = "case"
    missing: ClassVar[int] = NEVER
    of_candidate: ClassVar[bool] = False

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """The events that count."""
        return ((self.which,),)

    def start(self) -> int | None:
        """No date has been said."""
        return None

    def step(self, state: int | None, event: Event, role: int) -> int | None:
        """The later of the two dates; an event without one says nothing."""
        return self.merge(state, None if event.due is None else event.due_us)

    def merge(self, one: int | None, other: int | None) -> int | None:
        """The later of the two dates."""
        return max((date for date in (one, other) if date is not None), default=None)

    def value(self, state: int | None) -> int:
        """The date."""
        return self.missing if state is None else state


@frozen
class LoanCarCovers(Duty):
    """While the repair is not complete, the loan car is extended before it runs out.

    Args:
        before: How long before.
    """

    before: Span = field(factory=lambda: working_days(1))

    facts: ClassVar[Mapping[str, Fact]] = {
        "lent": last("loan_car", scope="case"),
        "loan_ends": Farthest(Which("loan_car")),
        "repaired": last(Which(("completed", "closed"), whole=True), scope="case"),
    }

    def due(self, f: Facts) -> Instant:
        """`before` the loan runs out."""
        return where(f.lent > f.repaired, f.after(f.loan_ends, -self.before), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """The last loan or extension."""
        return f.lent

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the loan car is extended {self.before} before it runs out, while the repair is not complete"
