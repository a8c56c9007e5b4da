"""Cadence: the rhythm of talks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import US, Fact, Facts, Which, words
from carepolicy.folds import First, Last
from carepolicy.policy import Duty
from carepolicy.span import Span, forward


@attrs.frozen
class Cadence(Duty):
    """A live talk that we begin, at least so often.

    Fed by a live human talk (phone, video, visit) that our side began. Mail, voicemail, the customer's own call, a
    reminder, closing a case do not feed it. Who was never spoken to is owed a talk from when they were first heard of.

    Args:
        every: After how long the next talk is due.
        at_most: The longest that it may take; due then, and worth doing from `every` on. As `every` when left out.
        by: Who must begin the talk: parties by name, or "us".

    Raises:
        InvalidPolicyError: If a span is no span or does not point forward, or units or order of the two contradict.
    """

    every: Span = field(validator=forward)
    at_most: Span | None = field(default=None, validator=forward)
    by: tuple[str, ...] = field(default=(US,), converter=words)

    lapse: ClassVar[str] = "silence"
    owed: ClassVar[str] = "talk that we began"

    def __attrs_post_init__(self) -> None:
        if (
            self.at_most is not None
            and self.at_most.unit == self.every.unit
            and self.at_most.amount < self.every.amount
        ):
            raise InvalidPolicyError(
                f"at_most is shorter than every: at_most={self.at_most}, every={self.every}; swap them"
            )

    def needs(self) -> Mapping[str, Fact]:
        """The last talk that we began, the last try, the first word of the customer, and whether they left."""
        began = Which("contact", by=self.by, direction="outbound")
        return {
            "last_outreach": Last(attrs.evolve(began, conversation=True)),
            "last_attempt": Last(attrs.evolve(began, channel=("phone", "video", "visit"))),
            "first_heard_of": First(Which(), missing=ALWAYS),
            "left": Last("left"),
            "sold": Last("sold"),
        }

    @property
    def _limit(self) -> Span:
        return self.every if self.at_most is None else self.at_most

    def _after(self, f: Facts, span: Span) -> Instant:
        return where(f.left > f.sold, NEVER, f.after(self.cycle(f), span))

    def starts(self, f: Facts) -> Instant:
        """`every` after the last talk."""
        return self._after(f, self.every)

    @property
    def starts_at_due(self) -> bool:
        """Whether there is nothing between `every` and the limit."""
        return self.at_most is None

    def due(self, f: Facts) -> Instant:
        """`at_most` after the last talk."""
        return self._after(f, self._limit)

    def cycle(self, f: Facts) -> Instant:
        """The last talk, or when the customer was first heard of."""
        return where(f.last_outreach > ALWAYS, f.last_outreach, f.first_heard_of)

    def interval(self) -> Span:
        """The silence is reported again each time it lasts as long once more."""
        return self._limit

    def attempted(self, f: Facts) -> Instant:
        """The last call that we made, answered or not."""
        return f.last_attempt

    def explain(self) -> str:
        """The rhythm in plain words."""
        who = "we" if self.by == (US,) else " or ".join(self.by)
        limit = f", {self.at_most} at most" if self.at_most is not None else ""
        return f"a live talk that {who} began, every {self.every}{limit}"
