"""How debtors pay, as it was known at the time of each request.

    history ──History(…)──► event streams ──features(requests, as_of)──► one row per request

Only invoices whose settlement was recorded by the request's time count as settled; open invoices
count from the moment they were recorded until their settlement was. Windows of 90 and 365 days run
over the time a settlement became known. Rates of thin histories are drawn towards the tenant's rate
at the time: (late + m · prior) / (n + m) with m = 10; a mean over nothing is null. Everything is an
integer: rates in parts per million, mean days in thousandths (``mdays``).

Invoices that were annulled (draft, void, reversed) never count; those closed by a credit note only
stop being open. An invoice without a due date is
taken as due ``terms_days`` after issue, 30 when these are unknown too. Definitions: DOMAIN
section 8 stage 3, "debtor/pair".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from models.domain.errors import InvalidFacts
from models.features.contract import FEATURES, HISTORY_COLUMNS, REQUEST_COLUMNS
from models.features.streams import Ints, Stream, Timeline, mean, ratio_ppm

DAY = 86_400_000_000
WEIGHT = 10
PRIOR_LATE_PPM = 350_000
"""Late rate assumed while a tenant has no settled invoice at all."""

DEFAULT_TERMS_DAYS = 30
NEVER = np.iinfo(np.int64).max // 4
ANNULLED = ("draft", "void", "reversed")
OVERDUE_EDGES = (0, 5, 10, 15, 20, 30, 45, 60, 90)


def features(history: pl.DataFrame, requests: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Compute the features of each request as known at ``as_of``.

    Args:
        history: Receivables of the tenant, columns ``contract.HISTORY_COLUMNS``.
        requests: Receivables to describe, columns ``contract.REQUEST_COLUMNS``; a column
            ``decided_at`` overrides ``as_of`` row by row (training looks at many times at once).
        as_of: Knowledge time, UTC.

    Returns:
        One row per request in the given order: ``receivable_id`` and ``contract.FEATURES``.
    """
    return History(history).features(requests, as_of)


