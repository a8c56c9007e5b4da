"""What a fact has come to for every unit, as columns: one row for each unit, brought up to date by many events at once.

Each slot keeps as much of the events as `step` of its fact does, and is fed with what another has `kept`, so that
merging, storing and folding are one operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np

from carepolicy._instant import ALWAYS, NEVER
from carepolicy._table.events import Events
from carepolicy._table.growing import Column
from carepolicy._table.units import Units
from carepolicy.facts import CASE, CUSTOMER, PARTY
from carepolicy.folds import First, KthLatest, Last

if TYPE_CHECKING:
    from carepolicy._instant import Instants
    from carepolicy._table.cells import Prints, Rows


@attrs.frozen(eq=False)
class Fed:
    """Events on their way into a slot.

    Args:
        units: The row of the unit of each.
        threads: The row of the case and reference of each, for slots that ask for it; else whatever.
        roles: Which groups of the fact's conditions each met, as bits.
        events: The events.
        at: The position of each among the events.
    """

    units: Rows
    threads: Rows
    roles: Rows
    events: Events
    at: Rows

    @property
    def happened(self) -> Instants:
        """When each happened."""
        found: Instants = self.events.at[self.at]
        return found

    def only(self, some: Any) -> Fed:
        """Some of them."""
        return Fed(self.units[some], self.threads[some], self.roles[some], self.events, self.at[some])

    def taken(self) -> Events:
        """The events themselves."""
        return self.events.take(self.at)


@attrs.frozen(eq=False)
class Kin:
    """How the units of a scope and the cases and references in them find each other."""

    everybody: Units
    scope: str

    def units(self, threads: Rows) -> Rows:
        """The unit of each thread."""
        if self.scope == PARTY:
            return self.everybody.talks.parents[threads]
        if self.scope == CUSTOMER:
            return self.everybody.cases.parents[self.everybody.places.parents[threads]]
        return self.everybody.places.parents[threads] if self.scope == CASE else threads

    def threads(self, units: Rows, size: int) -> Rows:
        """The threads of some units, of the first `size` that there are, and maybe of others."""
        if 4 * len(units) > size:
            return np.arange(size)
        units = np.unique(units)
        if self.scope == PARTY:
            units = self.everybody.talks.children.of(units)
        else:
            if self.scope == CUSTOMER:
                units = self.everybody.cases.children.of(units)
            if self.scope in (CUSTOMER, CASE):
                units = self.everybody.places.children.of(units)
        return units[units < size]


class Slot(Protocol):
    """One fact of all units of its scope."""

    threaded: bool
    """Whether it asks for the case and reference of events."""

    def absorb(self, fed: Fed) -> None:
        """Bring it up to date."""
        ...

    def values(self, units: Rows) -> Instants:
        """The instants of some units; the fact's `missing` for those that have none."""
        ...

    def kept(self) -> Fed:
        """The events it hangs on."""
        ...


class Latest:
    """`Last` that gives when it happened: one instant for each unit."""

    threaded = False

    def __init__(self, fact: Last) -> None:
        self.missing, self._at = fact.missing, Column(ALWAYS)

    def absorb(self, fed: Fed) -> None:
        """Keep the later."""
        np.maximum.at(self._at.upto(beyond(fed.units)), fed.units, fed.happened)

    def values(self, units: Rows) -> Instants:
        """The latest instants."""
        found = at_rows(self._at, units)
        return found if self.missing == ALWAYS else np.where(found == ALWAYS, self.missing, found)

    def kept(self) -> Fed:
        """The latest instants."""
        units = np.flatnonzero(self._at.values != ALWAYS)
        return _bare(units, self._at.values[units])


class Earliest:
    """`First`: one instant for each unit."""

    threaded = False

    def __init__(self, fact: First) -> None:
        self.missing, self._at = fact.missing, Column(NEVER)

    def absorb(self, fed: Fed) -> None:
        """Keep the earlier."""
        np.minimum.at(self._at.upto(beyond(fed.units)), fed.units, fed.happened)

    def values(self, units: Rows) -> Instants:
        """The first instants."""
        found = at_rows(self._at, units)
        return found if self.missing == NEVER else np.where(found == NEVER, self.missing, found)

    def kept(self) -> Fed:
        """The first instants."""
        units = np.flatnonzero(self._at.values != NEVER)
        return _bare(units, self._at.values[units])


