"""polars reads, decides and writes in streams."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow.parquet as pq
from surveys import AT, compared, plan, write_facts

from carepolicy.engines import polars

with TemporaryDirectory() as folder:
    facts, decided = write_facts(Path(folder)), Path(folder, "decisions.parquet")
    polars.decide(pl.scan_parquet(facts / "*.parquet"), plan, AT).sink_parquet(decided)
    print("polars:", compared(pq.read_table(decided), facts))
