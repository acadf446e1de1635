"""Which column means what, proposed from the header and the values, edited and kept as YAML.

A mapping is remembered per tenant under the hash of the header, so next month's file of the same
kind needs no thought. Everything a reader had to decide is in it: layout, date order and decimal
mark per column, currency, and which columns make a record's key.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.documents import values
from ingestion.documents.sheet import (
    DocumentRefused,
    Layout,
    Sheet,
    header_sha256,
    open_sheet,
)
from ingestion.documents.synonyms import RANKS, SYNONYMS
from models.domain.errors import DomainError
from models.domain.money import exponent

REQUIRED = (
    ("amount",),
    ("invoice_number", "document_id"),
    ("issued_on", "due_on"),
    ("customer_code", "customer_name"),
)
"""Of each group at least one must be there."""

DATES = ("issued_on", "due_on", "cleared_on")
AMOUNTS = ("amount", "open_amount")
_KEYS = ("company_code", "fiscal_year")
_WIDER = ("customer_code", "customer_name", "issued_on", "due_on", "amount")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PARTICLES = frozenset(["d", "de", "del", "della", "di", "do", "du", "l", "la", "le", "the", "of"])
_SPLIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class FileMapping:
    """How one kind of file is read.

    Attributes:
        columns: Meaning to column name.
        key: Meanings whose values together identify a record.
        date_orders: By column name; see ``values.date_order``.
        decimal_marks: By column name; ``.`` or ``,``.
        currency: For files that have no column for it.
    """

    layout: Layout
    columns: Mapping[str, str]
    key: tuple[str, ...]
    date_orders: Mapping[str, str] = field(default_factory=dict)
    decimal_marks: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None

    def to_yaml(self) -> str:
        """Write it for people to read and edit."""
        plain = {**asdict(self), "key": list(self.key)}
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)

    @classmethod
    def from_yaml(cls, text: str) -> "FileMapping":
        """Read what ``to_yaml`` wrote, edited or not.

        Raises:
            DocumentRefused: It is no mapping.
        """
        try:
            plain: dict[str, Any] = yaml.safe_load(text)
            layout = Layout(**plain.pop("layout"))
            key = tuple(plain.pop("key"))
            return cls(layout=layout, key=key, **plain)
        except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
            raise DocumentRefused("mapping", f"the mapping cannot be read: {error}.") from error


def header_score(row: Sequence[str]) -> int:
    """Count how many different meanings a row's cells name."""
    return len({RANKS[name][0] for cell in row if (name := _known(cell))})


def propose_mapping(path: Path, *, currency: str | None = None) -> FileMapping:
    """Work out how to read a file of receivables.

    Args:
        path: CSV or Excel, columns in any order and several languages.
        currency: For a file that names none.

    Raises:
        DocumentRefused: Something needed is missing or can be read in two ways.
    """
    return mapping_of(open_sheet(path, header_score), currency)


def mapping_of(sheet: Sheet, currency: str | None = None) -> FileMapping:
    """Work out the mapping of an opened sheet; see ``propose_mapping``."""
    columns = _columns(sheet.header)
    missing = [group for group in REQUIRED if not any(one in columns for one in group)]
    if missing:
        wanted = "; ".join(" or ".join(group) for group in missing)
        raise DocumentRefused(
            "columns_missing", f"no column found for {wanted}: name it in columns."
        )
    cells = _Cells(sheet, columns)
    return FileMapping(
        layout=sheet.layout,
        columns=columns,
        key=_key(cells),
        date_orders=cells.decide(DATES, values.date_order),
        decimal_marks=cells.decide(AMOUNTS, values.decimal_mark),
        currency=None if "currency" in columns else currency or _currency_named(columns["amount"]),
    )


def remembered(sheet: Sheet, folder: Path, currency: str | None = None) -> FileMapping:
    """Return the tenant's mapping for this header, proposing and keeping one when there is none.

    Args:
        sheet: The opened file.
        folder: The tenant's mappings.
        currency: For a file that names none; wins over what was remembered.
    """
    kept = folder / f"{header_sha256(sheet.header)}.yml"
    if not kept.exists():
        mapping = mapping_of(sheet, currency)
        _keep(kept, mapping)
        return mapping
    known = FileMapping.from_yaml(kept.read_text(encoding="utf-8"))
    mapping = _completed(replace(known, layout=sheet.layout), sheet)
    if mapping != known:
        _keep(kept, mapping)
    return replace(mapping, currency=currency) if currency else mapping


