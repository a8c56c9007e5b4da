"""Cases as a live system hands them in: times or numbers, one or many, ended or open, as columns of numbers."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import numpy as np

from carepolicy._instant import iso, micros_array, to_micros
from carepolicy.errors import InvalidPolicyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Keys = NDArray[np.uint64]

OPEN = math.inf
"""The end of a case that has not ended."""
_NUMBER, _TIME, _NAME = (int, float, np.integer, np.floating), (datetime, np.datetime64), (str, int)
_UNIT = {
    np.dtype(f"datetime64[{unit}]"): size
    for unit, size in {"s": (10**6, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}.items()
}
_WHOLE, _NAT = Struct("=q"), -(2**63)
_ONE_KEY, _ALL = (Struct("<3d"), Struct("<3Q")), 2**64 - 1


class Row(NamedTuple):
    """One case, as in `Rows`."""

    key: int
    started: float
    ended: float
    low: float
    high: float
    named: bool

    def as_rows(self) -> Rows:
        """As columns of one."""
        started, ended, low, high = (np.array([value]) for value in self[1:5])
        return Rows(np.array([self.key], dtype=np.uint64), started, ended, low, high, self.named)


@attrs.frozen(eq=False)
class Rows:
    """Cases of one update, a row each.

    Args:
        key: What is the same for the same case.
        started, ended: UTC microseconds, or plain numbers; `OPEN` where it has not ended.
        low, high: The raw window, in order.
        named: Whether the key comes from a name given by the host.
    """

    key: Keys
    started: Floats
    ended: Floats
    low: Floats
    high: Floats
    named: bool


def as_number(at: Any, name: str = "at") -> tuple[float, bool]:
    """An instant in UTC microseconds, or the plain number that it is; and whether it is a time.

    Raises:
        InvalidTimeError: If it is a time without a zone.
        InvalidPolicyError: If it is no finite number.
    """
    timed = not isinstance(at, _NUMBER)
    now = _time(at, name) if timed else float(at)
    if not math.isfinite(now):
        raise InvalidPolicyError(f"{name} must be a time or a finite number, got {at!r}; pass the instant of now")
    return now, timed


def row_of(started: Any, finished: Any, low: Any, high: Any, case: Any, now: float, timed: bool) -> Row | None:
    """One case as known at `now`, as `rows_of` has it; None for columns, and for what is to be refused or looked at.

    A host that tells its cases one by one would otherwise wait for arrays of one.
    """
    kinds: tuple[Any, ...] = _TIME if timed else _NUMBER
    if not (isinstance(low, _NUMBER) and isinstance(high, _NUMBER) and isinstance(started, kinds)):
        return None
    if not (finished is None or isinstance(finished, kinds)) or not (case is None or case.__class__ in _NAME):
        return None
    if timed:
        begin, end = _time(started, "started"), math.inf if finished is None else _time(finished, "finished")
    else:
        begin, end = float(started), math.inf if finished is None else float(finished)
    lower, upper = float(low), float(high)
    if lower > upper:
        lower, upper = upper, lower
    if not (math.isfinite(lower) and math.isfinite(upper) and -math.inf < begin <= now) or end < begin:
        return None
    key = _key_of_one(begin, lower, upper) if case is None else int.from_bytes(_digest(case), "little")
    return Row(key, begin, end if end <= now else OPEN, lower, upper, case is not None)


def rows_of(
    started: Any,
    finished: Any,
    low: ArrayLike,
    high: ArrayLike,
    case: Any,
    now: float,
    timed: bool,
) -> Rows:
    """Columns of cases as known at `now`; an end to come is not known yet.

    Raises:
        InvalidPolicyError: If lengths differ, or values contradict each other.
        InvalidTimeError: If a time has no zone.
    """
    read = _times if timed else _numbers
    begins, ends = read(started, "started"), read(finished, "finished")
    lower, upper = windows_of(low, high, 1)
    if ends.size == 1 and finished is None:
        ends = np.full(begins.size, np.nan)
    if ends.size != begins.size:
        raise InvalidPolicyError(f"finished has {ends.size} values for {begins.size} cases; pass one for each")
    if lower.size not in (1, begins.size):
        raise InvalidPolicyError(f"low and high have {lower.size} values for {begins.size} cases; pass one for each")
    lower, upper = (np.broadcast_to(column, begins.shape) for column in (lower, upper))
    _refuse(~np.isfinite(begins), "started is missing", begins, timed, "a case begins when it is promised")
    _refuse(begins > now, "started is after at", begins, timed, "hand it in once it has started")
    _refuse(ends < begins, "finished is before started", ends, timed, "correct it, or leave the case out")
    ended = np.where(ends <= now, ends, OPEN)
    if case is None:
        return Rows(_key_of(begins, lower, upper), begins, ended, lower, upper, named=False)
    key = _named(case, begins.size)
    return Rows(key, begins, ended, lower, upper, named=True)


def windows_of(low: ArrayLike, high: ArrayLike, dimensions: int | None = None) -> tuple[Floats, Floats]:
    """The ends of raw windows, in order.

    Raises:
        InvalidPolicyError: If one is no finite number, or the lengths differ.
    """
    ends = []
    for name, given in (("low", low), ("high", high)):
        try:
            end = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidPolicyError(f"{name} is not numbers: {given!r}; pass durations in the unit") from error
        if not np.isfinite(end).all():
            bad = end[~np.isfinite(end)].flat[0]
            raise InvalidPolicyError(f"{name} must be finite, got {bad}; pass the raw window, before adjust")
        ends.append(np.atleast_1d(end) if dimensions else end)
    try:
        lower, upper = np.broadcast_arrays(*ends)
    except ValueError as error:
        raise InvalidPolicyError(
            f"low and high differ in length: {ends[0].size}, {ends[1].size}; pass one of each for a case"
        ) from error
    return np.minimum(lower, upper), np.maximum(lower, upper)


def _refuse(bad: NDArray[np.bool_], problem: str, values: Floats, timed: bool, remedy: str) -> None:
    if bad.any():
        at = int(np.argmax(bad))
        seen = "" if np.isnan(values[at]) else f" ({iso(int(values[at])) if timed else values[at]})"
        raise InvalidPolicyError(f"{problem} at position {at}{seen}; {remedy}")


def _numbers(values: object, name: str) -> Floats:
    """Plain numbers, NaN for None."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InvalidPolicyError(f"{name} is not numbers, but at is one: {values!r}; pass times for both") from error
    return array


