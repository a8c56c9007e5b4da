"""Customer-care policies: when to call, when to ask, what was promised, and why."""
