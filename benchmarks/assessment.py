"""One assessment with a durable ledger entry, and a book of decisions in one go.

The single path is the worker's behind its sources: facts and the prepared book in memory, trace on
(every check in the core), reservation, decision and request to the bank committed durably. The
batch path is the run's: the whole book in chunks. A sample is decided by both and the digests must
agree. The peer evaluates the checks' conditions as one decision table, where `zen` can be imported.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from benchmarks import _decision_table
from benchmarks._book import AS_OF, TENANT, facts_of, history, requests_of
from ledger.keys import Keyring
from ledger.store import Ledger
from models import learning
from models.assessment import Book, Facts, assess, assess_in_chunks
from models.decisions.policy import Policy
from models.domain.identity import surrogate_key
from models.domain.outcomes import DecisionCore, Outcome
from models.scores import registry
from orchestration.resources.clock import Clock
from orchestration.settings import ROOT
from orchestration.stages import commitment

HISTORY = 100_000
SINGLES = 400
SAMPLE = 300
BATCH = 30_000
COMMITTED = 2_000
AT_ONCE = 100
MILLION = 1_000_000


def run() -> Iterator[dict[str, object]]:
    """Measure singles, a batch, and that both say the same."""
    policy = Policy.load((ROOT / "models/decisions/policies/default.yml").read_text("utf-8"))
    receivables = history(HISTORY, sellers=200, debtors=4_000, open_share=0.35)
    found = facts_of(receivables, requests_of(receivables, BATCH))
    rules: dict[str, Any] = {
        "policy": policy,
        "scores": registry.load(registry.dump(learning.train(receivables, AS_OF))),
        "fingerprint_keys": {TENANT: bytes(32)},
    }
    book = Book.of(found, policy)
    decide = _decider(found, book, rules)
    with tempfile.TemporaryDirectory() as folder:
        yield from _singles(decide, found.requests, Path(folder))
        yield from _batch(found, book, rules, Path(folder))


def _decider(
    found: Facts, book: Book, rules: dict[str, Any]
) -> Callable[[pl.DataFrame, Facts], DecisionCore]:
    def decide(request: pl.DataFrame, before: Facts) -> DecisionCore:
        facts = replace(before, requests=request)
        return assess(facts, book=book, **rules).cores[0]

    decide(found.requests.head(1), found)
    return decide


def _singles(
    decide: Callable[[pl.DataFrame, Facts], DecisionCore], requests: pl.DataFrame, folder: Path
) -> Iterator[dict[str, object]]:
    empty = Facts(AS_OF, requests, requests, requests, requests)
    seconds = []
    with _ledger(folder / "singles.sqlite") as (platform, ledger):
        for place in range(SINGLES):
            request = requests.slice(len(requests) - 1 - place, 1)
            started = time.perf_counter()
            core = decide(request, empty)
            with ledger.transaction() as tx:
                commitment.commit_one(platform, tx, core, _making(core))
            seconds.append(time.perf_counter() - started)
    zen = _decision_table.seconds(SINGLES)
    for name, share, budget in (("p50", 0.5, "≤ 2 ms"), ("p99", 0.99, "≤ 10 ms")):
        yield {
            "work": f"one assessment, trace on, durable entry, {HISTORY:,} rows of history: {name}",
            "measured": _quantile(seconds, share) * 1e3,
            "peer": None if zen is None else _quantile(zen, share) * 1e3,
            "peer_name": "zen-engine, checks only" if zen else "zen-engine is not installed",
            "budget": budget,
            "unit": "ms",
        }


def _batch(
    found: Facts, book: Book, rules: dict[str, Any], folder: Path
) -> Iterator[dict[str, object]]:
    started = time.perf_counter()
    cores: list[DecisionCore] = []
    decided = 0
    for chunk in assess_in_chunks(found, book=book, **rules):
        decided += len(chunk.cores)
        cores += chunk.cores[: max(0, max(SAMPLE, COMMITTED) - len(cores))]
    took = time.perf_counter() - started
    singly, by_row = _by_row(found, book, rules)
    equal = [core.digest for core in cores[:SAMPLE]] == [core.digest for core in singly]
    yield {
        "work": f"1 M decisions in batch, from {decided:,}; {'equal' if equal else 'OTHER'} cores",
        "measured": took / decided * MILLION,
        "peer": by_row / SAMPLE * MILLION,
        "peer_name": f"the same one by one, from {SAMPLE}",
        "budget": "≤ 300 s",
        "unit": "s",
    }
    yield {
        "work": f"1 M decisions committed to the ledger, {AT_ONCE} at once, from {COMMITTED:,}",
        "measured": _committed(cores[:COMMITTED], folder) / COMMITTED * MILLION,
        "budget": "beside the above",
        "unit": "s",
    }


def _by_row(found: Facts, book: Book, rules: dict[str, Any]) -> tuple[list[DecisionCore], float]:
    """Decide a sample one by one, each under what the ones before it took."""
    exposures: dict[tuple[str, str, str], int] = {}
    exact: set[str] = set()
    near: set[str] = set()
    cores, started = [], time.perf_counter()
    for place in range(SAMPLE):
        before = replace(
            found,
            requests=found.requests.slice(place, 1),
            exposures=tuple((*key, minor) for key, minor in exposures.items()),
            financed=frozenset(exact),
            financed_near=frozenset(near),
        )
        core = assess(before, book=book, **rules).cores[0]
        cores.append(core)
        if core.outcome is Outcome.APPROVE:
            for use in core.limits:
                key = (use.kind, use.id, core.currency)
                exposures[key] = exposures.get(key, 0) + core.advance_minor
            exact.add(core.fingerprint_exact)
            near.update(core.fingerprints_near)
    return cores, time.perf_counter() - started


def _committed(cores: Sequence[DecisionCore], folder: Path) -> float:
    with _ledger(folder / "batch.sqlite") as (platform, ledger):
        started = time.perf_counter()
        for first in range(0, len(cores), AT_ONCE):
            with ledger.transaction() as tx:
                for core in cores[first : first + AT_ONCE]:
                    commitment.commit_one(platform, tx, core, _making(core))
        return time.perf_counter() - started


class _ledger:  # noqa: N801 - read as a function
    """A ledger of its own and what a commitment needs of a platform."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger.open(path, keys=Keyring.generate())

    def __enter__(self) -> tuple[Any, Ledger]:
        return SimpleNamespace(clock=Clock(AS_OF), ledger=self._ledger), self._ledger

    def __exit__(self, *_: object) -> None:
        self._ledger.close()


def _making(core: DecisionCore) -> commitment.Making:
    inputs = [
        {
            "asset_key": name,
            "record_sha256": core.feature_hash,
            "content_root": core.feature_hash,
            "entry_index": 1,
        }
        for name in ("raw/xero/invoices", "marts/risk/fct_receivables")
    ]
    moment = (AS_OF - timedelta(days=1)).isoformat()
    decision_id = surrogate_key("decision", core.receivable_id)
    return commitment.Making(decision_id, core.feature_hash, moment, 1, inputs, "benchmark")


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(np.array(values), share))
