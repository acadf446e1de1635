"""What the warehouse holds of a system already: asked before and while a sync reads.

A load that was cut off leaves rows without a finished load; they are taken back first, so that
the next sync starts from whole loads only.
"""

import threading
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.connection import Connection, System
from ingestion.identities import HELD, Held, nothing_held
from ingestion.landing import Latest, Scope
from ingestion.tables import RAW_TABLES, Warehouse, open_warehouse

_TICK = timedelta(microseconds=1)


class History:
    """Reads the latest versions held; safe to ask from several threads."""

    def __init__(self, warehouse: Warehouse, system: System) -> None:
        self._warehouse = warehouse
        self._system = system
        self._lock = threading.Lock()
        self._known = {
            (tenant_id, connection_id, entity)
            for entity in RAW_TABLES[system]
            for tenant_id, connection_id in warehouse.execute(
                f"select distinct tenant_id, connection_id from raw_{system}.{entity}"  # noqa: S608 - names of ours
            )
        }

        self._quarantined: dict[Scope, set[str]] = {}
        for *scope, record_id in warehouse.execute(
            "select tenant_id, connection_id, system, entity, record_id"
            " from raw_quarantine.records where replayed_at is null and record_id is not null"
        ):
            self._quarantined.setdefault(Scope(*scope), set()).add(record_id)

    def quarantined(self, scope: Scope) -> Set[str]:
        """Name the records of ``scope`` that have an open quarantine row."""
        return self._quarantined.get(scope, frozenset())

    def latest(self, scope: Scope) -> dict[str, Latest]:
        """Return the newest version of every record of ``scope``."""
        if (scope.tenant_id, scope.connection_id, scope.entity) not in self._known:
            return {}
        sql = f"""
            select record_id, payload_sha256, is_deleted, fetched_at
            from (
                select record_id, payload_sha256, is_deleted, fetched_at, row_number() over (
                    partition by record_id order by fetched_at desc, position desc
                ) as age
                from raw_{self._system}.{scope.entity}
                where tenant_id = ? and connection_id = ?
            ) as versions
            where age = 1
        """  # noqa: S608 - names of ours
        with self._lock:
            rows = self._warehouse.execute(sql, [scope.tenant_id, scope.connection_id])
        return {record_id: Latest(*version) for record_id, *version in rows}

    def held(self, scope: Scope) -> Held:
        """Return the newest version of every record of ``scope``, for landing in bulk."""
        if (scope.tenant_id, scope.connection_id, scope.entity) not in self._known:
            return nothing_held()
        sql = f"""
            select record_id, payload_sha256, is_deleted, currency, amount
            from (
                select record_id, payload_sha256, is_deleted,
                    cast(payload as json) ->> 'currency' as currency,
                    cast(payload as json) ->> 'amount' as amount, row_number() over (
                        partition by record_id order by fetched_at desc, position desc
                    ) as age
                from raw_{self._system}.{scope.entity}
                where tenant_id = ? and connection_id = ?
            ) as versions
            where age = 1
        """  # noqa: S608 - names of ours
        with self._lock:
            found = self._warehouse.table(sql, [scope.tenant_id, scope.connection_id], HELD)
        return Held.of(found)

    def payloads(self, scope: Scope, record_ids: Sequence[str]) -> dict[str, tuple[str, bool]]:
        """Return payload and deletion state of the newest version of some records."""
        if not record_ids:
            return {}
        sql = f"""
            select record_id, payload, is_deleted
            from (
                select record_id, payload, is_deleted, row_number() over (
                    partition by record_id order by fetched_at desc, position desc
                ) as age
                from raw_{self._system}.{scope.entity}
                where tenant_id = ? and connection_id = ? and record_id = any(?)
            ) as versions
            where age = 1
        """  # noqa: S608 - names of ours
        with self._lock:
            rows = self._warehouse.execute(
                sql, [scope.tenant_id, scope.connection_id, list(record_ids)]
            )
        return {record_id: (payload, is_deleted) for record_id, payload, is_deleted in rows}

    def next_fetch(self, connection: Connection, now: datetime) -> datetime:
        """Return ``now``, or just after the newest version held when the clock stands still."""
        newest = now
        for entity in RAW_TABLES[self._system]:
            sql = (
                f"select max(fetched_at) from raw_{self._system}.{entity}"  # noqa: S608 - names of ours
                " where tenant_id = ? and connection_id = ?"
            )
            key = (connection.tenant_id, connection.connection_id, entity)
            if key in self._known:
                with self._lock:
                    ((held,),) = self._warehouse.execute(sql, key[:2])
                newest = max(newest, held + _TICK)
        return newest


@contextmanager
def open_history(target: Path | str, system: System) -> Iterator[History]:
    """Open the warehouse to look up what ``system`` has landed so far."""
    with open_warehouse(target) as warehouse:
        yield History(warehouse, system)


def take_back_unfinished_loads(target: Path | str, system: System) -> int:
    """Delete rows whose load never finished; return how many there were."""
    schema = f"raw_{system}"
    deleted = 0
    with open_warehouse(target) as warehouse:
        has_loads = warehouse.execute(
            "select 1 from information_schema.tables"
            " where table_schema = ? and table_name = '_dlt_loads'",
            [schema],
        )
        finished = f"select load_id from {schema}._dlt_loads where status = 0"  # noqa: S608 - names of ours
        for entity in RAW_TABLES[system]:
            condition = f'"_dlt_load_id" not in ({finished})' if has_loads else "true"
            ((count,),) = warehouse.execute(
                f"select count(*) from {schema}.{entity} where {condition}"  # noqa: S608 - names of ours
            )
            if count:
                warehouse.execute(f"delete from {schema}.{entity} where {condition}")  # noqa: S608 - names of ours
                deleted += int(count)
    return deleted
