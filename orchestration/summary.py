"""What a run came to, read from what is durable: warehouse, ledger, verification.

Nothing is counted on the way; the summary would say the same after a restart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.resources.warehouse import has_table
from orchestration.stages.reports import KIND as REPORT

if TYPE_CHECKING:
    import duckdb

    from orchestration.line import Line
    from orchestration.platform import Platform

STAGES = (
    "raw",
    "staging",
    "intermediate",
    "marts",
    "features",
    "scores",
    "decisions",
    "actions",
    "audit",
)
_TOTALS = ("marts_compliance", "rpt_control_totals")
_NEWEST_SYNCS = """
select tenant_id, connection_id, system || '/' || entity, status, cause
from raw_sync.entities
qualify row_number() over (
    partition by tenant_id, connection_id, system, entity order by finished_at desc, sync_id
) = 1
order by 1, 2, 3
"""


def summarise(platform: Platform, line: Line, sealed: Mapping[str, Any]) -> dict[str, Any]:
    """Give the summary as the stable document of ``ifp run --json``."""
    with platform.warehouse.open() as connection:
        stages = _stages(connection)
        totals = _control_totals(connection)
        syncs = _syncs(connection)
    decisions = platform.ledger.projection("decisions")
    payments = platform.ledger.projection("payments")
    messages = platform.ledger.projection("messages")
    reports = [row for row in messages if row["kind"] == REPORT]
    notices = Counter(str(row["status"]) for row in messages if row["kind"] != REPORT)
    statuses = Counter(str(row["status"]) for row in payments)
    ledger = {
        "size": sealed["size"],
        "root": sealed["root"],
        "verified": sealed["ok"],
        "checkpoint": sealed["checkpoint"],
        "problems": sealed["problems"],
    }
    is_whole = all(row["difference_minor"] == 0 for row in totals) and not syncs["failed"]
    return {
        "ok": line.is_success and bool(sealed["ok"]) and is_whole and not line.checks["failed"],
        "run_id": line.run_id,
        "as_of": platform.clock.text,
        "stages": stages,
        "syncs": syncs,
        "control_totals": totals,
        "checks": line.checks,
        "decisions": {
            "total": len(decisions),
            **_sorted_counts(Counter(str(row["outcome"]) for row in decisions)),
            "new": sum(row.get("run_id") == line.run_id for row in decisions),
        },
        "payments": {
            "sent": len(payments),
            "confirmed": statuses["ACSC"],
            "rejected": statuses["RJCT"],
            "open": len(payments) - statuses["ACSC"] - statuses["RJCT"],
            "confirmed_minor": _amounts(payments),
        },
        "notices": {"queued": sum(notices.values()), "delivered": notices["delivered"]},
        "reports": {
            "queued": len(reports),
            "delivered": sum(row["status"] == "delivered" for row in reports),
        },
        "queue": {
            "open": sum(found.get("open", 0) for found in platform.ledger.queue.stats().values()),
            "dead_letters": len(platform.ledger.queue.dead_letters()),
        },
        "snapshot": _snapshot(platform),
        "ledger": ledger,
        "failed_steps": line.failed_steps,
    }


def _stages(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() order by 1, 2"
    ).fetchall()
    rows: dict[str, int] = defaultdict(int)
    tables: dict[str, int] = defaultdict(int)
    for schema, table in found:
        stage = schema.partition("_")[0]
        if stage not in STAGES or table.startswith("_dlt"):
            continue
        count = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()  # noqa: S608
        rows[stage] += int(count[0][0])
        tables[stage] += 1
    return [{"stage": name, "tables": tables[name], "rows": rows[name]} for name in STAGES]


def _syncs(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Count the newest sync of every entity by status, with the causes of those not ok."""
    found: dict[str, Any] = {"ok": 0, "partial": 0, "failed": 0, "causes": []}
    if not has_table(connection, "raw_sync", "entities"):
        return found
    rows = connection.execute(_NEWEST_SYNCS).fetchall()
    for tenant_id, connection_id, entity, status, cause in rows:
        found[status] += 1
        if status != "ok":
            found["causes"].append(
                {
                    "tenant_id": tenant_id,
                    "connection_id": connection_id,
                    "entity": entity,
                    "status": status,
                    "cause": cause,
                }
            )
    return found


def _control_totals(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    if not has_table(connection, *_TOTALS):
        return []
    cursor = connection.execute(f"select * from {'.'.join(_TOTALS)} order by all")  # noqa: S608
    names = [item[0] for item in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _amounts(payments: list[dict[str, Any]]) -> dict[str, int]:
    amounts: dict[str, int] = defaultdict(int)
    for row in payments:
        if row["status"] == "ACSC":
            amounts[str(row["currency"])] += int(row["amount_minor"])
    return dict(sorted(amounts.items()))


def _snapshot(platform: Platform) -> dict[str, Any] | None:
    stored = platform.ledger.latest("publication")
    if stored is None:
        return None
    body = stored.entry.body
    return {
        "snapshot_id": body["snapshot_id"],
        "file": str(platform.places.published / str(body["file"])),
        "ledger_index": stored.index,
        "tenants": {name: state["state"] for name, state in body["tenants"].items()},
    }


def _sorted_counts(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("approve", "refer", "reject")}
