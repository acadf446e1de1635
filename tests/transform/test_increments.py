"""A build that goes on from the one before makes the marts that a full build makes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

FIRST_AS_OF = "2026-06-30T13:00:00+00:00"
SECOND_AS_OF = "2026-07-03T00:00:00+00:00"
LATE_AS_OF = "2026-12-15T00:00:00+00:00"
NEITHER = ("--exclude-resource-type", "test", "unit_test")
TABLES = """
    select table_schema || '.' || table_name as name, string_agg(column_name, ',') as columns
    from information_schema.columns where table_schema like 'marts_%'
    group by 1 order by 1
"""


@pytest.fixture(scope="module")
def third_sync(new_raw: Callable[[], Any]) -> Any:
    """Deletions, returns, moved payments, another debtor, later orders: what may be told later."""
    raw = new_raw()
    later = {"fetched_at": datetime.fromisoformat("2026-07-06T12:00:00+00:00")}
    again = {"fetched_at": later["fetched_at"] + timedelta(hours=1)}
    may = date(2026, 5, 4)
    for seller in (("alder", "north"), ("cedar", "east")):
        raw.invoice(*seller, "01019", "c-acme", date(2026, 7, 1), "90.00", is_deleted=True, **later)
        raw.invoice(*seller, "01019", "c-acme", date(2026, 7, 1), "90.00", **again)
        raw.invoice(*seller, "01004", "c-other", may, "80.00", dispute="Closed", **later)
        raw.invoice(*seller, "01007", "c-acme", may, "60.00", **later)
        raw.invoice(*seller, "01016", "c-acme", may, "33.00", Type="ACCPAY", **later)
        raw.invoice(*seller, "01022", "c-fresh", date(2026, 7, 5), "410.00", **later)
        raw.payment(*seller, "p-1002", "01002", date(2026, 5, 20), 200.0, status="DELETED", **later)
        raw.payment(*seller, "p-1003", "01010", date(2026, 6, 10), 300.1, **later)
        raw.payment(*seller, "p-future", "01018", date(2026, 9, 1), 40.0, **later)
        day = date(2026, 5, 13)
        raw.credit_note(
            *seller, "cn-1", "c-acme", date(2026, 5, 12), 300.0,
            {"01009": (day, 200.0), "01005": (date(2026, 7, 6), 50.0)}, **later,
        )  # fmt: skip
        named = {"ContactID": "c-other", "ContactStatus": "ACTIVE", "Name": "Harkness Paper Ltd"}
        taxed = {**named, "TaxNumber": "GB 111", "CompanyNumber": "C-c-other", "Addresses": []}
        raw.add("xero.contacts", *seller, "c-other", taxed, **later)
        fresh = {**named, "ContactID": "c-fresh", "Name": "Freshwater Glass", "TaxNumber": "GB 222"}
        raw.add("xero.contacts", *seller, "c-fresh", fresh, **later)
        order = {
            "PurchaseOrderNumber": "PO-77", "Status": "AUTHORISED", "CurrencyCode": "EUR",
            "Contact": {"ContactID": "c-acme"}, "Total": 1200.0,
            "DateString": "2026-02-05 00:00:00",
        }  # fmt: skip
        raw.add("xero.purchase_orders", *seller, "po-77-again", order, **later)
    raw.file_row("alder", "north", "row-8", invoice_number="7008", amount="12.00")
    paid = {"payer": "FRESHWATER GLASS", "booked_on": date(2026, 7, 6)}
    raw.receipt("alder", "t-fresh", 41000, "INV-01022", **paid)
    return raw


@pytest.fixture(scope="module")
def gone_on(
    after_first_sync: Any, third_sync: Any, dbt: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int], Any]:  # fmt: skip
    """The first build's warehouse after one and after two builds that went on from it."""
    steps: dict[int, Any] = {}

    def after(step: int) -> Any:
        if step not in steps:
            folder = tmp_path_factory.mktemp("gone-on")
            before = after(step - 1) if step > 1 else after_first_sync
            target = folder / "warehouse.duckdb"
            shutil.copy(before.target, target)
            since, as_of = ((FIRST_AS_OF, SECOND_AS_OF), (SECOND_AS_OF, LATE_AS_OF))[step - 1]
            if step == 2:
                third_sync.load(target)
            _go_on(dbt, target, folder, since, as_of)
            steps[step] = type(before)(target)
        return steps[step]

    return after


@pytest.fixture(scope="module")
def at_once(build: Callable[..., Any], book: Any, third_sync: Any, new_raw: Any) -> Any:
    """Everything landed, then built by one full build."""
    both = new_raw()
    for raw in (book, third_sync):
        for table, rows in raw.rows.items():
            both.rows.setdefault(table, []).extend(rows)
        both.syncs += raw.syncs
        both.totals += raw.totals
    return build(both, LATE_AS_OF, None, "build", *NEITHER)


def _go_on(dbt: Callable[..., Any], target: Any, folder: Path, since: str, as_of: str) -> None:
    done = dbt(target, folder, as_of, "build", *NEITHER, since=since)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def different(one: Any, other: Any) -> list[str]:
    """Name the marts whose rows are not the same."""
    tables = one.rows(TABLES)
    assert tables
    return [
        table["name"]
        for table in tables
        if _told(one, table["name"], table["columns"])
        != _told(other, table["name"], table["columns"])
    ]


def _told(built: Any, table: str, columns: str) -> list[str]:
    names = sorted(columns.split(","))
    return sorted(
        str([_plain(row[name]) for name in names])
        for row in built.rows(f"select {', '.join(names)} from {table}")
    )


def _plain(value: Any) -> str:
    return str(value.astimezone(UTC) if isinstance(value, datetime) else value)


def test_time_alone_makes_known_what_had_been_read(
    gone_on: Callable[[int], Any], after_second_sync: Any
) -> None:
    assert different(gone_on(1), after_second_sync) == []


def test_news_of_every_kind_change_what_they_touch(
    gone_on: Callable[[int], Any], at_once: Any
) -> None:
    assert different(gone_on(2), at_once) == []


@pytest.mark.postgres
def test_postgres_goes_on_to_the_same_marts(
    after_second_sync_on_postgres: Any, new_postgres_url: Callable[[], str], third_sync: Any,
    dbt: Callable[..., Any], tmp_path: Path, at_once: Any,
) -> None:  # fmt: skip
    import psycopg

    copy, before = new_postgres_url(), str(after_second_sync_on_postgres.target)
    server, name = copy.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as session:
        session.execute(f"drop database {name}")
        session.execute(f"create database {name} template {before.rsplit('/', 1)[1]}")
    third_sync.load(copy)
    _go_on(dbt, copy, tmp_path, SECOND_AS_OF, LATE_AS_OF)
    assert different(at_once, type(at_once)(copy)) == []


def test_untouched_receivables_are_not_made_anew(gone_on: Callable[[int], Any]) -> None:
    touched = {
        row["record_id"]
        for row in gone_on(2).rows(
            "select record_id from intermediate.int_receivables__touched where tenant_id = 'cedar'"
        )
    }
    assert {"01001", "01002", "01003", "01009", "01019", "01022", "cn-1"} <= touched
    assert not {"01017", "01021"} & touched


def test_a_note_does_not_outlive_the_next_run(gone_on: Callable[[int], Any]) -> None:
    assert not gone_on(1).rows(
        "select 1 from information_schema.tables where table_schema = 'transform'"
    )
