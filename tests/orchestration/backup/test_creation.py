"""A backup is whole, of one moment, and says what it holds; taking one disturbs nobody."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing

import duckdb
import pytest

from ledger.checkpoint import ORIGIN
from ledger.database import Database
from ledger.keys import Keyring
from ledger.reader import LedgerReader
from orchestration import places, settings
from orchestration.backup import creation, inspection, manifest
from orchestration.backup.manifest import BackupError
from orchestration.resources.warehouse import WarehouseBusyError, WriterLock


def paths(taken) -> set[str]:
    """Name what is in a backup."""
    return {item.path for item in taken.manifest.files}


def test_a_backup_holds_what_cannot_be_made_again_and_nothing_else(taken):
    assert taken.manifest.snapshots == (f"{1:024x}",)
    assert {path.split("/")[0] for path in paths(taken)} == {
        "ledger",
        "warehouse",
        "published",
        "inbox",
        "keys.locked",
    }
    assert not [path for path in paths(taken) if "draft" in path]
    assert inspection.inspect(taken.folder).is_sound


def test_the_manifest_names_the_ledger_that_is_in_it(taken):
    mark = taken.manifest.ledger
    database = Database(f"sqlite:///{taken.folder / mark.path}", read_only=True)
    keys = Keyring.load(taken.folder.parent.parent / "was" / "keys")
    ledger = LedgerReader(database, keys=keys, origin=ORIGIN)
    assert (mark.size, mark.root) == (ledger.size(), ledger.root().hex())
    assert mark.checkpoint == ledger.checkpoint()
    assert manifest.read(taken.folder) == taken.manifest
    database.close()


def test_only_the_owner_can_read_a_backup(taken):
    files = [path for path in taken.folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(taken.folder.stat().st_mode) == 0o700


def test_no_key_lies_open_in_a_backup(taken):
    keys = taken.folder.parent.parent / "was" / "keys"
    master = (keys / "master.key").read_bytes().strip()
    signing = (keys / "signing.pem").read_bytes().splitlines()[1]
    for path in taken.folder.rglob("*"):
        if path.is_file():
            assert master not in path.read_bytes()
            assert signing not in path.read_bytes()


def test_what_is_not_asked_for_is_left_out_and_the_manifest_says_so(small, shelf):
    open_ = small.settings.model_copy(update={"backup_passphrase": None})
    done = creation.create(open_, small.where, shelf, with_warehouse=False)
    assert done.manifest.keys == "left out"
    assert {"keys", "warehouse"} <= set(done.manifest.left_out)
    assert not {creation.WAREHOUSE, "keys.locked"} & paths(done)


def test_a_backup_taken_while_others_write_names_no_snapshot_it_lacks(small, shelf):
    stop, published = threading.Event(), [f"{1:024x}"]

    def publish() -> None:
        number = 2
        while not stop.is_set():
            published.append(small.publish(number))
            number += 1

    writer = threading.Thread(target=publish)
    writer.start()
    try:
        taken = [creation.create(small.settings, small.where, shelf) for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    assert taken[0].manifest.ledger.size < taken[-1].manifest.ledger.size
    for one in taken:
        assert one.manifest.snapshots_removed == ()
        assert one.manifest.snapshot_id == one.manifest.snapshots[-1]


def test_a_step_that_writes_the_warehouse_is_waited_for(small, shelf, monkeypatch):
    monkeypatch.setattr(WriterLock.__init__, "__defaults__", (0.2,))
    monkeypatch.setattr(creation.Warehouse.__init__, "__kwdefaults__", {"timeout": 0.2})
    with WriterLock(small.where.lock).held(), pytest.raises(WarehouseBusyError):
        creation.create(small.settings, small.where, shelf)
    assert not list(shelf.iterdir())


def test_the_warehouse_copy_opens_and_needs_nothing_beside_it(taken):
    copy = taken.folder / creation.WAREHOUSE
    assert not copy.with_suffix(".duckdb.wal").exists()
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select sum(n) from raw").fetchone() == (499_500,)


def test_a_snapshot_that_is_not_the_announced_file_stops_the_backup(small, shelf):
    (small.where.published / f"{1:024x}.duckdb").write_bytes(b"something else")
    with pytest.raises(BackupError, match="is not the file that the ledger announced"):
        creation.create(small.settings, small.where, shelf)


def test_a_ledger_that_points_to_a_file_that_is_gone_stops_the_backup(small, shelf):
    (small.where.published / f"{1:024x}.duckdb").unlink()
    with pytest.raises(BackupError, match="whose file is gone"):
        creation.create(small.settings, small.where, shelf)


def test_old_snapshots_that_were_removed_are_named_and_stop_nothing(small, shelf):
    small.publish(2)
    (small.where.published / f"{1:024x}.duckdb").unlink()
    taken = creation.create(small.settings, small.where, shelf)
    assert taken.manifest.snapshots_removed == (f"{1:024x}",)


def test_a_ledger_that_does_not_verify_is_not_backed_up(small, shelf):
    with closing(sqlite3.connect(small.where.ledger)) as database, database:
        database.execute("update entries set canonical = cast('{}' as blob) where idx = 0")
    with pytest.raises(BackupError, match="does not verify, so it is not backed up"):
        creation.create(small.settings, small.where, shelf)


def test_what_did_not_change_is_shared_with_the_backup_before_and_only_so_many_are_kept(
    small, shelf
):
    first = creation.create(small.settings, small.where, shelf)
    name = f"published/{1:024x}.duckdb"
    is_same = (first.folder / name).stat().st_ino
    small.publish(2)
    second = creation.create(small.settings, small.where, shelf, keep=1)
    assert (second.folder / name).stat().st_ino == is_same
    assert second.removed == (first.folder.name,)
    assert [path.name for path in shelf.iterdir()] == [second.folder.name]


def test_an_empty_folder_has_nothing_to_back_up(tmp_path, shelf):
    found = settings.load(var=tmp_path / "empty")
    with pytest.raises(BackupError, match="nothing to back up"):
        creation.create(found, places.at(found.var), shelf)
