"""Jobs by group: columns of group values read once, and the cases of every combination of them kept sorted."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy.arrival._json import refuse_unwritable
from carepolicy.arrival._numbers import plain
from carepolicy.arrival.law import stay_fixed
from carepolicy.arrival.tails import Shape, ends_of_cases
from carepolicy.errors import InvalidPolicyError, InvalidTableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy.arrival.law import Floats

Key = tuple[Hashable, ...]
_SMALL = 1 << 16


def names_of(frame: Any) -> tuple[str, ...]:
    """The columns of a mapping or a data frame.

    Raises:
        InvalidTableError: If it is neither.
    """
    names = frame if isinstance(frame, Mapping) else getattr(frame, "columns", None)
    if names is None:
        raise InvalidTableError(
            f"groups are no table: {type(frame).__name__}; pass a mapping of names to columns, or a data frame"
        )
    return tuple(names)


def height(frame: Any) -> int:
    """How many rows a mapping of columns or a data frame has."""
    return len(next(iter(frame.values()), ())) if isinstance(frame, Mapping) else len(frame)


def known(value: Hashable) -> Hashable:
    """A group value; None where it is missing in any of the ways tables have for that."""
    value = plain(value)
    try:
        return value if value == value else None  # noqa: PLR0124 (NaN and NaT differ from themselves)
    except TypeError:  # pandas.NA is neither equal nor unequal
        return None


def group_value(value: Hashable, name: str) -> Hashable:
    """The same of one job.

    Raises:
        InvalidPolicyError: If it makes no group.
    """
    try:
        hash(value)
    except TypeError as error:
        raise InvalidPolicyError(f"{name!r} is a value that makes no group: {value!r}; use a text") from error
    return known(value)


def _values(frame: Any, name: str, rows: int) -> list[Hashable]:
    if name not in names_of(frame):
        raise InvalidTableError(f"column is missing: {name!r}; there are {', '.join(map(repr, names_of(frame)))}")
    column = frame[name]
    as_list = getattr(column, "tolist", None) or getattr(column, "to_list", None)
    values: list[Hashable] = as_list() if as_list else list(column)
    if len(values) != rows:
        raise InvalidPolicyError(f"column {name!r} has {len(values)} values for {rows} jobs; pass one for each")
    return values


def _codes(values: list[Hashable], name: str) -> tuple[NDArray[np.int64], list[Hashable]]:
    """A number for every value, and the values of the numbers."""
    try:
        seen = dict.fromkeys(values)
    except TypeError as error:
        raise InvalidPolicyError(f"column {name!r} has values that make no group; use texts or numbers") from error
    distinct = list(dict.fromkeys(map(known, seen)))
    place = {value: at for at, value in enumerate(distinct)}
    number = {value: place[known(value)] for value in seen}
    return np.fromiter(map(number.__getitem__, values), np.int64, len(values)), distinct


def _dense(codes: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], list[int]]:
    """The codes renumbered without gaps, and what they were."""
    if size > max(4 * codes.size, _SMALL):
        found, dense = np.unique(codes, return_inverse=True)
        return dense.astype(np.int64), found.tolist()
    there = np.zeros(size, dtype=bool)
    there[codes] = True
    return (np.cumsum(there) - 1)[codes], np.flatnonzero(there).tolist()


def cells_of(frame: Any, columns: Sequence[str], rows: int) -> tuple[NDArray[np.int64], list[Key]]:
    """A number for every row by its combination of group values, and the combinations.

    Raises:
        InvalidPolicyError: If a column has another length, or values that make no group.
        InvalidTableError: If a column is missing.
    """
    codes: NDArray[np.int64] = np.zeros(rows, dtype=np.int64)
    keys: list[Key] = [()]
    for name in columns:
        more, values = _codes(_values(frame, name, rows), name)
        size = max(len(values), 1)
        codes, combined = _dense(codes * size + more, len(keys) * size)
        keys = [(*keys[each // size], values[each % size]) for each in combined]
    return codes, keys


@attrs.frozen(eq=False, repr=False)
class Run:
    """Cases that came together: one sorted stretch for every combination of group values."""

    places: Mapping[Key, int]
    starts: NDArray[np.int64]
    minutes: Floats

    __setstate__ = stay_fixed

    @classmethod
    def of(cls, minutes: Floats, cells: Sequence[Key], codes: NDArray[np.int64]) -> Run:
        """The run of cases in any order, each with the number of its combination."""
        order = np.argsort(minutes)
        # small numbers are sorted in time linear in how many there are
        cell_of = codes[order].astype(np.uint16 if len(cells) < _SMALL else np.int64)
        ordered = minutes[order[np.argsort(cell_of, kind="stable")]]
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(cells)))])
        for array in (ordered, starts):
            array.setflags(write=False)
        return cls({cell: at for at, cell in enumerate(cells)}, starts, ordered)

    def __len__(self) -> int:
        return int(self.minutes.size)

    def stretch(self, cell: int) -> Floats:
        """The cases of one combination, sorted."""
        return self.minutes[self.starts[cell] : self.starts[cell + 1]]

    def as_data(self) -> list[list[Any]]:
        """Every combination with its cases, as JSON has them.

        Raises:
            InvalidPolicyError: If a group value is no text, number or truth.
        """
        refuse_unwritable(self.places)
        return [[list(cell), self.stretch(at).tolist()] for cell, at in self.places.items()]

    @classmethod
    def from_data(cls, groups: list[list[Any]]) -> Run:
        """The run of its data."""
        minutes = np.array([each for _, cases in groups for each in cases], dtype=np.float64)
        codes = np.repeat(np.arange(len(groups)), np.array([len(cases) for _, cases in groups], dtype=np.int64))
        return cls.of(minutes, [tuple(cell) for cell, _ in groups], codes)

    def same(self, other: Run) -> bool:
        """Whether every combination has the same cases."""
        return self.places.keys() == other.places.keys() and all(
            np.array_equal(self.stretch(at), other.stretch(other.places[cell])) for cell, at in self.places.items()
        )

    def joined(self, other: Run) -> Run:
        """The run of the cases of both."""
        places = {cell: at for at, cell in enumerate(dict.fromkeys([*self.places, *other.places]))}
        codes = [
            np.repeat(np.array([places[cell] for cell in run.places], dtype=np.int64), np.diff(run.starts))
            for run in (self, other)
        ]
        return Run.of(np.concatenate([self.minutes, other.minutes]), list(places), np.concatenate(codes))


def run_of(minutes: Floats, by: Any, columns: Sequence[str]) -> Run:
    """The run of cases and their group columns."""
    codes, cells = cells_of(by, columns, minutes.size)
    return Run.of(minutes, cells, codes)


Member = tuple[Run, int, Key]
"""A combination: the run, its place there, and its values."""
Group = tuple[tuple[str, ...], Key, bool]
"""The columns, their values, and whether only the smaller groups within it are meant."""


def grown(runs: tuple[Run, ...], run: Run) -> tuple[Run, ...]:
    """The runs with one more: those that are no longer than it are joined to it, so that they stay few.

    `u` runs, one after the other, cost as much as sorting each case `log2(u)` times, and most cost only themselves.
    """
    kept = list(runs)
    while kept and len(kept[-1]) <= len(run):
        run = kept.pop().joined(run)
    return (*kept, run)


def whole(runs: tuple[Run, ...]) -> Run:
    """All runs as one."""
    return reduce(Run.joined, runs)


@attrs.define(eq=False, repr=False)
class Groups:
    """The groups of one question, or of many asked together: each is gathered once.

    Args:
        columns: What makes a combination.
        runs: The cases.
        levels: Who answers, from the finest to the coarsest.
        rest_of: From how many cases on a group answers for itself and stays out of what its parents say of others; 0
            if parents speak for all of theirs.
    """

    columns: tuple[str, ...]
    runs: tuple[Run, ...]
    levels: tuple[tuple[str, ...], ...] = ()
    rest_of: int = 0
    _members: dict[tuple[str, ...], dict[Key, list[Member]]] = attrs.field(factory=dict, init=False)
    _places: dict[tuple[str, ...], tuple[int, ...]] = attrs.field(factory=dict, init=False)
    _sizes: dict[tuple[tuple[str, ...], Key], int] = attrs.field(factory=dict, init=False)
    _cases: dict[Group, Floats] = attrs.field(factory=dict, init=False)
    _ends: dict[Group, tuple[float, float]] = attrs.field(factory=dict, init=False)

    def answers(self, key: Key, at_least: int) -> Iterator[tuple[Group, Floats]]:
        """The groups that may answer for a job, the finest first, with their sorted cases.

        A job of a small group is answered by the small groups of its parent first, and by the whole parent where these
        are too few. A job whose own group is large, and still too small for what is asked, by the whole parent: the
        small ones do not speak for it.

        Args:
            key: The group values of the job.
            at_least: With fewer cases a group does not answer; everybody together always does.
        """
        is_small = self.rest_of > 0
        for level in self.levels:
            part = self._part(level, key)
            finer = any(None not in self._part(each, key) for each in self.levels[: self.levels.index(level)])
            is_small = is_small and not (finer and self._answered(level, key))
            whole = self._gathered((level, part, False))
            rest = self._gathered((level, part, True)) if finer and is_small else whole
            if max(self.rest_of, 1) <= rest.size < whole.size:
                yield (level, part, True), rest
            if whole.size >= (at_least if level else 1):
                yield (level, part, False), whole

    def question(self, key: Key, at_least: int) -> Hashable:
        """What the answer to a job hangs on: jobs with the same question have the same answers.

        Of jobs that are too few for a group of their own there are many kinds, and what their parents say is the same.
        """
        finest = self.levels[0]
        part = self._part(finest, key)
        if not finest or self._size(finest, part) >= at_least:
            return (key,)
        return None in part, *(self._part(level, key) for level in self.levels[1:])

    def ends(self, group: Group, wanted: float, shape: Shape) -> tuple[float, float]:
        """Both ends from the cases of a group; a question asks for one share and one shape."""
        if group not in self._ends:
            self._ends[group] = ends_of_cases(self._gathered(group), wanted, shape)
        return self._ends[group]

    def _gathered(self, group: Group) -> Floats:
        """The sorted cases of a group; none where the job does not say to which it belongs."""
        if group not in self._cases:
            level, _, rest = group
            found = [each for each in self._found(group) if not (rest and self._answered(level, each[2]))]
            stretches = [stretch for run, at, _ in found if (stretch := run.stretch(at)).size]
            self._cases[group] = stretches[0] if len(stretches) == 1 else np.sort(np.concatenate([[], *stretches]))
        return self._cases[group]

    def _part(self, level: tuple[str, ...], key: Key) -> Key:
        if level not in self._places:
            self._places[level] = tuple(self.columns.index(name) for name in level)
        return tuple([key[place] for place in self._places[level]])

    def _answered(self, level: tuple[str, ...], cell: Key) -> bool:
        """Whether a finer group of these cases is large enough."""
        finer = self.levels[: self.levels.index(level)]
        return any(self._size(each, self._part(each, cell)) >= self.rest_of for each in finer)

    def _size(self, level: tuple[str, ...], part: Key) -> int:
        """How many cases a group has."""
        size = self._sizes.get((level, part))
        if size is None:
            size = sum(run.stretch(at).size for run, at, _ in self._found((level, part, False)))
            self._sizes[level, part] = size
        return size

    def _found(self, group: Group) -> list[Member]:
        level, part, _ = group
        if None in part:
            return []
        if level == self.columns:
            return [(run, run.places[part], part) for run in self.runs if part in run.places]
        if level not in self._members:
            members: dict[Key, list[Member]] = {}
            for run in self.runs:
                for cell, at in run.places.items():
                    members.setdefault(self._part(level, cell), []).append((run, at, cell))
            self._members[level] = members
        return self._members[level].get(part, [])
