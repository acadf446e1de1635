"""A CSV or Excel file as text cells under one header, with how it had to be read.

Nothing is sniffed silently: encoding, delimiter, sheet and header row are part of the result and
go into the mapping, where a person can change them.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 30
_EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})

Score = Callable[[Sequence[str]], int]


class DocumentRefused(Exception):
    """A document cannot be read as it is; the message says what to write into the mapping.

    Attributes:
        reason_code: For quarantine.
        detail: What is unclear or missing.
    """

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(f"{reason_code}: {detail}")
        self.reason_code = reason_code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Layout:
    """How to open a file.

    Attributes:
        encoding: ``None`` for Excel.
        delimiter: ``None`` for Excel.
        sheet: Name of the sheet; ``None`` for CSV.
        header_row: Index of the row that holds the column names.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file.

    Attributes:
        header: Column names, made unique; an empty one becomes ``column_<n>``.
        rows: Cells below the header, as text.
        sha256: Hash of the whole file.
    """

    layout: Layout
    header: tuple[str, ...]
    rows: list[list[str]]
    sha256: str


def open_sheet(path: Path, score: Score, layout: Layout | None = None) -> Sheet:
    """Read a file, finding out its layout where none is given.

    Args:
        path: CSV by any name, or an Excel workbook by its ending.
        score: How much a row looks like a header; the best row near the top becomes it.
        layout: As a mapping has it.

    Raises:
        DocumentRefused: It is empty or in no encoding we know.
    """
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if path.suffix.lower() in _EXCEL:
        table, layout = _excel(content, score, layout)
    else:
        table, layout = _csv(content, score, layout)
    if len(table) <= layout.header_row:
        raise DocumentRefused("empty", "there is no header row; is this the right sheet?")
    header = _unique(table[layout.header_row])
    return Sheet(layout, header, table[layout.header_row + 1 :], sha256)


def header_sha256(header: Iterable[str]) -> str:
    """Identify files of the same kind: the hash of their column names, in order."""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()


def _csv(content: bytes, score: Score, layout: Layout | None) -> tuple[list[list[str]], Layout]:
    encoding = layout.encoding if layout and layout.encoding else _encoding(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise DocumentRefused("encoding", f"it is no {encoding}: set encoding.") from error
    delimiter = layout.delimiter if layout and layout.delimiter else _delimiter(text)
    try:
        table = _shared(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DocumentRefused("csv", f"the quoting is broken: {error}.") from error
    header_row = layout.header_row if layout else _header_row(table, score)
    return table, Layout(encoding, delimiter, None, header_row)


def _shared(rows: Iterable[list[str]]) -> list[list[str]]:
    """Collect rows, keeping each text that comes again only once."""
    once: dict[str, str] = {}
    keep = once.setdefault
    return [[keep(cell, cell) for cell in row] for row in rows]


def _excel(content: bytes, score: Score, layout: Layout | None) -> tuple[list[list[str]], Layout]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        raise DocumentRefused("excel", "it cannot be opened as a workbook.") from error
    if layout and layout.sheet:
        if layout.sheet not in workbook.sheet_names:
            raise DocumentRefused("sheet", f"there is no sheet {layout.sheet!r}.")
        names = [layout.sheet]
    else:
        visible = SheetVisibleEnum.Visible
        names = [one.name for one in workbook.sheets_metadata if one.visible == visible]
    tables = {
        name: [[_cell(cell) for cell in row] for row in _cells(workbook, name)] for name in names
    }
    if not tables:
        raise DocumentRefused("empty", "there is no visible sheet.")
    name = max(tables, key=lambda one: _best(tables[one], score))
    header_row = layout.header_row if layout else _header_row(tables[name], score)
    return tables[name], Layout(None, None, name, header_row)


def _cells(workbook: object, name: str) -> list[list[object]]:
    sheet = workbook.get_sheet_by_name(name)  # type: ignore[attr-defined]
    rows: list[list[object]] = sheet.to_python(skip_empty_area=False)
    return rows


def _cell(value: object) -> str:
    """Write a cell as text: numbers without an exponent, dates as ISO."""
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


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    """Take the one that cuts most of the first rows into the same number of cells."""
    lines = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) if row]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=evenness)


def _header_row(table: Sequence[Sequence[str]], score: Score) -> int:
    near_top = range(min(_LOOKED_AT, len(table)))
    return max(near_top, key=lambda row: (score(table[row]), -row), default=0)


def _best(table: Sequence[Sequence[str]], score: Score) -> int:
    return max((score(row) for row in table[:_LOOKED_AT]), default=-1)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    result = []
    for index, name in enumerate(names, start=1):
        plain = name.strip() or f"column_{index}"
        seen[plain] = seen.get(plain, 0) + 1
        result.append(plain if seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return tuple(result)
