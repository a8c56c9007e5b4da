"""Ray decides about blocks of a dataset, as Arrow tables, in its workers."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import ray
from surveys import AT, compared, plan, write_facts

from carepolicy.table import decide_table

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
ray.data.DataContext.get_current().enable_progress_bars = False
decide = partial(decide_table, plan, at=AT)
with TemporaryDirectory() as folder:
    facts, decided = write_facts(Path(folder)), Path(folder, "decisions")
    rows = ray.data.read_parquet(str(facts))
    rows.map_batches(decide, batch_format="pyarrow", zero_copy_batch=True).write_parquet(str(decided))
    print("ray:", compared(pq.read_table(decided), facts))
