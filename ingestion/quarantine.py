"""What could not land: kept with its bytes, its place and a reason, to be corrected and replayed.

A row is identified by scope, bytes and reason, so reading the same bad record again adds
nothing. A row is *open* until ``replayed_at`` is set; ``resolution`` then says whether it was
replayed after a correction or superseded by a good version from the source.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ingestion.tables import Warehouse

if TYPE_CHECKING:
    from ingestion.landing import Scope

_INSERT = """
    insert into raw_quarantine.records (
        quarantine_id, tenant_id, connection_id, system, entity, record_id, endpoint,
        page_sha256, position, raw_text, raw_encoding, reason_code, detail, currency,
        amount_text, fetched_at
    ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_OPEN = """
    select quarantine_id, record_id, currency, amount_text
    from raw_quarantine.records
    where replayed_at is null
        and tenant_id = ? and connection_id = ? and system = ? and entity = ?
"""
_CLOSE = """
    update raw_quarantine.records set replayed_at = ?, resolution = ?
    where quarantine_id = ? and replayed_at is null
"""


@dataclass
class Unlandable(Exception):
    """A record cannot be landed as it is.

    Attributes:
        reason_code: ``shape_changed``, ``malformed``, ``truncated``, ``not_utf8``,
            ``amount_too_large``, ``amount_unreadable``, ``date_unreadable``, ``missing_value``
            or ``not_expected``.
        detail: Which field and what is wrong with it, without personal data.
        record_id: When it could be read.
        amount: When it could be read, so that control totals still add up.
    """

    reason_code: str
    detail: str
    record_id: str | None = None
    currency: str | None = None
    amount: Decimal | None = None

    def __str__(self) -> str:
        return f"{self.reason_code}: {self.detail}"


SHAPE_REASONS = frozenset({"shape_changed", "malformed", "truncated", "not_utf8"})
"""Reasons that speak against the source's shape: the cursor then waits for a good read."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row of ``raw_quarantine.records``."""

    quarantine_id: str
    scope: "Scope"
    record_id: str | None
    endpoint: str
    page_sha256: str
    position: int
    raw_text: str
    raw_encoding: str
    reason_code: str
    detail: str
    currency: str | None
    amount: Decimal | None
    fetched_at: datetime

    @classmethod
    def of(
        cls,
        scope: "Scope",
        raw: bytes,
        problem: Unlandable,
        endpoint: str,
        page_sha256: str,
        position: int,
        fetched_at: datetime,
    ) -> "Quarantined":
        """Build the row; bytes that are no storable text are kept as base64."""
        text, encoding = _storable(raw)
        identity = (scope.tenant_id, scope.connection_id, scope.system, scope.entity)
        parts = "\x1f".join((*identity, hashlib.sha256(raw).hexdigest(), problem.reason_code))
        return cls(
            quarantine_id=hashlib.sha256(parts.encode()).hexdigest(),
            scope=scope,
            record_id=problem.record_id,
            endpoint=endpoint,
            page_sha256=page_sha256,
            position=position,
            raw_text=text,
            raw_encoding=encoding,
            reason_code=problem.reason_code,
            detail=problem.detail,
            currency=problem.currency,
            amount=problem.amount,
            fetched_at=fetched_at,
        )


def raw_bytes(raw_text: str, raw_encoding: str) -> bytes:
    """Give back the bytes as they came."""
    return base64.b64decode(raw_text) if raw_encoding == "base64" else raw_text.encode()


def store(warehouse: Warehouse, rows: Iterable[Quarantined]) -> int:
    """Insert the rows that are not open already; return how many were new."""
    new = {row.quarantine_id: row for row in rows}
    for scope in {row.scope for row in new.values()}:
        for quarantine_id, *_ in warehouse.execute(_OPEN, _key(scope)):
            new.pop(quarantine_id, None)
    warehouse.execute_many(_INSERT, [_values(row) for row in new.values()])
    return len(new)


def settle(
    warehouse: Warehouse,
    scope: "Scope",
    record_ids: Sequence[str],
    *,
    pages: bool,
    resolution: str,
    at: datetime,
) -> None:
    """Close open rows whose record has landed since and, when ``pages``, whole-page rows."""
    landed = set(record_ids)
    closed = [
        quarantine_id
        for quarantine_id, record_id, *_ in warehouse.execute(_OPEN, _key(scope))
        if record_id in landed or (pages and record_id is None)
    ]
    close(warehouse, closed, resolution, at)


def close(
    warehouse: Warehouse, quarantine_ids: Iterable[str], resolution: str, at: datetime
) -> None:
    """Close rows with what became of them: ``replayed`` or ``superseded``."""
    warehouse.execute_many(_CLOSE, [(at, resolution, one) for one in quarantine_ids])


def open_amounts(warehouse: Warehouse, scope: "Scope") -> list[tuple[str, Decimal]]:
    """Return currency and amount of each open row whose amount could be read."""
    return [
        (currency, Decimal(amount))
        for _, _, currency, amount in warehouse.execute(_OPEN, _key(scope))
        if currency is not None and amount is not None
    ]


def _key(scope: "Scope") -> tuple[str, str, str, str]:
    return (scope.tenant_id, scope.connection_id, scope.system, scope.entity)


def _values(row: Quarantined) -> tuple[object, ...]:
    scope = row.scope
    return (
        row.quarantine_id,
        scope.tenant_id,
        scope.connection_id,
        scope.system,
        scope.entity,
        row.record_id,
        row.endpoint,
        row.page_sha256,
        row.position,
        row.raw_text,
        row.raw_encoding,
        row.reason_code,
        row.detail,
        row.currency,
        None if row.amount is None else f"{row.amount:f}",
        row.fetched_at,
    )


def _storable(raw: bytes) -> tuple[str, str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        return base64.b64encode(raw).decode(), "base64"
    return text, "utf-8"
