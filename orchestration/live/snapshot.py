"""The latest published snapshot, read once and kept: the books that live decisions are made beside.

::

    publication entry ─► var/published/<id>.duckdb ─► frames, indexed past ─► one book per tenant

A snapshot never changes, so what is read of it is kept until the ledger points to the next one.
Nothing here takes the warehouse's lock: a batch may write while commands are served.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.merkle import content_root
from orchestration import directory, facts, lineage, logs
from orchestration.live.book import TenantBook

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from ledger.reader import LedgerReader
    from models.features.history import History
    from orchestration.facts import TenantFacts
    from orchestration.platform import Platform

PROVEN_PARTIES = {
    "marts/risk/dim_debtors": ("dim_debtors", "debtor_id"),
    "marts/risk/dim_sellers": ("dim_sellers", "seller_id"),
}
log = logs.get(__name__)


class NotReadyError(Exception):
    """A tenant's commands cannot be served yet; the next run may change that. Says why."""


@dataclass
class Books:
    """The books of the latest snapshot, by tenant; safe to ask from several threads.

    Attributes:
        platform: The opened platform.
    """

    platform: Platform
    _books: dict[str, TenantBook] = field(default_factory=dict)
    _index: int = -1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, tenant_id: str) -> TenantBook:
        """Give a tenant's book, reading the snapshot when none was read yet.

        Raises:
            NotReadyError: No snapshot holds the tenant, or its checks failed.
        """
        if self._index < 0:
            self.refresh()
        book = self._books.get(tenant_id)
        if book is None:
            raise NotReadyError(
                "no snapshot holds this tenant with its checks passed; the next run may make one"
            )
        return book

    @property
    def entry_index(self) -> int:
        """Give the publication entry whose snapshot is kept, -1 before the first."""
        return self._index

    def all(self) -> list[TenantBook]:
        """Give every tenant's book."""
        return list(self._books.values())

    def refresh(self) -> bool:
        """Read the snapshot that the ledger points to, unless it is the one that is kept."""
        with self._lock:
            stored = self.platform.ledger.latest("publication")
            if stored is None or stored.index == self._index:
                return False
            paid = directory.accounts(self.platform)
            books = {}
            for tenant_id, state in stored.entry.body["tenants"].items():
                path = self.platform.places.published / f"{state['snapshot_id']}.duckdb"
                if state["state"] == "fresh" and path.is_file():
                    books[tenant_id] = read(
                        self.platform.ledger, path, tenant_id, stored.index, stored.entry.body, paid
                    )
            self._books, self._index = books, stored.index
        log.info("live.book_read", snapshot_id=stored.entry.body["snapshot_id"], tenants=len(books))
        return True


def read(
    ledger: LedgerReader,
    path: Path,
    tenant_id: str,
    entry_index: int,
    body: Mapping[str, Any],
    paid: Mapping[tuple[str, str], Any],
) -> TenantBook:
    """Read one tenant's book from a snapshot's file."""
    import duckdb

    from models.features.history import History

    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        found = facts.of_tables(connection, tenant_id, paid)
        parties = {
            key: proven
            for key, (table, column) in PROVEN_PARTIES.items()
            if (proven := _proven(ledger, connection, tenant_id, key, table, column, entry_index))
        }
    past = History(found.receivables)
    as_of = datetime.fromisoformat(str(body["as_of"]))
    _warm(past, found, as_of)
    rows = found.receivables.select("connection_id", "seller_id", "seller_tax_id").unique()
    sellers = {connection: (seller, tax) for connection, seller, tax in rows.iter_rows()}
    return TenantBook(path.stem, entry_index, as_of, found, past, sellers, parties)


def _proven(
    ledger: LedgerReader,
    connection: duckdb.DuckDBPyConnection,
    tenant_id: str,
    asset_key: str,
    table: str,
    column: str,
    before: int,
) -> tuple[str, int, dict[str, str]] | None:
    """Hash a tenant's rows and find the entry that announced just these."""
    expression = lineage.row_hash_sql(connection, "marts_risk", table)
    rows = connection.execute(
        f"select {column}, {expression} from marts_risk.{table} where tenant_id = ?",  # noqa: S608
        [tenant_id],
    ).fetchall()
    hashes = dict(rows)
    root = content_root(bytes.fromhex(text) for text in hashes.values()).hex()
    announced = ledger.entries(
        "asset_materialised", tenant_id, key=asset_key, newest_first=True, limit=8
    )
    for stored in announced:
        if stored.index < before and stored.entry.body["content_root"] == root:
            return root, stored.index, hashes
    return None


def _warm(past: History, found: TenantFacts, as_of: datetime) -> None:
    """Make the running sums now, so that the first command does not wait for them."""
    from models.features.payment_behaviour import measure

    if found.receivables.height:
        measure(past, found.receivables.head(1), as_of)
