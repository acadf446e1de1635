"""What to do first after a crash: name the dead runs and free what they held.

A run killed by ``kill -9`` stays "started" in Dagster and keeps its pool slot, and the next run
would wait for it for ever. Every process that executes a run holds an operating-system lock on a
file named after the run; the kernel drops it with the process, so a lock that can be taken means
that the run is dead. Work it had begun is safe: every step can be repeated, and what it owed to
the bank stands in the ledger's queue.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import logs

if TYPE_CHECKING:
    from dagster import DagsterInstance

_GRACE_SECONDS = 90.0


def _lock_path(home: Path, run_id: str) -> Path:
    return home / "alive" / f"{run_id}.lock"


@contextmanager
def alive(home: Path, run_id: str) -> Iterator[None]:
    """Show for the length of the block that the process executing a run lives."""
    path = _lock_path(home, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def is_alive(home: Path, run_id: str, *, started: float, now: float) -> bool:
    """Tell whether the process of a run lives.

    Args:
        home: Dagster's home.
        run_id: The run.
        started: When the run's status last moved, in seconds of the epoch; a young run may not have
            taken its lock yet and is given the benefit of the doubt.
        now: The present, in seconds of the epoch.
    """
    path = _lock_path(home, run_id)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return now - started < _GRACE_SECONDS
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def recover(instance: DagsterInstance, home: Path, *, now: float | None = None) -> list[str]:
    """Mark runs whose process is gone as failed and free their pool slots.

    Returns:
        The ids of the runs that were found dead.
    """
    from dagster import DagsterRunStatus, RunsFilter

    unfinished = [
        DagsterRunStatus.STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.CANCELING,
    ]
    moment = time.time() if now is None else now
    dead: list[str] = []
    for record in instance.get_run_records(RunsFilter(statuses=unfinished)):
        run = record.dagster_run
        if is_alive(home, run.run_id, started=record.update_timestamp.timestamp(), now=moment):
            continue
        instance.report_run_failed(run, "The process of this run is gone; marked at the next start")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        _lock_path(home, run.run_id).unlink(missing_ok=True)
        logs.get(__name__).warning("run.found_dead", run_id=run.run_id)
        dead.append(run.run_id)
    return dead
