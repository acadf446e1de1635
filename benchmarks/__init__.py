"""Measurements of what the budgets promise, each beside a named floor or peer in the same run.

A benchmark is a module of this package with a function `run() -> Iterable[Mapping]` that returns
one record per measured line:

- `work`: what was done, with its size
- `measured`, `peer`: seconds (or the unit in `unit`) of ours and of the floor or peer
- `peer_name`: what the peer is
- `ratio`: ours by the peer's; left out, it is computed
- `budget`: the ratio or figure that the budget names, as text

`python -m benchmarks` lists and runs them; a benchmark never fails a test run.
"""
