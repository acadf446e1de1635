"""The bytes of a quarantined record, by role: all that front doors read from the warehouse.

Snapshots carry reasons and places but never the bytes, since those may name people and a snapshot
cannot forget. So they are read where they lie, one record at a time, read-only, and only while no
run writes there: whoever looks takes the same lock as a writer, for a moment.
"""

import base64
import binascii
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from apps.access.roles import Permission, User

_PATIENCE_SECONDS = 2.0
_POLL_SECONDS = 0.05
_FALLBACK = "cp1252"
_FIND = """
    select reason_code, detail, endpoint, position, raw_text, raw_encoding, fetched_at,
           replayed_at, resolution
    from raw_quarantine.records
    where quarantine_id = ? and tenant_id = ?
"""


class WarehouseBusyError(Exception):
    """A run is writing the warehouse, so nothing can be read from it for the moment."""


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record in quarantine, as it came.

    Attributes:
        reason_code: why it was not taken in.
        detail: what exactly is wrong.
        endpoint: where it came from.
        position: its place in the page or file, from 0; -1 is the whole page.
        text: what it says; none when it was erased.
        encoding: how its bytes were read: `utf-8`, or a guess where they are none.
        fetched_at: when it was read.
        replayed_at: when it was resolved; none while it is open.
        resolution: how.
    """

    reason_code: str
    detail: str
    endpoint: str
    position: int
    text: str | None
    encoding: str
    fetched_at: datetime
    replayed_at: datetime | None
    resolution: str | None


def held_record(
    user: User, tenant_id: str, quarantine_id: str, *, warehouse: Path, lock: Path
) -> HeldRecord | None:
    """Read one record with its bytes; none when the tenant has no such record.

    Args:
        user: who is looking; needs `see_quarantined_text` in the tenant.
        tenant_id: whose record.
        quarantine_id: which one.
        warehouse: the warehouse file.
        lock: the file whose lock writers hold.

    Raises:
        AccessRefusedError: the role does not cover it.
        WarehouseBusyError: a run is writing.
    """
    user.require(Permission.SEE_QUARANTINED_TEXT, tenant_id)
    if not warehouse.is_file():
        return None
    with _undisturbed(lock):
        try:
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                connection.execute("set timezone = 'UTC'")
                row = connection.execute(_FIND, [quarantine_id, tenant_id]).fetchone()
        except duckdb.IOException as error:
            raise WarehouseBusyError("another program has the warehouse open") from error
        except duckdb.CatalogException:
            return None
    if row is None:
        return None
    text, encoding = _readable(row[4], row[5])
    return HeldRecord(row[0], row[1], row[2], row[3], text, encoding, row[6], row[7], row[8])


@contextmanager
def _undisturbed(lock: Path) -> Iterator[None]:
    """Hold the writers' lock for the block."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise WarehouseBusyError("a run is writing the warehouse")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _readable(text: str | None, encoding: str) -> tuple[str | None, str]:
    """Turn what is stored into text; bytes that are no UTF-8 are read as Windows-1252."""
    if text is None or encoding != "base64":
        return text, encoding
    try:
        return base64.b64decode(text).decode(_FALLBACK, errors="replace"), _FALLBACK
    except binascii.Error:
        return text, encoding
