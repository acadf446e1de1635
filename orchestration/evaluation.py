"""`ifp evaluate`: how well lateness is predicted on a file of settled invoices, as measured.

The file is read through the same proposed mapping as a run; what cannot be read is counted, not
guessed. Training ends before the test begins (rolling origins), and debtors are drawn whole.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

_ANY_CURRENCY = "EUR"
"""Stands in where a file names none: amounts are compared within the file only."""


def evaluate(path: Path, *, currency: str | None = None) -> dict[str, Any]:
    """Measure the lateness models on a file beside their baselines.

    Args:
        path: CSV or Excel with debtor, due date, clear date and amount in any columns.
        currency: For files that name none.

    Raises:
        ingestion.documents.sheet.DocumentRefused: The file cannot be read one way.
        models.domain.errors.InvalidFacts: No row is usable.
    """
    from ingestion.documents import receivables
    from models import learning

    mapping = receivables.propose_mapping(path, currency=currency or _ANY_CURRENCY)
    document = receivables.read(path, mapping)
    frame = settled_frame(document.records)
    measured = learning.evaluate(frame)
    return {
        "file": path.name,
        "rows": len(document.rows),
        "rejected": len(document.rejects),
        "settled": int(frame["cleared_on"].is_not_null().sum()),
        "mapping": dict(mapping.columns),
        "auc": _headline([item.body() for item in measured]),
        "origins": [item.body() for item in measured],
    }


def settled_frame(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Turn canonical rows into the frame that evaluation takes: one row per invoice."""
    import polars as pl

    invoices = [row for row in records if row["document_type"] == "invoice"]
    return pl.DataFrame(
        {
            "debtor": [row["customer_code"] or row["customer_name"] for row in invoices],
            "issued_on": [_day(row["issued_on"]) for row in invoices],
            "due_on": [_day(row["due_on"]) for row in invoices],
            "cleared_on": [_day(row["cleared_on"]) for row in invoices],
            "amount_minor": [_minor(row["amount"], row["currency"]) for row in invoices],
            "currency": [row["currency"] for row in invoices],
        },
        schema={
            "debtor": pl.String,
            "issued_on": pl.Date,
            "due_on": pl.Date,
            "cleared_on": pl.Date,
            "amount_minor": pl.Int64,
            "currency": pl.String,
        },
    )


def _headline(origins: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the figures of the origin in the middle, with 95 % intervals, as shares of one."""
    if not origins:
        return {}
    middle = origins[len(origins) // 2]
    figures = {name: _shares(figure) for name, figure in middle["auc_ppm"].items()}
    return {
        "origin": middle["origin"],
        "test_invoices": middle["test_count"],
        "single_feature": middle["single_feature"],
        **figures,
        "gain_over_single": _shares(middle["gain_ppm"]),
    }


def _shares(figure: dict[str, int]) -> dict[str, float]:
    return {name: round(ppm / 1_000_000, 4) for name, ppm in figure.items()}


def _minor(amount: str, currency: str | None) -> int:
    """Give an amount in minor units of its currency; more digits are rounded half-even."""
    from models.domain.money import to_minor

    return to_minor(Decimal(amount), currency or _ANY_CURRENCY, rounding=ROUND_HALF_EVEN)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
