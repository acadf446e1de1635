"""The tenant row filter: a connection on which other tenants' rows do not exist.

    snapshot file ──ATTACH read-only──► view per table, `where tenant_id = …` ──► every query

A query cannot forget the filter, because on this connection the plain table name *is* the filtered
view, and after opening no other file can be attached. Tables without a `tenant_id` (calendars,
currencies) are reference data and pass whole.
"""

from pathlib import Path

import duckdb

_ATTACHED = "snapshot_file"


def open_scoped(path: Path, tenant_id: str) -> duckdb.DuckDBPyConnection:
    """Open one snapshot so that only one tenant's rows can be seen.

    Args:
        path: an immutable snapshot file.
        tenant_id: the tenant the signed-in person is looking at.

    Returns:
        A connection with the snapshot's schemas as filtered views; times are in UTC.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{_quoted(str(path))}' as {_ATTACHED} (read_only)")
    for schema, table, has_tenant in _tables(connection):
        connection.execute(f'create schema if not exists "{schema}"')
        condition = f"where tenant_id = '{_quoted(tenant_id)}'" if has_tenant else ""
        connection.execute(
            f'create view "{schema}"."{table}" as '  # noqa: S608 - names come from the catalogue
            f'select * from {_ATTACHED}."{schema}"."{table}" {condition}'
        )
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, bool]]:
    """List the snapshot's tables and whether each carries a tenant."""
    rows = connection.execute(
        "select t.schema_name, t.table_name, "
        "       coalesce(bool_or(c.column_name = 'tenant_id'), false) "
        "from duckdb_tables() as t "
        "left join duckdb_columns() as c "
        "  on c.database_name = t.database_name and c.schema_name = t.schema_name "
        "  and c.table_name = t.table_name "
        "where t.database_name = ? "
        "group by all order by all",
        [_ATTACHED],
    ).fetchall()
    return [(schema, table, bool(has_tenant)) for schema, table, has_tenant in rows]


def _quoted(text: str) -> str:
    """Escape a text for a single-quoted SQL literal."""
    return text.replace("'", "''")
