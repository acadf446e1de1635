"""A platform of an older version is told as such and brought forward; a newer one is refused."""

from __future__ import annotations

import json

import pytest

from ledger.database import Database
from ledger.entry import Actor, Entry
from ledger.errors import LedgerBehind, LedgerTooNew
from ledger.keys import Keyring
from ledger.migrations import lay_out, revision
from ledger.store import Ledger
from orchestration import places, settings, stores, upgrade
from orchestration.places import Places
from orchestration.resources.ledger import open_keyring, open_ledger


@pytest.fixture
def found(tmp_path):
    """Settings of a folder of its own."""
    return settings.load(var=tmp_path / "var")


@pytest.fixture
def old(found):
    """A folder as the first version left it: no stamp, the first migration, a draft left over."""
    where = Places(found.var)
    where.prepare()
    database = Database(f"sqlite:///{where.ledger}")
    lay_out(database, "0001")
    with Ledger(database, keys=Keyring.load(where.keys, create=True)) as ledger:
        moment = ledger._clock()
        ledger.append(Entry("note", "alder", moment, Actor("system", "test"), (), {}))
        root = ledger.root()
    (where.published / ".draft.999999999.duckdb").write_bytes(b"half")
    (where.dbt / "manifest.json").write_text(json.dumps({"metadata": {"dbt_version": "1.0.0"}}))
    return where, root


def states(loaded, where):
    """Give the state of each store."""
    return {item.store: item.state for item in upgrade.standings(loaded, where)}


def test_an_older_platform_is_brought_forward_and_keeps_its_history(found, old):
    where, root = old
    assert states(found, where) == {
        "folder": "behind",
        "ledger": "behind",
        "dagster": "absent",
        "project": "behind",
        "warehouse": "absent",
    }
    done = upgrade.bring_forward(found, where, upgrade.standings(found, where))
    assert done == ["folder", "ledger", "project"]
    assert set(states(found, where).values()) == {"current", "absent"}
    assert not list(where.published.iterdir())
    with open_ledger(found, places.at(found.var), open_keyring(found, where)) as ledger:
        assert (ledger.size(), ledger.root()) == (1, root)
        assert ledger.heartbeats.all() == []


def test_looking_changes_nothing(found, old):
    where, _ = old
    before = {path: path.read_bytes() for path in where.var.rglob("*") if path.is_file()}
    upgrade.standings(found, where)
    after = {path: path.read_bytes() for path in where.var.rglob("*") if path.is_file()}
    assert {p: c for p, c in after.items() if not p.name.endswith(("-shm", "-wal"))} == {
        p: c for p, c in before.items() if not p.name.endswith(("-shm", "-wal"))
    }


def test_outside_dev_an_older_ledger_waits_for_the_command(found, old):
    where, _ = old
    staging = found.model_copy(update={"profile": "staging"})
    with pytest.raises(LedgerBehind, match="ifp migrate"):
        open_ledger(staging, where, open_keyring(staging, where))
    database = Database(f"sqlite:///{where.ledger}")
    assert revision(database) == "0001"
    database.close()


def test_a_folder_of_a_newer_version_is_refused_before_anything_is_opened(found):
    stores.stamp(found.var, 99)
    with pytest.raises(stores.StoreError, match="form 99, this version knows 2 at most"):
        places.at(found.var)
    assert [path.name for path in found.var.iterdir()] == [stores.STAMP]
    assert states(found, Places(found.var))["folder"] == "newer"


def test_a_ledger_of_a_newer_version_is_refused(found):
    where = places.at(found.var)
    open_ledger(found, where, open_keyring(found, where)).close()
    database = Database(f"sqlite:///{where.ledger}")
    with database.writing() as cursor:
        cursor.plain("UPDATE alembic_version SET version_num = '0999'")
    database.close()
    assert states(found, where)["ledger"] == "newer"
    with pytest.raises(LedgerTooNew):
        open_ledger(found, where, open_keyring(found, where))


def test_a_new_folder_gets_the_stamp_of_this_version(found):
    places.at(found.var)
    assert stores.found(found.var) == stores.FORMAT
