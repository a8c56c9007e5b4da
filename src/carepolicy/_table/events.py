"""The events of a table as columns: read once, checked as single rows are, and told apart by their prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import NEVER
from carepolicy._rows import read_rows
from carepolicy._table.cells import (
    Times,
    Words,
    as_text,
    bent,
    cell_of,
    either,
    finished,
    joined_texts,
    mixed,
    picked,
    plain,
    print_of,
    prints_of,
    read_times,
    read_words,
    same,
    word_of,
)
from carepolicy._table.frames import arrow
from carepolicy.events import COLUMNS, DIRECTIONS, KINDS, PRECISIONS, BadRow, Event

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from carepolicy._instant import Instants
    from carepolicy._table.cells import Prints, Rows

_TIMES = ("at", "recorded_at", "due")
TEXTS = tuple(name for name in COLUMNS if name not in _TIMES)
_ASKED = ("kind", "party", "person", "direction", "channel", "outcome", "author", "purpose")
"""What conditions may ask for, beside whether there is a `case` and a `ref`."""
_NAMED = ("id", "customer")
"""What the print of a content leaves out: the id has its own, and the unit has the customer."""
_DEFAULTS = {"precision": "minute"}
_FEW = 1 << 16


@attrs.frozen(eq=False, slots=False)
class Events:
    """Some events as columns.

    Args:
        at: When each happened, in UTC microseconds.
        recorded: When we learnt of it; `at` where the log does not say.
        said: Whether the log says when we learnt of it.
        due: By when; NEVER where nothing is said.
        columns: The columns of text that there are, by name, as they came.
    """

    at: Instants
    recorded: Instants
    said: NDArray[np.bool_]
    due: Instants
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def visible(self) -> Instants:
        """From when each can be known."""
        found: Instants = self.at if self.recorded is self.at else np.maximum(self.at, self.recorded)
        return found

    @cached_property
    def _words(self) -> dict[str, Words]:
        return {}

    def words(self, name: str) -> Words:
        """A column of text, read once."""
        if name not in self._words:
            column = self.columns.get(name)
            unsaid = Words(same(0, len(self)), [_DEFAULTS.get(name, "")])
            self._words[name] = unsaid if column is None else read_words(column)
        return self._words[name]

    def text(self, name: str) -> pa.Array:
        """A column of text, row by row."""
        column = self.columns.get(name)
        text = None if column is None else as_text(column)
        return self.words(name).texts() if text is None else text

    @cached_property
    def customers(self) -> Rows | Words:
        """The customers: as they are where they are whole numbers, else as words."""
        column = self.columns.get("customer")
        if column is None or column.null_count or not arrow().types.is_integer(column.type):
            return self.words("customer")
        numbers: Rows = column.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        return numbers

    def shapes(self) -> tuple[Rows, int, dict[int, Event]]:
        """All that decides what an event feeds, as one code for each row: the codes, what they stay below, and an event
        of each code that occurs."""
        columns = [(name, self.words(name)) for name in _ASKED if name in self.columns]
        columns += [(name, self.words(name).whether()) for name in ("case", "ref") if name in self.columns]
        codes, size = same(0, len(self)), 1
        steps: list[tuple[str, list[str], Rows | None]] = []
        for name, words in columns:
            codes = codes * len(words.words) + words.codes if steps else words.codes
            size, kept = size * len(words.words), None
            if size > _FEW:
                kept, codes = np.unique(codes, return_inverse=True)
                size = len(kept)
            steps.append((name, words.words, kept))
        occurs = np.zeros(size, bool)
        occurs[codes] = True
        return codes, size, {code: _shape(code, steps) for code in np.flatnonzero(occurs).tolist()}

    @cached_property
    def ids(self) -> tuple[NDArray[np.bool_], Prints]:
        """Which rows have an id, and the prints of the ids."""
        words = self.words("id")
        return words.said, prints_of(words)

    @cached_property
    def contents(self) -> Prints:
        """A print of all that each row says, but for its id and its customer."""
        recorded = same(0, len(self)) if self.recorded is self.at else np.where(self.said, self.recorded, 0)
        texts = {name: prints_of(self.words(name)) for name in _CONTENT if name in self.columns}
        total = _unsaid(tuple(name for name in _CONTENT if name not in texts))
        for number, column in enumerate((self.at, recorded, self.said, self.due)):
            total = total + bent(column, number)
        for name, column in texts.items():
            total = total + bent(column, _CONTENT[name])
        return finished(total)

    @cached_property
    def prints(self) -> Prints:
        """A print of each event's order: events of one customer with equal prints are one event."""
        named, ids = self.ids
        who = ids if named.all() else np.where(named, ids, self.contents) if named.any() else self.contents
        late = same(0, len(self)) if self.recorded is self.at else self.recorded - self.at
        return mixed([self.at, late, who])

    def take(self, rows: Rows) -> Events:
        """Some of the rows."""
        indices = arrow().array(rows)
        at = self.at[rows]
        if not self.columns and "prints" in vars(self):
            return Events.bare(at, self.prints[rows])
        return Events(
            at,
            at if self.recorded is self.at else self.recorded[rows],
            picked(self.said, rows),
            picked(self.due, rows),
            {name: column.take(indices) for name, column in self.columns.items()},
        )

    def once(self) -> Events:
        """The same without rows that say the same."""
        prints = mixed([prints_of(self.words("customer")), self.ids[1], self.contents])
        return self.take(np.sort(np.unique(prints, return_index=True)[1]))

    def event(self, row: int) -> Event:
        """One of them as an event."""
        texts: dict[str, Any] = {name: word_of(column[row].as_py()) for name, column in self.columns.items()}
        return Event(
            at=int(self.at[row]),
            recorded_at=int(self.recorded[row]) if self.said[row] else None,
            due=int(self.due[row]),
            **{name: text for name, text in texts.items() if text},
        )

    @classmethod
    def joined(cls, parts: Sequence[Events]) -> Events:
        """Several parts as one, their columns as text."""
        there = {name for part in parts for name in part.columns} if all(p.columns for p in parts) else set(TEXTS)
        columns = {name: joined_texts([part.text(name) for part in parts]) for name in TEXTS if name in there}
        at, recorded, due = (
            np.concatenate([np.zeros(0, np.int64), *(getattr(part, name) for part in parts)])
            for name in ("at", "recorded", "due")
        )
        return cls(at, recorded, np.concatenate([np.zeros(0, bool), *(part.said for part in parts)]), due, columns)

    @classmethod
    def bare(cls, at: Instants, prints: Prints | None) -> Events:
        """Instants, and maybe prints, of which no more is known."""
        events = cls(at, at, same(False, len(at)), same(NEVER, len(at)), {})
        if prints is not None:
            vars(events)["prints"] = prints
        return events

    @classmethod
    def of(cls, events: Sequence[Event]) -> Events:
        """Events, each with its id, as columns."""
        pa = arrow()
        return cls(
            np.array([event.at_us for event in events], np.int64),
            np.array([event.order[1] for event in events], np.int64),
            np.array([event.recorded_us is not None for event in events], bool),
            np.array([event.due_us for event in events], np.int64),
            {name: pa.array([getattr(event, name) for event in events], pa.string()) for name in TEXTS},
        )


