"""The answer about one file, put together from its facts, its verdicts and its totals.

Everything is summed per currency from frames; the shape is the one `docs/assess.md` describes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from models.book import Repeat
    from models.decisions.eligibility import BorrowingBase
    from models.decisions.policy import Policy
    from models.improvements import Improvement
    from orchestration.assess.facts import Known

MOST_ROWS = 1_000
_SHOWN_DEBTORS = 10
_OPEN_COLUMNS = (
    "receivable_id", "number", "debtor_id", "currency", "document_type", "status", "issued_on",
    "due_on", "terms_days", "gross_minor", "open_minor", "is_disputed", "disputed_minor",
)  # fmt: skip
_WAYS = {
    "disputes_settled": "Settle the disputes over {invoices}",
    "aged_collected": "Collect what is too old ({invoices}): the other invoices of {debtors} count"
    " again",
    "limits_raised": "Agree a larger share, or insure, for {debtors} above the limit",
    "due_dates_corrected": "Correct the due date of {invoices} due before the issue",
    "repeats_explained": "Show that exact repeats ({invoices}) are claims of their own",
}


@dataclass(frozen=True)
class Judged:
    """What the models say of a file.

    Attributes:
        known: The facts.
        base: The borrowing base.
        repeats: Receivable to the pairs in which it is the later one.
        verdicts: One row per open invoice, see ``models.verdicts``.
        improvements: What would make more eligible.
        policy: Policy in force.
        as_of_on: The day looked at.
    """

    known: Known
    base: BorrowingBase
    repeats: Mapping[str, tuple[Repeat, ...]]
    verdicts: pl.DataFrame
    improvements: Sequence[Improvement]
    policy: Policy
    as_of_on: date


def open_book(judged: Judged) -> pl.DataFrame:
    """Give every open receivable with its eligibility, its verdict and its probable days."""
    import polars as pl

    from models.portfolio import collections

    rows = judged.known.receivables.filter(pl.col("open_minor") != 0).select(_OPEN_COLUMNS)
    base = judged.base.receivables.select("receivable_id", "eligible_minor", "rule")
    whole = rows.join(base, on="receivable_id", how="left", maintain_order="left").join(
        judged.verdicts, on="receivable_id", how="left", maintain_order="left"
    )
    if judged.known.receivables["settled_on"].count():
        return collections.dated(whole, judged.as_of_on)
    return collections.due(whole, judged.as_of_on)


def currencies(judged: Judged, whole: pl.DataFrame) -> list[dict[str, Any]]:
    """Describe each currency, the one with most open invoices' money first.

    Args:
        judged: What the models say.
        whole: :func:`open_book`.
    """
    import polars as pl

    from models.portfolio import pairs, payers

    paid = payers.payers(judged.known.receivables)
    repeats = pairs.joined(judged.repeats, judged.known.receivables)
    names = sorted({*judged.known.control, *whole["currency"].cast(pl.String).unique()})
    found = [_currency(judged, whole, paid, repeats, name) for name in names]
    return sorted(found, key=lambda item: (-item["outstanding"]["invoices"], item["currency"]))


def notes(judged: Judged, answer: Sequence[Mapping[str, Any]], amount: str) -> list[str]:
    """Say what a reader has to know about the figures.

    Args:
        judged: What the models say.
        answer: :func:`currencies`.
        amount: Column that was read as the amount.
    """
    from ingestion.documents.naming import says_only_open
    from models.portfolio.outstanding import fullest_month_end

    told = [
        "Indicative: nothing was decided, reserved or paid; no bureau, bank or register was asked."
        " The seller is taken as identified."
    ]
    if says_only_open(amount):
        told.append(
            f"{amount!r} is the only amount in the file: what is open is taken as invoiced."
        )
    unsupported = [
        item["currency"] for item in answer if item["currency"] not in judged.policy.rates
    ]
    if unsupported:
        told.append(
            f"The policy has no rate for {', '.join(unsupported)}: nothing in it is eligible."
        )
    undue = sum(item["outstanding"]["without_due_date"] for item in answer)
    if undue:
        told.append(
            f"Open invoices without a due date ({undue:,}) are taken as due 30 days after issue."
        )
    if answer and not any(item["outstanding"]["invoices"] for item in answer):
        day = fullest_month_end(judged.known.receivables, judged.as_of_on)
        earlier = f" --as-of {day} looks at the month end when most was open." if day else ""
        told.append(f"Nothing is open on {judged.as_of_on}: every invoice is paid.{earlier}")
    return told


def _currency(
    judged: Judged,
    whole: pl.DataFrame,
    paid: pl.DataFrame,
    repeats: pl.DataFrame,
    currency: str,
) -> dict[str, Any]:
    import polars as pl

    from models.decisions.eligibility import REASONS
    from models.domain.reasons import CATALOGUE
    from models.portfolio import collections, offer, outstanding, totals

    is_own = pl.col("currency").cast(pl.String) == currency
    book = whole.filter(is_own)
    invoices = book.filter(pl.col("outcome").is_not_null())
    base = judged.base
    texts = {code: text for code, (_, text) in CATALOGUE.items()}
    as_of_on = judged.as_of_on
    return {
        "currency": currency,
        "control": _control(judged, book, currency),
        "outstanding": outstanding.outstanding(book, as_of_on).body(),
        "ageing": outstanding.ageing(book, as_of_on),
        **_payers(judged, book, paid.filter(is_own)),
        "collections": collections.collections(invoices, as_of_on),
        "eligibility": totals.waterfall(
            base.receivables.filter(is_own), base.lines.filter(is_own), REASONS
        ),
        "concentration": _concentration(judged, book, base.lines.filter(is_own)),
        "duplicates": _duplicates(judged, repeats.filter(is_own)),
        "improvements": [
            _improvement(item) for item in judged.improvements if item.currency == currency
        ],
        "offer": offer.offer(invoices, {**texts, **_PLAIN}),
    }


_PLAIN = {
    "R113": "Payment terms are longer than the policy allows",
    "R115": "Currency is not supported",
    "R120": "Due date is past, or today",
    "R601": "Risk grade needs a person's decision",
    "R602": "Risk grade is outside the policy",
}
"""Reasons told of many invoices at once, where the text of one would name its figures."""


def _control(judged: Judged, book: pl.DataFrame, currency: str) -> dict[str, int]:
    import polars as pl

    from models.portfolio.totals import Control

    stated = judged.known.control.get(currency, {})
    rows = judged.known.receivables.filter(pl.col("currency").cast(pl.String) == currency)
    gross, still_open = int(rows["gross_minor"].sum()), int(book["open_minor"].sum())
    names = (
        "file_minor", "rejected_minor", "repeated_minor", "after_as_of_minor", "rounding_minor",
        "other_minor",
    )  # fmt: skip
    return Control(
        **{name: stated.get(name, 0) for name in names},
        sign_minor=stated.get("mart_minor", 0) - gross,
        settled_minor=gross - still_open,
        outstanding_minor=still_open,
    ).body()


def _payers(judged: Judged, book: pl.DataFrame, paid: pl.DataFrame) -> dict[str, Any]:
    """Describe the debtors that owe most, and behind them those that paid most often."""
    import polars as pl

    from models.portfolio import debtors, payers

    owing = debtors.largest(book)
    others = (
        paid.join(owing, on="debtor_id", how="anti")
        .sort(["settled", pl.col("debtor_id").cast(pl.String)], descending=[True, False])
        .select(
            "debtor_id",
            receivables=pl.lit(0, dtype=pl.Int64),
            open_minor=pl.lit(0, dtype=pl.Int64),
            share_ppm=pl.lit(0, dtype=pl.Int64),
        )
    )
    everyone = pl.concat([owing, others], how="vertical_relaxed")
    shown = everyone.head(MOST_ROWS)
    labels = [judged.known.labels.get(debtor, debtor) for debtor in shown["debtor_id"]]
    listed = payers.rows(
        shown.with_columns(pl.Series("label", labels, dtype=pl.String)),
        paid,
        judged.known.names,
    )
    return {
        "payers": listed,
        "payers_total": everyone.height,
        "all_payers": payers.together(paid),
    }


def _concentration(judged: Judged, book: pl.DataFrame, lines: pl.DataFrame) -> dict[str, Any]:
    from models.decisions.concentration import concentration
    from models.portfolio import debtors

    owing = debtors.largest(book)
    measured = concentration(owing["open_minor"].to_list())
    taken = debtors.excess(lines)
    return {
        "limit_ppm": judged.policy.whole("eligibility.concentration_bps") * 100,
        "hhi_ppm": measured.hhi_ppm,
        "effective_names_milli": measured.effective_names_milli,
        "debtors": [
            {
                "debtor": judged.known.labels.get(debtor, debtor),
                "name": judged.known.names.get(debtor),
                "receivables": int(count),
                "open_minor": int(minor),
                "share_ppm": int(share),
                "excess_minor": taken.get(debtor, 0),
            }
            for debtor, count, minor, share in owing.head(_SHOWN_DEBTORS).iter_rows()
        ],
    }


def _duplicates(judged: Judged, repeats: pl.DataFrame) -> dict[str, Any]:
    import polars as pl

    exact = repeats.filter(pl.col("rule") == "F01").height
    later = repeats.unique("receivable_id")
    return {
        "pairs": repeats.height,
        "exact": exact,
        "near": repeats.height - exact,
        "minor": int(later["open_minor"].sum()),
        "rows": [
            {
                "rule": row["rule"],
                "basis": row["basis"],
                "number": row["number"],
                "other_number": row["other_number"],
                "debtor": judged.known.labels.get(row["debtor_id"], row["debtor_id"]),
                "issued_on": row["issued_on"].isoformat(),
                "other_issued_on": row["other_issued_on"].isoformat(),
                "gross_minor": int(row["gross_minor"]),
                "minor": int(row["open_minor"]),
            }
            for row in repeats.head(MOST_ROWS).iter_rows(named=True)
        ],
    }


def _improvement(item: Improvement) -> dict[str, Any]:
    def counted(number: int, noun: str) -> str:
        return f"{number:,} {noun}" + ("" if number == 1 else "s")

    return {
        "code": item.code,
        "key": item.key,
        "text": _WAYS[item.key].format(
            invoices=counted(item.receivables, "invoice"), debtors=counted(item.debtors, "debtor")
        ),
        "receivables": item.receivables,
        "debtors": item.debtors,
        "eligible_gain_minor": item.eligible_gain_minor,
    }
