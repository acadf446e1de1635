"""One writer at a time, across processes, and none for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from orchestration.resources.warehouse import Warehouse, WarehouseBusyError, has_table

HOLD = """
import sys, time
from pathlib import Path
from orchestration.resources.warehouse import Warehouse
folder = Path(sys.argv[1])
with Warehouse(folder / "w.duckdb", folder / "w.lock").open() as connection:
    connection.execute("create table if not exists t as select 1 as one")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the warehouse open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().strip() == "held"
        yield process
        process.kill()


def test_a_second_process_is_told_who_holds_it(holder, tmp_path):
    with (
        pytest.raises(WarehouseBusyError, match=f"process {holder.pid}"),
        Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock", timeout=0.3).open(),
    ):
        pass


def test_a_killed_holder_frees_it_at_once(holder, tmp_path):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock", timeout=5).open() as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_a_child_that_outlives_its_holder_is_waited_for(tmp_path):
    """As dbt does when the run that started it is killed while it writes."""
    warehouse = Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock")
    assert warehouse.descriptors == ()
    with warehouse.held():
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"],
            stdin=subprocess.PIPE,
            pass_fds=warehouse.descriptors,
        )
    with child:
        with (
            pytest.raises(WarehouseBusyError),
            Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock", timeout=0.3).held(),
        ):
            pass
        child.stdin.close()
        child.wait()
    with Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock", timeout=5).held():
        pass


def test_it_waits_for_its_turn(tmp_path):
    warehouse = Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock")
    order = []
    holds = threading.Event()

    def first():
        with warehouse.held():
            order.append("first in")
            holds.set()
            time.sleep(0.2)
            order.append("first out")

    thread = threading.Thread(target=first)
    thread.start()
    assert holds.wait(timeout=30)
    with warehouse.held():
        order.append("second in")
    thread.join()
    assert order == ["first in", "first out", "second in"]


def test_one_thread_may_hold_it_more_than_once(tmp_path):
    warehouse = Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock", timeout=1)
    with warehouse.held(), warehouse.open() as connection:
        connection.execute("create table t as select 1 as one")
    assert warehouse.has("main", "t")
    assert not warehouse.has("main", "u")


def test_times_are_utc(tmp_path):
    with Warehouse(tmp_path / "w.duckdb", tmp_path / "w.lock").open() as connection:
        assert connection.execute("select current_setting('timezone')").fetchall() == [("UTC",)]
        assert not has_table(connection, "main", "nothing")
