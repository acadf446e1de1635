"""A file's assessment as Excel workbook: one sheet per table, and one row per open invoice."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter

from apps.look import major
from apps.reports.book_assessment_tables import TABLES, rejects, table
from apps.reports.document import Column, Kind, Table, Value
from apps.reports.workbook import Styles, put_sheet

MOST_INVOICES = 50_000
"""Open invoices in the workbook, the largest; the page says so when there are more."""

_OUTCOMES = {
    "approve": "could be advanced now",
    "refer": "after a person has looked",
    "reject": "not offered",
}
_SOURCES = {
    "Ageing": "marts_risk.fct_receivables",
    "Payers": "marts_risk.fct_receivables",
    "Control": "marts_compliance.rpt_control_totals",
}


def render(
    result: Mapping[str, Any],
    invoices: pl.DataFrame,
    labels: Mapping[str, str],
    names: Mapping[str, str | None],
) -> bytes:
    """Return the workbook.

    Args:
        result: the answer.
        invoices: one row per open receivable with its verdict and probable days.
        labels: debtor to the file's code for it.
        names: debtor to its name.
    """
    buffer = io.BytesIO()
    items = result["currencies"]
    tables = [
        table(name, items, _SOURCES.get(name, "the assessment of the marts")) for name in TABLES
    ]
    if result["rejects_total"]:
        tables.append(rejects(result))
    tables.append(_invoices(invoices, labels, names, date.fromisoformat(result["as_of"])))
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        styles = Styles(book)
        _first(book, styles, result, [one for one in tables if one.rows])
        for one in tables:
            if one.rows:
                put_sheet(book, styles, one)
    return buffer.getvalue()


def _first(book: Any, styles: Styles, result: Mapping[str, Any], tables: list[Table]) -> None:  # noqa: ANN401
    sheet = book.add_worksheet("Read me")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    title = f"What is this book worth on {result['as_of']}?"
    sheet.write_string(0, 0, title, styles.title)
    file = result["file"]
    lines = [
        ("What this is", f"Indicative assessment of {file['name']}, seller {result['seller']}"),
        *(("Answer", text) for text in result["headline"]),
        *(("Note", text) for text in result["notes"]),
        (
            "Rows",
            f"{file['rows']:,}; not readable {file['rejected']:,}, repeated {file['repeated']:,}",
        ),
        ("As of", f"{result['as_of']} ({result['as_of_basis'].replace('_', ' ')})"),
        ("File SHA-256", file["sha256"]),
        ("Policy", f"{result['policy']['name']} {result['policy']['version']}"),
        ("Policy hash", result["policy"]["hash"]),
        ("Assessment", result["id"]),
        (
            "How to verify",
            "Sheet “Control” accounts for every amount of the file; the sheets on ageing and"
            " eligibility add up to its line Outstanding. The same file, options and policy give"
            " the same figures with “ifp assess”.",
        ),
        *((f"Sheet “{one.name}”", one.caption) for one in tables),
    ]
    for row, (label, text) in enumerate(lines, start=2):
        sheet.write_string(row, 0, label, styles.label)
        sheet.write_string(row, 1, text, styles.text)


_COLUMNS = (
    Column("Currency"), Column("Invoice"), Column("Debtor"), Column("Name"), Column("Kind"),
    Column("Issued", Kind.DAY), Column("Due", Kind.DAY), Column("Amount", Kind.MONEY),
    Column("Open", Kind.MONEY), Column("Eligible", Kind.MONEY), Column("Why not", Kind.CODE),
    Column("Verdict"), Column("Reason", Kind.CODE), Column("Grade", Kind.COUNT),
    Column("Probability of paying late", Kind.SHARE), Column("Probably paid in days", Kind.COUNT),
    Column("quick", Kind.COUNT), Column("slow", Kind.COUNT), Column("Advance", Kind.MONEY),
    Column("Fee", Kind.MONEY),
)  # fmt: skip


def _invoices(
    invoices: pl.DataFrame,
    labels: Mapping[str, str],
    names: Mapping[str, str | None],
    as_of: date,
) -> Table:
    shown = invoices.sort("open_minor", "receivable_id", descending=[True, False])
    rows = tuple(
        _invoice(row, labels, names) for row in shown.head(MOST_INVOICES).iter_rows(named=True)
    )
    whole = f"Every open receivable on {as_of} with its verdict"
    if invoices.height > MOST_INVOICES:
        whole = f"The {MOST_INVOICES:,} largest of {invoices.height:,} open receivables on {as_of}"
    return Table("Open invoices", whole, "marts_risk.fct_receivables", _COLUMNS, rows)


def _invoice(
    row: Mapping[str, Any], labels: Mapping[str, str], names: Mapping[str, str | None]
) -> tuple[Value, ...]:
    currency, outcome = row["currency"], row["outcome"]

    def money(minor: int | None) -> Value:
        return None if minor is None else major(minor, currency)

    return (
        currency,
        row["number"],
        labels.get(row["debtor_id"], row["debtor_id"]),
        names.get(row["debtor_id"]),
        row["document_type"].replace("_", " "),
        row["issued_on"],
        row["due_on"],
        money(row["gross_minor"]),
        money(row["open_minor"]),
        money(row["eligible_minor"]),
        row["rule"],
        None if outcome is None else _OUTCOMES[outcome],
        row["code"],
        row["grade"],
        row["late_ppm"],
        row["probable_days"],
        row["quick_days"],
        row["slow_days"],
        money(row["advance_minor"]),
        money(row["fee_minor"]),
    )