class History:
    """The indexed past of one or more tenants; build once, ask often.

    Args:
        receivables: Columns ``contract.HISTORY_COLUMNS``; extra columns are ignored.

    Raises:
        InvalidFacts: A column is missing.
    """

    def __init__(self, receivables: pl.DataFrame) -> None:
        _require(receivables, HISTORY_COLUMNS)
        rows = _prepared(receivables).sort("receivable_id")
        groups = _groups(rows)
        self._codes = {name: _codes(values) for name, values in groups.items()}
        self._keys = {n: _numbers(self._codes[n], values) for n, values in groups.items()}
        self._row: dict[str, int] = {r: i for i, r in enumerate(rows["receivable_id"].to_list())}
        self._columns = {
            name: rows[name].to_numpy().astype(np.int64)
            for name in ("issued", "due", "settled", "known", "closed", "gross_minor")
        }

    def features(self, requests: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
        """Compute the features of each request; see the module's function of the same name."""
        _require(requests, REQUEST_COLUMNS)
        at = _times(requests, as_of)
        keys = self._request_keys(requests)
        due = _due_days(requests)
        columns: dict[str, Ints] = {}
        empty: dict[str, np.ndarray] = {}
        prior = self._prior(keys["tenant"], at)
        self._settled_features(keys, at, prior, columns, empty)
        self._recent_features(keys["debtor"], at, columns, empty)
        self._amount_features(keys, at, requests, columns, empty)
        self._pair_features(keys, at, columns, empty)
        self._open_features(keys, at, requests, columns, empty)
        _calendar_features(requests, due, columns)
        frame = {name: _series(name, columns[name], empty.get(name)) for name in FEATURES}
        return pl.DataFrame({"receivable_id": requests["receivable_id"], **frame})

    @cached_property
    def _timeline(self) -> Timeline:
        known, closed, overdue = (self._columns["known"], self._columns["closed"], self._overdue_at)
        return Timeline(np.concatenate((known, closed[closed < NEVER], overdue[overdue < NEVER])))

    @cached_property
    def _overdue_at(self) -> Ints:
        starts = np.maximum(self._columns["known"], (self._columns["due"] + 1) * DAY)
        return np.where(starts < self._columns["closed"], starts, NEVER)

    @cached_property
    def _settled(self) -> dict[str, Stream]:
        """Settlements by key, each known when it was recorded."""
        column = self._columns
        paid = np.flatnonzero((column["closed"] < NEVER) & (column["settled"] < NEVER))
        beyond = column["settled"][paid] - column["due"][paid]
        taken = column["settled"][paid] - column["issued"][paid]
        month = column["closed"][paid] // (30 * DAY)
        gross = column["gross_minor"][paid]
        late = (beyond > 0).astype(np.int64)
        values: dict[str, Ints] = {
            "n": np.ones(len(paid), dtype=np.int64),
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
            values[f"over{edge}"] = (beyond > edge).astype(np.int64)
        tie = np.arange(len(paid), dtype=np.int64)
        return {
            name: Stream(self._timeline, key[paid], column["closed"][paid], values, tie)
            for name, key in self._keys.items()
        }

    @cached_property
    def _opened(self) -> dict[str, Stream]:
        return self._streams(np.arange(len(self._row)), self._columns["known"])

    @cached_property
    def _closed(self) -> dict[str, Stream]:
        rows = np.flatnonzero(self._columns["closed"] < NEVER)
        return self._streams(rows, self._columns["closed"])

    @cached_property
    def _overdue(self) -> dict[str, Stream]:
        rows = np.flatnonzero(self._overdue_at < NEVER)
        return self._streams(rows, self._overdue_at)

    @cached_property
    def _overdue_closed(self) -> dict[str, Stream]:
        rows = np.flatnonzero((self._overdue_at < NEVER) & (self._columns["closed"] < NEVER))
        return self._streams(rows, self._columns["closed"])

    def _streams(self, rows: Ints, known_at: Ints) -> dict[str, Stream]:
        values = {
            "n": np.ones(len(rows), dtype=np.int64),
            "gross": self._columns["gross_minor"][rows],
            "due": self._columns["due"][rows],
        }
        return {
            name: Stream(self._timeline, self._keys[name][rows], known_at[rows], values, rows)
            for name in ("debtor", "money")
        }

    def _request_keys(self, requests: pl.DataFrame) -> dict[str, Ints]:
        return {n: _numbers(self._codes[n], values) for n, values in _groups(requests).items()}

    def _prior(self, tenant: Ints, at: Ints) -> Ints:
        stream = self._settled["tenant"]
        first, last = stream.start(tenant), stream.until(tenant, at)
        n, late = stream.total("n", first, last), stream.total("late", first, last)
        return np.where(n > 0, mean(late, n, 1_000_000), PRIOR_LATE_PPM)

    def _settled_features(
        self,
        keys: Mapping[str, Ints],
        at: Ints,
        prior: Ints,
        columns: dict[str, Ints],
        empty: dict[str, np.ndarray],
    ) -> None:
        stream, key = self._settled["debtor"], keys["debtor"]
        last = stream.until(key, at)
        columns["tenant_late_rate_ppm"] = prior
        for window, first in (
            ("all", stream.start(key)),
            ("365", stream.until(key, at - 365 * DAY)),
            ("90", stream.until(key, at - 90 * DAY)),
        ):
            n = stream.total("n", first, last)
            late = stream.total("late", first, last)
            columns[f"n_paid_{window}"] = n
            columns[f"late_rate_{window}_ppm"] = _shrunk(late, n, prior)
            for name, value in (("dbt", "beyond"), ("dts", "taken")):
                column = f"{name}_mean_{window}_mdays"
                columns[column] = mean(stream.total(value, first, last), n, 1000)
                empty[column] = n == 0
            if window == "365":
                self._spread_features(stream, first, last, n, columns, empty)
        seller = self._settled["seller"]
        first, last = seller.until(keys["seller"], at - 365 * DAY), seller.until(keys["seller"], at)
        n, late = seller.total("n", first, last), seller.total("late", first, last)
        columns["seller_late_rate_365_ppm"] = _shrunk(late, n, prior)

    def _spread_features(
        self,
        stream: Stream,
        first: Ints,
        last: Ints,
        n: Ints,
        columns: dict[str, Ints],
        empty: dict[str, np.ndarray],
    ) -> None:
        taken, squared = stream.total("taken", first, last), stream.total("taken2", first, last)
        variance = np.maximum(n * squared - taken * taken, 0) // np.maximum(n * n, 1)
        columns["dts_sd_365_mdays"] = np.sqrt(variance * 1_000_000).astype(np.int64)
        empty["dts_sd_365_mdays"] = n < 2
        for edge in (15, 30):
            name = f"over{edge}_rate_365_ppm"
            columns[name] = mean(stream.total(f"over{edge}", first, last), n, 1_000_000)
            empty[name] = n == 0
        p90 = np.full(len(n), OVERDUE_EDGES[-1] + 1, dtype=np.int64)
        for edge in reversed(OVERDUE_EDGES):
            p90 = np.where(stream.total(f"over{edge}", first, last) * 10 <= n, edge, p90)
        columns["dbt_p90_365_days"] = p90
        empty["dbt_p90_365_days"] = n == 0
        x, x2 = stream.total("month", first, last), stream.total("month2", first, last)
        xy, y = stream.total("month_beyond", first, last), stream.total("beyond", first, last)
        below = n * x2 - x * x
        columns["dbt_trend_365_mdays"] = (n * xy - x * y) * 1000 // np.maximum(below, 1)
        empty["dbt_trend_365_mdays"] = below == 0

    def _recent_features(
        self, key: Ints, at: Ints, columns: dict[str, Ints], empty: dict[str, np.ndarray]
    ) -> None:
        stream = self._settled["debtor"]
        begin, last = stream.start(key), stream.until(key, at)
        third, one = np.maximum(begin, last - 3), np.maximum(begin, last - 1)
        n3 = last - third
        none = n3 <= 0
        columns["last3_late_rate_ppm"] = mean(stream.total("late", third, last), n3, 1_000_000)
        columns["last3_dbt_mean_mdays"] = mean(stream.total("beyond", third, last), n3, 1000)
        columns["last_dbt_days"] = stream.total("beyond", one, last)
        columns["days_since_last_paid"] = at // DAY - stream.total("closed_day", one, last)
        for name in (
            "last3_late_rate_ppm",
            "last3_dbt_mean_mdays",
            "last_dbt_days",
            "days_since_last_paid",
        ):
            empty[name] = none

    def _amount_features(
        self,
        keys: Mapping[str, Ints],
        at: Ints,
        requests: pl.DataFrame,
        columns: dict[str, Ints],
        empty: dict[str, np.ndarray],
    ) -> None:
        stream, key = self._settled["money"], keys["money"]
        first, last = stream.until(key, at - 365 * DAY), stream.until(key, at)
        gross = stream.total("gross", first, last)
        late = stream.total("gross_late", first, last)
        columns["late_amount_rate_365_ppm"] = ratio_ppm(late, gross)
        empty["late_amount_rate_365_ppm"] = gross <= 0
        own = requests["gross_minor"].to_numpy().astype(np.int64)
        for name, by in (("amount_ratio_ppm", "pair"), ("amount_to_book_ppm", "book")):
            stream, key = self._settled[by], keys[by]
            begin, last = stream.start(key), stream.until(key, at)
            n, gross = stream.total("n", begin, last), stream.total("gross", begin, last)
            usual = np.maximum(mean(gross, n, 1), 1)
            columns[name] = np.minimum(ratio_ppm(own, usual), 1_000_000_000)
            empty[name] = (n == 0) | (gross <= 0)

    def _pair_features(
        self,
        keys: Mapping[str, Ints],
        at: Ints,
        columns: dict[str, Ints],
        empty: dict[str, np.ndarray],
    ) -> None:
        stream, key = self._settled["pair"], keys["pair"]
        first, last = stream.until(key, at - 365 * DAY), stream.until(key, at)
        n = stream.total("n", first, last)
        columns["pair_n_paid_365"] = n
        columns["pair_late_rate_365_ppm"] = _shrunk(
            stream.total("late", first, last), n, columns["late_rate_365_ppm"]
        )
        columns["pair_dts_mean_365_mdays"] = mean(stream.total("taken", first, last), n, 1000)
        empty["pair_dts_mean_365_mdays"] = n == 0

    def _open_features(
        self,
        keys: Mapping[str, Ints],
        at: Ints,
        requests: pl.DataFrame,
        columns: dict[str, Ints],
        empty: dict[str, np.ndarray],
    ) -> None:
        own = np.fromiter(
            (self._row.get(r, -1) for r in requests["receivable_id"].to_list()),
            dtype=np.int64,
            count=len(requests),
        )
        own_known, own_closed, own_gross, own_due, own_overdue = (
            np.append(column, NEVER)[own]
            for column in (
                self._columns["known"],
                self._columns["closed"],
                self._columns["gross_minor"],
                self._columns["due"],
                self._overdue_at,
            )
        )
        is_open = (own_known <= at) & (own_closed > at)
        is_overdue = is_open & (own_overdue <= at)

        def level(
            opened: Mapping[str, Stream], closed: Mapping[str, Stream], by: str, name: str
        ) -> Ints:
            key = keys[by]
            plus, minus = opened[by], closed[by]
            return plus.total(name, plus.start(key), plus.until(key, at)) - minus.total(
                name, minus.start(key), minus.until(key, at)
            )

        n = level(self._opened, self._closed, "debtor", "n") - is_open
        overdue = level(self._overdue, self._overdue_closed, "debtor", "n") - is_overdue
        due = level(self._overdue, self._overdue_closed, "debtor", "due")
        due = due - np.where(is_overdue, own_due, 0)
        columns["open_n"] = n
        columns["open_minor"] = level(self._opened, self._closed, "money", "gross") - np.where(
            is_open, own_gross, 0
        )
        columns["open_past_due_n"] = overdue
        columns["open_past_due_share_ppm"] = mean(overdue, n, 1_000_000)
        empty["open_past_due_share_ppm"] = n <= 0
        columns["open_past_due_mean_mdays"] = mean(overdue * (at // DAY) - due, overdue, 1000)


def _prepared(receivables: pl.DataFrame) -> pl.DataFrame:
    kept = receivables.filter(
        ~pl.col("status").is_in(ANNULLED) & (pl.col("document_type") == "invoice")
    )
    micros = pl.col("recorded_at").dt.epoch("us")
    settled = pl.col("settled_recorded_at").dt.epoch("us")
    return kept.with_columns(
        issued=pl.col("issued_on").cast(pl.Int32).cast(pl.Int64),
        due=_due(),
        settled=pl.when(pl.col("status") != "credited")
        .then(pl.col("settled_on").cast(pl.Int32).cast(pl.Int64))
        .fill_null(NEVER),
        known=micros,
        closed=pl.max_horizontal(micros, settled.fill_null(NEVER)),
        gross_minor=pl.col("gross_minor").cast(pl.Int64),
    )


def _due() -> pl.Expr:
    issued = pl.col("issued_on").cast(pl.Int32).cast(pl.Int64)
    terms = pl.col("terms_days").cast(pl.Int64).fill_null(DEFAULT_TERMS_DAYS)
    return pl.col("due_on").cast(pl.Int32).cast(pl.Int64).fill_null(issued + terms)


def _due_days(requests: pl.DataFrame) -> Ints:
    return requests.select(due=_due())["due"].to_numpy().astype(np.int64)


def _calendar_features(requests: pl.DataFrame, due: Ints, columns: dict[str, Ints]) -> None:
    issued = requests["issued_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    due_dates = pl.Series(due).cast(pl.Int32).cast(pl.Date)
    columns["terms_days"] = due - issued
    columns["due_weekday"] = due_dates.dt.weekday().to_numpy().astype(np.int64)
    columns["due_month_day"] = due_dates.dt.day().to_numpy().astype(np.int64)
    columns["due_month"] = due_dates.dt.month().to_numpy().astype(np.int64)


def _times(requests: pl.DataFrame, as_of: datetime) -> Ints:
    if "decided_at" in requests.columns:
        return requests["decided_at"].dt.epoch("us").to_numpy().astype(np.int64)
    moment = pl.Series([as_of], dtype=pl.Datetime("us", "UTC")).dt.epoch("us")[0]
    return np.full(len(requests), moment, dtype=np.int64)


def _shrunk(bad: Ints, n: Ints, prior_ppm: Ints) -> Ints:
    return (bad * 1_000_000 + WEIGHT * prior_ppm) // (n + WEIGHT)


def _groups(rows: pl.DataFrame) -> dict[str, pl.Series]:
    """Give the group names rows belong to: whose behaviour the features compare."""
    tenant, seller, debtor = rows["tenant_id"], rows["seller_id"], rows["debtor_id"]
    currency = rows["currency"]
    return {
        "tenant": tenant,
        "debtor": debtor,
        "seller": seller,
        "money": debtor + "|" + currency,
        "pair": seller + "|" + debtor + "|" + currency,
        "book": tenant + "|" + currency,
    }


def _codes(values: pl.Series) -> dict[str, int]:
    return {value: i for i, value in enumerate(sorted(set(values.to_list())))}


def _numbers(codes: Mapping[str, int], values: pl.Series) -> Ints:
    return np.fromiter(
        (codes.get(value, -1) for value in values.to_list()), dtype=np.int64, count=len(values)
    )


def _series(name: str, values: Ints, empty: np.ndarray | None) -> pl.Series:
    series = pl.Series(name, values.astype(np.int64), dtype=pl.Int64)
    if empty is None or not empty.any():
        return series
    return series.set(pl.Series(empty), None)


def _require(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InvalidFacts(f"columns are missing: {', '.join(missing)}")
