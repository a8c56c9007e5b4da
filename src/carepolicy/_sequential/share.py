"""The evidence that a share has fallen: of talks among contacts, of mails among messages, of talks that we began.

Nothing is agreed about such a share, so what came before is held against what came since: the log of the generalised
likelihood ratio of two shares against one, over every contact after which it may have fallen.

Source: D. Siegmund, E. S. Venkatraman, Using the generalized likelihood ratio statistic for sequential detection of a
change-point, Annals of Statistics 23 (1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

WINDOW = 120
"""How many contacts back a fall is looked for."""


@attrs.frozen
class Fall:
    """The most likely fall of a share.

    Args:
        evidence: The log of the likelihood ratio; 0 where the share has not fallen.
        at: How many contacts came before it.
        before, since: The share in those, and in the ones since.
    """

    evidence: float
    at: int
    before: float
    since: float


def likelihood(hits: int, of: int) -> float:
    """The log likelihood of a share at its best fit."""
    rest = of - hits
    return (hits * math.log(hits / of) if hits else 0.0) + (rest * math.log(rest / of) if rest else 0.0)


def fall_of(hits: Sequence[int], at_least: int) -> Fall:
    """The most likely fall in a sequence of contacts, each 1 or 0, in order.

    Args:
        hits: 1 for a contact that counts to the share.
        at_least: How many contacts must come before a fall.
    """
    count, total = len(hits), sum(hits)
    whole = likelihood(total, count) if count else 0.0
    best = Fall(0.0, count, total / count if count else 0.0, total / count if count else 0.0)
    first = max(at_least, count - WINDOW, 1)
    before = sum(hits[:first])
    for at in range(first, count):
        # The most likely fall comes after a contact that counts and before one that does not.
        if hits[at - 1] and not hits[at]:
            since = total - before
            if before * (count - at) > since * at:
                evidence = likelihood(before, at) + likelihood(since, count - at) - whole
                if evidence > best.evidence:
                    best = Fall(evidence, at, before / at, since / (count - at))
        before += hits[at]
    return best
