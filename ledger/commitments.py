"""Compares reservations, near forms and exposures with the entries that made and freed them."""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import ColumnClause, bindparam, func, literal_column, select

from ledger.database import Cursor, Row
from ledger.entry import decode_wire
from ledger.findings import Findings
from ledger.reservations import ACTIVE, Reservation, kept_parties
from ledger.schema import ENTRIES, EXPOSURES, RESERVATION_NEAR, RESERVATIONS

_PAGE: ColumnClause[int] = literal_column("10000")
_RESERVED = (
    select(RESERVATIONS, ENTRIES.c.type, ENTRIES.c.tenant_id, ENTRIES.c.canonical)
    .join(ENTRIES, ENTRIES.c.idx == RESERVATIONS.c.entry_index, isouter=True)
    .where(RESERVATIONS.c.receivable_id > bindparam("receivable"))
    .order_by(RESERVATIONS.c.receivable_id)
    .limit(_PAGE)
)
_NEAR = (
    select(RESERVATION_NEAR.c.fingerprint)
    .where(RESERVATION_NEAR.c.receivable_id == bindparam("receivable"))
    .order_by(RESERVATION_NEAR.c.fingerprint)
)
_NEAR_COUNT = select(func.count()).select_from(RESERVATION_NEAR)
_STORIES = (
    select(ENTRIES.c.idx, ENTRIES.c.canonical)
    .where(
        ENTRIES.c.type == literal_column("'reservation_released'"),
        ENTRIES.c.idx > bindparam("after"),
    )
    .order_by(ENTRIES.c.idx)
    .limit(_PAGE)
)
_MADE = select(func.count()).where(ENTRIES.c.type == literal_column("'reservation'"))


def compare_reservations(cursor: Cursor, findings: Findings) -> None:
    """Compare reservations, near forms and exposures with the entries that made and freed them."""
    exposures: Counter[tuple[str, str, str, str]] = Counter()
    states: Counter[str] = Counter()
    near, place = 0, ""
    while rows := cursor.rows(_RESERVED, (place,)):
        for row in rows:
            receivable_id, _tenant, _exact, amount, currency, _limits, state, index = row[:8]
            made = _as_made(row[8:])
            forms = [fingerprint for (fingerprint,) in cursor.rows(_NEAR, (receivable_id,))]
            if made is None or tuple(row[:6]) != made.columns() or forms != made.near_forms():
                detail = f"the reservation of {receivable_id} is not what its entry says"
                findings.add("reservation_differs", index, detail)
                continue
            states[state] += 1
            near += len(forms)
            if state == ACTIVE:
                for kind, party in kept_parties(row[5]):
                    exposures[made.tenant_id, kind, party, currency] += amount
        place = rows[-1][0]
    _compare_counts(cursor, findings, states, near)
    stored = {tuple(row[:4]): row[4] for row in cursor.select(select(EXPOSURES)) if row[4]}
    for place_of in sorted(stored.keys() | exposures.keys()):
        if stored.get(place_of, 0) != exposures[place_of]:
            tenant, kind, party, currency = place_of
            detail = (
                f"{tenant}: exposure of {kind} {party} is {stored.get(place_of, 0)} {currency}, "
                f"reservations add up to {exposures[place_of]}"
            )
            findings.add("exposure_differs", None, detail)


def _compare_counts(cursor: Cursor, findings: Findings, states: Counter[str], near: int) -> None:
    made = cursor.row(_MADE)
    freed: Counter[bool] = Counter()
    after = -1
    while rows := cursor.rows(_STORIES, (after,)):
        freed.update(_keeps_fingerprint(row[1]) for row in rows)
        after = rows[-1][0]
    total = 0 if made is None else made[0]
    meant = (total - freed[True] - freed[False], freed[True])
    found = (states[ACTIVE], sum(states.values()) - states[ACTIVE])
    if meant != found:
        detail = f"(active, settled) reservations are {found}, the entries say {meant}"
        findings.add("reservation_differs", None, detail)
    stored = cursor.row(_NEAR_COUNT)
    if stored is not None and stored[0] != near:
        detail = f"{stored[0]} near forms are kept, {near} belong to reservations"
        findings.add("reservation_differs", None, detail)


def _as_made(columns: Row) -> Reservation | None:
    """Read the reservation from its entry, or give ``None`` where there is no such entry."""
    kind, tenant_id, canonical = columns
    if kind != "reservation":
        return None
    try:
        return Reservation.from_body(tenant_id, decode_wire(canonical).body)
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None


def _keeps_fingerprint(canonical: bytes) -> bool:
    try:
        return bool(decode_wire(canonical).body["keep_fingerprint"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return False
