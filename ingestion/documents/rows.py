"""One row of a file, mapped to the canonical receivable or refused with a reason.

Canonical keys are text or null: customer_code, customer_name, customer_country, customer_tax_id,
invoice_number, document_id, issued_on, due_on, cleared_on, amount, open_amount, currency,
is_disputed, document_type, and ``source``: the row's cells as they were. ``record_id`` is the
mapping's key, its parts joined by ``/``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ingestion.documents import values
from ingestion.documents.mapping import AMOUNTS, DATES, FileMapping
from ingestion.quarantine import Unlandable
from ingestion.source import checked_amounts

_TOTAL_WORDS = frozenset(
    [
        *("total", "totals", "grandtotal", "sum", "summe", "gesamt", "gesamtsumme", "somme"),
        *("totalgeneral", "suma", "totale", "totaal"),
    ]
)
_CREDIT_WORDS = ("credit", "gutschrift", "avoir", "abono", "nota de credito", "cn", "rk")
_KEY_MEANINGS = ("company_code", "fiscal_year", "document_id", "invoice_number", "customer_code")

Record = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One row of a file, mapped or not.

    Attributes:
        position: Index below the header.
        payload: JSON of the canonical keys and ``source``.
        problem: Why it cannot land, if so.
    """

    position: int
    payload: bytes
    problem: Unlandable | None = None


class Reader:
    """Maps rows of one sheet; keeps the running sum to hold total rows against."""

    def __init__(self, header: tuple[str, ...], mapping: FileMapping) -> None:
        self._header = header
        self._mapping = mapping
        self._place = {meaning: header.index(column) for meaning, column in mapping.columns.items()}
        self._dates: dict[str, Callable[[str], date]] = {
            meaning: values.date_reader(mapping.date_orders[mapping.columns[meaning]])
            for meaning in DATES
            if mapping.columns.get(meaning) in mapping.date_orders
        }
        self._amounts: dict[str, Callable[[str], Decimal]] = {
            meaning: values.amount_reader(mapping.decimal_marks.get(mapping.columns[meaning], "."))
            for meaning in AMOUNTS
            if meaning in mapping.columns
        }
        self._sum = Decimal(0)

    def row(self, position: int, cells: list[str]) -> Row | None:
        """Map one row; ``None`` for a total row that agrees with the rows above it."""
        source = dict(zip(self._header, cells, strict=False))
        try:
            if self._is_total(cells):
                return self._checked_total(position, cells, source)
            record = self._record(cells)
        except Unlandable as problem:
            return Row(position, msgspec.json.encode({"source": source}), problem)
        return Row(position, msgspec.json.encode({**record, "source": source}))

    def _cell(self, cells: list[str], meaning: str) -> str:
        place = self._place.get(meaning)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _is_total(self, cells: list[str]) -> bool:
        first = next(cell for cell in cells if cell.strip())
        word = "".join(sign for sign in first.casefold() if sign.isalpha())
        return word in _TOTAL_WORDS

    def _checked_total(
        self, position: int, cells: list[str], source: Mapping[str, str]
    ) -> Row | None:
        """Drop a total row that agrees with the rows above it; refuse one that does not."""
        text = self._cell(cells, "amount")
        if not text or self._amount(cells, "amount") == self._sum:
            return None
        detail = f"the total row says {text}, the rows above add up to {self._sum:f}"
        return Row(
            position, msgspec.json.encode({"source": source}), Unlandable("total_differs", detail)
        )

    def _record(self, cells: list[str]) -> Record:
        if len(cells) > len(self._header) and any(cells[len(self._header) :]):
            raise Unlandable("row_too_long", "the row has more cells than the header")
        if len(cells) < len(self._header) and self._mapping.layout.delimiter:
            raise Unlandable("row_too_short", "the row has fewer cells than the header")
        keys = {meaning: self._key(cells, meaning) for meaning in _KEY_MEANINGS}
        amount = self._amount(cells, "amount")
        if amount is None:
            raise Unlandable("missing_value", "the amount is empty")
        open_amount = self._amount(cells, "open_amount")
        dates = {meaning: self._date(cells, meaning) for meaning in DATES}
        record_id = self._record_id(cells, keys, dates, amount)
        currency = (self._cell(cells, "currency") or self._mapping.currency or "").upper()
        checked_amounts(record_id, currency, amount, open_amount)
        self._sum += amount
        country = self._cell(cells, "customer_country").upper()
        return {
            "record_id": record_id,
            "customer_code": keys["customer_code"],
            "customer_name": self._cell(cells, "customer_name") or None,
            "customer_country": country if _is_country(country) else None,
            "customer_tax_id": self._cell(cells, "customer_tax_id") or None,
            "invoice_number": keys["invoice_number"] or keys["document_id"],
            "document_id": keys["document_id"] or keys["invoice_number"],
            **dates,
            "amount": f"{amount:f}",
            "open_amount": None if open_amount is None else f"{open_amount:f}",
            "currency": currency,
            "is_disputed": self._disputed(cells),
            "document_type": self._document_type(cells, amount),
        }

    def _key(self, cells: list[str], meaning: str) -> str | None:
        try:
            return values.key_text(self._cell(cells, meaning)) or None
        except ValueError as error:
            raise Unlandable("number_rounded", f"{meaning}: {error}") from error

    def _record_id(
        self,
        cells: list[str],
        keys: Mapping[str, str | None],
        dates: Mapping[str, str | None],
        amount: Decimal,
    ) -> str:
        if not (keys["document_id"] or keys["invoice_number"]):
            raise Unlandable("missing_value", "the document has no number")
        known = {**keys, **dates, "amount": f"{amount:f}"}
        parts = [known.get(one) or self._cell(cells, one) for one in self._mapping.key]
        return "/".join(parts)

    def _amount(self, cells: list[str], meaning: str) -> Decimal | None:
        text = self._cell(cells, meaning)
        if not text:
            return None
        try:
            return self._amounts[meaning](text)
        except ValueError as error:
            raise Unlandable("amount_unreadable", f"{meaning}: {error}") from error

    def _date(self, cells: list[str], meaning: str) -> str | None:
        text = self._cell(cells, meaning)
        if not text:
            return None
        try:
            return self._dates[meaning](text).isoformat()
        except (ValueError, OverflowError) as error:
            raise Unlandable("date_unreadable", f"{meaning}: {error}") from error
        except KeyError as error:
            raise Unlandable("date_unreadable", f"{meaning}: no order is decided") from error

    def _disputed(self, cells: list[str]) -> str | None:
        try:
            found = values.flag(self._cell(cells, "is_disputed"))
        except ValueError as error:
            raise Unlandable("value_unreadable", f"is_disputed: {error}") from error
        return None if found is None else str(found).lower()

    def _document_type(self, cells: list[str], amount: Decimal) -> str:
        word = self._cell(cells, "document_type").casefold()
        is_credit = amount < 0 or word.startswith(_CREDIT_WORDS)
        return "credit_note" if is_credit else "invoice"


def _is_country(text: str) -> bool:
    return len(text) == len("XX") and text.isascii() and text.isalpha()
