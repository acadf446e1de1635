"""The facts of an assessment and everything about the book that all its requests share.

    Facts (frames as of a time) ──Book.of(facts, policy)──► index of the past, borrowing base,
                                                            duplicates, limits, dilution

A book depends on the history and the policy, not on the requests, so one book serves any number of
requests, singly or together, and all of them see the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from models.decisions import duplicates, eligibility, limits
from models.decisions.limits import Key
from models.decisions.policy import Policy
from models.domain.errors import InvalidFacts
from models.features.payment_behaviour import History

Repeat = tuple[str, str, str]
"""Rule, basis, the other receivable."""


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


@dataclass(frozen=True)
class Book:
    """What all requests of one history and policy share.

    Attributes:
        past: Indexed payment history.
        eligible: Receivable to eligible minor units and primary rule.
        repeats: Receivable to the pairs in which it is the later one.
        limits: Every limit.
        dilution_ppm: Seller, debtor and currency to credited share of the last year.
        base: The borrowing base, for reports and control totals.
    """

    past: History
    eligible: Mapping[str, tuple[int, str | None]]
    repeats: Mapping[str, tuple[Repeat, ...]]
    limits: Mapping[Key, int]
    dilution_ppm: Mapping[tuple[str, str, str], int]
    base: eligibility.BorrowingBase

    @classmethod
    def of(cls, facts: Facts, policy: Policy) -> Book:
        """Prepare a book.

        Raises:
            InvalidFacts: ``as_of`` has no zone, or a frame lacks columns.
        """
        if facts.as_of.tzinfo is None:
            raise InvalidFacts("as_of must carry its zone")
        as_of_on = facts.as_of.date()
        pairs = duplicates.find_duplicates(facts.history, duplicates.Tolerance.of(policy))
        repeated = pairs.filter(pl.col("rule") == "F01")["receivable_id"].unique()
        insolvent = facts.debtors.filter(
            pl.col("is_insolvent").fill_null(False)
            | (pl.col("operating_status").fill_null("") == "out_of_business")
        )["debtor_id"]
        open_book = facts.history.filter(pl.col("open_minor") != 0).with_columns(
            is_repeated=pl.col("receivable_id").is_in(repeated.to_list()),
            is_insolvent=pl.col("debtor_id").is_in(insolvent.to_list()),
        )
        base = eligibility.eligibility(open_book, policy, as_of_on)
        return cls(
            past=History(facts.history),
            eligible={
                rid: (int(amount), rule)
                for rid, amount, rule in base.receivables.select(
                    "receivable_id", "eligible_minor", "rule"
                ).iter_rows()
            },
            repeats=_repeats(pairs),
            limits=limits.limits(facts.history, facts.debtors, policy, as_of_on),
            dilution_ppm=_dilution(facts.history, facts.as_of),
            base=base,
        )


def _repeats(pairs: pl.DataFrame) -> dict[str, tuple[Repeat, ...]]:
    found: defaultdict[str, list[Repeat]] = defaultdict(list)
    for later, other, rule, basis in pairs.iter_rows():
        found[later].append((rule, basis, other))
    return {later: tuple(repeats) for later, repeats in found.items()}


def _dilution(history: pl.DataFrame, as_of: datetime) -> dict[tuple[str, str, str], int]:
    year = history.filter(
        (pl.col("document_type") == "invoice")
        & ~pl.col("status").is_in(("draft", "void", "reversed"))
        & (pl.col("issued_on") > pl.lit(as_of.date()).dt.offset_by("-365d"))
    )
    sums = year.group_by("seller_id", "debtor_id", "currency").agg(
        pl.col("credited_minor").fill_null(0).sum(), pl.col("gross_minor").sum()
    )
    return {
        (seller, debtor, currency): int(credited) * 1_000_000 // int(gross)
        for seller, debtor, currency, credited, gross in sums.iter_rows()
        if gross and credited
    }
