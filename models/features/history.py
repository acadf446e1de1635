"""The indexed past: settlements, open and overdue invoices as streams of events per group.

    receivables ──► codes per group (tenant, debtor, seller, pair, …)
                ──► streams: settled · opened · closed · overdue · overdue closed

Built once per history and asked by any number of requests. An event takes part from the moment it
became known: a settlement when it was recorded, an invoice when it was recorded, "overdue" on the
day after the due date at the earliest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from models.domain.errors import InvalidFacts
from models.domain.matrix import Ints
from models.domain.terms import due_dates
from models.features.asked import DAY, Asked, alone, block
from models.features.contract import HISTORY_COLUMNS, REQUEST_COLUMNS
from models.features.streams import GroupNumbers, Numbers, Stream, Timeline

NEVER = np.iinfo(np.int64).max // 4
ANNULLED = ("draft", "void", "reversed")
OVERDUE_EDGES = (0, 5, 10, 15, 20, 30, 45, 60, 90)
GROUPS: Mapping[str, tuple[str, ...]] = {
    "tenant": ("tenant_id",),
    "debtor": ("debtor_id",),
    "seller": ("seller_id",),
    "money": ("debtor_id", "currency"),
    "pair": ("seller_id", "debtor_id", "currency"),
    "book": ("tenant_id", "currency"),
}
"""Whose behaviour the features compare, by the columns that name the group."""

_GROUPED = tuple(dict.fromkeys(name for columns in GROUPS.values() for name in columns))


class History:
    """The past of one or more tenants.

    Args:
        receivables: Columns ``contract.HISTORY_COLUMNS``; extra columns are ignored.

    Raises:
        InvalidFacts: A column is missing.
    """

    def __init__(self, receivables: pl.DataFrame) -> None:
        require(receivables, HISTORY_COLUMNS)
        rows = _prepared(receivables)
        self._codes: dict[str, dict[Hashable, int]] = {}
        self._keys: dict[str, GroupNumbers] = {}
        for name, columns in GROUPS.items():
            found = rows.select(columns).unique(maintain_order=True)
            self._codes[name] = {value: i for i, value in enumerate(_values(found, columns))}
            self._keys[name] = _joined(rows.select(columns), found)
        self._ids = rows["receivable_id"]
        self.columns: dict[str, Ints] = {
            name: rows[name].to_numpy().astype(np.int64)
            for name in ("issued", "due", "settled", "known", "closed", "gross_minor")
        }
        starts = np.maximum(self.columns["known"], (self.columns["due"] + 1) * DAY)
        self.columns["overdue"] = np.where(starts < self.columns["closed"], starts, NEVER)

    def ask(self, requests: pl.DataFrame, as_of: datetime) -> Asked:
        """Turn requests into arrays.

        Args:
            requests: Columns ``contract.REQUEST_COLUMNS``; ``decided_at`` overrides ``as_of``.
            as_of: Knowledge time, UTC.
        """
        require(requests, REQUEST_COLUMNS)
        if requests.height == 1:
            return self._ask_alone(requests.row(0, named=True), as_of)
        keys = {
            name: _numbers(self._codes[name], _values(requests, columns))
            for name, columns in GROUPS.items()
        }
        own = self._own(requests["receivable_id"])
        return Asked.of(block(requests, as_of), keys, own)

    def _ask_alone(self, row: Mapping[str, Any], as_of: datetime) -> Asked:
        """Turn a single request into arrays, without the cost of queries."""
        keys = {}
        for name, columns in GROUPS.items():
            values = tuple(row[column] for column in columns)
            number = self._codes[name].get(values if len(values) > 1 else values[0], -1)
            keys[name] = np.array([number], dtype=np.int64)
        place = bisect_left(self._ids, row["receivable_id"])
        is_known = place < len(self._ids) and self._ids[place] == row["receivable_id"]
        own = np.array([place if is_known else -1], dtype=np.int64)
        return Asked.of(alone(row, as_of), keys, own)

    def _own(self, receivable_ids: pl.Series) -> Ints:
        """Give the row of each receivable; the history is sorted by id."""
        if self._ids.is_empty():
            return np.full(len(receivable_ids), -1, dtype=np.int64)
        place = self._ids.search_sorted(receivable_ids)
        inside = place.clip(upper_bound=len(self._ids) - 1)
        is_there = self._ids.gather(inside) == receivable_ids
        return np.where(is_there.to_numpy(), inside.to_numpy().astype(np.int64), -1)

    def own(self, name: str, asked: Asked) -> Ints:
        """Give a column's value of each request's own receivable, ``NEVER`` where it has none."""
        column = self.columns[name]
        if not len(column):
            return np.full(len(asked.own), NEVER, dtype=np.int64)
        return np.where(asked.own < 0, NEVER, column[asked.own])

    @cached_property
    def settled(self) -> dict[str, Stream]:
        """Settlements by group, each known when it was recorded."""
        column = self.columns
        paid = np.flatnonzero((column["closed"] < NEVER) & (column["settled"] < NEVER))
        beyond = column["settled"][paid] - column["due"][paid]
        taken = column["settled"][paid] - column["issued"][paid]
        month = column["closed"][paid] // (30 * DAY)
        gross = column["gross_minor"][paid]
        late = (beyond > 0).astype(np.int64)
        values: dict[str, Numbers] = {
            "n": np.ones(len(paid), dtype=np.int8),
            "late": late,
            "beyond": beyond,
            "taken": taken,
            "taken2": taken * taken,
            "gross": gross,
            "gross_late": gross * late,
            "month": month,
            "month2": month * month,
            "month_beyond": month * beyond,
            "closed_day": column["closed"][paid] // DAY,
        }
        for edge in OVERDUE_EDGES:
            values[f"over{edge}"] = beyond > edge
        tie = np.arange(len(paid), dtype=np.int64)
        return {
            name: Stream(self.timeline, key[paid], column["closed"][paid], values, tie)
            for name, key in self._keys.items()
        }

    @cached_property
    def opened(self) -> dict[str, Stream]:
        """Invoices from the moment they were recorded."""
        return self._levels(np.arange(len(self._ids)), "known")

    @cached_property
    def closed(self) -> dict[str, Stream]:
        """The same invoices when they were known to be closed."""
        return self._levels(np.flatnonzero(self.columns["closed"] < NEVER), "closed")

    @cached_property
    def overdue(self) -> dict[str, Stream]:
        """Invoices from the day they were known to be past due."""
        return self._levels(np.flatnonzero(self.columns["overdue"] < NEVER), "overdue")

    @cached_property
    def overdue_closed(self) -> dict[str, Stream]:
        """Overdue invoices when they were known to be closed."""
        column = self.columns
        rows = np.flatnonzero((column["overdue"] < NEVER) & (column["closed"] < NEVER))
        return self._levels(rows, "closed")

    @cached_property
    def timeline(self) -> Timeline:
        """All moments at which something of the past became known."""
        known, closed, overdue = (self.columns[n] for n in ("known", "closed", "overdue"))
        return Timeline(np.concatenate((known, closed[closed < NEVER], overdue[overdue < NEVER])))

    def _levels(self, rows: Ints, moment: str) -> dict[str, Stream]:
        values: dict[str, Numbers] = {
            "n": np.ones(len(rows), dtype=np.int8),
            "gross": self.columns["gross_minor"][rows],
            "due": self.columns["due"][rows],
        }
        at = self.columns[moment][rows]
        return {
            name: Stream(self.timeline, self._keys[name][rows], at, values, rows)
            for name in ("debtor", "money")
        }


def require(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse a frame that lacks columns.

    Raises:
        InvalidFacts: Names what is missing.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InvalidFacts(f"columns are missing: {', '.join(missing)}")


def _prepared(receivables: pl.DataFrame) -> pl.DataFrame:
    """Keep invoices that count, by id, and of them only what is indexed."""
    micros = pl.col("recorded_at").dt.epoch("us")
    settled = pl.col("settled_recorded_at").dt.epoch("us")
    paid_on = pl.when(pl.col("status") != "credited").then("settled_on")
    counts = ~pl.col("status").is_in(ANNULLED) & (pl.col("document_type") == "invoice")
    kept = receivables.filter(counts).select(
        "receivable_id",
        *_GROUPED,
        issued=pl.col("issued_on").cast(pl.Int32).cast(pl.Int64),
        due=due_dates().cast(pl.Int32).cast(pl.Int64),
        settled=paid_on.cast(pl.Int32).cast(pl.Int64).fill_null(NEVER),
        known=micros,
        closed=pl.max_horizontal(micros, settled.fill_null(NEVER)),
        gross_minor=pl.col("gross_minor").cast(pl.Int64),
    )
    return kept if kept["receivable_id"].is_sorted() else kept.sort("receivable_id")


def _values(rows: pl.DataFrame, columns: tuple[str, ...]) -> Sequence[Hashable]:
    """Give the group each row belongs to: a value, or a tuple of several."""
    found = [rows[name].to_list() for name in columns]
    return found[0] if len(found) == 1 else list(zip(*found, strict=True))


def _joined(rows: pl.DataFrame, groups: pl.DataFrame) -> GroupNumbers:
    """Number the rows by their group."""
    numbered = groups.with_row_index("number")
    found = rows.join(
        numbered, on=groups.columns, how="left", maintain_order="left", nulls_equal=True
    )
    return found["number"].to_numpy().astype(np.int32)


def _numbers(codes: Mapping[Hashable, int], values: Sequence[Hashable]) -> Ints:
    return np.fromiter((codes.get(v, -1) for v in values), dtype=np.int64, count=len(values))
