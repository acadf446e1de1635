"""Dagster's home under ``var/dagster``: its settings, written by us, and the opened instance.

One pool slot for everything that writes the warehouse, so that the screens show who waits for
whom; the operating-system lock of the warehouse is what really keeps writers apart. What steps
print is not captured (four helper processes per step would do it): logs go to ``var/logs``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

WAREHOUSE_POOL = "warehouse"

_OURS = "# Written at every start; change orchestration/instance.py instead."

CONFIGURATION = f"""\
{_OURS}
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  pools:
    default_limit: 1
    granularity: op
run_monitoring:
  enabled: true
  start_timeout_seconds: 120
  poll_interval_seconds: 30
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: 30
"""


def prepare(home: Path) -> Path:
    """Write ``dagster.yaml`` into the home and name the home in the environment.

    One that somebody else put there (Dagster's chart mounts its own) is left alone.
    """
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    found = target.read_text(encoding="utf-8") if target.is_file() else _OURS
    if found.startswith(_OURS) and found != CONFIGURATION:
        target.write_text(CONFIGURATION, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return target


@contextmanager
def opened(home: Path) -> Iterator[DagsterInstance]:
    """Open the instance of a home for the length of the block."""
    import dagster

    prepare(home)
    with dagster.DagsterInstance.from_config(str(home)) as instance:
        yield instance
