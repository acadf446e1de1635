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

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec

from ingestion.connection import Connection
from ingestion.erp.xero_records import DESCRIBE
from ingestion.failures import Refused, ShapeChanged
from ingestion.landing import Page, split
from ingestion.source import Entity, Found, Reading

PAGE_SIZE = 1000
OVERLAP = timedelta(minutes=5)
REQUESTS_PER_MINUTE = 60
SCOPES = "accounting.transactions.read accounting.contacts.read accounting.settings.read"

NOT_FOUND = 404

_API = "/api.xro/2.0"


class _Pagination(msgspec.Struct, rename="camel"):
    page_count: int | None = None
    item_count: int | None = None


def prepared(connection: Connection, _: Path) -> Connection:
    """Complete the address and the scopes of a connection."""
    root = connection.base_url.rstrip("/")
    base_url = root if root.endswith(_API) else root + _API
    options = {"scopes": SCOPES, "requests_per_minute": REQUESTS_PER_MINUTE, **connection.options}
    return replace(connection, base_url=base_url, options=options)


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


ENTITIES: tuple[Entity, ...] = (
    Entity("organisations", _read_organisation, DESCRIBE["organisations"]),
    Entity(
        "contacts",
        partial(_read, "Contacts", "", {"includeArchived": "true"}),
        DESCRIBE["contacts"],
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "invoices",
        partial(_read, "Invoices", 'Type=="ACCREC"', {}),
        DESCRIBE["invoices"],
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "credit_notes",
        partial(_read, "CreditNotes", 'Type=="ACCRECCREDIT"', {}),
        DESCRIBE["credit_notes"],
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "payments",
        partial(_read, "Payments", 'PaymentType=="ACCRECPAYMENT"', {}),
        DESCRIBE["payments"],
        is_incremental=True,
        vanishes=True,
    ),
    Entity(
        "purchase_orders",
        partial(_read, "PurchaseOrders", "", {}),
        DESCRIBE["purchase_orders"],
        vanishes=True,
    ),
)
"""In reading order: what others refer to first."""
