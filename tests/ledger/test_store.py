"""The ledger appends all or nothing, reads what it wrote, and proves it."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.checkpoint import open_checkpoint
from ledger.errors import LedgerCorrupt, LedgerError, UnknownEntry
from ledger.store import Ledger


def test_an_empty_ledger_has_the_empty_root(any_ledger):
    assert any_ledger.size() == 0
    assert any_ledger.root() == merkle.EMPTY_ROOT
    assert open_checkpoint(any_ledger.checkpoint(), any_ledger.verifier_key).size == 0
    assert any_ledger.latest("note") is None


def test_entries_come_back_as_they_went_in(any_ledger, make_entry):
    entries = [make_entry(body={"n": n}, subjects=(f"s{n}", "all")) for n in range(5)]
    stored = any_ledger.append_many(entries)
    assert [found.entry for found in any_ledger.entries()] == entries
    assert any_ledger.entry(3) == stored[3]
    assert any_ledger.entries(after=1, limit=2) == stored[2:4]
    assert any_ledger.entries(limit=1, newest_first=True) == stored[4:]
    assert any_ledger.entries(subject="s2") == [stored[2]]
    assert any_ledger.entries(subject="all", after=2, newest_first=True) == stored[:2:-1]
    assert any_ledger.entries(subject="nobody") == []


def test_entries_are_found_by_type_tenant_and_key(any_ledger, make_entry):
    any_ledger.append(make_entry("decision", {"decision_id": "d1"}, subjects=("r1",)))
    any_ledger.append(make_entry("decision", {"decision_id": "d1"}, tenant_id="birch"))
    any_ledger.append(make_entry("override", {"decision_id": "d1"}, subjects=("r1",)))

    def indexes(*args, **kwargs):
        return [stored.index for stored in any_ledger.entries(*args, **kwargs)]

    assert indexes("decision") == [0, 1]
    assert indexes(("decision", "override"), "alder") == [0, 2]
    assert indexes(key="d1") == [0, 1, 2]
    assert indexes("decision", "birch", key="d1") == [1]
    assert indexes(key="d1", subject="r1") == [0, 2]
    assert any_ledger.latest("decision", key="d1").index == 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.integers(1, 60), min_size=1, max_size=6), chooser=st.randoms())
def test_proofs_hold_for_any_way_of_batching(tmp_path_factory, keys, make_entry, batches, chooser):
    url = f"sqlite:///{tmp_path_factory.mktemp('batches') / 'ledger.sqlite'}"
    with Ledger.open(url, keys=keys) as ledger:
        for count in batches:
            ledger.append_many([make_entry(body={"n": n}) for n in range(count)])
    with Ledger.open(url, keys=keys) as ledger:
        size, root = ledger.size(), ledger.root()
        leaves = [stored.leaf_hash for stored in ledger.entries()]
        assert (size, root) == (sum(batches), merkle.root_of(leaves))
        index, old = chooser.randrange(size), chooser.randrange(size + 1)
        within = chooser.randrange(index + 1, size + 1)
        assert merkle.verify_inclusion(
            leaves[index],
            index=index,
            size=within,
            path=ledger.inclusion_proof(index, within),
            root=ledger.root(within),
        )
        assert merkle.verify_consistency(
            old=old,
            new=size,
            old_root=ledger.root(old),
            new_root=root,
            path=ledger.consistency_proof(old),
        )


def test_proofs_beyond_the_ledger_are_refused(ledger, make_entry):
    ledger.append(make_entry())
    for ask in (
        lambda: ledger.inclusion_proof(1),
        lambda: ledger.inclusion_proof(0, 2),
        lambda: ledger.consistency_proof(2),
        lambda: ledger.root(2),
        lambda: ledger.entry(1),
    ):
        with pytest.raises(UnknownEntry):
            ask()


def test_an_error_keeps_nothing_of_the_transaction(any_ledger, make_entry, make_reservation):
    any_ledger.append(make_entry())
    before = any_ledger.root()

    def begin_and_fail():
        with any_ledger.transaction() as tx:
            tx.append(make_entry("decision", {"decision_id": "d1"}))
            tx.reserve(make_reservation())
            tx.enqueue("bank.pay", "alder", "k1", {})
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        begin_and_fail()
    assert any_ledger.root() == before
    assert any_ledger.projection("decisions") == []
    assert any_ledger.exposures("alder") == {}
    assert any_ledger.queue.stats() == {}
    assert any_ledger.append(make_entry()).index == 1


def test_another_process_may_append_in_between(any_url, keys, make_entry):
    with Ledger.open(any_url, keys=keys) as one, Ledger.open(any_url, keys=keys) as other:
        for turn in range(20):
            (one if turn % 3 else other).append(make_entry(body={"turn": turn}))
        leaves = [stored.leaf_hash for stored in one.entries()]
        assert other.root() == one.root() == merkle.root_of(leaves)


def test_recorded_time_never_goes_back(url, keys, make_entry):
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    with Ledger.open(url, keys=keys, clock=lambda: next(times)) as ledger:
        first = ledger.append(make_entry())
        second = ledger.append(make_entry())
    assert second.recorded_at == first.recorded_at == datetime(2026, 1, 2, tzinfo=UTC)


def test_transactions_of_one_thread_do_not_nest(ledger, make_entry):
    with ledger.transaction(), pytest.raises(LedgerError, match="do not nest"):
        ledger.append(make_entry())
    assert ledger.append(make_entry()).index == 0


def test_threads_take_turns(any_ledger, make_entry):
    def append():
        for _ in range(10):
            any_ledger.append(make_entry())

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [stored.index for stored in any_ledger.entries()] == list(range(40))


def test_a_changed_value_is_noticed_when_it_is_read(ledger, make_entry, tmp_path):
    ledger.append_many([make_entry(body={"n": n}) for n in range(2)])
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        changed = ledger.entry(1).canonical.replace(b'"n":1', b'"n":7')
        connection.execute("update entries set canonical = ? where idx = 1", (changed,))
        connection.execute("update entries set canonical = 'text' where idx = 0")
    connection.close()
    for index in (0, 1):
        with pytest.raises(LedgerCorrupt, match=f"entry {index}"):
            ledger.entry(index)
    with pytest.raises(LedgerCorrupt):
        ledger.entries()


def test_a_server_that_drops_the_connection_is_asked_again(any_ledger, make_entry):
    any_ledger.append(make_entry())
    any_ledger._database.engine.dispose()
    any_ledger._database._writer.invalidate()
    any_ledger._database._writer.connection  # noqa: B018  a fresh connection behind the old handle
    assert any_ledger.append(make_entry()).index == 1


def test_a_checkpoint_states_size_and_root(any_ledger, make_entry):
    any_ledger.append_many([make_entry()] * 3)
    checkpoint = open_checkpoint(any_ledger.checkpoint(), any_ledger.verifier_key)
    assert (checkpoint.size, checkpoint.root) == (3, any_ledger.root())
    assert checkpoint.origin == "ifp.local/ledger"


def test_opening_again_is_quick(url, keys):
    Ledger.open(url, keys=keys).close()
    started = datetime.now(UTC)
    Ledger.open(url, keys=keys).close()
    assert datetime.now(UTC) - started < timedelta(seconds=1)


def test_the_url_does_not_tell_the_password(keys, ledger):
    assert "ledger.sqlite" in ledger.url
