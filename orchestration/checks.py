"""Asset checks: the suites of every ``contract.py``; dbt's own tests come with the dbt assets.

What is broken for all (a missing table or column) blocks what is downstream. What is broken in
one tenant's rows becomes verdict rows (``checks.verdicts``): later steps leave that tenant out,
its published version goes stale, and the others go on.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from ingestion.tables import RAW_TABLES
from orchestration.instance import WAREHOUSE_POOL
from orchestration.platform import Platform
from orchestration.stages import verdicts
from orchestration.suites import Suite

NAME = "contract"


def _specs(suites: Sequence[Suite], description: str) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            NAME,
            asset=dg.AssetKey(suite.asset_key.split("/")),
            blocking=True,
            description=description,
            metadata={"expectations": len(suite.expectations)},
        )
        for suite in suites
    ]


def _build(name: str, suites: Sequence[Suite], description: str) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=name,
        specs=_specs(suites, description),
        required_resource_keys={"platform"},
        pool=WAREHOUSE_POOL,
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        yield from _checked(context.resources.platform, suites)

    return check


def _checked(platform: Platform, suites: Sequence[Suite]) -> Iterator[dg.AssetCheckResult]:
    for suite, found, fault in verdicts.judge(platform, suites):
        broken = [item for item in found if not item.is_met]
        metadata: dict[str, Any] = {
            "expectations": len(found),
            "tenants": len({item.tenant_id for item in found}),
            "broken": ", ".join(f"{item.tenant_id}: {item.rule} {item.column}" for item in broken),
        }
        if fault:
            metadata["fault"] = fault
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey(suite.asset_key.split("/")),
            check_name=NAME,
            passed=not broken and not fault,
            severity=dg.AssetCheckSeverity.ERROR if fault else dg.AssetCheckSeverity.WARN,
            metadata=metadata,
        )


CHECKS: list[dg.AssetChecksDefinition] = [
    *(
        _build(
            f"raw_{system}_contract",
            [suite for suite in verdicts.RAW_SUITES if suite.schema == f"raw_{system}"],
            "The arriving batch keeps the promises of its contract, before it is typed.",
        )
        for system in RAW_TABLES
    ),
    _build(
        "feature_contract",
        verdicts.FEATURE_SUITES,
        "The feature frame keeps the promises of its contract, before decisions stand on it.",
    ),
]
