"""What a connector offers: entities, each with a way to read it and a way to describe a record.

A connector module holds ``ENTITIES``; the pipeline drives them. Reading yields pages in the
order the source gives them; nothing is collected.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from ingestion.bulk import Batch
from ingestion.connection import Connection, Subject
from ingestion.failures import ShapeChanged
from ingestion.landing import Describe, Latest, Page
from ingestion.quarantine import Unlandable
from ingestion.transport import Transport
from models.domain.errors import DomainError
from models.domain.money import exponent

EXACT_DIGITS = 15
"""A JSON number of at most this many digits survives any reader's double."""

T = TypeVar("T", bound=msgspec.Struct)


@dataclass
class Reading:
    """One read of one entity.

    Attributes:
        cursor: Newest stamp of the last good read, as text; ``None`` for a full read.
        kept: The same, also in a full read.
        now: The time of this sync.
        subjects: Companies to ask about (bureaus only).
        memory: What the reads of one connection in one sync hand to each other.
        held: Latest version held of every record, before this read.
        recall: Gives the payloads held of some records.
        cursor_note: Kept behind the new cursor's stamp and ``|``, for the connector's own use.
        remarks: What makes an otherwise good read partial.
        expected: How many records the source says the listing holds, once it has said so.
        is_complete: Whether every page of the listing was read.
    """

    connection: Connection
    transport: Transport
    cursor: str | None
    now: datetime
    subjects: tuple[Subject, ...] = ()
    memory: dict[str, Any] = field(default_factory=dict)
    kept: str | None = None
    held: Mapping[str, Latest] = field(default_factory=dict)
    recall: Callable[[Sequence[str]], Mapping[str, str]] = field(default=lambda _: {})
    cursor_note: str = ""
    remarks: list[str] = field(default_factory=list)
    expected: int | None = None
    is_complete: bool = True


Found = Page | Batch | ShapeChanged
Read = Callable[[Reading], Iterator[Found]]


@dataclass(frozen=True)
class Entity:
    """One kind of record a connector reads.

    Attributes:
        name: Its raw table.
        read: Yields pages, and ``ShapeChanged`` for a page that cannot be split.
        describe: See ``landing.Describe``.
        is_incremental: Whether ``read`` understands a cursor; else every read is full.
        vanishes: Whether absence from a complete listing means deletion at this vendor.
        names_itself: Whether the record holds its key; else ``Page.record_ids`` does.
        in_bulk: Whether it comes in batches of many records, landed by ``bulk_landing``.
    """

    name: str
    read: Read
    describe: Describe
    is_incremental: bool = False
    vanishes: bool = False
    names_itself: bool = True
    in_bulk: bool = False


def decode(
    record: bytes, decoder: "msgspec.json.Decoder[T]", id_decoder: "msgspec.json.Decoder[Any]"
) -> T:
    """Read the fields a contract requires.

    Raises:
        Unlandable: One is missing or has another type; the message names it.
    """
    try:
        return decoder.decode(record)
    except msgspec.DecodeError as error:
        reason = "amount_unreadable" if "decimal" in str(error).lower() else "shape_changed"
        raise Unlandable(reason, str(error), _record_id(record, id_decoder)) from error


def checked_amounts(record_id: str, currency: str, *amounts: Decimal | None) -> None:
    """Refuse amounts that a reader somewhere would round; the first is the record's own.

    Raises:
        Unlandable: An amount has 10^(15 − scale) or more, or the currency is unknown.
    """
    limit = _limit(currency)
    if limit is None:
        raise Unlandable("currency_unknown", f"{currency!r} is no ISO code", record_id)
    for amount in amounts:
        if amount is not None and not (amount.is_finite() and -limit < amount < limit):
            own = amounts[0] if amounts[0] is not None and amounts[0].is_finite() else None
            raise Unlandable(
                "amount_too_large",
                f"an amount is not below {limit:f} and could not be kept exactly",
                record_id,
                currency,
                own,
            )


@lru_cache(maxsize=1024)
def _limit(currency: str) -> Decimal | None:
    try:
        return Decimal(10) ** (EXACT_DIGITS - exponent(currency))
    except DomainError:
        return None


def _record_id(record: bytes, id_decoder: "msgspec.json.Decoder[Any]") -> str | None:
    try:
        found = id_decoder.decode(record)
    except msgspec.DecodeError:
        return None
    return str(getattr(found, found.__struct_fields__[0]))
