"""Answers to surveys: which scores are low, and by when each answer has a reply."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, earliest, unless, where
from carepolicy.answering import OldestUnanswered
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import COLUMNS, Event
from carepolicy.facts import CUSTOMER, REF, Fact, Facts, Which
from carepolicy.policy import Duty, Guard
from carepolicy.reader import REPLY
from carepolicy.span import Span, forward, working, working_days


@attrs.frozen
class Low:
    """Which scores are low.

    Args:
        at_most: The highest score that is low.
        column: The column of the log in which an answer has its score: one that a log has, such as "outcome", or one
            of its own, which is kept in `Event.extra`. A table of events (`facts_from_events`) carries those that a log
            has and no others: name one of them there, or keep the facts yourself.

    Raises:
        InvalidPolicyError: If no score could be told from it.
    """

    at_most: float = 2
    column: str = "score"

    def __attrs_post_init__(self) -> None:
        if not isfinite(self.at_most) or not self.column:
            raise InvalidPolicyError(
                f"low scores cannot be told: at_most={self.at_most}, column={self.column!r}; give a number and a column"
            )

    def score(self, answer: Event) -> float | None:
        """The score of an answer; None where there is none, or none that can be read.

        >>> Low().score(Event(at=0, kind="answer", extra={"score": "2"}))
        2.0
        """
        said = getattr(answer, self.column) if self.column in COLUMNS else dict(answer.extra).get(self.column, "")
        try:
            found = float(str(said))
        except ValueError:
            return None
        return found if isfinite(found) else None

    def __contains__(self, answer: Event) -> bool:
        """Whether the score of an answer is known to be low; an unknown one is not."""
        score = self.score(answer)
        return score is not None and score <= self.at_most


@attrs.frozen
class OldestLow:
    """When the oldest answer with a low score came that nobody has replied to.

    Args:
        low: Which scores are low.
        scope: Whom the fact is about.
    """

    low: Low = field(factory=Low)
    scope: str = field(default=REF, kw_only=True)
    missing: int = field(default=NEVER, init=False, repr=False)
    of_candidate: bool = field(default=False, init=False, repr=False)

    @property
    def _any(self) -> OldestUnanswered:
        return OldestUnanswered(Which("answer"), until=REPLY, scope=self.scope)

    def conditions(self) -> tuple[tuple[Which, ...], ...]:
        """Answers, and replies."""
        return self._any.conditions()

    def start(self) -> Any:
        """Nobody has answered."""
        return self._any.start()

    def step(self, state: Any, event: Event, role: int) -> Any:
        """One more answer with a low score, or one more reply."""
        return self._any.step(state, event, role if event in self.low else role & ~1)

    def merge(self, one: Any, other: Any) -> Any:
        """The later reply, and the answers of both since then."""
        return self._any.merge(one, other)

    def value(self, state: Any) -> int:
        """Its instant."""
        return self._any.value(state)


@attrs.frozen
class ReplyDue(Duty):
    """Every answer to a survey gets a reply of a person; one with a low score gets it sooner.

    An answer and its reply (a `contact` with the purpose "reply" or "survey_reply") belong together by case and ref.

    Args:
        within: How soon.
        low_within: How soon after a low score.
        low: Which scores are low.

    Raises:
        InvalidPolicyError: If a span does not point forward, or a low score would wait longer.
    """

    within: Span = field(factory=lambda: working_days(2), validator=forward)
    low_within: Span = field(factory=lambda: working(hours=4), validator=forward)
    low: Low = field(factory=Low, kw_only=True)

    owed: ClassVar[str] = "a reply to an answer"

    def __attrs_post_init__(self) -> None:
        if self.within.unit == self.low_within.unit and self.within.amount < self.low_within.amount:
            raise InvalidPolicyError(
                f"low_within is longer than within: low_within={self.low_within}, within={self.within}; "
                "who is unhappy waits least"
            )

    def needs(self) -> Mapping[str, Fact]:
        """The oldest answer without a reply, and the oldest low one."""
        return {
            "answered_since": OldestUnanswered(Which("answer"), until=REPLY, scope=REF),
            "low_since": OldestLow(self.low),
        }

    def starts(self, f: Facts) -> Instant:
        """When the answer came."""
        return f.answered_since

    def due(self, f: Facts) -> Instant:
        """`within` after the answer, or `low_within` after the low one if that is sooner."""
        return earliest(f.after(f.answered_since, self.within), f.after(f.low_since, self.low_within))

    def cycle(self, f: Facts) -> Instant:
        """When the answer came."""
        return where(f.answered_since >= NEVER, ALWAYS, f.answered_since)

    def explain(self) -> str:
        """The rule in plain words."""
        return (
            f"a reply within {self.within} of an answer, within {self.low_within} of a score of "
            f"{self.low.at_most:g} or less"
        )


@attrs.frozen
class NoLowAnswer(Guard):
    """Nobody who has just said how bad it was is reminded, or sold something, before anybody has replied.

    From the reply on it is the case that was opened which holds: join it with `NoTrouble()`.

    Args:
        low: Which scores are low.
    """

    low: Low = field(factory=Low)

    awaits: ClassVar[str] = "a reply to an answer with a low score"

    def needs(self) -> Mapping[str, Fact]:
        """The oldest answer with a low score that has no reply."""
        return {"low_at_customer": OldestLow(self.low, scope=CUSTOMER)}

    def opens(self, f: Facts) -> Instant:
        """Never while there is one."""
        return unless(f.low_at_customer < NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"no answer with a score of {self.low.at_most:g} or less waits for its reply"
