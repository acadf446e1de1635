"""Small books of receivables for the tests of the models."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.book import Facts
from models.decisions.policy import Policy
from models.domain.normalise import number_norm

AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)

RECEIVABLES = {
    "tenant_id": pl.String, "receivable_id": pl.String, "seller_id": pl.String,
    "debtor_id": pl.String, "connection_id": pl.String, "source_system": pl.String,
    "record_id": pl.String, "document_type": pl.String, "number": pl.String,
    "number_norm": pl.String, "purchase_order_number": pl.String, "has_purchase_order": pl.Boolean,
    "purchase_order_minor": pl.Int64, "issued_on": pl.Date, "due_on": pl.Date,
    "terms_days": pl.Int64, "currency": pl.String, "gross_minor": pl.Int64, "tax_minor": pl.Int64,
    "paid_minor": pl.Int64, "credited_minor": pl.Int64, "open_minor": pl.Int64,
    "disputed_minor": pl.Int64, "is_disputed": pl.Boolean, "status": pl.String,
    "settled_on": pl.Date, "settled_recorded_at": pl.Datetime("us", "UTC"),
    "recorded_at": pl.Datetime("us", "UTC"), "seller_tax_id": pl.String, "debtor_tax_id": pl.String,
}  # fmt: skip

Row = dict[str, Any]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def receivable(**given: Any) -> Row:
    """Complete one row: open, 30 days, EUR 1,000.00, recorded on its own date."""
    number = given.get("number", f"INV-{given.get('receivable_id', 'x')}")
    issued = given.get("issued_on", date(2026, 6, 10))
    settled = given.get("settled_on")
    gross = given.get("gross_minor", 100_000)
    row: Row = {
        "tenant_id": "alder", "receivable_id": "r1", "seller_id": "s1", "debtor_id": "d1",
        "connection_id": "c1", "source_system": "xero", "document_type": "invoice",
        "number": number, "number_norm": number_norm(number), "purchase_order_number": None,
        "has_purchase_order": False, "purchase_order_minor": None, "issued_on": issued,
        "due_on": issued + timedelta(days=30), "terms_days": 30, "currency": "EUR",
        "gross_minor": gross, "tax_minor": 0, "paid_minor": gross if settled else 0,
        "credited_minor": 0, "open_minor": 0 if settled else gross, "disputed_minor": 0,
        "is_disputed": False, "status": "paid" if settled else "open", "settled_on": None,
        "settled_recorded_at": midnight(settled) if settled else None,
        "recorded_at": midnight(issued), "seller_tax_id": "ST1", "debtor_tax_id": None,
    }  # fmt: skip
    row.update(given)
    row.setdefault("record_id", row["receivable_id"])
    return row


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RECEIVABLES)


def economy(
    seed: int = 1, *, invoices: int = 400, sellers: int = 2, debtors: int = 8
) -> pl.DataFrame:
    """Draw a book: each debtor pays around its own lateness; some invoices are open."""
    rng = random.Random(seed)  # noqa: S311 - a drawn book, not a secret
    habits = [rng.choice([-6, -3, 0, 3, 8, 20]) for _ in range(debtors)]
    rows = []
    for i in range(invoices):
        debtor = rng.randrange(debtors)
        issued = date(2025, 4, 1) + timedelta(days=rng.randrange(455))
        paid = issued + timedelta(days=max(1, 30 + habits[debtor] + round(rng.gauss(0, 6))))
        rows.append(
            receivable(
                receivable_id=f"r{i:05d}",
                seller_id=f"s{rng.randrange(sellers)}",
                debtor_id=f"d{debtor}",
                number=f"INV-{1000 + 7 * i}",
                issued_on=issued,
                gross_minor=rng.randrange(20_000, 900_000),
                settled_on=paid if paid <= AS_OF.date() else None,
            )
        )
    return frame(rows)


def facts_of(history: pl.DataFrame, **changes: Any) -> Facts:
    """Ask for every open receivable of a book."""
    parties = history.select("debtor_id").unique().sort("debtor_id")
    debtors = parties.with_columns(
        tax_id=pl.lit("T") + pl.col("debtor_id"),
        is_natural_person=pl.lit(False),
        is_insolvent=pl.lit(False),
        operating_status=pl.lit(None, dtype=pl.String),
    )
    sellers = (
        history.select("seller_id")
        .unique()
        .sort("seller_id")
        .with_columns(tax_id=pl.lit("T") + pl.col("seller_id"), base_currency=pl.lit("EUR"))
    )
    requests = history.filter((pl.col("open_minor") > 0) & (pl.col("document_type") == "invoice"))
    known = {
        "as_of": AS_OF,
        "requests": requests.with_columns(requested_at=pl.lit(AS_OF)),
        "history": history,
        "debtors": debtors,
        "sellers": sellers,
    }
    return Facts(**{**known, **changes})


@pytest.fixture(scope="session")
def policy_text() -> str:
    import models.decisions

    folder = Path(str(models.decisions.__file__)).parent
    return (folder / "policies" / "default.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def policy(policy_text: str) -> Policy:
    return Policy.load(policy_text)


@pytest.fixture
def make_receivable() -> Callable[..., Row]:
    return receivable


@pytest.fixture
def make_frame() -> Callable[[list[Row]], pl.DataFrame]:
    return frame


@pytest.fixture
def make_economy() -> Callable[..., pl.DataFrame]:
    return economy


@pytest.fixture
def make_facts() -> Callable[..., Facts]:
    return facts_of


@pytest.fixture
def as_of() -> datetime:
    return AS_OF
