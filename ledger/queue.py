"""One queue for commands coming in and calls going out, in the ledger's own database.

A task is written in the transaction of the entry that caused it. A worker claims it for a lease;
if the worker dies, the lease runs out and another gets it. So a task is done at least once, and
its idempotency key, handed on to the counterpart, makes that exactly once.

    open ──claim──► leased ──complete──► done
      ▲               │ fail(retry_at)     dead ──replay──► open
      └───────────────┴ fail, too often ─► dead ──close───► closed
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from ledger.database import Cursor, Row
from ledger.entry import Actor, Entry, StoredEntry, utc_moment, utc_text
from ledger.errors import FourEyesRequired, IdempotencyConflict, LeaseLost, UnknownTask
from ledger.schema import QUEUE
from models.domain.canonical import canonical_json

if TYPE_CHECKING:
    from ledger.store import Ledger

OPEN, DONE, DEAD, CLOSED = "open", "done", "dead", "closed"
MOST_ATTEMPTS = 12
"""A task that was claimed this often without an end is dead."""

MONEY_KINDS = frozenset({"bank.pay"})
"""Kinds whose dead letters need a second person."""


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


_COLUMNS = (
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
_BY_ID = select(*_COLUMNS, QUEUE.c.state, QUEUE.c.reason).where(QUEUE.c.id == bindparam("by_id"))
_LEASE = update(QUEUE).where(QUEUE.c.id == bindparam("by_id"))
_LEASE = _LEASE.values(
    due_at=bindparam("due"),
    lease_token=bindparam("token"),
    attempts=bindparam("tries"),
    updated_at=bindparam("now"),
)
_MOVE = update(QUEUE).where(QUEUE.c.id == bindparam("by_id"))
_MOVE = _MOVE.values(
    state=bindparam("to_state"),
    due_at=bindparam("due"),
    lease_token=None,
    attempts=bindparam("tries"),
    reason=bindparam("why"),
    updated_at=bindparam("now"),
)
_HELD = select(QUEUE.c.due_at).where(
    QUEUE.c.id == bindparam("by_id"),
    QUEUE.c.state == OPEN,
    QUEUE.c.lease_token == bindparam("token"),
)


def backoff(
    attempts: int,
    *,
    now: datetime,
    random_source: random.Random,
    first_seconds: float = 2.0,
    most_seconds: float = 3600.0,
) -> datetime:
    """Say when to try again: doubling waits with full jitter, at least a tenth of the wait."""
    wait = min(most_seconds, first_seconds * 2 ** min(attempts - 1, 30))
    return now + timedelta(seconds=random_source.uniform(0.1 * wait, wait))


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


def finish(cursor: Cursor, task: Task, *, now: str) -> None:
    """Mark a claimed task as done.

    Raises:
        LeaseLost: Another claim has it, or it ended.
    """
    _require_held(cursor, task)
    cursor.run(_MOVE, (DONE, now, task.attempts, None, now, task.id))


def give_up(
    cursor: Cursor, task: Task, reason: str, *, retry_at: datetime | None, now: str
) -> None:
    """Put a claimed task back until ``retry_at``, or among the dead letters.

    Raises:
        LeaseLost: Another claim has it, or it ended.
    """
    _require_held(cursor, task)
    again = retry_at is not None and task.attempts < MOST_ATTEMPTS
    due = utc_text(retry_at) if again and retry_at is not None else now
    cursor.run(_MOVE, (OPEN if again else DEAD, due, task.attempts, reason, now, task.id))


def _require_held(cursor: Cursor, task: Task) -> None:
    if cursor.row(_HELD, (task.id, task.lease_token)) is None:
        raise LeaseLost(f"task {task.id} is no longer held by this claim")


class Queue:
    """Claims tasks, counts them, and lets people deal with dead letters."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def claim(self, kinds: Sequence[str], lease_seconds: float, limit: int = 1) -> list[Task]:
        """Take due tasks of some kinds, the longest due first, until the lease runs out."""
        with self._ledger.transaction() as tx:
            cursor, now = tx.cursor, tx.wall_clock()
            lease_until = utc_text(now + timedelta(seconds=lease_seconds))
            tasks = []
            for row in _due(cursor, kinds, utc_text(now), limit):
                if row[5] >= MOST_ATTEMPTS:
                    reason = f"claimed {row[5]} times without an end"
                    cursor.run(_MOVE, (DEAD, row[6], row[5], reason, utc_text(now), row[0]))
                    continue
                token = os.urandom(8).hex()
                cursor.run(_LEASE, (lease_until, token, row[5] + 1, utc_text(now), row[0]))
                tasks.append(Task(*_described(row), attempts=row[5] + 1, lease_token=token))
        return tasks

    def extend(self, task: Task, lease_seconds: float) -> None:
        """Hold a claimed task for longer.

        Raises:
            LeaseLost: Another claim has it, or it ended.
        """
        with self._ledger.transaction() as tx:
            _require_held(tx.cursor, task)
            now = tx.wall_clock()
            until = utc_text(now + timedelta(seconds=lease_seconds))
            tx.cursor.run(_LEASE, (until, task.lease_token, task.attempts, utc_text(now), task.id))

    def stats(self) -> dict[str, dict[str, int]]:
        """Count tasks by kind and state."""
        statement = select(QUEUE.c.kind, QUEUE.c.state, func.count()).group_by(
            QUEUE.c.kind, QUEUE.c.state
        )
        counts: dict[str, dict[str, int]] = {}
        with self._ledger.reading() as cursor:
            for kind, state, count in cursor.select(statement):
                counts.setdefault(kind, {})[state] = count
        return counts

    def dead_letters(self, tenant_id: str | None = None) -> list[DeadLetter]:
        """List the tasks that were given up, the oldest first."""
        statement = select(*_COLUMNS, QUEUE.c.reason, QUEUE.c.updated_at)
        statement = statement.where(QUEUE.c.state == DEAD).order_by(QUEUE.c.updated_at, QUEUE.c.id)
        if tenant_id is not None:
            statement = statement.where(QUEUE.c.tenant_id == tenant_id)
        with self._ledger.reading() as cursor:
            return [
                DeadLetter(
                    *_described(row),
                    attempts=row[5],
                    reason=row[6],
                    updated_at=utc_moment(row[7]),
                )
                for row in cursor.select(statement)
            ]

    def replay(self, task_id: int, *, by: Actor, approved_by: Actor | None = None) -> StoredEntry:
        """Try a dead letter again from its first attempt.

        Raises:
            UnknownTask: There is no such dead letter.
            FourEyesRequired: It moves money and no second person agreed.
        """
        return self._settle(task_id, OPEN, "replayed", by=by, approved_by=approved_by)

    def close(
        self, task_id: int, *, by: Actor, reason: str, approved_by: Actor | None = None
    ) -> StoredEntry:
        """End a dead letter without doing it.

        Raises:
            UnknownTask: There is no such dead letter.
            FourEyesRequired: It moves money and no second person agreed.
        """
        return self._settle(task_id, CLOSED, reason, by=by, approved_by=approved_by)

    def _settle(
        self, task_id: int, state: str, reason: str, *, by: Actor, approved_by: Actor | None
    ) -> StoredEntry:
        with self._ledger.transaction() as tx:
            row = tx.cursor.row(_BY_ID, (task_id,))
            if row is None or row[6] != DEAD:
                raise UnknownTask(f"task {task_id} is not among the dead letters")
            if row[1] in MONEY_KINDS and (approved_by is None or approved_by == by):
                raise FourEyesRequired(f"{row[1]} task {task_id}: a second person must agree")
            now = utc_text(tx.wall_clock())
            tries = 0 if state == OPEN else row[5]
            tx.cursor.run(_MOVE, (state, now, tries, reason, now, task_id))
            return tx.append(
                Entry(
                    type="task_replayed" if state == OPEN else "task_closed",
                    tenant_id=row[2],
                    occurred_at=tx.wall_clock(),
                    actor=by,
                    subjects=(row[3],),
                    body={
                        "task_id": task_id,
                        "kind": row[1],
                        "idempotency_key": row[3],
                        "cause": row[7],
                        "reason": reason,
                        "approved_by": None if approved_by is None else approved_by.id,
                    },
                )
            )


def _described(row: Row) -> tuple[int, str, str, str, dict[str, Any]]:
    return row[0], row[1], row[2], row[3], json.loads(row[4])


def _due(cursor: Cursor, kinds: Sequence[str], now: str, limit: int) -> Sequence[Row]:
    statement = (
        select(*_COLUMNS, QUEUE.c.due_at)
        .where(QUEUE.c.state == OPEN, QUEUE.c.kind.in_(kinds), QUEUE.c.due_at <= now)
        .order_by(QUEUE.c.due_at, QUEUE.c.id)
        .limit(limit)
    )
    return cursor.select(statement)
