"""Compares what was derived from entries with the entries: lookups and projections.

Lookups and the beginnings of stories are compared page by page beside the entries; what continues
a story far behind is compared by sums over Python's hashes of text, which are keyed anew in every
process, so that no one can prepare rows that cancel each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import bindparam, func, literal_column, select

from ledger.database import Cursor, Row
from ledger.entry import EntryHeader
from ledger.findings import Findings
from ledger.lookups import BUCKET_BITS, digests
from ledger.projections import BEGINS, CONTINUES, newest_story
from ledger.schema import LOOKUPS, PROJECTIONS

_WIDTH = 1 << 31
_LOOKUPS = select(
    LOOKUPS.c.digest * literal_column(str(_WIDTH)) + LOOKUPS.c.idx % literal_column(str(_WIDTH))
).where(LOOKUPS.c.bucket >= bindparam("low"), LOOKUPS.c.bucket <= bindparam("high"))
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
        begun: dict[str, list[tuple[int, str | None, str]]] = {name: [] for name in PROJECTIONS}
        continuing: dict[int, EntryHeader] = {}
        for header in headers:
            name = BEGINS.get(header.type)
            if name is not None:
                begun[name].append((header.index, header.key, header.tenant_id))
            elif header.type in CONTINUES:
                continuing[header.index] = header
                self._continued[CONTINUES[header.type]] += hash((header.key, header.tenant_id))
        for name, meant in begun.items():
            rows = self._cursor.rows(_STORIES[name], (low, high))
            self._stories[name] += len(rows)
            for row in rows:
                if row[3] != 1:
                    self._counted[name] += (row[3] - 1) * hash((row[1], row[2]))
            if [tuple(row[:3]) for row in rows] != meant:
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
        meant = sorted(
            value * _WIDTH + h.index % _WIDTH
            for h in headers
            for value in digests(h.key, h.subjects)
        )
        self._lookups += len(meant)
        rows = self._cursor.rows(_LOOKUPS, (low >> BUCKET_BITS, high >> BUCKET_BITS))
        if sorted(row[0] for row in rows) != meant:
            detail = f"the lookup of entries {low} to {high} is not what they say; rebuild it"
            self._findings.add("lookup_differs", low, detail)

    def _compare_stories(
        self,
        name: str,
        rows: Sequence[Row],
        meant: Sequence[tuple[int, str | None, str]],
        continuing: dict[int, EntryHeader],
    ) -> None:
        missing = {place[0]: place for place in meant}
        for index, key, tenant_id, _count in rows:
            place = (index, key, tenant_id)
            if missing.pop(index, None) == place:
                continue
            header = continuing.get(index)
            own = header is not None and (header.key, header.tenant_id) == place[1:]
            if own and newest_story(self._cursor, name, key, tenant_id, high=index) is None:
                self._counted[name] += hash((key, tenant_id))
            else:
                detail = f"{name} {key} is not what entry {index} says; rebuild the projections"
                self._findings.add("projection_differs", index, detail)
        for index, key, _tenant in missing.values():
            detail = f"{name} {key} is missing; rebuild the projections"
            self._findings.add("projection_differs", index, detail)
