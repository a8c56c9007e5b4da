"""A plan inside the engines that hold large tables: the same decisions, made where the rows are."""
