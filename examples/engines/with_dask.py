"""Dask decides about each partition of a data frame, in processes of its own."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import dask
import dask.dataframe as dd
import pyarrow.parquet as pq
from surveys import AT, compared, plan, write_facts

from carepolicy.engines import plain
from carepolicy.table import batch_decider, decide_table

if __name__ == "__main__":
    dask.config.set({"scheduler": "processes", "dataframe.convert-string": True})
    decide = partial(decide_table, plan, at=AT)
    with TemporaryDirectory() as folder:
        facts, decided = write_facts(Path(folder)), Path(folder, "decisions")
        rows = dd.read_parquet(facts)
        decisions = rows.map_partitions(decide, meta=decide(rows.head(0)))  # what the columns are, from no rows
        decisions.to_parquet(decided, write_index=False, schema=plain(batch_decider(plan, AT).schema))
        print("dask:", compared(pq.read_table(decided), facts))
