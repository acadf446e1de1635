"""Raw rows to all marts by our dbt project, full and after an increment, beside hand-written SQL.

A scratch warehouse gets two years of invoices of many sellers with their contacts, payments, credit
notes, orders, receipts and bureau reports, in the payloads of the sandbox (`marts_world.sql` and
`marts_load.sql`, no HTTP). `dbt build` makes and tests every model; the peer (`marts_peer.sql`) is
one DuckDB script that a person would write for this one data set, without dbt, tests, contracts,
files or a second engine. Then some days more are landed and both run again: dbt goes on from what
it built, the peer starts from nothing, since a script does. Every mart is compared row by row.

`BENCH_INVOICES` sets the size; 1,000,000 when it is not set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks import _flame
from ingestion.tables import ensure_tables
from orchestration import continuation, dbt, settings
from orchestration.places import Places
from orchestration.settings import ROOT

FIRST_SYNC = date(2026, 5, 31)
TODAY = date(2026, 6, 30)
AHEAD = timedelta(days=4)
HERE = Path(__file__).parent
MARTS = """
    select schema_name || '.' || table_name from duckdb_tables()
    where schema_name like 'marts%' and database_name = 'ours' order by 1
"""


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds on the clock and of processors, and its most memory in bytes."""

    seconds: float
    processor: float
    peak: int

    def __str__(self) -> str:
        """What does not show in the seconds, in words."""
        return f"{self.processor:.0f} s of processors, {self.peak / 1e9:.2f} GB"


def run() -> Iterator[dict[str, object]]:
    """Measure a full build and one after an increment, each beside the peer."""
    invoices = int(os.environ.get("BENCH_INVOICES", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder), invoices)
        scratch.land_history()
        full, by_hand = scratch.build(TODAY), scratch.peer(TODAY)
        yield {
            "work": f"{invoices:,} invoices, raw → marts, full; {full}",
            "measured": full.seconds,
            "peer": by_hand.seconds,
            "peer_name": f"hand-written SQL, {by_hand}; {scratch.compared(TODAY)}",
            "budget": "≤ 2×",
            "models": dict(list(scratch.nodes().items())[:12]),
        }
        landed = scratch.land(TODAY + AHEAD, TODAY)
        increment, by_hand = scratch.build(TODAY + AHEAD), scratch.peer(TODAY + AHEAD)
        yield {
            "work": f"{landed:,} new records of {AHEAD.days} days; {increment}",
            "measured": increment.seconds,
            "peer": full.seconds,
            "peer_name": f"the full build; by hand from nothing {by_hand.seconds:.1f} s, {by_hand};"
            f" {scratch.compared(TODAY + AHEAD)}",
            "budget": "≤ 0.15×",
            "models": dict(list(scratch.nodes().items())[:12]),
            "flame": _flame_of(scratch.nodes()),
        }


