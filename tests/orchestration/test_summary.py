"""What `ifp run` says at its end."""

from __future__ import annotations

import duckdb
import pytest

from orchestration import summary
from orchestration.commands.run import _unsettled


@pytest.fixture
def syncs():
    """A warehouse that remembers two syncs of one entity and one of another."""
    with duckdb.connect() as connection:
        connection.execute("create schema raw_sync")
        connection.execute(
            "create table raw_sync.entities as select * from (values"
            " ('a', 'alder', 'xero-1', 'xero', 'invoices', 'failed', 'away', 1),"
            " ('b', 'alder', 'xero-1', 'xero', 'invoices', 'ok', null, 2),"
            " ('b', 'alder', 'bank-1', 'bank', 'accounts', 'failed', 'refused', 2))"
            " as t(sync_id, tenant_id, connection_id, system, entity, status, cause, finished_at)"
        )
        yield summary._syncs(connection)


def test_the_newest_sync_of_each_entity_counts(syncs):
    assert (syncs["ok"], syncs["partial"], syncs["failed"]) == (1, 0, 1)
    assert [item["entity"] for item in syncs["causes"]] == ["bank/accounts"]


def test_a_warehouse_without_syncs_has_none_that_failed():
    with duckdb.connect() as connection:
        assert summary._syncs(connection)["causes"] == []


def test_what_was_not_read_and_what_is_owed_is_told_with_what_to_do(syncs):
    queue = {"open": 2, "dead_letters": 1}
    failed, owed = _unsettled({"syncs": syncs, "queue": queue})
    assert failed == "FAILED     bank-1 bank/accounts: refused"
    assert "2 wait" in owed
    assert "ifp queue list" in owed
    assert _unsettled({"syncs": {"causes": []}, "queue": {"open": 0, "dead_letters": 0}}) == []
