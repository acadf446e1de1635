"""What `ifp up` starts, and that the bank's events come in at its door."""

from __future__ import annotations

import os
import time
import uuid

import pytest

from orchestration import platform as platforms
from orchestration import services, settings
from orchestration.settlements import EVENT


@pytest.fixture
def found(start_sandbox, tmp_path, free_port):
    """Settings on a sandbox of its own: endpoints that are registered there stay."""
    own = start_sandbox(tmp_path / "sandbox", sellers=1, debtors=10, invoices=60)
    return settings.load(
        var=tmp_path / "var",
        sandbox_url=own.base_url,
        smtp_port=own.smtp_port,
        api_port=free_port,
    )


def test_a_taken_port_is_named_with_what_would_use_it(tmp_path, sandbox):
    port = int(sandbox.base_url.rpartition(":")[2])
    loaded = settings.load(var=tmp_path, api_port=port)
    assert ("API", port) in services.taken_ports(loaded)


def test_what_the_bank_announces_becomes_a_command_at_the_door(found):
    (door,) = [item for item in services.services(found) if item.name == "API"]
    with platforms.opened(found) as opened:
        assert opened.ledger.size() == 0
        secret = services.register_door(found, opened.counterparts.sandbox)
        environment = {
            **os.environ,
            "IFP_VAR": str(opened.places.var),
            "IFP_BANK_WEBHOOK_SECRET": secret,
        }
        with services._running(door, opened.places, environment):
            _await(lambda: not services.ports.is_free(found.host, found.api_port))
            seller = opened.counterparts.organisations[0]
            order = {
                "end_to_end_id": f"IFP{uuid.uuid4().hex}",
                "amount_minor": 12_345,
                "currency": "EUR",
                "creditor": {"name": seller.name, "iban": seller.payout_iban},
                "remittance": "Advance on invoice 1",
            }
            opened.bank.pay(order, key=uuid.uuid4().hex)
            _await(lambda: opened.ledger.queue.stats().get(EVENT))
        command = opened.ledger.latest("command")
        opened.ledger.close()
    assert command.entry.body["event"] == "payment_order.updated"
    assert seller.payout_iban.encode() not in command.canonical


def _await(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
