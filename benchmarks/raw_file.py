"""A receivables file of a million rows to raw, beside DuckDB reading it into the same envelope.

The floor is one DuckDB statement: every column as text, the row as JSON, its SHA-256, the
envelope's other columns, into a table of a file, checkpointed. It maps, checks, compares and
reconciles nothing; what we add to it is that. Each measurement is a process of its own, ours and
the floor's in turn, and the fastest of the rounds counts, so that a busy machine slows both alike.
Imports are not counted. Peak memory is that of the process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS = 1_000_000
GROWN = 10_000_000
ROUNDS = 2

_WRITE = """
copy (
    select
        'INV-' || lpad(cast(n as varchar), 8, '0') as "Invoice number",
        'C' || lpad(cast(hash(n) % 20000 as varchar), 6, '0') as "Customer code",
        case
            when hash(n) % 7 = 0 then 'Müller, Söhne ' || hash(n) % 20000 || ' GmbH'
            else 'Customer ' || hash(n) % 20000 || ' Ltd'
        end as "Customer name",
        'DE' as "Country",
        strftime(date '2024-01-01' + cast(hash(n + 2) % 900 as integer), '%d.%m.%Y')
            as "Invoice date",
        strftime(date '2024-01-31' + cast(hash(n + 2) % 900 as integer), '%d.%m.%Y') as "Due date",
        case
            when hash(n + 3) % 3 < 2
                then strftime(date '2024-02-05' + cast(hash(n + 2) % 900 as integer), '%d.%m.%Y')
            else ''
        end as "Paid on",
        cast(cast(hash(n + 4) % 10000000 as decimal(18, 2)) / 100 as decimal(18, 2)) as "Amount",
        case when hash(n + 5) % 4 = 0 then 'USD' else 'EUR' end as "Currency",
        case when hash(n + 6) % 50 = 0 then 'yes' else 'no' end as "Disputed",
        'Cost centre ' || hash(n + 7) % 500 as "Remark"
    from range({rows}) as numbers(n)
) to '{path}' ({options})
"""
_FLOOR = """
create table receivables as
select
    'alder' as tenant_id, 'acme' as connection_id, record_id,
    cast(null as timestamptz) as modified_at, false as is_deleted, payload,
    sha256(payload) as payload_sha256, 'file' as endpoint, repeat('0', 64) as page_sha256,
    row_number() over () - 1 as position, now() as fetched_at
from (
    select cast(to_json(line) as varchar) as payload, line."Invoice number" as record_id
    from {read} as line
)
"""


def run() -> Iterator[dict[str, object]]:
    """Measure CSV and Parquet, peak memory, and ten times as many rows."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        seconds = 0.0
        for kind in ("csv", "parquet"):
            path = written(home, kind, ROWS)
            rounds = [(_child("ours", path), _child("floor", path)) for _ in range(ROUNDS)]
            ours = min(seconds for (seconds, _), _ in rounds)
            floor = min(seconds for _, (seconds, _) in rounds)
            seconds = seconds or ours
            name = f"{kind} → raw, {ROWS:,} rows, {ROWS / ours:,.0f} rows/s"
            yield {
                "work": name,
                "measured": ours,
                "peer": floor,
                "peer_name": "DuckDB reading it into the same envelope",
                "budget": "≤ 3×",
            }
            yield _memory(f"{kind} → raw, {ROWS:,} rows", max(peak for (_, peak), _ in rounds))
            path.unlink()
        path = written(home, "csv", GROWN)
        grown, peak = _child("ours", path)
        yield {
            "work": f"csv → raw, {GROWN:,} rows, {GROWN / grown:,.0f} rows/s",
            "measured": grown,
            "peer": seconds,
            "peer_name": f"the same with {ROWS:,} rows",
            "budget": "≤ 11×",
        }
        yield _memory(f"csv → raw, {GROWN:,} rows", peak)


def _memory(work: str, peak: float) -> dict[str, object]:
    return {
        "work": f"{work}: peak memory",
        "measured": peak,
        "peer": None,
        "peer_name": "–",
        "budget": "< 2 GB",
        "unit": "GB",
    }


def written(folder: Path, kind: str, rows: int) -> Path:
    """Write the file to be read: texts, days and amounts as an ERP exports them."""
    import duckdb

    path = folder / f"receivables_{rows}.{kind}"
    options = "header" if kind == "csv" else "format parquet"
    with duckdb.connect() as connection:
        connection.execute(_WRITE.format(rows=rows, path=path, options=options))
    return path


def _child(what: str, path: Path) -> tuple[float, float]:
    """Measure in a process of its own: seconds, and peak memory in GB."""
    with tempfile.TemporaryDirectory(dir=path.parent) as var:
        command = [sys.executable, "-m", "benchmarks.raw_file", what, str(path), var]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    return float(found["seconds"]), float(found["peak"])


def ours(path: Path, var: Path) -> float:
    """Sync the file as a connection of its own."""
    from datetime import UTC, datetime

    import dlt
    import pandas as pd  # pyarrow imports it when it first makes an array

    from ingestion import pipeline
    from ingestion.connection import Connection

    del dlt, pd
    connection = Connection("alder", "acme", "files", options={"paths": [str(path)]})
    started = time.perf_counter()
    report = pipeline.sync(
        [connection], warehouse=var / "ifp.duckdb", var=var, now=datetime(2026, 6, 1, tzinfo=UTC)
    )
    if not report.is_ok:
        raise RuntimeError(report.entities[0].cause)
    return time.perf_counter() - started


def floor(path: Path, var: Path) -> float:
    """Let DuckDB read the file into the same envelope."""
    import duckdb

    name = "read_csv" if path.suffix == ".csv" else "read_parquet"
    how = ", all_varchar = true" if path.suffix == ".csv" else ""
    started = time.perf_counter()
    with duckdb.connect(var / "floor.duckdb") as connection:
        connection.execute(_FLOOR.format(read=f"{name}('{path}'{how})"))
        connection.execute("checkpoint")
    return time.perf_counter() - started


def peak_gigabytes() -> float:
    """Return the most memory this process has held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return kibibytes * 1024 / 1e9


def main() -> None:
    """Carry out one measurement and say what it took."""
    what, path, var = sys.argv[1:]
    work = {"ours": ours, "floor": floor}[what]
    seconds = work(Path(path), Path(var))
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak_gigabytes()}) + "\n")


if __name__ == "__main__":
    main()
