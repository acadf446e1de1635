"""When things run: schedules by the hour, day, week and month, and how fresh assets must be.

::

    hourly   sync and everything behind it, the book as of now
    daily    the same with a full listing of every source, so that deletions are seen
    weekly   score models trained again on what was learned
    monthly  the compliance report of the month that ended
"""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from orchestration.assets import keys

ZONE = "UTC"

LINE = dg.AssetSelection.all() - dg.AssetSelection.assets(keys.MONTHLY_REPORT)

whole_line = dg.define_asset_job(
    "whole_line",
    selection=LINE,
    description="Every arrow from the sources to the audit, once.",
    tags={"ifp/cadence": "hourly"},
)
full_line = dg.define_asset_job(
    "full_line",
    selection=LINE,
    description="The same with a full listing of every source.",
    tags={"ifp/cadence": "daily", "ifp/full": "true"},
)
retraining = dg.define_asset_job(
    "retraining",
    selection=dg.AssetSelection.assets(keys.MODELS),
    description="Train the score models again.",
    tags={"ifp/cadence": "weekly", "ifp/retrain": "true"},
)
monthly_report = dg.define_asset_job(
    "monthly_report",
    selection=dg.AssetSelection.assets(keys.MONTHLY_REPORT),
    description="Render and deliver the compliance report of one month.",
    tags={"ifp/cadence": "monthly"},
)
everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="The whole line and the report of one month: what `ifp run` does.",
    tags={"ifp/cadence": "by hand"},
)
JOBS = [everything, whole_line, full_line, retraining, monthly_report]

SCHEDULES: list[dg.ScheduleDefinition | dg.UnresolvedPartitionedAssetScheduleDefinition] = [
    dg.ScheduleDefinition(
        name="hourly", job=whole_line, cron_schedule="5 * * * *", execution_timezone=ZONE
    ),
    dg.ScheduleDefinition(
        name="daily", job=full_line, cron_schedule="30 2 * * *", execution_timezone=ZONE
    ),
    dg.ScheduleDefinition(
        name="weekly", job=retraining, cron_schedule="0 4 * * 1", execution_timezone=ZONE
    ),
    dg.build_schedule_from_partitioned_job(
        monthly_report, name="monthly", day_of_month=1, hour_of_day=6, minute_of_hour=0
    ),
]

HOURLY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=6), warn_window=timedelta(hours=2)
)
MONTHLY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=40), warn_window=timedelta(days=33)
)


def with_freshness(assets: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Say how old each asset may get: what runs hourly a few hours, the report a month."""
    return assets.map_asset_specs(
        lambda spec: spec.replace_attributes(
            freshness_policy=MONTHLY if spec.key in {keys.MONTHLY_REPORT, keys.MODELS} else HOURLY
        )
    )
