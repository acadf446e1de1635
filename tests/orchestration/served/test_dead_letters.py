"""What people do about dead letters: alone where no money moves, by two where it does."""

from __future__ import annotations

import pytest

from ledger.entry import Actor, Entry
from orchestration.worker import Worker

TENANT = "alder"
ANNA, BEN = Actor("person", "anna"), Actor("person", "ben")
REPLAYED, CLOSED = "command.dead_letter_replayed", "command.dead_letter_closed"


@pytest.fixture
def dead(platform):
    """Give up a task of a kind; give its number."""

    def give_up(kind):
        with platform.ledger.transaction() as tx:
            tx.enqueue(kind, TENANT, f"{kind}:1", {})
        (task,) = platform.ledger.queue.claim([kind], 30)
        with platform.ledger.transaction() as tx:
            tx.fail(task, "refused")
        return task

    return give_up


@pytest.fixture
def ask(platform):
    """Append a command about a dead letter as a page does, serve it, give its state."""
    worker = Worker(platform, reports_events=False)

    def asked(kind, task, by, *, tenant=TENANT, **more):
        command_id = f"{kind}-{task.id}-{by.id}"
        payload = {"command_id": command_id, "task_id": task.id, **more}
        body = {**payload, "command": kind.removeprefix("command."), "status": "queued"}
        about = (kind, task.idempotency_key)
        with platform.ledger.transaction() as tx:
            tx.append(Entry("command", tenant, platform.clock.as_of, by, about, body))
            tx.enqueue(kind, tenant, f"{kind}:{command_id}", payload)
        assert worker._serve_desk() == 1
        return _state(platform, command_id)

    return asked


def _state(platform, command_id):
    (row,) = platform.ledger.projection("commands", key=command_id)
    return row


def test_what_moves_no_money_one_person_has_tried_again(platform, dead, ask):
    task = dead("notice.send")
    assert ask(REPLAYED, task, ANNA)["status"] == "done"
    assert platform.ledger.queue.dead_letters() == []
    assert platform.ledger.latest("task_replayed").entry.actor == ANNA


def test_money_waits_for_a_second_person_whose_command_carries_both_out(platform, dead, ask):
    task = dead("bank.pay")
    first = ask(REPLAYED, task, ANNA)
    assert (first["status"], first["waits_for"]) == ("waiting", "second_person")
    assert len(platform.ledger.queue.dead_letters()) == 1
    second = ask(REPLAYED, task, BEN)
    assert (second["status"], second["approved_by"]) == ("done", "ben")
    assert _state(platform, first["command_id"])["status"] == "done"
    entry = platform.ledger.latest("task_replayed").entry
    assert (entry.actor, entry.body["approved_by"]) == (ANNA, "ben")


def test_asking_for_something_else_is_no_second_yes(platform, dead, ask):
    task = dead("bank.pay")
    ask(REPLAYED, task, ANNA)
    state = ask(CLOSED, task, BEN, reason="paid by hand")
    assert state["status"] == "waiting"
    assert len(platform.ledger.queue.dead_letters()) == 1


def test_closing_needs_a_reason_and_keeps_it(platform, dead, ask):
    task = dead("notice.send")
    assert ask(CLOSED, task, ANNA)["status"] == "refused"
    assert ask(CLOSED, task, BEN, reason="sent by post")["status"] == "done"
    assert platform.ledger.latest("task_closed").entry.body["reason"] == "sent by post"


def test_another_tenants_dead_letter_is_none_of_ours(dead, ask):
    state = ask(REPLAYED, dead("notice.send"), ANNA, tenant="birch")
    assert state["status"] == "refused"
