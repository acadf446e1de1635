"""A small platform in operation: sources that fail, records in quarantine, tasks given up."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger
from models.domain.identity import surrogate_key

NOW = datetime.now(UTC)
SYSTEM = Actor("system", "orchestration")
TENANTS = ("alder", "birch")
HELD = '{"InvoiceID":"inv-7","Date":"yesterday","Name":"Joan Smith"}'
HELD_ID = surrogate_key("held", "alder")
OTHER_ID = surrogate_key("held", "birch")
_MADE: dict[tuple[str | None, bool], tempfile.TemporaryDirectory[str]] = {}


@dataclass(frozen=True)
class Operated:
    """The folder of a platform in operation.

    Attributes:
        var: the folder.
    """

    var: Path

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open its ledger."""
        path = self.var / "ledger" / "ledger.sqlite"
        keys = Keyring.load(self.var / "keys", create=True)
        with Ledger.open(path, keys=keys) as opened:
            yield opened


def operate(var: Path, *, stale: str | None = None, is_quiet: bool = False) -> Operated:
    """Write a published snapshot about operation, its warehouse and its ledger.

    Args:
        var: an empty folder.
        stale: a tenant whose checks failed.
        is_quiet: nothing was read, held back or broken.
    """
    asked = stale, is_quiet
    if asked not in _MADE:
        _MADE[asked] = tempfile.TemporaryDirectory()
        _make(Path(_MADE[asked].name) / "var", stale=stale, is_quiet=is_quiet)
    shutil.copytree(Path(_MADE[asked].name) / "var", var)
    return Operated(var)


def _make(var: Path, *, stale: str | None, is_quiet: bool) -> None:
    """Write a platform once; every test then works on a copy of it."""
    world = Operated(var)
    for folder in ("ledger", "published", "warehouse"):
        (var / folder).mkdir(parents=True)
    tables = _tables(stale)
    if is_quiet:
        tables = {name: frame.clear() for name, frame in tables.items()}
    _write(var / "published" / "newest.duckdb", tables)
    _write(var / "published" / "earlier.duckdb", tables)
    _write(var / "warehouse" / "ifp.duckdb", {"raw_quarantine.records": _records()})
    (var / "warehouse" / "writer.lock").touch()
    with world.ledger() as ledger:
        if stale:
            ledger.append(_publication("earlier", None))
        ledger.append(_publication("newest", stale))


def _publication(name: str, stale: str | None) -> Entry:
    body = {
        "snapshot_id": name,
        "file": f"{name}.duckdb",
        "sha256": surrogate_key(name),
        "as_of": "2026-06-30T23:59:59Z",
        "tenants": {
            tenant: {"state": "stale", "snapshot_id": "earlier"}
            if tenant == stale
            else {"state": "fresh", "snapshot_id": name}
            for tenant in TENANTS
        },
        "tables": {},
    }
    return Entry("publication", "platform", NOW, SYSTEM, (name,), body)


def _tables(stale: str | None) -> dict[str, pl.DataFrame]:
    return {
        "published.syncs": pl.DataFrame([row for t in TENANTS for row in _syncs(t)]),
        "published.quarantine": _records().drop("raw_text", "raw_encoding"),
        "published.data_quality": pl.DataFrame([row for t in TENANTS for row in _rules(t, stale)]),
        "published.contracts": pl.DataFrame(
            [
                {
                    "tenant_id": tenant, "asset_key": "raw/xero/invoices",
                    "rule": "expect_column_values_to_be_between", "column_name": "total_minor",
                    "failed_count": 0, "checked_count": 250, "is_met": 1,
                }
                for tenant in TENANTS
            ]
        ),
        "marts_compliance.rpt_tenant_verdicts": pl.DataFrame(
            [
                {
                    "tenant_id": tenant, "failed_checks": int(tenant == stale),
                    "is_publishable": tenant != stale,
                    "first_failure": "data quality: amount_present" if tenant == stale else None,
                }
                for tenant in TENANTS
            ]
        ),
    }  # fmt: skip


def _syncs(tenant: str) -> Iterator[dict[str, Any]]:
    for hours, status in ((26, "ok"), (1, "ok")):
        yield _sync(tenant, "xero-1", "xero", "invoices", hours, status)
    yield _sync(tenant, "xero-1", "xero", "contacts", 1, "partial")
    yield _sync(tenant, "bank-1", "bank", "balances", 30, "ok")
    yield _sync(tenant, "bank-1", "bank", "balances", 1, "failed")
    yield _sync(tenant, "dnb-1", "dnb", "reports", 3, "ok")
    yield _sync(tenant, "sheet", "files", "receivables", 90, "ok")


def _sync(
    tenant: str, connection: str, system: str, entity: str, hours: int, status: str
) -> dict[str, Any]:
    ended = NOW - timedelta(hours=hours)
    return {
        "tenant_id": tenant, "sync_id": f"sync-{hours}", "connection_id": connection,
        "system": system, "entity": entity, "is_full": hours > 24, "read": 250, "landed": 9,
        "unchanged": 240, "duplicate": 0, "quarantined": 1, "vanished": 0, "pages": 3,
        "status": status, "started_at": ended - timedelta(minutes=1), "finished_at": ended,
        "cause": "Look at the source's status page." if status == "failed" else None,
    }  # fmt: skip


def _rules(tenant: str, stale: str | None) -> Iterator[dict[str, Any]]:
    for connection in ("xero-1", "xero-2"):
        for rule, failed in (("amount_present", int(tenant == stale)), ("debtor_tax_id_known", 30)):
            yield {
                "tenant_id": tenant, "connection_id": connection, "source_system": "xero",
                "entity": "invoices", "rule": rule, "failed_count": failed, "checked_count": 250,
                "is_blocking": rule == "amount_present",
                "is_failed": rule == "amount_present" and failed > 0,
            }  # fmt: skip


def _records() -> pl.DataFrame:
    shared = {
        "connection_id": "xero-1", "system": "xero", "entity": "invoices",
        "endpoint": "/api.xro/2.0/Invoices?page=1", "page_sha256": surrogate_key("page"),
        "raw_encoding": "utf-8", "reason_code": "date_unreadable", "resolution": None,
        "detail": "Date is not of the form /Date(milliseconds)/", "fetched_at": NOW,
        "replayed_at": None,
    }  # fmt: skip
    rows = [
        {**shared, "tenant_id": "alder", "quarantine_id": HELD_ID, "record_id": "inv-7",
         "position": 6, "raw_text": HELD},
        {**shared, "tenant_id": "alder", "quarantine_id": surrogate_key("page", "alder"),
         "record_id": None, "position": -1, "raw_text": '[{"InvoiceID":', "entity": "payments",
         "reason_code": "truncated", "detail": "the listing ends in the middle"},
        {**shared, "tenant_id": "alder", "quarantine_id": surrogate_key("mended", "alder"),
         "record_id": "inv-8", "position": 7, "raw_text": "{}", "replayed_at": NOW,
         "resolution": "replayed"},
        {**shared, "tenant_id": "birch", "quarantine_id": OTHER_ID, "record_id": "inv-9",
         "position": 0, "raw_text": '{"Name":"Someone else"}'},
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _write(path: Path, tables: dict[str, pl.DataFrame]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, frame in tables.items():
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            connection.register("frame_rows", frame.to_arrow())
            connection.execute(f"create table {name} as from frame_rows")
            connection.unregister("frame_rows")
