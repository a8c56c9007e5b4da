"""Rendering: one handover, laid out and escaped once for each place that it is read in."""
