"""The raw tables: their columns, how they come to exist, and the one door to the warehouse.

Every system lands the same envelope (``raw_<system>.<entity>``); beside it stand the quarantine
and the history of syncs. The warehouse is a DuckDB file or a Postgres database; SQL in this
package is written once, with ``?`` for parameters.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ingestion.connection import System

ENVELOPE = pa.schema(
    [
        pa.field("tenant_id", pa.string(), nullable=False),
        pa.field("connection_id", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("modified_at", pa.timestamp("us", tz="UTC")),
        pa.field("is_deleted", pa.bool_(), nullable=False),
        pa.field("payload", pa.string(), nullable=False),
        pa.field("payload_sha256", pa.string(), nullable=False),
        pa.field("endpoint", pa.string(), nullable=False),
        pa.field("page_sha256", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("fetched_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""One row per version of a record; dlt adds ``_dlt_load_id``."""

RAW_TABLES: dict[System, tuple[str, ...]] = {
    "xero": (
        "organisations",
        "contacts",
        "invoices",
        "credit_notes",
        "payments",
        "purchase_orders",
    ),
    "dnb": ("matches", "reports"),
    "bank": ("accounts", "balances", "transactions"),
    "files": ("receivables",),
}

MEMORY = "768MB"
"""What DuckDB may hold while it reads or loads; without a bound it keeps all it touches."""

_SQL_TYPES = {pa.string(): "text", pa.bool_(): "boolean", pa.int64(): "bigint"}

_SYNC_COLUMNS = """
    sync_id text not null, tenant_id text not null, connection_id text not null,
    system text not null, entity text not null, is_full boolean not null,
    "read" bigint not null, landed bigint not null, unchanged bigint not null,
    duplicate bigint not null, quarantined bigint not null, vanished bigint not null,
    pages bigint not null, started_at timestamptz not null, finished_at timestamptz not null,
    fetched_at timestamptz not null, status text not null, cause text, "cursor" text
"""
_TOTAL_COLUMNS = """
    tenant_id text not null, connection_id text not null, system text not null,
    entity text not null, sync_id text not null, currency text not null,
    record_count bigint not null, amount_text text not null,
    quarantined_count bigint not null, quarantined_amount_text text not null,
    duplicate_count bigint not null, duplicate_amount_text text not null,
    computed_at timestamptz not null
"""
_QUARANTINE_COLUMNS = """
    quarantine_id text not null, tenant_id text not null, connection_id text not null,
    system text not null, entity text not null, record_id text, endpoint text not null,
    page_sha256 text not null, position bigint not null, raw_text text not null,
    raw_encoding text not null, reason_code text not null, detail text not null,
    currency text, amount_text text, fetched_at timestamptz not null,
    replayed_at timestamptz, resolution text
"""


class Warehouse(Protocol):
    """An open connection to the warehouse."""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return all its rows."""

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each of ``rows``."""

    def table(self, sql: str, parameters: Sequence[Any], schema: pa.Schema) -> pa.Table:
        """Run one statement and return all its rows as columns."""


class _DuckDB:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - duckdb ships no usable stubs
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(sql, list(parameters)).fetchall()
        return rows

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._connection.executemany(sql, [list(row) for row in rows])

    def table(self, sql: str, parameters: Sequence[Any], schema: pa.Schema) -> pa.Table:
        return self._connection.execute(sql, list(parameters)).to_arrow_table().cast(schema)


class _Postgres:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - an optional dependency
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s"), list(parameters))
            return cursor.fetchall() if cursor.description else []

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), [list(row) for row in rows])

    def table(self, sql: str, parameters: Sequence[Any], schema: pa.Schema) -> pa.Table:
        rows = self.execute(sql, parameters)
        columns = zip(*rows, strict=True) if rows else [()] * len(schema)
        arrays = [pa.array(one, own.type) for one, own in zip(columns, schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=schema)


def is_postgres(target: Path | str) -> bool:
    """Tell a Postgres URL from the path of a DuckDB file."""
    return str(target).startswith(("postgres://", "postgresql://", "postgresql+"))


def plain_postgres_url(target: str) -> str:
    """Return ``target`` as drivers expect it: ``postgresql://…`` without a driver name."""
    return "postgresql://" + target.split("://", 1)[1]


@contextmanager
def open_warehouse(target: Path | str) -> Iterator[Warehouse]:
    """Open the warehouse for one transaction: committed at the end, rolled back on an error."""
    if is_postgres(target):
        import psycopg

        with psycopg.connect(plain_postgres_url(str(target))) as session:
            session.execute("set time zone 'UTC'")
            yield _Postgres(session)
        return
    import duckdb

    Path(target).parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(target))
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.begin()
        yield _DuckDB(connection)
        connection.commit()
    finally:
        connection.close()


def ensure_tables(target: Path | str) -> None:
    """Create every raw table that is missing, empty, so that SQL models can always be built."""
    with open_warehouse(target) as warehouse:
        create_tables(warehouse)


def in_memory(connection: Any) -> Warehouse:  # noqa: ANN401 - duckdb ships no usable stubs
    """Take an open DuckDB connection for a warehouse."""
    return _DuckDB(connection)


def create_tables(warehouse: Warehouse) -> None:
    """Create every raw table that an open warehouse lacks."""
    for system, entities in RAW_TABLES.items():
        warehouse.execute(f"create schema if not exists raw_{system}")
        for entity in entities:
            columns = f'{_envelope_columns()}, "_dlt_load_id" text not null'
            warehouse.execute(f"create table if not exists raw_{system}.{entity} ({columns})")
    for name, columns in (
        ("raw_quarantine.records", _QUARANTINE_COLUMNS),
        ("raw_sync.entities", _SYNC_COLUMNS),
        ("raw_sync.control_totals", _TOTAL_COLUMNS),
    ):
        warehouse.execute(f"create schema if not exists {name.split('.')[0]}")
        warehouse.execute(f"create table if not exists {name} ({columns})")


def _envelope_columns() -> str:
    return ", ".join(
        f"{field.name} {_SQL_TYPES.get(field.type, 'timestamptz')}"
        f"{'' if field.nullable else ' not null'}"
        for field in ENVELOPE
    )
