"""Tests can change, delete, hide and restore one record; clients see it as any other change."""

from __future__ import annotations


def _one(client, headers, entity="Invoices", **params):
    return client.list(entity, headers, page=1, pageSize=1, **params).json()[entity][0]


def _change(client, invoice, **what):
    body = {
        "organisation": client.world["organisations"][0]["xero_tenant_id"],
        "entity": "invoices",
        "id": invoice["InvoiceID"],
        **what,
    }
    return client.http.post("/admin/records", json=body)


def _read(client, headers, invoice):
    answer = client.list(f"Invoices/{invoice['InvoiceID']}", headers)
    return answer.json()["Invoices"][0] if answer.status_code == 200 else None


def test_a_changed_record_shows_up_as_modified(client):
    headers = client.xero()
    invoice = _one(client, headers, where='Type=="ACCREC"')
    assert _change(client, invoice, set={"Reference": "changed"}).status_code == 200
    now = client.http.get("/admin/world").json()["now"][:-1]
    modified = client.list("Invoices", headers, page=1, since=now).json()["Invoices"]
    assert (invoice["InvoiceID"], "changed") in {
        (found["InvoiceID"], found["Reference"]) for found in modified
    }


def test_a_changed_record_no_longer_changes_by_itself(client):
    headers = client.xero()
    invoice = _one(client, headers, where='Type=="ACCREC" AND Status=="AUTHORISED"')
    _change(client, invoice, set={"Reference": "kept"})
    client.http.post("/admin/clock", json={"advance_days": 120})
    found = client.list("Invoices", headers, page=1, IDs=invoice["InvoiceID"]).json()["Invoices"]
    assert [entry["Reference"] for entry in found] == ["kept"]


def test_untouched_fields_keep_their_bytes(client):
    headers = client.xero()
    invoice = _one(client, headers)
    before = client.list(f"Invoices/{invoice['InvoiceID']}", headers).text
    _change(client, invoice, set={"Reference": "bytes"})
    after = client.list(f"Invoices/{invoice['InvoiceID']}", headers).text
    lines = slice(before.index('"LineItems"'), before.index('"UpdatedDateUTC"'))
    assert before[lines] in after


def test_a_deleted_record_stays_readable_and_returns(client):
    headers = client.xero()
    invoice = _one(client, headers, where='Status=="AUTHORISED"')
    _change(client, invoice, delete=True)
    assert _read(client, headers, invoice)["Status"] == "DELETED"
    deleted = client.list("Invoices", headers, page=1, where='Status=="DELETED"').json()
    assert invoice["InvoiceID"] in {i["InvoiceID"] for i in deleted["Invoices"]}
    _change(client, invoice, restore=True)
    assert _read(client, headers, invoice)["Status"] == "AUTHORISED"


def test_a_hidden_record_is_gone_and_returns(client):
    headers = client.xero()
    invoice = _one(client, headers)
    _change(client, invoice, vanish=True)
    assert _read(client, headers, invoice) is None
    _change(client, invoice, restore=True)
    assert _read(client, headers, invoice)["Total"] == invoice["Total"]


def test_an_archived_contact_is_a_deleted_one(client):
    headers = client.xero()
    contact = _one(client, headers, "Contacts")
    body = {
        "organisation": client.world["organisations"][0]["xero_tenant_id"],
        "entity": "contacts",
        "id": contact["ContactID"],
        "delete": True,
    }
    assert client.http.post("/admin/records", json=body).json()["ContactStatus"] == "ARCHIVED"


def test_unknown_records_are_refused(client):
    assert _change(client, {"InvoiceID": "nothing"}, delete=True).status_code == 404
    body = {"organisation": "nobody", "entity": "invoices", "id": "x"}
    assert client.http.post("/admin/records", json=body).status_code == 404
