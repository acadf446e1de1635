"""A file of any kind as columns of text under one header, with how it had to be read.

Nothing is sniffed silently: encoding, delimiter, sheet and header row are part of the result and
go into the mapping, where a person can change them. The rows come in chunks, as often as asked.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ingestion.documents import delimited, e_invoice, header, parquet, web_page, workbook
from ingestion.documents.chunk import Chunk
from ingestion.documents.header import Score, header_sha256
from ingestion.documents.kinds import kind_of
from ingestion.documents.refusal import DocumentRefused

__all__ = ["DocumentRefused", "Layout", "Sheet", "header_sha256", "open_sheet"]

_LOOKS_RIGHT = 4
"""A sheet whose header names this many meanings can be a list of receivables."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How to open a file.

    Attributes:
        encoding: ``None`` unless it is CSV.
        delimiter: ``None`` unless it is CSV.
        sheet: Name of the sheet; ``None`` unless it is a workbook.
        header_row: Index of the row that holds the column names.
        header_rows: How many rows they take.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 0
    header_rows: int = 1


@dataclass(frozen=True)
class Sheet:
    """The cells of a file.

    Attributes:
        header: Column names, made unique; an empty one becomes ``column_<n>``.
        sha256: Hash of the whole file.
        numbers: Columns whose type says that they hold numbers.
        chunks: Reads the rows below the header, from the first, each time it is called.
    """

    layout: Layout
    header: tuple[str, ...]
    sha256: str
    chunks: Callable[[], Iterator[Chunk]]
    numbers: frozenset[str] = frozenset()

    @property
    def rows(self) -> Iterator[list[str]]:
        """The cells below the header, row by row."""
        return (cells for chunk in self.chunks() for cells in chunk.rows())

    def line_of(self, position: int) -> int:
        """Return the row that a person sees in a spreadsheet, counted from 1."""
        return position + self.layout.header_row + self.layout.header_rows + 1


class _Opened(Protocol):
    def head(self, count: int) -> list[list[str]]: ...

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]: ...


def open_sheet(
    path: Path, score: Score, layout: Layout | None = None, *, find_header: bool = False
) -> Sheet:
    """Read a file, finding out its layout where none is given.

    Args:
        path: CSV, a workbook, Parquet, a page with a table or an electronic invoice, by any name.
        score: How much a row looks like a header; the best row near the top becomes it.
        layout: As a mapping has it.
        find_header: Whether to find the header although a layout is given.

    Raises:
        DocumentRefused: It is empty, damaged or no table; the message says what to send.
    """
    given = layout or Layout()
    numbers: frozenset[str] = frozenset()
    kind = kind_of(path)
    found: _Opened
    if kind == "text":
        found, digest = delimited.opened(path, given.encoding, given.delimiter)
        how = Layout(found.encoding, found.delimiter)
    else:
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        how = Layout()
        if kind == "workbook":
            found = workbook.opened(path, given.sheet, lambda rows: _fitness(rows, score))
            how = Layout(sheet=found.name)
        elif kind == "parquet":
            found = parquet.opened(path)
            numbers = found.numbers
        elif kind == "e_invoice":
            found = e_invoice.opened(path)
            numbers = found.numbers
        else:
            found = web_page.opened(path)
    placed = how if kind in {"parquet", "e_invoice"} else None if find_header else layout
    return _under_header(found, how, digest, numbers, score, placed)


def _under_header(
    found: _Opened,
    how: Layout,
    digest: str,
    numbers: frozenset[str],
    score: Score,
    layout: Layout | None,
) -> Sheet:
    if layout is None:
        named = header.find(found.head(header.LOOKED_AT), score)
    else:
        count = layout.header_row + layout.header_rows
        named = header.at(found.head(count), layout.header_row, layout.header_rows, score)
    if named is None or not any(name.strip() for name in named.names):
        raise DocumentRefused(
            "empty", "there is no header row: is this the right file, and the right sheet of it?"
        )
    skip, width = named.row + named.rows, len(named.names)
    how = replace(how, header_row=named.row, header_rows=named.rows)
    return Sheet(how, named.names, digest, lambda: found.chunks(skip, width), numbers)


def _fitness(rows: Sequence[Sequence[str]], score: Score) -> int:
    """Tell how many meanings a sheet's header names; 0 for too few, or no row below it."""
    named = header.find(rows, score)
    if named is None or len(rows) <= named.row + named.rows:
        return 0
    meanings = score(named.names)
    return meanings if meanings >= _LOOKS_RIGHT else 0
