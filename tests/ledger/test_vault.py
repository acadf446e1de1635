"""Private payloads open for their owner, and for nobody once their subject is erased."""

import sqlite3

import pytest

from ledger import merkle
from ledger.entry import Actor
from ledger.errors import InvalidEntry, KeyUnusable, SubjectErased
from ledger.keys import Keyring
from ledger.store import Ledger
from ledger.verify import verify

ANNA = Actor("person", "anna")
SECRET = b"Jane Doe, born 1970"


@pytest.fixture
def private(make_entry):
    def make(subject="p1", payload=SECRET):
        return make_entry(private=payload, subject_key_id=subject)

    return make


def test_a_payload_is_read_back_and_nowhere_in_the_clear(ledger, private, tmp_path):
    stored = ledger.append(private())
    assert ledger.read_private(0) == SECRET
    assert b"Jane" not in stored.canonical
    ledger.close()
    for path in tmp_path.iterdir():
        assert b"Jane" not in path.read_bytes()


def test_an_entry_without_private_part_has_none(ledger, make_entry):
    ledger.append(make_entry())
    assert ledger.read_private(0) is None


def test_a_private_part_needs_a_subject(ledger, make_entry):
    with pytest.raises(InvalidEntry, match="subject"):
        ledger.append(make_entry(private=b"x"))


def test_another_master_key_opens_nothing(ledger, url, private):
    ledger.append(private())
    with Ledger.open(url, keys=Keyring.generate()) as other, pytest.raises(KeyUnusable):
        other.read_private(0)


def test_erasure_leaves_proofs_and_a_certificate(any_ledger, any_url, private):
    kept, erased = any_ledger.append(private("p1")), any_ledger.append(private("p2"))
    certificate = any_ledger.erase("alder", "p2", by=ANNA, case="case 7")
    assert certificate.entry.type == "erasure_certificate"
    assert certificate.entry.body == {"subject_key_id": "p2", "case": "case 7"}
    assert any_ledger.read_private(kept.index) == SECRET
    with pytest.raises(SubjectErased, match="case 7"):
        any_ledger.read_private(erased.index)
    assert merkle.verify_inclusion(
        erased.leaf_hash,
        index=erased.index,
        size=3,
        path=any_ledger.inclusion_proof(erased.index),
        root=any_ledger.root(),
    )
    assert verify(any_url).ok


def test_an_erased_subject_gets_no_new_payloads_and_no_second_erasure(ledger, private):
    ledger.append(private())
    ledger.erase("alder", "p1", by=ANNA, case="case 7")
    for act in (
        lambda: ledger.append(private()),
        lambda: ledger.erase("alder", "p1", by=ANNA, case="case 8"),
    ):
        with pytest.raises(SubjectErased):
            act()
    assert ledger.size() == 2


def test_a_subject_without_payloads_can_be_erased(ledger, private):
    ledger.erase("alder", "p9", by=ANNA, case="case 7")
    with pytest.raises(SubjectErased):
        ledger.append(private("p9"))


def test_no_byte_of_a_destroyed_key_stays_on_disk(ledger, private, tmp_path):
    ledger.append(private())
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        [(wrapped,)] = connection.execute("select wrapped_key from subject_keys")
    connection.close()
    assert len(wrapped) > 32
    ledger.erase("alder", "p1", by=ANNA, case="case 7")
    for path in tmp_path.iterdir():
        assert wrapped[12:] not in path.read_bytes(), path.name


def test_payloads_of_one_subject_do_not_look_alike(ledger, private, tmp_path):
    ledger.append_many([private(), private()])
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        rows = connection.execute("select ciphertext from private_payloads").fetchall()
    connection.close()
    assert len(set(rows)) == 2
