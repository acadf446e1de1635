"""Dead letters as commands: a person asks, for money a second one too, and the queue does it.

::

    asked for what moves no money ──────────────────────────► done
    asked for money, first person ──► waiting ──┐
    asked for the same, second person ──────────┴─ both ────► done
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from ledger.queue import MONEY_KINDS, resolve
from orchestration.served.dispatch import Answer, CommandRefusedError

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from ledger.queue import DeadLetter, Task
    from ledger.transaction import Transaction
    from orchestration.platform import Platform


def replayed(platform: Platform, task: Task) -> Answer:
    """Have a dead letter tried again from its first attempt."""
    return _resolved(platform, task, reason=None)


def closed(platform: Platform, task: Task) -> Answer:
    """End a dead letter without doing it."""
    reason = str(task.payload.get("reason") or "").strip()
    if not reason:
        raise CommandRefusedError("closing a dead letter needs a reason")
    return _resolved(platform, task, reason=reason)


def _resolved(platform: Platform, task: Task, *, reason: str | None) -> Answer:
    letter = _letter(platform, task)
    asked = _command(platform, task)
    told: dict[str, Any] = {"task_id": letter.id, "kind": letter.kind}
    if letter.kind not in MONEY_KINDS:
        act = partial(_act, letter=letter, reason=reason, by=asked.entry.actor, second=None)
        return Answer(told, within=act)
    first = _first(platform, task, letter, asked)
    if first is None:
        return Answer({**told, "waits_for": "second_person"}, status="waiting")
    second = asked.entry.actor
    told["approved_by"] = second.id

    def both(tx: Transaction) -> None:
        _act(tx, letter=letter, reason=reason, by=first.entry.actor, second=second)
        tx.append(_done(platform, first, told))

    return Answer(told, within=both)


def _act(
    tx: Transaction, *, letter: DeadLetter, reason: str | None, by: Actor, second: Actor | None
) -> None:
    resolve(tx, letter.id, reason=reason, by=by, approved_by=second)


def _letter(platform: Platform, task: Task) -> DeadLetter:
    wanted = int(task.payload["task_id"])
    for letter in platform.ledger.queue.dead_letters(task.tenant_id):
        if letter.id == wanted:
            return letter
    raise CommandRefusedError(f"task {wanted} is not among the dead letters")


def _command(platform: Platform, task: Task) -> StoredEntry:
    key = str(task.payload["command_id"])
    found = platform.ledger.latest("command", task.tenant_id, key=key)
    if found is None:
        raise CommandRefusedError("no entry says who asked for this")
    return found


def _first(
    platform: Platform, task: Task, letter: DeadLetter, asked: StoredEntry
) -> StoredEntry | None:
    """Find another person's command for the same, made since the task was given up."""
    told = platform.ledger.entries("command", task.tenant_id, subject=letter.idempotency_key)
    for stored in told:
        body = stored.entry.body
        is_same = (
            body.get("command") == task.kind.removeprefix("command.")
            and str(body.get("task_id")) == str(letter.id)
            and stored.recorded_at >= letter.updated_at
            and stored.entry.actor != asked.entry.actor
        )
        if is_same and stored.index < asked.index and _waits(platform, stored):
            return stored
    return None


def _waits(platform: Platform, stored: StoredEntry) -> bool:
    key = str(stored.entry.body["command_id"])
    rows = platform.ledger.projection("commands", tenant_id=stored.entry.tenant_id, key=key)
    return any(row.get("status") == "waiting" for row in rows)


def _done(platform: Platform, first: StoredEntry, told: Mapping[str, Any]) -> Entry:
    command_id = str(first.entry.body["command_id"])
    return Entry(
        type="command_status",
        tenant_id=first.entry.tenant_id,
        occurred_at=platform.clock.as_of,
        actor=Actor("system", "worker"),
        subjects=(command_id,),
        body={"command_id": command_id, "status": "done", **told},
    )
