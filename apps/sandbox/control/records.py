"""Lets a test change, delete or return one record, as a user of the ERP would."""

from __future__ import annotations

from typing import Any

import msgspec

from apps.sandbox.storage.schema import (
    CONTACTS,
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
    PURCHASE_ORDERS,
)
from apps.sandbox.storage.world import World
from apps.sandbox.world.days import END_OF_TIME_MS, moment_iso

ENTITIES = {
    "invoices": INVOICES,
    "contacts": CONTACTS,
    "credit_notes": CREDIT_NOTES,
    "payments": PAYMENTS,
    "purchase_orders": PURCHASE_ORDERS,
}
_TICK_MS = 1000
_DELETED = {CONTACTS: ("ContactStatus", "ARCHIVED")}
_COLUMNS = (
    "rowid, organisation, entity, record_id, kind, status, contact_id, number, dated_ms, payload"
)


class UnknownRecord(LookupError):
    """There is no such record at the sandbox clock's moment."""


def change(world: World, request: dict[str, Any]) -> dict[str, Any]:
    """Apply one change and return the record; the clock moves on by a second.

    `set` replaces top-level fields, `delete` puts the record into its deleted state (invoices
    and the like DELETED, contacts ARCHIVED), `vanish` hides it, `restore` brings back the version
    before the last change. A record changed by hand no longer changes by itself later.

    Raises:
        UnknownRecord: Organisation, entity or id is not known at this moment.
    """
    organisation = world.organisation(str(request.get("organisation")))
    entity = ENTITIES.get(str(request.get("entity")))
    if organisation is None or entity is None:
        raise UnknownRecord("organisation or entity is unknown")
    record_id = str(request.get("id"))
    world.set_now(world.now_ms + _TICK_MS)
    rows = world.rows(
        f"select {_COLUMNS} from records where record_id = ? and organisation = ? "  # noqa: S608 - constant columns
        "and entity = ? and updated_ms <= ? order by updated_ms desc limit 2",
        (record_id, organisation.number, entity, world.now_ms),
    )
    if not rows:
        raise UnknownRecord(f"no {request.get('entity')} {record_id} is visible")
    world.write(
        "delete from records where record_id = ? and entity = ? and updated_ms > ?",
        (record_id, entity, world.now_ms),
    )
    if request.get("restore"):
        source = rows[1] if len(rows) > 1 else rows[0]
        return _write(world, rows[0], _fields(source[9]))
    world.write("update records set superseded_ms = ? where rowid = ?", (world.now_ms, rows[0][0]))
    if request.get("vanish"):
        world.touch()
        return {"id": record_id, "vanished": True}
    fields = _fields(rows[0][9])
    fields |= request.get("set") or {}
    if request.get("delete"):
        name, value = _DELETED.get(entity, ("Status", "DELETED"))
        fields[name] = value
    return _write(world, rows[0], fields)


def _fields(payload: str) -> dict[str, Any]:
    """Split a payload into its top-level fields, each kept as the bytes it was."""
    fields: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return fields


def _write(world: World, row: tuple[Any, ...], fields: dict[str, Any]) -> dict[str, Any]:
    rowid, organisation, entity, record_id, kind, status, contact_id, number, dated_ms, _ = row
    now = world.now_ms
    fields["UpdatedDateUTC"] = f"/Date({now}+0000)/"
    if "UpdatedDateUTCString" in fields:
        fields["UpdatedDateUTCString"] = moment_iso(now)[:-1].replace("T", " ") + "+00:00"
    payload = msgspec.json.encode(fields).decode()
    decoded: dict[str, Any] = msgspec.json.decode(payload)
    world.write(
        "update records set superseded_ms = ? where rowid = ? and superseded_ms > ?",
        (now, rowid, now),
    )
    world.write(
        "insert into records values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            organisation,
            entity,
            record_id,
            now,
            END_OF_TIME_MS,
            kind,
            str(decoded.get("Status") or decoded.get("ContactStatus") or status),
            contact_id,
            str(decoded.get("InvoiceNumber") or number),
            dated_ms,
            payload,
        ),
    )
    world.touch()
    return decoded
