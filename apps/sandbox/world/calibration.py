"""Figures of real receivables that the world is set to, and how they were computed.

Two public files were measured: an accounts-receivable sample with settlement dates (2,466 settled
invoices of 100 customers, 2012–2013; gives delay and lateness) and an export of open items
(9,681 items of 553 customers, 2020; gives concentration and the spread of amounts). `measure_delay`
and `measure_concentration` recompute every constant below; a test holds them equal.
"""

from __future__ import annotations

import csv
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True)
class Delay:
    """How late invoices are settled; days are settlement minus due date, negative is early."""

    late_rate: float
    mean_days: float
    sd_days: float
    between_debtors_sd_days: float
    within_debtor_sd_days: float
    late_median_days: float
    late_p90_days: float
    dispute_rate: float
    dispute_shift_days: float


@dataclass(frozen=True)
class Concentration:
    """How a book's amount is spread over its debtors; shares are 0–1 of the total amount."""

    top1_share: float
    top10_share: float
    top20_share: float
    herfindahl: float
    log_amount_sd: float


DELAY = Delay(
    late_rate=0.3556,
    mean_days=-3.555,
    sd_days=12.335,
    between_debtors_sd_days=10.128,
    within_debtor_sd_days=7.302,
    late_median_days=8.0,
    late_p90_days=20.0,
    dispute_rate=0.2275,
    dispute_shift_days=12.918,
)
CONCENTRATION = Concentration(
    top1_share=0.1853,
    top10_share=0.4546,
    top20_share=0.5810,
    herfindahl=0.0467,
    log_amount_sd=1.7283,
)


@dataclass(frozen=True)
class Settled:
    """One settled invoice as the delay figures need it."""

    debtor: str
    delay_days: int
    is_disputed: bool


def measure_delay(settled: Iterable[Settled]) -> Delay:
    """Compute the delay figures; debtors with one invoice count for the mean, not the spread."""
    rows = list(settled)
    by_debtor: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_debtor[row.debtor].append(row.delay_days)
    delays = [row.delay_days for row in rows]
    late = sorted(days for days in delays if days > 0)
    disputed = [row.delay_days for row in rows if row.is_disputed]
    plain = [row.delay_days for row in rows if not row.is_disputed]
    return Delay(
        late_rate=round(len(late) / len(rows), 4),
        mean_days=round(statistics.fmean(delays), 3),
        sd_days=round(statistics.stdev(delays), 3),
        between_debtors_sd_days=round(
            statistics.stdev(statistics.fmean(days) for days in by_debtor.values()), 3
        ),
        within_debtor_sd_days=round(
            statistics.fmean(statistics.stdev(d) for d in by_debtor.values() if len(d) > 1), 3
        ),
        late_median_days=_quantile(late, 0.5),
        late_p90_days=_quantile(late, 0.9),
        dispute_rate=round(len(disputed) / len(rows), 4),
        dispute_shift_days=round(statistics.fmean(disputed) - statistics.fmean(plain), 3)
        if disputed and plain
        else 0.0,
    )


def measure_concentration(amounts: Iterable[tuple[str, float]]) -> Concentration:
    """Compute shares of the largest debtors from (debtor, amount) pairs with positive amounts."""
    totals: dict[str, float] = defaultdict(float)
    logs: list[float] = []
    for debtor, amount in amounts:
        totals[debtor] += amount
        if amount > 0:
            logs.append(math.log(amount))
    whole = sum(totals.values())
    shares = sorted((value / whole for value in totals.values()), reverse=True)
    return Concentration(
        top1_share=round(shares[0], 4),
        top10_share=round(sum(shares[:10]), 4),
        top20_share=round(sum(shares[:20]), 4),
        herfindahl=round(sum(share * share for share in shares), 4),
        log_amount_sd=round(statistics.stdev(logs), 4),
    )


def read_settled(path: Path) -> list[Settled]:
    """Read the sample with settlement dates (month/day/year, one row per settled invoice)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Settled(
                debtor=row["customerID"],
                delay_days=(_us_date(row["SettledDate"]) - _us_date(row["DueDate"])).days,
                is_disputed=row["Disputed"] == "Yes",
            )
            for row in csv.DictReader(file)
        ]


def read_open_items(path: Path) -> list[tuple[str, float]]:
    """Read the export of open items as (customer, amount in USD)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows: Iterable[Mapping[str, str]] = csv.DictReader(file)
        return [(row["cust_number"], float(row["converted_usd"])) for row in rows]


def _us_date(text: str) -> date:
    return datetime.strptime(f"{text} +0000", "%m/%d/%Y %z").date()


def _quantile(ordered: list[int], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (place - low), 1)
