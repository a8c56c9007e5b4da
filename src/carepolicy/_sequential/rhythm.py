"""The evidence that a rhythm has thinned: from the intervals between contacts, and from the silence after the last.

Intervals are counted in agreed intervals. A rhythm that is kept is taken for a renewal process with that mean and with
gamma (Erlang) intervals; how regular it is, is learnt from the account itself, from intervals that are over and with
caution: nothing known means as irregular as chance can be. Against it stand a few lower rates. For each of them the
cumulative sum of log likelihood ratios is kept, from its last zero on, which is also the most likely change point.

Source: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954), for the cumulative sums; J. Shin, A. Ramdas,
A. Rinaldo, E-detectors: a nonparametric framework for sequential change detection, New England Journal of Statistics in
Data Science 2 (2024), for taking several alternatives at once.
"""

from __future__ import annotations

import math

import attrs

RATES = (2 / 3, 1 / 2, 1 / 4, 1 / 16)
"""The rates held against the agreed one."""
STEADIEST = 16
"""The highest shape of the intervals that is ever assumed: they vary by a quarter."""
CAUTION = 4
"""As many intervals as irregular as chance are added to those seen."""
ONE_TALK = 0.1
"""What follows the last contact within this part of an agreed interval belongs to it: a call that broke off."""
WORTH = 0.5
"""How much evidence the regularity of an account adds, by the log of the shape; calibrated with the rest."""
_ROUNDS = 60
_CLOSE = 1e-9
"""Sums that lie closer than this are one sum: what the rounding of floats leaves is no evidence."""


def still_waiting(shape: int, time: float) -> float:
    """The log of the probability that an Erlang interval lasts beyond a time, apart from its exponential part."""
    term = total = 1.0
    for j in range(1, shape):
        term *= time / j
        total += term
    return math.log(total)


def by_silence(shape: int, rate: float, silence: float) -> float:
    """The log likelihood ratio of a silence: at a lower rate against the agreed one. It only grows with the silence."""
    told = shape * (1 - rate) * silence
    return told + still_waiting(shape, shape * rate * silence) - still_waiting(shape, shape * silence)


def by_interval(shape: int, rate: float, length: float) -> float:
    """The log likelihood ratio of an interval that is over."""
    return shape * (math.log(rate) + (1 - rate) * length)


@attrs.frozen
class Regularity:
    """How regular the intervals of an account have been: successive differences, which a change of level spares.

    Source: J. von Neumann, Distribution of the ratio of the mean square successive difference to the variance, Annals
    of Mathematical Statistics 12 (1941).
    """

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    last: float = 0.0

    def step(self, length: float) -> Regularity:
        """With one more interval."""
        squares = self.squares + (length - self.last) ** 2 if self.count else 0.0
        return Regularity(self.count + 1, self.total + length, squares, length)

    @property
    def shape(self) -> int:
        """The shape of the gamma distribution that is assumed; 1 is pure chance."""
        seen = self.count - 1
        if seen < 1:
            return 1
        spread = self.squares / (2 * seen) / (self.total / self.count) ** 2
        return min(STEADIEST, max(1, math.floor((CAUTION + seen) / (CAUTION + seen * spread))))


@attrs.frozen
class Evidence:
    """What the intervals up to the last contact say, for each of `RATES`.

    Args:
        shape: How regular the intervals are taken to be.
        sums: The evidence for each rate.
        since: The number of the contact after which each sum left zero.
    """

    shape: int = 1
    sums: tuple[float, ...] = (0.0,) * len(RATES)
    since: tuple[int, ...] = (0,) * len(RATES)

    @classmethod
    def anew(cls, shape: int, number: int) -> Evidence:
        """Nothing is known yet, from some contact on."""
        return cls(shape, since=(number,) * len(RATES))

    @property
    def worth(self) -> float:
        """What is added, as a regular account shows less by chance, so that the same sums are worth more."""
        return WORTH * math.log(self.shape)

    def _each(self, silence: float) -> list[float]:
        return [self.worth + s + by_silence(self.shape, r, silence) for s, r in zip(self.sums, RATES, strict=True)]

    def after(self, silence: float) -> float:
        """The evidence after a silence."""
        return max(self._each(silence))

    def shows(self, evidence: float) -> bool:
        """Whether there is as much evidence without any silence."""
        return self.after(0.0) >= evidence - _CLOSE

    def thin_since(self, silence: float) -> int:
        """The number of the contact after which it most likely thinned, as seen after a silence."""
        each = self._each(silence)
        most = max(each) - _CLOSE
        return next(since for since, one in zip(self.since, each, strict=True) if one >= most)

    def silence_for(self, evidence: float) -> float:
        """The shortest silence after which there is as much evidence; 0 if there is already."""
        if self.shows(evidence):
            return 0.0
        low, high = 0.0, 1.0
        while self.after(high) < evidence:
            low, high = high, 2 * high
        for _ in range(_ROUNDS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.after(middle) >= evidence else (middle, high)
        return high

    def step(self, length: float, shape: int, number: int, most: float) -> Evidence:
        """After an interval that is over.

        Args:
            length: The interval.
            shape: How regular the intervals are taken to be from here on.
            number: The number of the contact that ends it.
            most: What is carried on at most, so that an account that comes back is soon told from one that does not.
        """
        after = Evidence(shape)
        sums, since = [], []
        for total, start, rate in zip(self.sums, self.since, RATES, strict=True):
            grown = min(total + by_interval(self.shape, rate, length), most - after.worth)
            sums.append(grown if grown > _CLOSE else 0.0)
            since.append(start if grown > _CLOSE else number)
        return attrs.evolve(after, sums=tuple(sums), since=tuple(since))
