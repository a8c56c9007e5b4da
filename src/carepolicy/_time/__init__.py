"""The machinery under `Calendar`: weekly rules, clock changes, the table of openings, and its array kernels."""
