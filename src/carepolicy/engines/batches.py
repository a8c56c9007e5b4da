"""What engines need beside decisions: which columns to read, and the types that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepolicy.events import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa


def columns_of_log(names: Iterable[str], columns: Mapping[str, str] | None = None) -> list[str]:
    """Those of the columns of a table that an event has: what is to be read to fold it.

    Args:
        names: The columns that there are.
        columns: What the columns are called, by our names for them; the same when left out.

    >>> columns_of_log(["when", "customer", "diary"], {"at": "when"})
    ['when', 'customer']
    """
    theirs = {(columns or {}).get(name, name) for name in COLUMNS}
    return [name for name in names if name in theirs]


def plain(schema: pa.Schema) -> pa.Schema:
    """A schema with words in place of dictionaries of words, which several engines do not take.

    >>> from carepolicy import Calendar, Plan, RestBetween, Touch
    >>> from carepolicy.engines import plain
    >>> from carepolicy.table import batch_decider
    >>> plan = Plan(Calendar.always(), survey=Touch(guard=RestBetween()))
    >>> decide = batch_decider(plan, at="2026-03-02T10:00Z", only=("verdict", "reasons"))
    >>> plain(decide.schema).types
    [DataType(string), ListType(list<item: string>)]
    """
    import pyarrow as pa

    return pa.schema([(field.name, _plain(field.type)) for field in schema])


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    return kind.value_type if pa.types.is_dictionary(kind) else kind
