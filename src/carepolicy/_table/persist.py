"""A table of facts as a Parquet file, and back: each array is a column, as long as the longest; null beyond its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._table.events import TEXTS, Events
from carepolicy._table.frames import arrow
from carepolicy._table.growing import Index
from carepolicy._table.slots import Fed
from carepolicy._table.units import Units, Vocabulary
from carepolicy.errors import InvalidPolicyError, InvalidTableError

if TYPE_CHECKING:
    import pyarrow as pa

    from carepolicy._table.state import FactTable

_FORMAT = "1"
_LEVELS = ("cases", "places", "parties", "talks")


def write(state: FactTable, path: str | Path) -> None:
    """Store a state."""
    import pyarrow.parquet as pq

    pa = arrow()
    arrays = {name: pa.array(values) for name, values in _arrays(state).items()}
    size = max(map(len, arrays.values()))
    table = pa.table({name: _padded(array, size) for name, array in arrays.items()})
    about = {
        "format": _FORMAT,
        "plan": state.plan.version,
        "lengths": {name: len(array) for name, array in arrays.items()},
        "state": state.about(),
    }
    pq.write_table(table.replace_schema_metadata({"carepolicy": json.dumps(about)}), path, compression="zstd")


def read(state_of: Any, path: str | Path, version: str) -> FactTable:
    """The state that a file holds.

    Args:
        state_of: Makes an empty state of what `FactTable.about` said.
        path: The file.
        version: The version of the plan.

    Raises:
        InvalidTableError: If the file holds no state.
        InvalidPolicyError: If the state is of another version of the plan.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    said = (table.schema.metadata or {}).get(b"carepolicy")
    if said is None:
        raise InvalidTableError(f"file holds no table of facts: {path}; write one with state.save(path)")
    about = json.loads(said)
    if about["plan"] != version:
        raise InvalidPolicyError(
            f"table of facts is of plan version {about['plan']}, and this plan is of version {version}; fold the log "
            "again with this plan"
        )
    arrays = {name: table[name].slice(0, length).combine_chunks() for name, length in about["lengths"].items()}
    state: FactTable = state_of(about["state"])
    _fill(state, arrays)
    return state


def _padded(array: pa.Array, size: int) -> pa.Array:
    pa = arrow()
    return pa.concat_arrays([array, pa.nulls(size - len(array), array.type)])


def _arrays(state: FactTable) -> dict[str, Any]:
    """All that a state holds, by the names of columns."""
    units = state.units
    held = units.customers.names
    found: dict[str, Any] = {"customers": held.keys.values if isinstance(held, Index) else held.texts}
    found["words"] = units.words.texts
    for name in _LEVELS:
        level = getattr(units, name)
        found |= {f"{name}.parent": level.parents, f"{name}.word": level.numbers}
    found |= {f"known.{scope}": known.values for scope, known in units.known.items()}
    for scope, slots in state.slots.items():
        for name, slot in slots.items():
            kept = slot.kept()
            own = f"fact.{scope}.{name}"
            found |= {f"{own}.unit": kept.units, f"{own}.thread": kept.threads, f"{own}.role": kept.roles}
            found |= _of_events(own, kept.events)
    if state.pending is not None:
        found |= _of_events("pending", state.pending)
    if state.remembered is not None:
        found["remembered.name"], found["remembered.recording"] = state.remembered.arrays
    return found


def _of_events(own: str, events: Events) -> dict[str, Any]:
    """The arrays of events: of bare ones their instants and prints, of whole ones all that they say."""
    if not events.columns:
        found = {f"{own}.at": events.at}
        return {**found, f"{own}.print": events.prints.view(np.int64)} if "prints" in vars(events) else found
    found = {f"{own}.{name}": getattr(events, name) for name in ("at", "recorded", "due", "said")}
    return {**found, **{f"{own}.{name}": events.words(name).texts() for name in TEXTS}}


def _fill(state: FactTable, arrays: Mapping[str, pa.Array]) -> None:
    """Fill an empty state with what a file holds."""
    _fill_units(state.units, arrays)
    for scope, slots in state.slots.items():
        for name, slot in slots.items():
            own = f"fact.{scope}.{name}"
            whom, threads, roles = (_numbers(arrays[f"{own}.{part}"]) for part in ("unit", "thread", "role"))
            slot.absorb(Fed(whom, threads, roles, _to_events(own, arrays), np.arange(len(whom))))
    if "pending.at" in arrays:
        state.pending = _to_events("pending", arrays)
    if state.remembered is not None:
        state.remembered.take_in(_numbers(arrays["remembered.name"]), _numbers(arrays["remembered.recording"]))


def _fill_units(units: Units, arrays: Mapping[str, pa.Array]) -> None:
    """Give units their rows back, in the order in which they got them."""
    customers = arrays["customers"]
    if arrow().types.is_integer(customers.type):
        units.customers.add(_numbers(customers), np.arange(len(customers)))
    else:
        units.customers.names = Vocabulary(customers.to_pylist())
    units.words = Vocabulary(arrays["words"].to_pylist())
    for name in _LEVELS:
        getattr(units, name).add(_numbers(arrays[f"{name}.parent"]), _numbers(arrays[f"{name}.word"]))
    for scope, known in units.known.items():
        known.extend(arrays[f"known.{scope}"].to_numpy(zero_copy_only=False))


def _to_events(own: str, arrays: Mapping[str, pa.Array]) -> Events:
    at = _numbers(arrays[f"{own}.at"])
    if f"{own}.said" not in arrays:
        prints = arrays.get(f"{own}.print")
        return Events.bare(at, None if prints is None else _numbers(prints).view(np.uint64))
    recorded, due = (_numbers(arrays[f"{own}.{name}"]) for name in ("recorded", "due"))
    said = arrays[f"{own}.said"].to_numpy(zero_copy_only=False)
    return Events(at, recorded, said, due, {name: arrays[f"{own}.{name}"] for name in TEXTS})


def _numbers(array: pa.Array) -> Any:
    return array.to_numpy(zero_copy_only=False)
