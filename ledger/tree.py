"""The Merkle tree as it is stored: every fourth level of it, beside the entries.

Leaf hashes stand with their entries; of the subtrees above them only those of 16, 256, 4096 …
leaves are kept (one row per 15 entries). What lies between is computed from groups of 16 siblings,
so that a proof over a million entries reads six groups.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select

from ledger.database import Cursor
from ledger.merkle import node_hash
from ledger.schema import ENTRIES, TREE_NODES

STRIDE = 4
"""Levels between two stored ones."""

_GROUP = 1 << STRIDE

_NEWEST = select(func.max(ENTRIES.c.idx))
INSERT_NODES = insert(TREE_NODES)
_LEAVES = (
    select(ENTRIES.c.leaf_hash)
    .where(ENTRIES.c.idx >= bindparam("low"), ENTRIES.c.idx < bindparam("high"))
    .order_by(ENTRIES.c.idx)
)
_NODES = (
    select(TREE_NODES.c.hash)
    .where(
        TREE_NODES.c.level == bindparam("level"),
        TREE_NODES.c.position >= bindparam("low"),
        TREE_NODES.c.position < bindparam("high"),
    )
    .order_by(TREE_NODES.c.position)
)


class StoredTree:
    """Reads subtree hashes; groups read once are kept for as long as the reader lives."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._groups: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, level: int, position: int) -> bytes:
        """Give the hash of the complete subtree at a place; see ``merkle.SubtreeReader``."""
        rise = level % STRIDE
        low = position << rise
        group = self._group(level - rise, low // _GROUP)
        hashes = group[low % _GROUP : low % _GROUP + (1 << rise)]
        while len(hashes) > 1:
            hashes = [node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    def _group(self, level: int, number: int) -> list[bytes]:
        known = self._groups.get((level, number))
        if known is None:
            low = number * _GROUP
            if level == 0:
                rows = self._cursor.rows(_LEAVES, (low, low + _GROUP))
            else:
                rows = self._cursor.rows(_NODES, (level, low, low + _GROUP))
            known = self._groups[level, number] = [bytes(row[0]) for row in rows]
        return known


def stored_size(cursor: Cursor) -> int:
    """Give the number of entries."""
    row = cursor.row(_NEWEST)
    return 0 if row is None or row[0] is None else int(row[0]) + 1


def stored_nodes(completed: Sequence[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Keep of the subtrees that an append completed those that are stored."""
    return [node for node in completed if node[0] % STRIDE == 0]
