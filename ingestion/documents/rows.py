"""One row of a file, mapped to the canonical receivable or refused with a reason.

Canonical keys are text or null: customer_code, customer_name, customer_country, customer_tax_id,
invoice_number, document_id, issued_on, due_on, cleared_on, amount, open_amount, currency,
is_disputed, document_type, and ``source``: the row's cells as they were. ``record_id`` is the
mapping's key, its parts joined by ``/``. Amounts keep their digits and sign as written; a
negative one is a credit note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ingestion.bulk import DECIMALS
from ingestion.documents import dates, values
from ingestion.documents.amounts import SIGNS, Written, amount_reader, currency_of
from ingestion.documents.currencies import CURRENCIES
from ingestion.documents.mapping import AMOUNTS, DATES, FileMapping
from ingestion.documents.subtotals import Running, names_total
from ingestion.quarantine import Unlandable
from ingestion.source import checked_amounts
from ingestion.totals import shortened

_CREDIT_WORDS = (
    *("credit", "gutschrift", "avoir", "abono", "nota de credito", "nota de crédito", "cn", "rk"),
    *("nota di credito", "creditnota", "kredit", "korekta", "faktura korygująca"),
)
KEYS = ("company_code", "fiscal_year", "document_id", "invoice_number", "customer_code")
MEANINGS = (
    *("customer_code", "customer_name", "customer_country", "customer_tax_id"),
    *("invoice_number", "document_id", "issued_on", "due_on", "cleared_on"),
    *("amount", "open_amount", "currency", "is_disputed", "document_type"),
)
"""Keys of a record behind ``record_id``, in order."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One row of a file, mapped or not.

    Attributes:
        position: Index below the header.
        payload: JSON of the canonical keys and ``source``.
        problem: Why it cannot land, if so.
        record: What ``payload`` says, without ``source``; empty when it cannot land.
    """

    position: int
    payload: bytes
    problem: Unlandable | None = None
    record: Record | None = None


class Reader:
    """Maps rows of one sheet; keeps the running sums to hold total rows against."""

    def __init__(self, header: tuple[str, ...], mapping: FileMapping) -> None:
        self.header = header
        self.mapping = mapping
        self.running = Running()
        self.place = {meaning: header.index(column) for meaning, column in mapping.columns.items()}
        self.dates: dict[str, Callable[[str], date]] = {
            meaning: dates.date_reader(mapping.date_orders.get(mapping.columns[meaning], "ymd"))
            for meaning in DATES
            if meaning in mapping.columns
        }
        self.amounts: dict[str, Callable[[str], Written]] = {
            meaning: amount_reader(mapping.decimal_marks.get(mapping.columns[meaning], "."))
            for meaning in AMOUNTS
            if meaning in mapping.columns
        }

    def row(self, position: int, cells: list[str]) -> Row | None:
        """Map one row; ``None`` for one that holds nothing of its own.

        That is a blank row, the header once more, and a total that agrees with the rows above.
        """
        if not any(cell.strip() for cell in cells) or self._is_header(cells):
            return None
        source = dict(zip(self.header, cells, strict=False))
        try:
            if self._is_total(cells):
                self._check_total(cells)
                return None
            record = self._record(cells)
        except Unlandable as problem:
            return Row(position, msgspec.json.encode({"source": source}), problem)
        payload = msgspec.json.encode({**record, "source": source})
        return Row(position, payload, record=record)

    def _cell(self, cells: list[str], meaning: str) -> str:
        place = self.place.get(meaning)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _is_header(self, cells: list[str]) -> bool:
        return [cell.strip() for cell in cells] == [name.strip() for name in self.header]

    def _is_total(self, cells: list[str]) -> bool:
        """Whether the row adds others up: it says so, or holds nothing but amounts that fit."""
        if any(self._cell(cells, meaning) for meaning in DATES):
            return False
        money = {self.place.get(meaning, -1) for meaning in (*AMOUNTS, "currency")}
        words = [cell for place, cell in enumerate(cells) if place not in money and cell.strip()]
        if not words:
            return self._is_agreed(cells)
        return names_total(words[0])

    def _is_agreed(self, cells: list[str]) -> bool:
        try:
            written = self._amount(cells, "amount")
        except Unlandable:
            return False
        return written is not None and self.running.agrees(
            written.amount, self._total_currency(cells, written)
        )

    def _total_currency(self, cells: list[str], written: Written | None) -> str | None:
        beside = written.currency if written else None
        return self._cell(cells, "currency").upper() or beside

    def _check_total(self, cells: list[str]) -> None:
        """Pass over a total row that agrees with the rows above it; refuse one that does not."""
        written = self._amount(cells, "amount")
        currency = self._total_currency(cells, written)
        if written is not None and not self.running.agrees(written.amount, currency):
            above = self.running.above(currency)
            text = self._cell(cells, "amount")
            message = f"the total row says {text}, the rows above add up to {shortened(above):f}"
            raise Unlandable("total_differs", message)
        self.running.passed()

    def _record(self, cells: list[str]) -> Record:
        self._check_width(cells)
        keys = {meaning: self._key(cells, meaning) for meaning in KEYS}
        written = self._amount(cells, "amount")
        if written is None:
            raise Unlandable("missing_value", "the amount is empty")
        amount = written.amount
        still_open = self._amount(cells, "open_amount")
        days = {meaning: self._date(cells, meaning) for meaning in DATES}
        record_id = self._record_id(cells, keys, days, amount)
        currency = self.currency(self._cell(cells, "currency"), written, record_id)
        open_amount = None if still_open is None else still_open.amount
        if still_open is not None and still_open.currency is not None:
            self.currency(currency, still_open, record_id)
        checked_amounts(record_id, currency, amount, open_amount)
        _check_decimals(record_id, amount)
        disputed = self.disputed(self._cell(cells, "is_disputed"))
        self.running.add(currency, amount)
        return {
            "record_id": record_id,
            "customer_code": keys["customer_code"],
            "customer_name": self._cell(cells, "customer_name") or None,
            "customer_country": country(self._cell(cells, "customer_country")),
            "customer_tax_id": self._cell(cells, "customer_tax_id") or None,
            "invoice_number": keys["invoice_number"] or keys["document_id"],
            "document_id": keys["document_id"] or keys["invoice_number"],
            **days,
            "amount": f"{amount:f}",
            "open_amount": None if open_amount is None else f"{open_amount:f}",
            "currency": currency,
            "is_disputed": disputed,
            "document_type": document_type(
                self._cell(cells, "document_type"), is_negative=amount < 0
            ),
        }

    def _check_width(self, cells: list[str]) -> None:
        width = len(self.header)
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            message = f"the row has {len(cells)} cells and the header {width}: quote the cell"
            raise Unlandable("row_too_long", f"{message} that holds the separator")
        if len(cells) < width and self.mapping.layout.delimiter:
            message = f"the row has {len(cells)} cells and the header {width}: fill it up"
            raise Unlandable("row_too_short", message)

    def _key(self, cells: list[str], meaning: str) -> str | None:
        try:
            return values.key_text(self._cell(cells, meaning)) or None
        except ValueError as error:
            raise Unlandable("number_rounded", f"{meaning}: {error}") from error

    def _record_id(
        self,
        cells: list[str],
        keys: Mapping[str, str | None],
        days: Mapping[str, str | None],
        amount: Decimal,
    ) -> str:
        if not (keys["document_id"] or keys["invoice_number"]):
            raise Unlandable("missing_value", "the document has no number")
        known = {**keys, **days, "amount": f"{amount:f}"}
        parts = [known.get(one) or self._cell(cells, one) for one in self.mapping.key]
        return "/".join(parts)

    def _amount(self, cells: list[str], meaning: str) -> Written | None:
        text = self._cell(cells, meaning)
        if not text:
            return None
        try:
            return self.amounts[meaning](text)
        except ValueError as error:
            raise Unlandable("amount_unreadable", f"{meaning}: {error}") from error

    def _date(self, cells: list[str], meaning: str) -> str | None:
        text = self._cell(cells, meaning)
        if not text:
            return None
        try:
            return self.dates[meaning](text).isoformat()
        except (ValueError, OverflowError) as error:
            raise Unlandable("date_unreadable", f"{meaning}: {error}") from error

    def currency(self, stated: str, written: Written, record_id: str | None = None) -> str:
        """Tell the currency of an amount from its column, its cell and the mapping.

        Raises:
            Unlandable: They contradict each other, name none, or one that does not exist.
        """
        code = currency_of(stated) if stated else ""
        beside = written.currency
        if not code and beside in CURRENCIES:
            return str(beside)
        code = code or (self.mapping.currency or "").upper()
        if not code:
            message = "no currency is named: fill the currency column, or give --currency"
            raise Unlandable("currency_missing", message, record_id)
        if code not in CURRENCIES:
            message = f"{code!r} is no ISO 4217 code: write EUR, USD …"
            raise Unlandable("currency_unknown", message, record_id)
        if beside is not None and code not in SIGNS.get(beside, (beside,)):
            message = f"the amount says {beside} and the currency is {code}: correct one of them"
            raise Unlandable("currency_differs", message, record_id)
        return code

    @staticmethod
    def disputed(text: str) -> str | None:
        """Read whether a document is disputed.

        Raises:
            Unlandable: It is neither yes nor no.
        """
        try:
            found = values.flag(text)
        except ValueError as error:
            raise Unlandable("value_unreadable", f"is_disputed: {error}") from error
        return None if found is None else str(found).lower()


def _check_decimals(record_id: str, amount: Decimal) -> None:
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS:
        raise Unlandable("amount_unreadable", f"it has more than {DECIMALS} decimals", record_id)


def country(text: str) -> str | None:
    """Return an ISO country code, or nothing."""
    code = text.upper()
    return code if len(code) == len("XX") and code.isascii() and code.isalpha() else None


def document_type(word: str, *, is_negative: bool) -> str:
    """Tell an invoice from a credit note."""
    is_credit = is_negative or word.casefold().startswith(_CREDIT_WORDS)
    return "credit_note" if is_credit else "invoice"
