"""`ifp migrate` as a person calls it: it tells, takes a backup, brings forward, or refuses."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from orchestration import stores


@pytest.fixture
def older(begun):
    """The same folder as a version without heartbeats and stamps left it."""
    (begun.var / stores.STAMP).unlink()
    with closing(sqlite3.connect(begun.ledger)) as database, database:
        database.execute("drop table heartbeats")
        database.execute("update alembic_version set version_num = '0001'")
    return begun


def test_what_is_behind_is_told_and_left_alone(call, older):
    done = call("migrate", "--check", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {item["store"] for item in found["stores"] if item["state"] == "behind"} == {
        "folder",
        "ledger",
    }
    assert stores.found(older.var) == 1


def test_a_backup_is_taken_before_anything_is_brought_forward(call, older, tmp_path):
    found = json.loads(call("migrate", "--json").stdout)
    assert found["ok"] is True
    assert found["migrated"] == ["folder", "ledger"]
    taken = json.loads((tmp_path / "shelf" / found["backup"] / "manifest.json").read_text())
    assert (taken["ledger"]["revision"], taken["store_format"]) == ("0001", 1)
    assert call("migrate").stdout.count("current") >= 2


def test_a_newer_store_is_refused_and_nothing_is_changed(call, older):
    stores.stamp(older.var, 99)
    done = call("migrate")
    assert done.exit_code == 1
    assert "A newer version wrote this; nothing was changed" in done.stdout
    with closing(sqlite3.connect(older.ledger)) as database:
        assert database.execute("select version_num from alembic_version").fetchone() == ("0001",)


def test_the_version_is_told(call):
    assert "ifp 0.1.0 (var form 2)" in call("--version").stdout
