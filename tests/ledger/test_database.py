"""Where a ledger may live, and how it waits for its turn."""

import sqlite3

import pytest
from sqlalchemy import bindparam, func, select

from ledger import database as module
from ledger.database import Database
from ledger.errors import LedgerBusy, LedgerError
from ledger.schema import ENTRIES, QUEUE
from ledger.store import Ledger

COUNT = select(func.count()).select_from(ENTRIES)


def test_a_ledger_does_not_live_in_memory():
    with pytest.raises(LedgerError, match="in a file"):
        Database("sqlite://")


def test_sqlite_writes_through_to_the_disk(ledger):
    with ledger.reading() as cursor:
        values = {}
        for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys"):
            cursor.plain(f"PRAGMA {name}")
            values[name] = cursor._cursor.fetchone()[0]
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 2,
        "foreign_keys": 1,
    }


def test_a_reader_of_a_snapshot_sees_no_later_entry(any_ledger, any_url, make_entry):
    any_ledger.append(make_entry())
    reader = Database(any_url, read_only=True)
    try:
        with reader.snapshot() as cursor:
            before = cursor.rows(COUNT)
            any_ledger.append(make_entry())
            assert cursor.rows(COUNT) == before
    finally:
        reader.close()
    assert any_ledger.size() == 2


def test_a_read_only_database_is_not_made(tmp_path):
    with pytest.raises(LedgerError, match="no ledger"):
        Database(f"sqlite:///{tmp_path / 'none.sqlite'}", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(
    url, ledger, keys, make_entry, monkeypatch
):
    monkeypatch.setattr(module, "_PRAGMAS", ("PRAGMA busy_timeout=10",))
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Ledger.open(url, keys=keys) as waiting:
        with pytest.raises(LedgerBusy):
            waiting.append(make_entry())
        other.execute("ROLLBACK")
        assert waiting.append(make_entry()).index == 0
    other.close()


def test_constants_of_a_statement_stand_in_their_places(ledger):
    statement = select(QUEUE.c.id).where(
        QUEUE.c.kind == "a", QUEUE.c.tenant_id == bindparam("tenant"), QUEUE.c.state == "open"
    )
    prepared = ledger._database.prepare(statement)
    assert list(prepared.bind(("alder",))) == ["a", "alder", "open"]
