"""What is asked of the past, as arrays: times, groups, dates and amounts of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from models.domain.matrix import Ints
from models.domain.terms import due_dates, due_on

DAY = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = _EPOCH.toordinal()


@dataclass(frozen=True)
class Asked:
    """Requests as arrays, one element per request.

    Attributes:
        at: Knowledge time, microseconds.
        keys: Group name to group number, -1 when the history has no such group.
        own: Row of the request's own receivable in the history, -1 when it has none.
        issued: Issue date, days since 1970.
        due: Due date, days since 1970.
        gross: Gross amount in minor units.
        weekday: Weekday of the due date, 1 Monday.
        month_day: Day of month of the due date.
        month: Month of the due date.
    """

    at: Ints
    keys: Mapping[str, Ints]
    own: Ints
    issued: Ints
    due: Ints
    gross: Ints
    weekday: Ints
    month_day: Ints
    month: Ints

    @classmethod
    def of(cls, block: Ints, keys: Mapping[str, Ints], own: Ints) -> Asked:
        """Take the figures of a block, see :func:`block`."""
        at, issued, due, gross, weekday, month_day, month = np.ascontiguousarray(block.T)
        return cls(at, keys, own, issued, due, gross, weekday, month_day, month)


def block(requests: pl.DataFrame, as_of: datetime) -> Ints:
    """Give what :class:`Asked` holds of each request, one column per figure."""
    due = due_dates()
    found: Ints = requests.select(
        pl.col("decided_at").dt.epoch("us") if "decided_at" in requests.columns else _at(as_of),
        pl.col("issued_on").cast(pl.Int32).cast(pl.Int64),
        due.cast(pl.Int32).cast(pl.Int64).alias("due"),
        pl.col("gross_minor").cast(pl.Int64),
        due.dt.weekday().cast(pl.Int64).alias("weekday"),
        due.dt.day().cast(pl.Int64).alias("month_day"),
        due.dt.month().cast(pl.Int64).alias("month"),
    ).to_numpy()
    return found


def alone(row: Mapping[str, Any], as_of: datetime) -> Ints:
    """Give the same of a single request."""
    issued, due = row["issued_on"], due_on(row)
    at = (row.get("decided_at", as_of) - _EPOCH) // timedelta(microseconds=1)
    figures = (
        at, issued.toordinal() - _FIRST, due.toordinal() - _FIRST, row["gross_minor"],
        due.isoweekday(), due.day, due.month,
    )  # fmt: skip
    return np.array([figures], dtype=np.int64)


def _at(as_of: datetime) -> pl.Expr:
    micros = (as_of - _EPOCH) // timedelta(microseconds=1)
    return pl.repeat(micros, pl.len(), dtype=pl.Int64).alias("at")
