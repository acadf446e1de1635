"""Debtors by what they owe: shares of the book, and what a share limit would cut off."""

from __future__ import annotations

import polars as pl


def largest(book: pl.DataFrame) -> pl.DataFrame:
    """Rank the debtors of one currency by what they owe, net of their credit notes.

    Args:
        book: ``debtor_id, open_minor``.

    Returns:
        ``debtor_id, receivables, open_minor, share_ppm`` (of all positive balances), largest first.
    """
    owed = book.group_by("debtor_id").agg(
        receivables=pl.len().cast(pl.Int64), open_minor=pl.col("open_minor").sum()
    )
    whole = int(owed["open_minor"].clip(lower_bound=0).sum())
    share = pl.when(pl.col("open_minor") > 0).then(
        (pl.col("open_minor").cast(pl.Int128) * 1_000_000 // max(whole, 1)).cast(pl.Int64)
    )
    return owed.with_columns(share_ppm=share.otherwise(0)).sort(
        ["open_minor", pl.col("debtor_id").cast(pl.String)], descending=[True, False]
    )


def excess(lines: pl.DataFrame) -> dict[str, int]:
    """Sum what the concentration rule took, by debtor: ``debtor_id, rule, amount_minor``."""
    taken = lines.filter(pl.col("rule") == "E17").group_by("debtor_id")
    return {
        str(debtor): int(minor)
        for debtor, minor in taken.agg(pl.col("amount_minor").sum()).iter_rows()
    }
