"""What is owed and how old it is, per currency; every sum is that of the rows.

A *book* here and in this folder is a frame with one row per open receivable: ``receivable_id,
debtor_id, currency, document_type, open_minor`` (credit notes negative), ``issued_on, due_on,
terms_days, is_disputed, disputed_minor``; modules name what they need besides.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from models.domain.terms import due_dates

BUCKETS = ("not_due", "1_30", "31_60", "61_90", "91_120", "over_120")
"""Ageing buckets in order; the invoice basis counts from the day after the issue."""

_FIRST_DAYS = (1, 31, 61, 91, 121)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The open money of one currency.

    Attributes:
        minor: Net of credit notes; the control total of everything else.
        invoices: Open invoices.
        invoices_minor: Their sum.
        credit_notes: Open credit notes.
        credit_notes_minor: Their sum, negative.
        debtors: Who owes or is owed.
        past_due: Invoices past their due date.
        past_due_minor: Their sum.
        disputed: Disputed invoices.
        disputed_minor: What is disputed of them.
        without_due_date: Invoices taken as due by their terms, 30 days where those are unknown.
    """

    minor: int
    invoices: int
    invoices_minor: int
    credit_notes: int
    credit_notes_minor: int
    debtors: int
    past_due: int
    past_due_minor: int
    disputed: int
    disputed_minor: int
    without_due_date: int

    def body(self) -> dict[str, int]:
        """Give the mapping of the answer."""
        return asdict(self)


def outstanding(book: pl.DataFrame, as_of_on: date) -> Outstanding:
    """Sum the book of one currency."""
    is_invoice = pl.col("document_type") == "invoice"
    is_late = is_invoice & (due_dates() < as_of_on)
    is_disputed = is_invoice & pl.col("is_disputed").fill_null(False)
    amount = pl.col("open_minor")
    row = book.select(
        minor=amount.sum(),
        invoices=is_invoice.sum(),
        invoices_minor=amount.filter(is_invoice).sum(),
        credit_notes=(~is_invoice).sum(),
        credit_notes_minor=amount.filter(~is_invoice).sum(),
        debtors=pl.col("debtor_id").n_unique(),
        past_due=is_late.sum(),
        past_due_minor=amount.filter(is_late).sum(),
        disputed=is_disputed.sum(),
        disputed_minor=pl.col("disputed_minor").filter(is_disputed).sum(),
        without_due_date=(is_invoice & pl.col("due_on").is_null()).sum(),
    ).row(0, named=True)
    return Outstanding(**{name: int(value or 0) for name, value in row.items()})


def ageing(book: pl.DataFrame, as_of_on: date) -> dict[str, list[dict[str, Any]]]:
    """Give the ageing by due date and by invoice date; each adds up to the outstanding.

    Credit notes without a due date count from their issue, as a debtor would net them.
    """
    is_credit = pl.col("document_type") == "credit_note"
    due = pl.when(is_credit).then(pl.coalesce("due_on", "issued_on")).otherwise(due_dates())
    days = {"due": due, "invoice": pl.col("issued_on")}
    return {
        basis: _bucketed(book, (pl.lit(as_of_on) - start).dt.total_days())
        for basis, start in days.items()
    }


def _bucketed(book: pl.DataFrame, days: pl.Expr) -> list[dict[str, Any]]:
    place = pl.sum_horizontal([(days >= first).cast(pl.Int64) for first in _FIRST_DAYS])
    sums = {
        int(row[0]): row[1:]
        for row in book.group_by(place.alias("place"))
        .agg(pl.len(), pl.col("open_minor").sum())
        .iter_rows()
    }
    return [
        {
            "bucket": name,
            "receivables": int(sums.get(at, (0, 0))[0]),
            "minor": int(sums.get(at, (0, 0))[1]),
        }
        for at, name in enumerate(BUCKETS)
    ]


def fullest_month_end(history: pl.DataFrame, as_of_on: date) -> date | None:
    """Name the month end on which most was open, for a file in which nothing is open any more.

    Args:
        history: ``document_type, issued_on, settled_on, gross_minor``.
        as_of_on: Only month ends before it.
    """
    invoices = history.filter(pl.col("document_type") == "invoice")
    moves = pl.concat(
        [
            invoices.select(on="issued_on", minor="gross_minor"),
            invoices.filter(pl.col("settled_on").is_not_null()).select(
                on="settled_on", minor=-pl.col("gross_minor")
            ),
        ]
    )
    months = (
        moves.group_by(pl.col("on").dt.month_end())
        .agg(pl.col("minor").sum())
        .sort("on")
        .with_columns(open_minor=pl.col("minor").cum_sum())
        .filter((pl.col("on") < as_of_on) & (pl.col("open_minor") > 0))
        .sort("open_minor", "on", descending=[True, True])
    )
    found: list[date] = months["on"].to_list()
    return found[0] if found else None
