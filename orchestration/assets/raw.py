"""Raw assets: one per vendor table, verbatim and append-only; one step per system.

::

    xero ──► raw/xero/{organisations,contacts,invoices,…} ──► raw/dnb/{matches,reports}
    bank ──► raw/bank/{accounts,balances,transactions}
    files ─► raw/files/receivables
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ingestion.connection import System
from ingestion.tables import RAW_TABLES
from orchestration.commit_points import CommitPoint
from orchestration.instance import WAREHOUSE_POOL
from orchestration.stages import landing

OWNERS = ["team:ingestion"]

DESCRIPTIONS = {
    "xero": "as the seller's Xero ledger sent it, every version kept",
    "dnb": "as the D&B bureau answered for a customer, every version kept",
    "bank": "as the bank reported it for the collection accounts, every version kept",
    "files": "as the row stood in an uploaded receivables file",
}


def key(system: str, entity: str) -> dg.AssetKey:
    """Name the asset of a raw table."""
    return dg.AssetKey(["raw", system, entity])


def _build(system: System, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            key(system, entity),
            deps=deps,
            description=f"`{entity}` {DESCRIPTIONS[system]}. One row per version of a record.",
            group_name="raw",
            owners=OWNERS,
            kinds={"dlt", "duckdb"},
            metadata={"dagster/table_name": f"raw_{system}.{entity}"},
        )
        for entity in RAW_TABLES[system]
    ]

    @dg.multi_asset(
        name=f"raw_{system}",
        specs=specs,
        required_resource_keys={"platform"},
        pool=WAREHOUSE_POOL,
        description=f"Pull what changed from every {system} connection.",
    )
    def pull(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        platform = context.resources.platform
        report = landing.sync(platform, [system])
        if system == "xero":
            platform.reach(CommitPoint.RAW_LANDED)
        for entity in RAW_TABLES[system]:
            yield dg.MaterializeResult(
                asset_key=key(system, entity), metadata=landing.totals(report, entity)
            )

    return pull


ASSETS: list[dg.AssetsDefinition] = [
    _build("xero", []),
    _build("bank", []),
    _build("files", []),
    _build("dnb", [key("xero", "contacts")]),
]

OBSERVED: list[dg.AssetSpec] = [
    dg.AssetSpec(
        dg.AssetKey(["raw", system, name]),
        description=description,
        group_name="raw",
        owners=OWNERS,
        kinds={"duckdb"},
        metadata={"dagster/table_name": f"raw_{system}.{name}"},
    )
    for system, name, description in (
        ("sync", "entities", "What every sync of every connection did, entity by entity."),
        ("sync", "control_totals", "The sources' own sums, computed in exact decimals."),
        ("quarantine", "records", "What could not be landed, with its bytes and the reason."),
    )
]
