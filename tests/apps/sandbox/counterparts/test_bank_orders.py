"""Payment orders are taken once per key, move step by step, and reject what cannot be paid."""

from __future__ import annotations

import shutil
from itertools import count

import httpx
import pytest

_NUMBERS = count(1)


def _body(client, **changes):
    organisation = client.world["organisations"][0]
    number = next(_NUMBERS)
    return {
        "end_to_end_id": f"E2E-{number}",
        "amount_minor": 10_000 + number,
        "currency": "EUR",
        "creditor": {"name": organisation["name"], "iban": organisation["payout_iban"]},
        "remittance": "Advance",
        **changes,
    }


def _send(client, body, key):
    headers = {**client.bank(), "Idempotency-Key": key}
    return client.http.post("/bank/v1/payment-orders", json=body, headers=headers)


def _status(client, order_id):
    answer = client.http.get(f"/bank/v1/payment-orders/{order_id}", headers=client.bank())
    return answer.json()["status"], answer.json()["reason"]


def test_the_same_key_and_body_make_one_order(client):
    body = _body(client)
    first, again = _send(client, body, "key-once"), _send(client, body, "key-once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    orders = client.http.get("/admin/payment-orders").json()["payment_orders"]
    assert sum(o["end_to_end_id"] == body["end_to_end_id"] for o in orders) == 1


def test_the_same_key_with_another_body_is_a_conflict(client):
    body = _body(client)
    _send(client, body, "key-conflict")
    answer = _send(client, {**body, "amount_minor": 1}, "key-conflict")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"


def test_an_order_moves_one_step_each_time_it_is_asked_for(client):
    order = _send(client, _body(client), "key-steps").json()
    assert order["status"] == "RCVD"
    steps = [_status(client, order["id"])[0] for _ in range(4)]
    assert steps == ["ACTC", "ACSP", "ACSC", "ACSC"]


def test_a_settled_order_is_debited_from_the_funding_account(client):
    body = _body(client, currency="GBP")
    order = _send(client, body, "key-debit").json()
    for _ in range(3):
        _status(client, order["id"])
    path = "/bank/v1/accounts/funding-GBP/transactions"
    found = client.http.get(path, headers=client.bank()).json()["data"]
    debit = next(t for t in found if t["end_to_end_id"] == body["end_to_end_id"])
    assert debit["amount_minor"] == -body["amount_minor"]


@pytest.mark.parametrize(
    ("account", "reason"), [("closed_iban", "AC04"), ("unknown_iban", "AC03"), (None, "AC01")]
)
def test_orders_to_wrong_accounts_are_rejected(client, account, reason):
    number = client.world["test_accounts"][account] if account else "DE00123"
    body = _body(client, creditor={"name": "Anybody", "iban": number})
    order = _send(client, body, f"key-{reason}").json()
    assert _status(client, order["id"]) == ("RJCT", reason)
    assert _status(client, order["id"]) == ("RJCT", reason)


def test_orders_are_found_by_end_to_end_id(client):
    body = _body(client)
    order = _send(client, body, "key-find").json()
    answer = client.http.get(
        "/bank/v1/payment-orders",
        params={"end_to_end_id": body["end_to_end_id"]},
        headers=client.bank(),
    ).json()
    assert [found["id"] for found in answer["data"]] == [order["id"]]


def test_an_order_needs_a_key_and_all_fields(client):
    body = _body(client)
    assert _send(client, body, "").status_code == 422
    assert _send(client, {**body, "creditor": None}, "key-empty").status_code == 422
    assert _send(client, {**body, "amount_minor": -5}, "key-negative").status_code == 422
    assert _send(client, {**body, "creditor": {"name": "x"}}, "key-half").status_code == 422


def test_orders_and_keys_survive_a_restart(start_sandbox, small_world, tmp_path, client):
    size = {"seed": 7, "sellers": 3, "debtors": 30, "invoices": 600, "months": 12}
    state = tmp_path / "state"
    shutil.copytree(small_world, state)
    body = _body(client)
    answers = []
    for _ in range(2):
        running = start_sandbox(state, **size)
        with httpx.Client(base_url=running.base_url, trust_env=False) as http:
            fresh = type(client)(http, http.get("/admin/world").json())
            answers.append(_send(fresh, body, "key-restart"))
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
