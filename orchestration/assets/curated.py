"""Staging, intermediate and marts: every dbt model an asset, every dbt test an asset check.

Keys follow the flow: `staging/erp/…`, `intermediate/receivables/…`, `marts/risk/…`; sources are
the raw assets, so lineage runs through dbt without a gap.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)

from orchestration import dbt
from orchestration.commit_points import CommitPoint
from orchestration.datasets import asset_path
from orchestration.instance import WAREHOUSE_POOL
from orchestration.settings import ROOT

OWNERS = ["team:data"]


class Translator(DagsterDbtTranslator):
    """Names dbt nodes after the flow."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Give ``stage/family/name``; a raw source gives the key of the raw asset."""
        return dg.AssetKey(asset_path(dict(dbt_resource_props)))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group by stage."""
        return asset_path(dict(dbt_resource_props))[0]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Give the team that answers for the SQL."""
        del dbt_resource_props
        return OWNERS


def build(manifest: Path) -> dg.AssetsDefinition:
    """Build the assets of the parsed project."""
    translator = Translator(
        settings=DagsterDbtTranslatorSettings(
            enable_asset_checks=True, enable_source_tests_as_checks=True
        )
    )

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        dagster_dbt_translator=translator,
        required_resource_keys={"platform"},
        pool=WAREHOUSE_POOL,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        platform = context.resources.platform
        cli = DbtCliResource(
            project_dir=str(ROOT),
            profiles_dir=str(dbt.PROFILES),
            dbt_executable=str(Path(sys.executable).parent / "dbt"),
        )
        arguments = ["build", "--vars", dbt.variables(platform.clock.text)]
        with platform.warehouse.held(), dbt.exported(platform.settings, platform.places):
            yield from cli.cli(
                arguments,
                context=context,
                manifest=manifest,
                dagster_dbt_translator=translator,
                target_path=platform.places.dbt,
            ).stream()
        platform.reach(CommitPoint.MARTS_BUILT)

    return models
