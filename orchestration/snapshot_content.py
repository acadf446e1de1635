"""What a snapshot holds: which tables of the warehouse under which names, and their fingerprints.

::

    marts, features, scores, decisions, actions, audit ──as they are──┐
    raw_sync, raw_quarantine, checks ──without a record's content──► published.*

What operators look at (`COPIED_AS`) is always the newest, also of a tenant whose figures stay at
their last good version, since it says what went wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from ledger.merkle import content_root
from orchestration.lineage import record_hashes
from orchestration.resources.warehouse import has_table

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = (
    "marts_risk",
    "marts_portfolio",
    "marts_compliance",
    "features",
    "scores",
    "decisions",
    "actions",
    "audit",
)
COPIED_AS = {
    "published.syncs": (
        "raw_sync.entities",
        'tenant_id, sync_id, connection_id, system, entity, is_full, "read", landed, unchanged,'
        " duplicate, quarantined, vanished, pages, status, cause, started_at, finished_at",
    ),
    "published.quarantine": (
        "raw_quarantine.records",
        "tenant_id, quarantine_id, connection_id, system, entity, record_id, endpoint,"
        " page_sha256, position, reason_code, detail, fetched_at, replayed_at, resolution",
    ),
    "published.data_quality": (
        "marts_compliance.rpt_data_quality",
        "tenant_id, connection_id, source_system, entity, rule, failed_count, checked_count,"
        " is_blocking, is_failed",
    ),
    "published.contracts": (
        "checks.verdicts",
        "tenant_id, asset_key, rule, column_name, failed_count, checked_count, is_met",
    ),
}
"""What operators look at, by its name in the snapshot: source and columns."""


def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """List the tables of a snapshot: name there, then source and columns in the warehouse."""
    marks = ", ".join("?" for _ in SCHEMAS)
    listed = (
        "select table_schema || '.' || table_name from information_schema.tables"  # noqa: S608
        " where table_catalog = current_database() and table_type = 'BASE TABLE'"
        f" and table_schema in ({marks}) order by 1"
    )
    rows = connection.execute(listed, list(SCHEMAS)).fetchall()
    copied = {
        target: (source, columns)
        for target, (source, columns) in COPIED_AS.items()
        if has_table(connection, *source.split("."))
    }
    return {name: (name, "*") for (name,) in rows} | copied


def describe(path: Path) -> dict[str, dict[str, Any]]:
    """Count every table's rows and hash its content."""
    described: dict[str, dict[str, Any]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = current_database() order by 1, 2"
        ).fetchall()
        for schema, table in names:
            by_tenant = record_hashes(connection, schema, table)
            hashes = [item for part in by_tenant.values() for item in part]
            described[f"{schema}.{table}"] = {
                "rows": len(hashes),
                "content_root": content_root(hashes).hex(),
            }
    return described


def turns(path: Path) -> int:
    """Count how often a source began to fail or healed, so that each turn is published."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select count(*) from (select status, lag(status, 1, 'ok') over (partition by"
            " tenant_id, connection_id, system, entity order by finished_at) as earlier"
            " from published.syncs) where status <> earlier"
        ).fetchall()
    return int(found[0][0])


def has_tenant(
    connection: duckdb.DuckDBPyConnection, catalogue: str, schema: str, table: str
) -> bool:
    """Tell whether a table of an attached file says whose its rows are."""
    found = connection.execute(
        "select count(*) from information_schema.columns where table_catalog = ?"
        " and table_schema = ? and table_name = ? and column_name = 'tenant_id'",
        [catalogue, schema, table],
    ).fetchall()
    return bool(found[0][0])
