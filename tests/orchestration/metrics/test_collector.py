"""One scrape tells what the platform goes by, and a broken part keeps no other back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import duckdb
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ledger.heartbeats import Heartbeat
from orchestration.metrics.collector import PlatformCollector
from orchestration.resources.warehouse import WriterLock


@pytest.fixture
def scrape(watched):
    """Read everything once; give the value of each sample by name and labels."""
    registry = CollectorRegistry(auto_describe=False)
    backups = watched.where.var / "backups"
    registry.register(PlatformCollector(watched.ledger, watched.where, backups, watched.tally))

    def read() -> dict[tuple, float]:
        text = generate_latest(registry).decode()
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return read


@pytest.fixture
def published(watched, note):
    """A snapshot with a failed sync and a record in quarantine."""
    path = watched.where.published / "s1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema published")
        connection.execute(
            "create table published.syncs as select * from (values"
            " ('alder', 'x1', 'xero', 'invoices', 'failed', '2026-06-30 10:00:00+00'::timestamptz,"
            " '2026-06-30 10:00:05+00'::timestamptz),"
            " ('alder', 'x1', 'xero', 'invoices', 'ok', '2026-06-30 11:00:00+00'::timestamptz,"
            " '2026-06-30 11:00:05+00'::timestamptz),"
            " ('alder', 'x2', 'xero', 'invoices', 'failed', '2026-06-30 11:00:00+00'::timestamptz,"
            " '2026-06-30 11:00:09+00'::timestamptz))"
            " as t (tenant_id, connection_id, system, entity, status, started_at, finished_at)"
        )
        connection.execute(
            "create table published.quarantine as select 'alder' as tenant_id, 'xero' as system,"
            " 'AMOUNT' as reason_code, null::timestamptz as replayed_at"
        )
    note(
        "publication",
        snapshot_id="s1",
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        as_of="2026-06-30T11:30:00Z",
        tenants={"alder": {"state": "fresh", "snapshot_id": "s1"}},
    )


def test_an_empty_folder_is_told_as_such(scrape):
    found = scrape()
    assert found["ifp_part_readable", ("part", "ledger")] == 0
    assert found["ifp_part_readable", ("part", "var")] == 1
    assert found[("ifp_warehouse_lock_held",)] == 0


def test_the_queue_is_told_by_kind_and_state(scrape, ledger):
    with ledger.transaction() as tx:
        tx.enqueue("bank.pay", "alder", "k1", {})
        tx.enqueue("notice.send", "alder", "k2", {})
    with ledger.transaction() as tx:
        pass
    (task,) = ledger.queue.claim(["notice.send"], 60)
    with ledger.transaction() as tx:
        tx.fail(task, "no such mailbox")
    found = scrape()
    assert found["ifp_queue_tasks", ("kind", "bank.pay"), ("state", "open")] == 1
    assert found["ifp_queue_tasks", ("kind", "notice.send"), ("state", "dead")] == 1
    assert ("ifp_queue_oldest_open_timestamp_seconds", ("kind", "bank.pay")) in found


def test_counts_and_durations_of_the_ledger_are_told(scrape, ledger, note, clock):
    note("decision", decision_id="d1", outcome="approve")
    note("payment_instruction", end_to_end_id="e1", status="instructed")
    clock.move(90)
    note("payment_status", end_to_end_id="e1", status="ACSC")
    note("checkpoint", checkpoint="…")
    found = scrape()
    assert found[("ifp_ledger_entries",)] == ledger.size() == found[("ifp_ledger_tallied_entries",)]
    assert found["ifp_decisions_total", ("outcome", "approve"), ("tenant", "alder")] == 1
    assert found["ifp_payments", ("status", "ACSC"), ("tenant", "alder")] == 1
    assert found[("ifp_payment_duration_seconds_sum",)] == 90
    assert found["ifp_payment_duration_seconds_bucket", ("le", "60.0")] == 0
    assert found["ifp_payment_duration_seconds_bucket", ("le", "+Inf")] == 1
    assert found[("ifp_ledger_checkpoint_timestamp_seconds",)] == clock().timestamp()


def test_a_process_that_died_is_told_as_down(scrape, ledger):
    now, then = datetime.now(UTC), datetime(2026, 6, 30, tzinfo=UTC)
    ledger.heartbeats.beat(Heartbeat("worker", "a:1", then, now, "idle", then, {"tasks": 3}))
    ledger.heartbeats.beat(Heartbeat("worker", "a:2", then, then, "serving", then))
    found = scrape()
    assert found["ifp_process_up", ("instance", "a:1"), ("process", "worker")] == 1
    assert found["ifp_process_up", ("instance", "a:2"), ("process", "worker")] == 0
    work = ("ifp_process_work_total", ("instance", "a:1"), ("process", "worker"), ("what", "tasks"))
    assert found[work] == 3


@pytest.mark.usefixtures("published")
def test_the_latest_sync_of_each_connection_counts(scrape, clock):
    found = scrape()
    labels = (("status", "failed"), ("system", "xero"), ("tenant", "alder"))
    assert found["ifp_sync_connections", *labels] == 1
    assert found["ifp_sync_connections", ("status", "ok"), *labels[1:]] == 1
    assert found["ifp_quarantine_records", ("reason", "AMOUNT"), *labels[1:]] == 1
    assert found["ifp_snapshot_tenants", ("state", "fresh")] == 1
    assert found[("ifp_snapshot_file_present",)] == 1
    assert found[("ifp_snapshot_timestamp_seconds",)] == clock().timestamp()


def test_a_step_that_writes_the_warehouse_shows(scrape, watched):
    with WriterLock(watched.where.lock).held():
        found = scrape()
    assert found[("ifp_warehouse_lock_held",)] == 1
    assert found[("ifp_warehouse_lock_since_timestamp_seconds",)] > 0
    assert scrape()[("ifp_warehouse_lock_held",)] == 0
