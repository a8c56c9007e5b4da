"""Survey timing: ask when the customer can know, while the answer still matters, and not too often.

`standard_guard` is the composition that we recommend; every part of it stands by itself and can be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, both, earliest, where
from carepolicy.completion import Completion
from carepolicy.expiry import Answerable, AnswerableUntil
from carepolicy.facts import Fact, Facts, Which
from carepolicy.folds import Last
from carepolicy.outreach import QuietHours
from carepolicy.policy import AllOf, Duty, Guard, all_of
from carepolicy.quarantine import OncePerStage, RestBetween
from carepolicy.reader import ReaderReady
from carepolicy.span import Span, days, forward, not_backward
from carepolicy.trouble import NoTrouble

__all__ = [
    "Actionable",
    "Answerable",
    "AnswerableUntil",
    "AskBeforeRenewal",
    "JourneyComplete",
    "NoTrouble",
    "OncePerStage",
    "QuietHours",
    "ReaderReady",
    "RestBetween",
    "StillFresh",
    "standard_guard",
]

RENEWS_BY = Last("sold", gives="due", missing=NEVER)
"""Until when the customer is bound: the date of the last sale."""


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
        given = self.of.overdue(f)
        return f.after(given, self.lag) if self.lag.amount else given

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
class Actionable(Guard):
    """The answer can still change something: the customer has not left, and we have the time to react.

    Args:
        react: How long we need before the contract is renewed or ends (the `due` of the last `sold` event); no matter
            when left out.
    """

    react: Span | None = field(default=None, validator=forward)

    def needs(self) -> Mapping[str, Fact]:
        """Whether they left, and until when they are bound."""
        bound = {"renews_by": RENEWS_BY} if self.react is not None else {}
        return {"left": Last("left"), "sold": Last("sold"), **bound}

    def closes(self, f: Facts) -> Instant:
        """When the customer left, unless they came back, or when too little time is left to react."""
        left = where(f.left > f.sold, f.left, NEVER)
        return left if self.react is None else earliest(left, f.after(f.renews_by, -self.react))

    def explain(self) -> str:
        """The rule in plain words."""
        return "before the customer leaves" + (f", and {self.react} before renewal" if self.react is not None else "")


@attrs.frozen
class AskBeforeRenewal(Duty):
    """Between joining and renewal the customer is asked, early enough that the answer can change something.

    Args:
        settle: How long after joining (the last `sold` event) it is worth asking.
        react: How long before renewal the question must be out: the time to answer, and ours to react.
        survey: Only surveys of this name count; any when left out.
    """

    settle: Span = field(factory=lambda: days(30), validator=not_backward)
    react: Span = field(factory=lambda: days(45), validator=forward)
    survey: str = ""

    owed: ClassVar[str] = "a question how it goes"

    def needs(self) -> Mapping[str, Fact]:
        """When they joined, until when they are bound, when they were asked, and whether they left."""
        asked = Last(Which("survey", purpose=self.survey or ()))
        return {"left": Last("left"), "sold": Last("sold"), "renews_by": RENEWS_BY, "asked_how": asked}

    def _owed(self, f: Facts, instant: Instant) -> Instant:
        """An instant of the duty, while they are bound and have not been asked since they joined or renewed."""
        return where(both(f.sold > f.left, f.sold > f.asked_how), instant, NEVER)

    def starts(self, f: Facts) -> Instant:
        """`settle` after joining, or when it is due if that is earlier."""
        due = f.after(f.renews_by, -self.react)
        return self._owed(f, earliest(f.after(f.sold, self.settle), due))

    def due(self, f: Facts) -> Instant:
        """`react` before renewal."""
        return self._owed(f, f.after(f.renews_by, -self.react))

    def cycle(self, f: Facts) -> Instant:
        """When they joined, or renewed."""
        return f.sold

    def explain(self) -> str:
        """The rule in plain words."""
        return f"asked how it goes at least {self.react} before renewal"


def standard_guard(
    zone: str,
    *,
    settle: Span | None = None,
    within: Span | None = None,
    rest: Span | None = None,
    reader: str = "customer care",
) -> AllOf:
    """The guard of a survey that we recommend: eight rules, each of which can be replaced.

    Args:
        zone: The zone of customers whose own is not known.
        settle: How long after the completion; two days when left out.
        within: How long the journey is fresh; 42 days when left out.
        rest: How long a customer is left alone; 90 days when left out.
        reader: Who reads the answers and replies.

    Source: two days and six weeks are the bounds of the survey of United States hospitals (HCAHPS, 48 hours to 42 days
    after discharge); 90 days is advice of the trade and no finding.

    >>> from carepolicy.facts import Facts
    >>> guard = standard_guard(zone="America/Sao_Paulo")
    >>> asked = guard.decide_facts(Facts(promised_by="2018-01-09T00:00-02:00"), at="2018-01-10T10:00-02:00")
    >>> asked.verdict
    Verdict.REDIRECT
    """
    return all_of(
        JourneyComplete(settle=days(2) if settle is None else settle),
        StillFresh(days(42) if within is None else within),
        OncePerStage(),
        RestBetween(days(90) if rest is None else rest),
        NoTrouble(),
        Answerable(),
        ReaderReady(reader),
        QuietHours(zone),
    )
