"""A law that nobody has measured yet: low, likely and high as somebody states them, and how cases take over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._numbers import number_of, plain
from carepolicy.arrival.interval import share
from carepolicy.arrival.law import Empirical, checked_shares
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival.law import Floats

_FUZZ = 1e-12


def _low(given: float) -> float:
    return number_of(given, "low")


def _likely(given: float) -> float:
    return number_of(given, "likely")


def _high(given: float) -> float:
    return number_of(given, "high")


def _worth(given: float) -> float:
    return number_of(given, "worth")


@attrs.frozen
class Stated:
    """The law of a job or technician without history, from what an experienced person says.

    It goes through the three numbers: half of the cases are over by `likely`, and the stated share lies between `low`
    and `high`, with as many before as after. Between and beyond them it is log-logistic, each side with its own
    spread: never below nothing, with a longer tail upwards, and heavier ends than a normal law, as people state their
    extremes too narrowly.

    Args:
        low: At best; above 0, in any unit.
        likely: As many cases take longer as take less.
        high: At worst.
        confidence: The share of cases from `low` to `high`.
        why: Who says so; answers repeat it.

    Raises:
        InvalidPolicyError: If the numbers are not in order or `low` is not above 0, or the confidence is no share.

    Source: Keelin, The Metalog Distributions (2016): quantiles as functions of the logit of a share.

    >>> law = Stated(20, 45, 120, why="the foreman says so")
    >>> law.quantile([0.05, 0.5, 0.95]).round(6).tolist(), law.cdf(120).round(6).item()
    ([20.0, 45.0, 120.0], 0.95)
    """

    low: float = field(converter=_low)
    likely: float = field(converter=_likely)
    high: float = field(converter=_high)
    confidence: float = field(default=0.9, converter=plain, validator=share(), kw_only=True)
    why: str = field(default="stated, not measured", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.low <= self.likely <= self.high < math.inf:
            raise InvalidPolicyError(
                f"low, likely and high are not in order: {self.low:g}, {self.likely:g}, {self.high:g}; "
                "state three numbers above 0 that do not fall"
            )

    @property
    def observations(self) -> int:
        """None: it was stated."""
        return 0

    def _spread(self) -> tuple[float, float]:
        """How much the logarithm grows with the logit, below and above the middle."""
        edge = math.log((1 + self.confidence) / (1 - self.confidence))
        return math.log(self.likely / self.low) / edge, math.log(self.high / self.likely) / edge

    def quantile(self, share: ArrayLike) -> Floats:
        """The duration by which a share of the cases is over; infinite for all of them."""
        below, above = self._spread()
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            shares = checked_shares(share)
            logit = np.log(shares) - np.log1p(-shares)
            spread = np.where(logit < 0, below, above)
            # a side without spread is the middle itself, even for none and for all of the cases
            return np.asarray(self.likely * np.exp(np.where(spread == 0, 0.0, spread * logit)))

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that is over by a duration."""
        below, above = self._spread()
        values = np.maximum(np.asarray(value, dtype=np.float64), 0.0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance = np.log(values / self.likely)
            logit = distance / np.where(distance < 0, below, above)
            return np.asarray(np.where(distance == 0, 1.0 if above == 0 else 0.5, 1 / (1 + np.exp(-logit))))

    def update(self, values: ArrayLike, worth: float = 20) -> Blended:
        """The law once cases come in: what was stated counts as so many cases, each case as one.

        Args:
            values: What cases took, in the same unit.
            worth: How many cases the statement is worth.

        >>> law = Stated(20, 45, 120).update([80] * 60, worth=20)
        >>> law.cdf(79).round(3).item(), law.observations
        (0.211, 60)
        """
        return Blended(self, Empirical(values), worth=worth)


@attrs.frozen
class Blended:
    """A stated law that gives way to cases: with `n` of them, the statement weighs `worth / (worth + n)`.

    Args:
        stated: What was said.
        seen: The law of the cases.
        worth: How many cases the statement is worth, above 0.

    Raises:
        InvalidPolicyError: If it is worth nothing, or the worth is no number.

    Source: the mean of a Dirichlet process after `n` cases, Ferguson (1973).
    """

    stated: Stated
    seen: Empirical
    worth: float = field(default=20.0, converter=_worth, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.worth < math.inf:
            raise InvalidPolicyError(
                f"worth must be above 0, got {self.worth}; without a statement, use the cases alone"
            )

    @property
    def observations(self) -> int:
        """How many cases were seen."""
        return len(self.seen)

    @property
    def why(self) -> str:
        """What the law rests on."""
        return f"{self.stated.why}, worth {self.worth:g} cases, and {len(self.seen)} cases seen"

    @property
    def _weight(self) -> float:
        return self.worth / (self.worth + len(self.seen))

    def update(self, values: ArrayLike) -> Blended:
        """The law with further cases."""
        return attrs.evolve(self, seen=Empirical(np.concatenate([self.seen.values, np.ravel(values)])))

    def quantile(self, share: ArrayLike) -> Floats:
        """The duration by which a share of the cases is over; infinite for all of them."""
        shares, cases = checked_shares(share), self.seen.values
        before = np.searchsorted(self.cdf(cases), shares - _FUZZ)
        # Between two cases only the statement grows: it has to bring what the cases before leave open.
        weight = self._weight
        left = (shares - (1 - weight) * before / cases.size) / weight
        bounds = np.concatenate([[-math.inf], cases, [math.inf]])
        found = np.clip(self.stated.quantile(np.clip(left, 0, 1)), bounds[before], bounds[before + 1])
        # all that was stated may lie before the next case, and still be less than the share
        return np.where(left > 1 + _FUZZ, bounds[before + 1], found)

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that is over by a duration."""
        weight = self._weight
        return weight * self.stated.cdf(value) + (1 - weight) * self.seen.cdf(value)
