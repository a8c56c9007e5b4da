"""Completion: when a journey is over, by the best evidence that there is."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER_PARTY, Fact, Facts, Which, words
from carepolicy.folds import Last

WORD, EVENT, CLOSED = "word", "event", "closed"
EVIDENCE = (WORD, EVENT, CLOSED)
"""What shows that a journey is over, the best first: the customer's word, what happened, the file that was shut."""


@attrs.frozen
class Completion:
    """What counts as the end of a journey.

    The customer's word that it is done goes before what happened (the parcel handed over, the car back), and that
    before a case that was merely closed. A promised or estimated date is never the end of anything. What is reopened,
    or fails, is not complete; the last completion counts.

    Args:
        least: The weakest evidence that will do, one of `EVIDENCE`: "event" takes no closed file for a completion.
        legs: The parts that must all be complete, by the `purpose` of their `completed` events; the journey as a whole
            when left out.

    Raises:
        InvalidPolicyError: If `least` is not known, or a leg is named twice.
    """

    least: str = CLOSED
    legs: tuple[str, ...] = field(default=(), converter=words)

    def __attrs_post_init__(self) -> None:
        if self.least not in EVIDENCE:
            raise InvalidPolicyError(f"least is not known: {self.least!r}; use one of {', '.join(EVIDENCE)}")
        if len(set(self.legs)) < len(self.legs) or "" in self.legs:
            raise InvalidPolicyError(f"legs need a name each, and each its own: {self.legs!r}; rename one")

    def needs(self) -> Mapping[str, Fact]:
        """Each kind of evidence that will do, what voids it, and the date that the customer was given."""
        done = Which("completed", whole=True)
        facts: dict[str, Fact] = {
            "confirmed": Last(attrs.evolve(done, by=CUSTOMER_PARTY), scope=CASE, missing=NEVER),
            "voided": Last(Which(("reopened", "failed"), whole=True), scope=CASE),
            "promised_by": Last(Which(("estimate", "promise"), whole=True), scope=CASE, missing=NEVER, gives="due"),
        }
        if self.least != WORD and not self.legs:
            facts["completed"] = Last(done, scope=CASE, missing=NEVER)
        for leg in self.legs if self.least != WORD else ():
            facts[f"completed_{leg}"] = Last(Which("completed", purpose=leg), scope=CASE, missing=NEVER)
        if self.least == CLOSED:
            facts["closed"] = Last(Which("closed", whole=True), scope=CASE, missing=NEVER)
        return facts

    def _evidence(self, f: Facts) -> list[Instant]:
        """When each kind of evidence says that it was over, the weakest first."""
        found = []
        if self.least == CLOSED:
            found.append(where(both(f.promised_by < NEVER, f.closed < f.promised_by), NEVER, f.closed))
        if self.least != WORD:
            found.append(
                latest(ALWAYS, *(getattr(f, f"completed_{leg}") for leg in self.legs)) if self.legs else f.completed
            )
        return [*found, f.confirmed]

    def standing(self, f: Facts) -> Instant:
        """The completion that still stands; NEVER where there is none, or a reopening or a failure came after it."""
        over = NEVER
        for said in self._evidence(f):
            over = where(both(said < NEVER, said >= f.voided), said, over)
        return over

    def begun(self, f: Facts) -> Instant:
        """When the cycle that a completion opens began; ALWAYS before any."""
        over = self.standing(f)
        return where(over >= NEVER, ALWAYS, over)

    def foreseen(self, f: Facts) -> Instant:
        """The completion that stands, or else the date that was given; NEVER where neither is known."""
        over = self.standing(f)
        return where(over >= NEVER, f.promised_by, over)
