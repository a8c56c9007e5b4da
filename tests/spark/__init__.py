"""The tests that need Spark: `make test-spark` runs them; where there is no pyspark or no Java they are skipped."""
