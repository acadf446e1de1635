"""What a page asks: once, by role, without a word that names people in the clear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps import commands
from apps.access import AccessRefusedError, Role, User
from apps.quarantine import correction
from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.store import Ledger

OPERATOR = User("olga", "Olga", {"alder": Role.OPERATOR})
ANALYST = User("ann", "Ann", {"alder": Role.ANALYST})
TEXT = '{"Name": "Joan Smith"}'


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    keys = Keyring.load(tmp_path / "keys", create=True)
    with Ledger.open(tmp_path / "ledger.sqlite", keys=keys) as opened:
        yield opened


def answer(ledger: Ledger, command_id: str, **body: str) -> None:
    told = {"command_id": command_id, **body}
    moment = commands.now()
    ledger.append(Entry("command_status", "alder", moment, Actor("system", "worker"), (), told))


def test_a_command_is_an_entry_and_a_task_of_one_transaction(ledger: Ledger):
    command_id = commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT))
    assert ledger.size() == 1
    task = ledger.queue.claim((commands.QUARANTINE_CORRECTED,), 60)[0]
    assert task.payload == {"command_id": command_id, "quarantine_id": "q1"}
    stored = ledger.entry(0)
    assert stored.entry.actor == Actor("person", "olga")
    assert stored.entry.body["command"] == "quarantine_corrected"


def test_what_a_record_says_is_only_in_the_encrypted_part(ledger: Ledger):
    commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT))
    assert b"Joan" not in ledger.entry(0).canonical
    assert ledger.read_private(0) == TEXT.encode()


def test_the_same_question_is_the_same_command(ledger: Ledger):
    first = commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT))
    assert commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT)) == first
    assert commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT + " ")) != first
    assert ledger.size() == 2


@pytest.mark.parametrize("word", ["refused", "failed"])
def test_a_refused_question_may_be_asked_anew(ledger: Ledger, word: str):
    first = commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT))
    answer(ledger, first, status=word, detail="still no date")
    told = commands.state(ledger, "alder", first)
    assert told is not None
    assert (told.phase, told.reason) == ("refused", "still no date")
    assert commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT)) != first


def test_a_role_without_the_permission_appends_nothing(ledger: Ledger):
    with pytest.raises(AccessRefusedError, match="correct_records"):
        commands.ask(ledger, ANALYST, correction("alder", "q1", TEXT))
    assert ledger.size() == 0


def test_the_phases_follow_the_queue_and_then_the_answer(ledger: Ledger):
    command_id = commands.ask(ledger, OPERATOR, correction("alder", "q1", TEXT))

    def phase() -> str:
        told = commands.state(ledger, "alder", command_id)
        assert told is not None
        return told.phase

    assert phase() == "queued"
    task = ledger.queue.claim((commands.QUARANTINE_CORRECTED,), 60)[0]
    assert phase() == "running"
    with ledger.transaction() as tx:
        tx.fail(task, "the warehouse is busy", commands.now())
    assert phase() == "retrying"
    task = ledger.queue.claim((commands.QUARANTINE_CORRECTED,), 60)[0]
    with ledger.transaction() as tx:
        tx.fail(task, "claimed too often")
    assert phase() == "given_up"
    answer(ledger, command_id, status="done")
    assert phase() == "done"


def test_commands_are_found_by_what_they_are_about_newest_first(ledger: Ledger):
    asked = [
        commands.ask(ledger, OPERATOR, correction("alder", name, TEXT)) for name in ("a", "b", "c")
    ]
    kinds = (commands.QUARANTINE_CORRECTED,)
    found = commands.recent(ledger, "alder", kinds)
    assert [one.command_id for one in found] == asked[::-1]
    assert [one.command_id for one in commands.recent(ledger, "alder", kinds, about="b")] == [
        asked[1]
    ]
    assert commands.recent(ledger, "birch", kinds) == []


def test_a_command_of_another_door_has_no_state_here(ledger: Ledger):
    body = {"command_id": "c1", "kind": "bank.event"}
    ledger.append(Entry("command", "alder", commands.now(), Actor("counterpart", "bank"), (), body))
    assert commands.state(ledger, "alder", "c1") is None
