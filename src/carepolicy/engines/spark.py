"""A plan on Spark: rows are decided, and events folded, in the partitions where they are; the driver sees none of them.

Spark hands Arrow batches to the Python of its workers, so carepolicy has to be installed there too, in one version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from carepolicy._table.frames import arrow
from carepolicy.engines.batches import columns_of_log, plain
from carepolicy.errors import InvalidTableError, MissingExtraError
from carepolicy.plan import Plan
from carepolicy.table import batch_decider, facts_from_events

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_SPACES = r"[\s\p{Z}\p{C}]"
_SPARK_TYPES = {"string": "string", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint"}


def decide(frame: DataFrame, plan: Plan, at: datetime | str, **options: Any) -> DataFrame:
    """What to do now about every row of facts, as `decide_table` gives it; computed when Spark is asked for it.

    Instants are `timestamp`, reasons `array<string>`, and what is a dictionary elsewhere is `string`.

    Args:
        frame: Rows of facts.
        plan: The plan.
        at: The instant to judge at, or the name of a column of them.
        options: As for `batch_decider`: columns, naive, unknown, only.

    Raises:
        InvalidTableError: If it is no Spark frame, or has not the columns that the plan asks for.
        MissingExtraError: If pyspark 4 is not installed.
    """
    decider = batch_decider(plan, at=at, **options)
    decider(_no_rows(frame))  # what is wrong with the columns is said here, not on a worker
    wanted = decider.wanted(frame.columns) or []
    return _mapped(frame.select(*wanted), partial(map, decider), decider.schema)


def facts(events: DataFrame, plan: Plan, **options: Any) -> DataFrame:
    """The facts of an event table, as `facts_from_events(...).to_frame()` gives them, in no order.

    The events of one customer are brought together in one partition and folded there. How many partitions there are,
    and so how much each worker has to hold, is up to `spark.sql.shuffle.partitions`.

    Args:
        events: Rows of events, in any order.
        plan: The plan whose facts are wanted.
        options: As for `facts_from_events`: zone, kinds, columns, at.

    Raises:
        InvalidTableError: If it is no Spark frame, or has not the columns that the plan asks for.
        MissingExtraError: If pyspark 4 is not installed.
    """
    none = arrow().Table.from_batches([_no_rows(events)])
    schema = facts_from_events(none, plan, **options).to_frame().schema
    columns = options.get("columns") or {}
    wanted = events.select(*columns_of_log(events.columns, columns))
    together = _together(wanted, columns.get("customer", "customer"))
    return _mapped(together, partial(_folded, plan=plan, options=options), schema)


def _no_rows(frame: DataFrame) -> pa.RecordBatch:
    """No rows under the names of a Spark frame: what Arrow calls its types would take a job to ask."""
    try:
        from pyspark.sql import DataFrame
    except ImportError as error:
        raise MissingExtraError("Spark frames need the package pyspark; install carepolicy[spark]") from error
    if not isinstance(frame, DataFrame):
        raise InvalidTableError(
            f"frame is not a Spark frame: {type(frame).__name__}; read it with spark.read, or call decide_table"
        )
    pa = arrow()
    return pa.RecordBatch.from_pylist([], pa.schema([(name, pa.null()) for name in frame.columns]))


def _together(events: DataFrame, customer: str) -> DataFrame:
    """The events with those of one customer in one partition, however the name is spaced, or left out."""
    from pyspark.sql import functions as F  # noqa: N812  (as everybody calls it)

    if customer not in events.columns:
        return events.repartition(1)
    text = F.coalesce(events[customer].cast("string"), F.lit(""))
    return events.repartition(F.regexp_replace(text, _SPACES, ""))


def _folded(batches: Iterable[pa.RecordBatch], *, plan: Plan, options: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
    """The facts of the events of one partition."""
    if held := list(batches):
        table = facts_from_events(arrow().Table.from_batches(held), plan, **options).to_frame()
        yield from table.to_batches()


def _mapped(
    frame: DataFrame, function: Callable[[Iterator[pa.RecordBatch]], Iterable[pa.RecordBatch]], schema: pa.Schema
) -> DataFrame:
    """A Spark frame through a function of Arrow batches that gives this schema."""
    taken = plain(schema)
    ddl = ", ".join(f"`{field.name.replace('`', '``')}` {_spark_type(field.type)}" for field in taken)
    return frame.mapInArrow(partial(_plainly, function=function, schema=taken), ddl)


def _plainly(
    batches: Iterator[pa.RecordBatch],
    *,
    function: Callable[[Iterator[pa.RecordBatch]], Iterable[pa.RecordBatch]],
    schema: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    """What a function gives, in types that Spark takes."""
    return (batch.cast(schema) for batch in function(batches))


def _spark_type(kind: pa.DataType) -> str:
    """What Spark calls a type of ours."""
    pa = arrow()
    if pa.types.is_list(kind):
        return f"array<{_spark_type(kind.value_type)}>"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return _SPARK_TYPES[str(kind)]
