"""Survey timing: ask when the customer can know, while the answer still matters, and not too often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, where
from carepolicy.facts import CASE, Fact, Facts, Which
from carepolicy.folds import Last, latest_estimate
from carepolicy.policy import Guard
from carepolicy.span import Span, days, forward, not_backward

COMPLETION: Mapping[str, Fact] = {
    "completed": Last(Which("completed", whole=True), scope=CASE, missing=NEVER),
    "voided": Last(Which(("reopened", "failed"), whole=True), scope=CASE),
    "expected": latest_estimate(),
}
"""When the journey was completed, what voids that, and when it is expected."""


def standing(f: Facts) -> Instant:
    """The completion that still stands; NEVER where there is none, or a reopening or a failure came after it."""
    return where(f.voided > f.completed, NEVER, f.completed)


def begun(f: Facts) -> Instant:
    """When the cycle that a completion opens began; ALWAYS before any."""
    return where(standing(f) >= NEVER, ALWAYS, standing(f))


def foreseen(f: Facts) -> Instant:
    """The completion that stands, or else the expected one; NEVER where neither is known."""
    return where(standing(f) >= NEVER, f.expected, standing(f))


@attrs.frozen
class JourneyComplete(Guard):
    """The journey is complete, and has been for a while.

    A promised or estimated date is no completion. When that date has passed and nothing is complete, the contact that
    is owed is not a survey but a "where is it".

    Args:
        settle: How long after the completion.
    """

    settle: Span = field(factory=lambda: days(0), validator=not_backward)

    facts: ClassVar[Mapping[str, Fact]] = COMPLETION
    awaits: ClassVar[str] = "the journey to be completed"

    def opens(self, f: Facts) -> Instant:
        """`settle` after the completion."""
        return f.after(standing(f), self.settle)

    def redirects(self, f: Facts) -> Instant:
        """The expected completion, while there is none."""
        return where(standing(f) >= NEVER, f.expected, NEVER)

    def likely(self, f: Facts) -> Instant:
        """`settle` after the completion, or after the expected one."""
        return f.after(foreseen(f), self.settle)

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return begun(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the journey is complete" + (f", and has been for {self.settle}" if self.settle.amount else "")


@attrs.frozen
class AnswerableUntil(Guard):
    """The survey can still be answered once the journey is complete: it does not close before.

    Judges a survey that has a closing date: the one about to be sent, or the latest one sent. One that closed before
    the journey was completed binds nothing any more.
    """

    facts: ClassVar[Mapping[str, Fact]] = {
        **COMPLETION,
        "survey_closes": Last("survey", scope=CASE, gives="due", missing=NEVER, of_candidate=True),
    }

    def _spent(self, f: Facts) -> Instant:
        """NEVER where the survey had closed when the journey was completed, else its closing."""
        return where(both(standing(f) < NEVER, standing(f) >= f.survey_closes), NEVER, f.survey_closes)

    def opens(self, f: Facts) -> Instant:
        """The completion, or the expected one, for a survey that has a closing date."""
        known = both(self._spent(f) < NEVER, foreseen(f) < NEVER)
        return where(known, foreseen(f), ALWAYS)

    def closes(self, f: Facts) -> Instant:
        """When the survey closes."""
        return self._spent(f)

    def likely(self, f: Facts) -> Instant:
        """The completion, or the expected one."""
        return foreseen(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the survey can be answered after the journey is complete and before it closes"


@attrs.frozen
class StillFresh(Guard):
    """The customer still remembers: not longer than this after the completion.

    Args:
        within: How long.
    """

    within: Span = field(validator=forward)

    facts: ClassVar[Mapping[str, Fact]] = COMPLETION

    def closes(self, f: Facts) -> Instant:
        """`within` after the completion."""
        return f.after(standing(f), self.within)

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return begun(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"within {self.within} of the completion"


@attrs.frozen
class RestBetween(Guard):
    """The customer is left alone for a while after the last survey, answered or not.

    Args:
        rest: How long.
    """

    rest: Span = field(factory=lambda: days(90), validator=forward)

    facts: ClassVar[Mapping[str, Fact]] = {"last_invited": Last("survey")}

    def opens(self, f: Facts) -> Instant:
        """`rest` after the last survey."""
        return f.after(f.last_invited, self.rest)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"{self.rest} after the last survey"


@attrs.frozen
class Actionable(Guard):
    """The answer can still change something: the customer has not left."""

    facts: ClassVar[Mapping[str, Fact]] = {
        "left": Last("left"),
        "sold": Last("sold"),
    }

    def closes(self, f: Facts) -> Instant:
        """When the customer left, unless they came back."""
        return where(f.left > f.sold, f.left, NEVER)

    def explain(self) -> str:
        """The rule in plain words."""
        return "before the customer leaves"
