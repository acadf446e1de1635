"""What an electronic invoice states, whichever syntax it is written in (EN 16931-1).

UBL and CII are two ways to write the same business terms; what a financier needs of them is one
row of a receivables file. A credit note states positive amounts and becomes a negative row.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from ingestion.documents.refusal import DocumentRefused

CREDIT_NOTES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
)
"""Codes of UNTDID 1001 that are credit notes."""

AMOUNT, OPEN_AMOUNT = "Invoice amount", "Open amount"
HEADER = (
    *("Invoice number", "Document type", "Invoice date", "Due date", AMOUNT, OPEN_AMOUNT),
    *("Currency", "Customer number", "Customer name", "Customer country", "Customer VAT"),
    *("Order", "Preceding document", "Seller", "Seller VAT", "Payee", "Payee IBAN", "Type code"),
)
_AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True)
class Stated:
    """The terms of one invoice as its file writes them; an empty text where it has none.

    Attributes:
        number: BT-1.
        issued_on: BT-2, ISO 8601.
        type_code: BT-3, a code of UNTDID 1001.
        currency: BT-5.
        due_on: BT-9, ISO 8601.
        order: BT-13, the buyer's order.
        preceding: BT-25, the invoice that this one corrects or credits.
        seller_name: BT-27.
        seller_tax_id: BT-31.
        buyer_name: BT-44.
        buyer_id: BT-46.
        buyer_tax_id: BT-48.
        buyer_country: BT-55.
        payee_name: BT-59, who is paid instead of the seller: a factor, for instance.
        payee_account: BT-84.
        total: BT-112, with tax.
        payable: BT-115, what is left after prepayments.
        is_credit: The document is a credit note by its form.
    """

    number: str
    issued_on: str
    type_code: str
    currency: str
    due_on: str
    order: str
    preceding: str
    seller_name: str
    seller_tax_id: str
    buyer_name: str
    buyer_id: str
    buyer_tax_id: str
    buyer_country: str
    payee_name: str
    payee_account: str
    total: str
    payable: str
    is_credit: bool = False

    def cells(self) -> list[str]:
        """Give the row under ``HEADER``.

        Raises:
            DocumentRefused: A term that every invoice has is missing or unreadable.
        """
        needed = {
            "its number (BT-1)": self.number,
            "its issue date (BT-2)": self.issued_on,
            "its currency (BT-5)": self.currency,
            "the buyer's name (BT-44)": self.buyer_name,
            "its total with tax (BT-112)": self.total or self.payable,
        }
        if missing := [name for name, text in needed.items() if not text]:
            raise refused(f"it does not state {', '.join(missing)}: ask its sender for a whole one")
        is_credit = self.is_credit or self.type_code in CREDIT_NOTES
        total = _signed("BT-112", self.total or self.payable, is_credit)
        payable = _signed("BT-115", self.payable or self.total, is_credit)
        kind = "Credit note" if is_credit else "Invoice"
        return [
            *(self.number, kind, _day("BT-2", self.issued_on), _day("BT-9", self.due_on)),
            *(total, payable, self.currency, self.buyer_id, self.buyer_name, self.buyer_country),
            *(self.buyer_tax_id, self.order, self.preceding, self.seller_name),
            *(self.seller_tax_id, self.payee_name, self.payee_account, self.type_code),
        ]


def texts(root: Element, spaces: Mapping[str, str]) -> Callable[..., str]:
    """Give a function that reads the first of some paths that holds a text, as one line."""

    def text(*paths: str) -> str:
        found = (" ".join(root.findtext(path, "", dict(spaces)).split()) for path in paths)
        return next(filter(None, found), "")

    return text


def refused(what: str) -> DocumentRefused:
    """Refuse an electronic invoice for a reason that names the place."""
    return DocumentRefused("e_invoice", f"it is an electronic invoice, but {what}.")


def _signed(term: str, text: str, is_credit: bool) -> str:
    if not _AMOUNT.fullmatch(text):
        raise refused(f"{term} is {text[:40]!r}: write an amount such as 1234.56")
    amount = Decimal(text)
    return f"{amount.copy_negate() if is_credit and amount else amount:f}"


def _day(term: str, text: str) -> str:
    """Check a day; a time zone behind it (``2026-01-31Z``) does not change it."""
    if not text:
        return ""
    found = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1] if found else "").isoformat()
    except ValueError as error:
        raise refused(f"{term} is {text[:40]!r}: write a day such as 2026-01-31") from error
