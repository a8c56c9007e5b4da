"""A plan on lazy frames of polars: rows stream through it, and nothing is read before somebody collects.

lazy = carepolicy.engines.polars.decide(pl.scan_parquet("facts.parquet"), plan, at)
lazy.sink_parquet("decisions.parquet")
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from carepolicy._table.frames import arrow, batches_of, frame_like
from carepolicy.engines.batches import columns_of_log
from carepolicy.errors import InvalidTableError, MissingExtraError
from carepolicy.plan import Plan
from carepolicy.table import batch_decider, facts_from_events

if TYPE_CHECKING:
    import polars as pl


def decide(frame: pl.LazyFrame, plan: Plan, at: datetime | str, **options: Any) -> pl.LazyFrame:
    """What to do now about every row of facts, as `decide_table` gives it, lazily and in streams.

    Args:
        frame: Rows of facts.
        plan: The plan.
        at: The instant to judge at, or the name of a column of them.
        options: As for `batch_decider`: columns, naive, unknown, only.

    Raises:
        InvalidTableError: If it is no lazy frame, or has not the columns that the plan asks for.
        MissingExtraError: If polars is not installed.
    """
    none = _no_rows(frame)
    decider = batch_decider(plan, at=at, **options)
    decider(arrow().RecordBatch.from_pylist([], none.to_arrow().schema))  # what is wrong with the columns is said now

    def decided(rows: pl.DataFrame) -> pl.DataFrame:
        made: pl.DataFrame = frame_like(rows, map(decider, batches_of(rows)), decider.schema)
        return made

    wanted = decider.wanted(none.columns) or []
    return _mapped(frame.select(wanted), decided, decided(none.select(wanted)).schema, streamable=True)


def facts(events: pl.LazyFrame, plan: Plan, **options: Any) -> pl.LazyFrame:
    """The facts of an event table, as `facts_from_events(...).to_frame()` gives them, lazily.

    The columns of events that a log has are read, and held until the last of them is in: an event may correct one that
    comes much later in the table.

    Args:
        events: Rows of events, in any order.
        plan: The plan whose facts are wanted.
        options: As for `facts_from_events`: zone, kinds, columns, at.

    Raises:
        InvalidTableError: If it is no lazy frame, or has not the columns that the plan asks for.
        MissingExtraError: If polars is not installed.
    """
    none = _no_rows(events)
    wanted = columns_of_log(none.columns, options.get("columns"))

    def folded(rows: pl.DataFrame) -> pl.DataFrame:
        made: pl.DataFrame = facts_from_events(rows, plan, **options).to_frame()
        return made

    return _mapped(events.select(wanted), folded, folded(none).schema, streamable=False)


def _no_rows(frame: pl.LazyFrame) -> pl.DataFrame:
    """A lazy frame without its rows."""
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError("lazy frames need the package polars; install carepolicy[polars]") from error
    if not isinstance(frame, pl.LazyFrame):
        raise InvalidTableError(f"frame is not a lazy frame: {type(frame).__name__}; pass frame.lazy(), or scan a file")
    return pl.DataFrame(schema=frame.collect_schema())


def _mapped(
    frame: pl.LazyFrame, function: Callable[[pl.DataFrame], pl.DataFrame], schema: pl.Schema, *, streamable: bool
) -> pl.LazyFrame:
    """A lazy frame through a function that gives several rows for one, under other names."""
    return frame.map_batches(
        function,
        schema=schema,
        streamable=streamable,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
    )
