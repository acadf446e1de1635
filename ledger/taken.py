"""What is reserved, as far as it concerns one request: a few rows, however large the book is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from ledger.database import Cursor
from ledger.schema import EXPOSURES, RESERVATION_NEAR, RESERVATIONS


@dataclass(frozen=True, slots=True)
class Taken:
    """What is reserved, as far as it concerns one request.

    Attributes:
        size: Number of entries it stands under.
        exposures: Kind, id, currency and minor units of the parties asked about.
        is_held: The exact fingerprint is taken.
        near: Near forms that others share.
    """

    size: int
    exposures: tuple[tuple[str, str, str, int], ...]
    is_held: bool
    near: tuple[str, ...]


_HELD = select(RESERVATIONS.c.receivable_id).where(
    RESERVATIONS.c.tenant_id == bindparam("tenant"),
    RESERVATIONS.c.fingerprint_exact == bindparam("fingerprint"),
)
_BY_RECEIVABLE = select(RESERVATIONS.c.state).where(
    RESERVATIONS.c.receivable_id == bindparam("receivable")
)
_NEAR = select(RESERVATION_NEAR.c.receivable_id).where(
    RESERVATION_NEAR.c.tenant_id == bindparam("tenant"),
    RESERVATION_NEAR.c.fingerprint == bindparam("fingerprint"),
)
_EXPOSURES = select(EXPOSURES.c.currency, EXPOSURES.c.amount_minor).where(
    EXPOSURES.c.tenant_id == bindparam("tenant"),
    EXPOSURES.c.kind == bindparam("kind_of"),
    EXPOSURES.c.party_id == bindparam("party"),
)


def holds(cursor: Cursor, receivable_id: str) -> bool:
    """Tell whether a receivable holds a reservation."""
    return cursor.row(_BY_RECEIVABLE, (receivable_id,)) is not None


def taken(
    cursor: Cursor,
    tenant_id: str,
    *,
    parties: Iterable[tuple[str, str]],
    exact: str,
    near: Iterable[str],
    size: int,
) -> Taken:
    """Look up the exposure of parties and the fingerprints of one request."""
    exposures = [
        (kind, party, currency, amount)
        for kind, party in parties
        for currency, amount in cursor.rows(_EXPOSURES, (tenant_id, kind, party))
        if amount
    ]
    shared = [form for form in near if cursor.row(_NEAR, (tenant_id, form)) is not None]
    is_held = cursor.row(_HELD, (tenant_id, exact)) is not None
    return Taken(size, tuple(exposures), is_held, tuple(shared))
