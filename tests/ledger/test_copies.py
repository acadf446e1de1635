"""A copy holds the ledger of one moment, whoever writes meanwhile, and goes back to any engine."""

import threading
from contextlib import suppress

import pytest

from ledger.copies import copy_from_file, copy_to_file
from ledger.database import Database
from ledger.entry import Actor
from ledger.errors import LedgerError, LedgerNotEmpty, LedgerTooNew, SubjectErased
from ledger.reader import LedgerReader
from ledger.store import Ledger
from ledger.verify import verify


@pytest.fixture
def filled(any_ledger, make_entry, make_reservation):
    """A ledger with all that a ledger holds, once per engine."""
    with any_ledger.transaction() as tx:
        tx.reserve(make_reservation())
        tx.append(make_entry("decision", {"decision_id": "d1"}, subjects=("r1",)))
        tx.append(make_entry(body={"n": 1}, private=b"a name", subject_key_id="p1"))
        tx.enqueue("bank.pay", "alder", "k1", {"n": 1})
    return any_ledger


def read(path, keys):
    """Open a copy for reading only: nothing about the file may change."""
    return LedgerReader(
        Database(f"sqlite:///{path}", read_only=True), keys=keys, origin="ifp.local/ledger"
    )


def test_a_copy_is_one_file_that_verifies_against_the_ledgers_checkpoint(
    filled, any_url, keys, tmp_path
):
    copy = tmp_path / "copy" / "ledger.sqlite"
    assert copy_to_file(any_url, copy) == "0002"
    before = copy.read_bytes()
    report = verify(
        f"sqlite:///{copy}", checkpoint=filled.checkpoint(), public_key=filled.verifier_key
    )
    assert (report.ok, report.root) == (True, filled.root().hex())
    assert read(copy, keys).checkpoint() == filled.checkpoint()
    assert [path.name for path in copy.parent.iterdir()] == ["ledger.sqlite"]
    assert copy.read_bytes() == before


def test_a_copy_goes_back_into_either_engine_and_the_ledger_goes_on(
    filled, any_url, keys, tmp_path, make_entry, request
):
    copy_to_file(any_url, tmp_path / "copy.sqlite")
    targets = [f"sqlite:///{tmp_path / 'back.sqlite'}"]
    if "postgres" in any_url:
        targets.append(request.getfixturevalue("new_postgres_url")())
    for target in targets:
        copy_from_file(tmp_path / "copy.sqlite", target)
        with Ledger.open(target, keys=keys) as back:
            assert back.checkpoint() == filled.checkpoint()
            assert back.exposures("alder") == filled.exposures("alder")
            assert back.read_private(2) == b"a name"
            assert [task.idempotency_key for task in back.queue.claim(["bank.pay"], 60)] == ["k1"]
            with back.transaction() as tx:
                assert tx.enqueue("bank.pay", "alder", "k2", {}) == 2
            back.append(make_entry())
            key = back.verifier_key
        assert verify(target, checkpoint=filled.checkpoint(), public_key=key).ok


def test_a_copy_taken_while_others_write_is_sound(any_ledger, any_url, keys, tmp_path, make_entry):
    any_ledger.append(make_entry())
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            any_ledger.append_many(make_entry(body={"n": n}) for n in range(20))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = []
        for number in range(3):
            copy = tmp_path / f"{number}.sqlite"
            copy_to_file(any_url, copy)
            note = read(copy, keys).checkpoint()
            reports.append(
                verify(f"sqlite:///{copy}", checkpoint=note, public_key=any_ledger.verifier_key)
            )
    finally:
        stop.set()
        writer.join()
    assert all(report.ok for report in reports)
    assert [r.size for r in reports] == sorted({r.size for r in reports})


def test_what_an_erasure_overwrote_is_not_in_a_copy(filled, any_url, keys, tmp_path):
    filled.erase("alder", "p1", by=Actor("person", "dpo"), case="c1")
    copy_to_file(any_url, tmp_path / "copy.sqlite")
    with suppress(SubjectErased):
        assert read(tmp_path / "copy.sqlite", keys).read_private(2) is None


def test_a_ledger_of_an_older_version_is_copied_as_it_is(any_url, tmp_path, keys):
    from ledger.migrations import lay_out, revision

    database = Database(any_url)
    lay_out(database, "0001")
    database.close()
    assert copy_to_file(any_url, tmp_path / "copy.sqlite") == "0001"
    copied = Database(f"sqlite:///{tmp_path / 'copy.sqlite'}", read_only=True)
    assert revision(copied) == "0001"
    copied.close()


def test_nothing_is_written_over_a_ledger_or_a_file(filled, any_url, tmp_path):
    copy_to_file(any_url, tmp_path / "copy.sqlite")
    with pytest.raises(LedgerNotEmpty, match="is no empty ledger"):
        copy_from_file(tmp_path / "copy.sqlite", any_url)
    with pytest.raises(LedgerNotEmpty, match="exists"):
        copy_to_file(any_url, tmp_path / "copy.sqlite")


def test_what_is_no_ledger_is_refused(url, tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        copy_to_file(url, tmp_path / "copy.sqlite")


def test_a_ledger_of_a_newer_version_is_not_copied(ledger, url, tmp_path):
    database = Database(url)
    with database.writing() as cursor:
        cursor.plain("UPDATE alembic_version SET version_num = '0999'")
    database.close()
    with pytest.raises(LedgerTooNew):
        copy_to_file(url, tmp_path / "copy.sqlite")
