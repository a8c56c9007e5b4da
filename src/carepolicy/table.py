"""The same plan over a table of millions: facts as columns in, decisions as rows out, in the kind of frame you have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from carepolicy._instant import NEVER, to_micros, zone_of
from carepolicy._table import columns as reading
from carepolicy._table import output
from carepolicy._table.batch import HOLD, REFUSE, BatchDecider
from carepolicy._table.expressions import facts_polars
from carepolicy._table.frames import arrow, batches_of, frame_like, kind_of, names_of
from carepolicy._table.sql import facts_sql
from carepolicy._table.state import FactTable, changed, facts_from_events, merge
from carepolicy.errors import InvalidTableError
from carepolicy.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BatchDecider",
    "FactTable",
    "batch_decider",
    "changed",
    "decide_table",
    "due",
    "facts_from_events",
    "facts_polars",
    "facts_sql",
    "merge",
    "output_schema",
]

Frame = TypeVar("Frame")
Progress = Callable[[int], object]
"""Told after each chunk how many rows it had, as `tqdm(...).update` is."""


def batch_decider(
    plan: Plan,
    at: datetime | str,
    *,
    columns: Mapping[str, str] | None = None,
    naive: str | None = None,
    unknown: str = REFUSE,
    only: Sequence[str] | None = None,
    text: bool = False,
) -> BatchDecider:
    """What decides about one `pyarrow.RecordBatch` at a time: the contract for every engine. It can be pickled.

    Arguments and errors as for `decide_table`.
    """
    if not isinstance(plan, Plan):
        raise InvalidTableError(f"plan is none: {plan!r:.80}; pass a carepolicy.Plan")
    if unknown not in (REFUSE, HOLD):
        raise InvalidTableError(f"unknown is not known: {unknown!r}; use 'refuse' or 'hold'")
    if naive is not None:
        zone_of(naive)
    wanted = output.COLUMNS if only is None else tuple(only)
    if not wanted or len(set(wanted)) < len(wanted):
        raise InvalidTableError(f"only names no column, or one twice: {only!r}; name each that you want once")
    for name in wanted:
        if name not in output.COLUMNS:
            raise InvalidTableError(f"only names no column of decisions: {name!r}; use some of {output.COLUMNS}")
    return BatchDecider(plan, at, dict(columns or {}), naive, unknown, (*wanted, output.WHY) if text else wanted)


def output_schema(plan: Plan, only: Sequence[str] | None = None) -> pa.Schema:
    """The types of the decisions of a plan: what `batch_decider(...)` gives."""
    return output.schema_of(plan.calendar.zone, output.COLUMNS if only is None else tuple(only))


def decide_table(
    plan: Plan,
    frame: Frame,
    at: datetime | str,
    *,
    columns: Mapping[str, str] | None = None,
    naive: str | None = None,
    unknown: str = REFUSE,
    only: Sequence[str] | None = None,
    text: bool = False,
    progress: Progress | None = None,
) -> Frame:
    """What a plan decides about every row of a table of facts.

    A row is about a customer, or a case, ref or party of theirs. It has a column for each fact of `plan.facts`, as
    timestamps with a zone or int64 microseconds, null where it never happened; `zone` may hold the customer's own zone,
    `next_visible` when an event known already comes. With a column `scope`, as `FactTable.to_frame` gives it, a touch
    is decided only about the rows that it is about; without, about all of them.

    Args:
        plan: The plan.
        frame: Of polars, pandas, pyarrow, DuckDB, or anything that streams Arrow.
        at: The instant to judge at, or the name of a column that has one for each row, for back-tests.
        columns: What the columns are called, by our names for them; the same when left out.
        naive: The zone of timestamps that have none; they are refused when left out.
        unknown: What to do about a customer whose zone is not known, where hours are theirs: "refuse" them, or "hold"
            them (they wait).
        only: The columns of decisions wanted; all when left out.
        text: Whether to add the column `why`, each decision in words: a hundred times as slow.
        progress: Told after each chunk how many rows it had.

    Returns:
        Decisions, one row for each touch and row, as a frame of the same kind; within each chunk of 32,768 rows touch
        by touch in the order of the plan (with a column `scope`, scope by scope).

    Raises:
        InvalidTableError: If it is no frame, or columns are missing or cannot be meant; says which policy needs them.
        InvalidPolicyError: If a policy's text does not hold for columns.
        UnknownZoneError: If a customer's zone is not known, or `naive` is none.
        MissingExtraError: If pyarrow is not installed.
    """
    decider = batch_decider(plan, at, columns=columns, naive=naive, unknown=unknown, only=only, text=text)
    kind_of(frame)

    def parts() -> Iterator[pa.RecordBatch]:
        for batch in batches_of(frame, decider.wanted(names_of(frame))):
            yield from decider.parts(batch)
            if progress is not None:
                progress(batch.num_rows)

    found: Frame = frame_like(frame, parts(), decider.schema)  # one after the other: no batch is held twice
    return found


def due(decisions: Frame, at: datetime | str) -> Frame:
    """The decisions that may have changed by an instant without any event: whose `review_at` has come.

    Decide again about their units, `state.to_frame(of=due(decisions, at))`, and about what `changed`: every other
    decision still stands.

    Args:
        decisions: What `decide_table` gave, of any kind of frame.
        at: The instant.

    Raises:
        InvalidTableError: If it is no frame, or has no column `review_at`.
    """
    now = to_micros(at)
    if "review_at" not in names_of(decisions):
        raise InvalidTableError("table lacks the column 'review_at'; pass decisions, as decide_table gives them")
    parts = []
    for batch in batches_of(decisions):  # one at least, maybe empty
        review = reading.instants(batch.column("review_at"), "review_at", NEVER, "UTC")
        rows = np.flatnonzero(review <= now)
        parts.append(batch.take(arrow().array(rows)) if len(rows) else batch.slice(0, 0))
    found: Frame = frame_like(decisions, parts, parts[0].schema)
    return found
