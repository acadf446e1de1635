"""The warehouse: one file, one writer, guarded by a lock that dies with its process.

While a process has a DuckDB file open for writing, no other may open it, not even to read. So
every use of the file goes through an operating-system lock; the kernel releases it when a process
is killed, which no lock file or database row would survive.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import logs

if TYPE_CHECKING:
    import duckdb

_POLL_SECONDS = 0.05


class WarehouseBusyError(Exception):
    """Another process kept the warehouse for longer than this one was willing to wait.

    Attributes:
        holder: What the other process wrote about itself, usually its process id.
    """

    def __init__(self, holder: str, seconds: float) -> None:
        self.holder = holder
        super().__init__(
            f"the warehouse is in use by process {holder} and was not freed within"
            f" {seconds:.0f} s; wait for it or end it, then run again"
        )


class WriterLock:
    """An exclusive lock between processes, re-entrant inside a thread.

    Args:
        path: The lock file; it stays, only its lock comes and goes.
        timeout: Seconds to wait before giving up.
    """

    def __init__(self, path: Path, timeout: float = 600.0) -> None:
        self._path = path
        self._timeout = timeout
        self._threads = threading.RLock()
        self._depth = 0
        self._descriptor: int | None = None

    @contextmanager
    def held(self, timeout: float | None = None) -> Iterator[None]:
        """Hold the lock for the block.

        Args:
            timeout: Seconds to wait this time, where that is less or more than usual.

        Raises:
            WarehouseBusyError: When it was not freed in time.
        """
        patience = self._timeout if timeout is None else timeout
        if not self._threads.acquire(timeout=patience):
            raise WarehouseBusyError(str(os.getpid()), patience)
        try:
            if self._depth == 0:
                self._descriptor = self._acquire(patience)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._descriptor is not None:
                    os.close(self._descriptor)
                    self._descriptor = None
        finally:
            self._threads.release()

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Give what a child process must inherit to hold the lock too, if it is held."""
        return () if self._descriptor is None else (self._descriptor,)

    def _acquire(self, timeout: float) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        started = time.monotonic()
        while not _try_lock(descriptor):
            if time.monotonic() - started > timeout:
                holder = os.pread(descriptor, 64, 0).decode(errors="replace").strip() or "unknown"
                os.close(descriptor)
                raise WarehouseBusyError(holder, timeout)
            time.sleep(_POLL_SECONDS)
        waited = time.monotonic() - started
        if waited > 1:
            logs.get(__name__).info("warehouse.lock_waited", waited_s=round(waited, 1))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Warehouse:
    """The DuckDB file and its lock.

    Attributes:
        path: The file; it appears with the first write.
    """

    def __init__(self, path: Path, lock: Path, *, timeout: float = 600.0) -> None:
        self.path = path
        self._lock = WriterLock(lock, timeout)

    @contextmanager
    def held(self, timeout: float | None = None) -> Iterator[Path]:
        """Hold the lock without opening the file, for libraries that open it themselves."""
        with self._lock.held(timeout):
            yield self.path

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Give what a child that writes the file has to inherit.

        The lock then ends with the last of both: a child that outlives a killed parent still
        keeps the next writer waiting.
        """
        return self._lock.descriptors

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the lock and open the file; the connection closes with the block."""
        import duckdb

        with self._lock.held():
            connection = duckdb.connect(str(self.path))
            try:
                connection.execute("set timezone = 'UTC'")
                yield connection
            finally:
                connection.close()

    def has(self, schema: str, table: str) -> bool:
        """Tell whether a table exists."""
        if not self.path.exists():
            return False
        with self.open() as connection:
            return has_table(connection, schema, table)


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Tell whether a table exists in the connection's own catalogue."""
    found = connection.execute(
        "select count(*) from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return bool(found[0][0])
