"""Compares reservations, near forms and exposures with the entries that made and freed them."""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import ColumnClause, bindparam, func, literal_column, select, tuple_

from ledger.database import Cursor
from ledger.entry import decode_wire
from ledger.findings import Findings
from ledger.reservations import ACTIVE, Limit, parties_text
from ledger.schema import ENTRIES, EXPOSURES, RESERVATION_NEAR, RESERVATIONS
from ledger.statements import Row


class _MadeBody(msgspec.Struct, frozen=True, gc=False):
    receivable_id: str
    fingerprint_exact: str
    fingerprints_near: list[str]
    amount_minor: int
    currency: str
    limits: list[Limit]


class _Made(msgspec.Struct, frozen=True, gc=False):
    """What the verification reads of a reservation's entry."""

    tenant_id: str
    body: _MadeBody

    def columns(self) -> tuple[str, str, str, int, str, str]:
        """Give what its row holds, up to its state."""
        body = self.body
        return (
            body.receivable_id,
            self.tenant_id,
            body.fingerprint_exact,
            body.amount_minor,
            body.currency,
            parties_text(body.limits),
        )


_decode_made = msgspec.json.Decoder(_Made).decode
_PAGE: ColumnClause[int] = literal_column("10000")
_RESERVED = (
    select(RESERVATIONS, ENTRIES.c.type, ENTRIES.c.canonical)
    .join(ENTRIES, ENTRIES.c.idx == RESERVATIONS.c.entry_index, isouter=True)
    .where(RESERVATIONS.c.entry_index > bindparam("after"))
    .order_by(RESERVATIONS.c.entry_index)
    .limit(_PAGE)
)
_NEAR = select(RESERVATION_NEAR).order_by(
    RESERVATION_NEAR.c.tenant_id, RESERVATION_NEAR.c.fingerprint, RESERVATION_NEAR.c.receivable_id
)
_NEAR = _NEAR.where(
    tuple_(*RESERVATION_NEAR.c)
    > tuple_(bindparam("tenant"), bindparam("fingerprint"), bindparam("receivable"))
).limit(_PAGE)
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
    near, after = 0, -1
    while rows := cursor.rows(_RESERVED, (after,)):
        for row in rows:
            amount, currency, state, index = row[3], row[4], row[6], row[7]
            made = _as_made(row[8:])
            if made is None or tuple(row[:6]) != made.columns():
                detail = f"the reservation of {row[0]} is not what its entry says"
                findings.add("reservation_differs", index, detail)
                continue
            states[state] += 1
            forms = set(made.body.fingerprints_near)
            near += sum(hash((made.tenant_id, form, row[0])) for form in forms)
            if state == ACTIVE:
                for limit in made.body.limits:
                    exposures[made.tenant_id, limit.kind, limit.id, currency] += amount
        after = rows[-1][7]
    _compare_counts(cursor, findings, states)
    if near != _near_sum(cursor):
        detail = "the near forms that are kept are not those of the reservations"
        findings.add("reservation_differs", None, detail)
    stored = {tuple(row[:4]): row[4] for row in cursor.select(select(EXPOSURES)) if row[4]}
    for place_of in sorted(stored.keys() | exposures.keys()):
        if stored.get(place_of, 0) != exposures[place_of]:
            tenant, kind, party, currency = place_of
            detail = (
                f"{tenant}: exposure of {kind} {party} is {stored.get(place_of, 0)} {currency}, "
                f"reservations add up to {exposures[place_of]}"
            )
            findings.add("exposure_differs", None, detail)


def _compare_counts(cursor: Cursor, findings: Findings, states: Counter[str]) -> None:
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


def _near_sum(cursor: Cursor) -> int:
    total, place = 0, ("", "", "")
    while rows := cursor.rows(_NEAR, place):
        total += sum(hash(tuple(row)) for row in rows)
        place = tuple(rows[-1])
    return total


def _as_made(columns: Row) -> _Made | None:
    """Read the reservation from its entry, or give ``None`` where there is no such entry."""
    kind, canonical = columns
    if kind != "reservation":
        return None
    try:
        return _decode_made(canonical)
    except (msgspec.MsgspecError, TypeError):
        return None


def _keeps_fingerprint(canonical: bytes) -> bool:
    try:
        return bool(decode_wire(canonical).body["keep_fingerprint"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return False
