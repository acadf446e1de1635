"""Tasks as rows: what can be done to one within a transaction of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from ledger.database import Cursor
from ledger.entry import utc_text
from ledger.errors import IdempotencyConflict, LeaseLost, UnknownTask
from ledger.schema import QUEUE
from models.domain.canonical import canonical_json

OPEN, DONE, DEAD, CLOSED = "open", "done", "dead", "closed"
MOST_ATTEMPTS = 12
"""A task that was claimed this often without an end is dead."""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed task.

    Attributes:
        id: Its number in the queue.
        kind: What is to be done: ``bank.pay``, ``notice.send`` …
        tenant_id: Whose book.
        idempotency_key: Unique; hand it to the counterpart.
        payload: What is needed to do it.
        attempts: How often it was claimed, this time included.
        lease_token: Proves that this claim holds it.
    """

    id: int
    kind: str
    tenant_id: str
    idempotency_key: str
    payload: Mapping[str, Any]
    attempts: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A task that was given up.

    Attributes:
        id: Its number in the queue.
        kind: What was to be done.
        tenant_id: Whose book.
        idempotency_key: Its key.
        payload: What it was given.
        attempts: How often it was tried.
        reason: Why it was given up.
        updated_at: When.
    """

    id: int
    kind: str
    tenant_id: str
    idempotency_key: str
    payload: Mapping[str, Any]
    attempts: int
    reason: str
    updated_at: datetime


COLUMNS = (
    QUEUE.c.id,
    QUEUE.c.kind,
    QUEUE.c.tenant_id,
    QUEUE.c.idempotency_key,
    QUEUE.c.payload,
    QUEUE.c.attempts,
)
_BY_KEY = select(QUEUE.c.id, QUEUE.c.kind, QUEUE.c.tenant_id, QUEUE.c.payload).where(
    QUEUE.c.idempotency_key == bindparam("by_key")
)
_INSERT = (
    insert(QUEUE)
    .values({c.name: bindparam(c.name) for c in QUEUE.c if c.name != "id"})
    .returning(QUEUE.c.id)
)
BY_ID = select(*COLUMNS, QUEUE.c.state, QUEUE.c.reason).where(QUEUE.c.id == bindparam("by_id"))
LEASE = update(QUEUE).where(QUEUE.c.id == bindparam("by_id"))
LEASE = LEASE.values(
    due_at=bindparam("due"),
    lease_token=bindparam("token"),
    attempts=bindparam("tries"),
    updated_at=bindparam("now"),
)
MOVE = update(QUEUE).where(QUEUE.c.id == bindparam("by_id"))
MOVE = MOVE.values(
    state=bindparam("to_state"),
    due_at=bindparam("due"),
    lease_token=None,
    attempts=bindparam("tries"),
    reason=bindparam("why"),
    updated_at=bindparam("now"),
)
_HASTEN = update(QUEUE).where(
    QUEUE.c.idempotency_key == bindparam("by_key"),
    QUEUE.c.tenant_id == bindparam("by_tenant"),
    or_(QUEUE.c.state == OPEN, QUEUE.c.state == DEAD),
    QUEUE.c.lease_token.is_(None),
)
_HASTEN = _HASTEN.values(
    state=OPEN, due_at=bindparam("due"), attempts=0, updated_at=bindparam("now")
)
_HELD = select(QUEUE.c.due_at).where(
    QUEUE.c.id == bindparam("by_id"),
    QUEUE.c.state == OPEN,
    QUEUE.c.lease_token == bindparam("token"),
)


def enqueue(
    cursor: Cursor,
    kind: str,
    tenant_id: str,
    idempotency_key: str,
    payload: Mapping[str, Any],
    *,
    now: str,
    not_before: datetime | None,
) -> int:
    """Write a task and give its number; the same task again gives the number it has.

    Raises:
        IdempotencyConflict: The key belongs to a different task.
    """
    text = canonical_json(payload).decode()
    known = cursor.row(_BY_KEY, (idempotency_key,))
    if known is not None:
        if tuple(known[1:]) != (kind, tenant_id, text):
            raise IdempotencyConflict(f"{idempotency_key} belongs to task {known[0]}, {known[1]}")
        return int(known[0])
    due = now if not_before is None else utc_text(not_before)
    row = cursor.row(
        _INSERT, (kind, tenant_id, idempotency_key, text, OPEN, due, None, 0, None, now, now)
    )
    if row is None:
        raise UnknownTask(f"{idempotency_key} was not written")
    return int(row[0])


def hasten(cursor: Cursor, tenant_id: str, idempotency_key: str, *, now: str) -> None:
    """Make a waiting or given-up task due now; one that is held, done or closed stays as it is."""
    cursor.run(_HASTEN, (now, now, idempotency_key, tenant_id))


def finish(cursor: Cursor, task: Task, *, now: str) -> None:
    """Mark a claimed task as done.

    Raises:
        LeaseLost: Another claim has it, or it ended.
    """
    require_held(cursor, task)
    cursor.run(MOVE, (DONE, now, task.attempts, None, now, task.id))


def give_up(
    cursor: Cursor, task: Task, reason: str, *, retry_at: datetime | None, now: str
) -> None:
    """Put a claimed task back until ``retry_at``, or among the dead letters.

    Raises:
        LeaseLost: Another claim has it, or it ended.
    """
    require_held(cursor, task)
    again = retry_at is not None and task.attempts < MOST_ATTEMPTS
    due = utc_text(retry_at) if again and retry_at is not None else now
    cursor.run(MOVE, (OPEN if again else DEAD, due, task.attempts, reason, now, task.id))


def require_held(cursor: Cursor, task: Task) -> None:
    """Refuse a claim that does not hold its task.

    Raises:
        LeaseLost: Another claim has it, or it ended.
    """
    if cursor.row(_HELD, (task.id, task.lease_token)) is None:
        raise LeaseLost(f"task {task.id} is no longer held by this claim")
