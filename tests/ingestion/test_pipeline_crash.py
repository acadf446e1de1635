"""Killed anywhere and run again: the same rows, each version once, no report lost."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from ingestion.tables import RAW_TABLES, open_warehouse

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
SCRIPT = """
import json, os, signal, sys
from datetime import datetime
from pathlib import Path
from pydantic import SecretStr
from ingestion import pipeline
from ingestion.connection import Connection

given = json.loads(sys.argv[1])
seen = 0

def reach(progress):
    global seen
    if progress.step == given["step"]:
        seen += 1
        if seen == given["times"]:
            os.kill(os.getpid(), signal.SIGKILL)

connections = [
    Connection(**{**one, "credentials": {k: SecretStr(v) for k, v in one["credentials"].items()}})
    for one in given["connections"]
]
pipeline.sync(
    connections,
    warehouse=Path(given["warehouse"]),
    var=Path(given["var"]),
    now=datetime.fromisoformat(given["now"]),
    on_progress=reach,
)
"""
CONTENT = """
    select tenant_id, connection_id, record_id, modified_at, is_deleted, payload_sha256, position,
        fetched_at
    from raw_xero.{entity} order by 1, 2, 3, fetched_at
"""


def run(tmp_path, connections, now, step, times=1):
    plain = [
        {
            "tenant_id": one.tenant_id,
            "connection_id": one.connection_id,
            "system": one.system,
            "base_url": one.base_url,
            "token_url": one.token_url,
            "credentials": {k: v.get_secret_value() for k, v in one.credentials.items()},
            "options": dict(one.options),
        }
        for one in connections
    ]
    given = {
        "connections": plain,
        "warehouse": str(tmp_path / "w.duckdb"),
        "var": str(tmp_path),
        "now": now.isoformat(),
        "step": step,
        "times": times,
    }
    command = [sys.executable, "-c", SCRIPT, json.dumps(given)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def content(tmp_path):
    with open_warehouse(tmp_path / "w.duckdb") as session:
        tables = {
            entity: session.execute(CONTENT.format(entity=entity)) for entity in RAW_TABLES["xero"]
        }
        totals = session.execute(
            "select connection_id, entity, currency, record_count, amount_text"
            " from raw_sync.control_totals group by all order by all"
        )
        entities = session.execute(
            "select distinct connection_id, entity, status from raw_sync.entities order by all"
        )
    return tables, totals, entities


@pytest.fixture(scope="module")
def connections(sandbox, world_connections):
    return world_connections(sandbox, "xero")[:2]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, connections):
    folder = tmp_path_factory.mktemp("undisturbed")
    done = run(folder, connections, NOW, "never")
    assert done.returncode == 0, done.stderr
    return content(folder)


@pytest.mark.parametrize(
    ("step", "times"),
    [
        pytest.param("reading", 3, marks=pytest.mark.slow),
        ("extracted", 1),
        pytest.param("normalised", 1, marks=pytest.mark.slow),
        pytest.param("quarantined", 1, marks=pytest.mark.slow),
        ("loaded", 1),
        pytest.param("reported", 1, marks=pytest.mark.slow),
    ],
)
def test_killed_and_run_again_the_warehouse_is_the_same(
    tmp_path, connections, undisturbed, step, times
):
    killed = run(tmp_path, connections, NOW, step, times)
    assert killed.returncode == -9, killed.stderr

    again = run(tmp_path, connections, NOW, "never")

    assert again.returncode == 0, again.stderr
    assert content(tmp_path) == undisturbed


def test_a_load_cut_off_between_two_tables_is_taken_back(tmp_path, connections, undisturbed):
    assert run(tmp_path, connections, NOW, "never").returncode == 0
    with open_warehouse(tmp_path / "w.duckdb") as session:
        session.execute("delete from raw_xero._dlt_loads")
        session.execute("delete from raw_xero.payments")
        session.execute("delete from raw_sync.entities")
        session.execute("delete from raw_sync.control_totals")

    assert run(tmp_path, connections, NOW, "never").returncode == 0
    assert content(tmp_path) == undisturbed
