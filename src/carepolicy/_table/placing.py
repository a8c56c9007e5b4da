"""Which events feed which facts of whom: asked once for each shape of event, and looked up for each row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from carepolicy._table.cells import Words
from carepolicy._table.events import Events
from carepolicy._table.slots import Fed, Slot
from carepolicy._table.units import Units
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES
from carepolicy.state import Folding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from carepolicy._table.cells import Rows


class Touched:
    """The units whose facts may have changed: rows by scope, and customers of whom all may have."""

    def __init__(self, customers_before: int) -> None:
        self.rows: dict[str, list[Rows]] = {scope: [] for scope in SCOPES}
        self.customers_before = customers_before

    def note(self, units: Units, events: Events) -> None:
        """All of the customers that some events are about, as what they wait for has changed."""
        found = units.customers.find(events.words("customer"))
        self.rows[CUSTOMER].append(found[found >= 0])


class _Places:
    """Whom the events at some positions are about; rows are looked up, or given, when first asked for."""

    def __init__(self, units: Units, events: Events, at: Rows) -> None:
        self._units, self._events, self.at = units, events, at
        self.customers = units.customers.add(events.customers, at)

    def _numbers(self, column: str) -> Rows:
        words = self._events.words(column)
        return self._units.words.add(Words(words.codes[self.at], words.words))

    @cached_property
    def _cases(self) -> Rows:
        return self._numbers("case")

    @cached_property
    def _refs(self) -> Rows:
        return self._numbers("ref")

    @cached_property
    def _parties(self) -> Rows:
        return self._numbers("party")

    def of(self, scope: str, some: Rows) -> Rows:
        """The rows of the units of a scope that some of the events are about."""
        customers = self.customers[some]
        if scope == CUSTOMER:
            return customers
        if scope == PARTY:
            return self._units.parties.add(customers, self._parties[some])
        cases = self._units.cases.add(customers, self._cases[some])
        return cases if scope == CASE else self._units.places.add(cases, self._refs[some])


def fold_in(
    folding: Folding,
    units: Units,
    slots: Mapping[str, Mapping[str, Slot]],
    events: Events,
    touched: Touched | None = None,
) -> None:
    """Feed events to all slots."""
    codes, roles = _roles(folding, slots, events)
    feeds = {scope: _in_scope(scope, events, (table.max(axis=0) > 0)[codes]) for scope, table in roles.items()}
    anything = np.zeros(len(events), bool)
    for of_scope in feeds.values():
        anything |= of_scope
    fed = np.flatnonzero(anything)
    if not len(fed):
        return
    places, codes = _Places(units, events, fed), codes[fed]
    for scope, table in roles.items():
        some = np.flatnonzero(feeds[scope][fed])
        if not len(some):
            continue
        rows = places.of(scope, some)
        units.known[scope].upto(int(rows.max()) + 1)[rows] = True
        if touched is not None:
            touched.rows[scope].append(rows)
        for slot, its_roles in zip(slots[scope].values(), table, strict=True):
            roles_here = its_roles[codes[some]]
            here = np.flatnonzero(roles_here)
            if len(here):
                whom = rows[here]
                threads = _threads(scope, units, places, some[here], whom) if slot.threaded else whom
                slot.absorb(Fed(whom, threads, roles_here[here], events, fed[some[here]]))


def _roles(folding: Folding, slots: Mapping[str, Mapping[str, Slot]], events: Events) -> tuple[Rows, dict[str, Rows]]:
    """The shape of each event, and which groups of conditions each shape meets, for each slot of each scope."""
    codes, size, shapes = events.shapes()
    roles = {scope: np.zeros((len(facts), size), np.int64) for scope, facts in slots.items()}
    for code, shape in shapes.items():
        for scope, steps in folding.feeds_of(shape):
            for slot, _, role in steps:
                roles[scope][slot, code] = role
    return codes, roles


def _in_scope(scope: str, events: Events, feeds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of the events that are about a unit of a scope; see `unit_of`."""
    if scope in (CASE, PARTY):
        return feeds & events.words(scope).said
    return feeds


def _threads(scope: str, units: Units, places: _Places, some: Rows, rows: Rows) -> Rows:
    """The rows of the cases and references of some events, inside their units."""
    threads = rows if scope == REF else places.of(REF, some)
    return units.talks.add(rows, threads) if scope == PARTY else threads
