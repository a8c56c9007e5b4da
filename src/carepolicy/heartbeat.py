"""Heartbeat: updates on open work, even when nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, latest, where
from carepolicy.facts import CASE, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.policy import Duty
from carepolicy.span import Span, forward
from carepolicy.threads import LastWhile

DATED = Which(("promise", "estimate"), by=THEM)
"""A date stated to the customer: a promise or an estimate."""


@attrs.frozen
class Heartbeat(Duty):
    """An update on open work at least so often, even when nothing has changed.

    Fed by an update that we send (a talk, or a mail written by a person), by a date stated to the customer (a promise
    or an estimate), and by a talk of any origin while a stated date still lies ahead: the customer heard status and a
    next date. Their call that got neither feeds nothing.

    Args:
        every: After how long the next update is due.
        by: Who may give it: parties by name, or by role; our side and its partners when left out.

    Raises:
        InvalidPolicyError: If `every` is no span or does not point forward.
    """

    every: Span = field(validator=forward)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    owed: ClassVar[str] = "an update"

    def needs(self) -> Mapping[str, Fact]:
        """The last update, the last talk with a date ahead, and whether the case is open."""
        update = Which(
            "contact", by=self.by, direction="outbound", purpose="update", author=("human", ""),
            outcome=("conversation", "delivered"),
        )  # fmt: skip
        return {
            "last_update": Last((update, attrs.evolve(DATED, by=self.by)), scope=CASE),
            "last_informed": LastWhile(Which("contact", by=self.by, conversation=True), ahead=DATED),
            "last_opened": Last(Which(("opened", "reopened"), whole=True), scope=CASE),
            "last_ended": Last(Which(("completed", "closed"), whole=True), scope=CASE),
        }

    def due(self, f: Facts) -> Instant:
        """`every` after the last update, while the case is open."""
        return where(f.last_opened > f.last_ended, f.after(self.cycle(f), self.every), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """The last update, or when the case was opened."""
        return latest(f.last_opened, f.last_update, f.last_informed)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"an update on open work every {self.every}, even when nothing has changed"
