"""What people ask about tasks that were given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps import commands, dead_letters
from apps.access import Role, User
from ledger import backlog
from ledger.backlog import QueuedTask
from ledger.entry import Actor
from ledger.keys import Keyring
from ledger.store import Ledger

OLGA = User("olga", "Olga", {"alder": Role.OPERATOR})
OTTO = User("otto", "Otto", {"alder": Role.COMPLIANCE})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    keys = Keyring.load(tmp_path / "keys", create=True)
    with Ledger.open(tmp_path / "ledger.sqlite", keys=keys) as opened:
        yield opened


def given_up(ledger: Ledger, kind: str) -> QueuedTask:
    with ledger.transaction() as tx:
        number = tx.enqueue(kind, "alder", f"{kind}:1", {"request_id": "r1"})
    task = ledger.queue.claim((kind,), 60)[0]
    with ledger.transaction() as tx:
        tx.fail(task, "the bank refused")
    found = backlog.by_id(ledger, number, now=commands.now())
    assert found is not None
    return found


def test_two_people_ask_for_the_same_where_money_moves(ledger: Ledger):
    task = given_up(ledger, "bank.pay")
    first = commands.ask(ledger, OLGA, dead_letters.replay(OLGA, task))
    assert commands.ask(ledger, OLGA, dead_letters.replay(OLGA, task)) == first
    assert commands.ask(ledger, OTTO, dead_letters.replay(OTTO, task)) != first


def test_one_is_enough_elsewhere_and_a_second_adds_nothing(ledger: Ledger):
    task = given_up(ledger, "notice.send")
    first = commands.ask(ledger, OLGA, dead_letters.replay(OLGA, task))
    assert commands.ask(ledger, OTTO, dead_letters.replay(OTTO, task)) == first


def test_a_task_that_dies_again_may_be_asked_about_again(ledger: Ledger):
    task = given_up(ledger, "notice.send")
    first = commands.ask(ledger, OLGA, dead_letters.replay(OLGA, task))
    ledger.queue.replay(task.id, by=Actor("person", "olga"))
    again = given_up(ledger, "notice.send")
    assert commands.ask(ledger, OLGA, dead_letters.replay(OLGA, again)) != first


def test_closing_needs_a_reason(ledger: Ledger):
    task = given_up(ledger, "notice.send")
    with pytest.raises(dead_letters.NoReasonError):
        dead_letters.close(OLGA, task, "  ")
    asked = dead_letters.close(OLGA, task, " paid by hand ")
    assert asked.payload == {"task_id": task.id, "reason": "paid by hand"}


def test_commands_about_a_task_are_found_by_its_key(ledger: Ledger):
    task = given_up(ledger, "notice.send")
    commands.ask(ledger, OLGA, dead_letters.close(OLGA, task, "sent by post"))
    found = commands.recent(ledger, "alder", dead_letters.ASKED, about=task.idempotency_key)
    assert [one.kind for one in found] == [commands.DEAD_LETTER_CLOSED]


def test_the_worker_serves_every_kind_that_pages_ask():
    from orchestration.served.dispatch import SERVED

    assert not set(commands.PERMISSIONS) - set(SERVED)
