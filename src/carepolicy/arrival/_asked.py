"""What windows ask of any law: from draws or a `Law`, the share before a value, and how far it reaches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepolicy.arrival._numbers import amounts
from carepolicy.arrival.interval import NoPromise
from carepolicy.arrival.law import Empirical, Law
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def law_of(given: Law | ArrayLike, name: str = "law") -> Law:
    """The law itself, or that of one-dimensional draws.

    Raises:
        InvalidPolicyError: If it is neither, or the draws are empty or not finite.
    """
    if isinstance(given, Law):
        return given
    if isinstance(given, NoPromise):
        raise InvalidPolicyError(f"{name} is not known: {given.reason}; state one with Stated(...) until it is")
    try:
        draws = amounts(given, name)
    except InvalidPolicyError as error:
        remedy = "pass what its of(...) gives" if hasattr(given, "of") else "pass numbers"
        raise InvalidPolicyError(f"{name} is neither a law nor draws of one: {given!r:.80}; {remedy}") from error
    if draws.ndim != 1:
        raise InvalidPolicyError(f"{name} must be one-dimensional draws, got {draws.ndim} dimensions; pass one row")
    return Empirical(draws)


def seen_by(law: Law) -> int:
    """How many cases were seen that a law is a list of; 0 for any other, which is taken at its word."""
    return len(law) if isinstance(law, Empirical) else 0


def rests_on(law: Law) -> int:
    """How many cases a law rests on; 0 if it does not say."""
    return seen_by(law) or int(getattr(law, "observations", 0))


def of_one_more(law: Law) -> float:
    """By what a share of the cases seen shrinks for one more like them: k of n hold it with the chance k / (n + 1)."""
    seen = seen_by(law)
    return seen / (seen + 1) if seen else 1.0


def before(law: Law, values: ArrayLike) -> Floats:
    """The share of cases that are over before a value, it excluded."""
    return np.asarray(law.cdf(np.nextafter(np.asarray(values, dtype=np.float64), -np.inf)))


def reach(law: Law, beyond: float) -> tuple[float, float]:
    """From where to where a law has to be looked at.

    Args:
        law: One that has not seen its end reaches to the last value that it has.
        beyond: The share that may lie beyond, on each side, of a law that is no list of cases.
    """
    if isinstance(law, Empirical):
        return float(law.values[0]), float(law.values[-1])
    low, high = (float(law.quantile(share)) for share in (beyond, 1 - beyond))
    if math.isinf(high):
        known, unknown = 0.0, 1.0
        for _ in range(50):
            middle = (known + unknown) / 2
            known, unknown = (known, middle) if math.isinf(float(law.quantile(middle))) else (middle, unknown)
        high = float(law.quantile(known)) if known else math.inf
    return low, high


def percent(value: float) -> str:
    """A share as it is said: 90 %.

    >>> percent(0.9), percent(0.925)
    ('90 %', '92.5 %')
    """
    return f"{100 * value:.4g} %"
