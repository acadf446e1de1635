"""Who pays how late, with how much was seen and how sure that makes the figure.

Shares carry Wilson's interval, mean days Student's, both at 95 %; below three settled invoices a
mean has no interval, and says so by being null. Only what was settled by the day looked at counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Any

import polars as pl

from models.domain.terms import due_dates

LEAST_FOR_INTERVAL = 3
_Z_MILLI = 1960
_T_MILLI = (
    12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228, 2201, 2179, 2160, 2145, 2131,
    2120, 2110, 2101, 2093, 2086, 2080, 2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042,
)  # fmt: skip
"""Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom, in thousandths."""

_SUMS = ("settled", "late", "beyond", "beyond2", "taken")


def payers(history: pl.DataFrame) -> pl.DataFrame:
    """Sum what each debtor settled.

    Args:
        history: ``debtor_id, currency, document_type, status, issued_on, due_on, terms_days,
            settled_on``; invoices closed by a credit note are no payments.

    Returns:
        One row per debtor and currency: ``settled``, ``late``, and sums of days ``beyond`` the due
        date, their squares, and days ``taken`` from the issue.
    """
    paid = history.filter(
        (pl.col("document_type") == "invoice")
        & (pl.col("status") == "paid")
        & pl.col("settled_on").is_not_null()
    ).select(
        "debtor_id",
        "currency",
        beyond=(pl.col("settled_on") - due_dates()).dt.total_days(),
        taken=(pl.col("settled_on") - pl.col("issued_on")).dt.total_days(),
    )
    return paid.group_by("debtor_id", "currency").agg(
        settled=pl.len().cast(pl.Int64),
        late=(pl.col("beyond") > 0).sum().cast(pl.Int64),
        beyond=pl.col("beyond").sum(),
        beyond2=(pl.col("beyond") * pl.col("beyond")).sum(),
        taken=pl.col("taken").sum(),
    )


def together(sums: pl.DataFrame) -> dict[str, int | None]:
    """Describe all debtors of one currency as if they were one."""
    row = sums.select([pl.col(name).sum() for name in _SUMS]).row(0, named=True)
    return described({name: int(value or 0) for name, value in row.items()})


def described(sums: Mapping[str, int]) -> dict[str, int | None]:
    """Turn sums into shares and means with their intervals."""
    n, late, beyond = sums["settled"], sums["late"], sums["beyond"]
    if n == 0:
        names = (
            "late_ppm", "late_low_ppm", "late_high_ppm", "days_late_mdays", "days_late_low_mdays",
            "days_late_high_mdays", "days_to_pay_mdays",
        )  # fmt: skip
        return {"settled": 0, "late": 0, **dict.fromkeys(names)}
    low, high = wilson(late, n)
    mean = _rounded(beyond * 1000, n)
    half = _half_width(n, beyond, sums["beyond2"])
    return {
        "settled": n,
        "late": late,
        "late_ppm": _rounded(late * 1_000_000, n),
        "late_low_ppm": low,
        "late_high_ppm": high,
        "days_late_mdays": mean,
        "days_late_low_mdays": None if half is None else mean - half,
        "days_late_high_mdays": None if half is None else mean + half,
        "days_to_pay_mdays": _rounded(sums["taken"] * 1000, n),
    }


def wilson(hits: int, n: int) -> tuple[int, int]:
    """Give Wilson's 95 % interval of a share, in parts per million, by whole numbers."""
    z, scale = _Z_MILLI, 1000
    # everything times scale²: z² = 3.8416e6, p·n = hits·1e6
    z2, unit = z * z, scale * scale
    whole = n * unit + z2
    centre = hits * unit * 2 + z2
    spread = z * isqrt(z2 * unit + 4 * unit * unit * hits * (n - hits) // n) // scale
    low, high = (centre - spread) * 500_000 // whole, (centre + spread) * 500_000 // whole
    return max(0, low), min(1_000_000, high + 1)


def rows(
    debtors: pl.DataFrame, sums: pl.DataFrame, names: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Describe some debtors.

    Args:
        debtors: ``debtor_id, label, open_minor, share_ppm`` in the order wanted.
        sums: :func:`payers` of one currency.
        names: Debtor to name, where one is known.
    """
    nothing = dict.fromkeys(_SUMS, 0)
    known = {
        row["debtor_id"]: {name: int(row[name]) for name in _SUMS}
        for row in sums.join(debtors.select("debtor_id"), on="debtor_id", how="semi").iter_rows(
            named=True
        )
    }
    return [
        {
            "debtor": label,
            "name": names.get(debtor),
            "open_minor": int(minor),
            "share_ppm": share,
            **described(known.get(debtor, nothing)),
        }
        for debtor, label, minor, share in debtors.select(
            "debtor_id", "label", "open_minor", "share_ppm"
        ).iter_rows()
    ]


def _half_width(n: int, total: int, squares: int) -> int | None:
    """Give half the width of the interval of a mean, in thousandths."""
    if n < LEAST_FOR_INTERVAL:
        return None
    # s² = (n·Σx² - (Σx)²) / (n·(n-1)); s/√n in thousandths is √(that · 10⁶ / n)
    variance = max(0, n * squares - total * total)
    error = isqrt(variance * 1_000_000 // (n * n * (n - 1)))
    t = _T_MILLI[n - 2] if n - 1 <= len(_T_MILLI) else _Z_MILLI
    return -(-t * error // 1000)


def _rounded(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)
