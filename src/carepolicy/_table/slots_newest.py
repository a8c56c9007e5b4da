"""Facts that hang on one whole event of each unit, or of each case and reference: its due date, whether it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepolicy._instant import ALWAYS, NEVER
from carepolicy._table.events import Events
from carepolicy._table.growing import Column
from carepolicy._table.pool import Pool
from carepolicy._table.slots import Fed, Kin, at_rows, beyond, spread
from carepolicy.events import Event
from carepolicy.folds import AT, Last
from carepolicy.threads import EarliestOpen

if TYPE_CHECKING:
    from carepolicy._instant import Instants
    from carepolicy._table.cells import Rows

_SPARE = 4096


class Newest:
    """The latest event of each row: by when it happened, when it was recorded, its id, and its due date."""

    def __init__(self) -> None:
        self.at, self.recorded, self.due = Column(ALWAYS), Column(ALWAYS), Column(NEVER)
        self.prints, self._place = Column(0, np.uint64), Column(-1)
        self._pool = Pool()

    def absorb(self, rows: Rows, fed: Fed) -> None:
        """Keep the later of what there is and what comes."""
        size = max(beyond(rows), self.at.size)
        at, recorded, due, prints, place = (
            column.upto(size) for column in (self.at, self.recorded, self.due, self.prints, self._place)
        )
        late = np.flatnonzero(fed.happened >= at[rows])
        rows, fed = rows[late], fed.only(late)
        before = at[rows]
        np.maximum.at(at, rows, fed.happened)
        last = np.flatnonzero(fed.happened == at[rows])
        order = last[np.lexsort((fed.events.recorded[fed.at[last]], rows[last]))]
        if not len(order):
            return
        rows, before, events = rows[order], before[order], fed.only(order).taken()
        ends = np.append(rows[1:] != rows[:-1], True)
        run = np.cumsum(ends) - ends
        best = np.flatnonzero(ends)
        level = before[best] == events.at[best]  # what there is happened at the same instant
        kept = level & (recorded[rows[best]] > events.recorded[best])
        level &= recorded[rows[best]] == events.recorded[best]
        rivals = events.recorded == events.recorded[best][run]
        same = (events.prints == events.prints[best][run]) & (events.due == events.due[best][run])
        contested = np.zeros(len(best), bool)
        contested[run[rivals & ~same]] = True
        held = rows[best]
        alike = level & (prints[held] == events.prints[best]) & (due[held] == events.due[best])
        contested |= level & ~alike
        chosen = np.where(kept | alike, -1, best)
        for number in np.flatnonzero(contested & ~kept).tolist():
            row = int(rows[best[number]])
            own = self._pool.event(int(place[row])) if level[number] else None
            members = [int(i) for i in np.flatnonzero((run == number) & rivals)]
            chosen[number] = _latest(own, events, members)
        chosen = chosen[chosen >= 0]
        winners, rows = events.take(chosen), rows[chosen]
        recorded[rows], due[rows], prints[rows] = winners.recorded, winners.due, winners.prints
        place[rows] = self._pool.add(winners)
        if self._pool.size > 2 * size + _SPARE:
            live = np.flatnonzero(place >= 0)
            self._pool.keep(place[live])
            place[live] = np.arange(len(live))

    def event(self, row: int) -> Event:
        """The event of a row."""
        return self._pool.event(int(self._place.values[row]))

    def kept(self) -> tuple[Rows, Events]:
        """The rows that have one, and the events."""
        rows = np.flatnonzero(self.at.values != ALWAYS)
        return rows, self._pool.taken(self._place.values[rows])


def _latest(own: Event | None, events: Events, members: list[int]) -> int:
    """Which of several events is the latest; -1 if it is the one that there is."""
    rivals = [(event.order, event.due_us, i) for i in members for event in (events.event(i),)]
    last = max(rivals)
    return -1 if own is not None and (own.order, own.due_us) >= last[:2] else last[2]


class LatestDue:
    """`Last` that gives by when it falls due."""

    threaded = False

    def __init__(self, fact: Last) -> None:
        self.missing, self._newest = fact.missing, Newest()

    def absorb(self, fed: Fed) -> None:
        """Keep the later."""
        self._newest.absorb(fed.units, fed)

    def values(self, units: Rows) -> Instants:
        """The due dates of the latest."""
        none = at_rows(self._newest.at, units) == ALWAYS
        return np.where(none, self.missing, at_rows(self._newest.due, units))

    def kept(self) -> Fed:
        """The latest events."""
        rows, events = self._newest.kept()
        return Fed(rows, rows, np.ones(len(rows), np.int64), events, np.arange(len(rows)))


class Open:
    """`EarliestOpen`: the latest opening and the latest end of each case and reference."""

    threaded = True

    def __init__(self, fact: EarliestOpen, kin: Kin) -> None:
        self.fact, self._kin = fact, kin
        self._opened, self._ended = Newest(), Newest()

    def absorb(self, fed: Fed) -> None:
        """Keep the later opening and the later end."""
        for bit, newest in ((1, self._opened), (2, self._ended)):
            some = fed.only(np.flatnonzero(fed.roles & bit))
            newest.absorb(some.threads, some)

    def values(self, units: Rows) -> Instants:
        """The earliest of what is open."""
        opened, ended = self._opened, self._ended
        threads = self._kin.threads(units, opened.at.size)
        threads = threads[at_rows(opened.at, threads) != ALWAYS]
        begun, over = opened.at.values[threads], at_rows(ended.at, threads)
        noted, noted_over = opened.recorded.values[threads], at_rows(ended.recorded, threads)
        still = (over < begun) | ((over == begun) & (noted_over < noted))
        for i in np.flatnonzero((over == begun) & (noted_over == noted)).tolist():
            still[i] = ended.event(int(threads[i])).order < opened.event(int(threads[i])).order
        threads = threads[still]
        instants = (opened.at if self.fact.gives == AT else opened.due).values[threads]
        return spread(np.minimum, units, self._kin.units(threads), instants, self.fact.missing)

    def kept(self) -> Fed:
        """The openings and the ends."""
        (begun, openings), (over, ends) = self._opened.kept(), self._ended.kept()
        threads = np.concatenate([begun, over])
        roles = np.concatenate([np.full(len(begun), 1), np.full(len(over), 2)])
        events = Events.joined([openings, ends])
        return Fed(self._kin.units(threads), threads, roles, events, np.arange(len(threads)))
