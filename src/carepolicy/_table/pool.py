"""Whole events, kept for the rare case that only an id tells which of two came later."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from carepolicy._table.events import Events
from carepolicy.events import Event

if TYPE_CHECKING:
    from carepolicy._table.cells import Rows

_FAN = 16


class Pool:
    """Events in parts, each as it came; parts of one size are joined, so that there are never many."""

    def __init__(self) -> None:
        self._parts: list[Events] = []
        self._starts: list[int] = []
        self.size = 0

    def add(self, events: Events) -> Rows:
        """Keep events; their places."""
        if len(events):
            self._parts.append(events)
            self._starts.append(self.size)
            self.size += len(events)
        while len(self._parts) >= _FAN and len(self._parts[-_FAN]) <= _FAN * len(self._parts[-1]):
            self._parts[-_FAN:] = [Events.joined(self._parts[-_FAN:])]
            del self._starts[1 - _FAN :]
        return np.arange(self.size - len(events), self.size)

    def event(self, place: int) -> Event:
        """The event at a place."""
        part = bisect_right(self._starts, place) - 1
        return self._parts[part].event(place - self._starts[part])

    def taken(self, places: Rows) -> Events:
        """The events at some places."""
        return Events.joined(self._parts).take(places)

    def keep(self, places: Rows) -> None:
        """Forget all but those at some places, which are from now on the first ones, in that order."""
        self._parts, self._starts, self.size = [self.taken(places)], [0], len(places)
