"""Limits per seller and debtor, and the running exposure they are held against.

Seller line = share of its turnover of the last year; debtor limit = so many months of what the book
sold to it, and not above the bureau's recommendation; both between the policy's floor and cap
(DOMAIN section 8 stage 6). Exposure is the advance outstanding, per limit and currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.decisions.policy import Policy

Key = tuple[str, str, str]
"""Kind (``seller``, ``debtor``), id, currency."""


@dataclass
class Exposure:
    """What is drawn on each limit; grows as approvals are made in one fold.

    Attributes:
        used: Limit to advance outstanding in minor units.
    """

    used: dict[Key, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, int]]) -> Exposure:
        """Start from the ledger's rows (kind, id, currency, minor)."""
        exposure = cls()
        for kind, party, currency, amount in rows:
            exposure.add((kind, party, currency), amount)
        return exposure

    def add(self, key: Key, amount_minor: int) -> None:
        """Draw on a limit."""
        self.used[key] = self.used.get(key, 0) + amount_minor

    def of_key(self, key: Key) -> int:
        """Give what is drawn on a limit."""
        return self.used.get(key, 0)


def limits(
    receivables: pl.DataFrame, debtors: pl.DataFrame, policy: Policy, as_of_on: date
) -> dict[Key, int]:
    """Compute every limit of a book.

    Args:
        receivables: ``seller_id, debtor_id, currency, document_type, status, gross_minor,
            issued_on``.
        debtors: ``debtor_id, bureau_limit_minor, bureau_currency``.
        policy: Caps and multiples.
        as_of_on: Day that ends the year looked at.
    """
    year = receivables.filter(
        (pl.col("document_type") == "invoice")
        & ~pl.col("status").is_in(("draft", "void", "reversed"))
        & (pl.col("issued_on") <= as_of_on)
        & (pl.col("issued_on") > pl.lit(as_of_on).dt.offset_by("-365d"))
        & pl.col("currency").is_in(list(policy.rates))
    )
    found: dict[Key, int] = {}
    turnover_bps = policy.whole("limits.seller_turnover_bps")
    for seller, currency, gross in _sums(year, "seller_id"):
        room = gross * turnover_bps // 10_000
        found["seller", seller, currency] = _bounded(room, "limits.seller_cap", currency, policy)
    months = policy.whole("limits.debtor_purchase_months")
    bureau = _bureau(debtors)
    for debtor, currency, gross in _sums(year, "debtor_id"):
        limit = _bounded(gross * months // 12, "limits.debtor_cap", currency, policy)
        advised = bureau.get(debtor)
        if advised is not None and advised[1] in policy.rates:
            limit = min(limit, _converted(advised, currency, policy))
        found["debtor", debtor, currency] = limit
    return found


def _sums(year: pl.DataFrame, by: str) -> list[tuple[str, str, int]]:
    grouped = year.group_by(by, "currency").agg(pl.col("gross_minor").sum())
    return [(party, currency, int(gross)) for party, currency, gross in grouped.iter_rows()]


def _bounded(amount: int, cap: str, currency: str, policy: Policy) -> int:
    low = policy.minor(policy.whole("limits.floor"), currency)
    return max(low, min(amount, policy.minor(policy.whole(cap), currency)))


def _bureau(debtors: pl.DataFrame) -> Mapping[str, tuple[int, str]]:
    if "bureau_limit_minor" not in debtors.columns:
        return {}
    known = debtors.filter(pl.col("bureau_limit_minor").is_not_null()).select(
        "debtor_id", "bureau_limit_minor", "bureau_currency"
    )
    return {debtor: (int(limit), currency) for debtor, limit, currency in known.iter_rows()}


def _converted(advised: tuple[int, str], currency: str, policy: Policy) -> int:
    amount, origin = advised
    if origin == currency:
        return amount
    return amount * policy.minor(1_000_000, currency) // policy.minor(1_000_000, origin)
