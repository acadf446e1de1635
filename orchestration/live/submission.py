"""A client's wish, written down and queued before anybody acts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.entry import Actor, Entry
from models.domain.identity import surrogate_key
from orchestration.live.pull import receivable_id_of
from orchestration.live.serving import INVOICE_SUBMITTED

if TYPE_CHECKING:
    from orchestration.platform import Platform


def submit(
    platform: Platform,
    *,
    tenant_id: str,
    connection_id: str,
    record_id: str,
    by: Actor,
    kind: str = INVOICE_SUBMITTED,
) -> str:
    """Append a command and queue it, in one transaction; return its id.

    The same invoice submitted again while it waits is the same command; once that is answered, it
    is a new one, which decides anew if the invoice was changed.
    """
    receivable_id = receivable_id_of(tenant_id, connection_id, record_id)
    parts = ("command", kind, tenant_id, connection_id, record_id)
    with platform.ledger.transaction() as tx:
        version = 1
        command_id = surrogate_key(*parts, str(version))
        while known := tx.projection("commands", tenant_id=tenant_id, key=command_id):
            if known[-1]["status"] == "queued":
                return command_id
            version += 1
            command_id = surrogate_key(*parts, str(version))
        payload = {
            "command_id": command_id,
            "connection_id": connection_id,
            "record_id": record_id,
        }
        body = {**payload, "command": kind.removeprefix("command."), "status": "queued"}
        about = (command_id, receivable_id)
        moment = platform.clock.as_of
        tx.append(Entry("command", tenant_id, moment, by, about, body))
        tx.enqueue(kind, tenant_id, f"{kind}:{command_id}", payload)
    return command_id