def _times(values: Any, name: str) -> Floats:
    """UTC microseconds of times, NaN where there is none."""
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    if kind == "M":
        array = np.atleast_1d(values.to_numpy(dtype="datetime64[ns]") if hasattr(values, "to_numpy") else values)
        missing = np.isnat(array)
        return np.where(missing, np.nan, micros_array(np.where(missing, np.datetime64(0, "us"), array), name))
    if kind in "iuf" or isinstance(values, (int, float)):
        raise InvalidPolicyError(f"{name} is numbers, but at is a time: {values!r}; pass times for both")
    several = values if isinstance(values, (list, tuple)) or hasattr(values, "__array__") else [values]
    return np.array([_time(value, name) for value in several], dtype=np.float64)


def _time(value: Any, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, np.datetime64):
        times, parts = _UNIT.get(value.dtype, (0, 1))
        count = _WHOLE.unpack(value)[0]  # type: ignore[arg-type]  # a tenth of what `astype` takes
        if count == _NAT:
            return math.nan
        micros, rest = divmod(count * times, parts)
        return float(micros if times and not rest else micros_array(np.array([value]), name)[0])
    if value != value:  # noqa: PLR0124  (NaT and NaN do not equal themselves)
        return math.nan
    if hasattr(value, "to_datetime64") and value.tzinfo is None:  # what a data frame of `datetime64` hands out
        return _time(value.to_datetime64(), name)
    return float(to_micros(value, name))


def _key_of(*columns: Floats) -> Keys:
    """The same number for rows that are the same."""
    key = np.zeros(columns[0].shape, dtype=np.uint64)
    for column in columns:
        key = (key ^ (column + 0.0).view(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)  # as in splitmix64
        key ^= key >> np.uint64(31)
        key *= np.uint64(0x94D049BB133111EB)
        key ^= key >> np.uint64(29)
    return key


def _key_of_one(*row: float) -> int:
    """As `_key_of`, for three numbers."""
    floats, whole = _ONE_KEY
    key = 0
    for bits in whole.unpack(floats.pack(*(value + 0.0 for value in row))):
        key = (key ^ bits) * 0xBF58476D1CE4E5B9 & _ALL
        key = (key ^ key >> 31) * 0x94D049BB133111EB & _ALL
        key ^= key >> 29
    return key


def _digest(name: str | int) -> bytes:
    return blake2b(repr(name).encode(), digest_size=8).digest()


def _named(case: Any, count: int) -> Keys:
    one, several = isinstance(case, str), isinstance(case, (list, tuple))
    given = [case] if one else case if several else np.atleast_1d(np.asarray(case)).tolist()
    names = [name.item() if isinstance(name, np.generic) else name for name in given]
    if len(names) != count:
        raise InvalidPolicyError(f"case has {len(names)} values for {count} cases; pass one for each")
    bad = [name for name in names if not isinstance(name, (str, int)) or isinstance(name, bool)]
    if bad:
        raise InvalidPolicyError(f"case must be texts or whole numbers, got {bad[0]!r}; leave it out if there is none")
    if len(set(names)) != count:
        counts = Counter(names)
        twice = next(name for name in names if counts[name] > 1)
        raise InvalidPolicyError(f"case comes twice in one update: {twice!r}; hand in its latest word only")
    digests = b"".join(_digest(name) for name in names)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
