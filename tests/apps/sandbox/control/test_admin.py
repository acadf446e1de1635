"""The admin endpoints show the world, move its clock and count what was asked."""

from __future__ import annotations

import pytest


def test_the_world_names_what_a_client_needs(client):
    world = client.world
    assert world["now"] == "2026-06-30T20:00:00Z"
    assert set(world["credentials"]) == {"xero", "dnb", "bank"}
    assert [o["seller_number"] for o in world["organisations"]] == [1, 2, 3]
    assert set(world["organisations"][0]) == {
        "xero_tenant_id", "name", "seller_number", "base_currency", "country", "tax_id",
        "collection_account_id", "payout_iban",
    }  # fmt: skip
    assert world["parameters"]["invoices"] == 600


def test_the_answer_key_is_not_served(client):
    for path in ("/answer_key.csv", "/admin/answer_key", "/admin/answers"):
        assert client.http.get(path).status_code == 404


def test_the_clock_hides_what_comes_later(client):
    headers = client.xero()
    counts = []
    for moment in ("2026-01-31T20:00:00Z", "2026-06-30T20:00:00Z", "2026-09-30T20:00:00Z"):
        answer = client.http.post("/admin/clock", json={"now": moment})
        assert answer.json() == {"now": moment}
        pages = client.list("Invoices", headers, page=1).json()["pagination"]
        counts.append(pages["itemCount"])
    assert counts[0] < counts[1] < counts[2]


def test_an_invoice_paid_later_is_open_before(client, rows):
    record, moment = rows(
        "select record_id, updated_ms from records where entity = 0 and status = 'PAID' "
        "and kind = 'ACCREC' and organisation = 1 and updated_ms > 1782849600000 limit 1"
    )[0]
    headers = client.xero()
    before = client.list(f"Invoices/{record}", headers)
    client.http.post("/admin/clock", json={"advance_days": 120})
    after = client.list(f"Invoices/{record}", headers).json()["Invoices"][0]
    assert after["Status"] == "PAID"
    assert before.status_code == 404 or before.json()["Invoices"][0]["Status"] != "PAID"
    assert moment > 0


@pytest.mark.parametrize("body", [{}, {"now": "yesterday"}, {"advance_days": "many"}])
def test_a_clock_nobody_can_read_is_refused(client, body):
    assert client.http.post("/admin/clock", json=body).status_code == 400


def test_requests_are_counted_per_path_and_status(client):
    client.http.delete("/admin/requests")
    headers = client.bank()
    for _ in range(3):
        client.http.get("/bank/v1/accounts", headers=headers)
    client.http.get("/bank/v1/accounts")
    counted = client.http.get("/admin/requests?counterpart=bank").json()
    found = {(r["path"], r["status"]): r["count"] for r in counted["requests"]}
    assert found["/bank/v1/accounts", 200] == 3
    assert found["/bank/v1/accounts", 401] == 1
    assert counted["total"] == 5


def test_limits_of_an_unknown_counterpart_are_refused(client):
    assert client.http.post("/admin/limits", json={"smtp": {}}).status_code == 400
