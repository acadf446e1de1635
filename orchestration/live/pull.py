"""Pulls what a command is about: invoice, customer, the order behind it, the bureau's report.

::

    invoice ─► contact (and the one it was merged into) ─► order named by its reference
                   └─► company ─► report: the book's, an earlier command's, or asked for now

The same connectors read a whole book; here they are asked for single records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from ingestion.failures import Unreachable
from models.domain.identity import surrogate_key
from orchestration import logs
from orchestration.connections import connections
from orchestration.live import bench as live_bench
from orchestration.live import facts as live_facts
from orchestration.live.facts import LiveFacts
from orchestration.served.dispatch import CommandRefusedError
from orchestration.stages import landing

if TYPE_CHECKING:
    import pyarrow as pa

    from ingestion.connection import Connection, Subject
    from ingestion.single import Single
    from ledger.queue import Task
    from orchestration.live.bench import Bench
    from orchestration.live.book import TenantBook
    from orchestration.platform import Platform

REFRESH_DAYS = 30
_WITHOUT_BUREAU_AFTER = 3

log = logs.get(__name__)


@dataclass
class Puller:
    """Pulls what a command is about.

    Attributes:
        platform: The opened platform.
        single: Reads single records.
        bench: Runs the SQL.
        refresh_days: A bureau report younger than this is not asked for again.
    """

    platform: Platform
    single: Single
    bench: Bench
    refresh_days: int = REFRESH_DAYS
    _raw: dict[str, pa.Table] = field(default_factory=dict)
    _remarks: list[str] = field(default_factory=list)

    def pull(
        self, task: Task, book: TenantBook, *, fetched_at: datetime, as_of: datetime
    ) -> LiveFacts:
        """Pull one invoice with its contact, order and bureau report, and make its rows.

        Raises:
            CommandRefusedError: There is no such invoice, or it cannot be read.
            SourceError: A source did not answer.
        """
        from ingestion.single import NotLandable

        self._raw, self._remarks = {}, []
        connection = self._connection(task)
        try:
            subject = self._documents(connection, task, book, fetched_at)
            if subject is not None:
                self._bureau(subject, task, book, fetched_at)
        except NotLandable as error:
            raise CommandRefusedError(f"what the source sent cannot be used: {error}") from None
        self.bench.run(self._raw, as_of=as_of)
        return self._rows(task, book)

    def _documents(
        self, connection: Connection, task: Task, book: TenantBook, fetched_at: datetime
    ) -> Subject | None:
        """Pull invoice, contact and order; name the company to ask the bureau about."""
        record_id = str(task.payload["record_id"])
        invoice = self._pull(connection, "invoices", record_id, fetched_at)
        if invoice is None:
            raise CommandRefusedError("the ledger system holds no such invoice")
        contact_id = str(invoice["Contact"]["ContactID"])
        contact = self._pull(connection, "contacts", contact_id, fetched_at)
        survivor = str((contact or {}).get("MergedToContactID") or "")
        if survivor:
            contact = self._pull(connection, "contacts", survivor, fetched_at)
        if task.payload["connection_id"] not in book.sellers:
            self._pull(connection, "organisations", "", fetched_at)
        reference = str(invoice.get("Reference") or "").strip()
        if reference and not self._is_unchanged(connection, record_id, book):
            self._pull(connection, "purchase_orders", reference, fetched_at)
        if contact is None:
            return None
        countries = landing.country_codes()
        code = survivor or contact_id
        return landing.subject_of(
            task.tenant_id, connection.connection_id, code, contact, countries
        )

    def _pull(
        self, connection: Connection, entity: str, wanted: str, fetched_at: datetime
    ) -> dict[str, Any] | None:
        rows = self.single.xero(connection, entity, wanted, fetched_at)
        if rows is None:
            return None
        import pyarrow as pa

        key = f"xero.{entity}"
        known = self._raw.get(key)
        self._raw[key] = rows if known is None else pa.concat_tables([known, rows])
        payload: dict[str, Any] = msgspec.json.decode(rows["payload"][0].as_py())
        return payload

    def _bureau(self, subject: Subject, task: Task, book: TenantBook, fetched_at: datetime) -> None:
        """Take the bureau's report on a company: the book's, an earlier command's, or a new one."""
        known = book.debtor(subject.party_id)
        pulled_at = known["bureau_pulled_at"][0] if known.height else None
        if pulled_at is not None and self._is_young(pulled_at, fetched_at):
            return
        held = _held(self.platform, task.tenant_id, subject.party_id)
        if held and self._is_young(_fetched_at(held), fetched_at):
            self._raw.update(held)
            return
        for connection in connections(self.platform, ("dnb",), task.tenant_id):
            try:
                found = self.single.bureau(connection, subject, fetched_at)
            except Unreachable as error:
                if task.attempts < _WITHOUT_BUREAU_AFTER:
                    raise
                log.warning("live.bureau_left_out", connection_id=error.connection_id)
                self._remarks.append("the bureau did not answer: decided without its report")
                return
            self._raw.update({f"dnb.{name}": rows for name, rows in found.items()})

    def _is_young(self, moment: datetime, now: datetime) -> bool:
        return now - moment < timedelta(days=self.refresh_days)

    def _is_unchanged(self, connection: Connection, record_id: str, book: TenantBook) -> bool:
        known = book.row(
            receivable_id_of(connection.tenant_id, connection.connection_id, record_id)
        )
        told = self._raw["xero.invoices"]["payload_sha256"][0].as_py()
        return known is not None and known["payload_sha256"] == told

    def _connection(self, task: Task) -> Connection:
        wanted = str(task.payload["connection_id"])
        for connection in connections(self.platform, ("xero",), task.tenant_id):
            if connection.connection_id == wanted:
                return connection
        raise CommandRefusedError(f"the tenant has no connection {wanted}")

    def _rows(self, task: Task, book: TenantBook) -> LiveFacts:
        import polars as pl

        asked = (task.tenant_id, task.payload["connection_id"], task.payload["record_id"])
        where = ("tenant_id = ? and connection_id = ? and record_id = ?", *asked)
        found = pl.DataFrame(pl.from_arrow(self.bench.rows(live_bench.RECEIVABLES, *where)))
        if found.height != 1 or found["debtor_id"][0] is None:
            raise CommandRefusedError("the invoice lacks what a receivable needs")
        receivable = live_facts.settled_in(found, book)
        debtor_id = str(receivable["debtor_id"][0])
        own = ("tenant_id = ? and debtor_id = ?", task.tenant_id, debtor_id)
        told = pl.DataFrame(pl.from_arrow(self.bench.rows(live_bench.DEBTORS, *own)))
        debtor = live_facts.told_anew(told, book, has_report="dnb.reports" in self._raw)
        own = ("tenant_id = ? and party_id = ?", task.tenant_id, debtor_id)
        parties = self.bench.rows(live_bench.PARTIES, *own).to_pylist()
        known = parties[0] if parties else {}
        party = {
            "name": str(known.get("party_name") or known.get("customer_code") or ""),
            "tax_id": str(known.get("tax_id") or ""),
            "number": str(receivable["number"][0] or ""),
        }
        return LiveFacts(receivable, debtor, party, self._raw, tuple(self._remarks))


def receivable_id_of(tenant_id: str, connection_id: str, record_id: str) -> str:
    """Name the receivable behind a record, as the marts do."""
    return surrogate_key(tenant_id, connection_id, record_id)


def _held(platform: Platform, tenant_id: str, party_id: str) -> Mapping[str, pa.Table]:
    """Give what an earlier command asked the bureau about a company."""
    found = live_facts.latest(platform.ledger, tenant_id, party_id)
    raw = {} if found is None else found[1].get("raw", {})
    return {
        name: live_facts.envelope(rows) for name, rows in raw.items() if name.startswith("dnb.")
    }


def _fetched_at(held: Mapping[str, pa.Table]) -> datetime:
    moments: list[datetime] = [
        moment for rows in held.values() for moment in rows["fetched_at"].to_pylist()
    ]
    return min(moments)
