"""How much evidence chance alone brings, and how often: calibrated once by simulation, never at run time.

`bench/drift.py` simulates accounts on which nothing changes, of many shapes, and counts how often each test reaches
how much evidence. The two lines below lie above every one of those counts.

Source: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954); G. Lorden, Procedures for reacting to a change
in distribution, Annals of Mathematical Statistics 42 (1971): the rate of false alarms falls exponentially in the
evidence that is asked for.
"""

from __future__ import annotations

import math

import attrs

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
"""The steps in which confidence is told, so that an answer holds until the next step is reached."""

LEAST = 4.0
"""No alarm and no confidence on less evidence: from here on the lines were held against simulations."""


@attrs.frozen
class Chance:
    """At most `often * exp(-falls * evidence)` false alarms at each occasion: an agreed interval, or a contact.

    Args:
        often: The rate at no evidence at all.
        falls: How fast it falls.
    """

    often: float
    falls: float

    def needed(self, per_year: float, occasions: float) -> float:
        """The evidence that chance brings at most so often; `LEAST` for whoever would be content with less.

        Args:
            per_year: How often in an account-year.
            occasions: How many occasions an account-year has.
        """
        return max(LEAST, math.log(self.often * occasions / per_year) / self.falls)

    def steps(self, alarm: float, occasions: float) -> tuple[tuple[float, float], ...]:
        """The steps of confidence, that of the alarm among them, as (evidence, confidence), ascending.

        Confidence is the probability that a whole year in which nothing changes never shows as much evidence.

        Args:
            alarm: How many false alarms in an account-year are stated.
            occasions: How many occasions an account-year has.
        """
        often = {alarm, *(-math.log(level) for level in LEVELS)}
        return tuple((self.needed(each, occasions), math.exp(-each)) for each in sorted(often, reverse=True))


RHYTHM = Chance(often=0.85, falls=0.85)
"""Of the rhythm, at each agreed interval."""
SHARE = Chance(often=0.45, falls=0.95)
"""Of a share, at each contact."""
