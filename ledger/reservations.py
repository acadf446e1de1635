"""Reservations: what an approval takes, so that two approvals cannot take it twice.

A reservation holds the receivable's exact fingerprint (one holder per tenant), its near forms and
an amount against every limit it falls under. It is an entry like any other; the tables here only
answer quickly and are checked against the entries by the verification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, delete, insert, literal_column, select, update

from ledger.database import Cursor
from ledger.entry import decode_wire
from ledger.errors import ReservationRefused, UnknownReservation
from ledger.schema import ENTRIES, EXPOSURES, RESERVATION_NEAR, RESERVATIONS
from ledger.statements import Upsert

_encode = msgspec.json.Encoder().encode
_decode_parties = msgspec.json.Decoder(list[tuple[str, str]]).decode

ACTIVE, SETTLED = "active", "settled"


@dataclass(frozen=True, slots=True)
class Limit:
    """A ceiling a reservation falls under, in the reservation's currency.

    Attributes:
        kind: ``seller``, ``debtor`` or ``group``.
        id: The party or group.
        limit_minor: Highest exposure allowed, this reservation included.
    """

    kind: str
    id: str
    limit_minor: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """What an approval asks for.

    Attributes:
        tenant_id: Whose book.
        fingerprint_exact: Keyed hash that identifies the receivable.
        fingerprints_near: Keyed hashes that similar receivables share.
        receivable_id: The receivable.
        amount_minor: Exposure taken, in minor units, above zero.
        currency: Currency of the amount and of the limits.
        limits: The limits it counts against.
    """

    tenant_id: str
    fingerprint_exact: str
    fingerprints_near: tuple[str, ...]
    receivable_id: str
    amount_minor: int
    currency: str
    limits: tuple[Limit, ...]

    def body(self) -> dict[str, Any]:
        """Write the reservation as the body of its entry."""
        return {
            "receivable_id": self.receivable_id,
            "fingerprint_exact": self.fingerprint_exact,
            "fingerprints_near": list(self.fingerprints_near),
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "limits": [
                {"kind": limit.kind, "id": limit.id, "limit_minor": limit.limit_minor}
                for limit in self.limits
            ],
        }

    def columns(self) -> tuple[str, str, str, int, str, str]:
        """Give what its row holds, up to its state."""
        return (
            self.receivable_id,
            self.tenant_id,
            self.fingerprint_exact,
            self.amount_minor,
            self.currency,
            parties_text(self.limits),
        )

    def near_forms(self) -> list[str]:
        """Give the near fingerprints, each once and in order."""
        return sorted(set(self.fingerprints_near))

    @classmethod
    def from_body(cls, tenant_id: str, body: Mapping[str, Any]) -> Reservation:
        """Read a reservation from the body of its entry."""
        return cls(
            tenant_id=tenant_id,
            fingerprint_exact=body["fingerprint_exact"],
            fingerprints_near=tuple(body["fingerprints_near"]),
            receivable_id=body["receivable_id"],
            amount_minor=body["amount_minor"],
            currency=body["currency"],
            limits=tuple(Limit(**limit) for limit in body["limits"]),
        )


_HOLDER = select(RESERVATIONS.c.receivable_id).where(
    RESERVATIONS.c.tenant_id == bindparam("tenant"),
    RESERVATIONS.c.fingerprint_exact == bindparam("fingerprint"),
)
_BY_RECEIVABLE = select(
    RESERVATIONS.c.tenant_id,
    RESERVATIONS.c.amount_minor,
    RESERVATIONS.c.currency,
    RESERVATIONS.c.limits,
    RESERVATIONS.c.state,
).where(RESERVATIONS.c.receivable_id == bindparam("receivable"))
_NEAR_HOLDER = select(RESERVATION_NEAR.c.receivable_id).where(
    RESERVATION_NEAR.c.tenant_id == bindparam("tenant"),
    RESERVATION_NEAR.c.fingerprint == bindparam("fingerprint"),
)
_EXPOSURE = select(EXPOSURES.c.amount_minor).where(
    and_(
        EXPOSURES.c.tenant_id == bindparam("tenant"),
        EXPOSURES.c.kind == bindparam("kind_of"),
        EXPOSURES.c.party_id == bindparam("party"),
        EXPOSURES.c.currency == bindparam("money"),
    )
)
_INSERT = insert(RESERVATIONS)
_INSERT_NEAR = insert(RESERVATION_NEAR)
_DELETE = delete(RESERVATIONS).where(RESERVATIONS.c.receivable_id == bindparam("receivable"))
_DELETE_NEAR = delete(RESERVATION_NEAR).where(
    RESERVATION_NEAR.c.receivable_id == bindparam("receivable")
)
_SETTLE = (
    update(RESERVATIONS)
    .where(RESERVATIONS.c.receivable_id == bindparam("receivable"))
    .values(state=SETTLED)
)
_STORY = (
    select(ENTRIES.c.idx, ENTRIES.c.type, ENTRIES.c.tenant_id, ENTRIES.c.canonical)
    .where(
        ENTRIES.c.type.in_(
            [literal_column("'reservation'"), literal_column("'reservation_released'")]
        ),
        ENTRIES.c.idx > bindparam("after"),
    )
    .order_by(ENTRIES.c.idx)
    .limit(literal_column("1000"))
)
_EMPTY = tuple(delete(table) for table in (RESERVATIONS, RESERVATION_NEAR, EXPOSURES))


_ADD = Upsert.into(EXPOSURES, add=("amount_minor",))


def check(cursor: Cursor, reservation: Reservation, *, allow_near: bool) -> None:
    """Refuse a reservation whose receivable is taken or whose limits would be passed.

    Raises:
        ReservationRefused: With the first reason that applies, duplicates before limits.
    """
    tenant = reservation.tenant_id
    holder = cursor.row(_HOLDER, (tenant, reservation.fingerprint_exact))
    if holder is None and cursor.row(_BY_RECEIVABLE, (reservation.receivable_id,)) is not None:
        holder = (reservation.receivable_id,)
    if holder is not None:
        raise ReservationRefused("DUPLICATE_EXACT", f"held by receivable {holder[0]}")
    if not allow_near:
        for fingerprint in reservation.fingerprints_near:
            near = cursor.row(_NEAR_HOLDER, (tenant, fingerprint))
            if near is not None:
                raise ReservationRefused("NEAR_DUPLICATE", f"resembles receivable {near[0]}")
    for limit in reservation.limits:
        row = cursor.row(_EXPOSURE, (tenant, limit.kind, limit.id, reservation.currency))
        used = row[0] if row else 0
        if used + reservation.amount_minor > limit.limit_minor:
            raise ReservationRefused(
                f"LIMIT_{limit.kind.upper()}",
                f"{limit.kind} {limit.id}: {used} used of {limit.limit_minor} "
                f"{reservation.currency}, {reservation.amount_minor} asked",
            )


def take(cursor: Cursor, reservation: Reservation, *, entry_index: int) -> None:
    """Write a reservation that was checked, or that an entry says was made."""
    cursor.run(_INSERT, (*reservation.columns(), ACTIVE, entry_index))
    cursor.run_many(
        _INSERT_NEAR,
        [
            (reservation.tenant_id, fingerprint, reservation.receivable_id)
            for fingerprint in reservation.near_forms()
        ],
    )
    _add(
        cursor,
        reservation.tenant_id,
        ((limit.kind, limit.id) for limit in reservation.limits),
        reservation.currency,
        reservation.amount_minor,
    )


def give_back(cursor: Cursor, receivable_id: str, *, keep_fingerprint: bool) -> str:
    """Free the exposure of a reservation, and its fingerprint unless it is kept; give the tenant.

    Raises:
        UnknownReservation: The receivable holds none, or its exposure was freed before.
    """
    row = cursor.row(_BY_RECEIVABLE, (receivable_id,))
    if row is None or row[4] != ACTIVE:
        raise UnknownReservation(f"receivable {receivable_id} holds no active reservation")
    tenant_id, amount, currency, limits, _state = row
    _add(cursor, tenant_id, kept_parties(limits), currency, -amount)
    if keep_fingerprint:
        cursor.run(_SETTLE, (receivable_id,))
    else:
        cursor.run(_DELETE_NEAR, (receivable_id,))
        cursor.run(_DELETE, (receivable_id,))
    return str(tenant_id)


def parties_text(limits: Iterable[Limit]) -> str:
    """Write the (kind, id) pairs that a row's amount counts against."""
    return _encode([(limit.kind, limit.id) for limit in limits]).decode()


def kept_parties(limits: str) -> list[tuple[str, str]]:
    """Read the (kind, id) pairs that a row's amount counts against."""
    return _decode_parties(limits)


def rebuild(cursor: Cursor) -> None:
    """Empty the tables and make them anew from the entries."""
    for statement in _EMPTY:
        cursor.run(statement)
    after = -1
    while rows := cursor.rows(_STORY, (after,)):
        for index, kind, tenant_id, canonical in rows:
            body = decode_wire(bytes(canonical)).body
            if kind == "reservation":
                made = Reservation.from_body(tenant_id, body)
                take(cursor, made, entry_index=index)
            else:
                give_back(cursor, body["receivable_id"], keep_fingerprint=body["keep_fingerprint"])
        after = rows[-1][0]


def _add(
    cursor: Cursor,
    tenant_id: str,
    parties: Iterable[tuple[str, str]],
    currency: str,
    amount: int,
) -> None:
    rows = [(tenant_id, kind, party, currency, amount) for kind, party in parties]
    cursor.run_many(_ADD, rows)
