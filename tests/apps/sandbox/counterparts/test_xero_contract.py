"""The ledger software's answers fit its public description."""

from __future__ import annotations

import pytest

from tests.apps.sandbox.xero_contract import Contract

pytestmark = pytest.mark.shared_data
ENTITIES = ("Invoices", "Contacts", "CreditNotes", "Payments", "PurchaseOrders")


@pytest.fixture(scope="module")
def contract(shared_data):
    return Contract(shared_data / "xero")


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_record_of_every_organisation_fits_the_description(client, contract, entity):
    for organisation in range(len(client.world["organisations"])):
        headers = client.xero(organisation)
        answer = client.list(entity, headers, page=1, pageSize=1000, includeArchived="true")
        assert answer.status_code == 200
        assert answer.json()[entity]
        assert contract.answer_problems(entity, answer.json()) == []


def test_lists_without_paging_fit_the_description(client, contract):
    answer = client.list("Invoices", client.xero(), where='Type=="ACCREC"')
    assert contract.answer_problems("Invoices", answer.json()) == []


def test_the_organisation_fits_the_description(client, contract):
    answer = client.list("Organisation", client.xero())
    assert contract.answer_problems("Organisations", answer.json()) == []


def test_the_checker_finds_wrong_answers(contract):
    body = {"Invoices": [{"InvoiceID": "x", "Total": "1.00", "Date": "2024-01-01", "Odd": 1}]}
    problems = "\n".join(contract.answer_problems("Invoices", body))
    for fragment in ("InvoiceID", "Total", "Date", "Odd"):
        assert fragment in problems


def test_the_checker_accepts_a_proper_request(contract):
    params = {"page": "1", "pageSize": "1000", "order": "UpdatedDateUTC ASC"}
    headers = {
        "Authorization": "Bearer x",
        "Accept": "application/json",
        "xero-tenant-id": "9e312510-f904-47d5-bf9e-acbace75228b",
        "If-Modified-Since": "2026-06-30T10:00:00",
    }
    assert contract.request_problems("GET", "/api.xro/2.0/Invoices", params, headers) == []


def test_the_checker_finds_wrong_requests(contract):
    problems = contract.request_problems(
        "GET", "/PurchaseOrders", {"where": 'Status=="BILLED"', "page": "one"}, {"Accept": "*/*"}
    )
    assert len(problems) == 5
    assert contract.request_problems("GET", "/Nothing", {}, {}) == [
        "/Nothing is no path of the API"
    ]
