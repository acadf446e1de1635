"""Many records of one document as columns: what a connector hands to ``bulk_landing``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.quarantine import Unlandable

DECIMALS = 18
"""Digits behind the decimal mark that an amount can have at most."""

AMOUNT = pa.decimal128(38, DECIMALS)
"""Exact for every amount that can land, and for sums of ten million of them."""


@dataclass(frozen=True)
class Sound:
    """Records that can land, as columns of one length.

    Attributes:
        record_ids: Their keys.
        payloads: Their bytes, as text.
        positions: Where they stand in the document.
        currencies: ISO codes of ``amounts``.
        amounts: As control totals count them.
    """

    record_ids: pa.Array
    payloads: pa.Array
    positions: pa.Array
    currencies: pa.Array
    amounts: pa.Array

    def __len__(self) -> int:
        return len(self.record_ids)

    def sums(self, start: int, stop: int) -> Iterator[tuple[str, Decimal]]:
        """Add up some rows by currency."""
        amounts = self.amounts.slice(start, stop - start)
        currencies = self.currencies.slice(start, stop - start)
        for currency in pc.unique(currencies).to_pylist():
            own = amounts.filter(pc.equal(currencies, currency))
            yield currency, pc.sum(own).as_py()

    def with_rows(self, other: "Sound") -> "Sound":
        """Add rows, all in the order of their positions."""
        both = [
            pa.concat_arrays([one, another])
            for one, another in zip(self.columns(), other.columns(), strict=True)
        ]
        order = pc.sort_indices(both[2])
        return Sound(*(column.take(order) for column in both))

    def columns(self) -> tuple[pa.Array, ...]:
        """Return the columns in the order of the attributes."""
        return self.record_ids, self.payloads, self.positions, self.currencies, self.amounts


@dataclass(frozen=True)
class Refused:
    """One row that cannot land."""

    position: int
    payload: bytes
    problem: Unlandable


@dataclass(frozen=True)
class Batch:
    """Many records of one document.

    Attributes:
        endpoint: Where from.
        body_sha256: Hash of the document.
        sound: What can land.
        refused: What cannot.
    """

    endpoint: str
    body_sha256: str
    sound: Sound
    refused: Sequence[Refused] = ()
