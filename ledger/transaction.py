"""One transaction of the ledger: entries, what they change, and what they ask to be done.

Everything that is done here commits together or not at all. Indexes and tree nodes are given out
while the writer's turn is held, so entries have no gaps and no order but their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from ledger import projections, reservations, tasks
from ledger.database import Cursor
from ledger.entry import (
    Actor,
    Entry,
    StoredEntry,
    canonical_entry,
    key_of,
    utc_moment,
    utc_text,
)
from ledger.errors import InvalidEntry
from ledger.keys import Keyring
from ledger.lookups import INSERT_LOOKUPS, lookup_rows
from ledger.merkle import Frontier, read_frontier
from ledger.reservations import Reservation
from ledger.schema import ENTRIES
from ledger.tasks import Task
from ledger.tree import INSERT_NODES, StoredTree, stored_nodes
from ledger.vault import INSERT_PAYLOAD, Vault

LEDGER = Actor("system", "ledger")
"""The actor of entries that the ledger writes of its own accord."""

_INSERT_ENTRY = insert(ENTRIES)
_LAST = (
    select(ENTRIES.c.idx, ENTRIES.c.leaf_hash, ENTRIES.c.recorded_at)
    .order_by(ENTRIES.c.idx.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands: what the next append needs to know.

    Attributes:
        frontier: Right edge of the tree.
        last_leaf: Hash of the newest entry; tells whether the database still stands there.
        recorded_at: Time of the newest entry.
    """

    frontier: Frontier
    last_leaf: bytes
    recorded_at: str


def read_head(cursor: Cursor, known: Head | None) -> Head:
    """Read where the database stands, or keep what is known when it has not moved."""
    last = cursor.row(_LAST)
    if last is None:
        return Head(Frontier(), b"", "")
    size, leaf = last[0] + 1, bytes(last[1])
    if known is not None and known.frontier.size == size and known.last_leaf == leaf:
        return known
    return Head(read_frontier(size, StoredTree(cursor).subtree), leaf, last[2])


