"""Re-reads every stored entry, private payload and tree node and says what does not agree.

Pages of 4096 entries are hashed and compared as whole lists; only a page that does not agree is
looked at row by row. Memory does not grow with the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from sqlalchemy import bindparam, func, literal_column, select

from ledger.agreement import Agreement
from ledger.database import Cursor
from ledger.entry import EntryHeader, decode_header
from ledger.findings import Findings
from ledger.merkle import Frontier
from ledger.schema import ENTRIES, PRIVATE_PAYLOADS, TREE_NODES
from ledger.statements import Row
from ledger.tree import STRIDE

PAGE_LEVEL = 12
PAGE = 1 << PAGE_LEVEL
_PAGE = (
    select(
        ENTRIES.c.idx,
        ENTRIES.c.type,
        ENTRIES.c.tenant_id,
        ENTRIES.c.key,
        ENTRIES.c.recorded_at,
        ENTRIES.c.leaf_hash,
        ENTRIES.c.canonical,
    )
    .where(ENTRIES.c.idx >= bindparam("start"))
    .order_by(ENTRIES.c.idx)
    .limit(literal_column(str(PAGE)))
)
_LEAF = select(ENTRIES.c.leaf_hash).where(ENTRIES.c.idx == bindparam("index"))
_FIRST = select(func.min(ENTRIES.c.idx))
_PRIVATE = select(PRIVATE_PAYLOADS.c.idx, PRIVATE_PAYLOADS.c.ciphertext)
_PRIVATE = _PRIVATE.where(
    PRIVATE_PAYLOADS.c.idx >= bindparam("low"), PRIVATE_PAYLOADS.c.idx <= bindparam("high")
)
_PRIVATE_COUNT = select(func.count()).select_from(PRIVATE_PAYLOADS)
_NODES = (
    select(TREE_NODES.c.hash)
    .where(
        TREE_NODES.c.level == bindparam("level"),
        TREE_NODES.c.position >= bindparam("low"),
        TREE_NODES.c.position < bindparam("high"),
    )
    .order_by(TREE_NODES.c.position)
)
_NODE_COUNT = select(func.count()).select_from(TREE_NODES)


class EntryInspection:
    """One pass over the entries in order of their index.

    Attributes:
        frontier: The tree over the values as they are stored now.
        root_at_mark: Root of the first ``mark`` entries, once they were passed.
    """

    def __init__(
        self,
        cursor: Cursor,
        findings: Findings,
        *,
        mark: int | None = None,
        agreement: Agreement | None = None,
    ) -> None:
        self.frontier = Frontier()
        self.root_at_mark = self.frontier.root() if mark == 0 else None
        self._agreement = agreement
        self._cursor = cursor
        self._findings = findings
        self._mark = mark
        self._privates = 0
        self._last_time = ""
        self._shift = 0

    def run(self) -> None:
        """Read everything."""
        first = self._cursor.row(_FIRST)
        start = 0 if first is None or first[0] is None else min(0, int(first[0]))
        expected = 0
        while rows := self._cursor.rows(_PAGE, (start,)):
            self._check_order(rows, expected)
            leaves, headers = self._read(rows)
            self._check_privates(headers, rows[0][0], rows[-1][0])
            if self._agreement is not None and not self._findings.problems:
                self._agreement.follow(headers)
            self._grow(leaves)
            start = expected = rows[-1][0] + 1
        self._finish()

    @property
    def size(self) -> int:
        """Give the number of entries read."""
        return self.frontier.size

    def _check_order(self, rows: Sequence[Row], expected: int) -> None:
        if rows[0][0] != expected or rows[-1][0] != expected + len(rows) - 1:
            for row in rows:
                if row[0] != expected:
                    self._missing(expected, row[0])
                expected = row[0] + 1

    def _missing(self, expected: int, found: int) -> None:
        if found < expected:
            self._findings.add("entry_added", found, f"entry {found} stands before the first")
        elif found == expected + 1:
            self._findings.add("entry_missing", expected, f"entry {expected} was removed")
        else:
            gap = f"entries {expected} to {found - 1} were removed"
            self._findings.add("entry_missing", expected, gap)

    def _read(self, rows: Sequence[Row]) -> tuple[list[bytes], list[EntryHeader]]:
        try:
            leaves = [sha256(b"\x00" + row[6]).digest() for row in rows]
            headers = [decode_header(row[6]) for row in rows]
        except (TypeError, msgspec.MsgspecError):
            return self._read_singly(rows)
        if not self._agree(rows, leaves, headers):
            return self._read_singly(rows)
        self._last_time = rows[-1][4]
        return leaves, headers

    def _agree(
        self, rows: Sequence[Row], leaves: list[bytes], headers: Sequence[EntryHeader]
    ) -> bool:
        indexes, types, tenants, keys, times, stored, _data = map(list, zip(*rows, strict=True))
        return (
            leaves == stored
            and indexes == [header.index for header in headers]
            and types == [header.type for header in headers]
            and tenants == [header.tenant_id for header in headers]
            and keys == [header.key for header in headers]
            and times == [header.recorded_at for header in headers]
            and times[0] >= self._last_time
            and times == sorted(times)
        )

    def _read_singly(self, rows: Sequence[Row]) -> tuple[list[bytes], list[EntryHeader]]:
        leaves, headers = [], []
        for row in rows:
            data = row[6].encode() if isinstance(row[6], str) else bytes(row[6] or b"")
            leaf = sha256(b"\x00" + data).digest()
            leaves.append(leaf)
            header = self._check_row(row, data, leaf)
            if header is not None:
                headers.append(header)
        return leaves, headers

    def _check_row(self, row: Row, data: bytes, leaf: bytes) -> EntryHeader | None:
        index, stored_leaf = row[0], row[5]
        try:
            header = decode_header(data)
        except msgspec.MsgspecError:
            self._findings.add("entry_changed", index, "its bytes are no entry any more")
            return None
        if header.index != index and self._belongs_elsewhere(header.index, leaf, stored_leaf):
            self._findings.add("entry_moved", index, f"it holds entry {header.index}")
        elif leaf != stored_leaf or not isinstance(row[6], bytes):
            self._findings.add("entry_changed", index, "its bytes are not those that were hashed")
        else:
            self._check_columns(row, header)
        self._shift = header.index - index
        return header

    def _belongs_elsewhere(self, index: int, leaf: bytes, stored_leaf: bytes) -> bool:
        if leaf == stored_leaf:
            return True
        other = self._cursor.row(_LEAF, (index,))
        return other is not None and bytes(other[0]) == leaf

    def _check_columns(self, row: Row, header: EntryHeader) -> None:
        columns = zip(
            ("type", "tenant_id", "key", "recorded_at"),
            row[1:5],
            (header.type, header.tenant_id, header.key, header.recorded_at),
            strict=True,
        )
        for name, found, meant in columns:
            if found != meant:
                detail = f"column {name} says {found!r}, the entry {meant!r}"
                self._findings.add("column_changed", row[0], detail)
        if header.recorded_at < self._last_time:
            self._findings.add("time_reversed", row[0], "recorded before the entry in front of it")
        self._last_time = max(self._last_time, header.recorded_at)

    def _check_privates(self, headers: Sequence[EntryHeader], low: int, high: int) -> None:
        claims = {h.index: h.private.sha256 for h in headers if h.private is not None}
        for index, ciphertext in self._cursor.rows(_PRIVATE, (low, high)):
            self._privates += 1
            claim = claims.pop(index, None)
            data = ciphertext.encode() if isinstance(ciphertext, str) else bytes(ciphertext)
            if claim is None:
                self._findings.add("private_added", index, "the entry has no private part")
            elif sha256(data).hexdigest() != claim:
                detail = "the private ciphertext is not the one that was hashed"
                self._findings.add("private_changed", index, detail)
        for index in claims:
            self._findings.add("private_missing", index, "the private ciphertext is gone")

    def _grow(self, leaves: list[bytes]) -> None:
        low = self.frontier.size
        if self._mark is not None and low < self._mark <= low + len(leaves):
            past = self.frontier.copy()
            for leaf in leaves[: self._mark - low]:
                past.append(leaf)
            self.root_at_mark = past.root()
        if len(leaves) < PAGE or low % PAGE:
            completed = [node for leaf in leaves for node in self.frontier.append(leaf)]
            self._compare(completed)
            return
        completed, nodes = [], leaves
        for level in range(1, PAGE_LEVEL + 1):
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            if level % STRIDE == 0:
                self._compare_run(level, low >> level, nodes)
        pages = Frontier(low >> PAGE_LEVEL, self.frontier.stack)
        for level, position, node in pages.append(nodes[0]):
            completed.append((level + PAGE_LEVEL, position, node))
        self.frontier.size = low + PAGE
        self._compare(completed)

    def _compare(self, completed: Sequence[tuple[int, int, bytes]]) -> None:
        for level, position, node in completed:
            if level % STRIDE == 0:
                self._compare_run(level, position, [node])

    def _compare_run(self, level: int, position: int, nodes: list[bytes]) -> None:
        if self._findings.problems:
            return
        found = self._cursor.rows(_NODES, (level, position, position + len(nodes)))
        if [row[0] for row in found] != nodes and [bytes(row[0]) for row in found] != nodes:
            first = position << level
            detail = f"the stored tree over entries {first} to {first + (len(nodes) << level) - 1}"
            self._findings.add("node_changed", first, f"{detail} is not that of the entries")

    def _finish(self) -> None:
        if self._shift > 0:
            detail = f"{self._shift} entries were removed and those behind them renumbered"
            self._findings.add("entry_missing", None, detail)
        if self._findings.problems:
            return
        if self._agreement is not None:
            self._agreement.finish()
        stored = self._cursor.row(_PRIVATE_COUNT)
        if stored is not None and stored[0] != self._privates:
            detail = "private payloads stand at places where there is no entry"
            self._findings.add("private_added", None, detail)
        nodes = self._cursor.row(_NODE_COUNT)
        meant = sum(self.size >> level for level in range(STRIDE, 64, STRIDE))
        if nodes is not None and nodes[0] != meant:
            self._findings.add("node_changed", None, f"{nodes[0]} tree nodes, not {meant}")
