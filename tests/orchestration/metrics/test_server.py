"""The server answers while the platform is down, and says what is wrong with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from ledger.heartbeats import STOPPED, Heartbeat
from orchestration.metrics.server import create_app


@pytest.fixture
def client(watched):
    """Ask the server for a path."""
    transport = httpx.ASGITransport(create_app(watched))

    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as session:
            return await session.get(path, headers=headers)

    return lambda path, **headers: asyncio.run(ask(path, headers))


@pytest.fixture
def working(watched, ledger, note):
    """A platform that works: a worker is heard of, a snapshot is there."""
    now = datetime.now(UTC)
    ledger.heartbeats.beat(Heartbeat("worker", "a:1", now, now, "idle", now))
    (watched.where.published / "s1.duckdb").write_bytes(b"")
    note("publication", snapshot_id="s1", file="s1.duckdb", as_of="2026-06-30", tenants={})


def test_a_platform_that_works_is_ready(client, working):
    answer = client("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "faults": {}})


def test_an_empty_folder_is_alive_and_not_ready(client):
    assert client("/healthz").text == "ok\n"
    answer = client("/readyz")
    assert answer.status_code == 503
    assert "no ledger yet" in answer.json()["faults"]["ledger"]


def test_what_is_wrong_is_named_by_part(client, working, watched, ledger):
    then = datetime(2026, 6, 30, tzinfo=UTC)
    ledger.heartbeats.beat(Heartbeat("worker", "a:1", then, then, "serving", then))
    (watched.where.published / "s1.duckdb").unlink()
    faults = client("/readyz").json()["faults"]
    assert faults["worker"].startswith("not heard of since 2026-06-30")
    assert faults["snapshot"] == "the file of s1 is gone"


def test_a_worker_that_said_goodbye_is_missed(client, working, ledger):
    now = datetime.now(UTC)
    ledger.heartbeats.beat(Heartbeat("worker", "a:1", now, now, STOPPED, now))
    assert "none runs" in client("/readyz").json()["faults"]["worker"]


def test_metrics_come_in_the_form_that_was_asked_for(client, working):
    plain = client("/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    assert "# TYPE ifp_ledger_entries gauge" in plain.text
    assert 'ifp_build_info{ledger_revision="' in plain.text
    told = client("/metrics", Accept="application/openmetrics-text")
    assert told.text.endswith("# EOF\n")
