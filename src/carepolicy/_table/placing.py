"""Which events feed which facts of whom: asked once for each shape of event, and looked up for each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._table.cells import Words
from carepolicy._table.events import Events
from carepolicy._table.slots import Fed, Slot
from carepolicy._table.units import Units
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES, unit_of
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


class _Placed:
    """The events of a batch that feed facts, those of one shape side by side, and whom they are about; units that are
    new get rows.

    Args:
        units: Everybody.
        events: The batch.
        codes: The shape of each event.
        needed: The shapes whose units of a scope are asked for, by scope; those of customers are all that count.
    """

    def __init__(self, units: Units, events: Events, codes: Rows, needed: Mapping[str, NDArray[np.bool_]]) -> None:
        self._units, self._events, self._needed = units, events, needed
        feeding = needed[CUSTOMER]
        counts = np.bincount(codes, minlength=len(feeding))
        by_shape = np.argsort(
            codes.astype(_least_type(len(feeding)), copy=False), kind="stable"
        )  # radix, if 16 bits do
        self.at = by_shape[np.repeat(feeding, counts)]
        self._counts = np.where(feeding, counts, 0)
        self._ends = np.cumsum(self._counts)
        self._rows: dict[str, Rows] = {}

    def of_shapes(self, shapes: NDArray[np.bool_]) -> Any:
        """Where the events of some shapes stand: a slice if side by side."""
        codes = np.flatnonzero(shapes & (self._counts > 0))
        ends, starts = self._ends[codes], self._ends[codes] - self._counts[codes]
        if (ends[:-1] == starts[1:]).all():
            return slice(int(starts[0]), int(ends[-1])) if len(codes) else slice(0)
        return np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])

    def roles_of(self, roles: Rows, shapes: NDArray[np.bool_]) -> Rows:
        """What each of the events of some shapes has of the roles of its shape."""
        found: Rows = np.repeat(roles[shapes], self._counts[shapes])
        return found

    def rows(self, scope: str) -> Rows:
        """The rows of the units of a scope; anything for events of other shapes than those that need them."""
        if scope not in self._rows:
            here = self.of_shapes(self._needed[scope])
            rows = np.full(len(self.at), -1)
            rows[here] = self._found(scope, here)
            self._rows[scope] = rows
        return self._rows[scope]

    def _found(self, scope: str, here: Any) -> Rows:
        if scope == CUSTOMER:
            return self._units.customers.add(self._events.customers, self.at[here])
        customers = self.rows(CUSTOMER)[here]
        if scope == PARTY:
            return self._units.parties.add(customers, self._numbers("party", here))
        cases = self._units.cases.add(customers, self._numbers("case", here))
        return cases if scope == CASE else self._units.places.add(cases, self._numbers("ref", here))

    def _numbers(self, column: str, here: Any) -> Rows:
        words = self._events.words(column)
        return self._units.words.add(Words(words.codes[self.at[here]], words.words))


def fold_in(
    folding: Folding,
    units: Units,
    slots: Mapping[str, Mapping[str, Slot]],
    events: Events,
    touched: Touched | None = None,
) -> None:
    """Feed events to all slots."""
    codes, size, roles = _roles(folding, slots, events)
    feeding = {scope: _any(table, size) for scope, table in roles.items()}
    for_places = [
        feeding[scope] if scope == REF else _any(table[[slot.threaded for slot in slots[scope].values()]], size)
        for scope, table in roles.items()
    ]
    needed = {**feeding, CUSTOMER: _any(list(feeding.values()), size), REF: _any(for_places, size)}
    placed = _Placed(units, events, codes, needed)
    for scope, table in roles.items():
        rows = placed.rows(scope)
        fed = rows[placed.of_shapes(feeding[scope])]
        if not len(fed):
            continue
        units.known[scope].upto(int(fed.max()) + 1)[fed] = True
        if touched is not None:
            touched.rows[scope].append(fed)
        for slot, its_roles in zip(slots[scope].values(), table, strict=True):
            here = placed.of_shapes(its_roles > 0)
            whom = rows[here]
            if len(whom):
                threads = placed.rows(REF)[here] if slot.threaded else whom
                if slot.threaded and scope == PARTY:
                    threads = units.talks.add(whom, threads)
                slot.absorb(Fed(whom, threads, placed.roles_of(its_roles, its_roles > 0), events, placed.at[here]))


def _roles(
    folding: Folding, slots: Mapping[str, Mapping[str, Slot]], events: Events
) -> tuple[Rows, int, dict[str, Rows]]:
    """The shape of each event, how many there are, and which groups of conditions each meets, for each slot of each
    scope."""
    codes, size, shapes = events.shapes()
    roles = {scope: np.zeros((len(facts), size), np.int64) for scope, facts in slots.items()}
    for code, shape in shapes.items():
        for scope, steps in folding.feeds_of(shape):
            if unit_of(scope, shape) is not None:
                for slot, _, role in steps:
                    roles[scope][slot, code] = role
    return codes, size, roles


def _any(flags: Any, size: int) -> NDArray[np.bool_]:
    """Which of the columns of some rows of flags, maybe of none, have one set."""
    found: NDArray[np.bool_] = np.asarray(flags, bool).reshape(-1, size).max(axis=0, initial=False)
    return found


def _least_type(size: int) -> Any:
    """The smallest type for numbers below a size."""
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int64
