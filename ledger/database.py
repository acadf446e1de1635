"""The one SQL database behind the ledger: SQLite (WAL, synchronous=FULL) or Postgres, by URL.

Statements are written in SQLAlchemy Core, compiled once per database and run on the driver's own
cursor: an append is a handful of microseconds, and so must be the way to it. Connections are in
autocommit; ``Database.writing`` begins and ends transactions itself, one at a time per deployment
(BEGIN IMMEDIATE on SQLite, an advisory lock on Postgres).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, create_engine, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.errors import LedgerBusy, LedgerError
from ledger.statements import Prepared, Row, Statement

ADVISORY_LOCK = 0x1F9_1ED6E5
"""The Postgres lock that serialises writers."""

_BUSY_SECONDS = 30
_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=FAST",
)

_READING = (
    f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}",
    "PRAGMA query_only=ON",
    f"PRAGMA mmap_size={1 << 40}",
)


class Cursor:
    """A driver's cursor that runs compiled Core statements with values in their bound order."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._prepare = database.prepare
        self._connection = connection
        self._cursor = connection.connection.cursor()

    def run(self, statement: Statement, values: Sequence[Any] = ()) -> None:
        """Execute once."""
        prepared = self._prepare(statement)
        self._cursor.execute(prepared.sql, prepared.bind(values))

    def run_many(self, statement: Statement, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once per row."""
        if not rows:
            return
        prepared = self._prepare(statement)
        if prepared.constants:
            rows = [prepared.bind(row) for row in rows]
        if len(rows) == 1:
            self._cursor.execute(prepared.sql, rows[0])
        else:
            self._cursor.executemany(prepared.sql, rows)

    def row(self, statement: Statement, values: Sequence[Any] = ()) -> Row | None:
        """Execute and give the first row."""
        self.run(statement, values)
        found: Row | None = self._cursor.fetchone()
        return found

    def rows(self, statement: Statement, values: Sequence[Any] = ()) -> list[Row]:
        """Execute and give all rows."""
        self.run(statement, values)
        return list(self._cursor.fetchall())

    def select(self, statement: Select[Any]) -> Sequence[Any]:
        """Execute a statement built for this one question and give all rows."""
        return self._connection.execute(statement).all()

    def plain(self, sql: str) -> None:
        """Execute text without values (BEGIN, COMMIT, PRAGMA)."""
        self._cursor.execute(sql)

    @property
    def affected(self) -> int:
        """Give the number of rows the last statement changed."""
        return int(self._cursor.rowcount)


class Database:
    """An engine, its compiled statements and its single writer."""

    def __init__(self, url: str | URL, *, read_only: bool = False) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = _sqlite(parsed, read_only) if self.is_sqlite else _postgres(parsed)
        self._prepared: dict[Statement, Prepared] = {}
        self._lock = threading.Lock()
        self._writer: Connection | None = None
        self._owner: int | None = None

    def prepare(self, statement: Statement) -> Prepared:
        """Compile a statement on first use; statements are constants of their modules."""
        known = self._prepared.get(statement)
        if known is None:
            known = self._prepared[statement] = Prepared.compiled(statement, self.engine.dialect)
        return known

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """Give a cursor for reads; each statement sees what was committed before it."""
        with self.engine.connect() as connection:
            yield Cursor(self, connection)

    @contextmanager
    def snapshot(self) -> Iterator[Cursor]:
        """Give a cursor whose reads all see the database as it stood at the first of them."""
        begin = "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with self.reading() as cursor:
            cursor.plain(begin)
            try:
                yield cursor
            finally:
                cursor.plain("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """Give the one writing cursor; commit on leaving, keep nothing when an error passes.

        Raises:
            LedgerBusy: Another writer did not finish in time.
        """
        if self._owner == threading.get_ident():
            raise LedgerError("a transaction is open in this thread: use it, do not nest another")
        if not self._lock.acquire(timeout=_BUSY_SECONDS):
            raise LedgerBusy(f"no turn to write within {_BUSY_SECONDS} s")
        try:
            self._owner = threading.get_ident()
            cursor = self._begin()
            try:
                yield cursor
            except BaseException:
                self._abandon(cursor)
                raise
            try:
                cursor.plain("COMMIT")
            except Exception:
                self._abandon(cursor)
                raise
        finally:
            self._owner = None
            self._lock.release()

    def forget_history(self) -> None:
        """Move what was overwritten out of SQLite's log, so that no destroyed key stays on disk."""
        if self.is_sqlite:
            with self.reading() as cursor:
                cursor.plain("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """Give what the driver and SQLAlchemy raise."""
        return (exc.SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)

    def close(self) -> None:
        """Close every connection."""
        self._drop_writer()
        self.engine.dispose()

    def _begin(self) -> Cursor:
        for attempt in (1, 2):
            if self._writer is None:
                self._writer = self.engine.connect()
            cursor = Cursor(self, self._writer)
            try:
                if self.is_sqlite:
                    cursor.plain("BEGIN IMMEDIATE")
                else:
                    cursor.plain("BEGIN")
                    cursor.plain(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            except self._driver_error as error:
                self._drop_writer()
                if "locked" in str(error):
                    raise LedgerBusy(f"another process wrote for over {_BUSY_SECONDS} s") from error
                if attempt == 2:
                    raise
            else:
                return cursor
        raise AssertionError("unreachable")  # pragma: no cover

    def _abandon(self, cursor: Cursor) -> None:
        try:
            cursor.plain("ROLLBACK")
        except self._driver_error:
            self._drop_writer()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            try:
                self._writer.invalidate()
                self._writer.close()
            except exc.SQLAlchemyError:
                pass
            self._writer = None

    @property
    def _driver_error(self) -> type[Exception]:
        error: type[Exception] = self.engine.dialect.loaded_dbapi.OperationalError
        return error


def _sqlite(url: URL, read_only: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise LedgerError("a ledger lives in a file: sqlite:///path/to/ledger.sqlite")
    if read_only and not Path(url.database).exists():
        raise LedgerError(f"there is no ledger at {url.database}")
    pragmas = _READING if read_only else _PRAGMAS
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, isolation_level="AUTOCOMMIT", connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    return engine


def _postgres(url: URL) -> Engine:
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, isolation_level="AUTOCOMMIT", paramstyle="format")
