"""Files of receivables written on the spot."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV from a header and rows."""

    def write(
        header: str,
        *rows: str,
        encoding: str = "utf-8",
        name: str = "file.csv",
        newline: str = "\n",
    ) -> Path:
        path = tmp_path / name
        path.write_bytes((newline.join([header, *rows]) + newline).encode(encoding))
        return path

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook from sheets of rows; a name that starts with ``_`` is hidden."""
    import xlsxwriter

    def write(**sheets: Sequence[Sequence[object]]) -> Path:
        path = tmp_path / "file.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for row, cells in enumerate(rows):
                    sheet.write_row(row, 0, cells)
            shown = [one for one in book.worksheets() if not one.get_name().startswith("_")]
            shown[0].activate()
            shown[0].set_first_sheet()
            for sheet in book.worksheets():
                if sheet not in shown:
                    sheet.hide()
        return path

    return write
