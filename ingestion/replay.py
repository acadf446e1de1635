"""Correct what is in quarantine and land it: the other way into raw, through the same door.

A correction is the record's bytes as they should have been, or a JSON array of records where a
whole page was refused. It is described, compared and appended like anything a source sends; the
original row is closed, its bytes stay. What is still wrong goes back to quarantine.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion import quarantine
from ingestion.connection import Connection, System
from ingestion.landing import Page, split
from ingestion.pipeline import CONNECTORS, Connector, Run, new_sync_id
from ingestion.reports import SyncReport
from ingestion.source import Entity, Found, Reading
from ingestion.tables import ensure_tables, open_warehouse

_SELECT = """
    select quarantine_id, tenant_id, connection_id, system, entity, record_id, endpoint,
        page_sha256, position
    from raw_quarantine.records
    where replayed_at is null and quarantine_id = ?
"""


@dataclass(frozen=True, slots=True)
class _Correction:
    """An open row with its corrected bytes."""

    quarantine_id: str
    tenant_id: str
    connection_id: str
    system: System
    entity: str
    record_id: str | None
    endpoint: str
    page_sha256: str
    position: int
    corrected: bytes

    def page(self, entity: Entity) -> Page:
        """Give the correction the place of what it corrects."""
        is_list = self.corrected.lstrip().startswith(b"[")
        records = split(self.corrected) if is_list else [self.corrected]
        named = self.record_id is not None and not entity.names_itself
        return Page(
            endpoint=self.endpoint,
            body=self.corrected,
            records=records,
            positions=None if is_list else [self.position],
            body_sha256=self.page_sha256,
            record_ids=[self.record_id or ""] if named else None,
        )


def replay(
    corrections: Mapping[str, bytes],
    *,
    warehouse: Path | str,
    var: Path,
    now: datetime,
) -> SyncReport:
    """Land corrected quarantine rows.

    Args:
        corrections: Corrected bytes by ``quarantine_id``; rows closed already are left alone.
        warehouse: A DuckDB file or a Postgres URL.
        var: Folder for everything a run leaves behind.
        now: The time of the replay, in UTC; becomes ``fetched_at``.

    Returns:
        One report per connection and entity; cursors do not move.
    """
    ensure_tables(warehouse)
    rows = _open_rows(warehouse, corrections)
    sync_id = new_sync_id()
    run = Run(sync_id=sync_id, warehouse=warehouse, var=var, now=now.astimezone(UTC), moves=False)
    reports = []
    for system in sorted({row.system for row in rows}):
        own = [row for row in rows if row.system == system]
        connector = _connector(CONNECTORS[system], own)
        reports += run.system(system, connector, list(_connections(own)))
    _close(warehouse, rows, now)
    return SyncReport(sync_id, tuple(reports))


def _open_rows(warehouse: Path | str, corrections: Mapping[str, bytes]) -> list[_Correction]:
    found = []
    with open_warehouse(warehouse) as session:
        for quarantine_id, corrected in corrections.items():
            for row in session.execute(_SELECT, [quarantine_id]):
                values: tuple[Any, ...] = (*row, corrected)
                found.append(_Correction(*values))
    return found


def _connector(connector: Connector, rows: Iterable[_Correction]) -> Connector:
    """Swap reading a source for reading the corrections."""
    own = list(rows)
    entities = {row.entity for row in own}

    def reader(entity: Entity) -> Entity:
        def read(reading: Reading) -> Iterator[Found]:
            connection = reading.connection
            for row in own:
                key = (row.tenant_id, row.connection_id, row.entity)
                if key == (connection.tenant_id, connection.connection_id, entity.name):
                    yield row.page(entity)

        return replace(entity, read=read, vanishes=False)

    kept = tuple(reader(one) for one in connector.entities if one.name in entities)
    return replace(connector, entities=kept)


def _connections(rows: Iterable[_Correction]) -> Iterator[Connection]:
    for tenant_id, connection_id, system in sorted(
        {(row.tenant_id, row.connection_id, row.system) for row in rows}
    ):
        yield Connection(tenant_id, connection_id, system)


def _close(warehouse: Path | str, rows: Iterable[_Correction], now: datetime) -> None:
    """Close the rows whose correction was not refused again."""
    with open_warehouse(warehouse) as session:
        refused = {
            (page_sha256, position)
            for page_sha256, position in session.execute(
                "select page_sha256, position from raw_quarantine.records"
                " where replayed_at is null and fetched_at >= ?",
                [now],
            )
        }
        for row in rows:
            if (row.page_sha256, row.position) not in refused:
                quarantine.close(session, [row.quarantine_id], "replayed", now)
