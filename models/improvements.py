"""What would make more of a book eligible, ranked by money.

Each way is tried by judging the book again with that one thing changed, so a figure holds what
follows from it too: a debtor whose old invoices are paid has its others back, but may then stand
above its share. The ways are not added up: each is measured alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.decisions.eligibility import BorrowingBase, eligibility
from models.decisions.policy import Policy


@dataclass(frozen=True, slots=True)
class Improvement:
    """One way to more.

    Attributes:
        currency: Of the money.
        code: Reason that would go.
        key: Stable name of the way.
        receivables: Invoices it is about.
        debtors: Debtors of these.
        eligible_gain_minor: What would be eligible in addition.
    """

    currency: str
    code: str
    key: str
    receivables: int
    debtors: int
    eligible_gain_minor: int


_CODES = {
    "disputes_settled": "R110",
    "aged_collected": "R105",
    "limits_raised": "R117",
    "due_dates_corrected": "R116",
    "repeats_explained": "R201",
}
"""Way to the reason code that would go."""


def improvements(
    book: pl.DataFrame, base: BorrowingBase, policy: Policy, as_of_on: date
) -> list[Improvement]:
    """Measure each way on an open book.

    Args:
        book: What the base was made of: ``decisions.eligibility.COLUMNS`` and its optional ones.
        base: The borrowing base of it.
        policy: Policy in force.
        as_of_on: Day from which ages are counted.

    Returns:
        The ways that gain something, the largest first within a currency.
    """
    before = _eligible(base)
    found: list[Improvement] = []
    for key, concerned, changed in _ways(book, base):
        if concerned.is_empty():
            continue
        after = _eligible(eligibility(changed, policy, as_of_on))
        for currency, count, debtors in _counts(concerned):
            gain = after.get(currency, 0) - before.get(currency, 0)
            found.append(Improvement(currency, _CODES[key], key, count, debtors, gain))
    found += _limits(base)
    gaining = (item for item in found if item.eligible_gain_minor > 0)
    return sorted(gaining, key=lambda item: (item.currency, -item.eligible_gain_minor, item.key))


def _ways(
    book: pl.DataFrame, base: BorrowingBase
) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Give each way with the invoices it is about and the book as it would be."""
    is_open = pl.col("open_minor") > 0
    disputed = book.filter(pl.col("is_disputed") & is_open)
    settled = {"is_disputed": pl.lit(False), "disputed_minor": pl.lit(0, dtype=pl.Int64)}
    yield "disputes_settled", disputed, book.with_columns(**settled)

    backwards = pl.col("due_on") < pl.col("issued_on")
    corrected = pl.when(~backwards | pl.col("due_on").is_null()).then("due_on")
    yield (
        "due_dates_corrected",
        book.filter(backwards & is_open),
        book.with_columns(
            due_on=corrected,
            terms_days=pl.when(pl.col("terms_days") >= 0).then("terms_days"),
        ),
    )
    if "is_repeated" in book.columns:
        yield (
            "repeats_explained",
            book.filter(pl.col("is_repeated") & is_open),
            book.with_columns(is_repeated=pl.lit(False)),
        )
    tainted = base.lines.filter(pl.col("rule") == "E05").select("debtor_id", "currency").unique()
    aged = base.lines.filter(pl.col("rule") == "E03").join(
        tainted, on=["debtor_id", "currency"], how="semi"
    )
    yield "aged_collected", aged, book.join(aged, on="receivable_id", how="anti")


def _limits(base: BorrowingBase) -> list[Improvement]:
    """Read off what the last rule took: without it just that much more is eligible."""
    taken = base.lines.filter(pl.col("rule") == "E17")
    sums = taken.group_by("currency").agg(
        pl.len(), pl.col("debtor_id").n_unique(), pl.col("amount_minor").sum()
    )
    return [
        Improvement(str(currency), "R117", "limits_raised", int(count), int(debtors), int(minor))
        for currency, count, debtors, minor in sums.iter_rows()
    ]


def _counts(concerned: pl.DataFrame) -> list[tuple[str, int, int]]:
    grouped = concerned.group_by("currency").agg(pl.len(), pl.col("debtor_id").n_unique())
    return [(str(currency), int(n), int(debtors)) for currency, n, debtors in grouped.iter_rows()]


def _eligible(base: BorrowingBase) -> dict[str, int]:
    sums = base.receivables.group_by("currency").agg(pl.col("eligible_minor").sum())
    return {str(currency): int(minor) for currency, minor in sums.iter_rows()}
