"""Events recorded more than once, and events still to come: which of the rows of a log are to be folded now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from carepolicy._instant import NEVER
from carepolicy._table.cells import Words, mixed, prints_of
from carepolicy._table.events import Events
from carepolicy._table.growing import Column, Index
from carepolicy.errors import InvalidEventError
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._table.cells import Prints, Rows


_SAID = 5


@attrs.frozen(eq=False)
class Settled:
    """The rows of a log, each event once as last known.

    Args:
        ready: What is visible.
        coming: What is known and still to come.
        refold_us: When a correction of something that is ready becomes visible; NEVER if none does.
    """

    ready: list[Events]
    coming: list[Events]
    refold_us: int = NEVER


def settled(parts: Sequence[Events], now: int | None) -> Settled:
    """What the rows of one log come to by an instant, or for ever; corrections count as `Timeline` has them."""
    ready: list[Events] = []
    coming: list[Events] = []
    refold = NEVER
    named = [np.flatnonzero(part.ids[0]) if "id" in part.columns else np.zeros(0, np.int64) for part in parts]
    keys = [names_of(part) if len(some) else np.zeros(0, np.uint64) for part, some in zip(parts, named, strict=True)]
    every = np.sort(np.concatenate([np.zeros(0, np.uint64), *(k[n] for k, n in zip(keys, named, strict=True))]))
    doubled = np.unique(every[1:][every[1:] == every[:-1]])
    if len(doubled):
        again = [n[np.isin(k[n], doubled)] for k, n in zip(keys, named, strict=True)]
        several = Events.joined([part.take(rows) for part, rows in zip(parts, again, strict=True)])
        parts = [part.take(np.delete(np.arange(len(part)), rows)) for part, rows in zip(parts, again, strict=True)]
        once, corrected = _told_apart(several)
        parts = [*parts, several.take(once)]
        if len(corrected):
            ready, coming, refold = _corrected(several.take(corrected), now)
    for part in parts:
        later = part.visible > now if now is not None else np.zeros(1, bool)
        if not later.any():
            ready.append(part)
            continue
        ready.append(part.take(np.flatnonzero(~later)))
        coming.append(part.take(np.flatnonzero(later)))
    return Settled([part for part in ready if len(part)], coming, refold)


def names_of(events: Events) -> Prints:
    """The print of each row's customer and id."""
    customers = events.customers
    who = prints_of(customers) if isinstance(customers, Words) else customers
    return mixed([who, events.ids[1]])


def _told_apart(events: Events) -> tuple[Rows, Rows]:
    """Of events of which each was recorded several times: one row of each that always says the same, and one row of
    each recording of the others."""
    keys = names_of(events)
    order = np.lexsort((events.contents, keys))
    keys, contents = keys[order], events.contents[order]
    other_key = np.append(True, keys[1:] != keys[:-1])
    other = other_key | np.append(True, contents[1:] != contents[:-1])
    recordings = np.add.reduceat(other, np.flatnonzero(other_key))
    alone = (recordings == 1)[np.cumsum(other_key) - 1]
    return order[other & alone], order[other & ~alone]


def _corrected(events: Events, now: int | None) -> tuple[list[Events], list[Events], int]:
    """What the recordings of corrected events come to: ready, coming, and when the fold is no longer right."""
    timeline = Timeline(events.event(row) for row in range(len(events)))
    known = timeline.events if now is None else timeline.known(now)
    later = [] if now is None else [e for e in timeline.recordings if e.visible_us > now]
    names = {(event.customer, event.id) for event in known}
    refold = min((e.visible_us for e in later if (e.customer, e.id) in names), default=NEVER)
    return [Events.of(list(known))], [Events.of(later)] if later else [], refold


class Remembered:
    """The recordings that a state has taken in, as prints, so that a correction of one is noticed."""

    def __init__(self) -> None:
        self._names, self._recordings, self._name_of = Index(), Index(), Column(0)

    def new(self, events: Events) -> Events:
        """Those that were not taken in before.

        Raises:
            InvalidEventError: If one corrects what was.
        """
        names, recordings = _prints(events)
        named = events.ids[0]
        known = named & (self._recordings.find(recordings) >= 0)
        wrong = np.flatnonzero(named & self._corrects(names, recordings))
        if len(wrong):
            some = [f"{event.id!r} of {event.customer!r}" for event in map(events.event, wrong[:_SAID].tolist())]
            more = f" and {len(wrong) - _SAID} more" if len(wrong) > _SAID else ""
            raise InvalidEventError(
                f"events correct what was folded: {', '.join(some)}{more}; fold the log again, as a correction cannot "
                "be taken back out"
            )
        return events.take(np.flatnonzero(~known)) if known.any() else events

    def add(self, events: Events) -> None:
        """Take in recordings."""
        named = events.ids[0]
        names, recordings = (prints[named] for prints in _prints(events))
        self.take_in(names, recordings)

    def join(self, other: Remembered) -> None:
        """Take in what another state has.

        Raises:
            InvalidEventError: If one of them corrects the other.
        """
        wrong = int(self._corrects(*other.arrays).sum() + other._corrects(*self.arrays).sum())
        if wrong:
            raise InvalidEventError(
                f"states correct one another in {wrong} recordings; fold the log in one, as a correction cannot be "
                "taken back out"
            )
        self.take_in(*other.arrays)

    def _corrects(self, names: Rows, recordings: Rows) -> NDArray[np.bool_]:
        """Which recordings are of an event that was taken in, and say something else."""
        return (self._recordings.find(recordings) < 0) & (self._names.find(names) >= 0)

    def take_in(self, names: Rows, recordings: Rows) -> None:
        """Take in recordings by their prints, and those of their names."""
        self._names.add(names)
        rows = self._recordings.add(recordings)
        self._name_of.upto(len(self._recordings))[rows] = names

    @property
    def arrays(self) -> tuple[Rows, Rows]:
        """The print of each recording's name, and its own."""
        return self._name_of.values, self._recordings.keys.values


def _prints(events: Events) -> tuple[Rows, Rows]:
    """The prints of names and of recordings, the same whether customers are numbers or text."""
    names = mixed([prints_of(events.words("customer")), events.ids[1]])
    return names.view(np.int64), mixed([names, events.contents]).view(np.int64)
