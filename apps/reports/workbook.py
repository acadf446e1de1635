"""A report as Excel workbook: one sheet per table, typed cells, and a first sheet that explains."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from apps.look import UNKNOWN, Colour, day, moment
from apps.reports.document import Kind, Report, Table, Value

_SHARE_SCALE = Decimal(1_000_000)
_WIDEST = 60
_NARROWEST = 10
_EXCEL_DIGITS = 15
_FORMATS: Mapping[Kind, str] = {
    Kind.COUNT: "#,##0",
    Kind.SHARE: "0.0%",
    Kind.BAR: "0.0%",
    Kind.DAY: "yyyy-mm-dd",
}


def render(report: Report) -> bytes:
    """Return the report as `.xlsx`; the same report gives the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties(
            {
                "title": report.title,
                "comments": f"Snapshot {report.origin.snapshot_id}",
                "created": report.origin.as_of.replace(tzinfo=None),
            }
        )
        styles = Styles(book)
        _first_sheet(book, styles, report)
        for table in report.tables:
            put_sheet(book, styles, table)
    return buffer.getvalue()


class Styles:
    """The workbook's cell formats, made once each."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        self._book = book
        self._made: dict[str, Any] = {}
        self.title = book.add_format(
            {"bold": True, "font_size": 16, "font_color": Colour.INK.value}
        )
        self.label = book.add_format({"font_color": Colour.REST.value, "valign": "top"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.note = book.add_format({"italic": True, "font_color": Colour.REST.value})
        self.header = book.add_format(
            {"bold": True, "bottom": 1, "font_color": Colour.REST.value, "text_wrap": True}
        )

    def of(self, number_format: str) -> Any:  # noqa: ANN401 - xlsxwriter has no types
        """Return the cell format of a number format."""
        if number_format not in self._made:
            self._made[number_format] = self._book.add_format({"num_format": number_format})
        return self._made[number_format]


def _first_sheet(book: Any, styles: Styles, report: Report) -> None:  # noqa: ANN401
    origin = report.origin
    sheet = book.add_worksheet("Read me")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, report.title, styles.title)
    lines: list[tuple[str, str]] = [
        ("What this is", report.summary),
        ("Period", f"{day(report.period[0])} to {day(report.period[1])}"),
        ("Financier (tenant)", origin.tenant_id),
        ("As of", moment(origin.as_of)),
        ("Snapshot", origin.snapshot_id + (" (stale: last good)" if origin.is_stale else "")),
        ("Snapshot SHA-256", origin.snapshot_sha256),
        ("Announced by ledger entry", str(origin.publication_index)),
        ("Ledger size", str(origin.ledger_size)),
        ("Ledger root", origin.ledger_root),
        ("Policy hashes", ", ".join(origin.policy_hashes) or UNKNOWN),
        ("Checkpoint", origin.checkpoint.strip()),
    ]
    lines += [
        (f"How to verify, step {step}", text)
        for step, text in enumerate(report.how_to_verify, start=1)
    ]
    lines += [(f"Sheet “{table.name}”", table.caption) for table in report.tables]
    for row, (label, text) in enumerate(lines, start=2):
        sheet.write_string(row, 0, label, styles.label)
        sheet.write_string(row, 1, text, styles.text)


def put_sheet(book: Any, styles: Styles, table: Table) -> None:  # noqa: ANN401
    """Write a table as a sheet of its own: typed cells, frozen header, filter, widths."""
    sheet = book.add_worksheet(table.name)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, column.title, styles.header)
        sheet.set_column(at, at, _width(table, at))
    for row, values in enumerate(table.rows, start=1):
        for at, value in enumerate(values):
            _write(sheet, styles, row, at, table.columns[at].kind, value)
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.write_string(len(table.rows) + 2, 0, f"Computed from {table.source}", styles.note)


def _write(
    sheet: Any,  # noqa: ANN401 - xlsxwriter has no types
    styles: Styles,
    row: int,
    at: int,
    kind: Kind,
    value: Value,
) -> None:
    """Write one cell with the type its column promises; unknown stays empty.

    A number with more digits than Excel keeps is written as text, so that none is lost.
    """
    if value is None:
        sheet.write_blank(row, at, None)
    elif isinstance(value, datetime):
        naive = value.replace(tzinfo=None)
        sheet.write_datetime(row, at, naive, styles.of("yyyy-mm-dd hh:mm"))
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, styles.of(_FORMATS[Kind.DAY]))
    elif kind in (Kind.SHARE, Kind.BAR) and isinstance(value, int):
        sheet.write_number(row, at, Decimal(value) / _SHARE_SCALE, styles.of(_FORMATS[kind]))
    elif isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) > _EXCEL_DIGITS:
        sheet.write_string(row, at, f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}")
    elif isinstance(value, Decimal):
        sheet.write_number(row, at, value, styles.of(_money_format(value)))
    elif isinstance(value, int):
        sheet.write_number(row, at, value, styles.of(_FORMATS[Kind.COUNT]))
    else:
        sheet.write_string(row, at, value)


def _money_format(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    return f"#,##0.{'0' * digits}" if digits > 0 else "#,##0"


def _width(table: Table, at: int) -> int:
    texts = [table.columns[at].title, *(str(row[at]) for row in table.rows)]
    return min(_WIDEST, max(_NARROWEST, *(len(text) + 3 for text in texts)))
