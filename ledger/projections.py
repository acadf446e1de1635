"""Current state, read from entries: commands, decisions, submissions, payments, messages and so on.

A projection table has one row per thing: the entry that begins its story, and how many entries
tell it. Rows are written in the transaction of their entry. The state itself is folded from the
entries when it is asked for (later bodies win, field by field), so it can never say other than
they do.

    table         key in the body   begun by              continued by
    commands      command_id        command               command_status
    decisions     decision_id       decision              override, approval
    submissions   request_id        bank_submission       bank_reply
    payments      end_to_end_id     payment_instruction   payment_status
    messages      message_id        message               message_status
    publications  snapshot_id       publication
    grants        grant_id          grant                 grant_revoked

An entry that continues goes to the newest story of its key, and begins one where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, literal_column, select, update

from ledger.database import Cursor
from ledger.entry import WireEntry, decode_header, decode_wire
from ledger.lookups import INSERT_LOOKUPS, candidates, lookup_rows, newest_candidates
from ledger.schema import ENTRIES, LOOKUPS, PROJECTIONS
from ledger.tree import stored_size

BEGINS: Mapping[str, str] = {
    "command": "commands",
    "decision": "decisions",
    "bank_submission": "submissions",
    "payment_instruction": "payments",
    "message": "messages",
    "publication": "publications",
    "grant": "grants",
}
"""Entry type → the projection in which it begins a story."""

CONTINUES: Mapping[str, str] = {
    "command_status": "commands",
    "override": "decisions",
    "approval": "decisions",
    "bank_reply": "submissions",
    "payment_status": "payments",
    "message_status": "messages",
    "grant_revoked": "grants",
}
"""Entry type → the projection in which it continues a story."""

TABLE_OF: Mapping[str, str] = {**BEGINS, **CONTINUES}

Noted = tuple[str, str, str, int]
"""What a projection needs of an entry: (type, key, tenant_id, index)."""

_PAGE = 4096
_INSERT = {name: insert(table) for name, table in PROJECTIONS.items()}
_ADD = {
    name: update(table)
    .where(table.c.first_index == bindparam("first"))
    .values(entry_count=table.c.entry_count + literal_column("1"))
    for name, table in PROJECTIONS.items()
}
_BEGUN = {
    name: select(table.c.first_index).where(
        table.c.first_index == bindparam("first"),
        table.c.key == bindparam("its_key"),
        table.c.tenant_id == bindparam("its_tenant"),
    )
    for name, table in PROJECTIONS.items()
}
_EMPTY = [delete(table) for table in (*PROJECTIONS.values(), LOOKUPS)]
_ENTRIES = (
    select(ENTRIES.c.canonical)
    .where(ENTRIES.c.idx > bindparam("after"))
    .order_by(ENTRIES.c.idx)
    .limit(literal_column(str(_PAGE)))
)
_CANONICAL = select(ENTRIES.c.canonical).where(ENTRIES.c.idx == bindparam("index"))


def note(cursor: Cursor, entries: Iterable[Noted]) -> None:
    """Write down new entries in order of their index, after their lookup rows."""
    begun: dict[str, list[tuple[int, str, str, int]]] = {}
    for kind, key, tenant_id, index in entries:
        name = TABLE_OF[kind]
        if kind in CONTINUES:
            cursor.run_many(_INSERT[name], begun.pop(name, []))
            first = newest_story(cursor, name, key, tenant_id, high=index)
            if first is not None:
                cursor.run(_ADD[name], (first,))
                continue
        begun.setdefault(name, []).append((index, key, tenant_id, 1))
    for name, rows in begun.items():
        cursor.run_many(_INSERT[name], rows)


def newest_story(cursor: Cursor, name: str, key: str, tenant_id: str, *, high: int) -> int | None:
    """Give the entry that begins the newest story of a key below an index."""
    for index in newest_candidates(cursor, key, high=high):
        if cursor.row(_BEGUN[name], (index, key, tenant_id)) is not None:
            return index
    return None


def rebuild(cursor: Cursor) -> None:
    """Empty the projections and the lookup of entries, and make them anew from the entries."""
    for statement in _EMPTY:
        cursor.run(statement)
    after = -1
    while rows := cursor.rows(_ENTRIES, (after,)):
        headers = [decode_header(bytes(row[0])) for row in rows]
        found = [row for h in headers for row in lookup_rows(h.index, h.key, h.subjects)]
        cursor.run_many(INSERT_LOOKUPS, found)
        note(
            cursor,
            [(h.type, str(h.key), h.tenant_id, h.index) for h in headers if h.type in TABLE_OF],
        )
        after = headers[-1].index


def read(
    cursor: Cursor,
    name: str,
    *,
    tenant_id: str | None = None,
    key: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Give current states in the order in which they began; with a limit, the newest of them.

    Each is the merged bodies of its entries with ``tenant_id``, ``key``, ``entry_index`` and
    ``leaf_hash`` (hex) of the first entry, ``last_index``, ``entry_count``, ``occurred_at``,
    ``recorded_at`` (of the first entry) and ``updated_at`` (recorded time of the last one).

    Raises:
        KeyError: There is no projection of that name.
    """
    size = stored_size(cursor)
    table = PROJECTIONS[name]
    statement = select(
        table.c.first_index, table.c.entry_count, ENTRIES.c.canonical, ENTRIES.c.leaf_hash
    ).join(ENTRIES, ENTRIES.c.idx == table.c.first_index)
    if tenant_id is not None:
        statement = statement.where(table.c.tenant_id == tenant_id)
    if key is not None:
        found = list(candidates(cursor, key, low=0, high=size))
        statement = statement.where(table.c.first_index.in_(found), table.c.key == key)
    rows = cursor.select(statement.order_by(table.c.first_index.desc()).limit(limit))
    states = []
    for first, count, canonical, leaf in reversed(rows):
        wire = decode_wire(bytes(canonical))
        story = [wire, *_continued(cursor, name, wire, count - 1, size=size)]
        states.append(_folded(story, first, bytes(leaf)))
    return states


def _continued(
    cursor: Cursor, name: str, first: WireEntry, count: int, *, size: int
) -> list[WireEntry]:
    found: list[WireEntry] = []
    if count == 0 or first.key is None:
        return found
    for index in candidates(cursor, first.key, low=first.index + 1, high=size):
        row = cursor.row(_CANONICAL, (index,))
        wire = None if row is None else decode_wire(bytes(row[0]))
        if wire is None or (wire.key, wire.tenant_id) != (first.key, first.tenant_id):
            continue
        if CONTINUES.get(wire.type) == name:
            found.append(wire)
            if len(found) == count:
                break
    return found


def _folded(story: Sequence[WireEntry], first: int, leaf: bytes) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for wire in story:
        state.update(wire.body)
    state.update(
        tenant_id=story[0].tenant_id,
        key=story[0].key,
        entry_index=first,
        leaf_hash=leaf.hex(),
        last_index=story[-1].index,
        entry_count=len(story),
        occurred_at=story[0].occurred_at,
        recorded_at=story[0].recorded_at,
        updated_at=story[-1].recorded_at,
    )
    return state
