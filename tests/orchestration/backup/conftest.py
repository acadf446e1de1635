"""A small platform to back up: a ledger, a warehouse, a snapshot it points to, uploads."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ledger.entry import Actor, Entry
from ledger.store import Ledger
from orchestration import places, settings
from orchestration.backup import creation
from orchestration.backup.creation import Taken
from orchestration.places import Places
from orchestration.resources.ledger import open_keyring, open_ledger
from orchestration.settings import Settings

MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
SYSTEM = Actor("system", "orchestration")


@dataclass(frozen=True)
class Small:
    """A platform without counterparts."""

    settings: Settings
    where: Places

    def ledger(self) -> Ledger:
        """Open its ledger."""
        return open_ledger(self.settings, self.where, open_keyring(self.settings, self.where))

    def publish(self, number: int) -> str:
        """Write a snapshot and point to it; give its id."""
        snapshot_id = f"{number:024x}"
        path = self.where.published / f"{snapshot_id}.duckdb"
        path.write_bytes(f"snapshot {number}".encode())
        body = {
            "snapshot_id": snapshot_id,
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "as_of": "2026-06-30T12:00:00Z",
            "tenants": {"alder": {"state": "fresh", "snapshot_id": snapshot_id}},
            "tables": {},
        }
        with self.ledger() as ledger:
            ledger.append(Entry("publication", "platform", MOMENT, SYSTEM, (snapshot_id,), body))
        return snapshot_id


@pytest.fixture(scope="module")
def make_small() -> Callable[[Path], Small]:
    """Make a small platform in a folder."""

    def make(var: Path) -> Small:
        found = settings.load(var=var, backup_passphrase="correct horse battery")
        where = places.at(found.var)
        small = Small(found, where)
        with small.ledger() as ledger, ledger.transaction() as tx:
            tx.append(Entry("note", "alder", MOMENT, SYSTEM, (), {"n": 1}))
            tx.append(
                Entry(
                    "note",
                    "alder",
                    MOMENT,
                    SYSTEM,
                    (),
                    {"n": 2},
                    private=b"a name",
                    subject_key_id="p1",
                )
            )
            tx.enqueue("bank.submit", "alder", "k1", {"n": 1})
        with duckdb.connect(str(where.warehouse)) as connection:
            connection.execute("create table raw as select range as n from range(1000)")
        content = b"number;amount\n1;100\n"
        inbox = where.inbox / f"{hashlib.sha256(content).hexdigest()}.csv"
        inbox.write_bytes(content)
        (where.published / ".draft.1.duckdb").write_bytes(b"half")
        (where.logs / "ifp.jsonl").write_text("{}\n")
        (where.dagster / "schedules").mkdir()
        return small

    return make


@pytest.fixture
def small(make_small, tmp_path) -> Small:
    """A small platform with one publication."""
    made = make_small(tmp_path / "var")
    made.publish(1)
    return made


@pytest.fixture(scope="module")
def taken(make_small, tmp_path_factory) -> Taken:
    """A backup of such a platform, which is gone; look at it only."""
    folder = tmp_path_factory.mktemp("taken")
    made = make_small(folder / "var")
    made.publish(1)
    done = creation.create(made.settings, made.where, folder / "shelf")
    made.where.var.rename(folder / "was")
    return done


@pytest.fixture
def shelf(tmp_path) -> Path:
    """Where backups go."""
    return tmp_path / "shelf"


@pytest.fixture
def empty(tmp_path) -> Small:
    """Settings and places of a folder that does not exist yet."""
    found = settings.load(var=tmp_path / "var", backup_passphrase="correct horse battery")
    return Small(found, Places(found.var))


@pytest.fixture
def spoilt(taken, tmp_path) -> Path:
    """A copy of the backup that may be changed."""
    return Path(shutil.copytree(taken.folder, tmp_path / taken.folder.name))
