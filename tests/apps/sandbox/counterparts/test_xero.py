"""The ledger software answers as the real one: tokens, tenants, paging, filters, limits, errors."""

from __future__ import annotations

import re

import pytest


def _is_sale(invoice, status):
    return invoice["Type"] == "ACCREC" and invoice["Status"] == status


def _stamps(records):
    return [int(re.search(r"-?\d+", record["UpdatedDateUTC"])[0]) for record in records]


def test_a_wrong_secret_gets_no_token(client):
    answer = client.http.post(
        "/xero/connect/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox-xero", "guess"),
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_a_token_lasts_thirty_minutes(client):
    given = client.world["credentials"]["xero"]
    form = {**given, "grant_type": "client_credentials"}
    answer = client.http.post("/xero/connect/token", data=form).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 1800)


def test_an_unknown_token_is_unauthorised(client):
    headers = {**client.xero(), "Authorization": "Bearer nothing"}
    answer = client.list("Invoices", headers, page=1)
    assert answer.status_code == 401
    assert answer.json()["Detail"] == "AuthenticationUnsuccessful"


def test_a_foreign_tenant_is_forbidden_in_lower_case(client):
    headers = {**client.xero(), "Xero-tenant-id": "00000000-0000-4000-8000-000000000000"}
    answer = client.list("Invoices", headers, page=1)
    assert answer.status_code == 403
    assert {"title", "status", "detail", "instance"} <= set(answer.json())


def test_connections_list_every_organisation(client):
    answer = client.http.get("/xero/connections", headers=client.xero()).json()
    tenants = [connection["tenantId"] for connection in answer]
    assert tenants == [o["xero_tenant_id"] for o in client.world["organisations"]]


def test_pages_add_up_to_the_whole_and_end_empty(client):
    headers = client.xero()
    first = client.list("Invoices", headers, page=1, pageSize=50).json()
    pages = first["pagination"]["pageCount"]
    ids = []
    for page in range(1, pages + 1):
        answer = client.list(
            "Invoices", headers, page=page, pageSize=50, order="UpdatedDateUTC ASC"
        )
        ids += [invoice["InvoiceID"] for invoice in answer.json()["Invoices"]]
    assert len(ids) == len(set(ids)) == first["pagination"]["itemCount"]
    after = client.list("Invoices", headers, page=pages + 1, pageSize=50).json()
    assert after["Invoices"] == []


def test_the_default_page_size_is_one_hundred(client):
    answer = client.list("Payments", client.xero(), page=1).json()
    assert answer["pagination"]["pageSize"] == 100
    assert len(answer["Payments"]) <= 100


def test_a_page_larger_than_a_thousand_is_a_validation_error(client):
    answer = client.list("Invoices", client.xero(), page=1, pageSize=1001)
    assert answer.status_code == 400
    assert set(answer.json()) == {"ErrorNumber", "Type", "Message", "Elements"}


def test_lists_without_page_carry_no_line_items(client):
    headers = client.xero()
    unpaged = client.list("Invoices", headers).json()
    paged = client.list("Invoices", headers, page=1, pageSize=1000).json()
    assert "pagination" not in unpaged
    assert len(unpaged["Invoices"]) == paged["pagination"]["itemCount"]
    assert not any(invoice["LineItems"] for invoice in unpaged["Invoices"])
    assert all(invoice["LineItems"] for invoice in paged["Invoices"])


def test_a_summary_carries_neither_lines_nor_payments(client):
    answer = client.list("Invoices", client.xero(), page=1, pageSize=1000, summaryOnly="true")
    for invoice in answer.json()["Invoices"]:
        assert not invoice["LineItems"]
        assert not invoice["Payments"]


def test_one_invoice_is_found_by_id_and_by_number(client):
    headers = client.xero()
    invoice = client.list("Invoices", headers, page=1).json()["Invoices"][0]
    for key in (invoice["InvoiceID"], invoice["InvoiceNumber"]):
        answer = client.list(f"Invoices/{key}", headers).json()["Invoices"]
        assert answer == [invoice]
    assert client.list("Invoices/nothing", headers).status_code == 404


