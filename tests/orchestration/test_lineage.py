"""What was made is announced by its content, once, and can be proven later."""

from __future__ import annotations

import pytest

from ledger import merkle
from orchestration import lineage
from orchestration.lineage import Dataset

THINGS = Dataset("marts/risk/things", "marts_risk", "things", "v1", ("raw/xero/things",))
RAW = Dataset("raw/xero/things", "raw_xero", "things", "v1")


@pytest.fixture
def write(platform):
    """Write rows of two tables: raw things with payloads, and the mart made from them."""

    def replace(*rows: tuple[str, str, int]):
        with platform.warehouse.open() as connection:
            for schema in ("raw_xero", "marts_risk"):
                connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                "create or replace table raw_xero.things (tenant_id text, id text, payload text,"
                " payload_sha256 text, _dlt_load_id text)"
            )
            connection.execute(
                "create or replace table marts_risk.things (tenant_id text, id text, minor bigint)"
            )
            for tenant_id, thing, minor in rows:
                connection.execute(
                    "insert into raw_xero.things values (?, ?, ?, ?, 'load')",
                    [tenant_id, thing, f'{{"minor":{minor}}}', str(minor)],
                )
                connection.execute(
                    "insert into marts_risk.things values (?, ?, ?)", [tenant_id, thing, minor]
                )

    return replace


def announce(platform, run_id="run-1"):
    return lineage.announce(platform, [RAW, THINGS], run_id=run_id)


def test_each_tenant_gets_its_own_announcement_with_its_inputs(platform, write):
    write(("alder", "a", 1), ("alder", "b", 2), ("birch", "c", 3))
    announced = announce(platform)
    alder = announced.get("alder", "marts/risk/things")
    assert (alder.rows, announced.get("birch", "marts/risk/things").rows) == (2, 1)
    body = platform.ledger.entry(alder.index).entry.body
    raw = announced.get("alder", "raw/xero/things")
    assert body["inputs"] == [{"asset_key": "raw/xero/things", "content_root": raw.root}]
    assert body["run_id"] == "run-1"


def test_unchanged_content_is_not_announced_again(platform, write):
    write(("alder", "a", 1))
    first = announce(platform)
    size = platform.ledger.size()
    assert announce(platform, "run-2").versions == first.versions
    assert platform.ledger.size() == size


def test_the_order_of_rows_does_not_matter(platform, write):
    write(("alder", "a", 1), ("alder", "b", 2))
    first = announce(platform)
    write(("alder", "b", 2), ("alder", "a", 1))
    assert announce(platform).versions == first.versions


def test_a_changed_row_is_another_version(platform, write):
    write(("alder", "a", 1))
    first = announce(platform).get("alder", "marts/risk/things")
    write(("alder", "a", 2))
    assert announce(platform).get("alder", "marts/risk/things").root != first.root


def test_erasing_a_payload_leaves_the_proof_whole(platform, write):
    write(("alder", "a", 1))
    first = announce(platform)
    with platform.warehouse.open() as connection:
        connection.execute("update raw_xero.things set payload = null")
    assert announce(platform).versions == first.versions


def test_a_record_of_an_announced_version_can_be_proven_after_the_table_moved_on(platform, write):
    write(("alder", "a", 1), ("alder", "b", 2), ("alder", "c", 3))
    version = announce(platform).get("alder", "marts/risk/things")
    with platform.warehouse.open() as connection:
        record = lineage.record_hashes(connection, "marts_risk", "things")["alder"][1]
    write(("alder", "z", 9))
    hashes = lineage.read_proof(platform.places.proofs, version.root)
    proof = merkle.content_proof(hashes, record)
    assert merkle.verify_content(record, proof, bytes.fromhex(version.root))


def test_null_and_empty_are_different_records(platform):
    with platform.warehouse.open() as connection:
        connection.execute("create schema if not exists s")
        connection.execute("create table s.t as select 'alder' as tenant_id, '' as x")
        empty = lineage.record_hashes(connection, "s", "t")
        connection.execute("update s.t set x = null")
        assert lineage.record_hashes(connection, "s", "t") != empty
