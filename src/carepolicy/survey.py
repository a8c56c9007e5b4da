"""Survey timing: ask when the customer can know, while the answer still matters, and not too often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, where
from carepolicy.completion import Completion
from carepolicy.facts import CASE, Fact, Facts
from carepolicy.folds import Last
from carepolicy.policy import Guard
from carepolicy.span import Span, days, forward, not_backward


@attrs.frozen
class JourneyComplete(Guard):
    """The journey is complete, and has been for a while.

    A promised or estimated date is no completion. When that date has passed and nothing is complete, the contact that
    is owed is not a survey but a "where is it".

    Args:
        settle: How long after the completion.
        lag: How long the log may be behind the truth: so much later is "where is it" asked.
        of: What counts as the completion.
    """

    settle: Span = field(factory=lambda: days(0), validator=not_backward)
    lag: Span = field(factory=lambda: days(0), validator=not_backward, kw_only=True)
    of: Completion = field(factory=Completion, kw_only=True)

    awaits: ClassVar[str] = "the journey to be completed"

    def needs(self) -> Mapping[str, Fact]:
        """The completion, what voids it, and the date that was given."""
        return self.of.needs()

    def opens(self, f: Facts) -> Instant:
        """`settle` after the completion."""
        return f.after(self.of.standing(f), self.settle)

    def redirects(self, f: Facts) -> Instant:
        """The date that was given, while there is no completion."""
        given = f.after(f.promised_by, self.lag) if self.lag.amount else f.promised_by
        return where(self.of.standing(f) >= NEVER, given, NEVER)

    def likely(self, f: Facts) -> Instant:
        """`settle` after the completion, or after the date that was given."""
        return f.after(self.of.foreseen(f), self.settle)

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return self.of.begun(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the journey is complete" + (f", and has been for {self.settle}" if self.settle.amount else "")


@attrs.frozen
class AnswerableUntil(Guard):
    """The survey can still be answered once the journey is complete: it does not close before.

    Judges a survey that has a closing date: the one about to be sent, or the latest one sent. One that closed before
    the journey was completed binds nothing any more.

    Args:
        of: What counts as the completion.
    """

    of: Completion = field(factory=Completion, kw_only=True)

    def needs(self) -> Mapping[str, Fact]:
        """The completion, and when the survey closes."""
        closes = Last("survey", scope=CASE, gives="due", missing=NEVER, of_candidate=True)
        return {**self.of.needs(), "survey_closes": closes}

    def _spent(self, f: Facts) -> Instant:
        """NEVER where the survey had closed when the journey was completed, else its closing."""
        over = self.of.standing(f)
        return where(both(over < NEVER, over >= f.survey_closes), NEVER, f.survey_closes)

    def opens(self, f: Facts) -> Instant:
        """The completion, or the expected one, for a survey that has a closing date."""
        over = self.of.foreseen(f)
        return where(both(self._spent(f) < NEVER, over < NEVER), over, ALWAYS)

    def closes(self, f: Facts) -> Instant:
        """When the survey closes."""
        return self._spent(f)

    def likely(self, f: Facts) -> Instant:
        """The completion, or the expected one."""
        return self.of.foreseen(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "the survey can be answered after the journey is complete and before it closes"


@attrs.frozen
class StillFresh(Guard):
    """The customer still remembers: not longer than this after the completion.

    Args:
        within: How long.
        of: What counts as the completion.
    """

    within: Span = field(validator=forward)
    of: Completion = field(factory=Completion, kw_only=True)

    def needs(self) -> Mapping[str, Fact]:
        """The completion, what voids it, and the date that was given."""
        return self.of.needs()

    def closes(self, f: Facts) -> Instant:
        """`within` after the completion."""
        return f.after(self.of.standing(f), self.within)

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return self.of.begun(f)

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
