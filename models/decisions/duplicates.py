"""The same receivable twice, or nearly (typologies F01 and F02 of DOMAIN section 5.2).

F01: seller, debtor, normalised number, issue date, gross and currency are all equal.
F02: same seller, debtor and currency, and
     number – the normalised number is equal, or the amount is and the number differs only by a
              prefix, a suffix letter or one transposition; or
     amount – gross within the tolerance and dates within the window.
     What only looks alike is left out when the two name different orders or when the amount
     recurs between the parties; a number that is merely alike must also be near in time.
     Both together block, one alone asks for a person.

Only receivables of one tenant are compared: what another financier holds is none of its business.
Candidates come from joins on numbers and on buckets of amount and date, party by party and never
from all pairs, so a book of a million stays cheap. Of each pair the later recorded one is the
duplicate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from models.decisions import retyped
from models.decisions.policy import Policy

COLUMNS = (
    "tenant_id", "receivable_id", "seller_id", "debtor_id", "currency", "document_type", "status",
    "number_norm", "purchase_order_number", "issued_on", "due_on", "gross_minor", "recorded_at",
    "seller_tax_id", "debtor_tax_id",
)  # fmt: skip
SCHEMA = pl.Schema(
    {
        "receivable_id": pl.String(),
        "other_receivable_id": pl.String(),
        "rule": pl.String(),
        "basis": pl.String(),
    }
)
PARTIES = ("tenant_id", "seller", "debtor", "currency")
PAIR = ["place", "place_other"]
PART = 50_000
"""Receivables whose pairs are looked for at once; those of the same parties stay together."""

MOST_ALIKE = 20
"""Up to so many receivables of the same parties under one number are compared each with each."""

ANNULLED = ("draft", "void", "reversed")


class Tolerance(NamedTuple):
    """Thresholds of the near forms.

    Attributes:
        amount_bps: Largest difference of gross amounts.
        days: Largest distance of issue dates.
        recurring: So many equal amounts of a pair make a recurring charge.
        retyped_days: Largest distance of issue dates when the numbers are only alike.
    """

    amount_bps: int
    days: int
    recurring: int
    retyped_days: int

    @classmethod
    def of(cls, policy: Policy) -> Tolerance:
        """Read the thresholds from a policy."""
        return cls(
            policy.whole("duplicates.amount_tolerance_bps"),
            policy.whole("duplicates.window_days"),
            policy.whole("duplicates.recurring_count"),
            policy.whole("duplicates.retyped_days"),
        )


class Quality(NamedTuple):
    """How well one rule finds what was planted.

    Attributes:
        planted: Pairs that are there.
        found: Pairs the rule names.
        hit: Pairs that are both.
    """

    planted: int
    found: int
    hit: int

    @property
    def recall_ppm(self) -> int:
        """Share of the planted pairs that was found."""
        return self.hit * 1_000_000 // self.planted if self.planted else 1_000_000

    @property
    def precision_ppm(self) -> int:
        """Share of the found pairs that was planted."""
        return self.hit * 1_000_000 // self.found if self.found else 1_000_000


def quality(pairs: pl.DataFrame, planted: Iterable[tuple[str, str, str]]) -> dict[str, Quality]:
    """Hold found pairs against an answer key, per rule and without regard to order.

    Args:
        pairs: What :func:`find_duplicates` gave.
        planted: Rule (``F01`` or ``F02``) and the two receivables.
    """
    truth: dict[str, set[frozenset[str]]] = {"F01": set(), "F02": set()}
    named: dict[str, set[frozenset[str]]] = {"F01": set(), "F02": set()}
    for rule, *ids in planted:
        truth[rule].add(frozenset(ids))
    for one, other, rule, _ in pairs.iter_rows():
        named[rule].add(frozenset((one, other)))
    return {
        rule: Quality(len(truth[rule]), len(named[rule]), len(truth[rule] & named[rule]))
        for rule in truth
    }


def find_duplicates(receivables: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Find exact and near duplicates in a book.

    Args:
        receivables: Columns ``COLUMNS``; annulled rows and credit notes are left out.
        tolerance: Thresholds of the near forms.

    Returns:
        One row per pair, the later one first: ``receivable_id, other_receivable_id, rule`` (F01 or
        F02) and ``basis`` (``exact``, ``number``, ``amount`` or ``both``).
    """
    book, ids = _book(receivables)
    parts = -(-book.height // PART) or 1
    found = [
        _part(book.filter(pl.col("parties") % parts == number), tolerance)
        for number in range(parts)
    ]
    pairs = pl.concat(found)
    return (
        pairs.select(
            ids.gather(pairs["place"]).alias("receivable_id"),
            ids.gather(pairs["place_other"]).alias("other_receivable_id"),
            "rule",
            "basis",
        )
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
        .sort("receivable_id", "other_receivable_id")
    )


def _book(receivables: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Give what is compared, narrow, and the receivables' ids by their place in the book."""
    book = (
        receivables.filter(
            (pl.col("document_type") == "invoice") & ~pl.col("status").is_in(ANNULLED)
        )
        .select(*COLUMNS)
        .with_columns(
            seller=pl.coalesce("seller_tax_id", "seller_id"),
            debtor=pl.coalesce("debtor_tax_id", "debtor_id"),
        )
        .sort("recorded_at", "issued_on", "receivable_id")
        .with_row_index("place")
    )
    groups = book.select(PARTIES).drop_nulls().unique(maintain_order=True)
    narrow = book.join(
        groups.with_row_index("parties"), on=PARTIES, how="inner", maintain_order="left"
    ).select(
        "place",
        "parties",
        "gross_minor",
        number_norm=pl.col("number_norm").fill_null(""),
        order=pl.when(pl.col("purchase_order_number") != "").then("purchase_order_number"),
        day=pl.col("issued_on").cast(pl.Int32).cast(pl.Int64),
    )
    return narrow, book["receivable_id"]


def _part(book: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Find the pairs among some parties: ``place, place_other, rule, basis``."""
    numbered = book.filter(pl.col("number_norm") != "")
    exact = _equal(numbered, ["parties", "number_norm", "day", "gross_minor"])
    close = _close_pairs(book, tolerance)
    number = pl.concat(
        [_equal(numbered, ["parties", "number_norm"]), _alike(close, tolerance)]
    ).unique()
    amount = close.filter(_distance() <= tolerance.days).select(PAIR)
    near = (
        number.with_columns(by_number=pl.lit(True))
        .join(amount.with_columns(by_amount=pl.lit(True)), on=PAIR, how="full", coalesce=True)
        .join(exact, on=PAIR, how="anti")
        .select(
            *PAIR,
            rule=pl.lit("F02"),
            basis=pl.when(pl.col("by_number") & pl.col("by_amount"))
            .then(pl.lit("both"))
            .when(pl.col("by_number"))
            .then(pl.lit("number"))
            .otherwise(pl.lit("amount")),
        )
    )
    told = exact.with_columns(rule=pl.lit("F01"), basis=pl.lit("exact"))
    return pl.concat([told, near])


def _equal(book: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Pair rows that are equal; one of very many is paired with the first of them only.

    So many under one number are a series, or a column that is no number, and all their pairs would
    be no finding but a flood.
    """
    rows = book.select("place", *on).with_columns(
        many=pl.len().over(on) > MOST_ALIKE, first=pl.col("place").min().over(on)
    )
    few = rows.filter(~pl.col("many"))
    pairs = few.join(few, on=on, suffix="_other").filter(pl.col("place") > pl.col("place_other"))
    series = rows.filter(pl.col("many") & (pl.col("place") > pl.col("first")))
    return pl.concat(
        [pairs.select(PAIR), series.select("place", pl.col("first").alias("place_other"))]
    )


def _close_pairs(book: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Pair what is close in amount and time, and that nothing marks as two charges of their own.

    Marks are two different references to orders, or an amount that recurs between the parties.
    Candidates meet in buckets of both, their neighbours included; the thresholds then decide.
    """
    width = max(tolerance.days, tolerance.retyped_days) + 1
    step = -math.log1p(-tolerance.amount_bps / 10_000) * 1.001 + 1e-12
    rows = book.with_columns(
        days=pl.col("day") // width,
        size=pl.when(pl.col("gross_minor") > 0)
        .then((pl.col("gross_minor").cast(pl.Float64).log() / step).floor())
        .otherwise(-2)
        .cast(pl.Int32),
        times=pl.len().over("parties", "gross_minor"),
    )
    shifted = pl.concat(
        [
            rows.with_columns(days=pl.col("days") + day, size=pl.col("size") + size)
            for day in (-1, 0, 1)
            for size in (-1, 0, 1)
        ]
    ).drop("times")
    later = rows.filter(pl.col("times") < tolerance.recurring).drop("times")
    gap = (pl.col("gross_minor") - pl.col("gross_minor_other")).abs() * 10_000
    largest = pl.max_horizontal("gross_minor", "gross_minor_other")
    near_in_time = pl.max_horizontal(
        pl.lit(tolerance.days, dtype=pl.Int64), pl.lit(tolerance.retyped_days, dtype=pl.Int64)
    )
    return later.join(shifted, on=["parties", "days", "size"], suffix="_other").filter(
        (pl.col("place") > pl.col("place_other"))
        & (gap <= tolerance.amount_bps * largest)
        & (_distance() <= near_in_time)
        & (pl.col("order") == pl.col("order_other")).fill_null(True)
    )


def _alike(close: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Keep pairs whose numbers are alike but for a prefix, a suffix letter or one swap."""
    sides = ("number_norm", "number_norm_other")
    numbered = close.filter(
        (pl.col(sides[0]) != "")
        & (pl.col(sides[1]) != "")
        & (_distance() <= tolerance.retyped_days)
    ).with_columns(
        *(retyped.stem(side).alias(f"stem_{at}") for at, side in enumerate(sides)),
        *(retyped.characters(side).alias(f"letters_{at}") for at, side in enumerate(sides)),
    )
    stem = (pl.col("stem_0") == pl.col("stem_1")) & (pl.col("stem_0") != "")
    swapped = numbered.filter(pl.col("letters_0") == pl.col("letters_1")).filter(
        pl.struct(sides).map_elements(
            lambda pair: retyped.transposed(pair[sides[0]], pair[sides[1]]),
            return_dtype=pl.Boolean,
        )
    )
    return pl.concat([numbered.filter(stem).select(PAIR), swapped.select(PAIR)])


def _distance() -> pl.Expr:
    return (pl.col("day") - pl.col("day_other")).abs()
