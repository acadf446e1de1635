"""Which part of a book may be financed, with one reason per amount and an exact control total.

Rules run in a fixed order over the open balances of each seller and currency; each takes from what
the earlier ones left, so ``gross - sum of reasons = eligible`` to the minor unit (DOMAIN section
2.2; the codes keep the row numbers of its table).

    E01 not open · E03 aged · E04 old credits added back · E05 cross-age · E06 affiliate
    E08 foreign · E10 disputed · E09 contra · E13 terms · E14 debtor quality · E15 currency
    E17 concentration

Amounts that a rule takes from a debtor as a whole (contra, concentration) fall on the newest
invoices first: the older ones were offered first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.decisions.policy import Policy
from models.domain.terms import due_dates

DEBTOR = ("seller_id", "debtor_id", "currency")
LEDGER = ("seller_id", "currency")
OPEN_STATUSES = ("open", "partially_paid", "disputed")
REASONS = {
    "E01": "R102", "E03": "R101", "E04": "R104", "E05": "R105", "E06": "R106", "E08": "R108",
    "E09": "R109", "E10": "R110", "E13": "R113", "E14": "R114", "E15": "R115", "E17": "R117",
}  # fmt: skip
"""Rule to reason code."""

COLUMNS = (
    "receivable_id", "seller_id", "debtor_id", "currency", "document_type", "status",
    "open_minor", "issued_on", "due_on", "terms_days", "is_disputed", "disputed_minor",
)  # fmt: skip
OPTIONAL = {
    "is_affiliate": pl.lit(False),
    "is_foreign": pl.lit(False),
    "is_insolvent": pl.lit(False),
    "is_repeated": pl.lit(False),
    "payable_minor": pl.lit(0, dtype=pl.Int64),
}
"""Columns a caller may add; ``payable_minor`` is what the seller owes the debtor, on every row."""


@dataclass(frozen=True)
class BorrowingBase:
    """The verdict over a book.

    Attributes:
        receivables: One row per receivable: ``receivable_id, seller_id, debtor_id, currency,
            open_minor, ineligible_minor, eligible_minor, rule`` (the primary one, null if none).
        lines: One row per amount taken: ``receivable_id, seller_id, debtor_id, currency, rule,
            amount_minor``.
    """

    receivables: pl.DataFrame
    lines: pl.DataFrame

    def totals(self) -> pl.DataFrame:
        """Sum the lines: ``seller_id, currency, rule, receivable_count, amount_minor``."""
        return (
            self.lines.group_by("seller_id", "currency", "rule")
            .agg(receivable_count=pl.len(), amount_minor=pl.col("amount_minor").sum())
            .sort("seller_id", "currency", "rule")
        )


def eligibility(receivables: pl.DataFrame, policy: Policy, as_of_on: date) -> BorrowingBase:
    """Apply the rules to a book.

    Args:
        receivables: Columns ``COLUMNS`` and any of ``OPTIONAL``; credit notes count negative.
        policy: Thresholds.
        as_of_on: Day from which ages are counted.
    """
    book = _book(receivables, policy, as_of_on)
    lines: list[pl.DataFrame] = []
    for rule, amount in _rules(policy):
        taken = book.with_columns(taken=amount.fill_null(0)).filter(pl.col("taken") != 0)
        if taken.is_empty():
            continue
        lines.append(
            taken.select(
                "receivable_id", "seller_id", "debtor_id", "currency",
                rule=pl.lit(rule), amount_minor=pl.col("taken"),
            )
        )  # fmt: skip
        book = book.with_columns(taken=amount.fill_null(0)).with_columns(
            left=pl.col("left") - pl.col("taken"),
            rule=pl.when(pl.col("rule").is_null() & (pl.col("taken") != 0))
            .then(pl.lit(rule))
            .otherwise("rule"),
            aged_minor=pl.col("taken") if rule == "E03" else pl.col("aged_minor"),
        )
    empty = book.clear().select(
        "receivable_id", "seller_id", "debtor_id", "currency", "rule", amount_minor="left"
    )
    return BorrowingBase(
        receivables=book.select(
            "receivable_id", "seller_id", "debtor_id", "currency",
            open_minor=pl.col("balance"),
            ineligible_minor=pl.col("balance") - pl.col("left"),
            eligible_minor=pl.col("left"),
            rule=pl.col("rule"),
        ).sort("receivable_id"),
        lines=pl.concat([empty, *lines]),
    )  # fmt: skip


def _book(receivables: pl.DataFrame, policy: Policy, as_of_on: date) -> pl.DataFrame:
    added = [
        expression.alias(name)
        for name, expression in OPTIONAL.items()
        if name not in receivables.columns
    ]
    book = receivables.with_columns(added).select(*COLUMNS, *OPTIONAL)
    is_credit, due = pl.col("document_type") == "credit_note", due_dates()
    multiple = policy.whole("eligibility.aged.terms_multiple")
    limit = pl.max_horizontal(
        pl.lit(policy.whole("eligibility.aged.from_invoice_days"), dtype=pl.Int64),
        pl.col("terms") * multiple,
    )
    return (
        book.with_columns(
            balance=pl.when(is_credit)
            .then(-pl.col("open_minor").abs())
            .otherwise("open_minor")
            .cast(pl.Int64),
            age=(pl.lit(as_of_on) - pl.col("issued_on")).dt.total_days(),
            past_due=(pl.lit(as_of_on) - due).dt.total_days(),
            terms=(due - pl.col("issued_on")).dt.total_days(),
            is_supported=pl.col("currency").is_in(list(policy.rates)),
        )
        .with_columns(
            left=pl.col("balance"),
            rule=pl.lit(None, dtype=pl.String),
            aged_minor=pl.lit(0, dtype=pl.Int64),
            is_aged=(pl.col("age") > limit)
            | (pl.col("past_due") > policy.whole("eligibility.aged.past_due_days")),
        )
        .sort(*DEBTOR, "issued_on", "receivable_id", descending=[False] * 3 + [True, True])
    )


def _rules(policy: Policy) -> list[tuple[str, pl.Expr]]:
    """Give each rule as the amount it takes from ``left``."""
    left, positive = pl.col("left"), pl.max_horizontal(pl.col("left"), pl.lit(0, dtype=pl.Int64))
    whole = policy.whole("eligibility.dispute_whole_bps")
    disputed = (
        pl.when(pl.col("disputed_minor").fill_null(0) <= 0)
        .then(left)
        .when(pl.col("disputed_minor") * 10_000 > pl.col("balance") * whole)
        .then(left)
        .otherwise(pl.min_horizontal("disputed_minor", left))
    )
    positive_open = pl.max_horizontal(pl.col("balance"), pl.lit(0, dtype=pl.Int64)) * (
        pl.col("rule").is_null() | (pl.col("rule") == "E03")
    )
    cross_aged = pl.col("aged_minor").sum().over(DEBTOR) * 10_000 > positive_open.sum().over(
        DEBTOR
    ) * policy.whole("eligibility.cross_age_bps")
    longest = policy.whole("eligibility.max_terms_days")
    not_open = ~pl.col("status").is_in(OPEN_STATUSES) | pl.col("is_repeated")
    return [
        ("E01", _where(not_open & (pl.col("document_type") == "invoice"), left)),
        ("E03", _where((pl.col("balance") > 0) & pl.col("is_aged"), left)),
        ("E04", _where((pl.col("balance") < 0) & pl.col("is_aged"), left)),
        ("E05", _where(cross_aged, left)),
        ("E06", _where(pl.col("is_affiliate"), left)),
        ("E08", _where(pl.col("is_foreign"), left)),
        ("E10", _where(pl.col("is_disputed") & (pl.col("balance") > 0), disputed)),
        (
            "E09",
            _newest_first(pl.min_horizontal(pl.col("payable_minor"), _debtor_left()), positive),
        ),
        ("E13", _where(~pl.col("terms").is_between(0, longest), positive)),
        ("E14", _where(pl.col("is_insolvent"), left)),
        ("E15", _where(~pl.col("is_supported"), left)),
        ("E17", _newest_first(_excess(policy), positive)),
    ]


def _where(hit: pl.Expr, amount: pl.Expr) -> pl.Expr:
    return pl.when(hit).then(amount).otherwise(0)


def _debtor_left() -> pl.Expr:
    return pl.max_horizontal(pl.col("left").sum().over(DEBTOR), pl.lit(0, dtype=pl.Int64))


def _excess(policy: Policy) -> pl.Expr:
    """Give what a debtor has above its share of the seller's base, before this rule ("pre")."""
    base = pl.max_horizontal(pl.col("left").sum().over(LEDGER), pl.lit(0, dtype=pl.Int64))
    allowed = base * policy.whole("eligibility.concentration_bps") // 10_000
    return pl.max_horizontal(_debtor_left() - allowed, pl.lit(0, dtype=pl.Int64))


def _newest_first(amount: pl.Expr, positive: pl.Expr) -> pl.Expr:
    before = positive.cum_sum().over(DEBTOR) - positive
    rest = pl.max_horizontal(amount - before, pl.lit(0, dtype=pl.Int64))
    return pl.min_horizontal(rest, positive)
