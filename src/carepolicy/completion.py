"""Completion: when a journey is over, by the best evidence that there is."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, either, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER_PARTY, Fact, Facts, Which, words
from carepolicy.folds import First, Last

WORD, EVENT, CLOSED = "word", "event", "closed"
EVIDENCE = (WORD, EVENT, CLOSED)
"""What shows that a journey is over, the best first: the customer's word, what happened, the file that was shut."""


VOIDS = ("reopened", "failed")
"""After these a journey, or a leg of it, is not complete."""
CANCELLED = "cancelled"
"""The purpose of a `closed` event that calls a journey off."""


@attrs.frozen
class Completion:
    """What counts as the end of a journey.

    The customer's word that it is done goes before what happened (the parcel handed over, the car back), and that
    before a case that was merely closed; closing proves nothing while a date that was given still lies ahead, nor where
    it calls the journey off. A promised or estimated date is never the end of anything. What is reopened, or fails, is
    not complete; the last completion counts.

    Args:
        least: The weakest evidence that will do, one of `EVIDENCE`: "event" takes no closed file for a completion.
        legs: The parts that must all be complete, by the `purpose` of their events: each is completed, reopened and
            fails by itself, and no closed file stands for them. The journey as a whole when left out.

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

    @property
    def _by_file(self) -> bool:
        """Whether a closed file will do."""
        return self.least == CLOSED and not self.legs

    @property
    def _done(self) -> Which:
        """Events that complete the whole; where there are legs, those that name none."""
        return Which("completed", whole=True, purpose=("",) if self.legs else ())

    def needs(self) -> Mapping[str, Fact]:
        """Each kind of evidence that will do, what voids it, the date that the customer was given, and what settled
        that."""
        facts: dict[str, Fact] = {
            "confirmed": Last(attrs.evolve(self._done, by=CUSTOMER_PARTY), scope=CASE, missing=NEVER),
            "voided": Last(attrs.evolve(self._done, kind=VOIDS), scope=CASE),
            "promised_by": Last(Which(("estimate", "promise"), whole=True), scope=CASE, missing=NEVER, gives="due"),
            "settled": Last(
                (Which("closed", whole=True, purpose=CANCELLED), Which(("kept", "withdrawn"), whole=True)), scope=CASE
            ),
        }
        by = CUSTOMER_PARTY if self.least == WORD else ()
        for leg in self.legs:
            facts[f"completed_{leg}"] = Last(Which("completed", purpose=leg, by=by), scope=CASE, missing=NEVER)
            facts[f"voided_{leg}"] = Last(Which(VOIDS, purpose=leg), scope=CASE)
        if self.least != WORD and not self.legs:
            facts["completed"] = Last(self._done, scope=CASE, missing=NEVER)
        if self._by_file:
            facts["closed"] = Last(Which("closed", whole=True), scope=CASE, missing=NEVER)
        return facts

    def first(self) -> Fact:
        """When there was evidence for the first time, whatever came after it."""
        which = [attrs.evolve(self._done, by=CUSTOMER_PARTY if self.least == WORD else ())]
        which += [Which("completed", purpose=leg) for leg in self.legs]
        return First((*which, *([Which("closed", whole=True)] if self._by_file else [])), scope=CASE)

    def _evidence(self, f: Facts) -> list[Instant]:
        """When each kind of evidence says that it was over, the weakest first; NEVER where it stands no longer."""
        found = []
        if self._by_file:
            too_soon = either(both(f.promised_by < NEVER, f.closed < f.promised_by), f.closed <= f.settled)
            found.append(where(too_soon, NEVER, f.closed))
        if self.legs:
            found.append(latest(ALWAYS, *(self._leg(f, leg) for leg in self.legs)))
        elif self.least != WORD:
            found.append(f.completed)
        return [*found, f.confirmed]

    def _leg(self, f: Facts, leg: str) -> Instant:
        """When a leg was completed, if that still stands."""
        done, voided = getattr(f, f"completed_{leg}"), getattr(f, f"voided_{leg}")
        return where(voided > done, NEVER, done)

    def last_voided(self, f: Facts) -> Instant:
        """When the journey, or a leg of it, was last reopened or failed; ALWAYS for never."""
        return latest(f.voided, *(getattr(f, f"voided_{leg}") for leg in self.legs))

    def standing(self, f: Facts) -> Instant:
        """The completion that still stands; NEVER where there is none, or a reopening or a failure came after it."""
        over = NEVER
        for said in self._evidence(f):
            over = where(both(said < NEVER, said >= f.voided), said, over)
        return over

    def overdue(self, f: Facts) -> Instant:
        """The date that was given, while nothing is complete and the date still means something."""
        open_still = both(self.standing(f) >= NEVER, f.settled <= f.voided)
        return where(open_still, f.promised_by, NEVER)

    def begun(self, f: Facts) -> Instant:
        """When the cycle that a completion opens began; ALWAYS before any."""
        over = self.standing(f)
        return where(over >= NEVER, ALWAYS, over)

    def foreseen(self, f: Facts) -> Instant:
        """The completion that stands, or else the date that was given; NEVER where neither is known."""
        over = self.standing(f)
        return where(over >= NEVER, f.promised_by, over)
