"""Figures read anew each time: queue, heartbeats, snapshot, syncs, lock, sizes, backups."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ledger.entry import utc_moment
from ledger.schema import QUEUE
from ledger.tasks import OPEN

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from ledger.store import Ledger
    from orchestration.places import Places

_SYNCS = """
with latest as (
    select *, row_number() over (
        partition by tenant_id, connection_id, system, entity order by started_at desc
    ) as place
    from published.syncs
)
select tenant_id, system, status, count(distinct connection_id), min(epoch(finished_at))
from latest where place = 1 group by all order by all
"""
_QUARANTINE = """
select tenant_id, system, reason_code, count(*) from published.quarantine
where replayed_at is null group by all order by all
"""
_OLDEST = (
    select(QUEUE.c.kind, func.min(QUEUE.c.created_at))
    .where(QUEUE.c.state == OPEN)
    .group_by(QUEUE.c.kind)
)


@dataclass(frozen=True, slots=True)
class Synced:
    """The latest syncs of one tenant's connections to one system that ended alike.

    Attributes:
        tenant_id: Whose.
        system: Which.
        status: ``ok``, ``partial``, ``failed``.
        connections: How many.
        oldest: When the oldest of them ended, seconds of the epoch.
    """

    tenant_id: str
    system: str
    status: str
    connections: int
    oldest: float


@dataclass(frozen=True, slots=True)
class SnapshotFigures:
    """What operators look at in one published file.

    Attributes:
        syncs: Latest syncs.
        quarantine: Records by tenant, system and reason.
    """

    syncs: tuple[Synced, ...] = ()
    quarantine: tuple[tuple[str, str, str, int], ...] = ()


def oldest_tasks(ledger: Ledger) -> dict[str, float]:
    """Give by kind when the oldest open task was asked for, in seconds of the epoch."""
    with ledger.reading() as cursor:
        return {kind: utc_moment(at).timestamp() for kind, at in cursor.select(_OLDEST)}


def publication(ledger: Ledger) -> StoredEntry | None:
    """Give the latest publication entry."""
    return ledger.latest("publication")


@lru_cache(maxsize=2)
def in_snapshot(path: Path) -> SnapshotFigures:
    """Read the figures of a published file, which never changes."""
    import duckdb

    if not path.is_file():
        return SnapshotFigures()
    with duckdb.connect(str(path), read_only=True) as connection:
        present = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'published'"
            ).fetchall()
        }
        syncs: list[Any] = connection.execute(_SYNCS).fetchall() if "syncs" in present else []
        held: list[Any] = (
            connection.execute(_QUARANTINE).fetchall() if "quarantine" in present else []
        )
    return SnapshotFigures(tuple(Synced(*row) for row in syncs), tuple(held))


def lock_held_since(lock: Path) -> float | None:
    """Give since when the warehouse's writer lock is held, or ``None`` when nobody holds it."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    return None


def sizes(where: Places) -> Iterator[tuple[str, int]]:
    """Give the bytes of what grows, by what it is."""
    for name, folder in (
        ("warehouse", where.warehouse.parent),
        ("ledger", where.ledger.parent),
        ("published", where.published),
        ("proofs", where.proofs),
        ("logs", where.logs),
    ):
        yield name, sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def free_bytes(where: Places) -> int:
    """Give the free bytes of the disk that ``var`` lies on."""
    return shutil.disk_usage(where.var).free


def newest_backup(folder: Path) -> float | None:
    """Give when the newest backup was complete, in seconds of the epoch."""
    from orchestration.backup import shelf

    found = shelf.newest(folder) if folder.is_dir() else None
    if found is None:
        return None
    moment = datetime.fromisoformat(found.manifest.created_at)
    return moment.astimezone(UTC).timestamp()
