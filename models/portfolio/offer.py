"""What would be advanced on a book, at what price, and what stands in the way of the rest.

Summed from verdicts, one row per open invoice. What is *approved* would be bought as it stands;
what is *referred* after a person looked at it; the rest not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

OUTCOMES = ("approve", "refer", "reject")
_NAMES = {"approve": "approved", "refer": "referred", "reject": "rejected"}
_SUMS = ("open_minor", "eligible_minor", "face_minor", "advance_minor", "fee_minor")
_MILLION = 1_000_000


def offer(verdicts: pl.DataFrame, texts: Mapping[str, str]) -> dict[str, Any]:
    """Sum the verdicts of one currency.

    Args:
        verdicts: ``outcome, code, open_minor, eligible_minor, advance_minor, fee_minor,
            tenor_days``; the fee is 0 where nothing is advanced.
        texts: Reason code to text.

    Returns:
        Sums per outcome; rates and terms of what is approved, weighted by money; the first reason
        of what is not approved, largest sum first.
    """
    face = pl.when(pl.col("advance_minor") > 0).then(pl.col("eligible_minor").clip(lower_bound=0))
    rows = verdicts.with_columns(face_minor=face.otherwise(0))
    sums = {
        str(row["outcome"]): row
        for row in rows.group_by("outcome")
        .agg(
            pl.len().alias("invoices"),
            *(pl.col(name).sum() for name in _SUMS),
            weighted=(pl.col("advance_minor").cast(pl.Int128) * pl.col("tenor_days")).sum(),
        )
        .iter_rows(named=True)
    }
    found: dict[str, Any] = {
        _NAMES[outcome]: {
            name: int(sums.get(outcome, {}).get(name) or 0)
            for name in ("invoices", "open_minor", "eligible_minor", "advance_minor", "fee_minor")
        }
        for outcome in OUTCOMES
    }
    approved = sums.get("approve", {})
    return {**found, **_terms(approved), "reasons": _reasons(verdicts, texts)}


def _terms(row: Mapping[str, Any]) -> dict[str, int | None]:
    advance, fee, face = (
        int(row.get(name) or 0) for name in ("advance_minor", "fee_minor", "face_minor")
    )
    names = ("advance_ppm", "price_ppm", "price_30d_ppm", "tenor_days", "apr_ppm")
    if not advance or not face:
        return dict.fromkeys(names)
    weighted = int(row["weighted"])
    days = max(1, (2 * weighted + advance) // (2 * advance))
    return {
        "advance_ppm": advance * _MILLION // face,
        "price_ppm": fee * _MILLION // face,
        "price_30d_ppm": fee * _MILLION * 30 * advance // (face * weighted),
        "tenor_days": days,
        "apr_ppm": fee * _MILLION * 365 // weighted,
    }


def _reasons(verdicts: pl.DataFrame, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    grouped = (
        verdicts.filter((pl.col("outcome") != "approve") & pl.col("code").is_not_null())
        .group_by("outcome", "code")
        .agg(invoices=pl.len(), open_minor=pl.col("open_minor").sum())
        .sort("open_minor", "code", descending=[True, False])
    )
    return [
        {
            "outcome": outcome,
            "code": code,
            "text": texts[code],
            "invoices": int(invoices),
            "open_minor": int(minor),
        }
        for outcome, code, invoices, minor in grouped.iter_rows()
    ]
