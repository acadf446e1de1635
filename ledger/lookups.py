"""Finds entries by key or subject without an index in order of random ids.

Ids are hashes: an index over them touches another page for almost every row, and a batch of a
hundred entries would write hundreds of pages. So the lookup is cut into buckets of consecutive
entries; appending touches the pages of the newest bucket only, and a search asks every bucket
(one seek each). A row holds a short digest; who finds a candidate compares the entry itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

from sqlalchemy import bindparam, insert, select

from ledger.database import Cursor
from ledger.schema import LOOKUPS

BUCKET_BITS = 11
BUCKET = 1 << BUCKET_BITS
_GROUP = 64

INSERT_LOOKUPS = insert(LOOKUPS)
_FIND = (
    select(LOOKUPS.c.idx)
    .where(
        LOOKUPS.c.digest == bindparam("digest"),
        LOOKUPS.c.bucket.in_([bindparam(f"bucket_{i}") for i in range(_GROUP)]),
    )
    .order_by(LOOKUPS.c.idx)
)

LookupRow = tuple[int, int, int]


def digest(text: str) -> int:
    """Shorten an id; two ids may share a digest."""
    return crc32(text.encode())


def lookup_rows(index: int, key: str | None, subjects: Iterable[str]) -> list[LookupRow]:
    """Give the rows under which an entry is found: its key and its subjects, each once."""
    bucket = index >> BUCKET_BITS
    found = set(map(digest, subjects))
    if key is not None:
        found.add(digest(key))
    return [(bucket, value, index) for value in found]


def candidates(cursor: Cursor, text: str, *, low: int, high: int) -> Iterator[int]:
    """Give the indexes from ``low`` to below ``high`` that may carry an id, ascending."""
    value = digest(text)
    for buckets in _groups(low >> BUCKET_BITS, (high - 1) >> BUCKET_BITS):
        rows = cursor.rows(_FIND, (value, *buckets))
        yield from (row[0] for row in rows if low <= row[0] < high)


def newest_candidates(cursor: Cursor, text: str, *, high: int) -> Iterator[int]:
    """Give the indexes below ``high`` that may carry an id, the newest first."""
    value = digest(text)
    for buckets in reversed(list(_groups(0, (high - 1) >> BUCKET_BITS))):
        rows = cursor.rows(_FIND, (value, *buckets))
        yield from (row[0] for row in reversed(rows) if row[0] < high)


def _groups(first: int, last: int) -> Iterator[list[int]]:
    for start in range(first, last + 1, _GROUP):
        end = min(start + _GROUP, last + 1)
        yield [*range(start, end), *(-1 for _ in range(start + _GROUP - end))]
