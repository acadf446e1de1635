"""Commands are served by the path the batch takes, and once."""

from __future__ import annotations

import sqlite3

import dagster as dg
import pytest

from ledger.entry import Actor
from orchestration import instance, worker
from orchestration.resources.warehouse import Warehouse
from orchestration.stages import landing
from orchestration.worker import Worker

PERSON = Actor("person", "officer-1")
OPEN_INVOICES = """
select tenant_id, connection_id, record_id from raw_xero.invoices
where json_extract_string(payload, '$.Status') = 'AUTHORISED'
  and cast(json_extract_string(payload, '$.AmountDue') as decimal(18, 3)) > 0
order by record_id limit 2
"""


@pytest.fixture
def invoices(platform):
    """Two open invoices of the sandbox, as tenant, connection and record."""
    landing.sync(platform, ("xero",))
    with platform.warehouse.open() as connection:
        return connection.execute(OPEN_INVOICES).fetchall()


def submit(platform, invoice):
    tenant_id, connection_id, record_id = invoice
    return worker.submit(
        platform,
        tenant_id=tenant_id,
        connection_id=connection_id,
        record_id=record_id,
        by=PERSON,
    )


def test_the_same_invoice_submitted_twice_is_one_command(platform):
    invoice = ("alder", "xero-001", "a-record")
    assert submit(platform, invoice) == submit(platform, invoice)
    (command,) = platform.ledger.projection("commands")
    assert command["status"] == "queued"
    assert platform.ledger.queue.stats()[worker.INVOICE_SUBMITTED] == {"open": 1}


def test_a_command_that_cannot_be_served_now_is_tried_again_later(platform):
    submit(platform, ("alder", "xero-001", "a-record"))
    path, lock = platform.warehouse.path, platform.places.lock
    platform.__dict__["warehouse"] = Warehouse(path, lock, timeout=0.1)
    with Warehouse(path, lock).held():
        assert Worker(platform, reports_events=False).once() == 1
    (task,) = _waiting(platform)
    assert task["attempts"] == 1
    assert "in use by process" in task["reason"]
    assert platform.ledger.queue.dead_letters() == []


class Interrupted(Worker):
    """A worker that something happens to while it decides."""

    def __init__(self, platform, happens):
        super().__init__(platform, reports_events=False)
        self._happens = happens

    def _decided(self, commands):
        self._happens(self)
        return {}


def test_a_failure_is_kept_without_the_words_of_a_record(platform):
    def happens(_worker):
        raise ValueError("cannot read 'Ann Lee'")

    submit(platform, ("alder", "xero-001", "a-record"))
    Interrupted(platform, happens).once()
    (task,) = _waiting(platform)
    assert task["reason"] == "ValueError"


def test_a_lost_lease_leaves_the_command_to_its_new_holder(platform, monkeypatch):
    def happens(served):
        served.stop()
        platform.ledger.queue.claim(worker.KINDS, 60)

    monkeypatch.setattr(worker, "_LEASE_SECONDS", 0.0)
    submit(platform, ("alder", "xero-001", "a-record"))
    assert Interrupted(platform, happens).run().commands == 0
    assert [row["status"] for row in platform.ledger.projection("commands")] == ["queued"]


def test_two_tenants_asking_about_one_record_id_get_their_own_receivable(platform):
    rows = [("alder", "xero-001", "same", "r-alder"), ("birch", "xero-009", "same", "r-birch")]
    with platform.warehouse.open() as connection:
        connection.execute("create schema marts_risk")
        connection.execute(
            "create table marts_risk.fct_receivables"
            " (tenant_id text, connection_id text, record_id text, receivable_id text)"
        )
        connection.executemany("insert into marts_risk.fct_receivables values (?, ?, ?, ?)", rows)
    for tenant_id, connection_id, record_id, _ in rows:
        submit(platform, (tenant_id, connection_id, record_id))
    tasks = platform.ledger.queue.claim(worker.KINDS, 60, limit=9)
    found = dict(Worker(platform)._receivables(tasks))
    assert {task.tenant_id: found[task.id] for task in tasks} == {
        "alder": "r-alder",
        "birch": "r-birch",
    }


def _waiting(platform) -> list[dict]:
    with sqlite3.connect(platform.places.ledger) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("select * from queue where state = 'open'")]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_submitted_invoice_is_decided_and_nothing_else_is(platform, invoices):
    command = submit(platform, invoices[0])
    served = Worker(platform)
    while served.once():
        pass
    (decision,) = platform.ledger.projection("decisions")
    (row,) = platform.ledger.projection("commands", key=command)
    assert row["status"] == "done"
    assert row["decision_id"] == decision["decision_id"]
    assert row["outcome"] == decision["outcome"]
    approved = decision["outcome"] == "approve"
    assert [p["status"] for p in platform.ledger.projection("payments")] == ["ACSC"] * approved
    with instance.opened(platform.places.dagster) as opened:
        told = opened.get_latest_materialization_event(dg.AssetKey(["decisions", "decisions"]))
    assert told is not None
    assert submit(platform, invoices[0]) == command
    assert served.once() == 0
