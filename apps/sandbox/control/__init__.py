"""The hand on the sandbox: clock, faults, limits, and what was asked of it."""
