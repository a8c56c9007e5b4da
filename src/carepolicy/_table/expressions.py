"""The folds of a plan as lazy polars expressions, for people who fold where their frames are."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from carepolicy._instant import to_micros
from carepolicy._table.conditions import Folds

if TYPE_CHECKING:
    import polars as pl

    from carepolicy.plan import Plan


def facts_polars(plan: Plan, events: pl.LazyFrame, *, at: datetime | str | None = None) -> pl.LazyFrame:
    """A lazy frame of the facts of a plan from a lazy frame of events: what `Plan.fold` comes to, as a table.

    It gives one row for each unit (`scope`, `customer`, `case`, `ref`, `party`), `next_visible`, and a column for each
    fact of `plan.facts`: a timestamp, or whole UTC microseconds where a due date may be NEVER; null where nothing has
    happened. Rows come in no order. Nothing is collected.

    Of the columns of a log (`carepolicy.events.COLUMNS`) those that the frame has are read; times are datetimes with a
    zone. A row without `at` is left out. Rows without an `id` are one event if they differ in none of these columns.

    Args:
        plan: Whose facts.
        events: The log.
        at: Count what was known by then, as `Plan.fold` does; everything when left out.

    Raises:
        InvalidPolicyError: If a fact is folded by a class of your own.
        InvalidTableError: If the frame lacks `at` or `kind`, or a time is none.
        InvalidTimeError: If a time has no zone.
    """
    from carepolicy._table.lazy_folds import facts_of  # whoever hands in a frame of polars has polars

    return facts_of(Folds.of(plan), events.lazy(), None if at is None else to_micros(at))
