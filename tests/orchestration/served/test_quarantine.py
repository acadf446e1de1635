"""A correction asked for on a page lands by the door of everything else."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from ingestion.tables import ensure_tables
from ledger.entry import Actor, Entry
from orchestration.worker import Worker

KIND = "command.quarantine_corrected"
PERSON = Actor("person", "anna")
INVOICE = {
    "InvoiceID": "i-1",
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Contact": {"ContactID": "c-1"},
    "Date": "/Date(1780000000000)/",
    "CurrencyCode": "EUR",
    "Total": 100.0,
    "TotalTax": 0.0,
    "AmountDue": 100.0,
    "UpdatedDateUTC": "/Date(1780000000000)/",
}


def refuse(platform):
    """Put one invoice into quarantine."""
    ensure_tables(platform.warehouse.path)
    now = datetime(2026, 6, 30, tzinfo=UTC)
    row = ["q-1", "alder", "xero-001", "xero", "invoices", "i-1", "GET /Invoices", "page", 0,
           "{", "utf-8", "shape_changed", "it ends early", None, None, now, None, None]  # fmt: skip
    with platform.warehouse.open() as connection:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into raw_quarantine.records values ({marks})", row)


def ask(platform, content, *, tenant="alder"):
    """Append the command as a page does, serve it, give its state."""
    payload = {"command_id": "command-1", "quarantine_id": "q-1"}
    body = {**payload, "command": "quarantine_corrected", "status": "queued"}
    entry = Entry("command", tenant, platform.clock.as_of, PERSON, (KIND, "q-1"), body,
                  content, None if content is None else "q-1")  # fmt: skip
    with platform.ledger.transaction() as tx:
        tx.append(entry)
        tx.enqueue(KIND, tenant, f"{KIND}:command-1", payload)
    assert Worker(platform, reports_events=False)._serve_desk() == 1
    (state,) = platform.ledger.projection("commands", key="command-1")
    return state


def test_corrected_bytes_land_and_close_the_row(platform):
    refuse(platform)
    state = ask(platform, json.dumps(INVOICE).encode())
    assert (state["status"], state["landed"]) == ("done", 1)
    with platform.warehouse.open() as connection:
        held = connection.execute("select record_id from raw_xero.invoices").fetchall()
        resolved = connection.execute("select resolution from raw_quarantine.records").fetchall()
    assert (held, resolved) == ([("i-1",)], [("replayed",)])


def test_another_tenants_record_is_refused(platform):
    refuse(platform)
    assert ask(platform, b"{}", tenant="birch")["status"] == "refused"


def test_a_command_without_bytes_is_refused(platform):
    refuse(platform)
    state = ask(platform, None)
    assert (state["status"], state["reason"]) == (
        "refused",
        "the command holds no corrected bytes",
    )
