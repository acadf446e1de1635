"""First paint of every dashboard page on a million receivables, beside the page's own queries.

A snapshot of one tenant in the published shape is written by SQL (`dashboard_book.sql`) with a
ledger that announces it. Each page then runs as its first visitor finds it: nothing remembered, the
snapshot opened anew, by Streamlit's own harness in this process (no browser, whose drawing comes on
top). The floor is what the page asked the snapshot, asked again of a snapshot opened anew.

`BENCH_RECEIVABLES` sets the size, 1,000,000 when it is not set; `BENCH_ROUNDS` how often each page
is visited, 3 when it is not set. A page that needs an upload or a
worker is measured as it stands before either.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from apps.access.sign_in import demo_user
from apps.warehouse import Snapshot, latest_publication, open_snapshot
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

HERE = Path(__file__).parent
APP = HERE.parent / "apps" / "dashboard" / "app.py"
AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
SYSTEM = Actor("system", "orchestration")
DECISIONS_IN_LEDGER = 5_000
BUDGET = "first paint ≤ 2 s"
SNAPSHOT_ID = "million"

Asked = list[tuple[str, Mapping[str, object]]]


def run() -> Iterator[dict[str, object]]:
    """Measure every page of the menu, and one decision."""
    size = int(os.environ.get("BENCH_RECEIVABLES", "1000000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "3"))
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        write(var, size)
        os.environ["IFP_VAR"] = str(var)
        for page, query in _visits(var):
            took, processor, asked = _visited(page, query, rounds)
            yield {
                "work": f"{page}{' in full' if query else ''}, {size:,} receivables",
                "measured": statistics.median(took),
                "peer": _floor(var, asked, rounds),
                "peer_name": f"its {len(asked)} queries in DuckDB",
                "budget": BUDGET,
                "slowest": max(took),
                "processor_seconds": statistics.median(processor),
                "rounds": rounds,
                "load": os.getloadavg()[0],
            }


def write(var: Path, receivables: int) -> None:
    """Write a snapshot of so many receivables and the ledger that announces it."""
    for folder in ("published", "ledger"):
        (var / folder).mkdir(parents=True)
    path = var / "published" / f"{SNAPSHOT_ID}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"set variable receivables = {receivables:d}")
        connection.execute("set variable today = date '2026-06-30'")
        connection.execute((HERE / "dashboard_book.sql").read_text(encoding="utf-8"))
        rows = connection.execute(
            "select decision_id, receivable_id, seller_id, debtor_id, outcome from "
            f"decisions.decisions order by ledger_index limit {DECISIONS_IN_LEDGER}"
        ).fetchall()
        tables = connection.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables() "
            "where not temporary"
        ).fetchall()
    keys = Keyring.load(var / "keys", create=True)
    with Ledger.open(f"sqlite:///{var / 'ledger' / 'ledger.sqlite'}", keys=keys) as ledger:
        ledger.append_many(_decision(*row) for row in rows)
        ledger.append(_publication(dict(tables)))


def _decision(decision_id: str, receivable_id: str, *rest: str) -> Entry:
    seller_id, debtor_id, outcome = rest
    body = {"decision_id": decision_id, "receivable_id": receivable_id, "outcome": outcome}
    return Entry("decision", "alder", AS_OF, SYSTEM, (receivable_id, seller_id, debtor_id), body)


def _publication(tables: Mapping[str, int]) -> Entry:
    body = {
        "snapshot_id": SNAPSHOT_ID,
        "file": f"{SNAPSHOT_ID}.duckdb",
        "sha256": "0" * 64,
        "as_of": AS_OF.isoformat().replace("+00:00", "Z"),
        "tenants": {"alder": {"state": "fresh", "snapshot_id": SNAPSHOT_ID}},
        "tables": {name: {"rows": rows, "content_root": "0" * 64} for name, rows in tables.items()},
    }
    return Entry("publication", "platform", AS_OF, SYSTEM, (SNAPSHOT_ID,), body)


def _visits(var: Path) -> list[tuple[str, dict[str, str]]]:
    """Name every page of the menu, and a decision whose entry the ledger holds."""
    pages = sorted(path.stem for path in (APP.parent / "screens").glob("[a-z]*.py"))
    with _ledger(var) as ledger:
        decision = ledger.entries("decision", limit=1)[0].entry.body["decision_id"]
    return [(page, {}) for page in pages] + [("decisions", {"decision": str(decision)})]


def _visited(
    page: str, query: Mapping[str, str], rounds: int
) -> tuple[list[float], list[float], Asked]:
    """Visit a page several times as the first visitor.

    Returns:
        Seconds on the clock, seconds of processors, and what the page asked of the snapshot.
    """
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    took: list[float] = []
    processor: list[float] = []
    asked: Asked = []
    for _ in range(rounds):
        st.cache_data.clear()
        st.cache_resource.clear()
        app = AppTest.from_file(str(APP), default_timeout=120)
        app.switch_page(f"screens/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        with _Listening() as listening:
            started, spent = time.perf_counter(), time.process_time()
            app.run()
            took.append(time.perf_counter() - started)
            processor.append(time.process_time() - spent)
        if app.exception:
            raise RuntimeError(f"{page}: {app.exception[0].message}")
        asked = listening.asked
    return took, processor, asked


class _Listening:
    """Keeps what is asked of snapshots meanwhile."""

    def __init__(self) -> None:
        self.asked: Asked = []
        self._door: Any = Snapshot
        self._frame = Snapshot.frame

    def __enter__(self) -> _Listening:
        def frame(
            snapshot: Snapshot, query: str, parameters: Mapping[str, object] | None = None
        ) -> pl.DataFrame:
            self.asked.append((query, dict(parameters or {})))
            return self._frame(snapshot, query, parameters)

        self._door.frame = frame
        return self

    def __exit__(self, *_: object) -> None:
        self._door.frame = self._frame


def _floor(var: Path, asked: Asked, rounds: int) -> float:
    """Time the same queries on a snapshot opened anew, without Streamlit and without frames."""
    took = []
    for _ in range(rounds):
        with _ledger(var) as ledger:
            announced = latest_publication(ledger)
        started = time.perf_counter()
        snapshot = open_snapshot(announced, var / "published", demo_user(["alder"]), "alder")
        for query, parameters in asked:
            _fetch(snapshot.connection, query, parameters)
        took.append(time.perf_counter() - started)
        snapshot.connection.close()
    return statistics.median(took)


def _fetch(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]
) -> list[Any]:
    return connection.cursor().execute(query, dict(parameters)).fetchall()


def _ledger(var: Path) -> Ledger:
    address = f"sqlite:///{var / 'ledger' / 'ledger.sqlite'}"
    return Ledger.open(address, keys=Keyring.load(var / "keys"))
