"""The workbook has one typed sheet per table and one row per open invoice."""

import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from apps.reports import book_assessment_workbook
from apps.reports.book_assessment_tables import TABLES


@pytest.fixture
def result() -> dict[str, Any]:
    """An answer as `result.json` holds it."""
    return json.loads(Path(__file__).with_name("assessment.json").read_text(encoding="utf-8"))


@pytest.fixture
def book(result: dict[str, Any]) -> openpyxl.Workbook:
    row = {
        "receivable_id": "r1", "currency": "EUR", "number": "A-1", "debtor_id": "d1",
        "document_type": "credit_note", "issued_on": date(2026, 5, 1), "due_on": None,
        "gross_minor": -8000, "open_minor": -8000, "eligible_minor": -8000, "rule": None,
        "outcome": None, "code": None, "grade": None, "late_ppm": None, "probable_days": None,
        "quick_days": None, "slow_days": None, "advance_minor": None, "fee_minor": None,
    }  # fmt: skip
    invoice = {**row, "receivable_id": "r2", "document_type": "invoice", "open_minor": 5000}
    invoice |= {"outcome": "approve", "advance_minor": 4500, "fee_minor": 30, "late_ppm": 120_000}
    frame = pl.DataFrame([row, invoice])
    content = book_assessment_workbook.render(result, frame, {"d1": "C1"}, {"d1": "=cmd|' /C"})
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_first_sheet_says_what_this_is(result: dict[str, Any], book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    said = [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=3)]
    assert sheet.title == "Read me"
    assert ("File SHA-256", result["file"]["sha256"]) in said
    assert ("Answer", result["headline"][1]) in said
    assert any(label == "How to verify" for label, _ in said)


def test_one_sheet_per_table(book: openpyxl.Workbook) -> None:
    assert set(book.sheetnames) >= {*TABLES, "Not read", "Open invoices"}
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"


def test_cells_are_typed_and_text_is_no_formula(book: openpyxl.Workbook) -> None:
    sheet = book["Open invoices"]
    head = [cell.value for cell in sheet[1]]
    first, second = (dict(zip(head, (c.value for c in sheet[at]), strict=True)) for at in (2, 3))
    assert first["Verdict"] == "could be advanced now"
    assert first["Advance"] == 45
    assert first["Issued"] == datetime(2026, 5, 1)  # noqa: DTZ001 - a cell has no zone
    assert first["Name"] == "=cmd|' /C"
    assert sheet.cell(2, head.index("Name") + 1).data_type == "s"
    assert second["Open"] == -80
    assert second["Verdict"] is None


def test_a_large_book_is_cut_and_says_so(
    result: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_assessment_workbook, "MOST_INVOICES", 1)
    frame = pl.DataFrame(
        {name: [None, None] for name in ("due_on", "rule", "outcome", "code", "grade", "late_ppm")}
    ).with_columns(
        pl.Series("receivable_id", ["a", "b"]),
        open_minor=pl.Series([1, 2]),
        currency=pl.lit("EUR"),
        number=pl.lit("n"),
        debtor_id=pl.lit("d"),
        document_type=pl.lit("invoice"),
        issued_on=pl.lit(date(2026, 1, 1)),
        gross_minor=pl.lit(1),
        eligible_minor=pl.lit(1),
        probable_days=pl.lit(1),
        quick_days=pl.lit(1),
        slow_days=pl.lit(1),
        advance_minor=pl.lit(0),
        fee_minor=pl.lit(0),
    )
    content = book_assessment_workbook.render(result, frame, {}, {})
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["Open invoices"].max_row == 4
    said = [row[1].value or "" for row in book["Read me"].iter_rows(min_row=3)]
    assert any(text.startswith("The 1 largest of 2 open receivables") for text in said)
