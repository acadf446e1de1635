"""Reservations as they stood before an entry: told again from the entries, in a ledger apart.

::

    entries: reservation, reservation_released ──to(index)──► tables of a scratch ledger
                                                                 └─► exposures, holders, reserve

It moves forward only. A reservation is checked by the code that checks real ones, so what was
refused then is refused again, for the same reason.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from ledger import reservations
from ledger.keys import Keyring
from ledger.reservations import Reservation
from ledger.schema import EXPOSURES
from ledger.store import Ledger

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from ledger.reader import LedgerReader
    from ledger.transaction import Transaction

TAKEN, RELEASED = "reservation", "reservation_released"
_PAGE = 1000


class Rewind:
    """The state of reservations before an entry.

    Args:
        ledger: Whose entries tell it.
    """

    def __init__(self, ledger: LedgerReader) -> None:
        self._story = _story(ledger)
        self._next: StoredEntry | None = next(self._story, None)
        self._held: dict[str, Reservation] = {}
        self._closing = ExitStack()
        self._tx: Transaction | None = None

    def __enter__(self) -> Self:
        """Open the scratch ledger."""
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory()))
        scratch = Ledger.open(folder / "scratch.sqlite", keys=Keyring.generate())
        self._closing.callback(scratch.close)
        self._tx = self._closing.enter_context(scratch.transaction())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget it."""
        self._closing.close()

    def to(self, index: int, *, before_own: str | None = None) -> None:
        """Move to the state that the entry of an index was appended in.

        Args:
            index: Entries below it count.
            before_own: Receivable whose reservation directly before the index does not.
        """
        while self._next is not None and self._next.index < index:
            body = self._next.entry.body
            is_own = self._next.index == index - 1 and body["receivable_id"] == before_own
            if is_own and self._next.entry.type == TAKEN:
                return
            self._apply(self._next)
            self._next = next(self._story, None)

    def exposures(self, tenant_id: str) -> dict[tuple[str, str, str], int]:
        """Give what is reserved, as ``Ledger.exposures`` does."""
        columns = EXPOSURES.c
        statement = select(columns.kind, columns.party_id, columns.currency, columns.amount_minor)
        statement = statement.where(columns.tenant_id == tenant_id, columns.amount_minor != 0)
        rows = self._open.cursor.select(statement)
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def reserved(self, tenant_id: str) -> list[Reservation]:
        """Give the reservations that hold a fingerprint."""
        return [one for one in self._held.values() if one.tenant_id == tenant_id]

    def reserve(self, reservation: Reservation) -> None:
        """Check a reservation against the state; it takes nothing.

        Raises:
            ReservationRefused: As when it was asked for.
        """
        reservations.check(self._open.cursor, reservation, allow_near=False)

    @property
    def _open(self) -> Transaction:
        if self._tx is None:
            raise RuntimeError("enter it first: its state lies in a ledger of its own")
        return self._tx

    def _apply(self, stored: StoredEntry) -> None:
        body, cursor = stored.entry.body, self._open.cursor
        receivable_id = str(body["receivable_id"])
        if stored.entry.type == TAKEN:
            made = Reservation.from_body(stored.entry.tenant_id, body)
            reservations.take(cursor, made, entry_index=stored.index)
            self._held[receivable_id] = made
        else:
            keep = bool(body["keep_fingerprint"])
            reservations.give_back(cursor, receivable_id, keep_fingerprint=keep)
            if not keep:
                self._held.pop(receivable_id, None)


def _story(ledger: LedgerReader) -> Iterator[StoredEntry]:
    after = -1
    while page := ledger.entries((TAKEN, RELEASED), after=after, limit=_PAGE):
        yield from page
        after = page[-1].index
