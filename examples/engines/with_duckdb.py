"""DuckDB reads and writes, and the batches in between are decided: nothing is ever whole in memory."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from surveys import AT, compared, plan, write_facts

from carepolicy.table import batch_decider

decide = batch_decider(plan, at=AT)
with TemporaryDirectory() as folder:
    facts, decided = write_facts(Path(folder)), Path(folder, "decisions.parquet")
    rows = pa.RecordBatchReader.from_stream(duckdb.connect().sql(f"from '{facts}/*.parquet'"))
    decisions = pa.RecordBatchReader.from_batches(decide.schema, map(decide, rows))
    duckdb.connect().from_arrow(decisions).write_parquet(str(decided))
    print("duckdb:", compared(pq.read_table(decided), facts))
