"""Columns as hosts hand them in: numbers, times, labels of groups and of months; and the standard error of a mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import DAY, MINUTE, to_micros
from carepolicy._time.zone import offsets_of, year_of
from carepolicy.arrival._groups import cells_of, known, names_of
from carepolicy.arrival._numbers import amounts
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]


def grouped(by: Any, count: int, name: str = "by") -> list[tuple[Hashable, Whole]]:
    """The positions of each group, the groups in the order of their names.

    Args:
        by: One label a row, or a mapping or data frame of columns of them; several columns make a tuple.
        count: How many rows there are.
        name: What the caller calls it, for the error.

    Raises:
        InvalidPolicyError: If there are no columns, or one has another length.

    >>> [(who, at.tolist()) for who, at in grouped({"zone": ["N", "S", "N"]}, 3)]
    [('N', [0, 2]), ('S', [1])]
    """
    frame = by if isinstance(by, Mapping) or hasattr(by, "columns") else {name: by}
    columns = names_of(frame)
    if not columns:
        raise InvalidPolicyError(f"{name} has no columns; pass at least one, or leave it out")
    cells, keys = cells_of(frame, columns, count)
    labels = [key[0] for key in keys] if len(columns) == 1 else list(keys)
    rows = dict(zip(labels, positions(cells, len(keys)), strict=True))
    return [(label, rows[label]) for label in _in_order(labels)]


def positions(codes: Whole, count: int) -> list[Whole]:
    """The rows of each of so many numbers, found by sorting once and not by a look at all rows for each.

    >>> [rows.tolist() for rows in positions(np.array([0, 2, 0]), 3)]
    [[0, 2], [], [1]]
    """
    ends = np.cumsum(np.bincount(codes, minlength=count))[:-1]
    return np.split(np.argsort(codes, kind="stable"), ends)[:count]


def _in_order(labels: list[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:  # a group without a name, or names of several kinds
        return sorted(labels, key=str)


def mean_error(values: Floats, clusters: Any = None) -> float:
    """The standard error of a mean; NaN if it cannot be told.

    Args:
        values: One a row.
        clusters: Rows with the same label go together: a route-day, a technician. Without, each is independent.

    Source: the variance of a ratio from clusters that are drawn whole, Cochran, Sampling Techniques (1977), 9A.

    >>> mean_error(np.array([1.0, 2.0, 3.0, 4.0])), mean_error(np.array([1.0, 1.0, 3.0, 3.0]), ["a", "a", "b", "b"])
    (0.6454972243679028, 1.0)
    """
    count = values.size
    if count < 2 or not np.isfinite(values).all():
        return math.nan
    if clusters is None:
        return float(values.std(ddof=1) / math.sqrt(count))
    parts = grouped(clusters, count, "clusters")
    if len(parts) < 2:
        return math.nan
    off = values - values.mean()
    square = sum(float(off[at].sum()) ** 2 for _, at in parts)
    return math.sqrt(square * len(parts) / (len(parts) - 1)) / count


def share_error(flags: Floats, clusters: Any = None) -> float:
    """The standard error of a share: binomial, or from clusters of rows that go together; NaN if there are no rows."""
    if clusters is not None:
        return mean_error(flags, clusters)
    held = float(flags.mean()) if flags.size else math.nan
    return math.sqrt(held * (1 - held) / flags.size) if flags.size else math.nan


def numbers(values: Any, name: str) -> Floats:
    """Numbers as they are, times in minutes since 1970, time spans in minutes; NaN for what is missing.

    Args:
        values: Numbers, aware datetimes or ISO 8601 text, `datetime64` in UTC, or time spans; one or many.
        name: What the caller calls them, for the error.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If they are neither.
    """
    if isinstance(values, (datetime, str)):
        return np.array(to_micros(values, name) / MINUTE)
    if hasattr(values, "dtype"):
        # a column of times with a zone is one of objects to numpy, unless it is asked for times
        timed = getattr(values.dtype, "kind", "") == "M"
        values = np.asarray(values, dtype="datetime64[us]" if timed else None)
        if values.dtype.kind == "M":
            times = values.astype("datetime64[us]")
            return np.where(np.isnat(times), np.nan, times.astype(np.int64) / MINUTE)
    if isinstance(values, (list, tuple)) or getattr(getattr(values, "dtype", None), "kind", "") == "O":
        listed: list[Any] = [known(value) for value in values]
        if any(isinstance(value, (datetime, str)) for value in listed):
            return np.array([math.nan if value is None else to_micros(value, name) / MINUTE for value in listed])
        if all(value is None for value in listed):
            return np.full(len(listed), math.nan)
    try:
        return amounts(values, name, spans=True)
    except InvalidPolicyError as error:
        raise InvalidPolicyError(f"{name} holds neither numbers nor times; pass one column of them") from error


def each(values: Any, name: str, count: int) -> Floats:
    """Numbers, one a row; a single one is the same for all.

    Raises:
        InvalidPolicyError: If there is another number of them.
    """
    found = numbers(values, name)
    if found.ndim and found.shape != (count,):
        raise InvalidPolicyError(f"{name} has the shape {found.shape} for {count} rows; pass one a row, or one for all")
    return np.broadcast_to(found, (count,))


def months(over: Any, zone: str) -> Any:
    """The month of each time as text, such as "2026-03"; labels that are no times as they are.

    >>> months(np.array(["2026-03-31T23:30"], dtype="datetime64[m]"), "Europe/Paris")
    ['2026-04']
    """
    timed = getattr(getattr(over, "dtype", None), "kind", "") == "M"
    if not timed and not (isinstance(over, (list, tuple)) and over and isinstance(over[0], datetime)):
        return over
    minutes_us = np.round(numbers(over, "over") * MINUTE)
    if np.isnan(minutes_us).any():
        raise InvalidPolicyError("over has times that are missing; fill them, or leave these rows out")
    us: Whole = minutes_us.astype(np.int64)
    first, last = (int(us.min()), int(us.max())) if us.size else (0, 0)
    walls = us + offsets_of(zone, year_of(first - DAY), year_of(last + DAY)).offset_array(us)
    return walls.view("datetime64[us]").astype("datetime64[M]").astype(str).tolist()


def codes(by: Any, count: int, name: str) -> Whole:
    """A whole number for each group, one a row."""
    found = np.empty(count, dtype=np.int64)
    for code, (_, at) in enumerate(grouped(by, count, name)):
        found[at] = code
    return found
