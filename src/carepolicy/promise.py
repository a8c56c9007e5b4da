"""Promises and estimates: what was said by when, kept until something is heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import NEVER, Instant, where
from carepolicy.facts import REF, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last
from carepolicy.policy import Duty


@attrs.frozen
class PromiseKept(Duty):
    """A promise is kept by its date, or withdrawn before.

    Each promise is judged by itself (its `ref` in the case); a later one of the same reference replaces it. Past due it
    is broken if the promisor spoke or failed without keeping it, late if kept afterwards, unknown if nothing more was
    heard.

    Args:
        by: Whose promises: parties by name, or by role; our side and its partners when left out.
    """

    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    lapse: ClassVar[str] = "broken_promise"
    owed: ClassVar[str] = "the promise"

    def needs(self) -> Mapping[str, Fact]:
        """The promise, its date, and whether it was kept or withdrawn."""
        promise = Which("promise", by=self.by)
        return {
            "promised": Last(promise, scope=REF),
            "promised_by": Last(promise, scope=REF, gives="due", missing=NEVER),
            "settled": Last(("kept", "withdrawn"), scope=REF),
        }

    def starts(self, f: Facts) -> Instant:
        """From when it was given."""
        return where(f.promised > f.settled, f.promised, NEVER)

    def due(self, f: Facts) -> Instant:
        """Its date."""
        return where(f.promised > f.settled, f.promised_by, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was given."""
        return f.promised

    def explain(self) -> str:
        """The rule in plain words."""
        return "a promise is kept by its date"


@attrs.frozen
class EstimateCurrent(Duty):
    """While work is not complete, an estimate that has not passed is in force.

    An estimate is no promise: passing it is no breach, but a new one is due the moment it passes.

    Args:
        by: Whose estimates: parties by name, or by role; our side and its partners when left out.
    """

    by: tuple[str, ...] = field(default=(THEM,), converter=words)

    owed: ClassVar[str] = "a new estimate"

    def needs(self) -> Mapping[str, Fact]:
        """The latest estimate, its date, and whether the work is complete."""
        estimate = Which("estimate", by=self.by)
        return {
            "estimated": Last(estimate, scope=REF),
            "estimated_for": Last(estimate, scope=REF, gives="due", missing=NEVER),
            "finished": Last(("completed", "closed", "withdrawn"), scope=REF),
        }

    def due(self, f: Facts) -> Instant:
        """The estimated completion."""
        return where(f.estimated > f.finished, f.estimated_for, NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When it was estimated."""
        return f.estimated

    def explain(self) -> str:
        """The rule in plain words."""
        return "a new estimate by the time that the old one passes"
