"""Lands records that were pulled one by one before: by the same door, and never over newer ones.

What a live command pulled is kept with its entry; the next batch lands those bytes, so that nothing
a source said is lost and no bureau is asked, and paid, twice. A record is skipped where the
warehouse holds a version as new: the source is read right after and has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ingestion.connection import Connection, System
from ingestion.landing import Page
from ingestion.pipeline import CONNECTORS, Run, new_sync_id
from ingestion.reports import SyncReport
from ingestion.source import Entity, Found, Reading
from ingestion.tables import ensure_tables


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it was pulled.

    Attributes:
        tenant_id: The financier.
        connection_id: Where it was pulled from.
        entity: Its raw table.
        record_id: Its key.
        endpoint: Where from.
        page_sha256: Hash of the page it came in.
        position: Its place there.
        payload: Its bytes.
        fetched_at: When it was pulled.
    """

    tenant_id: str
    connection_id: str
    entity: str
    record_id: str
    endpoint: str
    page_sha256: str
    position: int
    payload: bytes
    fetched_at: datetime


def land(
    system: System, records: Sequence[Kept], *, warehouse: Path | str, var: Path
) -> SyncReport:
    """Append what the warehouse does not hold yet; cursors do not move.

    Args:
        system: Whose records.
        records: In the order they were pulled.
        warehouse: A DuckDB file or a Postgres URL.
        var: Folder for everything a run leaves behind.
    """
    ensure_tables(warehouse)
    named = {record.entity for record in records}
    connector = CONNECTORS[system]
    entities = tuple(_told(one, records) for one in connector.entities if one.name in named)
    accounts = sorted({(record.tenant_id, record.connection_id) for record in records})
    now = max(record.fetched_at for record in records)
    run = Run(sync_id=new_sync_id(), warehouse=warehouse, var=var, now=now, moves=False)
    own = [Connection(tenant_id, connection_id, system) for tenant_id, connection_id in accounts]
    reports = run.system(system, replace(connector, entities=entities), own)
    return SyncReport(run.sync_id, tuple(reports))


def _told(entity: Entity, records: Sequence[Kept]) -> Entity:
    def read(reading: Reading) -> Iterator[Found]:
        account = (reading.connection.tenant_id, reading.connection.connection_id)
        for record in records:
            if (record.tenant_id, record.connection_id) != account or record.entity != entity.name:
                continue
            held = reading.held.get(record.record_id)
            is_newer = held is None or held.fetched_at is None
            if is_newer or (held and held.fetched_at and held.fetched_at < record.fetched_at):
                yield Page(
                    record.endpoint,
                    record.payload,
                    [record.payload],
                    positions=[record.position],
                    body_sha256=record.page_sha256,
                    record_ids=None if entity.names_itself else [record.record_id],
                )

    return replace(entity, read=read, vanishes=False)
