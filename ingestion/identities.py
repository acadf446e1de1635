"""Records told apart by hashes: what the warehouse holds, what a sync has met, what comes twice."""

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from ingestion.bulk import AMOUNT

Keys: TypeAlias = npt.NDArray[np.uint64]
Rows: TypeAlias = npt.NDArray[np.int64]
_HEX = 64
_WORDS = 4


HELD = pa.schema(
    [
        pa.field("record_id", pa.string()),
        pa.field("payload_sha256", pa.string()),
        pa.field("is_deleted", pa.bool_()),
        pa.field("currency", pa.string()),
        pa.field("amount", pa.string()),
    ]
)
"""What the warehouse is asked for."""


@dataclass(frozen=True)
class Held:
    """Latest versions in the warehouse, in the order of their hashes.

    Attributes:
        hashes: Of the record ids.
        digests: First eight bytes of the payloads' hashes.
        is_deleted: Whether each is a deletion.
        currencies: Of ``amounts``.
        amounts: As control totals count them; null where the payload is gone.
    """

    hashes: Keys
    digests: Keys
    is_deleted: npt.NDArray[np.bool_]
    currencies: pa.Array
    amounts: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> "Held":
        """Build from a table of the schema ``HELD``."""
        hashes = hashed(table["record_id"].combine_chunks())
        order = np.argsort(hashes)
        starts = pl.Series(table["payload_sha256"]).str.slice(0, _HEX // _WORDS)
        digests = starts.str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
        return cls(
            hashes[order],
            digests[order],
            table["is_deleted"].to_numpy()[order],
            table["currency"].combine_chunks().take(pa.array(order)),
            table["amount"].combine_chunks().cast(AMOUNT).take(pa.array(order)),
        )

    def find(self, hashes: Keys) -> Rows:
        """Return for each hash its place here, or -1."""
        return found_in(self.hashes, np.arange(len(self.hashes)), hashes)


def nothing_held() -> Held:
    """Return what an empty warehouse holds."""
    return Held.of(HELD.empty_table())


def hashed(record_ids: pa.Array) -> Keys:
    """Hash record ids to 64 bits."""
    hashes: Keys = pl.Series(record_ids, dtype=pl.String).hash(seed=11).to_numpy()
    return hashes


def digested(payloads: pa.Array) -> tuple[pa.Array, Keys]:
    """Hash payloads: SHA-256 in hexadecimal, and its first eight bytes as a number."""
    count = len(payloads)
    if not count:
        return pa.array([], pa.string()), np.zeros(0, np.uint64)
    _, ends, data = payloads.buffers()
    first = payloads.offset
    places = np.frombuffer(ends, np.int32)[first : first + count + 1].tolist()
    text = memoryview(data)
    sha256 = hashlib.sha256
    digests = b"".join([sha256(text[start:stop]).digest() for start, stop in pairwise(places)])
    offsets = np.arange(0, (count + 1) * _HEX, _HEX, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digests.hex().encode())]
    words = np.frombuffer(digests, ">u8")[::_WORDS].astype(np.uint64)
    return pa.Array.from_buffers(pa.string(), count, buffers), words


def found_in(known: Keys, rows: Rows, hashes: Keys) -> Rows:
    """Return for each hash the row of the one it equals among known ones in order, or -1."""
    found = np.full(len(hashes), -1, np.int64)
    if len(known):
        at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        hit = known[at] == hashes
        found[hit] = rows[at[hit]]
    return found


@dataclass
class Met:
    """The records met in this sync: sorted runs of hashes, merged as they grow."""

    runs: list[tuple[Keys, Rows]] = field(default_factory=list)
    count: int = 0

    def add(self, hashes: Keys) -> None:
        """Add the hashes of the next rows."""
        rows = np.arange(self.count, self.count + len(hashes))
        self.count += len(hashes)
        known = hashes
        while self.runs and len(self.runs[-1][0]) <= len(known):
            before, before_rows = self.runs.pop()
            known, rows = np.concatenate([before, known]), np.concatenate([before_rows, rows])
        order = np.argsort(known, kind="stable")
        self.runs.append((known[order], rows[order]))

    def find(self, hashes: Keys) -> Rows:
        """Return for each hash the last row that has it, or -1."""
        order = np.argsort(hashes)
        asked = hashes[order]  # in order, so that neighbours look in the same place
        newest = np.full(len(hashes), -1, np.int64)
        for known, rows in self.runs:
            newest = np.maximum(newest, found_in(known, rows, asked))
        found = np.empty_like(newest)
        found[order] = newest
        return found


def repeated(hashes: Keys) -> npt.NDArray[np.bool_]:
    """Mark the rows whose hash comes more than once."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    alike = ordered[1:] == ordered[:-1]
    marked = np.zeros(len(hashes), np.bool_)
    marked[order[1:]] |= alike
    marked[order[:-1]] |= alike
    return marked
