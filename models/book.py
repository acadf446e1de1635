"""The facts of an assessment and everything about the book that all its requests share.

    Facts (frames as of a time) ──Book.of(facts, policy)──► index of the past, borrowing base,
                                                            duplicates, limits, dilution, parties

A book depends on the history, the parties and the policy, not on the requests, so one book serves
any number of requests, singly or together, and all of them see the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from models.decisions import duplicates, eligibility, limits
from models.decisions.advance import AdvanceTerms
from models.decisions.checks import Checklist
from models.decisions.policy import Policy
from models.domain.errors import InvalidFacts
from models.domain.matrix import MISSING, Ints
from models.features.history import History
from models.pricing.price import PriceTerms

BUREAU = ("failure_percentile", "delinquency_percentile", "paydex")
"""Columns of ``dim_debtors`` that scores may read beside the features."""

Repeat = tuple[str, str, str]
"""Rule, basis, the other receivable."""


class Balances(Mapping[str, tuple[int, str | None]]):
    """Receivable to eligible minor units and primary rule, looked up in a sorted frame.

    Args:
        receivables: ``receivable_id, eligible_minor, rule``, sorted by id; kept as it is, since a
            dictionary of a large book would be many times its size.
    """

    def __init__(self, receivables: pl.DataFrame) -> None:
        self._ids = receivables["receivable_id"]
        self._found = receivables.select("eligible_minor", "rule")

    def __getitem__(self, receivable_id: str) -> tuple[int, str | None]:
        place = bisect_left(self._ids, receivable_id)
        if place == len(self._ids) or self._ids[place] != receivable_id:
            raise KeyError(receivable_id)
        amount, rule = self._found.row(place)
        return int(amount), rule

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


@dataclass(frozen=True)
class Facts:
    """What is known at a time, for one or more tenants.

    Attributes:
        as_of: Knowledge time, UTC; nothing in the frames was recorded after it.
        requests: Receivables to decide: columns of ``marts_risk.fct_receivables`` and
            ``requested_at``; each must also be in ``history``.
        history: ``marts_risk.fct_receivables`` as known at ``as_of``.
        debtors: ``marts_risk.dim_debtors``.
        sellers: ``marts_risk.dim_sellers``.
        exposures: Advances outstanding: kind (``seller`` or ``debtor``), id, currency, minor units.
        financed: Exact fingerprints of what is already financed.
        financed_near: Near fingerprints of the same.
    """

    as_of: datetime
    requests: pl.DataFrame
    history: pl.DataFrame
    debtors: pl.DataFrame
    sellers: pl.DataFrame
    exposures: tuple[tuple[str, str, str, int], ...] = ()
    financed: frozenset[str] = frozenset()
    financed_near: frozenset[str] = frozenset()


class Debtor(NamedTuple):
    """What a decision needs to know of a debtor.

    Attributes:
        is_known: It is on file.
        has_tax_id: It has a tax id.
        is_natural_person: It is a person.
        bureau: Values of ``BUREAU``, ``MISSING`` where there are none.
    """

    is_known: bool
    has_tax_id: bool
    is_natural_person: bool
    bureau: tuple[int, ...]

    @property
    def has_bureau(self) -> bool:
        """A bureau report is on file."""
        return any(value != MISSING for value in self.bureau)


STRANGER = Debtor(False, False, False, (MISSING,) * len(BUREAU))


@dataclass(frozen=True)
class Book:
    """What all requests of one history and policy share.

    Attributes:
        past: Indexed payment history.
        eligible: Receivable to eligible minor units and primary rule.
        repeats: Receivable to the pairs in which it is the later one.
        dilution_ppm: Seller, debtor and currency to credited share of the last year.
        debtors: Debtor id to what is known of it.
        sellers: Sellers with a tax id.
        own_currency: Seller to its base currency.
        checklist: The policy's checks with the book's limits.
        advance: The policy's numbers for the advance.
        price: The policy's numbers for the price.
        base: The borrowing base, for reports and control totals.
    """

    past: History
    eligible: Balances
    repeats: Mapping[str, tuple[Repeat, ...]]
    dilution_ppm: Mapping[tuple[str, str, str], int]
    debtors: Mapping[str, Debtor]
    sellers: frozenset[str]
    own_currency: Mapping[str, str]
    checklist: Checklist
    advance: AdvanceTerms
    price: PriceTerms
    base: eligibility.BorrowingBase

    @classmethod
    def of(cls, facts: Facts, policy: Policy, *, past: History | None = None) -> Book:
        """Prepare a book.

        Args:
            facts: What is known. Beside an indexed past the history may be a part of the whole:
                all that the requests' sellers sold and all that their debtors owe.
            policy: Policy in force.
            past: The indexed whole; made from the history when absent.

        Raises:
            InvalidFacts: ``as_of`` has no zone, or a frame lacks columns.
        """
        if facts.as_of.tzinfo is None:
            raise InvalidFacts("as_of must carry its zone")
        today = facts.as_of.date()
        pairs = duplicates.find_duplicates(facts.history, duplicates.Tolerance.of(policy))
        base = _base(facts, pairs, policy)
        found = limits.limits(facts.history, facts.debtors, policy, today)
        known = facts.sellers.filter(pl.col("tax_id").is_not_null())["seller_id"]
        return cls(
            past=past or History(facts.history),
            eligible=Balances(base.receivables),
            repeats=_repeats(pairs),
            dilution_ppm=_dilution(facts.history, today),
            debtors=_debtors(facts.debtors),
            sellers=frozenset(known.to_list()),
            own_currency=dict(facts.sellers.select("seller_id", "base_currency").iter_rows()),
            checklist=Checklist(policy, found),
            advance=AdvanceTerms.of(policy),
            price=_price_terms(policy),
            base=base,
        )

    def debtor(self, debtor_id: str) -> Debtor:
        """Give what is known of a debtor, also when that is nothing."""
        return self.debtors.get(debtor_id, STRANGER)

    def bureau(self, debtor_ids: list[str]) -> Ints:
        """Give the bureau columns, one row per debtor asked for."""
        rows = [self.debtor(debtor_id).bureau for debtor_id in debtor_ids]
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(BUREAU))


def open_book(facts: Facts, repeated: Collection[str]) -> pl.DataFrame:
    """Give the open part of a book with what eligibility wants to know of each row.

    Args:
        facts: What is known.
        repeated: Receivables that repeat another exactly.
    """
    insolvent = facts.debtors.filter(
        pl.col("is_insolvent").fill_null(False)
        | (pl.col("operating_status").fill_null("") == "out_of_business")
    )["debtor_id"]
    return facts.history.filter(pl.col("open_minor") != 0).with_columns(
        is_repeated=pl.col("receivable_id").is_in(list(repeated)),
        is_insolvent=pl.col("debtor_id").is_in(insolvent.to_list()),
    )


def _base(facts: Facts, pairs: pl.DataFrame, policy: Policy) -> eligibility.BorrowingBase:
    repeated = pairs.filter(pl.col("rule") == "F01")["receivable_id"].unique()
    found = open_book(facts, repeated.to_list())
    return eligibility.eligibility(found, policy, facts.as_of.date())


def _repeats(pairs: pl.DataFrame) -> dict[str, tuple[Repeat, ...]]:
    found: defaultdict[str, list[Repeat]] = defaultdict(list)
    for later, other, rule, basis in pairs.iter_rows():
        found[later].append((rule, basis, other))
    return {later: tuple(repeats) for later, repeats in found.items()}


def _dilution(history: pl.DataFrame, today: date) -> dict[tuple[str, str, str], int]:
    year = history.filter(
        (pl.col("document_type") == "invoice")
        & ~pl.col("status").is_in(("draft", "void", "reversed"))
        & (pl.col("issued_on") > pl.lit(today).dt.offset_by("-365d"))
    )
    sums = year.group_by("seller_id", "debtor_id", "currency").agg(
        pl.col("credited_minor").fill_null(0).sum(), pl.col("gross_minor").sum()
    )
    return {
        (seller, debtor, currency): min(int(credited) * 1_000_000 // int(gross), 1_000_000)
        for seller, debtor, currency, credited, gross in sums.iter_rows()
        if gross and credited
    }


def _debtors(debtors: pl.DataFrame) -> dict[str, Debtor]:
    reports = [
        pl.col(name).cast(pl.Int64).fill_null(MISSING)
        if name in debtors.columns
        else pl.lit(MISSING, dtype=pl.Int64).alias(name)
        for name in BUREAU
    ]
    rows = debtors.select("debtor_id", "tax_id", "is_natural_person", *reports).iter_rows()
    return {
        debtor: Debtor(True, bool(tax_id), bool(is_person), tuple(bureau))
        for debtor, tax_id, is_person, *bureau in rows
    }


def _price_terms(policy: Policy) -> PriceTerms:
    names = (
        "cost_of_funds", "lgd", "opex_fixed", "opex_rate", "capital_ratio", "return_on_equity",
        "tax", "margin", "min_price_30d",
    )  # fmt: skip
    return PriceTerms(
        **{name: policy.rate(f"pricing.{name}") for name in names},
        funding_days=policy.whole("pricing.funding_day_count"),
        year_days=policy.whole("pricing.year_days"),
    )
