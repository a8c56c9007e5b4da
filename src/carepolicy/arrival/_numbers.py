"""Numbers as hosts hand them in: one or many, from lists, numpy, pandas or polars."""

from __future__ import annotations

import math
from datetime import timedelta
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import MINUTE
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


CLOSE = 1e-9
"""How much of a share is rounding: nine of ten cases are 90 %."""


def is_number(value: object) -> bool:
    """Whether it is one real number, numpy's among them; truth is none, NaN and infinity are."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object, least: int) -> bool:
    """Whether it is a whole number, none below the least."""
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= least  # type: ignore[operator]


def checked_whole(value: object, name: str, least: int) -> int:
    """A whole number, none below the least.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not is_whole(value, least):
        raise InvalidPolicyError(f"{name} must be a whole number from {least}, got {value!r}")
    return int(value)  # type: ignore[call-overload, no-any-return]


def plain(value: Any) -> Any:
    """The Python value of a numpy scalar, so that its holder prints as with one of Python's; others as they are."""
    return value.item() if isinstance(value, np.generic) else value


def written(value: float) -> str:
    """A number as it can be read back: infinity and NaN have no name of their own."""
    return repr(value) if math.isfinite(value) else f"float('{value}')"


def amounts(values: Any, name: str, *, spans: bool = False) -> Floats:
    """Numbers, one or many; NaN for what is missing.

    Args:
        values: Numbers in any form.
        name: What the caller calls them, for the error.
        spans: Whether time spans (`timedelta`, `timedelta64`) are taken, in minutes; else they are refused, as nothing
            says in which unit they are meant.

    Raises:
        InvalidPolicyError: If they are none.

    >>> amounts(np.array([90, 120], dtype="timedelta64[s]"), "minutes", spans=True).tolist()
    [1.5, 2.0]
    """
    try:
        array = np.asarray(values)
        if array.dtype == object and array.size and all(isinstance(value, timedelta) for value in array.flat):
            array = array.astype("timedelta64[us]")
        if array.dtype.kind not in "mM":
            return np.asarray(array if array.dtype.kind in "biuf" else values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidPolicyError(f"{name} holds what is no number: {values!r:.80}; pass one column of them") from error
    if array.dtype.kind == "m" and spans:
        return np.where(np.isnat(array), np.nan, array / np.timedelta64(MINUTE, "us"))
    what = "time spans" if array.dtype.kind == "m" else "times"
    raise InvalidPolicyError(f"{name} holds {what}, {array.dtype}; pass numbers in one unit, e.g. minutes")


def flags(values: Any, name: str) -> NDArray[np.bool_]:
    """Yes or no for each; a gap or a word is neither, and would count as yes if numpy were asked.

    Raises:
        InvalidPolicyError: If one does not say.
    """
    if isinstance(values, np.ndarray) and values.dtype == bool:
        return values
    said = amounts(values, name)
    if not np.isin(said, (0, 1)).all():
        row = int(np.argmin(np.isin(said, (0, 1))))
        raise InvalidPolicyError(f"{name} must say yes or no, row {row} is {said.flat[row]}; True is {name}")
    return said.astype(bool)


def number_of(value: Any, name: str) -> float:
    """One number.

    Raises:
        InvalidPolicyError: If it is none.
    """
    if not is_number(value):
        raise InvalidPolicyError(f"{name} is no number: {value!r:.80}; pass one")
    return float(value)
