"""Live facts → raw: what commands pulled since the last batch is landed before sources are read.

Up to which entry that was done stands in the warehouse itself, so a warehouse restored from an
older copy takes in again what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion import kept
from ledger.errors import SubjectErased
from orchestration.live import facts as live_facts

if TYPE_CHECKING:
    from ingestion.connection import System
    from ledger.entry import StoredEntry
    from orchestration.platform import Platform

_TABLE = "raw_sync.live_entries"
_MADE = f"create table if not exists {_TABLE} (system text, entry_index bigint)"
_LAST = f"select coalesce(max(entry_index), -1) from {_TABLE} where system = ?"  # noqa: S608
_NOTE = f"insert into {_TABLE} values (?, ?)"  # noqa: S608


def take_in(platform: Platform, system: System) -> int:
    """Land what live commands pulled of one system since the last time; give how many records."""
    last = _last(platform, system)
    entries = platform.ledger.entries(live_facts.ENTRY, after=last)
    records = [record for stored in entries for record in _records(platform, stored, system)]
    if records:
        with platform.warehouse.held() as path:
            kept.land(system, records, warehouse=path, var=platform.places.var)
    if entries:
        with platform.warehouse.open() as connection:
            connection.execute(_NOTE, [system, entries[-1].index])
    return len(records)


def _last(platform: Platform, system: System) -> int:
    with platform.warehouse.open() as connection:
        connection.execute("create schema if not exists raw_sync")
        connection.execute(_MADE)
        return int(connection.execute(_LAST, [system]).fetchall()[0][0])


def _records(platform: Platform, stored: StoredEntry, system: System) -> Iterator[kept.Kept]:
    try:
        raw = live_facts.private_part(platform.ledger, stored).get("raw", {})
    except SubjectErased:
        return
    for name, rows in raw.items():
        if name.startswith(f"{system}."):
            yield from _of_entity(name.partition(".")[2], rows)


def _of_entity(entity: str, rows: Sequence[dict[str, object]]) -> Iterator[kept.Kept]:
    for row in rows:
        yield kept.Kept(
            tenant_id=str(row["tenant_id"]),
            connection_id=str(row["connection_id"]),
            entity=entity,
            record_id=str(row["record_id"]),
            endpoint=str(row["endpoint"]),
            page_sha256=str(row["page_sha256"]),
            position=int(str(row["position"])),
            payload=str(row["payload"]).encode(),
            fetched_at=datetime.fromisoformat(str(row["fetched_at"])),
        )
