"""Excel and OpenDocument workbooks: the cells of one sheet as text.

A number is written without an exponent, exactly as the cell's double reads back; a day as ISO.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from ingestion.documents.chunk import Chunk, chunks_of
from ingestion.documents.refusal import DocumentRefused

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook, opened.

    Attributes:
        name: Of the sheet.
        sheet: As the reading library holds it.
    """

    name: str
    sheet: Any

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows."""
        return list(islice(self._rows(), count))

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]:
        """Yield what stands below the first ``skip`` rows."""
        return chunks_of(islice(self._rows(), skip, None), width)

    def _rows(self) -> Iterator[list[str]]:
        start = self.sheet.start
        if start is None:
            return
        width = self.sheet.total_width
        for _ in range(start[0]):
            yield [""] * width
        for row in self.sheet.iter_rows():
            cells = [cell_text(cell) for cell in row]
            yield ["" for _ in range(width - len(cells))] + cells


def opened(path: Path, name: str | None, fitness: Callable[[Rows], int]) -> Workbook:
    """Open the sheet of that name, or the visible one that looks most like receivables.

    Args:
        path: The workbook.
        name: Of the sheet, where it is known.
        fitness: How much the first rows of a sheet look like receivables; 0 is not at all.

    Raises:
        DocumentRefused: It cannot be opened, or two sheets look equally good.
    """
    book = _book(path)
    if name is not None:
        if name not in book.sheet_names:
            there = ", ".join(map(repr, book.sheet_names))
            message = f"there is no sheet {name!r}, there are {there}: correct sheet in the layout."
            raise DocumentRefused("sheet", message)
        return Workbook(name, _sheet(book, name))
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [
        Workbook(one.name, _sheet(book, one.name))
        for one in book.sheets_metadata
        if one.visible == SheetVisibleEnum.Visible and one.typ == SheetTypeEnum.WorkSheet
    ]
    if not sheets:
        raise DocumentRefused("empty", "there is no visible sheet: unhide the one to be read.")
    fits = [(fitness(one.head(_LOOKED_AT)), one) for one in sheets]
    best = max(fit for fit, _ in fits)
    equal = [one for fit, one in fits if fit == best]
    if best > 0 and len(equal) > 1:
        names = ", ".join(repr(one.name) for one in equal)
        message = (
            f"the sheets {names} look alike: name one as sheet in the mapping's layout,"
            " or save each as a file of its own."
        )
        raise DocumentRefused("sheet_ambiguous", message)
    return equal[0]


_LOOKED_AT = 30


def _book(path: Path) -> Any:  # noqa: ANN401 - the library ships no usable types
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except PasswordError as error:
        message = "the workbook opens with a password only: save it without one."
        raise DocumentRefused("password", message) from error
    except CalamineError as error:
        raise _damaged(error) from error


def _sheet(book: Any, name: str) -> Any:  # noqa: ANN401 - the library ships no usable types
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> DocumentRefused:
    return DocumentRefused(
        "excel",
        f"it cannot be opened as a workbook ({error}):"
        " open it in a spreadsheet program and save it again, or send it as CSV.",
    )


def cell_text(value: object) -> str:
    """Write a cell as text: numbers without an exponent, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return f"{exact.to_integral_value() if exact == exact.to_integral_value() else exact:f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
