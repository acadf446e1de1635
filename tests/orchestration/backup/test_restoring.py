"""What was backed up comes back as it was and goes on; a fault changes nothing."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest
from pydantic import SecretStr

from ledger.copies import copy_to_file
from ledger.entry import Actor, Entry
from ledger.errors import KeyUnusable
from ledger.store import Ledger
from orchestration import places, restoration, stores
from orchestration.backup import creation, manifest, restoring
from orchestration.backup import shelf as shelves
from orchestration.backup.manifest import BackupError
from orchestration.resources.ledger import open_keyring, open_ledger


def bring_back(empty, folder, **changes):
    """Restore a backup with changed settings."""
    return restoring.restore(empty.settings.model_copy(update=changes), folder)


def test_what_comes_back_is_what_was_there_and_goes_on(empty, taken):
    done = bring_back(empty, taken.folder)
    assert (empty.where.published / f"{1:024x}.duckdb").read_bytes() == b"snapshot 1"
    with duckdb.connect(str(empty.where.warehouse)) as connection:
        assert connection.execute("select count(*) from raw").fetchone() == (1000,)
    assert done.body()["ledger"]["root"] == taken.manifest.ledger.root
    assert stores.found(empty.where.var) == stores.FORMAT
    assert not (empty.where.var / stores.UNFINISHED).exists()
    with empty.ledger() as ledger:
        assert ledger.checkpoint() == taken.manifest.ledger.checkpoint
        assert ledger.latest("publication").entry.body["snapshot_id"] == f"{1:024x}"
        assert ledger.read_private(1) == b"a name"
        assert ledger.queue.stats() == {"bank.submit": {"open": 1}}
        assert restoration.record(empty.where.var, ledger)
        assert not restoration.record(empty.where.var, ledger)
        assert ledger.size() == taken.manifest.ledger.size + 1
        assert ledger.latest("restoration").entry.body["backup_id"] == taken.manifest.backup_id


def test_a_tar_file_is_as_good_as_the_folder(empty, taken, spoilt):
    packed = shelves.pack(spoilt)
    shutil.rmtree(spoilt)
    restoring.restore(empty.settings, packed)
    with empty.ledger() as ledger:
        assert ledger.root().hex() == taken.manifest.ledger.root


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(empty, taken):
    empty.where.var.mkdir()
    (empty.where.var / "note.txt").write_text("mine")
    with pytest.raises(BackupError, match="is not empty; move it away"):
        bring_back(empty, taken.folder)
    assert [path.name for path in empty.where.var.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("name", ["warehouse/ifp.duckdb", "ledger/ledger.sqlite"])
def test_a_changed_byte_is_named_and_nothing_is_restored(empty, spoilt, name):
    path = spoilt / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BackupError, match=f"nothing was restored; {name}: changed"):
        bring_back(empty, spoilt)
    assert not empty.where.var.exists()


def test_a_missing_file_is_named(empty, spoilt):
    (spoilt / creation.WAREHOUSE).unlink()
    with pytest.raises(BackupError, match=r"warehouse/ifp\.duckdb: missing"):
        bring_back(empty, spoilt)


def test_a_manifest_that_leads_out_of_its_folder_is_refused(empty, spoilt):
    told = json.loads((spoilt / "manifest.json").read_text())
    told["files"].append({"path": "../outside", "size": 0, "sha256": ""})
    (spoilt / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(BackupError, match="leads out of the backup"):
        bring_back(empty, spoilt)


def test_a_backup_of_a_newer_version_is_refused(empty, spoilt):
    told = json.loads((spoilt / "manifest.json").read_text())
    (spoilt / "manifest.json").write_text(json.dumps({**told, "format": 99}))
    with pytest.raises(BackupError, match="written by a newer version"):
        bring_back(empty, spoilt)


def test_another_ledger_under_right_hashes_is_found_by_the_verifier(
    empty, spoilt, make_small, tmp_path
):
    other = make_small(tmp_path / "other")
    file = spoilt / "ledger" / "ledger.sqlite"
    file.unlink()
    copy_to_file(f"sqlite:///{other.where.ledger}", file)
    told = json.loads((spoilt / "manifest.json").read_text())
    size, digest = manifest.hashed(file)
    for item in told["files"]:
        if item["path"] == "ledger/ledger.sqlite":
            item |= {"size": size, "sha256": digest}
    (spoilt / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(BackupError, match="tail_missing"):
        bring_back(empty, spoilt)


def test_a_checkpoint_kept_elsewhere_shows_an_older_backup(small, shelf, tmp_path):
    old = creation.create(small.settings, small.where, shelf)
    small.publish(2)
    kept = tmp_path / "checkpoint.txt"
    with small.ledger() as ledger:
        kept.write_text(ledger.checkpoint())
    shutil.rmtree(small.where.var)
    with pytest.raises(BackupError, match="tail_missing"):
        restoring.restore(small.settings, old.folder, checkpoint=kept)


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        (None, "set IFP_BACKUP_PASSPHRASE"),
        (SecretStr("wrong"), "is not the one they were locked with"),
    ],
)
def test_locked_keys_need_their_passphrase(empty, taken, passphrase, said):
    with pytest.raises(BackupError, match=said):
        bring_back(empty, taken.folder, backup_passphrase=passphrase)
    assert not empty.where.var.exists()


def test_keys_that_were_left_out_have_to_be_given_and_to_be_the_right_ones(
    small, shelf, make_small, tmp_path
):
    other = make_small(tmp_path / "other")
    kept = tmp_path / "kept"
    shutil.copytree(small.where.keys, kept)
    settings = small.settings.model_copy(update={"backup_passphrase": None})
    taken = creation.create(settings, small.where, shelf)
    shutil.rmtree(small.where.var)
    with pytest.raises(BackupError, match="this backup holds no keys"):
        restoring.restore(settings, taken.folder)
    with pytest.raises(BackupError, match="are those of another ledger"):
        restoring.restore(settings, taken.folder, keys=other.where.keys)
    restoring.restore(settings, taken.folder, keys=kept)
    with small.ledger() as ledger:
        assert ledger.read_private(1) == b"a name"


def test_keys_are_never_made_for_a_ledger_that_has_some(small):
    shutil.rmtree(small.where.keys)
    with pytest.raises(KeyUnusable, match="put them back"):
        open_keyring(small.settings, small.where)
    assert not small.where.keys.exists()


def test_a_restore_that_was_killed_is_not_taken_for_a_platform(empty, taken):
    (empty.where.var / stores.UNFINISHED).mkdir(parents=True)
    with pytest.raises(stores.StoreError, match="did not come to its end"):
        places.at(empty.where.var)
    with pytest.raises(BackupError, match="did not end"):
        bring_back(empty, taken.folder)


@pytest.mark.postgres
def test_a_ledger_moves_from_sqlite_to_postgres_and_back(empty, taken, new_postgres_url, tmp_path):
    url = new_postgres_url()
    bring_back(empty, taken.folder, ledger_url=SecretStr(url))
    settings = empty.settings.model_copy(update={"ledger_url": SecretStr(url)})
    assert not empty.where.ledger.exists()
    with Ledger.open(url, keys=open_keyring(settings, empty.where)) as ledger:
        assert ledger.checkpoint() == taken.manifest.ledger.checkpoint
        moment = ledger.entry(0).recorded_at
        ledger.append(Entry("note", "alder", moment, Actor("system", "test"), (), {}))
        later = ledger.checkpoint()
    again = creation.create(settings, empty.where, tmp_path / "again")
    assert again.manifest.ledger.engine == "postgresql"
    back = settings.model_copy(update={"var": tmp_path / "back", "ledger_url": None})
    restoring.restore(back, again.folder)
    where = places.at(back.var)
    with open_ledger(back, where, open_keyring(back, where)) as ledger:
        assert ledger.checkpoint() == later
