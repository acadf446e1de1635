"""The questions about the book that screens and reports ask of a snapshot, one function each.

Amounts stay integers in minor units beside their currency; amounts of different currencies are
never added. Every function reads one tenant's rows only, since its snapshot shows no others.
"""

from dataclasses import dataclass

import polars as pl

from apps.access.personal_data import party_label
from apps.look import BUCKET_LABELS
from apps.warehouse import Snapshot


@dataclass(frozen=True)
class Book:
    """The open book in one currency.

    Attributes:
        currency: ISO 4217 code.
        open_minor: what debtors owe.
        past_due_minor: the part whose due date has passed.
        receivables: number of open receivables.
        debtors: number of debtors who owe.
        sellers: number of sellers they owe to.
    """

    currency: str
    open_minor: int
    past_due_minor: int
    receivables: int
    debtors: int
    sellers: int


@dataclass(frozen=True)
class AgeingBucket:
    """One ageing bucket: its code, what is open in it and on how many receivables."""

    bucket: str
    open_minor: int
    receivables: int


@dataclass(frozen=True)
class DebtorExposure:
    """What one debtor owes in one currency.

    Attributes:
        debtor_id: our id.
        label: the name as this reader may see it.
        country: ISO 3166 code, none when unknown.
        open_minor: what they owe.
        past_due_minor: the part past its due date.
        share_ppm: of the currency's open book, in parts per million.
        receivables: number of open receivables.
    """

    debtor_id: str
    label: str
    country: str | None
    open_minor: int
    past_due_minor: int
    share_ppm: int
    receivables: int


_AGEING_NOW = """
    select * from marts_portfolio.fct_ageing
    where as_of_on = (select max(as_of_on) from marts_portfolio.fct_ageing)
"""


def books(snapshot: Snapshot) -> list[Book]:
    """Return the open book per currency, the one with most receivables first."""
    query = f"""
        with ageing as ({_AGEING_NOW})
        select
            currency,
            sum(open_minor)::bigint as open_minor,
            coalesce(sum(open_minor) filter (bucket <> 'not_due'), 0)::bigint as past_due_minor,
            sum(receivable_count)::bigint as receivables,
            count(distinct debtor_id) as debtors,
            count(distinct seller_id) as sellers
        from ageing
        where basis = 'due'
        group by currency
        having sum(receivable_count) > 0
        order by receivables desc, currency
    """  # noqa: S608 - constant text
    return [Book(**row) for row in snapshot.rows(query)]


def ageing(snapshot: Snapshot, currency: str, basis: str) -> list[AgeingBucket]:
    """Return the open book by age, all buckets in order.

    Args:
        snapshot: what to read.
        currency: ISO 4217 code.
        basis: `due` counts days from the due date, `invoice` from the invoice date.
    """
    query = f"""
        with ageing as ({_AGEING_NOW})
        select bucket, sum(open_minor)::bigint as minor, sum(receivable_count)::bigint as number
        from ageing
        where currency = $currency and basis = $basis
        group by bucket
    """  # noqa: S608 - constant text
    found = {
        row["bucket"]: row for row in snapshot.rows(query, {"currency": currency, "basis": basis})
    }
    return [
        AgeingBucket(
            bucket=bucket,
            open_minor=found[bucket]["minor"] if bucket in found else 0,
            receivables=found[bucket]["number"] if bucket in found else 0,
        )
        for bucket in BUCKET_LABELS
    ]


def debtor_exposures(snapshot: Snapshot, currency: str) -> list[DebtorExposure]:
    """Return what every debtor owes in one currency, largest first."""
    query = f"""
        with ageing as ({_AGEING_NOW}),
        owed as (
            select
                debtor_id,
                sum(open_minor)::bigint as open_minor,
                coalesce(sum(open_minor) filter (bucket <> 'not_due'), 0)::bigint as past_due_minor,
                sum(receivable_count)::bigint as receivables
            from ageing
            where currency = $currency and basis = 'due'
            group by debtor_id
        )
        select owed.*, debtors.display_name, debtors.country,
               sum(owed.open_minor) over ()::bigint as book_minor
        from owed
        left join marts_risk.dim_debtors as debtors using (debtor_id)
        where owed.receivables > 0
        order by owed.open_minor desc, owed.debtor_id
    """  # noqa: S608 - constant text
    return [
        DebtorExposure(
            debtor_id=row["debtor_id"],
            label=party_label(row["display_name"], row["debtor_id"]),
            country=row["country"],
            open_minor=row["open_minor"],
            past_due_minor=row["past_due_minor"],
            share_ppm=row["open_minor"] * 1_000_000 // row["book_minor"]
            if row["book_minor"]
            else 0,
            receivables=row["receivables"],
        )
        for row in snapshot.rows(query, {"currency": currency})
    ]


def effective_debtors(exposures: list[DebtorExposure]) -> int | None:
    """Return the effective number of debtors, 1 ÷ Σ share², rounded; none for an empty book."""
    squares = sum(exposure.share_ppm**2 for exposure in exposures)
    return None if squares == 0 else round(10**12 / squares)


def book_history(snapshot: Snapshot, currency: str) -> pl.DataFrame:
    """Return the open book at each month's end: one row per `as_of_on` with `open_minor`."""
    return snapshot.frame(
        """
        with daily as (
            select as_of_on, sum(open_minor)::bigint as open_minor
            from marts_portfolio.fct_receivables_daily
            where currency = $currency
            group by as_of_on
        )
        select as_of_on, open_minor
        from daily
        qualify as_of_on = max(as_of_on) over (partition by date_trunc('month', as_of_on))
        order by as_of_on
        """,
        {"currency": currency},
    )
