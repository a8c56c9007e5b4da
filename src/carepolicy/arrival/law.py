"""A law of durations: which share of cases is over by when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._numbers import CLOSE, amounts
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_Kind = TypeVar("_Kind", bound=np.generic)


@runtime_checkable
class Law(Protocol):
    """What routes, windows and stages ask of a law of durations: measured, stated, fitted by others, or yours.

    `quantile` is infinite where the law does not say ("nobody has seen the end"); `cdf` never reaches 1 then.
    """

    def quantile(self, share: ArrayLike) -> Floats:
        """The value by which a share from 0 to 1 of the cases is over, element by element; others are refused."""
        ...

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of cases that are over by a value, it included, element by element; NaN by NaN."""
        ...


EXACT = attrs.cmp_using(eq=np.array_equal)
"""How arrays of a value compare: by content."""


def fixed(values: ArrayLike) -> Floats:
    """Numbers in an array of their own that nobody can change."""
    return fixed_as(np.float64, values)


def fixed_as(kind: type[_Kind], values: ArrayLike) -> NDArray[_Kind]:
    """Values of a kind in an array of their own that nobody can change."""
    array = np.array(values, dtype=kind)
    array.setflags(write=False)
    return array


def checked_shares(share: ArrayLike) -> Floats:
    """Shares from 0 to 1 of cases, one or many; rounding may add a little.

    Raises:
        InvalidPolicyError: If one is none.
    """
    shares = np.asarray(share, dtype=np.float64)
    good = (shares >= 0) & (shares <= 1 + CLOSE)
    if not good.all():
        raise InvalidPolicyError(f"share must be from 0 to 1, got {shares[~good][0]}; write 0.9 for 90 %")
    return np.minimum(shares, 1)


def stay_fixed(self: object, state: tuple[None, dict[str, Any]]) -> None:
    """Restore a value from its pickle or copy, which forget that nobody can change an array; use as `__setstate__`."""
    for name, value in state[1].items():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        object.__setattr__(self, name, value)


def _sorted(values: ArrayLike) -> Floats:
    return fixed(np.sort(amounts(values, "values").ravel()))


@attrs.frozen(repr=False)
class Empirical:
    """The law of what was seen: every case counts once.

    Args:
        values: One-dimensional, in any order; finite, in any unit.

    Raises:
        InvalidPolicyError: If there is none, or one is no finite number.

    >>> law = Empirical([30, 10, 20, 40])
    >>> law.quantile(0.5).item(), law.cdf(35).item()
    (20.0, 0.75)
    """

    values: Floats = field(converter=_sorted, eq=EXACT, hash=False)

    __setstate__ = stay_fixed

    def __attrs_post_init__(self) -> None:
        if not self.values.size:
            raise InvalidPolicyError("values are empty; a law needs at least one case, or state one with Stated(...)")
        if not np.isfinite(self.values).all():
            bad = self.values[~np.isfinite(self.values)][0]
            raise InvalidPolicyError(f"values must be finite, got {bad}; leave out what is not known")

    def quantile(self, share: ArrayLike) -> Floats:
        """The smallest value seen by which at least a share of the cases was over."""
        wanted = np.ceil(checked_shares(share) * self.values.size - CLOSE).astype(np.int64) - 1
        return self.values[np.maximum(wanted, 0)]

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that was over by a value."""
        return _by(value, np.searchsorted(self.values, value, side="right") / self.values.size)

    def __len__(self) -> int:
        return int(self.values.size)

    def __repr__(self) -> str:
        return f"Empirical({self.values.tolist()})"


@attrs.frozen(repr=False)
class Steps:
    """A law that jumps at some values and may stop below 1, where nobody has seen the rest.

    Args:
        values: Where it jumps, ascending and finite, in any unit.
        shares: The share of cases over by each of them, from 0 to 1 and never falling.
        observations: How many cases it rests on.
        why: Where it comes from.

    Raises:
        InvalidPolicyError: If lengths differ, values are not in order, or shares are none or fall.

    >>> Steps([3, 5], [0.5, 0.75]).quantile([0.5, 0.6, 0.8]).tolist()
    [3.0, 5.0, inf]
    """

    values: Floats = field(converter=fixed, eq=EXACT, hash=False)
    shares: Floats = field(converter=fixed, eq=EXACT, hash=False)
    observations: int = field(default=0, kw_only=True)
    why: str = field(default="", kw_only=True)

    __setstate__ = stay_fixed

    def __attrs_post_init__(self) -> None:
        values, shares = self.values, self.shares
        if values.ndim != 1 or values.shape != shares.shape:
            raise InvalidPolicyError(
                f"values and shares must be one-dimensional and of one length, got {values.shape} and {shares.shape}"
            )
        if not np.isfinite(values).all() or (values[1:] < values[:-1]).any():
            raise InvalidPolicyError(
                f"values must be finite and ascending, got {_told(values)}; sort both columns by value"
            )
        if not ((shares >= 0) & (shares <= 1)).all() or (shares[1:] < shares[:-1]).any():
            raise InvalidPolicyError(
                f"shares must be from 0 to 1 and never fall, got {_told(shares)}; add up what is over"
            )

    def __repr__(self) -> str:
        rest = f"observations={self.observations}, why={self.why!r}"
        return f"Steps({self.values.tolist()}, {self.shares.tolist()}, {rest})"

    def quantile(self, share: ArrayLike) -> Floats:
        """The first value by which a share of the cases is over; infinite where the law stops below it."""
        at = np.searchsorted(self.shares, checked_shares(share) - CLOSE)
        return np.append(self.values, math.inf)[at]

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of the cases that is over by a value."""
        return _by(value, np.append(0.0, self.shares)[np.searchsorted(self.values, value, side="right")])


def _by(value: ArrayLike, shares: Floats) -> Floats:
    """The shares, but for values that are NaN: sorting puts these last, as if everybody were over by then."""
    return np.where(np.isnan(np.asarray(value, dtype=np.float64)), np.nan, shares)


def _told(values: Floats) -> str:
    return f"{values.tolist()!r:.80}"


@attrs.frozen
class GivenAge:
    """What a law leaves of a duration that is not over at an age.

    Args:
        law: Of the whole duration.
        age: In its unit; some share of the law lies beyond it.

    >>> GivenAge(Empirical([10, 20, 30, 40]), 20).quantile([0.5, 1]).tolist()
    [10.0, 20.0]
    """

    law: Law
    age: float

    def quantile(self, share: ArrayLike) -> Floats:
        """The time left by which a share of those that are not over is over."""
        over = float(self.law.cdf(self.age))
        wanted = over + checked_shares(share) * (1 - over)
        return np.maximum(self.law.quantile(np.minimum(wanted, 1)) - self.age, 0)

    def cdf(self, value: ArrayLike) -> Floats:
        """The share of those that are not over that is over after so much more time."""
        over = float(self.law.cdf(self.age))
        later = np.asarray(self.law.cdf(np.asarray(value, dtype=np.float64) + self.age)) - over
        return np.clip(later / (1 - over), 0, 1)


def left_at(law: Law, age: float) -> Law:
    """The law of the time that a case which is not over at an age takes from then on.

    Args:
        law: Of the whole duration. One with `given(age)` says that itself, as `Remaining` does, which knows how many
            were watched and what ended otherwise.
        age: In its unit; some share of the law lies beyond it.
    """
    if isinstance(law, Empirical):
        return Empirical(law.values[law.values > age] - age)
    given = getattr(law, "given", None)
    left: Law = GivenAge(law, age) if given is None else given(age)
    return left
