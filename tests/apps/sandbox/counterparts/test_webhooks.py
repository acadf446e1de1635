"""The bank's announcements are signed as Standard Webhooks and arrive at registered addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from itertools import count

import pytest

from apps.sandbox.counterparts.webhooks import new_secret, sign

_NUMBERS = count(1)


def _pay(client):
    number = next(_NUMBERS)
    body = {
        "end_to_end_id": f"HOOK-{number}",
        "amount_minor": 500,
        "currency": "EUR",
        "creditor": {"name": "x", "iban": client.world["organisations"][0]["payout_iban"]},
    }
    headers = {**client.bank(), "Idempotency-Key": f"hook-{number}"}
    return client.http.post("/bank/v1/payment-orders", json=body, headers=headers).json()


def _received(client, name, least):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = client.http.get(f"/admin/webhooks/{name}").json()["webhooks"]
        if len(found) >= least:
            return found
        time.sleep(0.05)
    pytest.fail(f"{least} webhooks did not arrive")


@pytest.fixture
def registered(client):
    def register(name):
        url = f"{str(client.http.base_url).rstrip('/')}/sink/webhooks/{name}"
        answer = client.http.post(
            "/bank/v1/webhook-endpoints", json={"url": url}, headers=client.bank()
        )
        assert answer.status_code == 201
        return answer.json()

    return register


def test_a_signature_is_the_standards(client):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    wanted = hmac.new(key, b'msg_1.1614265330.{"test": 2432232314}', hashlib.sha256).digest()
    found = sign(secret, "msg_1", 1614265330, b'{"test": 2432232314}')
    assert found == "v1," + base64.b64encode(wanted).decode()
    assert new_secret().startswith("whsec_")


def test_an_announcement_arrives_with_a_valid_signature(client, registered):
    endpoint = registered("valid")
    order = _pay(client)
    message = _received(client, "valid", 1)[0]
    headers, body = message["headers"], message["body"].encode()
    wanted = sign(
        endpoint["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body
    )
    assert headers["webhook-signature"] == wanted
    event = json.loads(body)
    assert event["type"] == "payment_order.updated"
    assert event["data"]["id"] == order["id"]


def test_the_default_secret_is_the_published_one(client, registered):
    assert registered("default")["secret"] == client.world["credentials"]["bank"]["webhook_secret"]


def test_every_step_is_announced(client, registered):
    registered("steps")
    order = _pay(client)
    for _ in range(3):
        client.http.get(f"/bank/v1/payment-orders/{order['id']}", headers=client.bank())
    events = [json.loads(m["body"])["data"] for m in _received(client, "steps", 4)]
    statuses = {event["status"] for event in events if event["id"] == order["id"]}
    assert statuses == {"RCVD", "ACTC", "ACSP", "ACSC"}


def test_a_refused_delivery_is_sent_again_under_the_same_id(client, registered):
    registered("retry")
    client.fault("webhook", "500", path="/sink/webhooks/retry")
    _pay(client)
    found = _received(client, "retry", 1)
    assert len(found) == 1
    counts = client.http.get("/admin/requests?counterpart=webhook").json()["requests"]
    retried = {r["status"]: r["count"] for r in counts if r["path"].endswith("/retry")}
    assert retried == {500: 1, 200: 1}


def test_a_doubled_delivery_has_one_id(client, registered):
    registered("double")
    client.fault("webhook", "duplicate", path="/deliver")
    _pay(client)
    found = _received(client, "double", 2)
    assert len({message["headers"]["webhook-id"] for message in found}) == 1


def test_a_held_announcement_arrives_after_the_next(client, registered):
    registered("order")
    client.fault("webhook", "out_of_order", path="/deliver")
    first, second = _pay(client), _pay(client)
    events = [json.loads(m["body"])["data"]["id"] for m in _received(client, "order", 2)]
    assert events == [second["id"], first["id"]]


def test_endpoints_are_listed_without_secrets(client, registered):
    registered("listed")
    answer = client.http.get("/bank/v1/webhook-endpoints", headers=client.bank()).json()
    assert any(endpoint["url"].endswith("/listed") for endpoint in answer["data"])
    assert all(set(endpoint) == {"id", "url"} for endpoint in answer["data"])
