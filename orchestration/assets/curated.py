"""Staging, intermediate and marts: every dbt model an asset, every dbt test an asset check.

Keys follow the flow: `staging/erp/…`, `intermediate/receivables/…`, `marts/risk/…`; sources are
the raw assets, so lineage runs through dbt without a gap. dbt runs once, as a subprocess, and what
it wrote down about each node becomes that node's event.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration import dbt
from orchestration.commit_points import CommitPoint
from orchestration.datasets import asset_path
from orchestration.instance import WAREHOUSE_POOL

OWNERS = ["team:data"]
_DONE = {"success", "pass", "warn"}
_QUOTED = re.compile(r"'[^'\n]*'")


class Translator(DagsterDbtTranslator):
    """Names dbt nodes after the flow."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Give ``stage/family/name``; a raw source gives the key of the raw asset."""
        return dg.AssetKey(asset_path(dbt_resource_props))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group by stage."""
        return asset_path(dbt_resource_props)[0]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Give the team that answers for the SQL."""
        del dbt_resource_props
        return OWNERS


def build(manifest: Path) -> dg.AssetsDefinition:
    """Build the assets of the parsed project."""
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    translator = Translator(
        settings=DagsterDbtTranslatorSettings(
            enable_asset_checks=True, enable_source_tests_as_checks=True
        )
    )

    @dbt_assets(
        manifest=parsed,
        name="dbt_models",
        dagster_dbt_translator=translator,
        required_resource_keys={"platform"},
        pool=WAREHOUSE_POOL,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        platform = context.resources.platform
        with platform.warehouse.held():
            results = dbt.build(
                platform.settings,
                platform.places,
                as_of=platform.clock.text,
                inherited=platform.warehouse.descriptors,
            )
        for result in results:
            event = _event(parsed, translator, result)
            if event is not None and _is_wanted(context, event):
                yield event
        failed = [item for item in results if item["status"] in {"error", "runtime error"}]
        if failed:
            raise dg.Failure(
                f"{len(failed)} dbt nodes failed",
                metadata={
                    str(item["unique_id"]): told(str(item["message"])) for item in failed[:20]
                },
            )
        platform.reach(CommitPoint.MARTS_BUILT)

    return models


def told(message: str) -> str:
    """Give dbt's words without the values that the engine quotes: they come from records."""
    return _QUOTED.sub("'…'", message)


def _event(
    manifest: Mapping[str, Any], translator: Translator, result: Mapping[str, Any]
) -> dg.MaterializeResult[Any] | dg.AssetCheckResult | None:
    unique_id, status = str(result["unique_id"]), str(result["status"])
    kind = unique_id.partition(".")[0]
    seconds = {"execution_seconds": float(result["execution_time"])}
    if kind == "test" and status != "skipped":
        key = get_asset_check_key_for_test(manifest, translator, unique_id, None)
        if key is None:
            return None
        return dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=status in _DONE and not result["failures"],
            severity=_severity(status),
            metadata={**seconds, "failures": int(result["failures"] or 0)},
        )
    if kind in {"model", "seed", "snapshot"} and status in _DONE:
        return dg.MaterializeResult(
            asset_key=translator.get_asset_key(manifest["nodes"][unique_id]), metadata=seconds
        )
    return None


def _severity(status: str) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.WARN if status == "warn" else dg.AssetCheckSeverity.ERROR


def _is_wanted(
    context: dg.AssetExecutionContext, event: dg.MaterializeResult[Any] | dg.AssetCheckResult
) -> bool:
    """Tell whether the run selected what dbt built; the whole project is built in any case."""
    if isinstance(event, dg.MaterializeResult):
        return event.asset_key in context.selected_asset_keys
    key = dg.AssetCheckKey(event.asset_key, event.check_name)  # type: ignore[arg-type]
    return key in context.selected_asset_check_keys
