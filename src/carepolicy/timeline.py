"""A timeline: the events of a log, in any order, late, doubled and wrong, made to answer "what was known when"."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, iso, maybe_moment, to_micros
from carepolicy.errors import InvalidEventError
from carepolicy.events import BadRow, Event, Problem

if TYPE_CHECKING:
    import pendulum


def _since(value: datetime | str | int | None) -> int | None:
    return value if value is None or isinstance(value, int) else to_micros(value, "complete_since")


def _by_visibility(events: Iterable[Event]) -> tuple[Event, ...]:
    """Each recording once, in the order in which they became visible; ties by the content."""
    events = tuple(events)
    for event in events:
        if not isinstance(event, Event):
            raise InvalidEventError(f"event is not an Event: {event!r}; read rows with Timeline.read(rows)")
    ordered = sorted(set(events), key=_visibility)
    if any(_visibility(a) == _visibility(b) for a, b in pairwise(ordered)):
        ordered.sort(key=lambda e: (_visibility(e), e.content))
    return tuple(ordered)


def _visibility(event: Event) -> tuple[int, tuple[int, int, str]]:
    return (event.visible_us, event.order)


def _bad_rows(rows: Iterable[BadRow]) -> tuple[BadRow, ...]:
    return tuple(rows)


@attrs.frozen(slots=False, repr=False)
class Timeline:
    """The events of one log, of one customer or of many.

    An event is visible from the later of `at` and `recorded_at`. The same id twice at one customer is one event: its
    first recording sets when it became visible, the latest content known wins. Order and duplicates of the input never
    matter.

    Args:
        recordings: Every recording of every event.
        complete_since: From when nothing is missing (any aware time); the first event when left out. A silence before
            it is unknown, not proved.
        left_out: Rows that a lenient reading could not use.

    >>> Timeline([Event(at="2026-03-02T09:00Z", kind="sold", id="a")]).events[0].kind
    'sold'
    """

    recordings: tuple[Event, ...] = attrs.field(converter=_by_visibility)
    complete_since_us: int | None = attrs.field(alias="complete_since", default=None, converter=_since, kw_only=True)
    left_out: tuple[BadRow, ...] = attrs.field(default=(), kw_only=True, converter=_bad_rows)

    @classmethod
    def read(
        cls,
        rows: Any,
        *,
        zone: str | None = None,
        kinds: Iterable[str] = (),
        lenient: bool = False,
        complete_since: datetime | str | None = None,
    ) -> Timeline:
        """The timeline of flat rows: dicts, or the rows of a polars, pandas or pyarrow table.

        Args:
            rows: With the columns of `COLUMNS`; other columns are kept in `Event.extra`.
            zone: The zone of wall times without an offset; without it they are refused.
            kinds: Kinds of event beside `KINDS`.
            lenient: Leave bad rows out, and say so in `left_out`, instead of refusing the log.
            complete_since: From when nothing is missing.

        Raises:
            BadRowsError: If rows cannot be read; it names all of them, with row, column, value and remedy.
            UnknownZoneError: If the zone is not known.
        """
        from carepolicy._rows import read_rows

        events, bad = read_rows(rows, zone=zone, kinds=kinds, lenient=lenient)
        return cls(events, complete_since=complete_since, left_out=bad)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Each event once, as last known, ordered by (at, recorded_at, id)."""
        by_id: dict[tuple[str, str], Event] = {}
        for recording in self.recordings:  # ordered by when each became visible
            name = (recording.customer, recording.id)
            first = by_id.get(name)
            by_id[name] = recording if first is None else _corrected(first, recording)
        return tuple(sorted(by_id.values(), key=lambda e: e.order))

    @cached_property
    def complete_from(self) -> int:
        """From when the log is complete, in UTC microseconds; ALWAYS for an empty log of which nothing is said."""
        if self.complete_since_us is not None:
            return self.complete_since_us
        return self.events[0].at_us if self.events else ALWAYS

    @property
    def complete_since(self) -> pendulum.DateTime | None:
        """From when the log is complete, in UTC."""
        return maybe_moment(self.complete_from)

    @cached_property
    def _edges(self) -> list[int]:
        return [e.visible_us for e in self.recordings]

    @cached_property
    def is_plain(self) -> bool:
        """Whether no event was recorded twice, so that being visible is all that time changes."""
        return len(self.events) == len(self.recordings)

    def known(self, at_us: int) -> Iterable[Event]:
        """The events known at an instant (UTC microseconds), in no order, each once."""
        if not self.is_plain:
            return self._as_of(at_us).events
        return self.recordings[: bisect_right(self._edges, at_us)]

    def next_visible(self, at_us: int) -> int:
        """The first instant after `at_us` at which a recording becomes visible; NEVER if none will."""
        position = bisect_right(self._edges, at_us)
        return self._edges[position] if position < len(self._edges) else NEVER

    def as_of(self, at: datetime | str) -> Timeline:
        """Only what was known by `at`: nothing recorded later, no correction made later."""
        return self._as_of(to_micros(at))

    def _as_of(self, at_us: int) -> Timeline:
        return attrs.evolve(self, recordings=self.recordings[: bisect_right(self._edges, at_us)])

    @cached_property
    def by_customer(self) -> dict[str, Timeline]:
        """One timeline for each customer, by name."""
        parts: dict[str, list[Event]] = defaultdict(list)
        for event in self.recordings:
            parts[event.customer].append(event)
        if len(parts) == 1:
            return {next(iter(parts)): self}
        return {
            customer: Timeline(recordings, complete_since=self.complete_from)
            for customer, recordings in sorted(parts.items())
        }

    def __or__(self, other: Timeline) -> Timeline:
        """Both logs as one; complete from when both are."""
        since = (self.complete_since_us, other.complete_since_us)
        known = [s for s in since if s is not None]
        return Timeline(
            (*self.recordings, *other.recordings),
            complete_since=max(known) if known else None,
            left_out=(*self.left_out, *other.left_out),
        )

    def __len__(self) -> int:
        return len(self.events)

    def problems(self) -> tuple[Problem, ...]:
        """What in the log contradicts itself: nothing is dropped for it, and nothing crashes."""
        from carepolicy._problems import find_problems

        return find_problems(self)

    def __repr__(self) -> str:
        parts = [repr(list(self.recordings))]
        if self.complete_since_us is not None:
            parts.append(f"complete_since={iso(self.complete_since_us)!r}")
        if self.left_out:
            parts.append(f"left_out={list(self.left_out)!r}")
        return f"Timeline({', '.join(parts)})"


def _corrected(first: Event, later: Event) -> Event:
    """The later content with the visibility of the first recording."""
    recorded = first.visible_us if first.visible_us > later.at_us or later.recorded_us is not None else None
    return attrs.evolve(later, recorded_at=recorded)
