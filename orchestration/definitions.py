"""The list of everything Dagster sees: assets by stage, checks, jobs, schedules, one resource.

Built when Dagster asks for it, not on import: the dbt project is parsed first where needed, and
settings are read then.
"""

from __future__ import annotations

import os

from orchestration import telemetry

telemetry.switch_off(os.environ)

import dagster as dg  # noqa: E402 - after the switches

from orchestration import automation, dbt, places, settings  # noqa: E402
from orchestration.assets import assessed, curated, decided, published, raw  # noqa: E402
from orchestration.checks import CHECKS  # noqa: E402
from orchestration.places import Places  # noqa: E402
from orchestration.resources.session import session  # noqa: E402
from orchestration.settings import Settings  # noqa: E402


def build(found: Settings, where: Places) -> dg.Definitions:
    """Build the definitions for the given settings."""
    models = curated.build(dbt.manifest(found, where, as_of=""))
    assets = [
        *raw.ASSETS,
        models,
        *assessed.ASSETS,
        *decided.ASSETS,
        *published.build(models),
    ]
    return dg.Definitions(
        assets=[*map(automation.with_freshness, assets), *raw.OBSERVED],
        asset_checks=CHECKS,
        jobs=automation.JOBS,
        schedules=automation.SCHEDULES,
        resources={"platform": session},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Read the settings and build the definitions."""
    found = settings.load()
    return build(found, places.at(found.var))
