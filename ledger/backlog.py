"""What waits in the queue and what was given up, for people to look at; nothing is claimed here.

A row is *leased* while a worker holds it, *waiting* when it is due and nobody has it, *retrying*
when an attempt failed and the next one has its time; *dead* rows wait for a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import BindParameter, Select, bindparam, case, func, literal_column, select

from ledger.entry import utc_moment, utc_text
from ledger.schema import QUEUE
from ledger.statements import Row
from ledger.tasks import DEAD, OPEN

if TYPE_CHECKING:
    from ledger.reader import LedgerReader

Standing = Literal["waiting", "leased", "retrying", "done", "dead", "closed"]
UNFINISHED: tuple[Standing, ...] = ("waiting", "leased", "retrying", "dead")

_COLUMNS = (
    QUEUE.c.id,
    QUEUE.c.kind,
    QUEUE.c.tenant_id,
    QUEUE.c.idempotency_key,
    QUEUE.c.payload,
    QUEUE.c.attempts,
    QUEUE.c.reason,
    QUEUE.c.due_at,
    QUEUE.c.created_at,
    QUEUE.c.updated_at,
)


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """One task as it stands.

    Attributes:
        id: Its number in the queue.
        kind: What is to be done.
        tenant_id: Whose book.
        idempotency_key: Its key.
        payload: What is needed to do it.
        standing: Where it stands.
        attempts: How often it was claimed.
        reason: Why the last attempt failed, or what ended it.
        due_at: When it may be claimed; of a leased one, until when it is held.
        created_at: When it was asked for.
        updated_at: When it last changed.
    """

    id: int
    kind: str
    tenant_id: str
    idempotency_key: str
    payload: Mapping[str, Any]
    standing: Standing
    attempts: int
    reason: str | None
    due_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """The unfinished tasks of one kind that stand alike.

    Attributes:
        kind: What is to be done.
        standing: Where they stand.
        tasks: How many.
        oldest_at: When the oldest of them was asked for.
        most_attempts: The most often any of them was claimed.
    """

    kind: str
    standing: Standing
    tasks: int
    oldest_at: datetime
    most_attempts: int


def backlog(reader: LedgerReader, tenant_id: str, *, now: datetime) -> list[Backlog]:
    """Count one tenant's unfinished tasks by kind and standing."""
    standing = _standing()
    statement = select(
        QUEUE.c.kind,
        standing,
        func.count(),
        func.min(QUEUE.c.created_at),
        func.max(QUEUE.c.attempts),
    ).where(QUEUE.c.state.in_((OPEN, DEAD)), QUEUE.c.tenant_id == tenant_id)
    statement = statement.group_by(QUEUE.c.kind, standing).order_by(QUEUE.c.kind, standing)
    with reader.reading() as cursor:
        rows = cursor.select(statement.params(now=utc_text(now)))
    return [Backlog(kind, stands, n, utc_moment(at), most) for kind, stands, n, at, most in rows]


def tasks(
    reader: LedgerReader,
    tenant_id: str,
    *,
    now: datetime,
    standings: Sequence[Standing] = UNFINISHED,
    kinds: Sequence[str] = (),
    limit: int = 200,
) -> list[QueuedTask]:
    """Read one tenant's unfinished tasks, the oldest first.

    Args:
        reader: The ledger.
        tenant_id: Whose tasks.
        now: What is due is judged by it.
        standings: Only those that stand so.
        kinds: Only of these kinds; none means all.
        limit: At most so many.
    """
    statement = _tasks().where(
        QUEUE.c.state.in_((OPEN, DEAD)), QUEUE.c.tenant_id == tenant_id, _standing().in_(standings)
    )
    if kinds:
        statement = statement.where(QUEUE.c.kind.in_(kinds))
    return _read(reader, statement.order_by(QUEUE.c.id).limit(limit), now)


def find(reader: LedgerReader, idempotency_key: str, *, now: datetime) -> QueuedTask | None:
    """Read the task of a key, whatever its state."""
    found = _read(reader, _tasks().where(QUEUE.c.idempotency_key == idempotency_key), now)
    return found[0] if found else None


def by_id(reader: LedgerReader, task_id: int, *, now: datetime) -> QueuedTask | None:
    """Read the task of a number, whatever its state."""
    found = _read(reader, _tasks().where(QUEUE.c.id == task_id), now)
    return found[0] if found else None


def _tasks() -> Select[Any]:
    return select(*_COLUMNS, _standing())


def _standing() -> Any:  # noqa: ANN401 - an SQL expression, typed by SQLAlchemy as anything
    """Tell where a row stands, in SQL; ``now`` is bound when it is asked."""
    now: BindParameter[str] = bindparam("now")
    is_open = QUEUE.c.state == OPEN
    held = QUEUE.c.lease_token.is_not(None)
    return case(
        (is_open & held & (QUEUE.c.due_at > now), literal_column("'leased'")),
        (is_open & (QUEUE.c.attempts > literal_column("0")), literal_column("'retrying'")),
        (is_open, literal_column("'waiting'")),
        else_=QUEUE.c.state,
    ).label("standing")


def _read(reader: LedgerReader, statement: Select[Any], now: datetime) -> list[QueuedTask]:
    with reader.reading() as cursor:
        return [_task(row) for row in cursor.select(statement.params(now=utc_text(now)))]


def _task(row: Row) -> QueuedTask:
    return QueuedTask(
        id=row[0],
        kind=row[1],
        tenant_id=row[2],
        idempotency_key=row[3],
        payload=json.loads(row[4]),
        standing=row[10],
        attempts=row[5],
        reason=row[6],
        due_at=utc_moment(row[7]),
        created_at=utc_moment(row[8]),
        updated_at=utc_moment(row[9]),
    )
