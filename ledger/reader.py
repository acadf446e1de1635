"""Reading and proving: what everyone may do with a ledger.

Each read sees what was committed before it; entries that are read are checked against their hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, select

from ledger import merkle, projections, taken
from ledger.checkpoint import Checkpoint, VerifierKey, sign
from ledger.database import Cursor, Database
from ledger.entry import StoredEntry, stored_entry
from ledger.errors import LedgerCorrupt, UnknownEntry
from ledger.keys import Keyring
from ledger.lookups import candidates
from ledger.reservations import Reservation
from ledger.schema import ENTRIES, EXPOSURES, RESERVATIONS
from ledger.tree import StoredTree, stored_size
from ledger.vault import Vault

_ENTRY = select(ENTRIES.c.canonical, ENTRIES.c.leaf_hash).where(ENTRIES.c.idx == bindparam("index"))
_GROUP = 500


class LedgerReader:
    """Reads entries, current states and proofs.

    Attributes:
        origin: The ledger's name in checkpoints.
    """

    def __init__(self, database: Database, *, keys: Keyring, origin: str) -> None:
        self.origin = origin
        self._database = database
        self._keys = keys

    @property
    def url(self) -> str:
        """Give the database's URL without its password."""
        return self._database.engine.url.render_as_string(hide_password=True)

    @property
    def verifier_key(self) -> VerifierKey:
        """Give the public key that checks this ledger's checkpoints."""
        return self._keys.verifier_key(self.origin)

    def reading(self) -> AbstractContextManager[Cursor]:
        """Give a cursor for reads, for the modules of this package."""
        return self._database.reading()

    def size(self) -> int:
        """Give the number of entries."""
        with self.reading() as cursor:
            return stored_size(cursor)

    def root(self, size: int | None = None) -> bytes:
        """Give the Merkle root, of the first ``size`` entries when given."""
        with self.reading() as cursor:
            return _root(cursor, _bounded(cursor, size))

    def checkpoint(self) -> str:
        """Give a signed checkpoint of the ledger as it stands: keep it outside the database."""
        with self.reading() as cursor:
            size = stored_size(cursor)
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
        order = ENTRIES.c.idx.desc() if newest_first else ENTRIES.c.idx
        statement = statement.where(ENTRIES.c.idx > after).order_by(order)
        with self.reading() as cursor:
            if key is None and subject is None:
                return [_checked(*row) for row in cursor.select(statement.limit(limit))]
            found = _found(cursor, key, subject, after=after)
            if newest_first:
                found.reverse()
            return list(islice(_read_groups(cursor, statement, found, subject), limit))

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

    def is_reserved(self, receivable_id: str) -> bool:
        """Tell whether a receivable holds a reservation, paid ones included."""
        with self.reading() as cursor:
            return taken.holds(cursor, receivable_id)

    def taken(
        self,
        tenant_id: str,
        *,
        parties: Sequence[tuple[str, str]],
        exact: str,
        near: Sequence[str],
    ) -> taken.Taken:
        """Tell what concerns one request of what is reserved, all as of one size of the ledger.

        Args:
            tenant_id: Whose book.
            parties: Kind and id whose exposure is asked for.
            exact: Fingerprint of the request.
            near: Its near forms.
        """
        with self._database.snapshot() as cursor:
            return taken.taken(
                cursor, tenant_id, parties=parties, exact=exact, near=near, size=stored_size(cursor)
            )

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


def _found(cursor: Cursor, key: str | None, subject: str | None, *, after: int) -> list[int]:
    size = stored_size(cursor)
    found: set[int] | None = None
    for text in (key, subject):
        if text is not None:
            indexes = set(candidates(cursor, text, low=max(after + 1, 0), high=size))
            found = indexes if found is None else found & indexes
    return sorted(found or ())


def _read_groups(
    cursor: Cursor, statement: Select[Any], indexes: Sequence[int], subject: str | None
) -> Iterator[StoredEntry]:
    for start in range(0, len(indexes), _GROUP):
        group = statement.where(ENTRIES.c.idx.in_(indexes[start : start + _GROUP]))
        for row in cursor.select(group):
            stored = _checked(*row)
            if subject is None or subject in stored.entry.subjects:
                yield stored


def _bounded(cursor: Cursor, size: int | None) -> int:
    whole = stored_size(cursor)
    if size is None:
        return whole
    if not 0 <= size <= whole:
        raise UnknownEntry(f"the ledger has {whole} entries, not {size}")
    return size


def _root(cursor: Cursor, size: int) -> bytes:
    return merkle.root_at(size, StoredTree(cursor).subtree)


def _checked(index: int, canonical: bytes | str, leaf_hash: bytes | str) -> StoredEntry:
    if isinstance(canonical, str) or isinstance(leaf_hash, str):
        raise LedgerCorrupt(index, "text stands where its bytes should be")
    canonical, leaf_hash = bytes(canonical), bytes(leaf_hash)
    if merkle.leaf_hash(canonical) != leaf_hash:
        raise LedgerCorrupt(index, "its bytes are not those that were hashed")
    stored = stored_entry(canonical, leaf_hash)
    if stored.index != index:
        raise LedgerCorrupt(index, f"it is entry {stored.index}, put in another's place")
    return stored
