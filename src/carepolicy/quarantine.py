"""Quarantine: how long a customer is left alone after a survey, and how many they get at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import Instant, both, earliest, unless
from carepolicy.completion import Completion
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, Fact, Facts, Which
from carepolicy.folds import KthLatest, Last
from carepolicy.policy import AllOf, Guard, all_of, guard_parts
from carepolicy.protocols import GuardLike
from carepolicy.span import Span, days, forward

INVITED, ANSWERED = "invited", "answered"
SAME = "same"
"""As a person: whoever is asked this time; `for_person` says who that is."""
_KINDS = {INVITED: "survey", ANSWERED: "answer"}


def _known_start(instance: object, attribute: object, value: str) -> None:
    if value not in _KINDS:
        raise InvalidPolicyError(f"after is not known: {value!r}; use one of {', '.join(_KINDS)}")


@attrs.frozen
class RestBetween(Guard):
    """The customer is left alone for a while after the last survey, answered or not.

    The unit of `rest` names the clock: days are days of the calendar's zone, and keep the hour across a clock change;
    `elapsed(hours=…)` counts hours. At exactly the end of the rest it may go out.

    Args:
        rest: How long.
        after: "invited": after the last survey that went out; "answered": after the last answer.
        survey: Only surveys of this name (their `purpose`) count; any when left out.
        person: Only what went to this person (or role) counts, or to whoever is asked this time ("same"); the whole
            account when left out.

    Raises:
        InvalidPolicyError: If `after` is not known, or the rest is no span or does not point forward.
    """

    rest: Span = field(factory=lambda: days(90), validator=forward)
    after: str = field(default=INVITED, validator=_known_start, kw_only=True)
    survey: str = field(default="", kw_only=True)
    person: str = field(default="", kw_only=True)

    def needs(self) -> Mapping[str, Fact]:
        """The last survey, or the last answer."""
        return {f"last_{self.after}": Last(_sent(self.after, self.survey, self.person))}

    def opens(self, f: Facts) -> Instant:
        """`rest` after it."""
        return f.after(getattr(f, f"last_{self.after}"), self.rest)

    def explain(self) -> str:
        """The rule in plain words."""
        what = "survey" if self.after == INVITED else "answer to a survey"
        return f"{self.rest} after the last {what}{_of(self.survey, self.person)}"


@attrs.frozen
class SurveyCap(Guard):
    """At most so many surveys in any stretch of a length: not a count that ages, but an edge.

    Args:
        at_most: How many, a whole number from 1.
        per: In any stretch of this length.
        survey, person: As for `RestBetween`.

    Raises:
        InvalidPolicyError: If it allows none, or `per` is no span or does not point forward.
    """

    at_most: int
    per: Span = field(validator=forward)
    survey: str = field(default="", kw_only=True)
    person: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.at_most, int) or isinstance(self.at_most, bool):
            raise InvalidPolicyError(f"at_most must be a whole number, got {self.at_most!r}; say how many surveys")
        if self.at_most < 1:
            raise InvalidPolicyError(
                f"at_most must be at least 1, got {self.at_most}; to send none, leave the touch out"
            )

    def needs(self) -> Mapping[str, Fact]:
        """The survey after which no other may follow yet."""
        return {"capped_by": KthLatest((_sent(INVITED, self.survey, self.person),), k=self.at_most)}

    def opens(self, f: Facts) -> Instant:
        """`per` after the survey that fills the cap."""
        return f.after(f.capped_by, self.per)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"at most {self.at_most} surveys{_of(self.survey, self.person)} in {self.per}"


@attrs.frozen
class OncePerStage(Guard):
    """Each completion of a journey is asked about once, at each stage.

    More evidence of the same completion opens nothing; only a reopening or a failure does. A survey that went out
    before there was any evidence was too early to count.

    Args:
        stage: The stage, as the `purpose` of its surveys; any survey counts when left out.
        of: What counts as the completion.
    """

    stage: str = ""
    of: Completion = field(factory=Completion, kw_only=True)

    awaits: ClassVar[str] = "another completion, as this one was asked about"

    def needs(self) -> Mapping[str, Fact]:
        """The completion, and the last survey about the journey."""
        asked = Last(_sent(INVITED, self.stage, ""), scope=CASE)
        return {**self.of.needs(), "surveyed": asked, "first_evidence": self.of.first()}

    def opens(self, f: Facts) -> Instant:
        """Never once the completion that stands was asked about."""
        evident = earliest(f.first_evidence, self.of.standing(f))
        return unless(both(f.surveyed >= self.of.last_voided(f), f.surveyed >= evident))

    def cycle(self, f: Facts) -> Instant:
        """The completion."""
        return self.of.begun(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "each completion is asked about once" + (f" at stage {self.stage}" if self.stage else "")


def _sent(what: str, survey: str, person: str) -> Which:
    """The surveys or answers that count; where nobody said who is asked this time, those of the whole account."""
    return Which(_KINDS[what], purpose=survey or (), person=() if person in ("", SAME) else person)


def _of(survey: str, person: str) -> str:
    return (f" {survey}" if survey else "") + (f" to {person}" if person else "")


def for_person(guard: GuardLike, person: str) -> GuardLike:
    """A guard for one person who is to be asked: where it says "same", this person is meant.

    >>> for_person(RestBetween(days(30), person="same"), "anna")
    RestBetween(rest=days(30), after='invited', survey='', person='anna')
    """
    parts = [attrs.evolve(p, person=person) if getattr(p, "person", "") == SAME else p for p in guard_parts(guard)]
    return all_of(*parts) if isinstance(guard, AllOf) else parts[0]
