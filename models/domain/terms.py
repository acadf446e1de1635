"""When an invoice falls due: the one rule for rows and for columns.

Its due date where it has one, else ``terms_days`` after its issue, else 30 days after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

DEFAULT_TERMS_DAYS = 30


def due_on(row: Mapping[str, Any]) -> date:
    """Give the due date of a row with ``due_on``, ``issued_on`` and ``terms_days``."""
    due: date | None = row["due_on"]
    if due is not None:
        return due
    issued: date = row["issued_on"]
    terms = row["terms_days"]
    return issued + timedelta(days=DEFAULT_TERMS_DAYS if terms is None else int(terms))


def due_dates() -> pl.Expr:
    """Give the due dates of a frame with the same columns."""
    terms = pl.col("terms_days").cast(pl.Int64).fill_null(DEFAULT_TERMS_DAYS)
    return pl.coalesce("due_on", pl.col("issued_on") + pl.duration(days=terms))
