"""Daft decides in a function over batches: each row gives the list of its decisions, which is then exploded."""

from pathlib import Path
from tempfile import TemporaryDirectory

import daft
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from daft import DataType, Series, col
from surveys import AT, compared, plan, write_facts

from carepolicy.engines import plain
from carepolicy.table import batch_decider

decide = batch_decider(plan, at=AT)
schema = plain(decide.schema)


def decisions_of(*columns: Series) -> pa.Array:
    """The decisions of each row, from those of the batch, which come touch by touch."""
    batch = pa.record_batch([column.to_arrow() for column in columns], names=names)
    made = decide(batch).cast(schema).to_struct_array()
    touches = len(plan.touches)
    by_row = made.take(pa.array(np.arange(len(made)).reshape(touches, -1).T.ravel()))
    return pa.ListArray.from_arrays(np.arange(0, len(made) + 1, touches, dtype=np.int32), by_row)


with TemporaryDirectory() as folder:
    facts, decided = write_facts(Path(folder)), Path(folder, "decisions")
    rows = daft.read_parquet(f"{facts}/*.parquet")
    names = rows.column_names
    on_batches = daft.func.batch(return_dtype=DataType.list(DataType.from_arrow_type(pa.struct(list(schema)))))
    lists = rows.select(on_batches(decisions_of)(*map(col, names)).alias("one"))
    lists.explode("one").select(col("one")["*"]).write_parquet(str(decided))
    print("daft:", compared(pq.read_table(decided), facts))
