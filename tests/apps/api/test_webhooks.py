"""The door for the bank's signed events."""

import asyncio
import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from apps.api.webhooks import TASK_KIND, create_app
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
KEY = b"a secret of the bank"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
EVENT = {"type": "payment_order.updated", "data": {"id": "po_1", "end_to_end_id": "e2e-1"}}


@pytest.fixture
def own_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with one payment instruction of tenant alder."""
    with Ledger.open(tmp_path / "ledger.sqlite", keys=Keyring.generate()) as ledger:
        system = Actor("system", "orchestration")
        body = {"end_to_end_id": "e2e-1", "amount_minor": 1, "currency": "EUR"}
        ledger.append(Entry("payment_instruction", "alder", NOW, system, ("e2e-1",), body))
        yield ledger


def post(
    ledger: Ledger,
    event: object = EVENT,
    *,
    message_id: str = "msg_1",
    key: bytes = KEY,
    secret: str | None = SECRET,
) -> httpx.Response:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = str(int(NOW.timestamp()))
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, sha256).digest()
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    app = create_app(ledger, secret=secret, clock=lambda: NOW)

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return await client.post("/webhooks/bank", content=body, headers=headers)

    return asyncio.run(send())


def test_a_signed_event_becomes_a_command_and_a_task_of_its_tenant(own_ledger: Ledger):
    assert post(own_ledger).status_code == 202
    command = own_ledger.latest("command")
    assert command is not None
    assert command.entry.tenant_id == "alder"
    assert command.entry.body["reference"] == "e2e-1"
    (task,) = own_ledger.queue.claim([TASK_KIND], 30)
    assert task.tenant_id == "alder"
    assert task.payload["reference"] == "e2e-1"


def test_a_replayed_event_changes_nothing(own_ledger: Ledger):
    post(own_ledger)
    size = own_ledger.size()
    again = post(own_ledger)
    assert (again.status_code, again.json()) == (200, {"status": "already_received"})
    assert own_ledger.size() == size


@pytest.mark.parametrize("change", [{"key": b"guessed"}, {"secret": None}])
def test_an_unsigned_event_is_refused_and_leaves_no_trace(own_ledger: Ledger, change: dict):
    size = own_ledger.size()
    refused = post(own_ledger, **change)
    assert refused.status_code == 401
    assert set(refused.json()["error"]) == {"code", "message"}
    assert own_ledger.size() == size


def test_a_signed_body_that_is_no_event_is_refused(own_ledger: Ledger):
    assert post(own_ledger, b"[1, 2").status_code == 400


def test_an_oversized_body_is_refused_before_it_is_checked(own_ledger: Ledger):
    assert post(own_ledger, b"x" * 300_000).status_code == 413


def test_an_event_about_something_unknown_belongs_to_the_platform(own_ledger: Ledger):
    post(own_ledger, {"type": "account.closed", "data": {"id": "acc_9"}}, message_id="msg_7")
    command = own_ledger.latest("command")
    assert command is not None
    assert (command.entry.tenant_id, command.entry.body["reference"]) == ("platform", "acc_9")


def test_the_body_of_an_event_is_not_kept(own_ledger: Ledger):
    event = {"type": "payment_order.updated", "data": {"end_to_end_id": "e2e-1", "name": "Ann Lee"}}
    post(own_ledger, event)
    assert all(b"Ann Lee" not in stored.canonical for stored in own_ledger.entries())