class Transaction:
    """What ``Ledger.transaction`` gives; usable until its block ends.

    Attributes:
        cursor: The writing cursor, for the modules of this package.
        wall_clock: Tells the time.
    """

    def __init__(
        self,
        cursor: Cursor,
        *,
        head: Head,
        keys: Keyring,
        clock: Callable[[], datetime],
    ) -> None:
        self.cursor = cursor
        self.wall_clock = clock
        self.vault = Vault(cursor, keys)
        self._frontier = head.frontier.copy()
        self._last_leaf = head.last_leaf
        self._recorded_at = head.recorded_at

    def head(self) -> Head:
        """Give where the ledger will stand once this is committed."""
        return Head(self._frontier, self._last_leaf, self._recorded_at)

    @property
    def size(self) -> int:
        """Give the number of entries, those of this transaction included."""
        return self._frontier.size

    def append(self, entry: Entry) -> StoredEntry:
        """Append one entry.

        Raises:
            InvalidEntry: It lacks what its type needs.
            SubjectErased: It has a private part for a subject that was erased.
        """
        return self.append_many((entry,))[0]

    def append_many(self, entries: Iterable[Entry]) -> list[StoredEntry]:
        """Append entries in their order; faster than one by one. Raises as ``append``."""
        self._recorded_at = now = max(self._recorded_at, utc_text(self.wall_clock()))
        moment = utc_moment(now)
        rows, found, payloads, states = [], [], [], []
        nodes: list[tuple[int, int, bytes]] = []
        stored: list[StoredEntry] = []
        frontier = self._frontier
        for entry in entries:
            index = frontier.size
            key = key_of(entry)
            digest = None
            if entry.private is not None:
                ciphertext = self._sealed(entry, now)
                digest = sha256(ciphertext).hexdigest()
                payloads.append((index, ciphertext))
            canonical = canonical_entry(
                entry, index=index, key=key, recorded_at=now, private_sha256=digest
            )
            leaf = sha256(b"\x00" + canonical).digest()
            nodes += frontier.append(leaf)
            rows.append((index, entry.type, entry.tenant_id, key, now, leaf, canonical))
            found += lookup_rows(index, key, entry.subjects)
            if entry.type in projections.TABLE_OF:
                states.append((entry.type, str(key), entry.tenant_id, index))
            stored.append(StoredEntry(index, moment, entry, canonical, leaf))
        if stored:
            self._last_leaf = stored[-1].leaf_hash
            self.cursor.run_many(_INSERT_ENTRY, rows)
            self.cursor.run_many(INSERT_LOOKUPS, found)
            self.cursor.run_many(INSERT_PAYLOAD, payloads)
            self.cursor.run_many(INSERT_NODES, stored_nodes(nodes))
            projections.note(self.cursor, states)
        return stored

    def reserve(self, reservation: Reservation, *, allow_near: bool = False) -> StoredEntry:
        """Reserve a receivable and its exposure, and append the ``reservation`` entry.

        Args:
            reservation: What the approval takes.
            allow_near: A person has judged the near duplicates and lets it pass.

        Raises:
            ReservationRefused: The receivable is taken, resembles one, or a limit would be passed.
                Nothing was written: the transaction may go on and record the refusal.
        """
        if reservation.amount_minor <= 0:
            raise InvalidEntry("a reservation takes an amount above zero")
        reservations.check(self.cursor, reservation, allow_near=allow_near)
        reservations.take(self.cursor, reservation, entry_index=self.size)
        return self._own_entry(
            "reservation", reservation.tenant_id, reservation.receivable_id, reservation.body()
        )

    def release(self, receivable_id: str, *, keep_fingerprint: bool = False) -> StoredEntry:
        """Free what a receivable holds, and append the ``reservation_released`` entry.

        Args:
            receivable_id: Whose reservation.
            keep_fingerprint: It was financed and repaid: the exposure is free, but the same
                receivable stays taken. Otherwise it may be reserved again.

        Raises:
            UnknownReservation: It holds no active reservation.
        """
        tenant_id = reservations.give_back(
            self.cursor, receivable_id, keep_fingerprint=keep_fingerprint
        )
        body = {"receivable_id": receivable_id, "keep_fingerprint": keep_fingerprint}
        return self._own_entry("reservation_released", tenant_id, receivable_id, body)

    def enqueue(
        self,
        kind: str,
        tenant_id: str,
        idempotency_key: str,
        payload: Mapping[str, Any],
        not_before: datetime | None = None,
    ) -> int:
        """Ask for something to be done once this commits; give the task's number.

        The same task again is no second one.

        Raises:
            IdempotencyConflict: The key belongs to a different task.
        """
        return tasks.enqueue(
            self.cursor,
            kind,
            tenant_id,
            idempotency_key,
            payload,
            now=utc_text(self.wall_clock()),
            not_before=not_before,
        )

    def complete(self, task: Task) -> None:
        """Mark a claimed task as done.

        Raises:
            LeaseLost: Another claim has it; what this transaction wrote is not to be kept.
        """
        tasks.finish(self.cursor, task, now=utc_text(self.wall_clock()))

    def fail(self, task: Task, reason: str, retry_at: datetime | None = None) -> None:
        """Put a claimed task back until ``retry_at``; without it, among the dead letters.

        Raises:
            LeaseLost: Another claim has it.
        """
        now = utc_text(self.wall_clock())
        tasks.give_up(self.cursor, task, reason, retry_at=retry_at, now=now)

    def hasten(self, tenant_id: str, idempotency_key: str) -> None:
        """Make a question that waits, or was given up, due now; for tasks that move no money.

        The caller appends the entry that says why. A task that is held or ended stays as it is.
        """
        tasks.hasten(self.cursor, tenant_id, idempotency_key, now=utc_text(self.wall_clock()))

    def projection(
        self, name: str, *, tenant_id: str | None = None, key: str | None = None
    ) -> list[dict[str, Any]]:
        """Read current states as ``Ledger.projection``, this transaction's entries included."""
        return projections.read(self.cursor, name, tenant_id=tenant_id, key=key)

    def _own_entry(
        self, kind: str, tenant_id: str, subject: str, body: Mapping[str, Any]
    ) -> StoredEntry:
        return self.append(Entry(kind, tenant_id, self.wall_clock(), LEDGER, (subject,), body))

    def _sealed(self, entry: Entry, now: str) -> bytes:
        if entry.subject_key_id is None or entry.private is None:
            raise InvalidEntry("a private part needs the subject whose key encrypts it")
        return self.vault.seal(entry.tenant_id, entry.subject_key_id, entry.private, now=now)
