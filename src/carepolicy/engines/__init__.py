"""A plan inside the engines that hold large tables: the same decisions, made where the rows are."""

from carepolicy.engines.batches import columns_of_log, plain

__all__ = ["columns_of_log", "plain"]
