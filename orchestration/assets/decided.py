"""Decisions and actions: committed to the ledger first, carried out from its queue after.

::

    features, scores, checks ──► decisions/{decisions,reasons} ──► actions/{payments,messages}
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.assets import keys
from orchestration.commit_points import CommitPoint
from orchestration.instance import WAREHOUSE_POOL
from orchestration.stages import actions, decisions

CREDIT = ["team:credit"]
OPERATIONS = ["team:operations"]


@dg.multi_asset(
    name="decide",
    specs=[
        dg.AssetSpec(
            keys.DECISIONS,
            deps=[keys.FEATURES, keys.FINGERPRINTS, keys.SCORES, keys.CHECKS, keys.POLICY],
            description="One row per decision, derived from the ledger, where decisions live.",
            group_name="decisions",
            owners=CREDIT,
            kinds={"python", "duckdb"},
        ),
        dg.AssetSpec(
            keys.REASONS,
            deps=[keys.FEATURES, keys.FINGERPRINTS, keys.SCORES, keys.CHECKS, keys.POLICY],
            description="One row per decision and reason, ranked.",
            group_name="decisions",
            owners=CREDIT,
            kinds={"python", "duckdb"},
        ),
    ],
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="Commit what was assessed: decision, reservation and what is owed to the bank in"
    " one transaction each, in canonical order.",
)
def decide(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Commit the open assessments and derive the tables."""
    platform = context.resources.platform
    report = decisions.commit(platform, run_id=context.run_id)
    platform.reach(CommitPoint.DECISIONS_COMMITTED)
    yield dg.MaterializeResult(asset_key=keys.DECISIONS, metadata=report.outcomes)
    yield dg.MaterializeResult(asset_key=keys.REASONS, metadata={"dagster/row_count": report.rows})


@dg.multi_asset(
    name="act",
    specs=[
        dg.AssetSpec(
            keys.PAYMENTS,
            deps=[keys.DECISIONS],
            description="One row per payment with its latest status, derived from the ledger.",
            group_name="actions",
            owners=OPERATIONS,
            kinds={"python", "duckdb"},
        ),
        dg.AssetSpec(
            keys.MESSAGES,
            deps=[keys.DECISIONS],
            description="One row per notice with its delivery status, derived from the ledger.",
            group_name="actions",
            owners=OPERATIONS,
            kinds={"python", "duckdb"},
        ),
    ],
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="Carry out what the queue owes until payments are final and notices delivered.",
)
def act(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Drain the queue and derive the tables."""
    report = actions.carry_out(context.resources.platform, run_id=context.run_id)
    yield dg.MaterializeResult(asset_key=keys.PAYMENTS, metadata=report.payments)
    yield dg.MaterializeResult(asset_key=keys.MESSAGES, metadata=report.messages)


ASSETS: list[dg.AssetsDefinition] = [decide, act]
