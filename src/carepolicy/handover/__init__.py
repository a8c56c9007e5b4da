"""Handover: what the next person confirms instead of asking, so that nobody repeats."""