class Scratch:
    """A warehouse of its own with a world of a given size."""

    def __init__(self, folder: Path, invoices: int) -> None:
        self.folder = folder
        self.invoices = invoices
        self.warehouse = folder / "ours.duckdb"
        self.copy = folder / "peer.duckdb"
        self.settings = settings.load(var=folder / "var", warehouse_path=self.warehouse)
        self.places = Places(folder / "var")
        self.places.prepare()

    def land_history(self) -> None:
        """Land what two syncs saw: everything up to the first, then what a month changed."""
        ensure_tables(self.warehouse)
        self.land(FIRST_SYNC, date(1900, 1, 1))
        self.land(TODAY, FIRST_SYNC)

    def land(self, day: date, since: date) -> int:
        """Land what is new or changed after one day up to another; return how many records."""
        with duckdb.connect(self.warehouse) as connection:
            for name, value in {
                "invoices": str(self.invoices),
                "ahead": str(AHEAD.days),
                "today": f"date '{TODAY}'",
                "day": f"date '{day}'",
                "since": f"date '{since}'",
                "fetched_at": f"timestamptz '{day} 20:00:00+00'",
                "load_id": f"'{day}'",
            }.items():
                connection.execute(f"set variable {name} = {value}")
            connection.execute("set TimeZone = 'UTC'")
            before = _records(connection)
            for script in ("marts_world.sql", "marts_load.sql"):
                connection.execute((HERE / script).read_text(encoding="utf-8"))
            return _records(connection) - before

    def build(self, day: date) -> Spent:
        """Build and test every model as of the end of a day, as `orchestration.dbt.build` does."""
        dbt.manifest(self.settings, self.places, as_of="")
        started = time.perf_counter()
        files = dbt.project_files()
        note, since = continuation.begin(self.warehouse, as_of=_as_of(day), files=files)
        command = [sys.executable, "-m", "orchestration.dbt_process", "--quiet", "build"]
        told = dbt.variables(_as_of(day), since=since)
        options = ["--exclude-resource-type", "unit_test", "--vars", told]
        before = time.perf_counter() - started
        spent = _spent([*command, *options], dbt.environment(self.settings, self.places))
        continuation.finish(self.warehouse, note)
        return replace(spent, seconds=spent.seconds + before)

    def peer(self, day: date) -> Spent:
        """Make the same marts by hand in a copy of the raw tables."""
        self.copy.unlink(missing_ok=True)
        with duckdb.connect(self.copy) as connection:
            connection.execute(f"attach '{self.warehouse}' as ours (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where schema_name like 'raw%' and database_name = 'ours'"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{table} as from ours.{schema}.{table}")
        script = self.folder / "peer.sql"
        text = (HERE / "marts_peer.sql").read_text(encoding="utf-8")
        script.write_text(text.replace("$as_of", _as_of(day)), encoding="utf-8")
        code = (
            "import duckdb, sys; from pathlib import Path; c = duckdb.connect(sys.argv[1]);"
            "c.execute(\"set TimeZone = 'UTC'\"); c.execute('set threads = 2');"
            "c.execute(Path(sys.argv[2]).read_text()); c.close()"
        )
        return _spent([sys.executable, "-c", code, str(self.copy), str(script)], {})

    def compared(self, day: date) -> str:
        """Say how the marts of both compare, naming those that differ."""
        with duckdb.connect() as both:
            both.execute("set TimeZone = 'UTC'")
            both.execute(f"attach '{self.warehouse}' as ours (read_only)")
            both.execute(f"attach '{self.copy}' as peer (read_only)")
            marts = [str(row[0]) for row in both.execute(MARTS).fetchall()]
            different = [mart for mart in marts if not _is_same(both, mart)]
        if different:
            return f"DIFFERENT on {day}: {', '.join(different)}"
        return f"all {len(marts)} marts equal"

    def nodes(self) -> dict[str, float]:
        """Name the nodes of the last build with their seconds, those that took longest first."""
        noted = json.loads((self.places.dbt / "run_results.json").read_text(encoding="utf-8"))
        took = {
            str(node["unique_id"]): round(float(node["execution_time"]), 3)
            for node in noted["results"]
        }
        return dict(sorted(took.items(), key=lambda item: -item[1]))


def _flame_of(nodes: Mapping[str, float]) -> str:
    """Draw a build by layer and node; what takes less than half a percent is put together."""
    least = sum(nodes.values()) / 200
    stacks: dict[tuple[str, ...], float] = {}
    for node, took in nodes.items():
        name = node.split(".")[2][:60]
        stack = (_layer(node), name if took >= least else "others")
        stacks[stack] = stacks.get(stack, 0.0) + took
    return _flame.svg("dbt build after four days of news, seconds of nodes", stacks)


def _layer(node: str) -> str:
    kind, _, name = node.split(".")[:3]
    if kind != "model":
        return f"{kind}s"
    return {"stg": "staging", "int": "intermediate"}.get(name.split("_")[0], "marts")


def _as_of(day: date) -> str:
    return f"{day}T23:59:59+00:00"


def _records(connection: duckdb.DuckDBPyConnection) -> int:
    (found,) = connection.execute(
        "select sum(estimated_size) from duckdb_tables()"
        " where schema_name like 'raw%' and schema_name <> 'raw_sync'"
    ).fetchall()
    return int(found[0])


def _is_same(both: duckdb.DuckDBPyConnection, mart: str) -> bool:
    columns = both.execute(
        "select column_name from information_schema.columns where table_catalog = 'ours'"
        " and table_schema || '.' || table_name = ? order by ordinal_position",
        [mart],
    ).fetchall()
    listed = ", ".join(f"coalesce(cast({name} as varchar), chr(1))" for (name,) in columns)
    found = {
        both.execute(
            f"select count(*), sum(cast(hash(concat_ws(chr(31), {listed})) as hugeint))"
            f" from {side}.{mart}"
        ).fetchone()
        for side in ("ours", "peer")
    }
    return len(found) == 1


def _spent(command: list[str], more: Mapping[str, str]) -> Spent:
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        told = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[1:4]} ended with {process.returncode}: {told[-3000:]}")
    seconds = time.perf_counter() - started
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
