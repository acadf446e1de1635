"""The ledger: append in a transaction, read, prove.

with ledger.transaction() as tx:
    tx.reserve(reservation)          # refused: two approvals cannot take the same thing
    decision = tx.append(entry)      # no entry, no act
    tx.enqueue("bank.submit", tenant_id, idempotency_key, payload)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import bindparam, func, select

from ledger import merkle, projections, reservations
from ledger.checkpoint import ORIGIN, Checkpoint, VerifierKey, sign
from ledger.connections import Connections
from ledger.database import Cursor, Database
from ledger.entry import Actor, Entry, StoredEntry, stored_entry, utc_text
from ledger.errors import LedgerCorrupt, UnknownEntry
from ledger.keys import Keyring
from ledger.migrations import migrate
from ledger.queue import Queue
from ledger.reservations import Reservation
from ledger.schema import ENTRIES, ENTRY_SUBJECTS, EXPOSURES, RESERVATIONS
from ledger.transaction import Head, Transaction, read_head
from ledger.tree import StoredTree
from ledger.vault import Vault

_ENTRY = select(ENTRIES.c.canonical, ENTRIES.c.leaf_hash).where(ENTRIES.c.idx == bindparam("index"))
_SIZE = select(func.max(ENTRIES.c.idx))


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The system of record of one deployment.

    Attributes:
        origin: Its name in checkpoints.
        queue: Tasks: claim, count, dead letters.
        connections: Connections of tenants with their credentials.
    """

    def __init__(
        self,
        database: Database,
        *,
        keys: Keyring,
        origin: str = ORIGIN,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.origin = origin
        self.queue = Queue(self)
        self.connections = Connections(self, keys)
        self._database = database
        self._keys = keys
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
    ) -> Self:
        """Open a ledger by SQLAlchemy URL (or SQLite path), making or migrating its tables."""
        database = Database(f"sqlite:///{url}" if isinstance(url, Path) else url)
        migrate(database)
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

    @property
    def url(self) -> str:
        """Give the database's URL without its password."""
        return self._database.engine.url.render_as_string(hide_password=True)

    @property
    def verifier_key(self) -> VerifierKey:
        """Give the public key that checks this ledger's checkpoints."""
        return self._keys.verifier_key(self.origin)

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

    def reading(self) -> AbstractContextManager[Cursor]:
        """Give a cursor for reads, for the modules of this package."""
        return self._database.reading()

    def size(self) -> int:
        """Give the number of entries."""
        with self.reading() as cursor:
            return _size(cursor)

    def root(self, size: int | None = None) -> bytes:
        """Give the Merkle root, of the first ``size`` entries when given."""
        with self.reading() as cursor:
            return _root(cursor, _bounded(cursor, size))

    def checkpoint(self) -> str:
        """Give a signed checkpoint of the ledger as it stands: keep it outside the database."""
        with self.reading() as cursor:
            size = _size(cursor)
            checkpoint = Checkpoint(self.origin, size, _root(cursor, size))
        return sign(checkpoint.text(), name=self.origin, key=self._keys.signing)

    def entry(self, index: int) -> StoredEntry:
        """Read one entry, checking its hash.

        Raises:
            UnknownEntry: There is none at that index.
            LedgerCorrupt: The stored bytes are not those that were hashed.
        """
        with self.reading() as cursor:
            row = cursor.row(_ENTRY, (index,))
        if row is None:
            raise UnknownEntry(f"there is no entry {index}")
        return _checked(index, row[0], row[1])

    def entries(
        self,
        type: str | tuple[str, ...] | None = None,  # noqa: A002  the word of the entry
        tenant_id: str | None = None,
        *,
        after: int = -1,
        limit: int | None = None,
        key: str | None = None,
        subject: str | None = None,
        newest_first: bool = False,
    ) -> list[StoredEntry]:
        """Read entries in order of their index, checking their hashes.

        Args:
            type: Only of this type or these types.
            tenant_id: Only of this tenant.
            after: Only with a greater index.
            limit: At most so many.
            key: Only about this thing (``entry.KEY_FIELDS``).
            subject: Only with this among their subjects.
            newest_first: The greatest index first.
        """
        statement = select(ENTRIES.c.idx, ENTRIES.c.canonical, ENTRIES.c.leaf_hash)
        if type is not None:
            types = (type,) if isinstance(type, str) else type
            statement = statement.where(ENTRIES.c.type.in_(types))
        if tenant_id is not None:
            statement = statement.where(ENTRIES.c.tenant_id == tenant_id)
        if key is not None:
            statement = statement.where(ENTRIES.c.key == key)
        if subject is not None:
            about = select(ENTRY_SUBJECTS.c.idx).where(ENTRY_SUBJECTS.c.subject == subject)
            statement = statement.where(ENTRIES.c.idx.in_(about))
        order = ENTRIES.c.idx.desc() if newest_first else ENTRIES.c.idx
        statement = statement.where(ENTRIES.c.idx > after).order_by(order).limit(limit)
        with self.reading() as cursor:
            return [_checked(*row) for row in cursor.select(statement)]

    def latest(
        self,
        type: str,  # noqa: A002  the word of the entry
        tenant_id: str | None = None,
        *,
        key: str | None = None,
    ) -> StoredEntry | None:
        """Read the newest entry of a type, or ``None``."""
        found = self.entries(type, tenant_id, key=key, limit=1, newest_first=True)
        return found[0] if found else None

    def read_private(self, index: int) -> bytes | None:
        """Decrypt the private part of an entry; ``None`` when it has none.

        Raises:
            SubjectErased: Its subject was erased.
        """
        entry = self.entry(index).entry
        if entry.subject_key_id is None:
            return None
        with self.reading() as cursor:
            vault = Vault(cursor, self._keys)
            return vault.open(entry.tenant_id, entry.subject_key_id, index)

    def projection(
        self,
        name: str,
        *,
        tenant_id: str | None = None,
        key: str | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Read current states of ``commands``, ``decisions``, ``payments`` and so on.

        See ``projections.read`` for the columns.
        """
        with self.reading() as cursor:
            return projections.read(cursor, name, tenant_id=tenant_id, key=key, limit=limit)

    def exposures(self, tenant_id: str) -> dict[tuple[str, str, str], int]:
        """Give what is reserved, as (kind, id, currency) → minor units."""
        columns = EXPOSURES.c
        statement = select(columns.kind, columns.party_id, columns.currency, columns.amount_minor)
        statement = statement.where(columns.tenant_id == tenant_id, columns.amount_minor != 0)
        with self.reading() as cursor:
            return {(row[0], row[1], row[2]): row[3] for row in cursor.select(statement)}

    def reserved(self, tenant_id: str) -> list[Reservation]:
        """Give the reservations that hold a fingerprint, in order of their entries."""
        statement = (
            select(ENTRIES.c.canonical, ENTRIES.c.leaf_hash)
            .join(RESERVATIONS, RESERVATIONS.c.entry_index == ENTRIES.c.idx)
            .where(RESERVATIONS.c.tenant_id == tenant_id)
            .order_by(ENTRIES.c.idx)
        )
        with self.reading() as cursor:
            rows = cursor.select(statement)
        found = (stored_entry(bytes(canonical), bytes(leaf)).entry for canonical, leaf in rows)
        return [Reservation.from_body(tenant_id, entry.body) for entry in found]

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Give the audit path of an entry; check it with ``merkle.verify_inclusion``.

        Raises:
            UnknownEntry: The index or the size lies beyond the ledger.
        """
        with self.reading() as cursor:
            bound = _bounded(cursor, size)
            if not 0 <= index < bound:
                raise UnknownEntry(f"there is no entry {index} among the first {bound}")
            return merkle.inclusion_path(index, bound, StoredTree(cursor).subtree)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """Prove that the first ``old`` entries stand unchanged under the root of ``new``.

        Raises:
            UnknownEntry: A size lies beyond the ledger.
        """
        with self.reading() as cursor:
            bound = _bounded(cursor, new)
            if not 0 <= old <= bound:
                raise UnknownEntry(f"{old} entries are no part of {bound}")
            return merkle.consistency_path(old, bound, StoredTree(cursor).subtree)


def _size(cursor: Cursor) -> int:
    row = cursor.row(_SIZE)
    return 0 if row is None or row[0] is None else int(row[0]) + 1


def _bounded(cursor: Cursor, size: int | None) -> int:
    whole = _size(cursor)
    if size is None:
        return whole
    if not 0 <= size <= whole:
        raise UnknownEntry(f"the ledger has {whole} entries, not {size}")
    return size


def _root(cursor: Cursor, size: int) -> bytes:
    return merkle.root_at(size, StoredTree(cursor).subtree)


def _checked(index: int, canonical: bytes, leaf_hash: bytes) -> StoredEntry:
    canonical, leaf_hash = bytes(canonical), bytes(leaf_hash)
    if merkle.leaf_hash(canonical) != leaf_hash:
        raise LedgerCorrupt(index, "its bytes are not those that were hashed")
    stored = stored_entry(canonical, leaf_hash)
    if stored.index != index:
        raise LedgerCorrupt(index, f"it is entry {stored.index}, put in another's place")
    return stored
