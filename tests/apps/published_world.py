"""An invented book published as a run publishes one: a snapshot file and the ledger behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.reservations import Limit, Reservation
from ledger.store import Ledger
from models.domain.identity import surrogate_key
from tests.apps.invented_book import AS_OF, MODEL_HASH, TENANTS, Book

SYSTEM = Actor("system", "orchestration")
_MADE_FROM = {
    "raw/xero/invoices": (),
    "raw/bank/transactions": (),
    "raw/dnb/reports": (),
    "staging/erp/stg_xero__invoices": ("raw/xero/invoices",),
    "staging/bank/stg_bank__transactions": ("raw/bank/transactions",),
    "staging/bureau/stg_dnb__reports": ("raw/dnb/reports",),
    "intermediate/receivables/int_receivables__unified": ("staging/erp/stg_xero__invoices",),
    "intermediate/parties/int_parties__identified": (
        "staging/erp/stg_xero__invoices",
        "staging/bureau/stg_dnb__reports",
    ),
    "intermediate/cash/int_cash__matched": ("staging/bank/stg_bank__transactions",),
    "marts/risk/fct_receivables": (
        "intermediate/receivables/int_receivables__unified",
        "intermediate/cash/int_cash__matched",
    ),
    "marts/risk/dim_debtors": ("intermediate/parties/int_parties__identified",),
    "marts/portfolio/fct_ageing": ("marts/risk/fct_receivables",),
    "features/payment_behaviour": ("marts/risk/fct_receivables",),
    "scores/receivable_scores": ("features/payment_behaviour",),
    "decisions/decisions": ("scores/receivable_scores", "marts/risk/dim_debtors"),
    "actions/payments": ("decisions/decisions",),
    "audit/entries": ("actions/payments", "decisions/decisions"),
}

CARD = {
    "origin": "2026-01-13",
    "train_count": 5_725,
    "test_count": 1_523,
    "debtor_count": 159,
    "late_share_ppm": 318_450,
    "single_feature": "dbt_mean_all_mdays",
    "auc_ppm": {
        "card": {"value": 847_179, "low": 789_005, "high": 891_378},
        "challenger": {"value": 848_710, "low": 795_280, "high": 892_198},
        "single": {"value": 850_738, "low": 795_488, "high": 888_705},
    },
    "gain_ppm": {"value": -3_559, "low": -13_039, "high": 4_885},
    "brier_ppm": {"card": 139_036},
    "ks_ppm": 562_025,
    "mae_mdays": {"debtor_mean": 11_066, "median": 14_725, "model": 6_507},
    "coverage_ppm": 815_496,
}


@dataclass(frozen=True)
class World:
    """What was published, and where.

    Attributes:
        var: the folder a run would have filled.
        snapshot: the snapshot file.
        snapshot_id: its id.
        book: the rows in it.
    """

    var: Path
    snapshot: Path
    snapshot_id: str
    book: Book

    @property
    def database(self) -> str:
        """The ledger's address."""
        return f"sqlite:///{self.var / 'ledger' / 'ledger.sqlite'}"

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return Ledger.open(self.database, keys=Keyring.load(self.var / "keys"))


def publish(var: Path, seed: int = 7, receivables: int = 2_000) -> World:
    """Write a snapshot and a ledger that decides on it and announces it."""
    book = Book(seed, receivables)
    snapshot_id = surrogate_key("snapshot", str(seed))[:16]
    world = World(var, var / "published" / f"{snapshot_id}.duckdb", snapshot_id, book)
    (var / "ledger").mkdir(parents=True)
    keys = Keyring.load(var / "keys", create=True)
    with Ledger.open(world.database, keys=keys) as ledger:
        ledger.append_many([_model(tenant) for tenant in TENANTS])
        _decide(ledger, book)
        _reserve(ledger, book)
        ledger.append_many([_payment(row) for row in book.payments])
        ledger.append_many(_report("alder"))
        tables = book.tables()
        ledger.append_many(_announcements(tables, seed))
        tables["audit.entries"] = _entries(ledger)
        _write(world.snapshot, tables)
        ledger.append(_publication(world, tables))
    return world


def _decide(ledger: Ledger, book: Book) -> None:
    stored = ledger.append_many([_decision(row) for row in book.decisions])
    for row, entry in zip(book.decisions, stored, strict=True):
        row["ledger_index"] = entry.index
        row["leaf_hash"] = entry.leaf_hash.hex()