_CONTENT = {name: number for number, name in enumerate(TEXTS, start=4) if name not in _NAMED}


@lru_cache(maxsize=256)
def _unsaid(names: tuple[str, ...]) -> Prints:
    """What columns of text that there are not add to the print of a content."""
    total: Prints = np.zeros(1, np.uint64)
    for name in names:
        total = total + bent(np.array([print_of(_DEFAULTS.get(name, ""))], np.uint64), _CONTENT[name])
    return total


def _shape(code: int, steps: Sequence[tuple[str, list[str], Rows | None]]) -> Event:
    """An event of the shape that a code stands for."""
    fields: list[tuple[str, str]] = []
    for name, words, kept in reversed(steps):
        code, at = divmod(code if kept is None else int(kept[code]), len(words))
        fields.append((name, words[at]))
    return _of_shape(tuple(fields))


@lru_cache(maxsize=4096)
def _of_shape(fields: tuple[tuple[str, Any], ...]) -> Event:
    return Event(at=0, id="-", **dict(fields))


def read_events(
    batch: pa.RecordBatch, *, columns: Mapping[str, str], zone: str, kinds: Iterable[str], first: int
) -> tuple[Events, list[BadRow]]:
    """The events of a batch of a log, and what is wrong with the rows that cannot be read.

    Args:
        batch: With the columns of a log, under any names.
        columns: Our names of columns to those of the batch.
        zone: The zone of wall times.
        kinds: Kinds of event beside those that carepolicy knows.
        first: The number of the first row, for those who must find it.

    Raises:
        InvalidTimeError: If a column of times is none.
    """
    names = {name: columns.get(name, name) for name in COLUMNS}
    found = {name: batch.column(theirs) for name, theirs in names.items() if theirs in batch.schema.names}
    nothing = arrow().nulls(len(batch))
    at, recorded, due = (read_times(found.get(name, nothing), name, zone) for name in _TIMES)
    texts = {name: plain(column) for name, column in found.items() if name not in _TIMES}
    words = {name: read_words(texts.get(name, nothing)) for name in ("kind", "direction", "precision")}
    choices = {
        "kind": KINDS | ({kinds} if isinstance(kinds, str) else set(kinds)),
        "direction": DIRECTIONS,
        "precision": PRECISIONS | {""},
    }
    doubtful = either((at.empty, at.doubtful, recorded.doubtful, due.doubtful), len(batch))
    for name, known in choices.items():
        unknown = np.array([word not in known for word in words[name].words], bool)
        if unknown.any():
            doubtful = doubtful | unknown[words[name].codes]
    bad: list[BadRow] = []
    if doubtful.any():
        at, recorded, due = (attrs.evolve(times, micros=times.micros.copy()) for times in (at, recorded, due))
        bad = list(_settle(np.flatnonzero(doubtful), found, (at, recorded, due), zone, kinds, first))
    if at.by_day.any() or "precision" in texts:
        texts["precision"] = _precision(words["precision"], at.by_day)
    by_when = same(NEVER, len(batch)) if due.empty.all() else np.where(due.empty, NEVER, due.micros)
    if recorded.empty.all():
        return Events(at.micros, at.micros, same(False, len(batch)), by_when, texts), bad
    when = np.where(recorded.empty, at.micros, recorded.micros)
    return Events(at.micros, when, ~recorded.empty, by_when, texts), bad


def _precision(words: Words, by_day: NDArray[np.bool_]) -> pa.Array:
    """How exact each `at` is: to the day where it is a date and nothing else is said."""
    said = words.said
    codes = np.where(said, words.codes, np.where(by_day, len(words.words), len(words.words) + 1))
    return Words(codes, [*words.words, "day", "minute"]).texts()


def _settle(
    rows: Rows,
    found: Mapping[str, pa.Array],
    times: Sequence[Times],
    zone: str,
    kinds: Iterable[str],
    first: int,
) -> Iterator[BadRow]:
    """Read the rows in doubt one by one: fill in the times of those that can be read, name the faults of the others."""
    for row in rows.tolist():
        events, bad = read_rows(
            [{name: cell_of(column[row]) for name, column in found.items()}], zone=zone, kinds=kinds, lenient=True
        )
        yield from (attrs.evolve(fault, row=first + row) for fault in bad)
        for event in events:
            for column, micros in zip(times, (event.at_us, event.recorded_us, event.due_us), strict=True):
                column.micros[row] = micros or 0
