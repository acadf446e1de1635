"""What the feature frames promise, as plain data.

``FEATURES`` is the schema of ``features.payment_behaviour``; ``EXPECTATIONS`` are Great
Expectations rows (name and arguments) over the same frame, run by orchestration. All values are
integers, so the pandas frame the checks need loses nothing.
"""

from __future__ import annotations

from typing import TypedDict

import polars as pl

HISTORY_COLUMNS = (
    "tenant_id", "receivable_id", "seller_id", "debtor_id", "document_type", "status", "currency",
    "gross_minor", "issued_on", "due_on", "terms_days", "settled_on", "settled_recorded_at",
    "recorded_at",
)  # fmt: skip
"""Columns of ``marts_risk.fct_receivables`` that describe the past."""

REQUEST_COLUMNS = (
    "tenant_id", "receivable_id", "seller_id", "debtor_id", "currency", "gross_minor",
    "issued_on", "due_on", "terms_days",
)  # fmt: skip
"""Columns a request needs; ``decided_at`` is optional."""

FEATURES: dict[str, str] = {
    "tenant_late_rate_ppm": "Late rate of all settled invoices of the tenant, the prior",
    "n_paid_all": "Settled invoices of the debtor",
    "n_paid_365": "The same within 365 days",
    "n_paid_90": "The same within 90 days",
    "late_rate_all_ppm": "Share paid after the due date, drawn towards the prior",
    "late_rate_365_ppm": "The same within 365 days",
    "late_rate_90_ppm": "The same within 90 days",
    "dbt_mean_all_mdays": "Mean days beyond terms; negative is early",
    "dbt_mean_365_mdays": "The same within 365 days",
    "dbt_mean_90_mdays": "The same within 90 days",
    "dts_mean_all_mdays": "Mean days from issue to settlement",
    "dts_mean_365_mdays": "The same within 365 days",
    "dts_mean_90_mdays": "The same within 90 days",
    "dts_sd_365_mdays": "Standard deviation of days to settle within 365 days",
    "dbt_p90_365_days": "90 % of payments came at most this many days late",
    "dbt_trend_365_mdays": "Slope of days beyond terms per 30 days",
    "over15_rate_365_ppm": "Share paid more than 15 days late",
    "over30_rate_365_ppm": "Share paid more than 30 days late",
    "late_amount_rate_365_ppm": "Late share by amount, same currency",
    "last3_late_rate_ppm": "Late share of the last three payments",
    "last3_dbt_mean_mdays": "Mean days beyond terms of the last three payments",
    "last_dbt_days": "Days beyond terms of the last payment",
    "days_since_last_paid": "Days since the last payment became known",
    "pair_n_paid_365": "Settled invoices between this seller and this debtor, 365 days",
    "pair_late_rate_365_ppm": "Late share of the pair, drawn towards the debtor's",
    "pair_dts_mean_365_mdays": "Mean days to settle of the pair",
    "seller_late_rate_365_ppm": "Late share of all the seller's invoices",
    "open_n": "Other open invoices of the debtor",
    "open_minor": "Gross of the debtor's other open invoices, same currency",
    "open_past_due_n": "Other open invoices past due",
    "open_past_due_share_ppm": "Share of the other open invoices that is past due",
    "open_past_due_mean_mdays": "Mean days past due of these",
    "amount_ratio_ppm": "Gross over the pair's mean gross of settled invoices",
    "amount_to_book_ppm": "Gross over the tenant's mean gross, same currency",
    "terms_days": "Days from issue to due date",
    "due_weekday": "1 Monday to 7 Sunday",
    "due_month_day": "Day of month of the due date",
    "due_month": "Month of the due date",
}
"""Feature name to meaning; each is a 64-bit integer, null where there is nothing to measure."""

NULLABLE = frozenset(
    name
    for name in FEATURES
    if name.startswith(("dbt_", "dts_", "over", "last", "days_since"))
    or name
    in {
        "late_amount_rate_365_ppm",
        "pair_dts_mean_365_mdays",
        "open_past_due_share_ppm",
        "amount_ratio_ppm",
        "amount_to_book_ppm",
    }
)

SCHEMA: dict[str, pl.DataType] = {
    "receivable_id": pl.String(),
    **dict.fromkeys(FEATURES, pl.Int64()),
}


class Expectation(TypedDict):
    """One Great Expectations rule: its class name and arguments."""

    type: str
    kwargs: dict[str, str | int | None]


def _between(column: str, low: int | None, high: int | None) -> Expectation:
    return {
        "type": "ExpectColumnValuesToBeBetween",
        "kwargs": {"column": column, "min_value": low, "max_value": high},
    }


def _present(column: str) -> Expectation:
    return {"type": "ExpectColumnValuesToNotBeNull", "kwargs": {"column": column}}


EXPECTATIONS: tuple[Expectation, ...] = (
    {"type": "ExpectColumnValuesToBeUnique", "kwargs": {"column": "receivable_id"}},
    _present("receivable_id"),
    *(_present(name) for name in FEATURES if name not in NULLABLE),
    *(_between(name, 0, 1_000_000) for name in FEATURES if "rate" in name.split("_")),
    _between("open_past_due_share_ppm", 0, 1_000_000),
    *(_between(name, 0, None) for name in ("n_paid_all", "n_paid_365", "n_paid_90", "open_n")),
    _between("terms_days", -3660, 3660),
    _between("due_weekday", 1, 7),
    _between("due_month_day", 1, 31),
    _between("due_month", 1, 12),
)
"""Rules over the feature frame; nulls are allowed where ``NULLABLE`` says so."""
