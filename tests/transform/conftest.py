"""Handmade raw rows in the envelope every connector lands, and a way to build the models on them.

One module because the rows, the book made of them and its build are read together.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.tables import RAW_TABLES, ensure_tables, is_postgres, open_warehouse

ROOT = Path(__file__).resolve().parents[2]
FIRST_SYNC = datetime(2026, 6, 30, 12, tzinfo=UTC)
SECOND_SYNC = datetime(2026, 7, 2, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encoded(moment: date | datetime | None) -> str | None:
    """Write a date or moment as `/Date(…)/`, the way Xero does."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return f"/Date({(moment - EPOCH) // timedelta(milliseconds=1)}+0000)/"


@dataclass
class Raw:
    """Raw rows of every system, to be loaded into any warehouse."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    syncs: list[tuple[Any, ...]] = field(default_factory=list)
    totals: list[tuple[Any, ...]] = field(default_factory=list)
    quarantined: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self,
        table: str,
        tenant: str,
        connection: str,
        record_id: str,
        payload: dict[str, Any] | str,
        *,
        fetched_at: datetime = FIRST_SYNC,
        modified_at: datetime | None = None,
        is_deleted: bool = False,
    ) -> None:
        """Land one version of one record; payloads may be text, to keep their own digits."""
        text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        landed = self.rows.setdefault(table, [])
        landed.append(
            (
                tenant, connection, record_id, modified_at, is_deleted, text,
                hashlib.sha256(text.encode()).hexdigest(), f"/{table}", "page", len(landed),
                fetched_at, str(fetched_at.timestamp()),
            )
        )  # fmt: skip

    def synced(
        self,
        tenant: str,
        connection: str,
        system: str,
        entity: str,
        at: datetime,
        status: str = "ok",
    ) -> None:
        """Record that a sync of one entity ended."""
        self.syncs.append(
            (f"sync-{len(self.syncs)}", tenant, connection, system, entity, True, 0, 0, 0, 0, 0, 0,
             1, at, at, at, status, None, None)
        )  # fmt: skip

    def total(
        self,
        tenant: str,
        connection: str,
        system: str,
        entity: str,
        currency: str,
        count: int,
        amount: str,
        quarantined: str = "0",
    ) -> None:
        """Record what the source itself says the records of an entity add up to."""
        self.totals.append(
            (tenant, connection, system, entity, f"sync-{len(self.totals)}", currency, count,
             amount,              int(quarantined != "0"), quarantined, 0, "0", FIRST_SYNC)
        )  # fmt: skip

    def load(self, target: Path | str) -> None:
        """Create the raw tables in a warehouse and fill them."""
        ensure_tables(target)
        with open_warehouse(target) as warehouse:
            for table, rows in self.rows.items():
                marks = ", ".join("?" * 12)
                warehouse.execute_many(f"insert into raw_{table} values ({marks})", rows)
            for table, rows in (("entities", self.syncs), ("control_totals", self.totals)):
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    warehouse.execute_many(f"insert into raw_sync.{table} values ({marks})", rows)

    def organisation(self, tenant: str, connection: str, name: str, tax: str, **more: Any) -> None:
        """Land a seller."""
        payload = {
            "OrganisationID": connection, "Name": name, "LegalName": name, "TaxNumber": tax,
            "CountryCode": "IE", "BaseCurrency": "EUR",
            "CreatedDateUTC": encoded(date(2020, 1, 1)), **more,
        }  # fmt: skip
        self.add("xero.organisations", tenant, connection, f"org-{connection}", payload)

    def contact(
        self, tenant: str, connection: str, code: str, name: str, tax: str | None, **more: Any
    ) -> None:
        """Land a customer of a seller."""
        payload = {
            "ContactID": code, "ContactStatus": "ACTIVE", "Name": name, "TaxNumber": tax or "",
            "CompanyNumber": f"C-{code}", "Addresses": [{"Country": ""}, {"Country": "Germany"}],
            **more,
        }  # fmt: skip
        self.add("xero.contacts", tenant, connection, code, payload)

    def invoice(
        self,
        tenant: str,
        connection: str,
        record_id: str,
        contact: str,
        issued_on: date,
        total: str,
        *,
        due_on: date | None = None,
        status: str = "AUTHORISED",
        paid: str = "0.0",
        credited: str = "0.0",
        currency: str = "EUR",
        dispute: str | None = None,
        fetched_at: datetime = FIRST_SYNC,
        modified_at: datetime | None = None,
        is_deleted: bool = False,
        **more: Any,
    ) -> None:
        """Land one version of an invoice; amounts are written exactly as given."""
        due_on = due_on or issued_on + timedelta(days=30)
        tracking = [{"Name": "Dispute", "Option": dispute}] if dispute else []
        payload: dict[str, Any] = {
            "Type": "ACCREC", "InvoiceID": record_id, "InvoiceNumber": f"INV-{record_id}",
            "Reference": "", "Payments": [], "Contact": {"ContactID": contact, "Name": "hidden"},
            "DateString": f"{issued_on} 00:00:00", "Date": encoded(issued_on),
            "DueDateString": f"{due_on} 00:00:00", "DueDate": encoded(due_on), "Status": status,
            "LineAmountTypes": "Exclusive", "CurrencyCode": currency,
            "LineItems": [{"LineAmount": "@total", "TaxAmount": 0.0, "Tracking": tracking}],
            "Total": "@total", "TotalTax": 0.0, "AmountPaid": "@paid",
            "AmountCredited": "@credited", **more,
        }  # fmt: skip
        text = json.dumps(payload, ensure_ascii=False)
        for name, amount in (("total", total), ("paid", paid), ("credited", credited)):
            text = text.replace(f'"@{name}"', amount)
        self.add(
            "xero.invoices", tenant, connection, record_id, text, fetched_at=fetched_at,
            modified_at=modified_at or fetched_at, is_deleted=is_deleted,
        )  # fmt: skip

    def payment(
        self,
        tenant: str,
        connection: str,
        record_id: str,
        invoice: str,
        paid_on: date,
        amount: float,
        *,
        currency: str = "EUR",
        status: str = "AUTHORISED",
        fetched_at: datetime = FIRST_SYNC,
    ) -> None:
        """Land one version of a payment of an invoice."""
        payload = {
            "PaymentID": record_id, "Date": encoded(paid_on), "Amount": amount, "Status": status,
            "PaymentType": "ACCRECPAYMENT",
            "Invoice": {"InvoiceID": invoice, "CurrencyCode": currency},
        }  # fmt: skip
        self.add(
            "xero.payments", tenant, connection, record_id, payload, fetched_at=fetched_at,
            modified_at=fetched_at,
        )  # fmt: skip

    def credit_note(
        self,
        tenant: str,
        connection: str,
        record_id: str,
        contact: str,
        issued_on: date,
        total: float,
        allocations: dict[str, tuple[date, float]],
        *,
        fetched_at: datetime = FIRST_SYNC,
    ) -> None:
        """Land one version of a credit note; allocations are invoice → (day, amount)."""
        used = sum(amount for _, amount in allocations.values())
        payload = {
            "Type": "ACCRECCREDIT", "CreditNoteID": record_id,
            "CreditNoteNumber": f"CN-{record_id}",
            "Contact": {"ContactID": contact}, "DateString": f"{issued_on} 00:00:00",
            "Date": encoded(issued_on), "Status": "AUTHORISED", "CurrencyCode": "EUR",
            "Total": total, "TotalTax": 0.0, "RemainingCredit": total - used,
            "Allocations": [
                {"Amount": amount, "Date": encoded(day), "Invoice": {"InvoiceID": invoice}}
                for invoice, (day, amount) in allocations.items()
            ],
        }  # fmt: skip
        self.add(
            "xero.credit_notes", tenant, connection, record_id, payload, fetched_at=fetched_at,
            modified_at=fetched_at,
        )  # fmt: skip

    def purchase_order(
        self, tenant: str, connection: str, record_id: str, contact: str, number: str, total: float
    ) -> None:
        """Land a purchase order the seller holds."""
        payload = {
            "PurchaseOrderID": record_id, "PurchaseOrderNumber": number, "Status": "AUTHORISED",
            "Contact": {"ContactID": contact}, "CurrencyCode": "EUR", "Total": total,
            "DateString": "2026-01-05 00:00:00",
        }  # fmt: skip
        self.add("xero.purchase_orders", tenant, connection, record_id, payload)

    def file_row(self, tenant: str, connection: str, record_id: str, **cells: Any) -> None:
        """Land one row of a receivables file under the canonical keys."""
        payload = {
            "customer_code": "C1", "customer_name": "Filed Goods Ltd", "customer_country": None,
            "customer_tax_id": None, "invoice_number": record_id, "document_id": None,
            "issued_on": "2026-03-01", "due_on": "2026-03-31", "cleared_on": None,
            "amount": "100.00", "open_amount": None, "currency": "EUR", "is_disputed": None,
            "document_type": "invoice", "source": {}, **cells,
        }  # fmt: skip
        self.add("files.receivables", tenant, connection, record_id, payload)

    def match(self, tenant: str, party_id: str, duns: str, confidence: int, grade: str) -> None:
        """Land the bureau's answer to a match question."""
        candidate = {
            "organization": {"duns": duns},
            "matchQualityInformation": {"confidenceCode": confidence, "matchGrade": grade},
        }
        payload = {
            "transactionDetail": {"transactionTimestamp": "2026-06-30T10:00:00.000Z"},
            "matchCandidates": [candidate],
        }
        self.add("dnb.matches", tenant, "dnb", party_id, payload)

    def report(self, tenant: str, duns: str, *, bankruptcies: int = 0, code: int = 9074) -> None:
        """Land a bureau report."""
        score = {"classScore": 2, "nationalPercentile": 71}
        payload = {
            "transactionDetail": {"transactionTimestamp": "2026-06-30T10:00:00.000Z"},
            "inquiryDetail": {"duns": duns},
            "organization": {
                "duns": duns, "startDate": "1998",
                "dunsControlStatus": {"operatingStatus": {"dnbCode": code}},
                "businessTrading": [{"summary": [{"paydexScore": 78}]}],
                "dnbAssessment": {
                    "failureScore": score, "delinquencyScore": score,
                    "creditLimitRecommendation": {
                        "maximumRecommendedLimit": {"value": 120000, "currency": "EUR"}
                    },
                    "hasSevereNegativeEvents": bankruptcies > 0,
                },
                "legalEvents": {
                    "bankruptcy": {"periodSummary": {"12Months": {"totalCount": bankruptcies}}}
                },
            },
        }  # fmt: skip
        self.add("dnb.reports", tenant, "dnb", duns, payload)

    def account(self, tenant: str, account: str, owner: str, iban: str) -> None:
        """Land a collection account."""
        payload = {"id": account, "iban": iban, "name": owner, "currency": "EUR"}
        self.add("bank.accounts", tenant, "bank", account, payload)

    def receipt(
        self,
        tenant: str,
        transaction: str,
        amount_minor: int,
        reference: str,
        *,
        payer: str,
        iban: str = "DE00",
        account: str = "acc-1",
        booked_on: date = date(2026, 5, 1),
        currency: str = "EUR",
    ) -> None:
        """Land a booked transaction; positive amounts came in."""
        payload = {
            "id": transaction, "account_id": account, "booked_on": str(booked_on),
            "value_on": str(booked_on), "amount_minor": amount_minor, "currency": currency,
            "counterparty_name": payer, "counterparty_iban": iban, "reference": reference,
            "end_to_end_id": None, "code": "PMNT", "balance_after_minor": 0,
            "created_at": f"{booked_on}T09:00:00Z",
        }  # fmt: skip
        self.add("bank.transactions", tenant, "bank", transaction, payload)


@dataclass(frozen=True)
class Built:
    """A warehouse whose models are built: DuckDB file or Postgres URL."""

    target: Path | str

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query as mappings."""
        if is_postgres(self.target):
            import psycopg
            from psycopg.rows import dict_row

            with psycopg.connect(str(self.target), row_factory=dict_row) as session:
                session.execute("set time zone 'UTC'")
                return list(session.execute(query).fetchall())
        import duckdb

        with duckdb.connect(str(self.target), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, query: str) -> dict[str, Any]:
        """Return the only row of a query."""
        found = self.rows(query)
        assert len(found) == 1, found
        return found[0]


def run_dbt(
    target: Path | str, artefacts: Path, as_of: str, *arguments: str, since: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run dbt in a process of its own against a warehouse."""
    environment = {**os.environ, "DO_NOT_TRACK": "1"}
    if is_postgres(target):
        from urllib.parse import urlsplit

        url = urlsplit(str(target))
        environment |= {
            "IFP_DBT_TARGET": "postgres", "IFP_POSTGRES_HOST": url.hostname or "",
            "IFP_POSTGRES_PORT": str(url.port), "IFP_POSTGRES_USER": url.username or "",
            "IFP_POSTGRES_PASSWORD": url.password or "", "IFP_POSTGRES_DBNAME": url.path[1:],
        }  # fmt: skip
    else:
        environment |= {"IFP_DBT_TARGET": "duckdb", "IFP_WAREHOUSE_PATH": str(target)}
    return subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments,
            "--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "transform"),
            "--target-path", str(artefacts / "target"), "--log-path", str(artefacts / "logs"),
            "--vars", json.dumps({"as_of": as_of, "since": since}),
        ],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """Load raw rows into a new warehouse and build every model; fails with dbt's own output."""

    def run(raw: Raw, as_of: str, target: Path | str | None = None, *arguments: str) -> Built:
        home = tmp_path_factory.mktemp("transform")
        target = target or home / "warehouse.duckdb"
        raw.load(target)
        done = run_dbt(
            target, home, as_of, *(arguments or ("build", "--exclude-resource-type", "unit_test"))
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return Built(target)

    return run


ALDER, BIRCH, CEDAR = "alder", "birch", "cedar"


def _book() -> Raw:
    """Three tenants' books that meet every rule of the models; cedar has one source, no bank."""
    raw = Raw()
    ledger = RAW_TABLES["xero"]
    for tenant, connection, systems in (
        (ALDER, "north", ledger),
        (BIRCH, "south", ("organisations", "contacts", "invoices", "payments")),
        (CEDAR, "east", ledger),
    ):
        for entity in systems:
            raw.synced(tenant, connection, "xero", entity, FIRST_SYNC)
    raw.synced(ALDER, "bank", "bank", "transactions", FIRST_SYNC)
    raw.synced(ALDER, "north", "files", "receivables", FIRST_SYNC)
    _parties(raw)
    raw.organisation(CEDAR, "east", "Eastgate Glass Ltd", "IE 7777777 E")
    for code in ("c-acme", "c-other"):
        raw.contact(CEDAR, "east", code, f"Customer {code}", None)
    for seller in ((ALDER, "north"), (CEDAR, "east")):
        _receivables(raw, seller)
        _later_versions(raw, seller)
    raw.invoice(BIRCH, "south", "01001", "c-acme", date(2026, 5, 4), "1190.00", currency="USD")
    _filed(raw)
    _receipts(raw)
    _bureau(raw)
    return raw


def _parties(raw: Raw) -> None:
    raw.organisation(ALDER, "north", "Northwind Tools Ltd", "IE 1234567 A")
    raw.organisation(BIRCH, "south", "Südwind Möbel GmbH", "DE-987654321", BaseCurrency="USD")
    raw.contact(
        ALDER,
        "north",
        "c-acme",
        "Bergström Engineering GmbH",
        "DE 811 222 333",
        BankAccountDetails="DE11 2222 3333",
    )
    raw.contact(ALDER, "north", "c-acme-again", "Bergstroem Engineering", "de811222333")
    raw.contact(
        ALDER,
        "north",
        "c-person",
        "Anna Novak",
        "IE 7654321 B",
        FirstName="Anna",
        LastName="Novak",
        CompanyNumber="",
    )
    raw.contact(
        ALDER, "north", "c-other", "Harkness Paper Ltd", None, BankAccountDetails="GB99 1111"
    )
    raw.contact(ALDER, "north", "c-merged", "Harkness Papers", None, MergedToContactID="c-other")
    raw.contact(
        BIRCH, "south", "c-austria", "Österreich Möbel", None, Addresses=[{"Country": "Österreich"}]
    )
    raw.contact(BIRCH, "south", "c-acme", "Bergström Engineering GmbH", "DE 811 222 333")


def _receivables(raw: Raw, north: tuple[str, str]) -> None:
    day = date(2026, 5, 4)
    raw.invoice(*north, "01001", "c-acme", day, "1190.00", Reference="PO-77")
    raw.invoice(*north, "01002", "c-acme-again", day, "500.00", paid="200.00")
    raw.payment(*north, "p-1002", "01002", date(2026, 5, 20), 200.0)
    raw.invoice(
        *north,
        "01003",
        "c-person",
        day,
        "300.10",
        status="PAID",
        paid="300.10",
        FullyPaidOnDate=encoded(date(2026, 6, 10)),
    )
    raw.payment(*north, "p-1003", "01003", date(2026, 6, 10), 300.1)
    raw.invoice(
        *north,
        "01004",
        "c-other",
        day,
        "80.00",
        dispute="Open",
        modified_at=datetime(2026, 5, 30, 8, tzinfo=UTC),
    )
    raw.invoice(
        *north,
        "01005",
        "c-other",
        day,
        "80.00",
        dispute="Closed",
        modified_at=datetime(2026, 5, 30, 8, tzinfo=UTC),
    )
    raw.invoice(
        *north,
        "01006",
        "c-merged",
        day,
        "60.00",
        status="VOIDED",
        modified_at=datetime(2026, 5, 9, 8, tzinfo=UTC),
    )
    raw.invoice(*north, "01007", "c-acme", day, "60.00", status="DRAFT")
    raw.invoice(*north, "01008", "c-acme", day, "60.00", status="DELETED", is_deleted=True)
    raw.invoice(*north, "01009", "c-acme", day, "250.00", credited="250.00", status="PAID")
    raw.credit_note(
        *north, "cn-1", "c-acme", date(2026, 5, 12), 300.0, {"01009": (date(2026, 5, 13), 250.0)}
    )
    raw.invoice(
        *north,
        "01010",
        "c-acme",
        day,
        "700.00",
        status="PAID",
        paid="700.00",
        FullyPaidOnDate=encoded(date(2026, 6, 1)),
    )
    raw.invoice(*north, "01011", "c-other", day, "123456", currency="JPY")
    raw.invoice(*north, "01012", "c-other", day, "10.125", currency="KWD")
    raw.invoice(*north, "01013", "c-other", date(2026, 1, 5), "1234.5600000000001")
    raw.invoice(*north, "01014", "c-acme", date(2026, 9, 1), "99.00")
    raw.invoice(*north, "01015", "c-unknown", day, "45.00")
    raw.invoice(*north, "01016", "c-acme", day, "33.00", DateString="", DueDateString="")
    raw.invoice(*north, "01017", "c-acme", day, "150.00", paid="170.00", status="PAID")
    raw.payment(*north, "p-1017", "01017", date(2026, 5, 18), 170.0)
    raw.purchase_order(*north, "po-77", "c-acme", "PO-077", 1190.0)


def _later_versions(raw: Raw, north: tuple[str, str]) -> None:
    raw.invoice(*north, "01018", "c-acme", date(2026, 6, 1), "400.00")
    raw.invoice(*north, "01018", "c-acme", date(2026, 6, 1), "440.00", fetched_at=SECOND_SYNC)
    raw.invoice(*north, "01019", "c-acme", date(2026, 7, 1), "90.00", fetched_at=SECOND_SYNC)
    raw.invoice(*north, "01020", "c-acme", date(2026, 6, 1), "75.00")
    raw.invoice(
        *north,
        "01020",
        "c-acme",
        date(2026, 6, 1),
        "75.00",
        fetched_at=SECOND_SYNC,
        is_deleted=True,
    )
    raw.payment(*north, "p-late", "01001", date(2026, 6, 28), 190.0, fetched_at=SECOND_SYNC)
    raw.invoice(
        *north,
        "01001",
        "c-acme",
        date(2026, 5, 4),
        "1190.00",
        paid="190.00",
        Reference="PO-77",
        fetched_at=SECOND_SYNC,
    )
    raw.invoice(*north, "01021", "c-acme", date(2026, 6, 2), "10.00")
    raw.invoice(*north, "01021", "c-acme", date(2026, 6, 2), "11.00")


def _filed(raw: Raw) -> None:
    raw.file_row(
        ALDER,
        "north",
        "row-1",
        customer_code="C-9",
        customer_tax_id="DE811222333",
        invoice_number="INV-01001",
        issued_on="2026-05-04",
        due_on="2026-06-03",
        amount="1190.00",
    )
    raw.file_row(
        ALDER,
        "north",
        "row-2",
        customer_code="C-9",
        customer_tax_id="DE811222333",
        invoice_number="INV-7001",
        cleared_on="2026-04-10",
    )
    raw.file_row(
        ALDER,
        "north",
        "row-3",
        invoice_number="7002",
        amount="-12.345",
        document_type="credit_note",
    )
    raw.file_row(
        ALDER, "north", "row-4", invoice_number="7003", amount="50.005", open_amount="20.00"
    )
    raw.file_row(
        ALDER,
        "north",
        "row-5",
        invoice_number="7004",
        amount="75.00",
        is_disputed="true",
        cleared_on="2026-05-05",
    )
    raw.file_row(
        ALDER,
        "north",
        "row-6",
        invoice_number="7005",
        amount="64.00",
        issued_on="2026-12-01",
        due_on="2026-12-31",
    )
    raw.total(ALDER, "north", "files", "receivables", "EUR", 6, "1466.66")


def _receipts(raw: Raw) -> None:
    raw.account(ALDER, "acc-1", "Collections Northwind Tools Ltd", "IE00")
    payer = {"payer": "BERGSTROEM ENG", "iban": "DE1122223333"}
    raw.receipt(ALDER, "t-number", 119000, "RE: INV-01001", booked_on=date(2026, 5, 19), **payer)
    raw.receipt(
        ALDER, "t-joined", 40000 + 9900, "INV01018/INV01014", booked_on=date(2026, 6, 20), **payer
    )
    raw.receipt(ALDER, "t-fee", 69500, "01010", booked_on=date(2026, 5, 30), **payer)
    raw.receipt(ALDER, "t-short-digits", 70000, "inv 10", booked_on=date(2026, 5, 29), **payer)
    raw.receipt(
        ALDER,
        "t-account",
        8000,
        "PAYMENT",
        payer="UNKNOWN",
        iban="GB991111",
        booked_on=date(2026, 5, 20),
    )
    raw.receipt(
        ALDER,
        "t-account-unique",
        123456,
        "PAYMENT",
        payer="UNKNOWN",
        iban="GB991111",
        booked_on=date(2026, 5, 20),
    )
    raw.receipt(
        ALDER,
        "t-stranger",
        30010,
        "INV-01003",
        payer="SOMEBODY ELSE LTD",
        iban="XX",
        booked_on=date(2026, 6, 9),
    )
    raw.receipt(
        ALDER,
        "t-amount-only",
        25000,
        "thanks",
        payer="SOMEBODY ELSE LTD",
        iban="XX",
        booked_on=date(2026, 5, 10),
    )
    raw.receipt(ALDER, "t-partial", 100, "INV-01001", booked_on=date(2026, 5, 19), **payer)
    raw.receipt(
        ALDER, "t-dinar", 9125, "01012", currency="KWD", payer="HARKNESS PAPER",
        booked_on=date(2026, 6, 12),
    )  # fmt: skip
    raw.receipt(ALDER, "t-out", -500, "INV-01001", **payer)
    raw.receipt(ALDER, "t-structured", 3300, "RF71 INV0 1016", booked_on=date(2026, 5, 19), **payer)
    raw.receipt(ALDER, "t-late", 1100, "INV-01021", booked_on=date(2026, 7, 9), **payer)


def _bureau(raw: Raw) -> None:
    acme = _key(ALDER, "debtor", "tax", "DE811222333")
    other = _key(ALDER, "debtor", "north", "c-other")
    raw.match(ALDER, acme, "111111111", 9, "AAAAZZ")
    raw.report(ALDER, "111111111")
    raw.match(ALDER, other, "222222222", 8, "AZZZ")
    raw.report(ALDER, "222222222", bankruptcies=1, code=403)
    raw.match(ALDER, _key(ALDER, "debtor", "north", "c-unknown"), "333333333", 6, "BZ")


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@pytest.fixture(scope="session")
def book() -> Raw:
    """Raw rows of two tenants that meet every rule of the models once."""
    return _book()


@pytest.fixture(scope="session")
def dbt() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run dbt itself: `dbt(warehouse, folder for its artefacts, as_of, *arguments, since=…)`."""
    return run_dbt


@pytest.fixture(scope="session")
def built_book(build: Callable[..., Built], book: Raw) -> Callable[[str], Built]:
    """The book with every model built as of a moment; each moment is built once."""
    built: dict[str, Built] = {}

    def at(as_of: str) -> Built:
        if as_of not in built:
            built[as_of] = build(book, as_of)
        return built[as_of]

    return at


@pytest.fixture(scope="session")
def after_second_sync(built_book: Callable[[str], Built]) -> Built:
    """The book as known on 3 July, a day after the second sync."""
    return built_book("2026-07-03T00:00:00+00:00")


@pytest.fixture(scope="session")
def after_first_sync(built_book: Callable[[str], Built]) -> Built:
    """The book as known on 30 June, just after the first sync."""
    return built_book("2026-06-30T13:00:00+00:00")


@pytest.fixture(scope="session")
def new_raw() -> Callable[[], Raw]:
    """Start with no raw rows at all."""
    return Raw


@pytest.fixture(scope="session")
def after_second_sync_on_postgres(
    build: Callable[..., Built], book: Raw, new_postgres_url: Callable[[], str]
) -> Built:
    """The same rows and moment, built on Postgres."""
    return build(book, "2026-07-03T00:00:00+00:00", new_postgres_url())
