"""What people ask the platform to do: the one way from a page into the ledger.

::

    page ─► role check ─► command entry + queue row, one transaction ─► worker ─► command_status

Nothing is done here. The same question asked again is the same command; one that was refused may be
asked anew. Where money moves, two people ask for the same, and the worker carries it out with the
second. What a record says may name people, so it goes into the entry's encrypted part and never
into the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

from apps.access.roles import Permission, User
from ledger import backlog
from ledger.entry import Actor, Entry
from ledger.store import Ledger
from ledger.transaction import Transaction
from models.domain.identity import surrogate_key

QUARANTINE_CORRECTED = "command.quarantine_corrected"
DEAD_LETTER_REPLAYED = "command.dead_letter_replayed"
DEAD_LETTER_CLOSED = "command.dead_letter_closed"
ASSESS_REQUESTED = "command.assess_requested"

PERMISSIONS: Mapping[str, Permission] = {
    QUARANTINE_CORRECTED: Permission.CORRECT_RECORDS,
    DEAD_LETTER_REPLAYED: Permission.SETTLE_TASKS,
    DEAD_LETTER_CLOSED: Permission.SETTLE_TASKS,
    ASSESS_REQUESTED: Permission.ASSESS,
}
"""What a person needs to ask for each."""

Phase = Literal["queued", "running", "retrying", "waiting", "done", "refused", "given_up"]

_REFUSED = frozenset({"refused", "failed"})
_TOLD: Mapping[str, Phase] = {
    "done": "done",
    "waiting": "waiting",
    **dict.fromkeys(_REFUSED, "refused"),
}
_QUEUED: Mapping[str, Phase] = {"leased": "running", "retrying": "retrying", "dead": "given_up"}


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked.

    Attributes:
        kind: The queue's kind, `command.…`.
        tenant_id: Whose book.
        about: Id of the thing it is about; commands about it are found by it.
        same: What else makes it the same question when it is asked again.
        payload: What the worker needs; no personal data.
        private: Text that may name people; the worker reads it with `Ledger.read_private`.
        subject_key_id: Whose key encrypts it.
    """

    kind: str
    tenant_id: str
    about: str
    same: tuple[str, ...]
    payload: Mapping[str, Any]
    private: bytes | None = None
    subject_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class CommandState:
    """Where a command stands.

    Attributes:
        command_id: Its id.
        kind: Its kind.
        phase: How far it is; `waiting` is for a second person.
        asked_by: The person who asked.
        asked_at: When.
        changed_at: When it last changed.
        entry_index: The entry that holds the question.
        attempts: How often the worker took it.
        reason: Why it was refused, or why the last attempt failed.
        body: Everything its entries say, later ones over earlier ones.
    """

    command_id: str
    kind: str
    phase: Phase
    asked_by: str
    asked_at: datetime
    changed_at: datetime
    entry_index: int
    attempts: int
    reason: str | None
    body: Mapping[str, Any]

    @property
    def is_moving(self) -> bool:
        """Whether the worker still has to do something about it."""
        return self.phase in ("queued", "running", "retrying")


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def ask(
    ledger: Ledger, user: User, command: Command, *, clock: Callable[[], datetime] = now
) -> str:
    """Append a command and queue it, in one transaction; return its id.

    Raises:
        AccessRefusedError: The person's role does not cover it.
    """
    user.require(PERMISSIONS[command.kind], command.tenant_id)
    with ledger.transaction() as tx:
        command_id, is_known = _identify(tx, command)
        if is_known:
            return command_id
        payload = {"command_id": command_id, **command.payload}
        body = {**payload, "command": _name(command.kind), "status": "queued"}
        tx.append(
            Entry(
                type="command",
                tenant_id=command.tenant_id,
                occurred_at=clock(),
                actor=Actor("person", user.user_id),
                subjects=(command.kind, command.about),
                body=body,
                private=command.private,
                subject_key_id=command.subject_key_id,
            )
        )
        tx.enqueue(command.kind, command.tenant_id, _key(command.kind, command_id), payload)
    return command_id


def state(ledger: Ledger, tenant_id: str, command_id: str) -> CommandState | None:
    """Read where a command of one tenant stands; none when no page asked for it."""
    rows = ledger.projection("commands", tenant_id=tenant_id, key=command_id)
    return _state(ledger, rows[-1]) if rows and "command" in rows[-1] else None


def recent(
    ledger: Ledger,
    tenant_id: str,
    kinds: tuple[str, ...],
    *,
    about: str | None = None,
    limit: int = 10,
) -> list[CommandState]:
    """Read the newest commands of some kinds, the newest first; about one thing when given."""
    found = [
        stored
        for kind in kinds
        for stored in ledger.entries(
            "command", tenant_id, subject=about or kind, limit=limit, newest_first=True
        )
        if kind in stored.entry.subjects
    ]
    found.sort(key=lambda stored: -stored.index)
    states = (
        state(ledger, tenant_id, str(stored.entry.body["command_id"])) for stored in found[:limit]
    )
    return [one for one in states if one is not None]


def _identify(tx: Transaction, command: Command) -> tuple[str, bool]:
    """Find the id of a question, and whether it is asked already and not refused."""
    for attempt in count():
        command_id = surrogate_key(
            *("command", command.kind, command.tenant_id, command.about),
            *(*command.same, str(attempt)),
        )
        rows = tx.projection("commands", tenant_id=command.tenant_id, key=command_id)
        if not rows:
            return command_id, False
        if rows[-1].get("status") not in _REFUSED:
            return command_id, True
    raise AssertionError("unreachable")  # pragma: no cover


def _key(kind: str, command_id: str) -> str:
    return f"{kind}:{command_id}"


def _name(kind: str) -> str:
    return kind.removeprefix("command.")


def _state(ledger: Ledger, row: Mapping[str, Any]) -> CommandState:
    command_id, kind = str(row["key"]), f"command.{row['command']}"
    index = int(row["entry_index"])
    task = backlog.find(ledger, _key(kind, command_id), now=now())
    phase = _TOLD.get(str(row.get("status")))
    if phase is None:
        phase = "queued" if task is None else _QUEUED.get(task.standing, "queued")
    told = (row.get("detail") or row.get("reason")) if phase == "refused" else None
    changed_at = _instant(row["updated_at"])
    return CommandState(
        command_id=command_id,
        kind=kind,
        phase=phase,
        asked_by=ledger.entry(index).entry.actor.id,
        asked_at=_instant(row["recorded_at"]),
        changed_at=changed_at if task is None else max(changed_at, task.updated_at),
        entry_index=index,
        attempts=0 if task is None else task.attempts,
        reason=str(told) if told else task.reason if task is not None else None,
        body=row,
    )


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
