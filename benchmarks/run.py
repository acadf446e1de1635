"""`ifp run` on the default world after an install: seconds, and the most memory it held.

A folder of its own, so the world is made anew and the models are trained. Memory is the largest
resident size of the command or of any process it started, as the system counts it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def run() -> Iterator[dict[str, object]]:
    """Run the public command once."""
    with tempfile.TemporaryDirectory(prefix="ifp-bench-run-") as folder:
        command = [str(Path(sys.executable).parent / "ifp"), "run", "--json"]
        started = time.perf_counter()
        done = subprocess.run(
            command,
            env={**os.environ, "IFP_VAR": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"ifp run ended with {done.returncode}: {done.stderr[-500:]}")
    summary = json.loads(done.stdout)
    work = f"ifp run, default world, {summary['decisions']['total']:,} decisions"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    yield {"work": work, "measured": took, "budget": "≤ 90 s"}
    yield {"work": f"{work}: peak memory", "measured": peak, "unit": "GB", "budget": "≤ 2 GB"}
