"""Where cases that are told one by one are kept: written once, and read by every calibrator that knows them.

A calibrator is a value, and to copy some thousand cases for each new one would take longer than all the rest. So the
cases of one after the other lie on one shelf: what is written stays, an end is written down beside the case, and each
calibrator knows how far it reads. Who goes on from an older one gets a shelf of its own.
"""

from __future__ import annotations

import math
from threading import Lock
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy.arrival._corrections import Cases
from carepolicy.arrival._live import OPEN
from carepolicy.arrival.law import EXACT, fixed, fixed_as, stay_fixed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from carepolicy.arrival._live import Floats, Keys, Row

COLUMNS = ("started", "ended", "low", "high")
_ROOM, _PART = 16, 4  # rows to come: at least so many, and a part of those held, so that a new shelf is rare


def _keys(values: ArrayLike) -> Keys:
    return fixed_as(np.uint64, values)


@attrs.frozen
class Columns:
    """Cases in the order in which they started, those of one instant as they came in.

    Args:
        key, started, ended, low, high: As in `Rows`.
    """

    key: Keys = field(converter=_keys, eq=EXACT)
    started: Floats = field(converter=fixed, eq=EXACT)
    ended: Floats = field(converter=fixed, eq=EXACT)
    low: Floats = field(converter=fixed, eq=EXACT)
    high: Floats = field(converter=fixed, eq=EXACT)

    __setstate__ = stay_fixed

    def as_of(self, now: float, size: float) -> Cases:
        """With durations in units of `size`."""
        over = np.isfinite(self.ended)
        age = (now - self.started) / size
        lasted = np.where(over, (self.ended - self.started) / size, age)
        return Cases(lasted, over, age, self.low, self.high)


@attrs.frozen
class Read:
    """How far one calibrator reads.

    Args:
        first, after: From which place, and up to which.
        ends: How many of the ends written down beside the cases.
        told: How many starts and ends have been heard of, those of cases no longer held too.
        open: How many have not ended.
    """

    first: int
    after: int
    ends: int
    told: int
    open: int


class Shelf:
    """Cases as columns with room for more, and what each key is at the last word."""

    def __init__(self, columns: Columns) -> None:
        count = columns.key.size
        room = max(count // _PART, _ROOM)
        self._rows = {name: np.resize(getattr(columns, name), count + room) for name in ("key", *COLUMNS)}
        self._base = self._after = count
        self._earliest = math.inf  # start of those added
        self._end_of, self._end_at = np.empty(room, dtype=np.intp), np.empty(room)
        self._ends = 0
        self._now: list[float] = columns.ended.tolist()
        names = columns.key.tolist()
        self._places: dict[int, tuple[int, ...]] = dict(zip(names, zip(range(count)), strict=True))
        if len(self._places) < count:
            self._places = {}
            for place, name in enumerate(names):
                self._places[name] = (*self._places.get(name, ()), place)
        self._lock = Lock()

    def columns(self, read: Read) -> Columns:
        """What one calibrator reads."""
        part = slice(read.first, read.after)
        found = {name: column[part] for name, column in self._rows.items()}
        ended = self._rows["ended"][: read.after].copy()
        ended[self._end_of[: read.ends]] = self._end_at[: read.ends]  # of two for one case the later
        found["ended"] = ended[read.first :]
        started = found["started"]
        if (started[1:] < started[:-1]).any():
            order = np.argsort(started, kind="stable")
            found = {name: column[order] for name, column in found.items()}
        return Columns(**found)

    def add(self, row: Row, read: Read, last: int) -> Read | None:
        """With one row more; None where that needs a shelf of its own."""
        with self._lock:
            if (self._after, self._ends) != (read.after, read.ends):
                return None  # another one went on from here
            same = [place for place in self._places.get(row.key, ()) if place >= read.first]
            place = self._which(row, same)
            return self._begun(row, read, last, same) if place is None else self._heard(row, read, place)

    def _which(self, row: Row, same: list[int]) -> int | None:
        """The place of the case of a row: of several with the same word, else of one that is open."""
        if row.named and len(same) == 1:
            return same[0]
        for end in (row.ended, OPEN):
            for place in same:
                if self._now[place] == end:
                    return place
        return None

    def _begun(self, row: Row, read: Read, last: int, same: list[int]) -> Read | None:
        """With a case not held yet, without the earliest where there are too many."""
        first, after, rows = read.first, read.after, self._rows
        told, more = (read.told + 1, 1) if row.ended == OPEN else (read.told + 2, 0)
        if after - first >= last:
            oldest = rows["started"][first]
            if after - first > last or self._earliest < oldest:
                return None
            if row.started < oldest:
                return Read(first, after, read.ends, told, read.open)
            more -= self._now[first] == OPEN
            first += 1
        if after == rows["key"].size:
            return None
        for name, value in zip(rows, row, strict=False):
            rows[name][after] = value
        self._now.append(row.ended)
        self._places[row.key] = (*same, after)
        self._earliest = min(self._earliest, row.started)
        self._after = after + 1
        return Read(first, self._after, read.ends, told, read.open + more)

    def _heard(self, row: Row, read: Read, place: int) -> Read | None:
        """With the later word on a case held."""
        rows, was = self._rows, self._now[place]
        if row.named and any(rows[name][place] != getattr(row, name) for name in ("started", "low", "high")):
            return None
        if was == row.ended:
            return read
        if read.ends == self._end_of.size:
            return None
        self._end_of[read.ends], self._end_at[read.ends] = place, row.ended
        self._now[place] = row.ended
        self._ends = read.ends + 1
        over = was == OPEN
        less = 1 if over else -1 if row.ended == OPEN else 0
        return Read(read.first, read.after, self._ends, read.told + over, read.open - less)
