"""A table of facts as a frame: one row for each unit, a column for each fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from carepolicy._instant import NEVER
from carepolicy._table.cells import Words, read_words
from carepolicy._table.frames import arrow, batches_of, names_of
from carepolicy._table.growing import Column
from carepolicy._table.placing import Touched
from carepolicy._table.slots import Slot, spread
from carepolicy._table.units import Units
from carepolicy.errors import InvalidTableError
from carepolicy.facts import CASE, CUSTOMER, PARTY, REF, SCOPES, Fact
from carepolicy.folds import DUE, First, KthLatest, Last
from carepolicy.threads import EarliestOpen, Intervals, LastWhile

if TYPE_CHECKING:
    import pyarrow as pa

    from carepolicy._instant import Instants
    from carepolicy._table.cells import Rows
    from carepolicy._table.events import Events

UNIT = ("customer", "case", "ref", "party")


@attrs.frozen(eq=False)
class Lines:
    """The units that a frame has lines for: the scope of each, and the rows of it and of what it lies in (-1 for
    none)."""

    scopes: Rows
    rows: Mapping[str, Rows]


def lines_of(units: Units, wanted: Mapping[str, Rows]) -> Lines:
    """The lines of some rows of each scope."""
    cases, places = wanted[CASE], wanted[REF]
    whole, part = wanted[CUSTOMER], wanted[PARTY]
    none = {scope: np.full(len(rows), -1) for scope, rows in wanted.items()}
    homes = units.cases.parents
    of_places = units.places.parents[places]
    customers = [whole, homes[cases], homes[of_places], units.parties.parents[part]]
    # facts about a reference are read for a customer and for a case, too: those of no reference
    empty = units.cases.find(whole, np.zeros(len(whole), np.int64))
    of_no_ref = [units.places.find(some, np.zeros(len(some), np.int64)) for some in (empty, cases)]
    real = np.where(units.cases.numbers[of_places] > 0, of_places, -1) if len(places) else of_places
    return Lines(
        np.repeat(np.arange(len(SCOPES)), [len(wanted[scope]) for scope in SCOPES]),
        {
            CUSTOMER: np.concatenate(customers),
            CASE: np.concatenate([none[CUSTOMER], cases, real, none[PARTY]]),
            REF: np.concatenate([*of_no_ref, places, none[PARTY]]),
            PARTY: np.concatenate([none[CUSTOMER], none[CASE], none[REF], part]),
        },
    )


def everybody(units: Units) -> dict[str, Rows]:
    """The rows of each scope of which something is known, and all customers."""
    rows = {scope: np.flatnonzero(known.values) for scope, known in units.known.items()}
    return {**rows, CUSTOMER: np.arange(len(units.customers))}


def of_touched(units: Units, touched: Touched) -> dict[str, Rows]:
    """The rows of each scope whose facts may have changed: a fact of a unit is one of all that lie in it."""
    rows = {scope: np.unique(np.concatenate([np.zeros(0, np.int64), *parts])) for scope, parts in touched.rows.items()}
    whole, cases, places, parties = (rows[scope] for scope in SCOPES)
    of_whole = units.cases.children.of(whole)
    refs = np.concatenate([places, units.places.children.of(np.concatenate([cases, of_whole]))])
    of_no_ref = units.places.parents[places[units.places.numbers[places] == 0]] if len(places) else places
    of_no_case = units.cases.parents[of_no_ref[units.cases.numbers[of_no_ref] == 0]] if len(of_no_ref) else of_no_ref
    new = np.arange(touched.customers_before, len(units.customers))
    return {
        CUSTOMER: np.unique(np.concatenate([whole, of_no_case, new])),
        CASE: _known(units.known[CASE], np.concatenate([cases, of_whole, of_no_ref])),
        REF: _known(units.known[REF], refs),
        PARTY: _known(units.known[PARTY], np.concatenate([parties, units.parties.children.of(whole)])),
    }


def of_frame(units: Units, frame: Any) -> dict[str, Rows]:
    """The rows of each scope that a frame names; those of which nothing is known are left out.

    Raises:
        InvalidTableError: If it has no column of customers.
    """
    names = names_of(frame)
    if "customer" not in names:
        raise InvalidTableError(f"units have no column 'customer': {', '.join(names)}; name whom you want")
    there = [name for name in (*UNIT, "scope") if name in names]
    found: dict[str, list[Rows]] = {scope: [np.zeros(0, np.int64)] for scope in SCOPES}
    for batch in batches_of(frame, there):
        nothing = Words(np.zeros(len(batch), np.int64), [""])
        words = {name: read_words(batch.column(name)) if name in there else nothing for name in (*UNIT, "scope")}
        customers = units.customers.find(words["customer"])
        case, ref, party = (units.words.find(words[name]) for name in UNIT[1:])
        cases = units.cases.find(customers, case)
        rows = {
            CUSTOMER: np.where((case == 0) & (ref == 0) & (party == 0), customers, -1),
            CASE: np.where((ref == 0) & (party == 0), cases, -1),
            REF: np.where(party == 0, units.places.find(cases, ref), -1),
            PARTY: np.where((case == 0) & (ref == 0), units.parties.find(customers, party), -1),
        }
        scopes = words["scope"]
        for scope, some in rows.items():
            meant = np.array([word in (scope, "") for word in scopes.words], bool)[scopes.codes]
            found[scope].append(some[meant & (some >= 0)])
    rows = {scope: np.unique(np.concatenate(parts)) for scope, parts in found.items()}
    return {scope: some if scope == CUSTOMER else _known(units.known[scope], some) for scope, some in rows.items()}


def _known(known: Column, rows: Rows) -> Rows:
    """Those rows of a scope of which something is known, each once."""
    if not len(rows):
        return rows
    rows = np.unique(rows)
    found: Rows = rows[at_flags(known, rows)]
    return found


def at_flags(known: Column, rows: Rows) -> Any:
    """Whether something is known of some rows; nothing is of no row."""
    inside = (rows >= 0) & (rows < known.size)
    return inside & known.values[np.where(inside, rows, 0)] if known.size else inside


def table_of(
    units: Units,
    slots: Mapping[str, Mapping[str, Slot]],
    facts: Mapping[str, Fact],
    lines: Lines,
    pending: Events | None,
) -> pa.Table:
    """The facts of some units, by scope, customer, case, ref and party."""
    pa = arrow()
    of_ref = np.where(lines.scopes == SCOPES.index(REF), lines.rows[REF], -1)
    of_case = np.where(of_ref < 0, lines.rows[CASE], _parents(units, of_ref))
    customers = units.customers.spelt(lines.rows[CUSTOMER])
    more = [(units.cases, of_case), (units.places, of_ref), (units.parties, lines.rows[PARTY])]
    texts = {0: customers}
    texts |= {n: units.spelt(level, some) for n, (level, some) in enumerate(more, 1) if some.max(initial=-1) >= 0}
    order = _sorted(lines.scopes, list(texts.values()))
    scopes, rows = lines.scopes[order], {scope: some[order] for scope, some in lines.rows.items()}
    nothing = pa.repeat(pa.scalar("", pa.string()), len(order))
    columns: dict[str, Any] = {
        **{name: texts[n].take(pa.array(order)) if n in texts else nothing for n, name in enumerate(UNIT)},
        "scope": pa.array(SCOPES, pa.string()).take(pa.array(scopes)),
        "next_visible": _stamps(_next_visible(units, rows[CUSTOMER], pending), NEVER),
    }
    by_name = {name: (scope, slot) for scope, of_scope in slots.items() for name, slot in of_scope.items()}
    known = {scope: at_flags(units.known[scope], rows[scope]) for scope in slots}
    asked = {scope: rows[scope][there] for scope, there in known.items()}
    for name, fact in facts.items():
        scope, slot = by_name[name]
        values = slot.values(asked[scope])
        if len(values) < len(scopes):
            some, values = values, np.full(len(scopes), fact.missing)
            values[known[scope]] = some
        columns[name] = pa.array(values) if may_be_either(fact) else _stamps(values, fact.missing)
    return pa.table(columns)


def _parents(units: Units, places: Rows) -> Rows:
    """The rows of the cases of places."""
    found: Rows = units.places.parents[places] if len(units.places) else places
    return found


def _next_visible(units: Units, customers: Rows, pending: Events | None) -> Instants:
    """When the next event still to come becomes visible, by customer."""
    if pending is None:
        return np.full(len(customers), NEVER)
    return spread(np.minimum, customers, units.customers.find(pending.words("customer")), pending.visible, NEVER)


def may_be_either(fact: Fact) -> bool:
    """Whether a fact can be ALWAYS as well as NEVER, so that null would not say which."""
    if type(fact) in (Last, EarliestOpen):
        return bool(fact.gives == DUE and fact.missing != NEVER)  # type: ignore[attr-defined]
    return type(fact) not in (First, KthLatest, LastWhile, Intervals)


def _stamps(micros: Instants, missing: int) -> pa.Array:
    """Instants as a column of times, null where there is none."""
    pa = arrow()
    return pa.array(micros.view("datetime64[us]"), pa.timestamp("us", "UTC"), mask=micros == missing)


def _sorted(scopes: Rows, texts: list[pa.Array]) -> Rows:
    """The order of lines by scope and unit."""
    import pyarrow.compute as pc

    ranks = [pc.rank(text, tiebreaker="dense").to_numpy() for text in reversed(texts) if len(text)]
    found: Rows = np.lexsort((*ranks, scopes))
    return found
