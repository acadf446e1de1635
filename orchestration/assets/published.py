"""Audit and publications: what readers get, and what proves it.

::

    actions/* ──► audit/entries ──► publications/snapshot ──► publications/{marts_for_bi,
                                                   monthly_compliance} ──► audit/checkpoint
"""

from typing import Any

import dagster as dg

from orchestration import publication
from orchestration.assets import keys
from orchestration.commit_points import CommitPoint
from orchestration.instance import WAREHOUSE_POOL
from orchestration.partitions import MONTHS
from orchestration.stages import derived, exports, reports, sealing

OWNERS = ["team:compliance"]


@dg.asset(
    key=keys.ENTRIES,
    deps=[keys.DECISIONS, keys.REASONS, keys.PAYMENTS, keys.MESSAGES],
    group_name="audit",
    owners=OWNERS,
    kinds={"sqlalchemy", "duckdb"},
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="One row per ledger entry: index, type, tenant, leaf hash, time.",
)
def entries(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Derive the table of entries."""
    rows = derived.write_entries(context.resources.platform)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=keys.SNAPSHOT,
    deps=[keys.ENTRIES, keys.VERDICTS],
    group_name="publications",
    owners=OWNERS,
    kinds={"duckdb"},
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="An immutable file of marts, features, scores and ledger-derived tables. A tenant"
    " whose checks failed keeps its last good rows and is marked stale.",
)
def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Write the snapshot and point to it by a publication entry."""
    platform = context.resources.platform
    published = publication.publish(platform)
    platform.reach(CommitPoint.SNAPSHOT_WRITTEN)
    return dg.MaterializeResult(metadata=published.metadata())


@dg.asset(
    key=keys.MARTS_FOR_BI,
    deps=[keys.SNAPSHOT],
    group_name="publications",
    owners=OWNERS,
    kinds={"postgres"},
    required_resource_keys={"platform"},
    description="The published marts in Postgres when IFP_PUBLISH_URL names one, loaded and"
    " renamed in one transaction; else the snapshot file itself is what BI tools open.",
)
def marts_for_bi(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Publish the latest snapshot's marts."""
    return dg.MaterializeResult(metadata=exports.publish_marts(context.resources.platform))


@dg.asset(
    key=keys.MONTHLY_REPORT,
    deps=[keys.SNAPSHOT],
    partitions_def=MONTHS,
    group_name="publications",
    owners=OWNERS,
    kinds={"typst", "excel"},
    required_resource_keys={"platform"},
    description="The monthly compliance report per tenant as PDF and Excel, delivered by mail.",
)
def monthly_compliance(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Render and deliver the report of one month."""
    month = context.partition_key
    return dg.MaterializeResult(metadata=reports.deliver(context.resources.platform, month))


@dg.asset(
    key=keys.CHECKPOINT,
    deps=[keys.ENTRIES, keys.SNAPSHOT],
    group_name="audit",
    owners=OWNERS,
    kinds={"python"},
    required_resource_keys={"platform"},
    description="A signed checkpoint of the ledger, and the verification by another process.",
)
def checkpoint(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Sign the ledger's head and have it verified."""
    return dg.MaterializeResult(metadata=sealing.seal(context.resources.platform).metadata())


def build(curated: dg.AssetsDefinition) -> list[dg.AssetsDefinition]:
    """Give the assets; the snapshot stands on every mart of the parsed project."""
    marts = sorted((key for key in curated.keys if key.path[0] == "marts"), key=str)

    def standing_on_marts(spec: dg.AssetSpec) -> dg.AssetSpec:
        known = {dep.asset_key for dep in spec.deps}
        more = [dg.AssetDep(key) for key in marts if key not in known]
        return spec.replace_attributes(deps=[*spec.deps, *more])

    return [
        entries,
        snapshot.map_asset_specs(standing_on_marts),
        marts_for_bi,
        monthly_compliance,
        checkpoint,
    ]
