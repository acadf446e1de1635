"""Features, scores and checks: one pure call per tenant gives all of them.

::

    marts/risk/* ──► features/* ──► scores/receivable_scores ──► decisions/checks
         └────────────────────────► scores/models ──┘   decisions/policy ──┘
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.assets import keys
from orchestration.commit_points import CommitPoint
from orchestration.instance import WAREHOUSE_POOL
from orchestration.stages import assessment, policy, training

OWNERS = ["team:credit"]
_MARTS = [keys.RECEIVABLES, keys.DEBTORS, keys.SELLERS, keys.VERDICTS]


@dg.asset(
    key=keys.MODELS,
    deps=[keys.RECEIVABLES],
    group_name="scores",
    owners=OWNERS,
    kinds={"scikitlearn"},
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="The score models in force, one set per tenant, stored as JSON under their hash."
    " Trained when a tenant has none or the one in force is older than a month.",
)
def score_models(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Train what is missing or old, and publish it in the ledger."""
    report = training.ensure_models(context.resources.platform)
    return dg.MaterializeResult(metadata=dict(report))


@dg.asset(
    key=keys.POLICY,
    group_name="decisions",
    owners=OWNERS,
    kinds={"yaml"},
    required_resource_keys={"platform"},
    description="The decision policy in force, dated and hashed, as published in the ledger.",
)
def decision_policy(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """Publish the policy when its text is new."""
    published = policy.ensure_policy(context.resources.platform)
    return dg.MaterializeResult(metadata={"policy_hash": published})


def _spec(
    key: dg.AssetKey, kind: str, description: str, *, deps: list[dg.AssetKey]
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=deps,
        description=description,
        group_name=key.path[0],
        owners=OWNERS,
        kinds={kind, "duckdb"},
        metadata={"dagster/table_name": ".".join(key.path)},
    )


@dg.multi_asset(
    name="assessment",
    specs=[
        _spec(
            keys.FEATURES,
            "polars",
            "How debtors pay, one row per receivable to decide on.",
            deps=_MARTS,
        ),
        _spec(
            keys.FINGERPRINTS,
            "polars",
            "Exact and near fingerprints, one row per receivable.",
            deps=[keys.RECEIVABLES],
        ),
        _spec(
            keys.SCORES,
            "scikitlearn",
            "Points, probabilities and days to pay, per receivable.",
            deps=[keys.FEATURES, keys.MODELS],
        ),
        _spec(
            keys.CHECKS,
            "python",
            "Every check that ran, one row per receivable and check.",
            deps=[keys.SCORES, keys.FINGERPRINTS, keys.POLICY, keys.DEBTORS, keys.SELLERS],
        ),
    ],
    required_resource_keys={"platform"},
    pool=WAREHOUSE_POOL,
    description="Assess every open receivable that is not decided yet.",
)
def assessed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Write what the pure assessment gives and announce it."""
    platform = context.resources.platform
    report = assessment.assess(platform, run_id=context.run_id)
    platform.reach(CommitPoint.SCORES_WRITTEN)
    for key in (keys.FEATURES, keys.FINGERPRINTS, keys.SCORES, keys.CHECKS):
        rows = report.rows[key.to_user_string()]
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows})


ASSETS: list[dg.AssetsDefinition] = [score_models, decision_policy, assessed]
