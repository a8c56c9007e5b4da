"""Tables of decisions, made comparable with decisions about one customer."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from carepolicy import Decision
from carepolicy._instant import ALWAYS, NEVER

_INSTANTS = ("act_at", "opens", "closes", "due", "review_at")


def said(decision: Decision) -> Any:
    """What a row of a table says, of a decision about one customer."""
    instants = (decision.act_us, decision.opens_us, decision.closes_us, decision.due_us, decision.review_us)
    return (
        decision.unit,
        decision.touch,
        decision.verdict.value,
        tuple(us if ALWAYS < us < NEVER else -1 for us in instants),
        tuple(reason.code for reason in decision.reasons),
        sum(reason.binding for reason in decision.reasons),
        decision.key,
    )


def arrow_of(frame: Any) -> pa.Table:
    """A frame of any kind as Arrow's."""
    if isinstance(frame, pa.Table):
        return frame
    if hasattr(frame, "to_arrow"):
        return frame.to_arrow()
    return pa.Table.from_pandas(frame, preserve_index=False)


def decisions_of(frame: Any) -> list[Any]:
    """What each row of a frame of decisions says."""
    table = arrow_of(frame)
    columns = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name in _INSTANTS:
            column = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).fill_null(-1)
        columns[name] = column.to_pylist()
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [
        (
            (row["customer"], row["case"], row["ref"], row["party"]),
            row["touch"],
            row["verdict"],
            tuple(row[name] for name in _INSTANTS),
            tuple(row["reasons"]),
            row["binding"],
            row["key"],
        )
        for row in rows
    ]