def _model(tenant: str) -> Entry:
    body = {
        "model_id": "receivable_scores",
        "sha256": MODEL_HASH,
        "as_of": AS_OF.isoformat(),
        "card": {"examples": 8_211, "data_hash": surrogate_key("examples"), "out_of_time": CARD},
    }
    return Entry("model_published", tenant, AS_OF, SYSTEM, ("receivable_scores",), body)


def _reserve(ledger: Ledger, book: Book) -> None:
    """Draw on the limits of a few approved requests."""
    approved = [row for row in book.decisions if row["outcome"] == "approve"][:12]
    with ledger.transaction() as transaction:
        for row in approved:
            transaction.reserve(_reservation(row))


def _reservation(row: dict[str, Any]) -> Reservation:
    limits = tuple(Limit(kind, row[f"{kind}_id"], 10**12) for kind in ("seller", "debtor"))
    return Reservation(
        tenant_id=row["tenant_id"],
        receivable_id=row["receivable_id"],
        fingerprint_exact=surrogate_key("exact", row["receivable_id"]),
        fingerprints_near=(),
        amount_minor=row["advance_minor"],
        currency=row["currency"],
        limits=limits,
    )


def _payment(row: dict[str, Any]) -> Entry:
    body = {name: row[name] for name in ("end_to_end_id", "decision_id", "amount_minor")}
    return Entry(
        "payment_instruction", row["tenant_id"], AS_OF, SYSTEM, (row["decision_id"],), body
    )


def _report(tenant: str) -> list[Entry]:
    """A month's report that was sent and delivered."""
    sent = {"message_id": "report-1", "kind": "monthly_compliance", "channel": "mail"}
    told = {"status": "queued", "month": "2026-06-01", "files": ["report.pdf", "report.xlsx"]}
    delivered = {"message_id": "report-1", "status": "delivered"}
    subjects = ("monthly_compliance",)
    return [
        Entry("message", tenant, AS_OF, SYSTEM, subjects, {**sent, **told}),
        Entry("message_status", tenant, AS_OF, SYSTEM, subjects, delivered),
    ]


def _decision(row: dict[str, Any]) -> Entry:
    body = {
        name: row[name]
        for name in (
            "decision_id", "receivable_id", "seller_id", "debtor_id", "outcome", "grade", "pd_ppm",
            "face_minor", "advance_minor", "currency", "policy_hash", "model_hash",
        )
    }  # fmt: skip
    subjects = (row["receivable_id"], row["seller_id"], row["debtor_id"])
    return Entry("decision", row["tenant_id"], AS_OF, SYSTEM, subjects, body)


def _announcements(tables: dict[str, pl.DataFrame], seed: int) -> list[Entry]:
    rows = {name.split(".")[1]: frame.height for name, frame in tables.items()}
    return [
        Entry(
            "asset_materialised", tenant, AS_OF, SYSTEM, (key,),
            {
                "asset_key": key,
                "rows": rows.get(key.split("/")[-1], 1_000),
                "content_root": surrogate_key(key, tenant, str(seed)),
                "code_version": "1",
                "inputs": [
                    {"asset_key": made, "content_root": surrogate_key(made, tenant, str(seed))}
                    for made in made_from
                ],
                "run_id": "run-1",
                "as_of": AS_OF.isoformat(),
            },
        )
        for tenant in TENANTS
        for key, made_from in _MADE_FROM.items()
    ]  # fmt: skip


def _entries(ledger: Ledger) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "tenant_id": stored.entry.tenant_id,
                "entry_index": stored.index,
                "type": stored.entry.type,
                "key": next(iter(stored.entry.subjects), None),
                "leaf_hash": stored.leaf_hash.hex(),
                "recorded_at": stored.recorded_at,
            }
            for stored in ledger.entries()
        ]
    )


def _publication(world: World, tables: dict[str, pl.DataFrame]) -> Entry:
    body = {
        "snapshot_id": world.snapshot_id,
        "file": world.snapshot.name,
        "sha256": surrogate_key(world.snapshot_id),
        "as_of": AS_OF.isoformat().replace("+00:00", "Z"),
        "tenants": {
            tenant: {"state": "fresh", "snapshot_id": world.snapshot_id} for tenant in TENANTS
        },
        "tables": {
            name: {"rows": frame.height, "content_root": surrogate_key(name)}
            for name, frame in tables.items()
        },
    }
    return Entry("publication", "platform", AS_OF, SYSTEM, (world.snapshot_id,), body)


def _write(path: Path, tables: dict[str, pl.DataFrame]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, frame in tables.items():
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.register("frame_rows", frame.to_arrow())
            connection.execute(f"create table {name} as from frame_rows")
            connection.unregister("frame_rows")
