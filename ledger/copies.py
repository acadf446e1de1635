"""Copies of a ledger: one SQLite file that holds it as it stood at one moment, and the way back.

::

    SQLite ──VACUUM INTO──────────────┐                      ┌─► SQLite: the file itself
    Postgres ─one repeatable read───► one file, verifiable ──┤
                                      anywhere               └─► Postgres: the rows, in one go

Writers go on meanwhile; nothing they commit later is in the copy. Whatever database a ledger came
from, its copy is read, verified and restored alike, so moving from SQLite to Postgres is a backup
and a restore. ``VACUUM INTO`` writes live rows only: what an erasure overwrote stays behind.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Column, Insert, Table, bindparam, func, insert, inspect, select
from sqlalchemy.engine import make_url

from ledger.database import Cursor, Database
from ledger.errors import LedgerError, LedgerNotEmpty
from ledger.migrations import lay_out, require_known, revision
from ledger.schema import ENTRIES, METADATA

_AT_ONCE = 5_000


def copy_to_file(url: str, target: Path) -> str:
    """Write a ledger as it stands into a new file; give the migration it stands at.

    Args:
        url: The ledger's database.
        target: A file that does not exist yet.

    Raises:
        LedgerError: There is no ledger at that address, or its driver said no.
    """
    if target.exists():
        raise LedgerNotEmpty(f"{target} exists; a copy is written to a new file only")
    target.parent.mkdir(parents=True, exist_ok=True)
    database = Database(url, read_only=True)
    try:
        found = revision(database)
        if found is None:
            raise LedgerError(f"there is no ledger at {_place(url)}")
        require_known(database, found)
        if database.is_sqlite:
            _vacuum(Path(str(make_url(url).database)), target)
        else:
            _gather(database, target, found)
    except database.errors as error:
        raise LedgerError(f"{_place(url)} cannot be copied: {error}") from error
    finally:
        database.close()
    _settle(target)
    return found


def copy_from_file(source: Path, url: str) -> None:
    """Put the ledger of a file into an empty database, all of it or nothing.

    Raises:
        LedgerNotEmpty: The database holds entries.
    """
    origin, target = Database(f"sqlite:///{source}", read_only=True), Database(url)
    try:
        found = revision(origin)
        if found is None:
            raise LedgerError(f"{source} holds no ledger")
        require_known(origin, found)
        if revision(target) is None:
            lay_out(target, found)
        elif revision(target) != found or _has_entries(target):
            raise LedgerNotEmpty(f"{_place(url)} is no empty ledger: name a new database")
        with origin.engine.connect() as reading, target.writing() as cursor:
            for table, columns in _tables(origin):
                rows = reading.execution_options(yield_per=_AT_ONCE).execute(select(*columns))
                for part in rows.partitions():
                    cursor.run_many(_insert(table, columns), [tuple(row) for row in part])
            if not target.is_sqlite:
                _continue_numbers(cursor)
    finally:
        origin.close()
        target.close()


def _vacuum(source: Path, target: Path) -> None:
    if not source.is_file():
        raise LedgerError(f"there is no ledger at {source}")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _gather(database: Database, target: Path, found: str) -> None:
    """Read every table within one transaction that sees one moment."""
    copy = Database(f"sqlite:///{target}")
    try:
        lay_out(copy, found)
        with (
            database.engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True, yield_per=_AT_ONCE
            ) as reading,
            copy.writing() as cursor,
        ):
            for table, columns in _tables(database):
                for part in reading.execute(select(*columns)).partitions():
                    cursor.run_many(_insert(table, columns), [tuple(row) for row in part])
    finally:
        copy.close()


def _settle(target: Path) -> None:
    """Make the copy one file that needs nothing beside it, and put it on the disk."""
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tables(database: Database) -> list[tuple[Table, list[Column[object]]]]:
    """List the tables that stand there with those columns of them that stand there."""
    with database.engine.connect() as connection:
        looked = inspect(connection)
        return [
            (table, [table.c[item["name"]] for item in looked.get_columns(table.name)])
            for table in METADATA.sorted_tables
            if looked.has_table(table.name)
        ]


def _insert(table: Table, columns: list[Column[object]]) -> Insert:
    return insert(table).values({column.name: bindparam(column.name) for column in columns})


def _has_entries(database: Database) -> bool:
    with database.engine.connect() as connection:
        return bool(connection.execute(select(func.count()).select_from(ENTRIES)).scalar())


def _continue_numbers(cursor: Cursor) -> None:
    cursor.plain(
        "SELECT setval(pg_get_serial_sequence('queue', 'id'), greatest(max(id), 1)) FROM queue"
    )


def _place(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
