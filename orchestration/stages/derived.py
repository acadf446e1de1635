"""Tables of the warehouse that the ledger is the home of: decisions, reasons, payments, messages.

They are written anew from the ledger's projections, so they can never disagree with it; readers
get them with the published snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from orchestration.platform import Platform

Columns = Mapping[str, str]

DECISIONS: Columns = {
    "tenant_id": "text",
    "decision_id": "text",
    "receivable_id": "text",
    "seller_id": "text",
    "debtor_id": "text",
    "outcome": "text",
    "grade": "bigint",
    "pd_ppm": "bigint",
    "late_ppm": "bigint",
    "points": "bigint",
    "face_minor": "bigint",
    "eligible_minor": "bigint",
    "advance_rate_ppm": "bigint",
    "advance_minor": "bigint",
    "fee_minor": "bigint",
    "price_ppm": "bigint",
    "el_bps": "bigint",
    "tenor_days": "bigint",
    "currency": "text",
    "policy_hash": "text",
    "model_hash": "text",
    "feature_hash": "text",
    "core_digest": "text",
    "requested_at": "timestamptz",
    "decided_at": "timestamptz",
    "ledger_index": "bigint",
    "leaf_hash": "text",
}
REASONS: Columns = {
    "tenant_id": "text",
    "decision_id": "text",
    "code": "text",
    "text": "text",
    "reason_group": "text",
    "rank": "bigint",
    "value": "text",
    "threshold": "text",
}
PAYMENTS: Columns = {
    "tenant_id": "text",
    "decision_id": "text",
    "payment_id": "text",
    "end_to_end_id": "text",
    "amount_minor": "bigint",
    "currency": "text",
    "status": "text",
    "status_reason": "text",
    "updated_at": "timestamptz",
    "ledger_index": "bigint",
}
MESSAGES: Columns = {
    "tenant_id": "text",
    "decision_id": "text",
    "message_id": "text",
    "kind": "text",
    "channel": "text",
    "status": "text",
    "updated_at": "timestamptz",
    "ledger_index": "bigint",
}
ENTRIES: Columns = {
    "tenant_id": "text",
    "entry_index": "bigint",
    "type": "text",
    "key": "text",
    "leaf_hash": "text",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
}

_BPS_TO_PPM = 100


def write_decisions(platform: Platform) -> int:
    """Write ``decisions.decisions`` and ``decisions.reasons``; return the number of decisions."""
    found = platform.ledger.projection("decisions")
    with platform.warehouse.open() as connection:
        replace(connection, "decisions", "decisions", DECISIONS, map(_decision, found))
        rows = (_reason(item, reason) for item in found for reason in item["reasons"])
        replace(connection, "decisions", "reasons", REASONS, rows)
    return len(found)


def write_actions(platform: Platform) -> None:
    """Write ``actions.payments`` and ``actions.messages``; reports are about no decision."""
    payments = platform.ledger.projection("payments")
    messages = [
        row for row in platform.ledger.projection("messages") if row.get("decision_id") is not None
    ]
    with platform.warehouse.open() as connection:
        replace(connection, "actions", "payments", PAYMENTS, map(_payment, payments))
        replace(connection, "actions", "messages", MESSAGES, map(_message, messages))


def write_entries(platform: Platform) -> int:
    """Write ``audit.entries``; return their number."""
    rows = [
        {
            "tenant_id": item.entry.tenant_id,
            "entry_index": item.index,
            "type": item.entry.type,
            "key": _key(item.entry.subjects),
            "leaf_hash": item.leaf_hash.hex(),
            "occurred_at": item.entry.occurred_at,
            "recorded_at": item.recorded_at,
        }
        for item in platform.ledger.entries()
    ]
    with platform.warehouse.open() as connection:
        replace(connection, "audit", "entries", ENTRIES, rows)
    return len(rows)


def replace(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    columns: Columns,
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Write a table anew with typed columns; what a row lacks is null."""
    connection.execute(f"create schema if not exists {schema}")
    connection.register("written_rows", _batch(columns, rows))
    connection.execute(f"create or replace table {schema}.{table} as from written_rows")
    connection.unregister("written_rows")


def merge(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    columns: Columns,
    rows: Iterable[Mapping[str, Any]],
    *,
    replacing: tuple[str, str],
) -> None:
    """Write rows into a table in place of those whose column has a value.

    Args:
        connection: Open for writing.
        schema: Schema of the table.
        table: The table; made when it is missing.
        columns: Its typed columns.
        rows: New rows.
        replacing: Column and value that name the rows to be replaced.
    """
    listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"create schema if not exists {schema}")
    connection.execute(f"create table if not exists {schema}.{table} ({listed})")
    column, value = replacing
    connection.execute(f"delete from {schema}.{table} where {column} = ?", [value])  # noqa: S608
    connection.register("written_rows", _batch(columns, rows))
    connection.execute(f"insert into {schema}.{table} by name from written_rows")
    connection.unregister("written_rows")


def _batch(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    found = list(rows)
    types = {
        "text": pa.string(),
        "bigint": pa.int64(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
    }
    arrays = [
        pa.array([row.get(name) for row in found], type=types[kind])
        for name, kind in columns.items()
    ]
    return pa.table(arrays, names=list(columns))


def moment(text: str | datetime | None) -> datetime | None:
    """Read an ISO 8601 time."""
    if text is None or isinstance(text, datetime):
        return text
    return datetime.fromisoformat(text)


def _decision(row: Mapping[str, Any]) -> dict[str, Any]:
    models = row.get("model_hashes") or {}
    return {
        **{name: row.get(name) for name in DECISIONS},
        "face_minor": row["requested_minor"],
        "advance_rate_ppm": int(row["advance_bps"]) * _BPS_TO_PPM,
        "model_hash": next((models[name] for name in sorted(models)), None),
        "requested_at": moment(row.get("requested_at")),
        "decided_at": moment(row.get("decided_at")),
        "ledger_index": row["entry_index"],
    }


def _reason(row: Mapping[str, Any], reason: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tenant_id": row["tenant_id"],
        "decision_id": row["decision_id"],
        "code": reason["code"],
        "text": reason["text"],
        "reason_group": reason["group"],
        "rank": reason["rank"],
        "value": _text(reason.get("value")),
        "threshold": _text(reason.get("threshold")),
    }


def _payment(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row.get(name) for name in PAYMENTS},
        "payment_id": row.get("payment_id") or row["end_to_end_id"],
        "updated_at": moment(row["updated_at"]),
        "ledger_index": row["last_index"],
    }


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row.get(name) for name in MESSAGES},
        "updated_at": moment(row["updated_at"]),
        "ledger_index": row["last_index"],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _key(subjects: Sequence[str]) -> str | None:
    return subjects[0] if subjects else None
