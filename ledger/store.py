"""The ledger: append in a transaction, read, prove.

with ledger.transaction() as tx:
    tx.reserve(reservation)          # refused: two approvals cannot take the same thing
    decision = tx.append(entry)      # no entry, no act
    tx.enqueue("bank.submit", tenant_id, idempotency_key, payload)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ledger import projections, reservations
from ledger.checkpoint import ORIGIN
from ledger.connections import Connections
from ledger.database import Database
from ledger.entry import Actor, Entry, StoredEntry, utc_text
from ledger.heartbeats import Heartbeats
from ledger.keys import Keyring
from ledger.migrations import migrate
from ledger.queue import Queue
from ledger.reader import LedgerReader
from ledger.transaction import Head, Transaction, read_head


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger(LedgerReader):
    """The system of record of one deployment.

    Attributes:
        queue: Tasks: claim, count, dead letters.
        connections: Connections of tenants with their credentials.
        heartbeats: What runs now.
    """

    def __init__(
        self,
        database: Database,
        *,
        keys: Keyring,
        origin: str = ORIGIN,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        super().__init__(database, keys=keys, origin=origin)
        self.queue = Queue(self)
        self.connections = Connections(self, keys)
        self.heartbeats = Heartbeats(database, clock)
        self._clock = clock
        self._head: Head | None = None

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        keys: Keyring,
        origin: str = ORIGIN,
        clock: Callable[[], datetime] = _utc_now,
        upgrades: bool = True,
    ) -> Self:
        """Open a ledger by SQLAlchemy URL (or SQLite path), making or migrating its tables.

        Args:
            url: The ledger's database.
            keys: Its keys.
            origin: Its name in checkpoints.
            clock: Tells the time.
            upgrades: Whether a ledger of an older version is brought forward here.

        Raises:
            LedgerTooNew: A newer version of the platform wrote it.
            LedgerBehind: It is older, and was not to be brought forward here.
        """
        database = Database(f"sqlite:///{url}" if isinstance(url, Path) else url)
        try:
            migrate(database, upgrades=upgrades)
        except BaseException:
            database.close()
            raise
        return cls(database, keys=keys, origin=origin, clock=clock)

    def close(self) -> None:
        """Close its connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction: all that is done with it commits on leaving, or nothing does.

        Raises:
            LedgerBusy: Another writer did not finish in time.
        """
        with self._database.writing() as cursor:
            tx = Transaction(
                cursor,
                head=read_head(cursor, self._head),
                keys=self._keys,
                clock=self._clock,
            )
            yield tx
            head = tx.head()
        self._head = head

    def append(self, entry: Entry) -> StoredEntry:
        """Append one entry in a transaction of its own."""
        with self.transaction() as tx:
            return tx.append(entry)

    def append_many(self, entries: Iterable[Entry]) -> list[StoredEntry]:
        """Append entries in one transaction."""
        with self.transaction() as tx:
            return tx.append_many(entries)

    def erase(self, tenant_id: str, subject_key_id: str, *, by: Actor, case: str) -> StoredEntry:
        """Destroy a subject's data key and append the ``erasure_certificate``.

        Raises:
            SubjectErased: It was erased before.
        """
        with self.transaction() as tx:
            now = self._clock()
            tx.vault.destroy(tenant_id, subject_key_id, case=case, now=utc_text(now))
            body = {"subject_key_id": subject_key_id, "case": case}
            subjects = (subject_key_id,)
            certificate = tx.append(
                Entry("erasure_certificate", tenant_id, now, by, subjects, body)
            )
        self._database.forget_history()
        return certificate

    def rebuild(self) -> None:
        """Empty projections, reservations and exposures and make them anew from the entries."""
        with self.transaction() as tx:
            projections.rebuild(tx.cursor)
            reservations.rebuild(tx.cursor)
