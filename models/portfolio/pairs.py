"""Suspected duplicates with what both invoices are, the one with most open money first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

_COLUMNS = ("number", "issued_on", "gross_minor")


def joined(
    repeats: Mapping[str, Sequence[tuple[str, str, str]]], receivables: pl.DataFrame
) -> pl.DataFrame:
    """Describe both sides of each pair.

    Args:
        repeats: The later receivable to rule, basis and the other receivable.
        receivables: ``receivable_id, debtor_id, currency, number, issued_on, gross_minor,
            open_minor``.

    Returns:
        One row per pair: ``receivable_id, other_id, rule, basis``, the later one's columns, and
        ``other_number, other_issued_on, other_gross_minor``.
    """
    pairs = [
        (later, other, rule, basis)
        for later, found in repeats.items()
        for rule, basis, other in found
    ]
    names = ("receivable_id", "other_id", "rule", "basis")
    frame = pl.DataFrame(pairs, schema=dict.fromkeys(names, pl.String), orient="row")
    later = receivables.select("receivable_id", "debtor_id", "currency", "open_minor", *_COLUMNS)
    other = receivables.select(
        pl.col("receivable_id").alias("other_id"),
        *(pl.col(name).alias(f"other_{name}") for name in _COLUMNS),
    )
    return (
        frame.join(later, on="receivable_id")
        .join(other, on="other_id")
        .sort("open_minor", "gross_minor", "receivable_id", descending=[True, True, False])
    )
