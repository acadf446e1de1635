"""The whole line once, in this process: what `ifp run` does, and what schedules do by Dagster.

It is the same job with the same assets; here the opened platform is handed in, so that the CLI's
options hold, and every step's beginning and end is told to whoever watches.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration import definitions, heartbeat, instance, recovery
from orchestration.partitions import month_of

if TYPE_CHECKING:
    from dagster import DagsterInstance, EventLogEntry

    from orchestration.platform import Platform

JOB = "everything"
OnStep = Callable[[str, bool], None]
"""Told a step's name and whether it ended."""


@dataclass(frozen=True)
class Line:
    """One run of the line.

    Attributes:
        run_id: Dagster's id of the run.
        is_success: Whether every step ended well.
        failed_steps: Steps that did not, with the cause.
        checks: Evaluations of asset checks: passed, warned, failed.
    """

    run_id: str
    is_success: bool
    failed_steps: dict[str, str]
    checks: dict[str, int]


def run(platform: Platform, *, on_step: OnStep | None = None) -> Line:
    """Take everything through every stage once.

    Args:
        platform: The opened platform; its clock says as of when.
        on_step: Told about every step.
    """
    found = definitions.build(platform.settings, platform.places)
    job = found.resolve_job_def(JOB)
    home = platform.places.dagster
    run_id = str(uuid.uuid4())
    with instance.opened(home) as opened:
        recovery.recover(opened, home)
        if on_step is not None:
            opened.add_event_listener(run_id, _teller(on_step))
        with recovery.alive(home, run_id), heartbeat.beating(platform.ledger, "run") as beat:
            beat.now("running")
            result = job.execute_in_process(
                run_id=run_id,
                instance=opened,
                partition_key=month_of(platform.clock.as_of),
                resources={"platform": platform},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={"ifp/started_by": "ifp run"},
                raise_on_error=False,
            )
        return Line(
            run_id=run_id,
            is_success=result.success,
            failed_steps=_failures(opened, run_id),
            checks=_checks(result.get_asset_check_evaluations()),
        )


def _teller(on_step: OnStep) -> Callable[[EventLogEntry], None]:
    def tell(entry: EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        if event.is_step_start:
            on_step(event.step_key, False)
        elif event.is_step_success or event.is_step_failure:
            on_step(event.step_key, True)

    return tell


def _failures(opened: DagsterInstance, run_id: str) -> dict[str, str]:
    from dagster import DagsterEventType

    failures: dict[str, str] = {}
    for record in opened.all_logs(run_id, of_type=DagsterEventType.STEP_FAILURE):
        event = record.dagster_event
        if event is not None and event.step_key is not None:
            error = event.step_failure_data.error
            cause = error.cause if error is not None and error.cause is not None else error
            failures[event.step_key] = "unknown" if cause is None else cause.message.strip()
    return failures


def _checks(evaluations: Any) -> dict[str, int]:  # noqa: ANN401 - a sequence of Dagster's own
    from dagster import AssetCheckSeverity

    counts = {"passed": 0, "warned": 0, "failed": 0}
    for item in evaluations:
        if item.passed:
            counts["passed"] += 1
        elif item.severity == AssetCheckSeverity.WARN:
            counts["warned"] += 1
        else:
            counts["failed"] += 1
    return counts
