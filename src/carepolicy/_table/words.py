"""Why, in words, row by row: each row is decided once more as one customer, and read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from carepolicy._instant import Instant, is_array
from carepolicy._judge import Rule
from carepolicy._table.frames import arrow

if TYPE_CHECKING:
    import pyarrow as pa

    from carepolicy._instant import Instants


def in_words(
    rule: Rule,
    names: Mapping[str, pa.Array],
    values: Mapping[str, Instants],
    now: Instant,
    next_visible: Instant,
    zones: Sequence[str] | None,
    held: Any,
) -> pa.Array:
    """The sentence of each decision of a rule.

    Args:
        rule: The rule.
        names: customer, case, ref and party.
        values: The facts, by name.
        now, next_visible: For all rows or for each.
        zones: The zone of each row.
        held: The rows whose zone is not known: nothing is said of their hours.
    """
    units = zip(*(column.to_pylist() for column in names.values()), strict=True)
    facts = zip(*(values[name].tolist() for name in sorted(rule.asks)), strict=True) if rule.asks else repeat(())
    waits = repeat(False) if held is None else held.tolist()
    rows = zip(units, facts, _each(now), _each(next_visible), zones or repeat(""), waits, strict=False)
    said = [
        f"{rule.about.touch}: wait; the zone of the customer is not known"
        if unknown
        else str(rule.decide(dict(zip(sorted(rule.asks), known, strict=True)), unit, at, coming, zone))
        for unit, known, at, coming, zone, unknown in rows
    ]
    return arrow().array(said, arrow().string())


def _each(instant: Instant) -> Iterator[int]:
    return iter(instant.tolist()) if is_array(instant) else repeat(int(instant))
