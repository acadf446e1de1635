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
