"""Promise 4: killed at each named commit point and run again, the result is that of a quiet run.

Each trial has a folder and a sandbox of its own. After the kill the ledger's checkpoint is kept;
the second run must end by itself, extend that very log, build the same marts, and leave no
receivable and no payment twice at the counterparts. Two trials run at a time.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx
from measurement import ROOT, SMALL_WORLD, Measurement, ifp, run, sample

LINE = 4
HANG_SECONDS = 300
AT_ONCE = 2
SAMPLED_EVERY = 5
CLOCKS = ("fetched_at", "loaded_at", "bureau_pulled_at", "computed_at", "_dlt_load_id")


def points() -> list[str]:
    """Name the commit points in the order in which a run passes them."""
    code = "from orchestration.commit_points import CommitPoint as P; print('\\n'.join(P))"
    return run([sys.executable, "-c", code]).out.split()


def sampled(every: list[str]) -> list[str]:
    """Take every fifth point, beginning elsewhere each day, so that five days try them all."""
    return every[datetime.now(UTC).toordinal() % SAMPLED_EVERY :: SAMPLED_EVERY]


def trials(scratch: Path, *, whole: bool) -> list[Measurement]:
    """Kill and repeat at every commit point, or some, beside one undisturbed run."""
    every = points()
    chosen = every if whole else sampled(every)
    quiet = scratch / "quiet"
    with sandbox(quiet) as url:
        done = ifp("run", "--json", var=quiet, environment=_world(url), limit=HANG_SECONDS)
        orders = payment_orders(url)
    rows = [
        Measurement(
            LINE,
            "undisturbed run",
            "exit 0",
            done.last_words if done.code else "exit 0",
            done.code == 0,
        )
    ]
    if done.code:
        return rows
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = pool.map(lambda point: _trial(point, scratch, quiet, orders), chosen)
        return [*rows, *tried, sample(LINE, "commit points", len(chosen), len(every))]


def _trial(point: str, scratch: Path, quiet: Path, orders: Counter[str]) -> Measurement:
    var = scratch / point
    with sandbox(var) as url:
        world = _world(url)
        killed = ifp(
            "run",
            "--json",
            var=var,
            environment={**world, "IFP_CRASH_AT": point},
            limit=HANG_SECONDS,
        )
        kept = ifp("audit", "verify", "--json", var=var, environment=world).json()
        again = ifp("run", "--json", var=var, environment=world, limit=HANG_SECONDS)
        faults = _faults(killed.code, again.code)
        faults += [
            f"payments differ: {_difference(orders, found)}"
            for found in [payment_orders(url)]
            if found != orders
        ]
        faults += _twice(url)
    faults += _log_faults(var, kept, scratch / f"{point}.checkpoint", world)
    if again.code == 0:
        faults += different_marts(quiet, var)
    shutil.rmtree(var, ignore_errors=True)
    measured = "; ".join(faults) or f"equal; again in {again.seconds:.0f} s"
    return Measurement(
        LINE,
        f"kill -9 at {point}",
        "the same marts and payments, nothing twice or lost",
        measured[:240],
        not faults,
    )


def _faults(killed: int, again: int) -> list[str]:
    faults = []
    if killed != -signal.SIGKILL:
        faults.append(f"was not killed there (exit {killed})")
    if again == 124:
        faults.append("hung when run again")
    elif again:
        faults.append(f"exit {again} when run again")
    return faults


def _twice(url: str) -> list[str]:
    """Name what a counterpart was told twice."""
    ids = Counter(order["end_to_end_id"] for order in _ask(url, "/admin/payment-orders"))
    mails = Counter(_message_id(mail) for mail in _ask(url, "/admin/mail"))
    return [
        f"{count} × {what} {key}"
        for what, counts in (("payment", ids), ("mail", mails))
        for key, count in counts.items()
        if count > 1
    ][:3]


def _log_faults(var: Path, kept: dict, checkpoint: Path, world: dict[str, str]) -> list[str]:
    arguments = []
    if kept.get("checkpoint"):
        checkpoint.write_text(kept["checkpoint"], encoding="utf-8")
        arguments = ["--checkpoint", str(checkpoint)]
    after = ifp("audit", "verify", "--json", *arguments, var=var, environment=world)
    report = after.json()
    if after.code or not report.get("ok"):
        return [f"ledger: {after.last_words}"]
    return [] if report["size"] >= kept.get("size", 0) else ["entries lost"]


def different_marts(quiet: Path, var: Path) -> list[str]:
    """Name the marts whose rows differ between two warehouses, ids of runs and clocks aside."""
    with duckdb.connect() as both:
        for name, folder in (("a", quiet), ("b", var)):
            file = folder / "warehouse" / "ifp.duckdb"
            both.execute(f"attach '{file}' as {name} (read_only)")
        tables = both.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'a' and schema_name like 'marts%' order by all"
        ).fetchall()
        return [
            f"{schema}.{table} differs"
            for schema, table in tables
            if _rows_differ(both, f"{schema}.{table}")
        ] or ([] if tables else ["no marts"])


def _rows_differ(both: duckdb.DuckDBPyConnection, table: str) -> bool:
    columns = [row[0] for row in both.execute(f"describe a.{table}").fetchall()]
    listed = ", ".join(f'"{name}"' for name in columns if name not in CLOCKS)
    one, other = (f"select {listed} from {side}.{table}" for side in "ab")
    ((count,),) = both.execute(
        f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
    ).fetchall()
    return bool(count)


def payment_orders(url: str) -> Counter[str]:
    """Count what the bank was told to pay: amount, account and currency."""
    return Counter(
        json.dumps([order.get("amount_minor"), order.get("currency"), order.get("creditor")])
        for order in _ask(url, "/admin/payment-orders")
    )


def _difference(wanted: Counter[str], found: Counter[str]) -> str:
    return f"{(wanted - found).total()} missing, {(found - wanted).total()} too many"


def _message_id(mail: dict) -> str:
    headers = mail.get("headers", mail)
    return str(headers.get("Message-ID") or headers.get("message_id") or json.dumps(mail))


def _ask(url: str, path: str) -> list[dict]:
    found = httpx.get(url + path, timeout=30, trust_env=False).json()
    return (
        found
        if isinstance(found, list)
        else next((value for value in found.values() if isinstance(value, list)), [])
    )


def _world(url: str) -> dict[str, str]:
    return {**SMALL_WORLD, "IFP_SANDBOX_URL": url}


@contextmanager
def sandbox(var: Path, **sizes: str) -> Iterator[str]:
    """Run a sandbox that keeps its state under `var` for the length of the block."""
    state = var / "sandbox"
    state.mkdir(parents=True, exist_ok=True)
    world = {
        name.removeprefix("IFP_SANDBOX_").lower(): size for name, size in SMALL_WORLD.items()
    } | sizes
    flags = [text for name, size in world.items() for text in (f"--{name}", size)]
    command = [sys.executable, "-m", "apps.sandbox", "serve", "--port", "0"]
    with (
        (state / "sandbox.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, "--state", str(state), *flags],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["base_url"].rstrip("/")
        finally:
            process.terminate()
