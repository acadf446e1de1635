"""Per-tenant verdicts of the contracts: who kept which promise, and who is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ingestion.bank import contract as bank
from ingestion.bureau import contract as bureau
from ingestion.documents import contract as documents
from ingestion.erp import contract as erp
from models.features import contract as features
from orchestration.resources.warehouse import has_table
from orchestration.stages import derived
from orchestration.suites import Suite, Verdict, validate

if TYPE_CHECKING:
    import duckdb

    from orchestration.platform import Platform

VERDICTS: derived.Columns = {
    "tenant_id": "text",
    "asset_key": "text",
    "rule": "text",
    "column_name": "text",
    "failed_count": "bigint",
    "checked_count": "bigint",
    "is_met": "bigint",
}


RAW_SUITES: tuple[Suite, ...] = tuple(
    Suite(**suite) for family in (erp, bureau, bank, documents) for suite in family.SUITES
)
FEATURE_SUITES: tuple[Suite, ...] = (
    Suite(
        asset_key="features/payment_behaviour",
        schema="features",
        table="payment_behaviour",
        columns={name: name for name in features.SCHEMA},
        expectations=features.EXPECTATIONS,
    ),
)


def judge(
    platform: Platform, suites: Sequence[Suite]
) -> Iterator[tuple[Suite, list[Verdict], str | None]]:
    """Run suites tenant by tenant and keep the verdicts.

    Yields:
        Each suite with its verdicts and, when the table itself is broken, what is wrong with it.
    """
    for suite in suites:
        with platform.warehouse.open() as connection:
            fault = _fault(connection, suite)
            frames = {} if fault else _frames(connection, suite)
        found = [
            verdict
            for tenant_id, frame in frames.items()
            for verdict in validate(frame, suite, tenant_id)
        ]
        _keep(platform, suite, found)
        yield suite, found, fault


def _fault(connection: duckdb.DuckDBPyConnection, suite: Suite) -> str | None:
    if not has_table(connection, suite.schema, suite.table):
        return f"table {suite.schema}.{suite.table} is missing"
    try:
        connection.execute(f"select {_listed(suite)} from {_table(suite)} limit 0")  # noqa: S608
    except Exception as error:
        return str(error).splitlines()[0]
    return None


def _frames(connection: duckdb.DuckDBPyConnection, suite: Suite) -> dict[str, object]:
    table = _table(suite)
    tenants = connection.execute(
        f"select distinct tenant_id from {table} order by 1"  # noqa: S608 - our own names
    ).fetchall()
    rows = f"select {_listed(suite)} from {table} where tenant_id = ?"  # noqa: S608
    return {tenant_id: connection.execute(rows, [tenant_id]).fetchdf() for (tenant_id,) in tenants}


def _table(suite: Suite) -> str:
    return f"{suite.schema}.{suite.table}"


def _listed(suite: Suite) -> str:
    return ", ".join(f'{sql} as "{name}"' for name, sql in suite.columns.items())


def _keep(platform: Platform, suite: Suite, found: Iterable[Verdict]) -> None:
    rows = [
        {
            "tenant_id": item.tenant_id,
            "asset_key": item.asset_key,
            "rule": item.rule,
            "column_name": item.column,
            "failed_count": item.failed,
            "checked_count": item.checked,
            "is_met": int(item.is_met),
        }
        for item in found
    ]
    with platform.warehouse.open() as connection:
        derived.merge(
            connection,
            "checks",
            "verdicts",
            VERDICTS,
            rows,
            replacing=("asset_key", suite.asset_key),
        )
