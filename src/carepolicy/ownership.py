"""Ownership: a case that nobody has in hand, or whoever has it may not do what it needs, must go up."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, where
from carepolicy.facts import CASE, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.span import Span, elapsed, not_backward
from carepolicy.triggers import OPEN, Trigger, while_open


@attrs.frozen
class OwnerAbsent(Trigger):
    """Whoever had the case is away, or handed it on, and nobody took over.

    Away is a `note` with the purpose "away", back one with "back"; `handed` gives a case away, `accepted` takes it.

    Args:
        within: How long that may last.
    """

    within: Span = field(factory=lambda: elapsed(hours=4), validator=not_backward)

    def needs(self) -> Mapping[str, Fact]:
        """When the case was last left alone, and last taken."""
        return {
            **OPEN,
            "left_alone": Last((Which("note", purpose="away"), Which("handed")), scope=CASE),
            "taken": Last((Which("note", purpose="back"), Which("accepted")), scope=CASE),
        }

    def due(self, f: Facts) -> Instant:
        """`within` after it was left alone."""
        return where(f.left_alone > f.taken, while_open(f, f.after(f.left_alone, self.within)), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was left alone."""
        return f.left_alone

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the owner is away or handed the case on, and nobody took over within {self.within}"


@attrs.frozen
class NotEmpowered(Trigger):
    """Whoever has the case asked for competence or authority, and it was not granted.

    Asking is an event of kind `asked` with one of these purposes; a `note` with the purpose "granted", or somebody who
    has `accepted` the case, ends it.

    Args:
        within: How long granting may take.
        purposes: What is asked for.
    """

    within: Span = field(factory=lambda: elapsed(hours=0), validator=not_backward)
    purposes: tuple[str, ...] = field(default=("authority", "competence"), converter=words)

    def needs(self) -> Mapping[str, Fact]:
        """When it was last asked for, and last granted."""
        return {
            **OPEN,
            "needed": Last(Which("asked", purpose=self.purposes), scope=CASE),
            "granted": Last((Which("note", purpose="granted"), Which("accepted")), scope=CASE),
        }

    def due(self, f: Facts) -> Instant:
        """`within` after it was asked for."""
        return where(f.needed > f.granted, while_open(f, f.after(f.needed, self.within)), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was asked for."""
        return f.needed

    def explain(self) -> str:
        """The rule in plain words."""
        within = f" within {self.within}" if self.within.amount else ""
        return f"{' or '.join(self.purposes)} was asked for and not granted{within}"
