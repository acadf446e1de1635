"""Xero: how it is asked, what its records must hold; against its own examples and the sandbox."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ingestion.erp import xero
from ingestion.quarantine import Unlandable

DESCRIBE = {entity.name: entity.describe for entity in xero.ENTITIES}
EXAMPLES = {
    "contacts": ("get_Contacts_200.json", "Contacts", "ContactID"),
    "credit_notes": ("get_CreditNotes_200.json", "CreditNotes", "CreditNoteID"),
    "invoices": ("get_Invoices_InvoiceID_200.json", "Invoices", "InvoiceID"),
    "payments": ("post_Payments_200.json", "Payments", "PaymentID"),
    "purchase_orders": ("get_PurchaseOrders_200.json", "PurchaseOrders", "PurchaseOrderID"),
}


def test_the_address_is_completed_once(connection):
    done = xero.prepared(connection, Path("var"))

    assert done.base_url.endswith("/api.xro/2.0")
    assert xero.prepared(done, Path("var")) == done


def test_lists_are_asked_paged_ordered_and_for_the_receivables_side_only(sync, xero, organisation):
    organisation.invoice(1)
    sync()

    def asked(name):
        return xero.asked(f"/api.xro/2.0/{name}")[0].query

    assert asked("Invoices")["where"] == 'Type=="ACCREC"'
    assert asked("Invoices")["order"] == "UpdatedDateUTC ASC"
    assert asked("CreditNotes")["where"] == 'Type=="ACCRECCREDIT"'
    assert asked("Contacts")["includeArchived"] == "true"
    assert "where" not in asked("PurchaseOrders")
    assert {one.headers["accept"] for one in xero.asked("api.xro")} == {"application/json"}


def test_an_invoice_without_a_due_date_lands(organisation, sync):
    organisation.invoice(1, Status="DRAFT")

    assert sync().total("landed") == 2


def test_an_invoice_is_described_exactly(organisation, now):
    organisation.invoice(7, "1234.5600000000001", at=now)
    record = organisation.lists["Invoices"]["inv-00007"].encode()

    found = DESCRIBE["invoices"](record)

    assert (found.record_id, found.modified_at) == ("inv-00007", now)
    assert (found.currency, found.amount) == ("EUR", Decimal("1234.5600000000001"))


@pytest.mark.parametrize(
    "field", ["InvoiceID", "Total", "CurrencyCode", "UpdatedDateUTC", "Contact"]
)
def test_a_missing_required_field_is_named(organisation, field):
    organisation.invoice(7)
    record = json.loads(organisation.lists["Invoices"]["inv-00007"])
    del record[field]

    with pytest.raises(Unlandable, match=field) as caught:
        DESCRIBE["invoices"](json.dumps(record).encode())
    assert caught.value.reason_code == "shape_changed"
    assert caught.value.record_id == (None if field == "InvoiceID" else "inv-00007")


@pytest.mark.shared_data
@pytest.mark.parametrize("entity", sorted(EXAMPLES))
def test_the_vendors_own_examples_are_described(shared_data, entity):
    name, plural, key = EXAMPLES[entity]
    path = shared_data / "xero" / "spec_examples" / name
    for record in json.loads(path.read_text(), parse_float=str)[plural]:
        text = json.dumps(record).encode()
        if "UpdatedDateUTC" in record and (entity != "payments" or "Invoice" in record):
            assert DESCRIBE[entity](text).record_id == record[key]


@pytest.mark.shared_data
def test_everything_asked_is_in_the_vendors_specification(shared_data, sync, xero, organisation):
    text = (shared_data / "xero" / "xero_accounting.yaml").read_text(encoding="utf-8")
    spec = yaml.load(text, Loader=yaml.CSafeLoader)
    organisation.invoice(1)
    sync()
    sync(hours=1)

    for request in xero.asked("/api.xro/2.0/"):
        path = "/" + request.path.rsplit("/", 1)[1]
        operation = spec["paths"][path]["get"]
        allowed = {_name(one, spec).lower() for one in _parameters(spec, path, operation)}
        sent = {name.lower() for name in request.query}
        assert sent <= allowed, f"{path} knows no {sent - allowed}"
        if "if-modified-since" in request.headers:
            assert "if-modified-since" in allowed


def _parameters(spec, path, operation):
    return [*spec["paths"][path].get("parameters", []), *operation.get("parameters", [])]


def _name(parameter, spec):
    if "$ref" in parameter:
        parameter = spec["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
    return parameter["name"]


@pytest.fixture(scope="module")
def own_sandbox(start_sandbox, tmp_path_factory):
    return start_sandbox(tmp_path_factory.mktemp("faulty"), sellers=2, debtors=20, invoices=300)


@pytest.fixture
def faulty(own_sandbox):
    """A sandbox for this test's faults; they are gone afterwards."""
    import httpx

    yield own_sandbox
    httpx.delete(f"{own_sandbox.base_url}/admin/faults", trust_env=False)


