"""Facts as of a moment: the warehouse's rows and the ledger's exposures, as the models take them.

The warehouse is built as of the same moment, so whatever it holds was known then. A receivable is
asked about when it is an open invoice of a tenant whose checks passed; it is asked again only
when it changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration import directory
from orchestration.resources.warehouse import has_table

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.platform import Platform
    from orchestration.resources.counterparts import Organisation

_STATE_COLUMNS = (
    "payload_sha256",
    "status",
    "open_minor",
    "disputed_minor",
    "due_on",
    "debtor_id",
    "source_count",
)

_RECEIVABLES = "select * from marts_risk.fct_receivables where tenant_id = ? order by receivable_id"
_SELLERS = "select * from marts_risk.dim_sellers where tenant_id = ? order by seller_id"
_DEBTORS = "select * from marts_risk.dim_debtors where tenant_id = ? order by debtor_id"


@dataclass(frozen=True)
class TenantFacts:
    """What is known about one tenant's book.

    Attributes:
        tenant_id: The financier.
        receivables: All rows of ``fct_receivables``.
        sellers: All rows of ``dim_sellers``; a seller known by files only bears the tax id of
            the organisation on whose account it is paid.
        debtors: All rows of ``dim_debtors``.
    """

    tenant_id: str
    receivables: pl.DataFrame
    sellers: pl.DataFrame
    debtors: pl.DataFrame


def failing_tenants(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the tenants with a broken contract in the latest verdicts."""
    if not has_table(connection, "checks", "verdicts"):
        return set()
    rows = connection.execute(
        "select distinct tenant_id from checks.verdicts where is_met = 0"
    ).fetchall()
    return {tenant_id for (tenant_id,) in rows}


def publishable_tenants(platform: Platform) -> list[str]:
    """Return the tenants whose checks passed; only their receivables are decided on."""
    with platform.warehouse.open() as connection:
        rows = connection.execute(
            "select tenant_id from marts_compliance.rpt_tenant_verdicts"
            " where is_publishable order by 1"
        ).fetchall()
        failing = failing_tenants(connection)
    return [tenant_id for (tenant_id,) in rows if tenant_id not in failing]


def read(platform: Platform, tenant_ids: Sequence[str]) -> list[TenantFacts]:
    """Read the facts of some tenants in one go."""
    paid = directory.accounts(platform)
    with platform.warehouse.open() as connection:
        return [of_tables(connection, tenant_id, paid) for tenant_id in tenant_ids]


def of_tables(
    connection: duckdb.DuckDBPyConnection,
    tenant_id: str,
    paid: Mapping[tuple[str, str], Organisation],
) -> TenantFacts:
    """Read the facts of one tenant from the marts of a warehouse or of a published snapshot."""
    return TenantFacts(
        tenant_id,
        _frame(connection, _RECEIVABLES, tenant_id),
        _identified(_frame(connection, _SELLERS, tenant_id), paid),
        _frame(connection, _DEBTORS, tenant_id),
    )


def open_requests(facts: TenantFacts) -> pl.DataFrame:
    """Select the open invoices of a book, each requested when it was recorded."""
    import polars as pl

    return facts.receivables.filter(
        (pl.col("document_type") == "invoice")
        & pl.col("status").is_in(["open", "partially_paid", "disputed"])
        & (pl.col("open_minor") > 0)
    ).with_columns(requested_at=pl.col("recorded_at"))


def state_hashes(receivables: pl.DataFrame) -> dict[str, str]:
    """Hash what a decision depends on in each receivable; a change asks for a new decision."""
    columns = ["receivable_id", *_STATE_COLUMNS]
    return {
        row[0]: hashlib.sha256("\x1f".join(str(value) for value in row).encode()).hexdigest()
        for row in receivables.select(columns).iter_rows()
    }


def keep_frame(
    platform: Platform, schema: str, table: str, frame: pl.DataFrame, *, tenant_id: str
) -> int:
    """Write rows of one tenant into a table, replacing rows of the same receivables.

    Returns:
        The number of rows written.
    """
    with platform.warehouse.open() as connection:
        connection.execute(f"create schema if not exists {schema}")
        connection.register("kept_rows", frame.to_arrow())
        if has_table(connection, schema, table):
            connection.begin()
            connection.execute(
                f"delete from {schema}.{table} where tenant_id = ?"  # noqa: S608 - our names
                " and receivable_id in (select receivable_id from kept_rows)",
                [tenant_id],
            )
            connection.execute(
                f"insert into {schema}.{table} by name select * from kept_rows"  # noqa: S608
            )
            connection.commit()
        else:
            connection.execute(f"create table {schema}.{table} as from kept_rows")
        connection.unregister("kept_rows")
    return int(frame.height)


def _identified(
    sellers: pl.DataFrame, paid: Mapping[tuple[str, str], Organisation]
) -> pl.DataFrame:
    import polars as pl

    pairs = sellers.select("tenant_id", "connection_id").iter_rows()
    found = [paid.get((tenant_id, connection_id)) for tenant_id, connection_id in pairs]
    known = pl.Series([item.tax_id or None if item else None for item in found], dtype=pl.String)
    return sellers.with_columns(tax_id=pl.coalesce(pl.col("tax_id"), known))


def _frame(connection: duckdb.DuckDBPyConnection, sql: str, tenant_id: str) -> pl.DataFrame:
    import polars as pl

    table = connection.execute(sql, [tenant_id]).to_arrow_table()
    return pl.DataFrame(pl.from_arrow(table))
