"""A book drawn from a seed, as the marts would give it; each debtor has a lateness of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from models.assessment import Facts

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
