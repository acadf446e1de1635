"""Full verification of a million entries beside reading and hashing the same rows; and proofs.

``IFP_BENCH_ENTRIES`` names another number of entries. A tenth of the entries are reservations of
the decisions before them, and a tenth announce assets, so that projections, lookups and limits are
verified too.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from benchmarks.ledger_append import decision
from ledger.entry import Entry
from ledger.keys import Keyring
from ledger.merkle import verify_inclusion
from ledger.reservations import Limit, Reservation
from ledger.store import Ledger
from ledger.verify import verify

PROOFS = 500
ROUNDS = 3
OTHER_TABLES = ("lookups", "decisions", "reservations", "reservation_near", "tree_nodes")


def run() -> Iterator[dict[str, object]]:
    """Fill a ledger, then verify it and prove single entries."""
    size = int(os.environ.get("IFP_BENCH_ENTRIES", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger.open(path, keys=Keyring.generate()) as ledger:
            _fill(ledger, size)
            note, key = ledger.checkpoint(), ledger.verifier_key

            def check(derived: bool) -> None:
                report = verify(
                    f"sqlite:///{path}", checkpoint=note, public_key=key, derived=derived
                )
                if not report.ok or report.size != size:
                    raise RuntimeError(f"the ledger does not verify: {report.problems}")

            runs = {
                "entries": lambda: _read_and_hash(path, everything=False),
                "everything": lambda: _read_and_hash(path, everything=True),
                "entries verified": lambda: check(derived=False),
                "everything verified": lambda: check(derived=True),
            }
            took = _alternate(runs)
            yield {
                "work": f"verification of {size:,} entries and their tree",
                "measured": took["entries verified"],
                "peer": took["entries"],
                "peer_name": "reading and hashing the entries",
                "budget": "≤ 2×",
            }
            yield {
                "work": f"verification of {size:,} entries and all that is derived from them",
                "measured": took["everything verified"],
                "peer": took["everything"],
                "peer_name": "reading the same rows of all tables, hashing the entries",
                "budget": "≤ 2×",
            }
            yield {
                "work": f"inclusion proof among {size:,} entries",
                "measured": _prove(ledger, size),
                "unit": "ms",
                "budget": "≤ 1 ms",
            }


def _fill(ledger: Ledger, size: int) -> None:
    batch = 1000
    for start in range(0, size, batch):
        count = min(batch, size - start)
        with ledger.transaction() as tx:
            tx.append_many(decision(number) for number in range(start, start + count * 8 // 10))
            tx.append_many(_asset(number) for number in range(start, start + count // 10))
            for number in range(start, start + count - count * 8 // 10 - count // 10):
                tx.reserve(_reservation(number))


def _asset(number: int) -> Entry:
    like = decision(number)
    body = {**like.body, "asset_key": "marts/risk/fct_receivables"}
    return Entry("asset_materialised", "alder", like.occurred_at, like.actor, like.subjects, body)


def _reservation(number: int) -> Reservation:
    receivable = decision(number).subjects[0]
    limits = tuple(
        Limit(kind, f"{kind}-{number % 300}", 10**15) for kind in ("seller", "debtor", "group")
    )
    near = (sha256(receivable.encode()).hexdigest(),)
    return Reservation("alder", receivable[::-1], near, receivable, 1000, "EUR", limits)


def _alternate(runs: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """Run each in turn, some rounds; give the median seconds, so that a busy moment hits all."""
    took: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, work in runs.items():
            started = time.perf_counter()
            work()
            took[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds) for name, seconds in took.items()}


def _read_and_hash(path: Path, *, everything: bool) -> None:
    connection = sqlite3.connect(path)
    cursor = connection.execute(
        "SELECT idx, type, tenant_id, key, recorded_at, leaf_hash, canonical FROM entries"
    )
    while rows := cursor.fetchmany(4096):
        for row in rows:
            sha256(b"\x00" + row[6]).digest()
    for table in OTHER_TABLES if everything else ():
        cursor = connection.execute(f"SELECT * FROM {table}")
        while cursor.fetchmany(4096):
            pass
    connection.close()


def _prove(ledger: Ledger, size: int) -> float:
    chooser, root, took = random.Random(7), ledger.root(), []  # noqa: S311  a sample, no secret
    for _ in range(PROOFS):
        index = chooser.randrange(size)
        started = time.perf_counter()
        path = ledger.inclusion_proof(index)
        took.append(time.perf_counter() - started)
        leaf = ledger.entry(index).leaf_hash
        if not verify_inclusion(leaf, index=index, size=size, path=path, root=root):
            raise RuntimeError(f"the proof of entry {index} does not hold")
    return statistics.median(took) * 1000