def applied(mapping: FileMapping, sheet: Sheet) -> FileMapping:
    """Return the part of a mapping that matters to a sheet: decisions on filled columns only."""

    def filled(column: str) -> bool:
        place = sheet.header.index(column) if column in sheet.header else len(sheet.header)
        return any(place < len(row) and row[place].strip() for row in sheet.rows)

    return replace(
        mapping,
        date_orders={one: order for one, order in mapping.date_orders.items() if filled(one)},
        decimal_marks={one: mark for one, mark in mapping.decimal_marks.items() if filled(one)},
    )


def _completed(mapping: FileMapping, sheet: Sheet) -> FileMapping:
    """Decide columns that were empty so far and have values now; what is decided stays."""
    if not set(mapping.columns.values()) <= set(sheet.header):
        return mapping

    def undecided(meanings: Iterable[str], decided: Mapping[str, str]) -> list[str]:
        return [one for one in meanings if mapping.columns.get(one) not in decided]

    cells = _Cells(sheet, mapping.columns)
    dates, marks = mapping.date_orders, mapping.decimal_marks
    more_dates = cells.decide(undecided(DATES, dates), values.date_order)
    more_marks = cells.decide(undecided(AMOUNTS, marks), values.decimal_mark)
    return replace(
        mapping, date_orders={**dates, **more_dates}, decimal_marks={**marks, **more_marks}
    )


def _keep(path: Path, mapping: FileMapping) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(mapping.to_yaml(), encoding="utf-8")
    partial.replace(path)


@dataclass(frozen=True)
class _Cells:
    """The values below each meaning."""

    sheet: Sheet
    columns: Mapping[str, str]

    def of(self, meaning: str) -> list[str]:
        place = self.sheet.header.index(self.columns[meaning])
        return [row[place].strip() if place < len(row) else "" for row in self.sheet.rows]

    def decide(
        self, meanings: Iterable[str], rule: Callable[[str, Iterable[str]], str]
    ) -> dict[str, str]:
        """Apply a rule to each column that is there and not empty."""
        decided = {}
        for meaning in meanings:
            if meaning in self.columns:
                filled = [cell for cell in self.of(meaning) if cell]
                if filled:
                    decided[self.columns[meaning]] = rule(self.columns[meaning], filled)
        return decided


def _columns(header: Sequence[str]) -> dict[str, str]:
    """Give each meaning the column whose name ranks best for it."""
    found: dict[str, tuple[int, str]] = {}
    for column in header:
        if name := _known(column):
            meaning, rank = RANKS[name]
            if meaning not in found or rank < found[meaning][0]:
                found[meaning] = (rank, column)
    return {meaning: found[meaning][1] for meaning in SYNONYMS if meaning in found}


def _known(header: str) -> str | None:
    """Return the synonym a column name stands for, also around particles and a currency code."""
    words = _words(header)
    plain = [word for word in words if word not in _PARTICLES]
    for tried in (words, plain, [word for word in plain if not _is_currency(word)]):
        if (name := "".join(tried)) in RANKS:
            return name
    return None


def _words(header: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    folded = unicodedata.normalize("NFKD", spaced.casefold().translate(_GERMAN))
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return [word for word in _SPLIT.split(plain) if word]


def _is_currency(word: str) -> bool:
    return word in {"usd", "eur", "gbp", "chf", "jpy", "cad", "aud", "sek", "nok", "dkk", "pln"}


def _currency_named(column: str) -> str | None:
    codes = [word.upper() for word in _words(column) if _is_currency(word)]
    try:
        return codes[0] if codes and exponent(codes[0]) >= 0 else None
    except DomainError:
        return None


def _key(cells: _Cells) -> tuple[str, ...]:
    """Find the narrowest key that tells different rows apart.

    A document number alone is unique only within company and year in many systems, and instalments
    share one number; two rows that are alike in every cell are one record, repeated.
    """
    number = "document_id" if "document_id" in cells.columns else "invoice_number"
    key = [*(one for one in _KEYS if one in cells.columns), number]
    distinct = len({tuple(row) for row in cells.sheet.rows})
    for wider in _WIDER:
        if len(set(zip(*(cells.of(one) for one in key), strict=True))) >= distinct:
            break
        if wider in cells.columns:
            key.append(wider)
    return tuple(key)
