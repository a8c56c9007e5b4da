"""Sequential tests: evidence that grows with what happens and with silence, and how often chance alone brings it."""
