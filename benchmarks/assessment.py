"""One assessment with a durable ledger entry, and a book of decisions in one go.

The single path is the worker's behind its sources: facts and the prepared book in memory, trace on
(every check in the core), reservation, decision and request to the bank committed durably. The
batch path is the run's: the whole book in chunks. A sample is decided by both and the digests must
agree. The peer evaluates the checks' conditions as one decision table, where `zen` can be imported.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

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
AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
TENANT = "alder"


def history(rows: int, *, sellers: int, debtors: int, open_share: float) -> pl.DataFrame:
    """Draw receivables: each debtor pays around its own lateness, the newest are open."""
    random = np.random.default_rng(7)
    seller, debtor = random.integers(sellers, size=rows), random.integers(debtors, size=rows)
    habit = random.normal(4, 9, size=debtors)
    is_open = random.random(rows) < open_share
    age = np.where(is_open, random.integers(2, 40, size=rows), random.integers(90, 900, size=rows))
    taken = np.maximum(1, 30 + habit[debtor] + random.normal(0, 6, size=rows)).astype(np.int64)
    gross = (np.exp(random.normal(12.5, 0.8, size=rows))).astype(np.int64)
    today = AS_OF.date()
    issued = (
        pl.Series([today], dtype=pl.Date).new_from_index(0, rows)
        - pl.Series(age, dtype=pl.Int64).cast(pl.Duration("ms")) * 86_400_000
    )
    frame = pl.DataFrame({"age": age, "taken": taken, "gross_minor": gross, "is_open": is_open})
    parties = {
        "seller_id": pl.Series(seller).cast(pl.String),
        "debtor_id": pl.Series(debtor).cast(pl.String),
    }
    return _columns(frame.with_columns(issued_on=issued.cast(pl.Date), **parties))


def _columns(drawn: pl.DataFrame) -> pl.DataFrame:
    number = pl.format("INV{}", pl.int_range(pl.len()))
    settled = pl.when(~pl.col("is_open")).then(
        pl.col("issued_on") + pl.duration(days=pl.col("taken"))
    )
    midnight = pl.Datetime("us", "UTC")
    return drawn.select(
        tenant_id=pl.lit(TENANT),
        receivable_id=pl.format("r{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(8)),
        seller_id=pl.format("s{}", "seller_id"),
        debtor_id=pl.format("d{}", "debtor_id"),
        source_system=pl.lit("xero"),
        document_type=pl.lit("invoice"),
        number=number,
        number_norm=number,
        purchase_order_number=pl.lit(None, dtype=pl.String),
        has_purchase_order=pl.lit(value=False),
        issued_on="issued_on",
        due_on=pl.col("issued_on") + pl.duration(days=45),
        terms_days=pl.lit(45, dtype=pl.Int64),
        currency=pl.lit("EUR"),
        gross_minor="gross_minor",
        credited_minor=pl.lit(0, dtype=pl.Int64),
        open_minor=pl.when("is_open").then("gross_minor").otherwise(0),
        disputed_minor=pl.lit(0, dtype=pl.Int64),
        is_disputed=pl.lit(value=False),
        status=pl.when("is_open").then(pl.lit("open")).otherwise(pl.lit("paid")),
        settled_on=settled,
        settled_recorded_at=settled.cast(midnight),
        recorded_at=pl.col("issued_on").cast(midnight),
        seller_tax_id=pl.format("ST{}", "seller_id"),
        debtor_tax_id=pl.format("DT{}", "debtor_id"),
    )


def facts_of(receivables: pl.DataFrame, requests: pl.DataFrame) -> Facts:
    """Give the facts of a book whose parties are all on file."""
    sellers = (
        receivables.select("seller_id")
        .unique()
        .with_columns(tax_id=pl.format("ST{}", "seller_id"), base_currency=pl.lit("EUR"))
    )
    debtors = (
        receivables.select("debtor_id")
        .unique()
        .with_columns(
            tax_id=pl.format("DT{}", "debtor_id"),
            is_natural_person=pl.lit(value=False),
            is_insolvent=pl.lit(value=False),
            operating_status=pl.lit("active"),
            bureau_limit_minor=pl.lit(None, dtype=pl.Int64),
            bureau_currency=pl.lit(None, dtype=pl.String),
        )
    )
    return Facts(AS_OF, requests, receivables, debtors, sellers)


def requests_of(receivables: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give open invoices in canonical order."""
    wanted = receivables.filter(pl.col("open_minor") > 0).with_columns(requested_at="recorded_at")
    return wanted.sort("requested_at", "receivable_id").head(most)


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
    zen = _zen()
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


def _zen() -> list[float] | None:
    """Time the conditions of the checks as one decision table of zen-engine."""
    if importlib.util.find_spec("zen") is None:
        return None
    zen = importlib.import_module("zen")
    decision = zen.ZenEngine().create_decision(json.dumps(_table()))
    context = dict.fromkeys(_INPUTS, 5)
    seconds = []
    for _ in range(SINGLES):
        started = time.perf_counter()
        decision.evaluate(context, {"trace": True})
        seconds.append(time.perf_counter() - started)
    return seconds


_INPUTS = tuple(f"value{number}" for number in range(27))
"""One value per check of the checklist: identity, validity, eligibility, scores and limits."""


def _table() -> dict[str, Any]:
    rules = [
        {"_id": f"r{place}", f"i{place}": "> 100", "o": f'"{name}"'}
        for place, name in enumerate(_INPUTS)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": [
            {"id": f"i{place}", "name": name, "field": name} for place, name in enumerate(_INPUTS)
        ],
        "outputs": [{"id": "o", "name": "check", "field": "check"}],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
