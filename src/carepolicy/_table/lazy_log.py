"""The log of a lazy frame: each event once, as last known at an instant, in order, marked with what it counts for."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

import polars as pl

from carepolicy._instant import NEVER
from carepolicy._table.conditions import CONTENT, NOTHING, UNIT, WORDS, Among, Clauses, Folds, columns_of
from carepolicy.errors import InvalidTableError, InvalidTimeError
from carepolicy.events import NEVER_WRITTEN, id_of

INSTANT = pl.Datetime("us", "UTC")
_EVENT = ("customer", "event_id")
_AT, _RECORDED, _LEARNT, _VISIBLE = (pl.col(f"{name}_us") for name in ("at", "recorded_at", "learnt", "visible"))


def recorded(events: pl.LazyFrame) -> pl.LazyFrame:
    """Each recording once: cells as text, instants as whole microseconds, when it was visible, and of which event.

    Raises:
        InvalidTableError: If the frame lacks a column that a log has to have, or a time is none.
        InvalidTimeError: If a time has no zone.
    """
    schema = events.collect_schema()
    has = columns_of(schema.names())
    words = [_cell(name, said, has).alias(name) for name, said in {"id": "", **WORDS}.items()]
    times = [_micros(name, schema).alias(f"{name}_us") for name in ("at", "recorded_at", "due")]
    due = pl.when(pl.col("due_us") < NEVER_WRITTEN).then("due_us").otherwise(NEVER).alias("due_us")
    learnt = pl.coalesce(_RECORDED, _AT)
    nameless = pl.when(pl.col("id") == "").then("content")
    return (
        events.select(*words, *times)
        .filter(_AT.is_not_null())
        .with_columns(due)
        .unique()
        .with_columns(_content(), learnt_us=learnt, visible_us=pl.max_horizontal(_AT, learnt))
        .with_columns(
            event_id=pl.coalesce(nameless.map_batches(ids_of, return_dtype=pl.String, is_elementwise=True), "id")
        )
    )


def _cell(name: str, said: str, has: frozenset[str]) -> pl.Expr:
    """A cell as text; `said` if it says nothing."""
    if name not in has:
        return pl.lit(said)
    cell = pl.col(name).cast(pl.String).str.strip_chars().fill_null("")
    return pl.when(cell == "").then(pl.lit(said)).otherwise(cell) if said else cell


def _micros(name: str, schema: pl.Schema) -> pl.Expr:
    """A datetime as UTC microseconds."""
    kind = schema.get(name, pl.Null())
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            raise InvalidTimeError(
                f"{name} has no zone: {kind}; give it the zone of the log, dt.replace_time_zone(...)"
            )
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us").to_physical()
    if kind != pl.Null():
        raise InvalidTableError(f"{name} is not a datetime: {kind}; parse it, e.g. str.to_datetime(time_zone='UTC')")
    return pl.lit(None, pl.Int64)


def _content() -> pl.Expr:
    """All that a recording says as one text, as `Event.content` gives it."""
    cells = [
        pl.lit(NOTHING[name]) if name == "extra"
        else pl.col(name) if name in WORDS
        else pl.col(f"{name}_us").cast(pl.String).fill_null(NOTHING.get(name, ""))
        for name in CONTENT
    ]  # fmt: skip
    return pl.concat_str(cells, separator="\x1f").alias("content")


def ids_of(contents: pl.Series) -> pl.Series:
    """The ids of events that were given none; null for the others."""
    return pl.Series([None if content is None else id_of(content) for content in contents], dtype=pl.String)


def next_visible(log: pl.LazyFrame, at_us: int | None) -> pl.LazyFrame:
    """When the next recording of a customer becomes visible."""
    coming = pl.lit(value=False) if at_us is None else at_us < _VISIBLE
    return log.filter(coming).group_by("customer").agg(next_visible=_VISIBLE.min().cast(INSTANT))


def marked(log: pl.LazyFrame, folds: Folds, at_us: int | None) -> pl.LazyFrame:
    """Each event once that counts for anything, as last known, in order, marked with what it counts for."""
    visible = log if at_us is None else log.filter(at_us >= _VISIBLE)
    marks = [_any(group).alias(mark) for mark, group in folds.marks.items()]
    times = pl.len().over(_EVENT)
    once = visible.filter(times == 1).with_columns(order_us=_LEARNT)
    columns = [*UNIT, "at_us", "due_us", "order_us", "event_id"]
    return (
        pl.concat([f.select(*columns, *marks) for f in (once, _corrected(visible.filter(times > 1)))])
        .filter(pl.any_horizontal(*folds.marks))
        .sort("at_us", "order_us", "event_id")
        .with_row_index("nth")
    )


def _corrected(again: pl.LazyFrame) -> pl.LazyFrame:
    """Of events recorded more than once the latest content; the first recording made them visible."""
    before = pl.max_horizontal("first_us", "before_us")
    order = pl.when((before > _AT) | _RECORDED.is_not_null()).then(before).otherwise(_AT)
    return (
        again.sort("visible_us", "at_us", "learnt_us", "content")
        .group_by(_EVENT)
        .agg(
            pl.exclude(_EVENT).last(),
            first_us=_VISIBLE.first(),
            before_us=_AT.slice(0, pl.len() - 1).max(),
        )
        .with_columns(order_us=order)
    )


def _any(group: tuple[Clauses, ...]) -> pl.Expr:
    """Whether any of some conditions holds."""
    return reduce(or_, (_all(clauses) for clauses in group))


def _all(clauses: Clauses) -> pl.Expr:
    return reduce(and_, (reduce(or_, map(_among, clause)) for clause in clauses), pl.lit(value=True))


def _among(among: Among) -> pl.Expr:
    found = pl.col(among.column).is_in(list(among.words))
    return found if among.inside else ~found
