"""Credit decisions follow the bank's rules and are given once per key."""

from __future__ import annotations

from itertools import count

import pytest

_NUMBERS = count(1)


def _ask(client, key=None, **changes):
    number = next(_NUMBERS)
    body = {
        "request_id": f"request-{number}",
        "seller_name": "Seller",
        "debtor_name": "Debtor",
        "debtor_tax_id": "DE1",
        "face_minor": 100_000,
        "advance_minor": 80_000,
        "currency": "EUR",
        "due_on": "2026-08-01",
        "grade": "B",
        **changes,
    }
    headers = {**client.bank(), "Idempotency-Key": key or f"credit-{number}"}
    return client.http.post("/bank/v1/credit-decisions", json=body, headers=headers)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"request_id": "plain"}, "approved", None),
        ({"grade": "F"}, "declined", "GRADE_BELOW_CUT_OFF"),
        ({"face_minor": 900_000_000}, "declined", "LIMIT_EXCEEDED"),
    ],
)
def test_a_request_is_decided_by_rule(client, changes, status, reason):
    answer = _ask(client, **changes)
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["reason"]) == (status, reason)


def test_an_insolvent_debtor_is_declined(client, rows):
    name = rows(
        "select name from companies where json_extract(profile, '$.failed_on') is not null "
        "and json_extract(profile, '$.failed_on') < 739797"
    )
    if not name:
        pytest.skip("nobody has failed in this small world")
    assert _ask(client, debtor_name=name[0][0]).json()["reason"] == "DEBTOR_INSOLVENT"


def test_a_pending_decision_is_made_by_the_next_time_asked(client):
    for number in range(400):
        answer = _ask(client, request_id=f"maybe-{number}").json()
        if answer["status"] == "pending":
            break
    path = f"/bank/v1/credit-decisions/{answer['id']}"
    later = client.http.get(path, headers=client.bank()).json()
    assert (later["status"], later["limit_minor"]) == ("approved", 100_000)


def test_the_same_key_gets_the_same_decision(client):
    first = _ask(client, key="credit-key", request_id="same")
    again = _ask(client, key="credit-key", request_id="same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_an_unknown_decision_is_not_found(client):
    answer = client.http.get("/bank/v1/credit-decisions/x", headers=client.bank())
    assert answer.status_code == 404
