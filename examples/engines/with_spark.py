"""Spark decides in its workers; the driver sees no row."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from pyspark.sql import SparkSession
from surveys import AT, compared, plan, write_facts

from carepolicy.engines import spark

os.environ["PYSPARK_PYTHON"] = sys.executable
session = (
    SparkSession.builder.master("local[2]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")  # else a file has wall times of UTC
    .getOrCreate()
)
with TemporaryDirectory() as folder:
    facts, decided = write_facts(Path(folder)), Path(folder, "decisions")
    spark.decide(session.read.parquet(str(facts)), plan, AT).write.parquet(str(decided))
    print("spark:", compared(pq.read_table(decided), facts))
session.stop()
