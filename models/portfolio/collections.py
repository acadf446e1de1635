"""When the open invoices will probably be paid, and how far off that may be.

The scores say by which day 10, 50 and 90 % of such invoices are paid, counted from issue. One that
is still open has outlived part of that, so its days are those of the rest::

    paid by day x, F(x):  0 ──── 10 % ──────── 50 % ──────── 90 % ──── 1     straight in between,
                               p10            p50            p90             ends drawn on

    probable day:  F(x) = F(age) + ½ (1 - F(age));   quick with 1/10, slow with 9/10

What is older than the whole curve has no date: nobody in the history paid that late. The range is
that of all invoices being quick, or slow, together, and so the widest there is. Where nothing was
settled yet there is no curve: an invoice is expected on its due date, without a range, and what is
past due has no date. Whole numbers only; every invoice falls into exactly one period, so the
periods add up to the open invoices.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from models.domain.terms import due_dates

Days = dict[int | None, int]
"""Days until payment, none where there is no date, to money."""

WEEKS = 13
MONTHS = 6
_MILLION = 1_000_000
_STEP = 100_000
"""A tenth of the curve, in parts per million; the scale of its pieces."""


def dated(scored: pl.DataFrame, as_of_on: date) -> pl.DataFrame:
    """Add the days until payment, counted from the day looked at.

    Args:
        scored: ``issued_on, days_to_pay_p10, days_to_pay_p50, days_to_pay_p90`` and any others.
        as_of_on: The day looked at.

    Returns:
        The frame with ``quick_days, probable_days, slow_days``, each at least 1, null when the
        invoice is older than any payment seen.
    """
    low = pl.col("days_to_pay_p10").cast(pl.Int64)
    middle = pl.max_horizontal(pl.col("days_to_pay_p50").cast(pl.Int64), low + 1)
    high = pl.max_horizontal(pl.col("days_to_pay_p90").cast(pl.Int64), middle + 1)
    curve = scored.with_columns(
        _age=(pl.lit(as_of_on) - pl.col("issued_on")).dt.total_days(),
        _left=middle - low,
        _right=high - middle,
        _middle=4 * middle,
    ).with_columns(_gone=_paid_by(4 * pl.col("_age")))
    found = curve.with_columns(
        quick_days=_days_at(1), probable_days=_days_at(5), slow_days=_days_at(9)
    )
    return found.drop("_age", "_left", "_right", "_middle", "_gone")


def due(scored: pl.DataFrame, as_of_on: date) -> pl.DataFrame:
    """Add the same columns where nothing is known of how anyone pays: the due date, no range."""
    days = (due_dates() - pl.lit(as_of_on)).dt.total_days()
    unknown = pl.lit(None, dtype=pl.Int64)
    return scored.with_columns(
        quick_days=unknown, probable_days=pl.when(days > 0).then(days), slow_days=unknown
    )


def collections(invoices: pl.DataFrame, as_of_on: date) -> dict[str, Any]:
    """Sum what comes in by week and by month.

    Args:
        invoices: Open invoices of one currency with ``open_minor`` and the columns of
            :func:`dated`.
        as_of_on: The day looked at.
    """
    has_history = bool(invoices["slow_days"].count())
    days = [
        invoices.group_by(name).agg(pl.col("open_minor").sum())
        for name in ("probable_days", "slow_days", "quick_days")
    ]
    probable, slow, quick = (
        {day: int(minor) for day, minor in frame.iter_rows()} for frame in days
    )
    span = (slow, quick) if has_history else None
    return {
        "has_history": has_history,
        "weeks": _periods(_week_ends(as_of_on), as_of_on, probable, span),
        "months": _periods(_month_ends(as_of_on), as_of_on, probable, span),
        "undated_minor": probable.get(None, 0),
        "undated": int(invoices["probable_days"].null_count()),
    }


def _paid_by(place: pl.Expr) -> pl.Expr:
    """Give F at a place in quarter days, in parts per million."""
    start = pl.col("_middle") - 5 * pl.col("_left")
    before = (_STEP * (place - start) // pl.col("_left")).clip(0, 5 * _STEP)
    after = 5 * _STEP + (_STEP * (place - pl.col("_middle")) // pl.col("_right")).clip(0, 5 * _STEP)
    return pl.when(place <= pl.col("_middle")).then(before).otherwise(after)


def _days_at(tenths: int) -> pl.Expr:
    """Give the day on which so much of what is left of the curve has gone by."""
    target = pl.col("_gone") + (_MILLION - pl.col("_gone")) * tenths // 10
    before = pl.col("_middle") - 5 * pl.col("_left") + target * pl.col("_left") // _STEP
    after = pl.col("_middle") + (target - 5 * _STEP) * pl.col("_right") // _STEP
    place = pl.when(target <= 5 * _STEP).then(before).otherwise(after)
    days = pl.max_horizontal((place + 3) // 4 - pl.col("_age"), pl.lit(1, dtype=pl.Int64))
    return pl.when(pl.col("_gone") < _MILLION).then(days)


def _week_ends(as_of_on: date) -> list[date]:
    return [as_of_on + timedelta(days=7 * week) for week in range(1, WEEKS + 1)]


def _month_ends(as_of_on: date) -> list[date]:
    ends: list[date] = []
    first = as_of_on + timedelta(days=1)
    while len(ends) < MONTHS:
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        ends.append(following - timedelta(days=1))
        first = following
    return ends


def _periods(
    ends: Sequence[date],
    as_of_on: date,
    probable: Days,
    span: tuple[Days, Days] | None,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    first, before = as_of_on + timedelta(days=1), 0
    for end in [*ends, None]:
        last = None if end is None else (end - as_of_on).days
        cumulative = _until(probable, last)
        rows.append(
            {
                "from": first.isoformat(),
                "until": None if end is None else end.isoformat(),
                "expected_minor": cumulative - before,
                "cumulative_minor": cumulative,
                "slow_minor": _until(span[0], last) if span else None,
                "quick_minor": _until(span[1], last) if span else None,
            }
        )
        before = cumulative
        first = first if end is None else end + timedelta(days=1)
    return rows


def _until(days: Days, last: int | None) -> int:
    return sum(
        minor for day, minor in days.items() if day is not None and (last is None or day <= last)
    )