class Ranked:
    """`KthLatest`: the k latest instants of each unit, and the prints of their events, so that each counts once.

    Which of several events of one instant is dropped makes no difference to the k-th instant.
    """

    threaded = False

    def __init__(self, fact: KthLatest) -> None:
        self.missing = fact.missing
        self._at = [Column(ALWAYS) for _ in range(fact.k)]
        self._prints = [Column(0, np.uint64) for _ in range(fact.k)]

    def absorb(self, fed: Fed) -> None:
        """Keep the k latest of both."""
        size = max(beyond(fed.units), self._at[-1].size)
        held, prints = ([column.upto(size) for column in columns] for columns in (self._at, self._prints))
        fed = fed.only(np.flatnonzero(fed.happened >= held[-1][fed.units]))
        units, at, its = fed.units, fed.happened, fed.taken().prints
        order = _latest_first(units, at, its)
        units, at, its = units[order], at[order], its[order]
        begins = np.ones(len(units), bool)
        begins[1:] = units[1:] != units[:-1]
        first = np.flatnonzero(begins)
        ranks = np.arange(len(units)) - np.repeat(first, np.diff(np.append(first, len(units))))
        for rank in range(int(ranks.max(initial=-1)) + 1):
            here = np.flatnonzero(ranks == rank)
            _push(held, prints, units[here], at[here], its[here])

    def values(self, units: Rows) -> Instants:
        """The k-th latest instants."""
        found = at_rows(self._at[-1], units)
        return np.where(found == ALWAYS, self.missing, found)

    def kept(self) -> Fed:
        """The k latest instants with their prints."""
        units = [np.flatnonzero(column.values != ALWAYS) for column in self._at]
        at = np.concatenate([column.values[some] for column, some in zip(self._at, units, strict=True)])
        prints = np.concatenate([column.values[some] for column, some in zip(self._prints, units, strict=True)])
        return _bare(np.concatenate(units), at, prints)


def _latest_first(units: Rows, at: Instants, prints: Prints) -> Rows:
    """The order of events by unit, then from the latest on, each event once."""
    bits = int(at.max() - at.min()).bit_length() if len(at) else 0
    if bits + int(units.max(initial=0)).bit_length() < 63:  # one key instead of two is sorted much faster
        keys = (units << bits) | (at.max(initial=ALWAYS) - at)
        order = np.argsort(keys)
        if (np.diff(keys[order]) != 0).all():
            return order
    order = np.lexsort((prints, -at, units))
    new = np.ones(len(order), bool)
    for column in (units, at, prints):
        new[1:] &= column[order[1:]] == column[order[:-1]]
    new[1:] = ~new[1:]
    found: Rows = order[new]
    return found


def _push(held: list[Any], prints: list[Any], units: Rows, at: Instants, its: Prints) -> None:
    """Put one event of each of some units in its place among the latest; what is there already is not put again."""
    for column, its_prints in zip(held, prints, strict=True):
        there, its_there = column[units], its_prints[units]
        later = (at > there) | ((at == there) & (its > its_there))
        again = (at == there) & (its == its_there)
        column[units], its_prints[units] = np.where(later, at, there), np.where(later, its, its_there)
        at, its = np.where(again, ALWAYS, np.where(later, there, at)), np.where(later, its_there, its)


def at_rows(column: Column, units: Rows) -> Any:
    """The values of a column at some rows, of which it need not have all."""
    if not column.size:
        return np.full(len(units), column.fill)
    found = column.values[np.minimum(units, column.size - 1)]
    return found if not len(units) or units.max() < column.size else np.where(units < column.size, found, column.fill)


def beyond(rows: Rows) -> int:
    """The size that a column needs to have all of some rows."""
    return int(rows.max()) + 1 if len(rows) else 0


def _bare(units: Rows, at: Instants, prints: Prints | None = None) -> Fed:
    """Instants of which no more is known than, maybe, a print."""
    events = Events.bare(at, prints)
    return Fed(units, units, np.ones(len(units), np.int64), events, np.arange(len(units)))


def spread(best: np.ufunc, units: Rows, owners: Rows, values: Instants, missing: int) -> Instants:
    """For each unit the best of the values that it owns; `missing` for those that own none."""
    asked, back = np.unique(units, return_inverse=True)
    if not len(asked):
        return np.zeros(0, np.int64)
    there = np.minimum(np.searchsorted(asked, owners), len(asked) - 1)
    own = asked[there] == owners
    found = np.full(len(asked), NEVER if best is np.minimum else ALWAYS)
    best.at(found, there[own], values[own])
    some = np.zeros(len(asked), bool)
    some[there[own]] = True
    result: Instants = np.where(some, found, missing)[back]
    return result