@pytest.fixture
def seller(faulty, world_connections):
    return world_connections(faulty, "xero", page_size=50)[0]


def test_the_sandbox_lands_whole_and_again_unchanged(faulty, seller, sync, rows):
    first = sync(seller)
    second = sync(seller, hours=1)

    assert first.is_ok
    assert first.total("landed") == first.total("read") > 100
    assert second.total("landed") == 0
    assert second.is_ok
    ((count, ids),) = rows("select count(*), count(distinct record_id) from raw_xero.invoices")
    assert count == ids


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("401", {}),
        ("expired_token", {}),
        ("429", {"retry_after": 1}),
        ("500", {"times": 2}),
        ("truncated", {}),
        ("malformed", {}),
        ("slow", {"seconds": 0.3}),
        ("hang", {"seconds": 3}),
        ("duplicate", {"times": 3}),
        ("out_of_order", {"times": 3}),
    ],
)
def test_passing_troubles_leave_no_trace_in_what_lands(faulty, seller, sync, rows, fault, more):
    request = {"counterpart": "xero", "fault": fault, "path": "Invoices", "after": 1, **more}
    assert faulty.post("/admin/faults", request).status_code < 300

    report = sync(seller)
    struck = faulty.get("/admin/faults").json()

    assert '"struck":0' not in json.dumps(struck).replace(" ", "")
    assert report.is_ok, [one.cause for one in report.entities]
    assert all(one.reconciles for one in report.entities)
    ((count, ids),) = rows("select count(*), count(distinct record_id) from raw_xero.invoices")
    assert count == ids
    healed = sync(seller, hours=1, full=True)
    assert healed.total("landed") == healed.total("vanished") == 0


def test_a_renamed_field_is_quarantined_and_heals(faulty, seller, sync, rows):
    request = {
        "counterpart": "xero",
        "fault": "renamed_field",
        "path": "Invoices",
        "field": "Total",
    }
    faulty.post("/admin/faults", request)

    (report,) = [one for one in sync(seller).entities if one.entity == "invoices"]
    assert report.status == "partial"
    assert report.quarantined > 0
    (healed,) = [one for one in sync(seller, hours=1).entities if one.entity == "invoices"]
    assert (healed.status, healed.quarantined) == ("ok", 0)
    assert rows("select distinct reason_code, resolution from raw_quarantine.records") == [
        ("shape_changed", "superseded")
    ]


def test_a_refusal_of_one_list_is_that_connections_alone(faulty, world_connections, sync):
    first, second = world_connections(faulty, "xero")
    faulty.post("/admin/faults", {"counterpart": "xero", "fault": "403", "path": "Payments"})

    report = sync(first, second)

    failed = {one.connection_id for one in report.entities if one.status == "failed"}
    assert len(failed) == 1
    assert all(one.reconciles for one in report.entities)


def test_control_totals_equal_the_sources_own_sum(faulty, seller, sync, rows):
    sync(seller)
    sums: dict[str, Decimal] = {}
    for (payload,) in rows("select payload from raw_xero.invoices where not is_deleted"):
        record = json.loads(payload, parse_float=Decimal, parse_int=Decimal)
        currency = record["CurrencyCode"]
        sums[currency] = sums.get(currency, Decimal(0)) + record["Total"]
    kept = rows(
        "select currency, amount_text from raw_sync.control_totals where entity = 'invoices'"
    )

    assert {currency: Decimal(amount) for currency, amount in kept} == sums


def test_changed_deleted_and_returned_records_are_versions(faulty, seller, sync, rows):
    world = faulty.get("/admin/world").json()
    name = seller.options["xero_tenant_id"]
    sync(seller)
    ((record_id,),) = rows("select min(record_id) from raw_xero.invoices where not is_deleted")
    whom = {"organisation": name, "entity": "invoices", "id": record_id}
    assert world["organisations"]
    for hours, change in enumerate(
        ({"set": {"Reference": "B"}}, {"delete": True}, {"restore": True}), start=1
    ):
        answer = faulty.post("/admin/records", {**whom, **change})
        assert answer.status_code < 300, answer.text
        sync(replace(seller), hours=hours, full=True)

    versions = rows(
        "select is_deleted from raw_xero.invoices where record_id = ? order by fetched_at",
        record_id,
    )
    assert [deleted for (deleted,) in versions] == [False, False, True, False]
