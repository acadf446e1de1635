"""Published marts for BI tools in Postgres: load beside, then rename, all in one transaction.

    snapshot ──COPY──► marts_risk.fct_receivables__new ──rename──► marts_risk.fct_receivables

Readers see the old tables until the transaction commits and the new ones after it, never a mixture
and never none. What was published stands in `published.snapshot`. Without a Postgres address BI
tools open the snapshot file itself.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

_SCHEMAS = ("marts_risk", "marts_portfolio", "marts_compliance")
_LOCK = 0x1F9_0B1
_CHUNK = 1 << 20
_NULL = "\\N"
_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38,0)",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20,0)",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


class ExportError(Exception):
    """A table cannot be published as it is; the message names the column and its type."""


@dataclass(frozen=True)
class PublishedTable:
    """One table as it stands in Postgres after publishing.

    Attributes:
        name: `schema.table`.
        rows: how many rows it has.
    """

    name: str
    rows: int


def publish(
    snapshot: Path, postgres_url: str, schemas: Sequence[str] = _SCHEMAS
) -> tuple[PublishedTable, ...]:
    """Publish a snapshot's marts; publishing the same snapshot again changes nothing visible.

    Args:
        snapshot: the snapshot file; its name is the id that `published.snapshot` will say.
        postgres_url: where to, as `postgresql://…`.
        schemas: which schemas of the snapshot.

    Raises:
        ExportError: a column has a type that Postgres has no counterpart for.
        psycopg.Error: the database refused; nothing was changed.
    """
    address = postgres_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with (
        duckdb.connect(str(snapshot), read_only=True) as source,
        psycopg.connect(address) as target,
        tempfile.TemporaryDirectory() as folder,
    ):
        source.execute("set timezone = 'UTC'")
        target.execute("set local timezone to 'UTC'")
        target.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        published = tuple(
            _load(source, target, schema, table, Path(folder) / "rows.csv")
            for schema, table in _tables(source, schemas)
        )
        for table in published:
            _swap(target, *table.name.split("."))
        _remember(target, snapshot.stem, published)
    return published


def _tables(source: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> list[tuple[str, str]]:
    found = source.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where list_contains(?, schema_name) order by 1, 2",
        [list(schemas)],
    ).fetchall()
    return [(str(schema), str(table)) for schema, table in found]


def _load(
    source: duckdb.DuckDBPyConnection,
    target: psycopg.Connection,
    schema: str,
    table: str,
    rows_file: Path,
) -> PublishedTable:
    """Create the table beside the present one and fill it."""
    columns = source.execute(
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = ? and table_name = ? order by column_index",
        [schema, table],
    ).fetchall()
    fresh = sql.Identifier(schema, f"{table}__new")
    definitions = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(schema, table, name, kind)))
        for name, kind in columns
    )
    target.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    target.execute(sql.SQL("drop table if exists {}").format(fresh))
    target.execute(sql.SQL("create table {} ({})").format(fresh, definitions))
    source.execute(
        f'copy "{schema}"."{table}" to \'{rows_file}\' '  # names come from the catalogue
        f"(format csv, header false, nullstr '{_NULL}', force_quote *)"
    )
    with target.cursor() as cursor, rows_file.open("rb") as rows:
        load = sql.SQL("copy {} from stdin (format csv, null {})").format(fresh, sql.Literal(_NULL))
        with cursor.copy(load) as stream:
            while chunk := rows.read(_CHUNK):
                stream.write(chunk)
        return PublishedTable(f"{schema}.{table}", cursor.rowcount)


def _type(schema: str, table: str, column: str, duckdb_type: str) -> str:
    if duckdb_type.startswith("DECIMAL("):
        return duckdb_type.lower().replace("decimal", "numeric")
    if duckdb_type not in _TYPES:
        raise ExportError(
            f"{schema}.{table}.{column} is {duckdb_type}, which has no Postgres counterpart here"
        )
    return _TYPES[duckdb_type]


def _swap(target: psycopg.Connection, schema: str, table: str) -> None:
    """Let the fresh table take the name of the present one."""
    target.execute(
        sql.SQL("drop table if exists {}").format(sql.Identifier(schema, table)),
    )
    target.execute(
        sql.SQL("alter table {} rename to {}").format(
            sql.Identifier(schema, f"{table}__new"), sql.Identifier(table)
        )
    )


def _remember(
    target: psycopg.Connection, snapshot_id: str, published: tuple[PublishedTable, ...]
) -> None:
    """Say which snapshot the tables show."""
    target.execute("create schema if not exists published")
    target.execute("drop table if exists published.snapshot")
    target.execute(
        "create table published.snapshot "
        "(snapshot_id text not null, table_name text primary key, row_count bigint not null)"
    )
    with target.cursor() as cursor:
        cursor.executemany(
            "insert into published.snapshot values (%s, %s, %s)",
            [(snapshot_id, table.name, table.rows) for table in published],
        )
