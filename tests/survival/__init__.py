"""The tests that need lifelines: `make test-survival` runs them; where it is not installed they are skipped."""
