"""From connections to raw tables: what lands, what is reported, and that it reconciles."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from ingestion.connection import Connection
from ingestion.pipeline import ensure_tables
from ingestion.replay import replay
from ingestion.tables import ENVELOPE, RAW_TABLES

VERSIONS = """
    select record_id, payload, is_deleted from raw_xero.invoices
    where record_id = ? order by fetched_at, position
"""


def of(report, entity="invoices"):
    (found,) = [one for one in report.entities if one.entity == entity]
    return found


def counts(one):
    return (one.read, one.landed, one.unchanged, one.duplicate, one.quarantined, one.vanished)


def total(rows):
    ((amount,),) = rows(
        "select amount_text from raw_sync.control_totals where entity = 'invoices'"
        " order by computed_at desc limit 1"
    )
    return Decimal(amount)


def test_every_raw_table_exists_empty_before_anything_is_connected(warehouse, rows):
    ensure_tables(warehouse)
    ensure_tables(warehouse)

    for system, entities in RAW_TABLES.items():
        for entity in entities:
            assert rows(f"select count(*) from raw_{system}.{entity}") == [(0,)]
            names = rows(
                "select column_name from information_schema.columns"
                " where table_schema = ? and table_name = ? order by ordinal_position",
                f"raw_{system}",
                entity,
            )
            assert [name for (name,) in names] == [*ENVELOPE.names, "_dlt_load_id"]
    for table in ("raw_quarantine.records", "raw_sync.entities", "raw_sync.control_totals"):
        assert rows(f"select count(*) from {table}") == [(0,)]


def test_a_first_sync_lands_everything_over_many_pages(sync, organisation, rows):
    for number in range(25):
        organisation.invoice(number, "1.10")

    report = of(sync())

    assert counts(report) == (25, 25, 0, 0, 0, 0)
    assert (report.pages, report.status, report.is_full) == (3, "ok", True)
    ((payload,),) = rows("select payload from raw_xero.invoices where record_id = 'inv-00007'")
    assert payload == organisation.lists["Invoices"]["inv-00007"]
    assert total(rows) == Decimal("27.50")


def test_nothing_new_lands_nothing(sync, organisation, rows):
    organisation.invoice(1)
    sync()

    report = of(sync(hours=1))

    assert counts(report) == (1, 0, 1, 0, 0, 0)
    assert rows("select count(*) from raw_xero.invoices") == [(1,)]


def test_an_incremental_sync_asks_with_an_overlap_and_carries_the_total(
    sync, organisation, xero, now, rows
):
    for number in range(12):
        organisation.invoice(number, "10.00", at=now - timedelta(days=3))
    sync()
    organisation.invoice(3, "4.05", at=now + timedelta(minutes=30))
    organisation.invoice(99, "1.00", at=now + timedelta(minutes=31))
    xero.requests.clear()

    report = of(sync(hours=1))

    (asked,) = {one.headers["if-modified-since"] for one in xero.asked("Invoices")}
    assert asked == "2026-06-27T11:55:00"
    assert counts(report) == (14 - 1, 2, 11, 0, 0, 0)
    assert not report.is_full
    assert total(rows) == Decimal("115.05")


def test_a_version_is_kept_for_each_change_a_deletion_and_a_return(sync, organisation, rows, now):
    record_id = organisation.invoice(1, "1.00")
    organisation.invoice(2, "7.00")
    sync()
    organisation.invoice(1, "2.00", at=now + timedelta(minutes=1))
    sync(hours=1)
    text = organisation.lists["Invoices"][record_id]
    organisation.invoice(1, "1.00", at=now)
    sync(hours=2, full=True)
    first = organisation.remove("Invoices", record_id)
    gone = of(sync(hours=3, full=True))
    organisation.put("Invoices", record_id, first, now)
    sync(hours=4, full=True)

    versions = rows(VERSIONS, record_id)
    assert [payload for _, payload, _ in versions] == [first, text, first, first, first]
    assert [deleted for _, _, deleted in versions] == [False, False, False, True, False]
    assert gone.vanished == 1
    assert gone.reconciles
    assert total(rows) == Decimal("8.00")


def test_a_status_of_deleted_is_a_deletion_and_leaves_the_total(sync, organisation, rows, now):
    record_id = organisation.invoice(1, "5.00")
    organisation.invoice(2, "7.00")
    sync()
    organisation.invoice(1, "5.00", at=now + timedelta(minutes=1), Status="DELETED")
    sync(hours=1)

    assert [deleted for _, _, deleted in rows(VERSIONS, record_id)] == [False, True]
    assert total(rows) == Decimal("7.00")


def test_an_incremental_sync_never_calls_a_record_gone(sync, organisation, now):
    organisation.invoice(1, at=now - timedelta(days=9))
    organisation.invoice(2)
    sync()
    organisation.remove("Invoices", "inv-00001")

    assert of(sync(hours=1)).vanished == 0


def test_a_record_that_slips_between_pages_is_read_again_and_not_called_gone(
    sync, organisation, xero, now
):
    for number in range(25):
        organisation.invoice(number, at=now - timedelta(days=2, minutes=-number))
    sync()
    answer = organisation.answer

    def moving(request):
        if request.path.endswith("Invoices") and request.query["page"] == "2":
            organisation.stamps["inv-00001"] = now
        return answer(request)

    xero.answer = moving
    report = of(sync(hours=1, full=True))

    assert (report.vanished, report.status) == (0, "ok")
    assert report.reconciles


def test_a_clock_that_stands_still_keeps_versions_in_order(sync, organisation, rows):
    for amount in ("1.00", "2.00", "3.00"):
        organisation.invoice(1, amount)
        sync(full=True)

    texts = [payload for _, payload, _ in rows(VERSIONS, "inv-00001")]
    assert [f'"Total": {amount}' in text for amount, text in zip((1, 2, 3), texts, strict=True)]
    assert rows("select count(distinct fetched_at) from raw_xero.invoices") == [(3,)]


def test_a_renamed_field_goes_to_quarantine_holds_the_cursor_and_heals(
    sync, organisation, rows, now
):
    organisation.invoice(1, at=now - timedelta(days=1))
    sync()
    whole = organisation.lists["Invoices"][organisation.invoice(2, at=now)]
    organisation.put("Invoices", "inv-00002", whole.replace('"Total"', '"TotalAmount"'), now)

    report = of(sync(hours=1))

    assert counts(report) == (2, 0, 1, 0, 1, 0)
    assert (report.status, report.cursor[:10]) == ("partial", "2026-06-29")
    bad = rows("select record_id, reason_code, detail, raw_text from raw_quarantine.records")
    assert bad[0][:2] == ("inv-00002", "shape_changed")
    assert "Total" in bad[0][2]
    assert '"TotalAmount": 100.00' in bad[0][3]

    sync(hours=2)
    assert rows("select count(*) from raw_quarantine.records") == [(1,)]
    organisation.put("Invoices", "inv-00002", whole, now)
    healed = of(sync(hours=3))
    assert (healed.status, healed.landed, healed.cursor[:10]) == ("ok", 1, "2026-06-30")
    assert rows("select resolution from raw_quarantine.records") == [("superseded",)]


def test_an_amount_that_could_not_be_kept_exactly_is_never_rounded(sync, organisation, rows):
    organisation.invoice(1, "9999999999999.99")
    organisation.invoice(2, "10000000000000.00")
    organisation.invoice(3, "1234.5600000000001")
    organisation.invoice(4, "999999999999.999", CurrencyCode="KWD")
    organisation.invoice(5, "1000000000000.000", CurrencyCode="KWD")

    report = of(sync())

    assert (report.landed, report.quarantined, report.status) == (3, 2, "ok")
    bad = rows(
        "select record_id, reason_code, currency, amount_text"
        " from raw_quarantine.records order by 1"
    )
    assert bad == [
        ("inv-00002", "amount_too_large", "EUR", "10000000000000.00"),
        ("inv-00005", "amount_too_large", "KWD", "1000000000000.000"),
    ]
    sums = rows(
        "select currency, amount_text, quarantined_count, quarantined_amount_text"
        " from raw_sync.control_totals order by 1"
    )
    assert sums == [
        ("EUR", "20000000001234.5500000000001", 1, "10000000000000.00"),
        ("KWD", "1999999999999.999", 1, "1000000000000.000"),
    ]


def test_a_page_that_stays_broken_is_kept_whole_and_the_others_land(
    sync, organisation, xero, reply, rows
):
    for number in range(30):
        organisation.invoice(number)
    answer = organisation.answer

    def broken(request):
        if request.path.endswith("Invoices") and request.query["page"] == "2":
            return reply(200, b'{"Invoices": [{]')
        return answer(request)

    xero.answer = broken
    report = of(sync())

    assert counts(report) == (21, 20, 0, 0, 1, 0)
    assert (report.status, report.cursor) == ("partial", None)
    ((text, reason, position),) = rows(
        "select raw_text, reason_code, position from raw_quarantine.records"
    )
    assert (text, reason, position) == ('{"Invoices": [{]', "malformed", -1)
    xero.answer = answer
    assert of(sync(hours=1)).status == "ok"
    assert rows("select count(*), count(distinct record_id) from raw_xero.invoices") == [(30, 30)]


def test_a_corrected_record_is_replayed_through_the_same_door(
    sync, organisation, rows, warehouse, tmp_path, now
):
    organisation.invoice(1, "10000000000000.00")
    organisation.invoice(2, "5.00")
    sync()
    ((quarantine_id, text),) = rows("select quarantine_id, raw_text from raw_quarantine.records")
    corrected = text.replace("10000000000000.00", "10.00").encode()
    again = {"warehouse": warehouse, "var": tmp_path / "var", "now": now + timedelta(hours=1)}

    still_bad = replay({quarantine_id: text.replace('"Total"', '"T"').encode()}, **again)
    assert still_bad.total("quarantined") == 1
    done = replay({quarantine_id: corrected}, **again)

    assert (done.total("landed"), done.total("read")) == (1, 1)
    assert rows("select payload from raw_xero.invoices where record_id = 'inv-00001'") == [
        (corrected.decode(),)
    ]
    closed = rows("select resolution from raw_quarantine.records order by fetched_at")
    assert closed[0] == ("replayed",)
    assert total(rows) == Decimal("15.00")
    assert replay({quarantine_id: corrected}, **again).entities == ()


def test_one_connections_failure_stops_no_other(sync, organisation, connection, rows):
    organisation.invoice(1)
    refused = replace(
        connection,
        connection_id="seller-2",
        credentials={"client_id": SecretStr("id-1"), "client_secret": SecretStr("wrong")},
    )

    report = sync(connection, refused)

    by_connection = {}
    for one in report.entities:
        by_connection.setdefault(one.connection_id, set()).add(one.status)
    assert by_connection == {"seller-1": {"ok"}, "seller-2": {"failed"}}
    causes = {one.cause for one in report.entities if one.cause}
    assert all("Check the credentials" in cause for cause in causes)
    assert not report.is_ok


def test_a_used_up_quota_spares_the_rest_of_the_connections_calls(sync, xero, reply):
    xero.faults.append(("Contacts", reply(429, headers={"X-Rate-Limit-Problem": "day"})))

    report = sync()

    assert [one.status for one in report.entities] == ["ok"] + ["failed"] * 5
    assert not xero.asked("Invoices")


def test_tenants_with_the_same_record_ids_do_not_meet(sync, organisation, connection, rows):
    organisation.invoice(1)
    other = replace(connection, tenant_id="birch")

    sync(connection, other)

    found = rows("select tenant_id, record_id from raw_xero.invoices order by 1")
    assert found == [("alder", "inv-00001"), ("birch", "inv-00001")]


def test_reports_are_kept_and_reconcile(sync, organisation, rows):
    organisation.invoice(1)
    report = sync()

    kept = rows(
        'select entity, "read", landed + unchanged + duplicate + quarantined, status'
        " from raw_sync.entities where sync_id = ? order by 1",
        report.sync_id,
    )
    assert [(entity, read) for entity, read, _, _ in kept] == sorted(
        (one.entity, one.read) for one in report.entities
    )
    assert all(read == accounted for _, read, accounted, _ in kept)


def test_a_source_nobody_answers_at_is_reported(sync, connection, free_port):
    gone = Connection(
        "alder",
        "seller-9",
        "xero",
        base_url=f"http://127.0.0.1:{free_port}",
        options={"attempts": 2, "backoff_seconds": 0.01},
    )

    assert {one.status for one in sync(gone).entities} == {"failed"}


@pytest.mark.postgres
def test_postgres_holds_the_same_rows_as_duckdb(
    sync, organisation, rows, new_postgres_url, connection, tmp_path, now
):
    from ingestion import pipeline
    from ingestion.tables import open_warehouse

    organisation.invoice(1, "1.10", Reference='a "quoted", text\nover two lines; é\\')
    organisation.invoice(2, "10000000000000.00")
    url = new_postgres_url()
    columns = ", ".join(ENVELOPE.names)
    order = f"select {columns} from raw_xero.invoices order by record_id, fetched_at"
    for hours, amount in enumerate(("3.00", "4.00")):
        organisation.invoice(3, amount)
        sync(hours=hours)
        at = now + timedelta(hours=hours)
        pipeline.sync([connection], warehouse=url, var=tmp_path / "pg", now=at)

    with open_warehouse(url) as session:
        assert session.execute(order) == rows(order)
        assert session.execute("select count(*) from raw_quarantine.records") == [(1,)]
        totals = "select currency, amount_text from raw_sync.control_totals order by computed_at"
        assert session.execute(totals) == rows(totals)
