"""Xero Accounting API 2.0: one organisation's receivables side.

::

    /Organisation ─┐
    /Contacts      ├─ page=1.. pageSize=1000 order=UpdatedDateUTC ASC ─► raw_xero.*
    /Invoices …    ┘      If-Modified-Since: newest stamp − overlap (incremental)

Facts relied on: without ``page`` a list comes without line items; ``If-Modified-Since`` has a
resolution of one second and no zone; voids, deletions and payments bump the stamp; archived
contacts must be asked for; voided and deleted documents stay readable with their status, so a
record that a *complete* listing lacks is gone. Purchase orders take no ``where`` and are read
whole each time. https://developer.xero.com/documentation/api/accounting/overview
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

from ingestion.connection import Connection
from ingestion.failures import Refused, ShapeChanged
from ingestion.landing import Page, split
from ingestion.quarantine import Unlandable
from ingestion.source import Entity, Found, Reading, checked_amounts, decode
from ingestion.totals import Described

PAGE_SIZE = 1000
OVERLAP = timedelta(minutes=5)
REQUESTS_PER_MINUTE = 60
SCOPES = "accounting.transactions.read accounting.contacts.read accounting.settings.read"

NOT_FOUND = 404

_API = "/api.xro/2.0"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T", bound=msgspec.Struct)
_STAMP = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


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


class _Document(msgspec.Struct):
    CurrencyCode: str | None = None


class _Payment(msgspec.Struct):
    PaymentID: str
    Date: str
    Amount: Decimal
    Status: str
    UpdatedDateUTC: str
    Invoice: _Document | None = None
    CreditNote: _Document | None = None


class _PurchaseOrder(msgspec.Struct):
    PurchaseOrderID: str
    Status: str
    CurrencyCode: str
    Total: Decimal
    UpdatedDateUTC: str


class _Pagination(msgspec.Struct, rename="camel"):
    page_count: int | None = None
    item_count: int | None = None


def prepared(connection: Connection, _: Path) -> Connection:
    """Complete the address and the scopes of a connection."""
    root = connection.base_url.rstrip("/")
    base_url = root if root.endswith(_API) else root + _API
    options = {"scopes": SCOPES, "requests_per_minute": REQUESTS_PER_MINUTE, **connection.options}
    return replace(connection, base_url=base_url, options=options)


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


def _read(plural: str, where: str, extra: Mapping[str, str], reading: Reading) -> Iterator[Found]:
    options = reading.connection.options
    page_size = int(options.get("page_size", PAGE_SIZE))
    query: dict[str, str | int] = {"pageSize": page_size, "order": "UpdatedDateUTC ASC", **extra}
    if where:
        query["where"] = where
    headers = _headers(reading)
    page, page_count = 1, 1
    while page <= page_count:
        try:
            answer = reading.transport.get(
                f"/{plural}", partial(_split, plural), {"page": page, **query}, headers
            )
        except ShapeChanged as problem:
            reading.is_complete = False
            yield problem
        else:
            records, pagination = answer.content
            yield Page(answer.endpoint, answer.body, records)
            if pagination.item_count is not None:
                reading.expected = pagination.item_count
            full = page + 1 if len(records) >= page_size else page
            page_count = full if pagination.page_count is None else pagination.page_count
        page += 1


def _read_organisation(reading: Reading) -> Iterator[Found]:
    answer = reading.transport.get(
        "/Organisation", partial(_split, "Organisations"), headers=_headers(reading)
    )
    yield Page(answer.endpoint, answer.body, answer.content[0])


def read_one(plural: str, wanted: str, reading: Reading) -> Iterator[Found]:
    """Read one record, whole, by its id or number; nothing when there is none.

    Args:
        plural: The list it is in: ``Invoices``, ``Contacts`` …
        wanted: Its id, or its number where it has one.
        reading: Without a cursor.
    """
    path = f"/{plural}/{quote(wanted, safe='')}"
    try:
        answer = reading.transport.get(path, partial(_split, plural), headers=_headers(reading))
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
    else:
        yield Page(answer.endpoint, answer.body, answer.content[0])


def _headers(reading: Reading) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if tenant := reading.connection.options.get("xero_tenant_id"):
        headers["Xero-tenant-id"] = str(tenant)
    if reading.cursor is not None:
        since = datetime.fromisoformat(reading.cursor) - OVERLAP
        headers["If-Modified-Since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return headers


def _split(plural: str, body: bytes) -> tuple[list[bytes], _Pagination]:
    envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    if plural not in envelope:
        message = f"the answer has no list {plural!r}"
        raise msgspec.ValidationError(message)
    paging = envelope.get("pagination")
    pagination = msgspec.json.decode(paging, type=_Pagination) if paging else _Pagination()
    return split(envelope[plural]), pagination


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
    document = payment.Invoice or payment.CreditNote or _Document()
    return document.CurrencyCode, (payment.Amount,)


ENTITIES: tuple[Entity, ...] = (
    Entity(
        "organisations",
        _read_organisation,
        _describer(_Organisation, "OrganisationID", _nothing),
    ),
    Entity(
        "contacts",
        partial(_read, "Contacts", "", {"includeArchived": "true"}),
        _describer(_Contact, "ContactID", _nothing),
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "invoices",
        partial(_read, "Invoices", 'Type=="ACCREC"', {}),
        _describer(
            _Invoice,
            "InvoiceID",
            lambda one: (one.CurrencyCode, (one.Total, one.TotalTax, one.AmountDue)),
        ),
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "credit_notes",
        partial(_read, "CreditNotes", 'Type=="ACCRECCREDIT"', {}),
        _describer(
            _CreditNote,
            "CreditNoteID",
            lambda one: (one.CurrencyCode, (one.Total, one.RemainingCredit)),
        ),
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "payments",
        partial(_read, "Payments", 'PaymentType=="ACCRECPAYMENT"', {}),
        _describer(_Payment, "PaymentID", _paid_document),
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "purchase_orders",
        partial(_read, "PurchaseOrders", "", {}),
        _describer(_PurchaseOrder, "PurchaseOrderID", lambda one: (one.CurrencyCode, (one.Total,))),
        vanishes=True,
    ),
)
"""In reading order: what others refer to first."""
