"""Which column means what, proposed from the header and the values, edited and kept as YAML.

A mapping is remembered per tenant under the hash of the header, so next month's file of the same
kind needs no thought. Everything a reader had to decide is in it: layout, date order and decimal
mark per column, currency, and which columns make a record's key.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.documents.amounts import SIGNS, amount_reader, decimal_mark
from ingestion.documents.dates import date_order, date_reader, told_orders
from ingestion.documents.naming import columns_of, currency_named, header_score
from ingestion.documents.profile import Profile, distinct, look
from ingestion.documents.sheet import (
    DocumentRefused,
    Layout,
    Sheet,
    header_sha256,
    open_sheet,
)

DATES = ("issued_on", "due_on", "cleared_on")
AMOUNTS = ("amount", "open_amount")
_KEYS = ("company_code", "fiscal_year")
_WIDER = ("customer_code", "customer_name", "issued_on", "due_on", "amount")
_SHOWN = 3


@dataclass(frozen=True)
class FileMapping:
    """How one kind of file is read.

    Attributes:
        columns: Meaning to column name.
        key: Meanings whose values together identify a record.
        date_orders: By column name; see ``dates.date_order``.
        decimal_marks: By column name; ``.`` or ``,``.
        currency: For rows that name none.
        currency_from: Column whose amounts name their currency beside them.
    """

    layout: Layout
    columns: Mapping[str, str]
    key: tuple[str, ...]
    date_orders: Mapping[str, str] = field(default_factory=dict)
    decimal_marks: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    currency_from: str | None = None

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


def propose_mapping(path: Path, *, currency: str | None = None) -> FileMapping:
    """Work out how to read a file of receivables.

    Args:
        path: CSV, Excel or Parquet, columns in any order and several languages.
        currency: For a file that names none.

    Raises:
        DocumentRefused: Something needed is missing or can be read in two ways.
    """
    return mapping_of(open_sheet(path, header_score), currency)


def mapping_of(sheet: Sheet, currency: str | None = None) -> FileMapping:
    """Work out the mapping of an opened sheet; see ``propose_mapping``."""
    return _proposed(sheet, _looked(sheet, columns_of(sheet)), currency)


def mended(
    text: str, path: Path, currency: str | None = None
) -> tuple[Sheet, FileMapping, Profile]:
    """Read a file as a mapping says, working out whatever the mapping leaves open.

    So two lines are enough for a file that was refused: ``date_orders: {Date: dmy}``.

    Args:
        text: A mapping, whole or in part, as YAML.
        path: The file.
        currency: For a file that names none; wins over what the mapping says.

    Raises:
        DocumentRefused: It is no mapping, or something else can still be read in two ways.
    """
    plain = _plain(text)
    layout = _layout(plain.get("layout") or {})
    is_placed = "header_row" in (plain.get("layout") or {})
    sheet = open_sheet(path, header_score, layout, find_header=not is_placed)
    columns = columns_of(sheet, plain.get("columns"))
    orders, marks = plain.get("date_orders") or {}, plain.get("decimal_marks") or {}
    for check, given in ((date_reader, orders), (amount_reader, marks)):
        for one in given.values():
            check(str(one))
    profile = _looked(sheet, columns)
    currency = currency or plain.get("currency") or currency_named(columns["amount"])
    beside = None if "currency" in columns else _beside(columns["amount"], profile, currency)
    mapping = FileMapping(
        layout=sheet.layout,
        columns=columns,
        key=tuple(plain.get("key") or _key(sheet, columns, profile)),
        date_orders=_orders(columns, profile, orders),
        decimal_marks=_marks(columns, profile, marks),
        currency=currency,
        currency_from=plain.get("currency_from") or beside,
    )
    return sheet, mapping, profile


def _layout(plain: Mapping[str, Any]) -> Layout:
    try:
        return Layout(**plain)
    except TypeError as error:
        known = ", ".join(one.name for one in fields(Layout))
        raise DocumentRefused("mapping", f"a layout names some of {known}.") from error


def _plain(text: str) -> dict[str, Any]:
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DocumentRefused("mapping", f"the mapping cannot be read: {error}.") from error
    known = {one.name for one in fields(FileMapping)}
    if not isinstance(plain, dict) or not plain.keys() <= known:
        raise DocumentRefused(
            "mapping", f"a mapping names some of {', '.join(sorted(known))}, each with its values."
        )
    return plain


def remembered(
    sheet: Sheet, folder: Path, currency: str | None = None
) -> tuple[FileMapping, Profile]:
    """Return the tenant's mapping for this header, proposing and keeping one when there is none.

    Args:
        sheet: The opened file.
        folder: The tenant's mappings.
        currency: For a file that names none; wins over what was remembered.
    """
    kept = folder / f"{header_sha256(sheet.header)}.yml"
    if not kept.exists():
        profile = _looked(sheet, columns_of(sheet))
        mapping = _proposed(sheet, profile, currency)
        _keep(kept, mapping)
        return mapping, profile
    known = FileMapping.from_yaml(kept.read_text(encoding="utf-8"))
    profile = _looked(sheet, known.columns)
    mapping = _completed(replace(known, layout=sheet.layout), sheet, profile)
    if mapping != known:
        _keep(kept, mapping)
    return (replace(mapping, currency=currency) if currency else mapping), profile


def applied(mapping: FileMapping, profile: Profile) -> FileMapping:
    """Return the part of a mapping that matters to a sheet: decisions on filled columns only."""
    filled = profile.filled
    return replace(
        mapping,
        date_orders={one: order for one, order in mapping.date_orders.items() if one in filled},
        decimal_marks={one: mark for one, mark in mapping.decimal_marks.items() if one in filled},
    )


def _looked(sheet: Sheet, columns: Mapping[str, str]) -> Profile:
    dates = [columns[one] for one in DATES if one in columns]
    amounts = [columns[one] for one in AMOUNTS if one in columns]
    profile = look(sheet, dates, amounts, [columns[one] for one in _narrowest(columns)])
    if not profile.rows:
        raise DocumentRefused(
            "no_rows",
            f"there is no row below the header in row {sheet.line_of(-1)}:"
            " export the list again with its rows, or leave the file out.",
        )
    return profile


def _proposed(sheet: Sheet, profile: Profile, currency: str | None) -> FileMapping:
    columns = columns_of(sheet)
    beside = None
    if "currency" not in columns:
        currency = (currency or currency_named(columns["amount"]) or "").upper() or None
        beside = _beside(columns["amount"], profile, currency)
    return FileMapping(
        layout=sheet.layout,
        columns=columns,
        key=_key(sheet, columns, profile),
        date_orders=_orders(columns, profile, {}),
        decimal_marks=_marks(columns, profile, {}),
        currency=None if "currency" in columns else currency,
        currency_from=beside,
    )


def _beside(column: str, profile: Profile, currency: str | None) -> str | None:
    """Tell whether amounts name their currency; refuse signs that several currencies share."""
    found = profile.currencies.get(column, {})
    shared = sorted(found.keys() & SIGNS.keys() - {""})
    if shared and currency is None:
        could = ", ".join(SIGNS[shared[0]][:_SHOWN])
        raise DocumentRefused(
            "currency_missing",
            f"{column!r} shows {shared[0]!r}, which may be {could}:"
            " give the currency with --currency.",
        )
    return column if found.keys() - {""} else None


def _orders(
    columns: Mapping[str, str], profile: Profile, decided: Mapping[str, str]
) -> dict[str, str]:
    """Decide each column of dates that has values and no order yet.

    A column that cannot tell day from month takes the order of its neighbours, which the same
    program wrote; if none of them tells either, it is refused.
    """
    names = [columns[one] for one in DATES if profile.dates.get(columns.get(one, ""))]
    told = {order for name in names for order in told_orders(profile.dates[name])}
    return {
        **{one: date_order(one, profile.dates[one], told) for one in names if one not in decided},
        **decided,
    }


def _marks(
    columns: Mapping[str, str], profile: Profile, decided: Mapping[str, str]
) -> dict[str, str]:
    """Decide each column of amounts that has values and no decimal mark yet."""
    names = [columns[one] for one in AMOUNTS if one in columns]
    return {
        **{name: decimal_mark(name, profile.marks[name]) for name in names
           if name not in decided and profile.marks.get(name)},
        **decided,
    }  # fmt: skip


def _completed(mapping: FileMapping, sheet: Sheet, profile: Profile) -> FileMapping:
    """Decide columns that were empty so far and have values now; what is decided stays."""
    if not set(mapping.columns.values()) <= set(sheet.header):
        return mapping
    return replace(
        mapping,
        date_orders=_orders(mapping.columns, profile, mapping.date_orders),
        decimal_marks=_marks(mapping.columns, profile, mapping.decimal_marks),
    )


def _keep(path: Path, mapping: FileMapping) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(mapping.to_yaml(), encoding="utf-8")
    partial.replace(path)


def _narrowest(columns: Mapping[str, str]) -> list[str]:
    """Return the meanings of the narrowest key, the document's number last."""
    number = "document_id" if "document_id" in columns else "invoice_number"
    return [one for one in (*_KEYS, number) if one in columns]


def _key(sheet: Sheet, columns: Mapping[str, str], profile: Profile) -> tuple[str, ...]:
    """Find the narrowest key that tells different documents apart.

    A document number alone is unique only within company and year in many systems, and instalments
    share one number; two rows that are alike in every cell are one record, repeated.
    """
    key = _narrowest(columns)
    if profile.different == profile.documents:
        return tuple(key)
    number = columns[key[-1]]
    dates = [columns[one] for one in DATES if one in columns]
    every = distinct(sheet, sheet.header, number, dates)
    for wider in (one for one in _WIDER if one in columns):
        if distinct(sheet, [columns[one] for one in key], number, dates) >= every:
            break
        key.append(wider)
    return tuple(key)
