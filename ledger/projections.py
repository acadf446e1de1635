"""Current state, read from entries: commands, decisions, submissions, payments and so on.

A projection table has one row per thing and says which entries tell its story; it is written in
the transaction of the entry. The state itself is folded from those entries when it is asked for
(later bodies win, field by field), so a table can never say other than the entries do.

    type                                   table          key in the body
    command, command_status                commands       command_id
    decision, override, approval           decisions      decision_id
    bank_submission, bank_reply            submissions    request_id
    payment_instruction, payment_status    payments       end_to_end_id
    message, message_status                messages       message_id
    publication                            publications   snapshot_id
    grant, grant_revoked                   grants         grant_id
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, and_, delete, func, insert, literal_column, select

from ledger.database import Cursor, Upsert
from ledger.entry import WireEntry, decode_wire
from ledger.schema import ENTRIES, PROJECTIONS

TABLE_OF: Mapping[str, str] = {
    "command": "commands",
    "command_status": "commands",
    "decision": "decisions",
    "override": "decisions",
    "approval": "decisions",
    "bank_submission": "submissions",
    "bank_reply": "submissions",
    "payment_instruction": "payments",
    "payment_status": "payments",
    "message": "messages",
    "message_status": "messages",
    "publication": "publications",
    "grant": "grants",
    "grant_revoked": "grants",
}
"""Entry type → the projection it belongs to."""

TYPES_OF: Mapping[str, tuple[str, ...]] = {
    table: tuple(kind for kind, target in TABLE_OF.items() if target == table)
    for table in PROJECTIONS
}


_UPSERT = {
    name: Upsert.into(table, replace=("last_index",), add=("entry_count",))
    for name, table in PROJECTIONS.items()
}
_EMPTY = {name: delete(table) for name, table in PROJECTIONS.items()}


def _fold_statement(name: str) -> Insert:
    folded = (
        select(
            ENTRIES.c.key,
            ENTRIES.c.tenant_id,
            func.min(ENTRIES.c.idx),
            func.max(ENTRIES.c.idx),
            func.count(),
        )
        .where(
            ENTRIES.c.key.is_not(None),
            ENTRIES.c.type.in_([literal_column(f"'{kind}'") for kind in TYPES_OF[name]]),
        )
        .group_by(ENTRIES.c.key, ENTRIES.c.tenant_id)
    )
    columns = ["key", "tenant_id", "first_index", "last_index", "entry_count"]
    return insert(PROJECTIONS[name]).from_select(columns, folded)


_FOLD = {name: _fold_statement(name) for name in PROJECTIONS}


def note(cursor: Cursor, entries: Sequence[tuple[str, str, str, int]]) -> None:
    """Write down new entries, given as (type, key, tenant_id, index) in order of index."""
    rows: dict[str, list[tuple[str, str, int, int, int]]] = {}
    for kind, key, tenant_id, index in entries:
        rows.setdefault(TABLE_OF[kind], []).append((key, tenant_id, index, index, 1))
    for name, values in rows.items():
        cursor.run_many(_UPSERT[name], values)


def rebuild(cursor: Cursor) -> None:
    """Empty the tables and fold them anew from the entries."""
    for name in PROJECTIONS:
        cursor.run(_EMPTY[name])
        cursor.run(_FOLD[name])


def read(
    cursor: Cursor,
    name: str,
    *,
    tenant_id: str | None = None,
    key: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Give current states, the most recently begun first when limited, else in order of beginning.

    Each row is the merged bodies of its entries and ``tenant_id``, ``key``, ``entry_index`` and
    ``leaf_hash`` (hex) of the first entry, ``last_index``, ``entry_count``, ``occurred_at``,
    ``recorded_at`` (of the first entry) and ``updated_at`` (recorded time of the last one).

    Raises:
        KeyError: There is no projection of that name.
    """
    table = PROJECTIONS[name]
    chosen = select(table.c.key, table.c.tenant_id, table.c.first_index)
    if tenant_id is not None:
        chosen = chosen.where(table.c.tenant_id == tenant_id)
    if key is not None:
        chosen = chosen.where(table.c.key == key)
    if limit is not None:
        chosen = chosen.order_by(table.c.first_index.desc()).limit(limit)
    rows = chosen.subquery()
    statement = (
        select(rows.c.first_index, ENTRIES.c.canonical, ENTRIES.c.leaf_hash)
        .join(
            ENTRIES,
            and_(
                ENTRIES.c.key == rows.c.key,
                ENTRIES.c.tenant_id == rows.c.tenant_id,
                ENTRIES.c.type.in_(TYPES_OF[name]),
            ),
        )
        .order_by(rows.c.first_index, ENTRIES.c.idx)
    )
    states: dict[int, dict[str, Any]] = {}
    for first, canonical, leaf in cursor.select(statement):
        _fold(states.setdefault(first, {}), decode_wire(bytes(canonical)), bytes(leaf))
    return list(states.values())


def _fold(state: dict[str, Any], wire: WireEntry, leaf: bytes) -> None:
    first = state.get("entry_index", wire.index)
    count = state.get("entry_count", 0)
    kept = {
        name: state.get(name, value)
        for name, value in (
            ("occurred_at", wire.occurred_at),
            ("recorded_at", wire.recorded_at),
            ("leaf_hash", leaf.hex()),
        )
    }
    state.update(wire.body)
    state.update(
        kept,
        tenant_id=wire.tenant_id,
        key=wire.key,
        entry_index=first,
        last_index=wire.index,
        entry_count=count + 1,
        updated_at=wire.recorded_at,
    )
