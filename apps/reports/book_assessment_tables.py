"""The tables of a file's assessment: one definition each, for the page and for the workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.reports import book_assessment_rows as rows_of
from apps.reports.book_assessment import Item
from apps.reports.book_assessment_rows import Row
from apps.reports.document import Column, Kind, Table

_COUNT, _MONEY, _SHARE, _DAY = Kind.COUNT, Kind.MONEY, Kind.SHARE, Kind.DAY


@dataclass(frozen=True)
class Rows:
    """How one table is made for one currency.

    Attributes:
        caption: what it holds, in one line.
        columns: without the currency, which the workbook puts before them.
        of: the rows, from the answer about one currency.
        total: whether the last row is a sum.
        spare: places of columns that narrow paper does without.
    """

    caption: str
    columns: tuple[Column, ...]
    of: Callable[[Item], Sequence[Row]]
    total: bool = False
    spare: frozenset[int] = frozenset()


def table(name: str, items: Sequence[Item], source: str) -> Table:
    """Put the rows of several currencies into one table, with the currency in front."""
    made = TABLES[name]
    rows = [(item["currency"], *row) for item in items for row in made.of(item)]
    return Table(name, made.caption, source, (Column("Currency"), *made.columns), tuple(rows))


TABLES: Mapping[str, Rows] = {
    "Ageing": Rows(
        "Open money by days past the due date, and by days since the invoice date",
        (
            Column("Age"),
            Column("Receivables, by due date", _COUNT),
            Column("Open, by due date", _MONEY),
            Column("Share", Kind.BAR),
            Column("Receivables, by invoice date", _COUNT),
            Column("Open, by invoice date", _MONEY),
            Column("Share", Kind.BAR),
        ),
        rows_of.ageing,
        total=True,
        spare=frozenset({1, 4}),
    ),
    "Eligibility": Rows(
        "From outstanding to eligible: what each rule takes, in the order the rules run",
        (
            Column("Reason"),
            Column("Rule", Kind.CODE),
            Column("Receivables", _COUNT),
            Column("Amount", _MONEY),
            Column("Of outstanding", Kind.BAR),
        ),
        rows_of.eligibility,
        total=True,
        spare=frozenset({1, 2}),
    ),
    "More eligible": Rows(
        "What would make more eligible, ranked by money; each measured alone",
        (
            Column("What to do"),
            Column("Reason", Kind.CODE),
            Column("Invoices", _COUNT),
            Column("Eligible in addition", _MONEY),
        ),
        rows_of.improvements,
        spare=frozenset({1}),
    ),
    "Offer": Rows(
        "Verdicts over the open invoices, indicative",
        (
            Column("Verdict"),
            Column("Invoices", _COUNT),
            Column("Open", _MONEY),
            Column("Eligible", _MONEY),
            Column("Advance", _MONEY),
            Column("Fee", _MONEY),
        ),
        rows_of.offer,
        total=True,
        spare=frozenset({3}),
    ),
    "Not offered": Rows(
        "The first reason of each open invoice that is not offered as it stands",
        (
            Column("Reason"),
            Column("Code", Kind.CODE),
            Column("Verdict"),
            Column("Invoices", _COUNT),
            Column("Open", _MONEY),
        ),
        rows_of.reasons,
        spare=frozenset({1, 2}),
    ),
    **{
        f"Collections by {word}": Rows(
            f"Each open invoice in the {word} of its probable day; so far, and so far if all are"
            " slow or all quick",
            (
                Column("From", _DAY),
                Column("Until", _DAY),
                Column("Expected", _MONEY),
                Column("So far", _MONEY),
                Column("So far, all slow", _MONEY),
                Column("So far, all quick", _MONEY),
            ),
            rows_of.periods(f"{word}s"),
            spare=frozenset({0, 3}),
        )
        for word in ("week", "month")
    },
    "Payers": Rows(
        "Settled invoices of each debtor; intervals at 95 %, means from three settled invoices on",
        (
            Column("Debtor"),
            Column("Name"),
            Column("Open", _MONEY),
            Column("Of open", _SHARE),
            Column("Settled", _COUNT),
            Column("Paid late", _SHARE),
            Column("at least", _SHARE),
            Column("at most", _SHARE),
            Column("Days late, mean", _COUNT),
            Column("from", _COUNT),
            Column("to", _COUNT),
            Column("Days to pay, mean", _COUNT),
        ),
        rows_of.payers,
        spare=frozenset({1, 3, 6, 7, 8, 9, 10, 11}),
    ),
    "Concentration": Rows(
        "The largest debtors by what they owe net of credit notes",
        (
            Column("Debtor"),
            Column("Name"),
            Column("Receivables", _COUNT),
            Column("Open", _MONEY),
            Column("Of open", Kind.BAR),
            Column("Cut off by the limit", _MONEY),
        ),
        rows_of.concentration,
        spare=frozenset({1, 2}),
    ),
    "Duplicates": Rows(
        "Pairs that look like the same claim twice, the later one first",
        (
            Column("Rule", Kind.CODE),
            Column("Because"),
            Column("Invoice"),
            Column("Issued", _DAY),
            Column("Repeats"),
            Column("Issued", _DAY),
            Column("Debtor"),
            Column("Amount", _MONEY),
            Column("Open", _MONEY),
        ),
        rows_of.duplicates,
        spare=frozenset({0, 1, 3, 5, 7}),
    ),
    "Control": Rows(
        "What became of every amount in the file",
        (Column("Line"), Column("Amount", _MONEY)),
        rows_of.control,
        total=True,
    ),
}
"""Table name, which is also the sheet's, to how it is made."""


def rejects(result: Mapping[str, Any]) -> Table:
    """Give the rows that could not be read."""
    return Table(
        "Not read",
        "Rows of the file that could not be read, with their place and the reason",
        "raw_quarantine.records",
        (Column("Place"), Column("Reason", Kind.CODE), Column("What to change"), Column("Row")),
        tuple(
            (row["place"], row["reason_code"], row["detail"], row["row"][:500])
            for row in result["rejects"]
        ),
    )
