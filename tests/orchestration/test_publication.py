"""Snapshots are immutable, pointed to by the ledger, and judged tenant by tenant."""

from __future__ import annotations

import itertools

import duckdb
import pytest

from orchestration import publication
from orchestration.snapshot_content import COPIED_AS, SCHEMAS

TENANTS = ("alder", "birch")


@pytest.fixture
def book(platform):
    """Write a small book: per tenant some amounts, and who keeps the promises."""

    def write(amounts: dict[str, list[int]], failing: frozenset[str] = frozenset()):
        with platform.warehouse.open() as connection:
            for schema in (*SCHEMAS, "raw_sync", "raw_quarantine"):
                connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                "create or replace table marts_risk.fct_receivables"
                " (tenant_id text, receivable_id text, open_minor bigint)"
            )
            for tenant_id, minors in amounts.items():
                for place, minor in enumerate(minors):
                    connection.execute(
                        "insert into marts_risk.fct_receivables values (?, ?, ?)",
                        [tenant_id, f"r{place}", minor],
                    )
            connection.execute(
                "create or replace table marts_compliance.rpt_tenant_verdicts"
                " (tenant_id text, failed_checks bigint, is_publishable boolean)"
            )
            for tenant_id in TENANTS:
                connection.execute(
                    "insert into marts_compliance.rpt_tenant_verdicts values (?, ?, ?)",
                    [tenant_id, int(tenant_id in failing), tenant_id not in failing],
                )
            _empty_histories(connection)
        return publication.publish(platform)

    return write


def _empty_histories(connection) -> None:
    for source, columns in COPIED_AS.values():
        connection.execute(f"create schema if not exists {source.split('.')[0]}")
        listed = ", ".join(f"{name.strip()} text" for name in columns.split(","))
        connection.execute(f"create table if not exists {source} ({listed})")


def rows(platform, published, tenant_id):
    """Read a tenant's amounts from the snapshot it is to be read from."""
    path = platform.places.published / f"{published.tenants[tenant_id]['snapshot_id']}.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select open_minor from marts_risk.fct_receivables where tenant_id = ? order by 1",
            [tenant_id],
        ).fetchall()
    return [minor for (minor,) in found]


def test_the_pointer_is_the_latest_publication_entry(platform, book):
    published = book({"alder": [1, 2], "birch": [3]})
    entry = platform.ledger.latest("publication")
    assert entry.entry.body["snapshot_id"] == published.snapshot_id
    assert entry.index == published.index
    assert (platform.places.published / published.file).is_file()
    assert rows(platform, published, "alder") == [1, 2]


def test_unchanged_content_publishes_nothing_new(platform, book):
    first = book({"alder": [1], "birch": [3]})
    size = platform.ledger.size()
    second = book({"alder": [1], "birch": [3]})
    assert second.snapshot_id == first.snapshot_id
    assert second.is_new is False
    assert platform.ledger.size() == size


def test_changed_content_is_a_new_file_and_the_old_one_stays(platform, book):
    first = book({"alder": [1], "birch": [3]})
    second = book({"alder": [1, 2], "birch": [3]})
    assert second.snapshot_id != first.snapshot_id
    assert (platform.places.published / first.file).is_file()


def test_a_failing_tenant_goes_stale_alone(platform, book):
    good = book({"alder": [1], "birch": [3]})
    bad = book({"alder": [1, 2], "birch": [999]}, failing=frozenset({"birch"}))
    assert bad.tenants["alder"]["state"] == "fresh"
    assert bad.tenants["birch"] == {"state": "stale", "snapshot_id": good.snapshot_id}
    assert rows(platform, bad, "alder") == [1, 2]
    assert rows(platform, bad, "birch") == [3]
    with duckdb.connect(str(platform.places.published / bad.file), read_only=True) as connection:
        kept = connection.execute(
            "select open_minor from marts_risk.fct_receivables where tenant_id = 'birch'"
        ).fetchall()
    assert kept == [(3,)]


def test_a_stale_tenant_keeps_its_last_good_version_however_often_it_fails(platform, book):
    good = book({"alder": [1], "birch": [3]})
    book({"alder": [2], "birch": [998]}, failing=frozenset({"birch"}))
    third = book({"alder": [4], "birch": [999]}, failing=frozenset({"birch"}))
    assert third.tenants["birch"]["snapshot_id"] == good.snapshot_id
    assert rows(platform, third, "birch") == [3]
    healed = book({"alder": [4], "birch": [5]})
    assert healed.tenants["birch"]["state"] == "fresh"
    assert rows(platform, healed, "birch") == [5]


def test_a_tenant_that_fails_from_the_start_publishes_no_rows(platform, book):
    published = book({"alder": [1], "birch": [999]}, failing=frozenset({"birch"}))
    assert published.tenants["birch"]["state"] == "stale"
    assert rows(platform, published, "birch") == []


def test_what_went_wrong_is_published_also_for_a_tenant_that_stays_behind(platform, book):
    book({"alder": [1], "birch": [3]})
    with platform.warehouse.open() as connection:
        connection.execute(
            "insert into raw_quarantine.records (tenant_id, quarantine_id, reason_code)"
            " values ('birch', 'q1', 'malformed')"
        )
    bad = book({"alder": [1], "birch": [999]}, failing=frozenset({"birch"}))
    with duckdb.connect(str(platform.places.published / bad.file), read_only=True) as connection:
        held = connection.execute(
            "select quarantine_id from published.quarantine where tenant_id = 'birch'"
        ).fetchall()
    assert held == [("q1",)]
    assert rows(platform, bad, "birch") == [3]


def test_a_source_that_begins_to_fail_and_one_that_heals_are_published(platform, book):
    seen = [book({"alder": [1]}).snapshot_id]
    for place, status in enumerate(("ok", "failed", "failed", "ok", "failed")):
        with platform.warehouse.open() as connection:
            connection.execute(
                "insert into raw_sync.entities (tenant_id, connection_id, system, entity, status,"
                " finished_at) values ('alder', 'c1', 'bank', 'balances', ?, ?)",
                [status, str(place)],
            )
        seen.append(book({"alder": [1]}).snapshot_id)
    assert [later != earlier for earlier, later in itertools.pairwise(seen)] == [
        *(False, True, False, True, True)
    ]
