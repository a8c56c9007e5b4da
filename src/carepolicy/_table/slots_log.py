"""Facts whose state grows with what happened: all their events, in order."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import ALWAYS, NEVER
from carepolicy._table.cells import mixed
from carepolicy._table.growing import Column, Index, Lists
from carepolicy._table.pool import Pool
from carepolicy._table.slots import Fed, Kin, beyond, spread
from carepolicy.facts import Fact

if TYPE_CHECKING:
    from carepolicy._instant import Instants
    from carepolicy._table.cells import Rows


class Log:
    """The events that have fed a fact, each once, by unit."""

    threaded = True

    def __init__(self, fact: Fact, kin: Kin) -> None:
        self.fact, self._kin = fact, kin
        self._threads, self._roles = Column(-1), Column(0)
        self._at, self._recorded, self._due = Column(ALWAYS), Column(ALWAYS), Column(NEVER)
        self._seen, self._of = Index(), Lists()
        self._pool = Pool()

    def absorb(self, fed: Fed) -> None:
        """Add what is not yet there."""
        events = fed.taken()
        names = mixed([events.prints, events.due, fed.roles, fed.threads, fed.units]).view(np.int64)
        held = len(self._seen)
        rows = self._seen.add(names)
        new = np.flatnonzero(rows >= held)
        first = np.full(len(self._seen) - held, -1)
        first[rows[new][::-1] - held] = new[::-1]
        fed, events = fed.only(first), events.take(first)
        self._threads.extend(fed.threads)
        self._roles.extend(fed.roles)
        for column, values in ((self._at, events.at), (self._recorded, events.recorded), (self._due, events.due)):
            column.extend(values)
        self._of.extend(fed.units)
        self._pool.add(events)

    @abstractmethod
    def values(self, units: Rows) -> Instants:
        """The instants of some units."""

    def kept(self) -> Fed:
        """All events."""
        rows = np.arange(len(self._seen))
        units = self._of.parents.values
        return Fed(units, self._threads.values, self._roles.values, self._pool.taken(rows), rows)

    def _entries(self, units: Rows) -> Rows:
        """The events of some units, and maybe of others."""
        if 4 * len(units) > len(self._seen):
            return np.arange(len(self._seen))
        return self._of.of(np.unique(units))

    def _ordered(self, entries: Rows, groups: Rows, *then: Rows) -> Rows:
        """The positions of some events by group, in the order in which they came, then by what else is given."""
        at, recorded = self._at.values[entries], self._recorded.values[entries]
        order = np.lexsort((recorded, at, groups))
        alike = np.ones(max(len(order) - 1, 0), bool)
        for column in (groups, at, recorded):
            alike &= column[order[1:]] == column[order[:-1]]
        ranks = np.zeros(len(order), np.int64)
        if alike.any():
            tied = np.unique(np.concatenate([order[1:][alike], order[:-1][alike]]))
            ids = [self._pool.event(entry).id for entry in entries[tied].tolist()]
            rank = {name: number for number, name in enumerate(sorted(set(ids)))}
            ranks[tied] = [rank[name] for name in ids]
        found: Rows = np.lexsort((*then, ranks, recorded, at, groups))
        return found


class Ahead(Log):
    """`LastWhile`: the last talk at which the latest stated date lay ahead."""

    def values(self, units: Rows) -> Instants:
        """The instants of these talks."""
        entries = self._entries(units)
        roles = self._roles.values[entries]
        dates, talks = entries[roles & 2 != 0], entries[roles & 1 != 0]
        entries, is_talk = np.concatenate([dates, talks]), np.repeat([False, True], [len(dates), len(talks)])
        of = self._of.parents.values[entries]
        order = self._ordered(entries, of, self._due.values[entries], is_talk)
        entries, is_talk, of = entries[order], is_talk[order], of[order]
        stated = np.maximum.accumulate(np.where(is_talk, -1, np.arange(len(order))))
        at, due = self._at.values[entries], self._due.values[entries][stated]
        heard = is_talk & (stated >= 0) & (of[stated] == of) & (at <= due) & (due < NEVER)
        return spread(np.maximum, units, of[heard], at[heard], self.fact.missing)


class Stretches(Log):
    """`Intervals`: when the latest stretch that has not ended began."""

    def values(self, units: Rows) -> Instants:
        """The instants of these beginnings."""
        entries = self._entries(units)
        threads, begins = self._threads.values[entries], self._roles.values[entries] & 1 != 0
        order = self._ordered(entries, threads, begins)
        entries, threads, begins = entries[order], threads[order], begins[order]
        run = np.unique(threads, return_inverse=True)[1]
        last_end = np.full(beyond(run), -1)
        last_end[run[~begins]] = np.flatnonzero(~begins)  # in order, so the last one stays
        open_ = np.flatnonzero(begins)
        open_ = open_[open_ > last_end[run[open_]]]
        on, first = np.unique(threads[open_], return_index=True)
        return spread(np.maximum, units, self._kin.units(on), self._at.values[entries[open_[first]]], self.fact.missing)


class Stepped(Log):
    """A fact of whose fold only its own methods know: its events are stepped through when it is asked for."""

    def values(self, units: Rows) -> Instants:
        """What its own methods come to."""
        entries = self._entries(units)
        states: dict[int, Any] = {}
        owners = self._of.parents.values[entries]
        wanted = np.flatnonzero(np.isin(owners, units))
        for unit, entry in zip(owners[wanted].tolist(), entries[wanted].tolist(), strict=True):
            state = states[unit] if unit in states else self.fact.start()
            states[unit] = self.fact.step(state, self._pool.event(entry), int(self._roles.values[entry]))
        start = self.fact.value(self.fact.start())
        return np.array([self.fact.value(states[u]) if u in states else start for u in units.tolist()], np.int64)
