"""After a crash, dead runs are named and free their slots; living ones are left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import dagster as dg
import pytest

from orchestration import instance, recovery

HOLD = """
import sys, time
from pathlib import Path
from orchestration import recovery
with recovery.alive(Path(sys.argv[1]), sys.argv[2]):
    print("alive", flush=True)
    time.sleep(60)
"""
POOL = "warehouse"


@pytest.fixture
def opened(tmp_path):
    """An instance with the platform's own settings."""
    with instance.opened(tmp_path / "dagster") as found:
        yield found


@pytest.fixture
def started(opened):
    """A run that Dagster believes to be running, holding the pool's slot."""

    @dg.op(pool=POOL)
    def work() -> None: ...

    @dg.job
    def a_job() -> None:
        work()

    run = opened.create_run_for_job(a_job)
    opened.report_engine_event("starting", run)
    opened.handle_run_event(
        run.run_id,
        dg.DagsterEvent(event_type_value="PIPELINE_START", job_name="a_job", message="started"),
    )
    opened.event_log_storage.set_concurrency_slots(POOL, 1)
    claim = opened.event_log_storage.claim_concurrency_slot(POOL, run.run_id, "work")
    assert claim.is_claimed
    return run


@pytest.fixture
def living(opened, started, tmp_path):
    """Another process that executes the run."""
    home = tmp_path / "dagster"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), started.run_id], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().strip() == "alive"
        yield process
        process.kill()


def test_telemetry_is_off(opened):
    assert opened.telemetry_enabled is False


def test_a_living_run_is_left_alone(opened, started, living, tmp_path):
    assert recovery.recover(opened, tmp_path / "dagster") == []
    assert opened.get_run_by_id(started.run_id).status == dg.DagsterRunStatus.STARTED


def test_a_killed_run_is_failed_and_its_slot_freed(opened, started, living, tmp_path):
    os.kill(living.pid, signal.SIGKILL)
    living.wait()
    assert recovery.recover(opened, tmp_path / "dagster") == [started.run_id]
    assert opened.get_run_by_id(started.run_id).status == dg.DagsterRunStatus.FAILURE
    slots = opened.event_log_storage.get_concurrency_info(POOL)
    assert slots.claimed_slots == []


def test_a_young_run_without_a_lock_has_time_to_take_it(opened, started, tmp_path):
    home = tmp_path / "dagster"
    assert recovery.recover(opened, home) == []
    assert recovery.recover(opened, home, now=time.time() + 600) == [started.run_id]


def test_a_run_that_ended_well_leaves_no_lock(tmp_path):
    with recovery.alive(tmp_path, "a-run"):
        assert recovery.is_alive(tmp_path, "a-run", started=0, now=0)
    assert list((tmp_path / "alive").iterdir()) == []


def test_a_run_that_waited_long_in_the_queue_is_young_when_it_starts(opened, started, tmp_path):
    """What counts is when its status last moved, not when it was created."""
    home = tmp_path / "dagster"
    (database,) = home.rglob("runs.db")
    with closing(sqlite3.connect(database)) as runs, runs:
        runs.execute("update runs set create_timestamp = '2020-01-01 00:00:00'")
    assert recovery.recover(opened, home) == []
    assert recovery.recover(opened, home, now=time.time() + 3600) == [started.run_id]
