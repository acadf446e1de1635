"""The report as Excel workbook."""

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from apps.reports import workbook
from apps.reports.document import Column, Kind, Report, Section, Table


@pytest.fixture(scope="module")
def book(report: Report) -> openpyxl.Workbook:
    """The rendered workbook, read back."""
    return openpyxl.load_workbook(io.BytesIO(workbook.render(report)))


def test_the_first_sheet_says_what_this_is_as_of_when_and_how_to_verify(
    report: Report, book: openpyxl.Workbook
):
    sheet = book.worksheets[0]
    said = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=3)}
    assert sheet.title == "Read me"
    assert said["Snapshot"] == report.origin.snapshot_id
    assert said["As of"] == "2026-06-30 23:59 UTC"
    assert said["Ledger root"] == report.origin.ledger_root
    assert "ifp audit verify" in said["How to verify, step 3"]


def test_one_sheet_per_table_with_typed_cells_and_a_frozen_header(
    report: Report, book: openpyxl.Workbook
):
    assert book.sheetnames == ["Read me", *(table.name for table in report.tables)]
    for table in report.tables:
        sheet = book[table.name]
        assert sheet.freeze_panes == "A2"
        assert [cell.value for cell in sheet[1]] == [column.title for column in table.columns]
        for row, values in enumerate(table.rows, start=2):
            for at, (column, value) in enumerate(zip(table.columns, values, strict=True), start=1):
                cell = sheet.cell(row, at)
                if value is None:
                    assert cell.value is None
                elif column.kind in (Kind.TEXT, Kind.CODE):
                    assert (cell.data_type, cell.value) == ("s", value)
                elif column.kind in (Kind.SHARE, Kind.BAR):
                    assert cell.value == pytest.approx(value / 1_000_000)
                    assert cell.number_format == "0.0%"
                else:
                    assert cell.data_type == "n"
                    assert Decimal(str(cell.value)) == value


def test_an_amount_with_more_digits_than_excel_keeps_is_text(report: Report):
    amounts = (Decimal("1234567890123.45"), Decimal("12345678901234567.89"))
    columns = (Column("Open", Kind.MONEY),)
    table = Table("Wide", "Wide amounts", "nowhere", columns, tuple((a,) for a in amounts))
    wide = replace(report, sections=(Section("Wide", "Wide.", (table,)),))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.render(wide)))["Wide"]
    assert (sheet["A2"].data_type, Decimal(str(sheet["A2"].value))) == ("n", amounts[0])
    assert (sheet["A3"].data_type, sheet["A3"].value) == ("s", "12,345,678,901,234,567.89")


def test_amounts_show_the_decimals_of_their_currency(book: openpyxl.Workbook):
    assert book["Book"]["D2"].number_format == "#,##0.00"


def test_columns_are_wide_enough_for_what_they_hold(report: Report, book: openpyxl.Workbook):
    sheet = book["Largest debtors"]
    longest = max(len(str(row[1])) for row in report.tables[3].rows)
    assert sheet.column_dimensions["B"].width >= min(60, longest)


def test_the_same_report_gives_the_same_bytes(report: Report):
    assert workbook.render(report) == workbook.render(report)
