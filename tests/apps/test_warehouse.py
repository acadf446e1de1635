"""The read-only door to published snapshots."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from apps.access import AccessRefusedError, Role, User
from apps.access.sign_in import demo_user
from apps.warehouse import (
    NothingPublishedError,
    Snapshot,
    SnapshotMissingError,
    WarehouseError,
    latest_publication,
    open_snapshot,
)
from ledger.keys import Keyring
from ledger.store import Ledger
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def test_the_pointer_is_the_latest_publication_entry(world: World, ledger: Ledger):
    publication = latest_publication(ledger)
    assert publication.snapshot_id == world.snapshot_id
    assert publication.ledger_index == ledger.size() - 1
    assert publication.as_of.isoformat() == "2026-06-30T23:59:59+00:00"


def test_an_empty_ledger_says_nothing_is_published(tmp_path: Path):
    with (
        Ledger.open(tmp_path / "ledger.sqlite", keys=Keyring.generate()) as empty,
        pytest.raises(NothingPublishedError, match="ifp run"),
    ):
        latest_publication(empty)


@pytest.mark.parametrize("tenant", ["alder", "birch"])
def test_a_tenant_never_sees_rows_of_another(open_for: OpenFor, world: World, tenant: str):
    snapshot = open_for(tenant)
    seen = 0
    for name in world.book.tables():
        tenants = snapshot.frame(f"select distinct tenant_id from {name}")["tenant_id"].to_list()
        assert tenants == [tenant], name
        seen += 1
    assert seen > 15


def test_a_tenant_that_is_not_granted_is_refused(world: World, ledger: Ledger):
    viewer = User("ann", "Ann", {"birch": Role.ANALYST})
    with pytest.raises(AccessRefusedError, match="alder"):
        open_snapshot(latest_publication(ledger), world.var / "published", viewer, "alder")


def test_a_missing_file_is_named(ledger: Ledger, tmp_path: Path):
    with pytest.raises(SnapshotMissingError, match="is missing"):
        open_snapshot(latest_publication(ledger), tmp_path, demo_user(), "alder")


def test_a_stale_tenant_reads_its_last_good_snapshot(world: World, ledger: Ledger):
    publication = latest_publication(ledger)
    newer = replace(
        publication,
        snapshot_id="newer",
        file="newer.duckdb",
        tenants={
            "alder": {"state": "stale", "snapshot_id": world.snapshot_id},
            "birch": {"state": "fresh", "snapshot_id": "newer"},
        },
    )
    snapshot = open_snapshot(newer, world.var / "published", demo_user(), "alder")
    assert snapshot.is_stale
    assert snapshot.snapshot_id == world.snapshot_id
    assert snapshot.frame("select count(*) as n from decisions.decisions")["n"][0] > 0


def test_a_stale_tenant_names_the_entry_that_announced_its_snapshot(
    world: World, ledger: Ledger, tmp_path: Path
):
    first = latest_publication(ledger)
    body = {
        **ledger.entry(first.ledger_index).entry.body,
        "snapshot_id": "newer",
        "file": "newer.duckdb",
        "sha256": "another",
        "as_of": "2026-07-31T23:59:59Z",
        "tenants": {
            "alder": {"state": "stale", "snapshot_id": world.snapshot_id},
            "birch": {"state": "fresh", "snapshot_id": "newer"},
        },
    }
    entry = replace(ledger.entry(first.ledger_index).entry, subjects=("newer",), body=body)
    with Ledger.open(tmp_path / "other.sqlite", keys=Keyring.generate()) as other:
        other.append(ledger.entry(first.ledger_index).entry)
        other.append(entry)
        publication = latest_publication(other)
    snapshot = open_snapshot(publication, world.var / "published", demo_user(), "alder")
    origin = snapshot.origin
    assert (origin.snapshot_id, origin.ledger_index) == (snapshot.snapshot_id, 0)
    assert (origin.sha256, origin.as_of) == (first.sha256, first.as_of)
    assert publication.ledger_index == 1


def test_a_table_that_is_not_there_is_a_sentence(open_for: OpenFor):
    snapshot = open_for("alder")
    assert not snapshot.has("marts_risk.fct_unheard_of")
    with pytest.raises(WarehouseError, match="ifp run"):
        snapshot.frame("select * from marts_risk.fct_unheard_of")


def test_a_snapshot_that_stopped_answering_says_to_load_again(open_for: OpenFor):
    snapshot = open_for("alder")
    assert snapshot.is_open()
    snapshot.connection.close()
    assert not snapshot.is_open()
    with pytest.raises(WarehouseError, match="load the page again"):
        snapshot.frame("select 1")


def test_nothing_can_be_written_or_attached(open_for: OpenFor, tmp_path: Path):
    snapshot = open_for("alder")
    with pytest.raises(Exception, match=r"read-only|disabled"):
        snapshot.connection.execute("delete from snapshot_file.decisions.decisions")
    with pytest.raises(Exception, match="disabled"):
        snapshot.connection.execute(f"attach '{tmp_path}/other.duckdb'")
