"""`ifp assess` on files of ten thousand and a million rows: seconds, and the most memory it held.

The file is a drawn book (`_book`) as a ledger system exports it. The folder is warm: the SQL
project was parsed by an assessment before. Memory is the largest resident size of the command or of
any process it started, as the system counts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks._book import history

SIZES = {10_000: "≤ 20 s", 1_000_000: "completes"}
_MEASURED = (
    "import resource, subprocess, sys\n"
    "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9)\n"
    "sys.exit(done.returncode)\n"
)


def run() -> Iterator[dict[str, object]]:
    """Measure one assessment of each size, after a small one."""
    with tempfile.TemporaryDirectory(prefix="ifp-bench-assess-") as folder:
        scratch = Path(folder)
        _assessed(scratch, 100)
        for rows, budget in SIZES.items():
            seconds, peak = _assessed(scratch, rows)
            work = f"ifp assess, {rows:,} rows"
            yield {"work": work, "measured": seconds, "budget": budget}
            yield {
                "work": f"{work}: peak memory",
                "measured": peak,
                "unit": "GB",
                "budget": "≤ 2 GB",
            }


def _assessed(scratch: Path, rows: int) -> tuple[float, float]:
    """Assess a file of so many rows; give seconds and gigabytes."""
    file = scratch / f"book-{rows}.csv"
    _export(rows).write_csv(file)
    program = str(Path(sys.executable).parent / "ifp")
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, program, "assess", str(file), "--json"],
        env={**os.environ, "IFP_VAR": str(scratch / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"ifp assess ended with {done.returncode}: {done.stderr[-500:]}")
    return took, json.loads(done.stdout)


def _export(rows: int) -> pl.DataFrame:
    """Give a book as a ledger system writes it, amounts with two decimals."""
    book = history(rows, sellers=1, debtors=max(10, rows // 200), open_share=0.2)
    minor = pl.col("gross_minor")
    cents = (minor % 100).cast(pl.String).str.zfill(2)
    return book.select(
        pl.col("number").alias("Invoice number"),
        pl.col("debtor_id").alias("Customer"),
        pl.col("issued_on").alias("Invoice date"),
        pl.col("due_on").alias("Due date"),
        pl.col("settled_on").alias("Paid on"),
        pl.format("{}.{}", minor // 100, cents).alias("Amount"),
        pl.col("currency").alias("Currency"),
    )
