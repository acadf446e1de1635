"""Receivables in files: CSV and Excel as people export them, mapped to one shape.

::

    file ─► sheet (cells as text) ─► mapping (proposed, remembered, editable)
         ─► record: canonical keys + ``source`` (the cells as they were) ─► raw_files.receivables

Amounts keep their digits and sign as written; a negative one is a credit note. What a row cannot
say goes to quarantine with the row; a file that can be read in two ways is refused whole, with
what to write into its mapping. A file's content never changes, so a file read once is not read
again unless its mapping was edited.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ingestion.bulk import Batch
from ingestion.connection import Connection
from ingestion.documents.chunk import ahead
from ingestion.documents.columns import Columns
from ingestion.documents.mapping import (
    FileMapping,
    applied,
    mended,
    propose_mapping,
    remembered,
)
from ingestion.documents.naming import header_score
from ingestion.documents.profile import Profile
from ingestion.documents.rows import Reader, Record, Row
from ingestion.documents.sheet import DocumentRefused, Sheet, open_sheet
from ingestion.landing import Page
from ingestion.quarantine import Unlandable
from ingestion.source import Entity, Found, Reading, decode
from ingestion.totals import Described

__all__ = ["Document", "DocumentRefused", "FileMapping", "propose_mapping", "read"]

REQUESTS_PER_MINUTE = 1
_LARGEST_KEPT = 1_000_000


@dataclass(frozen=True)
class Document:
    """A file read through its mapping.

    Attributes:
        rows: In file order; blank rows and agreeing total rows are left out.
    """

    sheet: Sheet
    mapping: FileMapping
    rows: list[Row] = field(repr=False)

    @property
    def records(self) -> list[Record]:
        """The rows that can land, decoded."""
        return [msgspec.json.decode(row.payload) for row in self.rows if row.problem is None]

    @property
    def rejects(self) -> list[Row]:
        """The rows that cannot."""
        return [row for row in self.rows if row.problem is not None]


class _Receivable(msgspec.Struct):
    record_id: str
    amount: Decimal
    currency: str


_DECODER = msgspec.json.Decoder(_Receivable)


def read(path: Path, mapping: FileMapping) -> Document:
    """Read a file with a given mapping.

    Raises:
        DocumentRefused: The file does not fit the mapping.
    """
    sheet = open_sheet(path, header_score, mapping.layout)
    _fit(sheet, mapping)
    return Document(sheet, mapping, list(_rows(sheet, mapping)))


def _fit(sheet: Sheet, mapping: FileMapping) -> None:
    """Refuse a file that its mapping does not fit."""
    absent = [column for column in mapping.columns.values() if column not in sheet.header]
    if absent:
        raise DocumentRefused(
            "columns_missing",
            f"the file has no column {', '.join(map(repr, absent))}:"
            " correct columns in the mapping.",
        )
    if (
        mapping.currency is None
        and mapping.currency_from is None
        and "currency" not in mapping.columns
    ):
        raise DocumentRefused(
            "currency_missing",
            "no column names the currency, and no amount shows one: give it with --currency.",
        )


def _rows(sheet: Sheet, mapping: FileMapping) -> Iterator[Row]:
    reader = Reader(sheet.header, mapping)
    for position, cells in enumerate(sheet.rows):
        row = reader.row(position, cells)
        if row is not None:
            yield row


def prepared(connection: Connection, var: Path) -> Connection:
    """Say where the tenant's mappings are kept."""
    folder = var / "mappings" / connection.tenant_id
    return replace(connection, options={"mappings": str(folder), **connection.options})


def _read(reading: Reading) -> Iterator[Found]:
    options = reading.connection.options
    done = reading.kept.partition("|")[2].split(",") if reading.kept else []
    for path in map(Path, options.get("paths", ())):
        try:
            sheet, mapping, profile = _opened(path, options)
            mark = _mark(sheet, applied(mapping, profile))
            if mark in done:
                continue
            _fit(sheet, mapping)
        except (DocumentRefused, OSError) as problem:
            yield _refused(path, problem)
            reading.remarks.append(f"{path.name}: {problem}")
            continue
        yield from _batches(path, sheet, mapping)
        done.append(mark)
    reading.cursor_note = ",".join(filter(None, done))


def _opened(path: Path, options: Mapping[str, Any]) -> tuple[Sheet, FileMapping, Profile]:
    currency = options.get("currency")
    if given := options.get("mapping"):
        return mended(Path(given).read_text(encoding="utf-8"), path, currency)
    sheet = open_sheet(path, header_score)
    return sheet, *remembered(sheet, Path(options["mappings"]), currency)


def _mark(sheet: Sheet, mapping: FileMapping) -> str:
    """Name a file read in one way."""
    text = f"{sheet.sha256}\n{mapping.to_yaml()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _batches(path: Path, sheet: Sheet, mapping: FileMapping) -> Iterator[Batch]:
    columns = Columns(Reader(sheet.header, mapping))
    for sound, refused in ahead(columns.mapped(chunk) for chunk in ahead(sheet.chunks())):
        yield Batch(f"file {path.name}", sheet.sha256, sound, refused)


def _refused(path: Path, problem: Exception) -> Page:
    """Quarantine a whole file; a large one by its address instead of its bytes."""
    reason = problem.reason_code if isinstance(problem, DocumentRefused) else "unreadable"
    content = path.read_bytes() if path.is_file() else b""
    if len(content) > _LARGEST_KEPT:
        digest = hashlib.sha256(content).hexdigest()
        content = msgspec.json.encode({"path": str(path), "sha256": digest})
    found = Unlandable(reason, str(getattr(problem, "detail", problem)))
    return Page(f"file {path.name}", content, [content], [-1], problems={0: found})


def _describe(record: bytes) -> Described:
    found = decode(record, _DECODER, _DECODER)
    return Described(found.record_id, currency=found.currency, amount=found.amount)


ENTITIES: tuple[Entity, ...] = (
    Entity("receivables", _read, _describe, is_incremental=True, in_bulk=True),
)
"""A file only ever adds; what a later file lacks has not gone."""
