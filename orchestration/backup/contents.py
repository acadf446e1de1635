"""What belongs to a backup, and how each kind of file is copied while others write.

Immutable files are named by their content or written once, so they are copied as they stand, and
taken over by hard link from the backup before where that holds the same file. Small databases
(Dagster's, the sandbox's world) are copied by SQLite itself.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.backup.manifest import Kept, copied, noted

if TYPE_CHECKING:
    from orchestration.places import Places

IMMUTABLE = ("published", "models", "proofs", "checkpoints")
"""Folders whose files never change once they bear their name."""

KEPT = ("inbox", "mappings", "reports", "assessments")
"""Folders of uploads, of what people said about them, and of what they were told in return."""

DATABASES = ("dagster", "sandbox", "sandbox-bank")
"""Folders whose SQLite files are kept: runs and schedules, and the world the sandbox remembers."""

LEFT_OUT: Mapping[str, str] = {
    "logs": "they help operators; the ledger is the evidence",
    "dbt": "parsed and built again by the next run",
    "dlt": "its state lies in the warehouse; the folder is made anew by every sync",
}
"""Folders that are not copied, and why."""

_UNFINISHED = re.compile(r"^\.|\.partial$|\.duckdb(\.wal)?$|-(wal|shm|journal)$")
_SQLITE = (".db", ".sqlite")


def files(where: Places, draft: Path, before: Mapping[str, Kept], previous: Path) -> list[Kept]:
    """Copy everything but ledger, warehouse and keys.

    Args:
        where: Places of the platform.
        draft: The backup in the making.
        before: Files of the backup before this one, by path.
        previous: Folder of that backup.
    """
    found: list[Kept] = []
    for name in IMMUTABLE:
        for path in _listed(where.var / name, snapshots=name == where.published.name):
            place = path.relative_to(where.var).as_posix()
            kept = _taken_over(before.get(place), path, previous, draft)
            found.append(kept or copied(path, draft, place))
    for name in KEPT:
        listed = _listed(where.var / name, snapshots=False)
        found += [copied(path, draft, path.relative_to(where.var).as_posix()) for path in listed]
    for name in DATABASES:
        listed = _databases(where.var / name)
        found += [_database(path, draft, path.relative_to(where.var).as_posix()) for path in listed]
    return found


def _listed(folder: Path, *, snapshots: bool) -> Iterator[Path]:
    """List what is finished in a folder; a warehouse file counts only among snapshots."""
    for path in sorted(folder.rglob("*")):
        is_snapshot = snapshots and path.suffix == ".duckdb" and not path.name.startswith(".")
        if path.is_file() and (is_snapshot or not _UNFINISHED.search(path.name)):
            yield path


def _databases(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _SQLITE:
            yield path


def _taken_over(known: Kept | None, path: Path, previous: Path, draft: Path) -> Kept | None:
    """Link a file of the backup before, when it is the same immutable file."""
    if known is None or known.size != path.stat().st_size:
        return None
    target = draft / known.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(previous / known.path, target)
    except OSError:
        return None
    return known


def _database(path: Path, draft: Path, place: str) -> Kept:
    target = draft / place
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("pragma journal_mode=delete")
    target.chmod(0o600)
    return noted(draft, place)
