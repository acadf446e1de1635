"""Each fault strikes the request it names, as often as it says, and then everything works again."""

from __future__ import annotations

import time

import httpx
import pytest

from apps.sandbox.control.faults import KINDS, Faults, UnknownFault


def _invoices(client, headers, **params):
    return client.list("Invoices", headers, page=1, pageSize=20, **params)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
@pytest.mark.parametrize("counterpart", ["xero", "dnb", "bank"])
def test_a_status_fault_answers_in_the_vendors_shape(client, counterpart, status):
    headers = getattr(client, counterpart)()
    paths = {
        "xero": "/xero/api.xro/2.0/Contacts",
        "dnb": "/dnb/v1/data/duns/1",
        "bank": "/bank/v1/accounts",
    }
    client.fault(counterpart, str(status), retry_after=7)
    answer = client.http.get(paths[counterpart], headers=headers)
    assert answer.status_code == status
    keys = {"xero": {"detail"}, "dnb": {"error", "transactiondetail"}, "bank": {"error"}}
    assert keys[counterpart] <= {key.lower() for key in answer.json()}
    if status == 429:
        assert answer.headers["Retry-After"] == "7"
    assert client.http.get(paths[counterpart], headers=headers).status_code != status


def test_a_fault_waits_and_is_spent(client):
    headers = client.xero()
    client.fault("xero", "500", times=2, after=1)
    codes = [_invoices(client, headers).status_code for _ in range(5)]
    assert codes == [200, 500, 500, 200, 200]


def test_a_fault_strikes_only_its_path(client):
    headers = client.xero()
    client.fault("xero", "500", path="/Payments")
    assert _invoices(client, headers).status_code == 200
    assert client.list("Payments", headers, page=1).status_code == 500


def test_token_calls_are_spared_unless_named(client):
    client.fault("bank", "500")
    assert client.bank()["Authorization"]
    client.http.delete("/admin/faults")
    client.fault("bank", "500", path="/oauth2/token")
    with pytest.raises(KeyError):
        client.bank()


@pytest.mark.parametrize("counterpart", ["xero", "bank"])
def test_an_expired_token_stays_expired_until_a_new_one_is_fetched(client, counterpart):
    path = {"xero": "/xero/api.xro/2.0/Contacts", "bank": "/bank/v1/accounts"}[counterpart]
    headers = getattr(client, counterpart)()
    client.fault(counterpart, "expired_token")
    codes = [client.http.get(path, headers=headers).status_code for _ in range(2)]
    fresh = getattr(client, counterpart)()
    assert [*codes, client.http.get(path, headers=fresh).status_code] == [401, 401, 200]


def test_a_truncated_answer_breaks_the_connection(client):
    headers = client.xero()
    client.fault("xero", "truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        _invoices(client, headers)
    assert _invoices(client, headers).status_code == 200


def test_a_malformed_answer_is_no_json(client):
    headers = client.xero()
    client.fault("xero", "malformed")
    answer = _invoices(client, headers)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|delimiter|Unterminated"):
        answer.json()


def test_a_renamed_field_is_missing_under_its_name(client):
    headers = client.xero()
    client.fault("xero", "renamed_field")
    client.fault("xero", "renamed_field", field="InvoiceID")
    first, second = (_invoices(client, headers).json()["Invoices"][0] for _ in range(2))
    assert "Total" not in first
    assert "InvoiceID" not in second
    assert "InvoiceIDRenamed" in second


def test_doubled_and_turned_records(client):
    headers = client.xero()
    plain = _invoices(client, headers).json()["Invoices"]
    client.fault("xero", "duplicate")
    client.fault("xero", "out_of_order")
    doubled = _invoices(client, headers).json()["Invoices"]
    turned = _invoices(client, headers).json()["Invoices"]
    assert doubled == [*plain, plain[0]]
    assert turned == plain[::-1]


def test_doubled_transactions_of_the_bank(client):
    headers = client.bank()
    account = client.world["organisations"][0]["collection_account_id"]
    path = f"/bank/v1/accounts/{account}/transactions"
    plain = client.http.get(path, headers=headers).json()["data"]
    client.fault("bank", "duplicate")
    assert client.http.get(path, headers=headers).json()["data"] == [*plain, plain[0]]


def test_a_slow_answer_is_late_but_right(client):
    headers = client.xero()
    client.fault("xero", "slow", seconds=0.5)
    began = time.monotonic()
    assert _invoices(client, headers).status_code == 200
    assert time.monotonic() - began >= 0.5


def test_a_hanging_request_runs_into_the_clients_deadline(client):
    headers = client.xero()
    client.fault("xero", "hang")
    with pytest.raises(httpx.ReadTimeout):
        client.http.get("/xero/api.xro/2.0/Contacts", headers=headers, timeout=1.5)
    assert _invoices(client, headers).status_code == 200


def test_faults_are_listed_and_cleared(client):
    client.fault("dnb", "slow", seconds=1, times=3)
    (fault,) = client.http.get("/admin/faults").json()["faults"]
    assert (fault["counterpart"], fault["fault"], fault["times"]) == ("dnb", "slow", 3)
    assert client.http.delete("/admin/faults").json() == {"cleared": 1}
    assert client.http.get("/admin/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "request_body", [{"counterpart": "xero", "fault": "boom"}, {"counterpart": "sap"}]
)
def test_an_unknown_fault_is_refused(client, request_body):
    assert client.http.post("/admin/faults", json=request_body).status_code == 400


def test_every_kind_can_be_switched_on():
    faults = Faults()
    for kind in KINDS:
        faults.add({"counterpart": "bank", "fault": kind})
    assert [fault["fault"] for fault in faults.listing()] == list(KINDS)
    with pytest.raises(UnknownFault):
        faults.add({"counterpart": "bank", "fault": "flood"})
