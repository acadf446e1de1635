"""What a record of Xero must hold to be landed, and what is known of it by then.

The fields required here are those that later steps join and sum by. A record without one of them
is refused with the field's name and read again at the next sync; landed, it would stand in raw as
good for ever, since nothing in the ledger system changes it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec

from ingestion.landing import Describe
from ingestion.quarantine import Unlandable
from ingestion.source import checked_amounts, decode
from ingestion.totals import Described

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
T = TypeVar("T", bound=msgspec.Struct)


class _Organisation(msgspec.Struct):
    OrganisationID: str
    Name: str
    BaseCurrency: str


class _Contact(msgspec.Struct):
    ContactID: str
    Name: str
    UpdatedDateUTC: str


class _ContactLink(msgspec.Struct):
    ContactID: str


class _Invoice(msgspec.Struct):
    InvoiceID: str
    Type: str
    Status: str
    Contact: _ContactLink
    Date: str
    CurrencyCode: str
    Total: Decimal
    TotalTax: Decimal
    AmountDue: Decimal
    UpdatedDateUTC: str


class _InvoiceLink(msgspec.Struct):
    InvoiceID: str
    CurrencyCode: str | None = None


class _CreditNoteLink(msgspec.Struct):
    CreditNoteID: str
    CurrencyCode: str | None = None


class _Allocation(msgspec.Struct):
    Amount: Decimal
    Invoice: _InvoiceLink


class _CreditNote(msgspec.Struct):
    CreditNoteID: str
    Type: str
    Status: str
    Contact: _ContactLink
    Date: str
    CurrencyCode: str
    Total: Decimal
    RemainingCredit: Decimal
    UpdatedDateUTC: str
    Allocations: list[_Allocation] | None = None


class _Payment(msgspec.Struct):
    PaymentID: str
    Date: str
    Amount: Decimal
    Status: str
    UpdatedDateUTC: str
    Invoice: _InvoiceLink | None = None
    CreditNote: _CreditNoteLink | None = None


class _PurchaseOrder(msgspec.Struct):
    PurchaseOrderID: str
    Status: str
    CurrencyCode: str
    Total: Decimal
    UpdatedDateUTC: str


def stamp(value: str) -> datetime:
    """Read ``/Date(1439434356790+0000)/``: UTC milliseconds, the offset is decoration.

    Raises:
        Unlandable: It looks different, or names no day that there is.
    """
    match = _STAMP.fullmatch(value)
    if match is None:
        raise Unlandable("date_unreadable", "a stamp is not of the form /Date(milliseconds)/")
    try:
        return _EPOCH + timedelta(milliseconds=int(match[1]))
    except (OverflowError, ValueError) as error:
        raise Unlandable("date_unreadable", "a stamp lies outside the calendar") from error


def _describer(
    kind: type[T], key: str, facts: Callable[[T], tuple[str | None, tuple[Decimal, ...]]]
) -> Callable[[bytes], Described]:
    """Make the function that describes records of one kind.

    Args:
        kind: The fields the contract requires.
        key: The record's key among them.
        facts: Gives currency and amounts, the record's own amount first.
    """
    decoder = msgspec.json.Decoder(kind)
    has_stamp = "UpdatedDateUTC" in kind.__struct_fields__
    has_status = "Status" in kind.__struct_fields__
    id_decoder = msgspec.json.Decoder(msgspec.defstruct("_Id", [(key, str)]))

    def describe(record: bytes) -> Described:
        found = decode(record, decoder, id_decoder)
        record_id: str = getattr(found, key)
        currency, amounts = facts(found)
        if currency is not None:
            checked_amounts(record_id, currency, *amounts)
        return Described(
            record_id,
            stamp(getattr(found, "UpdatedDateUTC")) if has_stamp else None,  # noqa: B009 - T has it
            has_status and getattr(found, "Status") == "DELETED",  # noqa: B009 - T has it
            currency,
            amounts[0] if currency is not None and amounts else None,
        )

    return describe


def _nothing(_: msgspec.Struct) -> tuple[None, tuple[Decimal, ...]]:
    return None, ()


def _paid_document(payment: _Payment) -> tuple[str | None, tuple[Decimal, ...]]:
    document = payment.Invoice or payment.CreditNote
    return document.CurrencyCode if document else None, (payment.Amount,)


DESCRIBE: Mapping[str, Describe] = {
    "organisations": _describer(_Organisation, "OrganisationID", _nothing),
    "contacts": _describer(_Contact, "ContactID", _nothing),
    "invoices": _describer(
        _Invoice,
        "InvoiceID",
        lambda one: (one.CurrencyCode, (one.Total, one.TotalTax, one.AmountDue)),
    ),
    "credit_notes": _describer(
        _CreditNote,
        "CreditNoteID",
        lambda one: (one.CurrencyCode, (one.Total, one.RemainingCredit)),
    ),
    "payments": _describer(_Payment, "PaymentID", _paid_document),
    "purchase_orders": _describer(
        _PurchaseOrder, "PurchaseOrderID", lambda one: (one.CurrencyCode, (one.Total,))
    ),
}
"""How the records of each entity are described."""
