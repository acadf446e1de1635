"""What people overruled and which reports went out, read from the ledger's own entries.

Both are few beside the decisions, so they are read from the entries when they are asked for.
"""

from dataclasses import dataclass
from datetime import datetime

from ledger.entry import StoredEntry
from ledger.store import Ledger

REPORT_KINDS = ("monthly_compliance",)
_PEOPLE = ("override", "approval")
_MOST = 200


@dataclass(frozen=True)
class Override:
    """A person's word on a decision.

    Attributes:
        ledger_index: the entry.
        kind: `override` or `approval`.
        decision_id: the decision.
        by: who, as the entry's actor.
        reason: why, as written; none when nothing was written.
        outcome: what the decision became; none when it stayed.
        recorded_at: when the ledger took it.
    """

    ledger_index: int
    kind: str
    decision_id: str
    by: str
    reason: str | None
    outcome: str | None
    recorded_at: datetime


@dataclass(frozen=True)
class SentReport:
    """A report that was made and sent.

    Attributes:
        ledger_index: the entry that announced it.
        kind: which report.
        month: the month it is about, as `2026-06`.
        files: names of the files.
        status: `queued` or `delivered`.
        updated_at: when that became known.
    """

    ledger_index: int
    kind: str
    month: str
    files: tuple[str, ...]
    status: str
    updated_at: datetime


def overrides(ledger: Ledger, tenant_id: str) -> list[Override]:
    """Return what people said about decisions, the newest first."""
    stored = ledger.entries(_PEOPLE, tenant_id, limit=_MOST, newest_first=True)
    return [
        Override(
            ledger_index=one.index,
            kind=one.entry.type,
            decision_id=str(one.entry.body["decision_id"]),
            by=one.entry.actor.id,
            reason=one.entry.body.get("reason"),
            outcome=one.entry.body.get("outcome"),
            recorded_at=one.recorded_at,
        )
        for one in stored
    ]


def reports(ledger: Ledger, tenant_id: str) -> list[SentReport]:
    """Return the reports sent, the newest first."""
    found = [
        stored
        for kind in REPORT_KINDS
        for stored in ledger.entries(
            "message", tenant_id, subject=kind, limit=_MOST, newest_first=True
        )
    ]
    return [
        _sent(ledger, tenant_id, one) for one in sorted(found, key=lambda stored: -stored.index)
    ]


def _sent(ledger: Ledger, tenant_id: str, stored: StoredEntry) -> SentReport:
    """Tell of a report with the state its later entries gave it."""
    body = stored.entry.body
    state = ledger.projection("messages", tenant_id=tenant_id, key=str(body["message_id"]))[-1]
    updated = state["updated_at"]
    return SentReport(
        ledger_index=stored.index,
        kind=str(body["kind"]),
        month=str(body.get("month", ""))[:7],
        files=tuple(str(name) for name in body.get("files", ())),
        status=str(state["status"]),
        updated_at=updated if isinstance(updated, datetime) else datetime.fromisoformat(updated),
    )
