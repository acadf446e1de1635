"""Durable appends of 1 KB decision entries beside SQLite inserting the same bytes.

The floor writes the canonical bytes of the same entries to a table of its own file with the same
pragmas (WAL, synchronous=FULL), one transaction per entry or per hundred. Rounds of both alternate
and the median counts, so that a busy machine slows both.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

ROUNDS = 15
SINGLES = 40
BATCHES = 10
BATCH = 100


def decision(number: int) -> Entry:
    """Make a decision entry of about 1 KB."""
    identity = sha256(number.to_bytes(8, "big")).hexdigest()
    reasons = [
        {
            "code": f"R{301 + rank}",
            "group": "payment_behaviour",
            "rank": rank,
            "threshold": "20",
            "value": f"{number % 97}.5",
        }
        for rank in range(3)
    ]
    body = {
        "decision_id": identity,
        "receivable_id": identity[::-1],
        "outcome": "approve",
        "grade": 3,
        "pd_ppm": 4000 + number % 1000,
        "advance_minor": 85_000 + number,
        "currency": "EUR",
        "reasons": reasons,
        "policy_hash": "b" * 64,
        "model_hash": "c" * 64,
        "snapshot_id": "2026-06-30T235959Z",
    }
    moment = datetime(2026, 6, 30, 12, tzinfo=UTC)
    return Entry("decision", "alder", moment, Actor("system", "worker"), (identity[::-1],), body)


class Floor:
    """Inserts given bytes with nothing around."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE rows (idx INTEGER PRIMARY KEY, data BLOB NOT NULL)")

    def insert(self, data: Sequence[bytes]) -> None:
        """Insert rows in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO rows (data) VALUES (?)", [(d,) for d in data])
        self.connection.execute("COMMIT")


def run() -> Iterator[dict[str, object]]:
    """Measure single and batched appends; seconds are per entry."""
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor(Path(folder) / "floor.sqlite")
        with Ledger.open(Path(folder) / "ledger.sqlite", keys=Keyring.generate()) as ledger:
            start = len(ledger.append_many(decision(number) for number in range(1000)))
            for size, count, budget in ((1, SINGLES, "≤ 2×"), (BATCH, BATCHES, "≤ 5×")):
                ours, peer = [], []
                for _ in range(ROUNDS):
                    entries = [decision(start + i) for i in range(size * count)]
                    start += len(entries)
                    groups = [entries[i : i + size] for i in range(0, len(entries), size)]
                    ours.append(_timed(ledger.append_many, groups))
                    stored = ledger.entries(after=ledger.size() - len(entries) - 1)
                    data = [entry.canonical for entry in stored]
                    blobs = [data[i : i + size] for i in range(0, len(data), size)]
                    peer.append(_timed(floor.insert, blobs))
                kilobytes = sum(map(len, data)) / len(data) / 1000
                yield {
                    "work": f"durable append, {kilobytes:.1f} KB entries, {size} per transaction",
                    "measured": statistics.median(ours) / (size * count) * 1e6,
                    "peer": statistics.median(peer) / (size * count) * 1e6,
                    "peer_name": "SQLite inserting the same bytes",
                    "budget": budget,
                    "unit": "µs",
                }
        floor.connection.close()


def _timed(write: Callable[..., object], groups: Sequence[Sequence[object]]) -> float:
    started = time.perf_counter()
    for group in groups:
        write(group)
    return time.perf_counter() - started
