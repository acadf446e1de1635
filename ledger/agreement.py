"""Compares what was derived from entries with the entries: lookups and projections.

Lookups and the beginnings of stories are compared page by page beside the entries; what continues
a story far behind is compared by sums over Python's hashes of text, which are keyed anew in every
process, so that no one can prepare rows that cancel each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from zlib import crc32

from sqlalchemy import bindparam, func, select

from ledger.database import Cursor
from ledger.entry import EntryHeader
from ledger.findings import Findings
from ledger.lookups import BUCKET_BITS
from ledger.projections import BEGINS, CONTINUES, newest_story
from ledger.schema import LOOKUPS, PROJECTIONS
from ledger.statements import Row

_LOOKUPS = select(LOOKUPS.c.digest, LOOKUPS.c.idx).where(
    LOOKUPS.c.bucket >= bindparam("low"), LOOKUPS.c.bucket <= bindparam("high")
)
_LOOKUP_COUNT = select(func.count()).select_from(LOOKUPS)
_STORIES = {
    name: select(table.c.first_index, table.c.key, table.c.tenant_id, table.c.entry_count)
    .where(table.c.first_index >= bindparam("low"), table.c.first_index <= bindparam("high"))
    .order_by(table.c.first_index)
    for name, table in PROJECTIONS.items()
}
_STORY_COUNT = {
    name: select(func.count()).select_from(table) for name, table in PROJECTIONS.items()
}


class Agreement:
    """Follows the pages of an inspection, then gives its verdict with ``finish``."""

    def __init__(self, cursor: Cursor, findings: Findings) -> None:
        self._cursor = cursor
        self._findings = findings
        self._lookups = 0
        self._stories: Counter[str] = Counter()
        self._continued: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()

    def follow(self, headers: Sequence[EntryHeader]) -> None:
        """Compare one page of sound entries."""
        low, high = headers[0].index, headers[-1].index
        self._follow_lookups(headers, low, high)
        kinds = {header.type for header in headers}
        continuing: dict[int, EntryHeader] = {}
        if kinds & CONTINUES.keys():
            continuing = {h.index: h for h in headers if h.type in CONTINUES}
        for kind in kinds & CONTINUES.keys():
            self._continued[CONTINUES[kind]] += sum(
                hash((h.key, h.tenant_id)) for h in continuing.values() if h.type == kind
            )
        for kind, name in BEGINS.items():
            rows = self._cursor.rows(_STORIES[name], (low, high))
            self._stories[name] += len(rows)
            meant: list[tuple[int, str | None, str, int]] = []
            if kind in kinds:
                meant = [(h.index, h.key, h.tenant_id, 1) for h in headers if h.type == kind]
            if rows != meant:
                self._compare_stories(name, rows, meant, continuing)

    def finish(self) -> None:
        """Compare what can only be told at the end."""
        stored = self._cursor.row(_LOOKUP_COUNT)
        if stored is not None and stored[0] != self._lookups:
            detail = f"{stored[0]} rows find entries, {self._lookups} belong to them"
            self._findings.add("lookup_differs", None, detail)
        for name in PROJECTIONS:
            stored = self._cursor.row(_STORY_COUNT[name])
            if stored is not None and stored[0] != self._stories[name]:
                detail = f"{name} has rows at places where there is no entry"
                self._findings.add("projection_differs", None, detail)
            if self._continued[name] != self._counted[name]:
                detail = f"{name} counts other entries than there are; rebuild the projections"
                self._findings.add("projection_differs", None, detail)

    def _follow_lookups(self, headers: Sequence[EntryHeader], low: int, high: int) -> None:
        told = [(header.index, header.key, header.subjects) for header in headers]
        meant = {(crc32(key.encode()), index) for index, key, _ in told if key is not None}
        meant.update(
            [(crc32(text.encode()), index) for index, _, subjects in told for text in subjects]
        )
        self._lookups += len(meant)
        found = self._cursor.rows(_LOOKUPS, (low >> BUCKET_BITS, high >> BUCKET_BITS))
        is_as_many = len(found) == len(meant)
        meant.difference_update(found)
        if meant or not is_as_many:
            detail = f"the lookup of entries {low} to {high} is not what they say; rebuild it"
            self._findings.add("lookup_differs", low, detail)

    def _compare_stories(
        self,
        name: str,
        rows: Sequence[Row],
        meant: Sequence[tuple[int, str | None, str, int]],
        continuing: dict[int, EntryHeader],
    ) -> None:
        missing = {place[0]: place[:3] for place in meant}
        for index, key, tenant_id, count in rows:
            self._counted[name] += (count - 1) * hash((key, tenant_id))
            if missing.pop(index, None) == (index, key, tenant_id):
                continue
            header = continuing.get(index)
            own = header is not None and (header.key, header.tenant_id) == (key, tenant_id)
            if own and newest_story(self._cursor, name, key, tenant_id, high=index) is None:
                self._counted[name] += hash((key, tenant_id))
            else:
                detail = f"{name} {key} is not what entry {index} says; rebuild the projections"
                self._findings.add("projection_differs", index, detail)
        for index, key, _tenant in missing.values():
            detail = f"{name} {key} is missing; rebuild the projections"
            self._findings.add("projection_differs", index, detail)
