"""Logs of any kind of frame, or as a stream of batches, as columns of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from carepolicy._table.events import Events, read_events
from carepolicy._table.frames import arrow, batches_of, kind_of, names_of
from carepolicy.errors import InvalidTableError
from carepolicy.events import COLUMNS, BadRow, BadRowsError

_BATCH = 1 << 20
_NEEDED = ("at", "kind")
_MARKS_OF_A_FRAME = ("__arrow_c_stream__", "columns")


def frames_in(events: Any) -> Iterator[Any]:
    """A frame itself, or each batch of a stream."""
    if isinstance(events, Iterable) and not any(hasattr(events, mark) for mark in _MARKS_OF_A_FRAME):
        yield from events
    else:
        yield events


@attrs.frozen
class Reading:
    """How the events of a log are read.

    Args:
        zone: The zone of wall times without an offset.
        kinds: Kinds of event beside those that carepolicy knows.
        columns: Our names of columns to those of the log.
    """

    zone: str = "UTC"
    kinds: tuple[str, ...] = ()
    columns: Mapping[str, str] = attrs.field(factory=dict)

    def wanted(self, there: Sequence[str]) -> list[str]:
        """Those of some columns that events are read from.

        Raises:
            InvalidTableError: If one is missing that an event must have, or that was named.
        """
        names = {name: self.columns.get(name, name) for name in COLUMNS}
        for name, theirs in names.items():
            if theirs not in there and (name in _NEEDED or name in self.columns):
                said = repr(theirs) if name == theirs else f"{theirs!r} for {name}"
                raise InvalidTableError(
                    f"events have no column {said}; they have {', '.join(there)}; name yours, e.g. "
                    f"columns={{{name!r}: ...}}"
                )
        return [theirs for theirs in names.values() if theirs in there]

    def events_of(self, frame: Any, first: int) -> list[Events]:
        """The events of a frame, in parts.

        Args:
            frame: Of any kind.
            first: The number of its first row, for those who must find it.

        Raises:
            InvalidTableError: If a column is missing.
            BadRowsError: If rows cannot be read; it names all of them.
        """
        names = names_of(frame)
        if kind_of(frame) == "arrow":  # its columns are known once it streams
            frame = arrow().RecordBatchReader.from_stream(frame)
            names = frame.schema.names
        parts: list[Events] = []
        bad: list[BadRow] = []
        for batch in batches_of(frame, self.wanted(names), size=_BATCH):
            part, faults = read_events(batch, columns=self.columns, zone=self.zone, kinds=self.kinds, first=first)
            first += len(part)
            parts.append(part)
            bad += faults
        if bad:
            raise BadRowsError(bad)
        return parts
