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


@dataclass(frozen=True)
class Concentration:
    """How the open book of one currency is spread over debtors.

    Attributes:
        debtors: number of debtors who owe.
        effective: 1 ÷ Σ share², rounded; none for an empty book.
        book_minor: what they owe together.
    """

    debtors: int
    effective: int | None
    book_minor: int


def sellers(snapshot: Snapshot) -> dict[str, str]:
    """Return the sellers' names by id, in order of the names."""
    query = "select seller_id, display_name from marts_risk.dim_sellers order by 2, 1"
    return {row["seller_id"]: row["display_name"] for row in snapshot.rows(query)}


def books(snapshot: Snapshot, seller: str = "") -> list[Book]:
    """Return the open book per currency, the one with most receivables first.

    Args:
        snapshot: what to read.
        seller: only what is owed to this seller; to all when empty.
    """
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
        where basis = 'due' and ($seller = '' or seller_id = $seller)
        group by currency
        having sum(receivable_count) > 0
        order by receivables desc, currency
    """  # noqa: S608 - constant text
    return [Book(**row) for row in snapshot.rows(query, {"seller": seller})]


def ageing(snapshot: Snapshot, currency: str, basis: str, seller: str = "") -> list[AgeingBucket]:
    """Return the open book by age, all buckets in order.

    Args:
        snapshot: what to read.
        currency: ISO 4217 code.
        basis: `due` counts days from the due date, `invoice` from the invoice date.
        seller: only what is owed to this seller; to all when empty.
    """
    query = f"""
        with ageing as ({_AGEING_NOW})
        select bucket, sum(open_minor)::bigint as minor, sum(receivable_count)::bigint as number
        from ageing
        where currency = $currency and basis = $basis and ($seller = '' or seller_id = $seller)
        group by bucket
    """  # noqa: S608 - constant text
    parameters = {"currency": currency, "basis": basis, "seller": seller}
    found = {row["bucket"]: row for row in snapshot.rows(query, parameters)}
    return [
        AgeingBucket(
            bucket=bucket,
            open_minor=found[bucket]["minor"] if bucket in found else 0,
            receivables=found[bucket]["number"] if bucket in found else 0,
        )
        for bucket in BUCKET_LABELS
    ]


_OWED = f"""
    with ageing as ({_AGEING_NOW}),
    owed as (
        select
            debtor_id,
            sum(open_minor)::bigint as open_minor,
            coalesce(sum(open_minor) filter (bucket <> 'not_due'), 0)::bigint as past_due_minor,
            sum(receivable_count)::bigint as receivables
        from ageing
        where currency = $currency and basis = 'due' and ($seller = '' or seller_id = $seller)
        group by debtor_id
        having sum(receivable_count) > 0
    )
"""  # noqa: S608 - constant text


def debtor_exposures(
    snapshot: Snapshot, currency: str, seller: str = "", limit: int | None = None, offset: int = 0
) -> list[DebtorExposure]:
    """Return what debtors owe in one currency, largest first.

    Args:
        snapshot: what to read.
        currency: ISO 4217 code.
        seller: only what is owed to this seller; to all when empty.
        limit: at most so many; all without.
        offset: leave out so many of the largest.
    """
    query = f"""
        {_OWED},
        listed as (
            select *, (select sum(open_minor) from owed)::bigint as book_minor
            from owed
            order by open_minor desc, debtor_id
            {"" if limit is None else f"limit {limit:d} offset {offset:d}"}
        )
        select listed.*, debtors.display_name, debtors.country
        from listed
        left join marts_risk.dim_debtors as debtors using (debtor_id)
        order by listed.open_minor desc, listed.debtor_id
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
        for row in snapshot.rows(query, {"currency": currency, "seller": seller})
    ]


def concentration(snapshot: Snapshot, currency: str, seller: str = "") -> Concentration:
    """Return how the open book of one currency is spread over debtors."""
    query = f"""
        {_OWED}
        select count(*) as debtors, coalesce(sum(open_minor), 0)::bigint as book_minor,
               (sum(open_minor::double) ** 2 / nullif(sum(open_minor::double ** 2), 0))
                   as effective
        from owed
    """  # noqa: S608 - constant text
    row = next(snapshot.rows(query, {"currency": currency, "seller": seller}))
    effective = row["effective"]
    return Concentration(
        debtors=row["debtors"],
        effective=None if effective is None else round(effective),
        book_minor=row["book_minor"],
    )


def effective_debtors(exposures: list[DebtorExposure]) -> int | None:
    """Return the effective number of debtors, 1 ÷ Σ share², rounded; none for an empty book."""
    squares = sum(exposure.share_ppm**2 for exposure in exposures)
    return None if squares == 0 else round(10**12 / squares)


def book_history(snapshot: Snapshot, currency: str, seller: str = "") -> pl.DataFrame:
    """Return the open book at each month's end: one row per `as_of_on` with `open_minor`."""
    return snapshot.frame(
        """
        with shown as (
            select distinct as_of_on
            from marts_portfolio.fct_receivables_daily
            qualify as_of_on = max(as_of_on) over (partition by date_trunc('month', as_of_on))
        )
        select as_of_on, sum(open_minor)::bigint as open_minor
        from marts_portfolio.fct_receivables_daily
        join shown using (as_of_on)
        where currency = $currency and ($seller = '' or seller_id = $seller)
        group by as_of_on
        order by as_of_on
        """,
        {"currency": currency, "seller": seller},
    )
