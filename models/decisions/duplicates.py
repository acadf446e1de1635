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
Candidates come from joins on hashes and date buckets, never from all pairs, so a book of a million
stays cheap. Of each pair the later recorded one is the duplicate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

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
    book = _book(receivables)
    exact = _ordered(_equal(book, [*PARTIES, "number_norm", "issued_on", "gross_minor"]))
    exact = exact.filter(pl.col("number_norm") != "").select(
        "receivable_id", "other_receivable_id", rule=pl.lit("F01"), basis=pl.lit("exact")
    )
    number = _near_numbers(book, tolerance).with_columns(by_number=pl.lit(True))
    amount = _near_amounts(book, tolerance).with_columns(by_amount=pl.lit(True))
    keys = ["receivable_id", "other_receivable_id"]
    near = (
        number.join(amount, on=keys, how="full", coalesce=True)
        .join(exact, on=keys, how="anti")
        .select(
            *keys,
            rule=pl.lit("F02"),
            basis=pl.when(pl.col("by_number") & pl.col("by_amount"))
            .then(pl.lit("both"))
            .when(pl.col("by_number"))
            .then(pl.lit("number"))
            .otherwise(pl.lit("amount")),
        )
    )
    return (
        pl.concat([exact, near])
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
        .sort("receivable_id", "other_receivable_id")
    )


def _book(receivables: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("number_norm").fill_null("")
    return (
        receivables.filter(
            (pl.col("document_type") == "invoice") & ~pl.col("status").is_in(ANNULLED)
        )
        .select(*COLUMNS)
        .with_columns(
            seller=pl.coalesce("seller_tax_id", "seller_id"),
            debtor=pl.coalesce("debtor_tax_id", "debtor_id"),
            number_norm=number,
            purchase_order_number=pl.when(pl.col("purchase_order_number") != "").then(
                "purchase_order_number"
            ),
            stem=number.str.replace(r"^[A-Z]+", "").str.replace(r"([0-9])[A-Z]$", "$1"),
            letters=number.str.replace_all("0", "").str.split("").list.sort().list.join(""),
            day=pl.col("issued_on").cast(pl.Int32).cast(pl.Int64),
        )
        .sort("recorded_at", "issued_on", "receivable_id")
        .with_row_index("place")
    )


def _pairs(left: pl.DataFrame, right: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return left.join(right, on=on, how="inner", suffix="_other").filter(
        pl.col("place") > pl.col("place_other")
    )


def _equal(book: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return _pairs(book, book, on)


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.rename({"receivable_id_other": "other_receivable_id"})


def _close(tolerance: Tolerance) -> pl.Expr:
    gap = (pl.col("gross_minor") - pl.col("gross_minor_other")).abs() * 10_000
    return gap <= tolerance.amount_bps * pl.max_horizontal("gross_minor", "gross_minor_other")


def _distance() -> pl.Expr:
    return (pl.col("day") - pl.col("day_other")).abs()


def _near_numbers(book: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    numbered = book.filter(pl.col("number_norm") != "")
    same = _equal(numbered, [*PARTIES, "number_norm"])
    stem = _equal(numbered.filter(pl.col("stem") != ""), [*PARTIES, "stem"])
    swapped = _equal(numbered, [*PARTIES, "letters"]).filter(
        pl.struct("number_norm", "number_norm_other").map_elements(
            lambda pair: transposed(pair["number_norm"], pair["number_norm_other"]),
            return_dtype=pl.Boolean,
        )
    )
    near = _close(tolerance) & (_distance() <= tolerance.retyped_days)
    alike = [_single(part.filter(near), book, tolerance) for part in (stem, swapped)]
    found = [
        _ordered(part).select("receivable_id", "other_receivable_id") for part in (same, *alike)
    ]
    return pl.concat(found).unique()


def _near_amounts(book: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    width = tolerance.days + 1
    early = book.with_columns(bucket=pl.col("day") // width)
    shifted = pl.concat([early.with_columns(bucket=pl.col("bucket") + step) for step in (-1, 0, 1)])
    near = _pairs(early, shifted, [*PARTIES, "bucket"]).filter(
        _close(tolerance) & (_distance() <= tolerance.days)
    )
    found = _ordered(_single(near, book, tolerance))
    return found.select("receivable_id", "other_receivable_id").unique()


def _single(pairs: pl.DataFrame, book: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Keep pairs that nothing marks as two charges of their own.

    Marks are two different references to orders, or an amount that recurs between the parties.
    """
    orders = pl.col("purchase_order_number"), pl.col("purchase_order_number_other")
    amounts = book.group_by(*PARTIES, "gross_minor").agg(times=pl.len())
    return pairs.join(amounts, on=[*PARTIES, "gross_minor"], how="left").filter(
        (pl.col("times") < tolerance.recurring) & (orders[0] == orders[1]).fill_null(True)
    )


def transposed(left: str, right: str) -> bool:
    """Tell whether two numbers differ by exactly one swap of neighbours.

    Normal forms have lost their leading zeros, so the last digit runs are filled up again first:
    a swap of a leading zero (``F000826``, ``F008026``) is a swap too.
    """
    left, right = _filled(left, right), _filled(right, left)
    if len(left) != len(right):
        return False
    different = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    return (
        len(different) == 2
        and different[1] == different[0] + 1
        and left[different[0]] == right[different[1]]
        and left[different[1]] == right[different[0]]
    )


def _filled(number: str, other: str) -> str:
    digits = len(number) - len(number.rstrip("0123456789"))
    if not digits:
        return number
    head, run = number[:-digits], number[-digits:]
    return head + run.zfill(len(other) - len(other.rstrip("0123456789")))
