"""After a restore: what the counterparts know of the lost days, and we do not.

A restored ledger stands where the backup was taken. Payments that went out after it are known to
the bank only, so from then on the bank is asked before it is told:

    payment due ─► taken under our own id? ─────────────► its status is recorded, nothing is sent
                ─► an order we do not know, same account and same invoice? ─► people look
                ─► neither ─► sent

The first process that acts after a restore appends a ``restoration`` entry; it is what this module
goes by, on every machine of the deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from orchestration.lineage import PLATFORM_TENANT, SYSTEM
from orchestration.settlements import NotDeliverableError

if TYPE_CHECKING:
    from ledger.store import Ledger

KIND = "restoration"
NOTE = "restored.json"
_REJECTED = "RJCT"

Order = Mapping[str, Any]


def mark(var: Path, backup_id: str, created_at: str, size: int) -> None:
    """Leave a note that this folder was restored; the ledger gets it when it is opened next."""
    told = {
        "backup_id": backup_id,
        "backup_created_at": created_at,
        "size": size,
        "restored_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    (var / NOTE).write_text(json.dumps(told) + "\n", encoding="utf-8")


def record(var: Path, ledger: Ledger) -> bool:
    """Append the ``restoration`` entry that a note asks for; tell whether there was one."""
    note = var / NOTE
    if not note.is_file():
        return False
    body = json.loads(note.read_text(encoding="utf-8"))
    latest = ledger.latest(KIND)
    if latest is None or latest.entry.body != body:
        ledger.append(
            Entry(KIND, PLATFORM_TENANT, datetime.now(UTC), SYSTEM, (body["backup_id"],), body)
        )
    note.unlink(missing_ok=True)
    return True


def has_happened(ledger: Ledger) -> bool:
    """Tell whether this ledger was ever restored."""
    return ledger.latest(KIND) is not None


def unknown_orders(ledger: Ledger, orders: Sequence[Order]) -> list[Order]:
    """Give the bank's orders that were not rejected and that the ledger never instructed."""
    known = {row["end_to_end_id"] for row in ledger.projection("payments")}
    return [
        order
        for order in orders
        if order["end_to_end_id"] not in known and order["status"] != _REJECTED
    ]


def require_unpaid(order: Order, unknown: Sequence[Order]) -> None:
    """Refuse an order whose invoice the bank paid to the same account without our knowing.

    Raises:
        NotDeliverableError: There is such an order; two people compare and replay, or close.
    """
    for other in unknown:
        if _what(other) == _what(order) and other["end_to_end_id"] != order["end_to_end_id"]:
            raise NotDeliverableError(
                f"before the restore the bank took {other['end_to_end_id']} ({other['status']})"
                " for the same invoice and account; compare the two, then close this or replay it"
            )


def _what(order: Order) -> tuple[str, str, str]:
    iban = "".join(str(order["creditor"]["iban"]).split()).upper()
    return iban, str(order["currency"]), str(order.get("remittance") or "")
