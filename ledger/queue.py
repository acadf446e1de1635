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
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ledger.database import Cursor
from ledger.entry import Actor, Entry, StoredEntry, utc_moment, utc_text
from ledger.errors import FourEyesRequired, UnknownTask
from ledger.schema import QUEUE
from ledger.statements import Row
from ledger.tasks import (
    BY_ID,
    CLOSED,
    COLUMNS,
    DEAD,
    LEASE,
    MOST_ATTEMPTS,
    MOVE,
    OPEN,
    DeadLetter,
    Task,
    require_held,
)

if TYPE_CHECKING:
    from ledger.store import Ledger
    from ledger.transaction import Transaction

__all__ = ["MONEY_KINDS", "MOST_ATTEMPTS", "DeadLetter", "Queue", "Task", "backoff", "resolve"]

MONEY_KINDS = frozenset({"bank.pay"})
"""Kinds whose dead letters need a second person."""


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


class Queue:
    """Claims tasks, counts them, and lets people deal with dead letters."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def is_due(self, kinds: Sequence[str]) -> bool:
        """Tell whether a task of some kinds could be claimed now; takes no turn to write."""
        with self._ledger.reading() as cursor:
            return bool(_due(cursor, kinds, utc_text(datetime.now(UTC)), 1))

    def claim(self, kinds: Sequence[str], lease_seconds: float, limit: int = 1) -> list[Task]:
        """Take due tasks of some kinds, the longest due first, until the lease runs out."""
        with self._ledger.transaction() as tx:
            cursor, now = tx.cursor, tx.wall_clock()
            lease_until = utc_text(now + timedelta(seconds=lease_seconds))
            tasks = []
            for row in _due(cursor, kinds, utc_text(now), limit):
                if row[5] >= MOST_ATTEMPTS:
                    reason = f"claimed {row[5]} times without an end"
                    cursor.run(MOVE, (DEAD, row[6], row[5], reason, utc_text(now), row[0]))
                    continue
                token = os.urandom(8).hex()
                cursor.run(LEASE, (lease_until, token, row[5] + 1, utc_text(now), row[0]))
                tasks.append(Task(*_described(row), attempts=row[5] + 1, lease_token=token))
        return tasks

    def extend(self, task: Task, lease_seconds: float) -> None:
        """Hold a claimed task for longer.

        Raises:
            LeaseLost: Another claim has it, or it ended.
        """
        with self._ledger.transaction() as tx:
            require_held(tx.cursor, task)
            now = tx.wall_clock()
            until = utc_text(now + timedelta(seconds=lease_seconds))
            tx.cursor.run(LEASE, (until, task.lease_token, task.attempts, utc_text(now), task.id))

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
        statement = select(*COLUMNS, QUEUE.c.reason, QUEUE.c.updated_at)
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
        with self._ledger.transaction() as tx:
            return resolve(tx, task_id, reason=None, by=by, approved_by=approved_by)

    def close(
        self, task_id: int, *, by: Actor, reason: str, approved_by: Actor | None = None
    ) -> StoredEntry:
        """End a dead letter without doing it.

        Raises:
            UnknownTask: There is no such dead letter.
            FourEyesRequired: It moves money and no second person agreed.
        """
        with self._ledger.transaction() as tx:
            return resolve(tx, task_id, reason=reason, by=by, approved_by=approved_by)


def resolve(
    tx: Transaction, task_id: int, *, reason: str | None, by: Actor, approved_by: Actor | None
) -> StoredEntry:
    """Deal with a dead letter within a transaction: closed with a reason, else tried again.

    Raises:
        UnknownTask: There is no such dead letter.
        FourEyesRequired: It moves money and no second person agreed.
    """
    row = tx.cursor.row(BY_ID, (task_id,))
    if row is None or row[6] != DEAD:
        raise UnknownTask(f"task {task_id} is not among the dead letters")
    if row[1] in MONEY_KINDS and (approved_by is None or approved_by == by):
        raise FourEyesRequired(f"{row[1]} task {task_id}: a second person must agree")
    now = utc_text(tx.wall_clock())
    state, tries = (OPEN, 0) if reason is None else (CLOSED, row[5])
    told = "replayed" if reason is None else reason
    tx.cursor.run(MOVE, (state, now, tries, told, now, task_id))
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
                "reason": told,
                "approved_by": None if approved_by is None else approved_by.id,
            },
        )
    )


def _described(row: Row) -> tuple[int, str, str, str, dict[str, Any]]:
    return row[0], row[1], row[2], row[3], json.loads(row[4])


def _due(cursor: Cursor, kinds: Sequence[str], now: str, limit: int) -> Sequence[Row]:
    statement = (
        select(*COLUMNS, QUEUE.c.due_at)
        .where(QUEUE.c.state == OPEN, QUEUE.c.kind.in_(kinds), QUEUE.c.due_at <= now)
        .order_by(QUEUE.c.due_at, QUEUE.c.id)
        .limit(limit)
    )
    return cursor.select(statement)