def test_modified_since_gives_what_changed_then_or_later(client):
    headers = client.xero()
    everything = client.list(
        "Invoices", headers, page=1, pageSize=1000, order="UpdatedDateUTC ASC"
    ).json()["Invoices"]
    middle = everything[len(everything) // 2]
    since = middle["UpdatedDateUTCString"][:19].replace(" ", "T")
    later = client.list("Invoices", headers, page=1, pageSize=1000, since=since).json()["Invoices"]
    bound = _stamps([middle])[0]
    assert middle["InvoiceID"] in {invoice["InvoiceID"] for invoice in later}
    assert len(later) == sum(stamp >= bound for stamp in _stamps(everything))
    http_date = client.list(
        "Invoices", headers, page=1, since="Wed, 01 Jan 2020 00:00:00 GMT"
    ).json()
    assert http_date["pagination"]["itemCount"] == len(everything)


@pytest.mark.parametrize(
    ("where", "check"),
    [
        ('Type=="ACCREC"', lambda i: i["Type"] == "ACCREC"),
        ('Type=="ACCPAY"', lambda i: i["Type"] == "ACCPAY"),
        ('Type=="ACCREC" AND Status=="PAID"', lambda i: _is_sale(i, "PAID")),
        ('(Status=="VOIDED" OR Status=="DELETED")', lambda i: i["Status"] in {"VOIDED", "DELETED"}),
        ("AmountDue>1000.50", lambda i: i["AmountDue"] > 1000.5),
        ("Date>=DateTime(2026, 1, 1)", lambda i: i["DateString"] >= "2026"),
        ('CurrencyCode!="EUR"', lambda i: i["CurrencyCode"] != "EUR"),
        ("SentToContact==true", lambda i: i["SentToContact"]),
    ],
)
def test_where_filters_as_it_says(client, where, check):
    headers = client.xero()
    everything = client.list("Invoices", headers, page=1, pageSize=1000).json()["Invoices"]
    found = client.list("Invoices", headers, page=1, pageSize=1000, where=where)
    wanted = {invoice["InvoiceID"] for invoice in everything if check(invoice)}
    assert {invoice["InvoiceID"] for invoice in found.json()["Invoices"]} == wanted


def test_where_finds_the_invoices_of_a_contact(client):
    headers = client.xero()
    contact = client.list("Invoices", headers, page=1).json()["Invoices"][0]["Contact"]["ContactID"]
    where = f'Contact.ContactID==guid("{contact}")'
    found = client.list("Invoices", headers, page=1, where=where).json()["Invoices"]
    assert {invoice["Contact"]["ContactID"] for invoice in found} == {contact}
    by_list = client.list("Invoices", headers, page=1, ContactIDs=contact).json()["Invoices"]
    assert by_list == found


@pytest.mark.parametrize(
    "where", ["Type=", 'Type=="A" AND', "1==1", "Type==ACCREC; drop", '("x")', "Total ~ 1"]
)
def test_a_where_nobody_can_read_is_a_query_error(client, where):
    answer = client.list("Invoices", client.xero(), page=1, where=where)
    assert answer.status_code == 400
    assert answer.json()["Type"] == "QueryParseException"


def test_order_sorts_both_ways(client):
    headers = client.xero()
    for direction, reverse in (("ASC", False), ("DESC", True)):
        answer = client.list(
            "Invoices", headers, page=1, pageSize=1000, order=f"UpdatedDateUTC {direction}"
        )
        stamps = _stamps(answer.json()["Invoices"])
        assert stamps == sorted(stamps, reverse=reverse)
    assert client.list("Invoices", headers, page=1, order="Date SIDEWAYS").status_code == 400


def test_purchase_orders_filter_by_status_and_dates(client):
    answer = client.list(
        "PurchaseOrders",
        client.xero(),
        page=1,
        pageSize=1000,
        Status="BILLED",
        DateFrom="2026-01-01",
        DateTo="2026-03-31",
    )
    orders = answer.json()["PurchaseOrders"]
    assert orders
    for order in orders:
        assert order["Status"] == "BILLED"
        assert "2026-01-01" <= order["DateString"][:10] <= "2026-03-31"


def test_archived_contacts_are_hidden_unless_asked_for(client):
    hidden = shown = merged = 0
    for organisation in range(len(client.world["organisations"])):
        headers = client.xero(organisation)
        active = client.list("Contacts", headers, page=1, pageSize=1000).json()["Contacts"]
        contacts = client.list(
            "Contacts", headers, page=1, pageSize=1000, includeArchived="true"
        ).json()["Contacts"]
        hidden += len(contacts) - len(active)
        shown += sum(c["ContactStatus"] == "ARCHIVED" for c in contacts)
        merged += sum("MergedToContactID" in c for c in contacts)
        assert all(c["ContactStatus"] == "ACTIVE" for c in active)
    assert hidden == shown > 0
    assert merged > 0


def test_money_is_written_with_two_decimals(client):
    text = client.list("Invoices", client.xero(), page=1).text
    amounts = re.findall(r'"(?:Total|AmountDue|SubTotal|LineAmount)":(-?[\d.]+)', text)
    assert amounts
    assert all(re.fullmatch(r"\d+\.\d{2,3}", amount) for amount in amounts)


def test_every_answer_says_how_much_may_still_be_asked(client):
    headers = client.xero()
    first = client.list("Contacts", headers, page=1).headers
    second = client.list("Contacts", headers, page=1).headers
    assert int(second["X-MinLimit-Remaining"]) == int(first["X-MinLimit-Remaining"]) - 1
    assert {"x-daylimit-remaining", "x-appminlimit-remaining"} <= set(first)


def test_the_minute_limit_refuses_with_the_problem_and_the_wait(client):
    headers = client.xero(2)
    client.http.post("/admin/limits", json={"xero": {"per_minute": 1}})
    client.list("Contacts", headers, page=1)
    answer = client.list("Contacts", headers, page=1)
    assert answer.status_code == 429
    assert answer.headers["X-Rate-Limit-Problem"] == "minute"
    assert 1 <= int(answer.headers["Retry-After"]) <= 62


def test_a_client_that_does_not_ask_for_json_gets_xml(client):
    headers = {**client.xero(), "Accept": "*/*"}
    answer = client.list("Organisation", headers)
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.startswith("<Response>")
    assert f"<Name>{client.world['organisations'][0]['name']}</Name>" in answer.text


def test_an_unknown_resource_is_not_found(client):
    assert client.list("Nothing", client.xero()).status_code == 404


def test_disputes_are_tracked_on_the_first_line(client):
    options = set()
    for organisation in range(len(client.world["organisations"])):
        answer = client.list("Invoices", client.xero(organisation), page=1, pageSize=1000)
        for invoice in answer.json()["Invoices"]:
            for line in invoice["LineItems"]:
                options |= {(t["Name"], t["Option"]) for t in line["Tracking"]}
    assert options == {("Dispute", "Open"), ("Dispute", "Closed")}
