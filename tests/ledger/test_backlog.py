"""What waits, who holds it and what was given up, as people see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ledger import backlog
from ledger.keys import Keyring
from ledger.store import Ledger

START = datetime(2026, 6, 30, 9, tzinfo=UTC)


@pytest.fixture
def clock():
    class Clock:
        now = START

        def __call__(self) -> datetime:
            return self.now

    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    keys = Keyring.load(tmp_path / "keys", create=True)
    with Ledger.open(tmp_path / "ledger.sqlite", keys=keys, clock=clock) as opened:
        with opened.transaction() as tx:
            for place, tenant_id in enumerate(("alder", "alder", "alder", "birch")):
                tx.enqueue("bank.pay", tenant_id, f"key-{place}", {"n": place})
        yield opened


def standings(ledger, now, tenant_id="alder"):
    return [one.standing for one in backlog.tasks(ledger, tenant_id, now=now)]


def test_a_task_is_waiting_until_somebody_holds_it(ledger, clock):
    assert standings(ledger, clock.now) == ["waiting"] * 3
    ledger.queue.claim(("bank.pay",), 60, limit=1)
    assert standings(ledger, clock.now) == ["leased", "waiting", "waiting"]


def test_a_lease_that_ran_out_no_longer_counts_as_held(ledger, clock):
    ledger.queue.claim(("bank.pay",), 60, limit=1)
    assert standings(ledger, clock.now + timedelta(seconds=61))[0] == "retrying"


def test_a_failed_attempt_waits_for_its_next_time_and_then_dies(ledger, clock):
    first, second = ledger.queue.claim(("bank.pay",), 60, limit=2)
    with ledger.transaction() as tx:
        tx.fail(first, "unreachable", clock.now + timedelta(minutes=5))
        tx.fail(second, "refused")
    assert standings(ledger, clock.now) == ["retrying", "dead", "waiting"]
    told = backlog.tasks(ledger, "alder", now=clock.now, standings=("dead",))
    assert [(one.id, one.reason, one.attempts) for one in told] == [(second.id, "refused", 1)]


def test_another_tenants_tasks_are_not_seen(ledger, clock):
    assert [one.idempotency_key for one in backlog.tasks(ledger, "birch", now=clock.now)] == [
        "key-3"
    ]


def test_the_count_names_the_oldest_and_the_most_attempts(ledger, clock):
    task = ledger.queue.claim(("bank.pay",), 60)[0]
    clock.now += timedelta(hours=1)
    with ledger.transaction() as tx:
        tx.enqueue("notice.send", "alder", "later", {})
    found = {(one.kind, one.standing): one for one in backlog.backlog(ledger, "alder", now=START)}
    assert found["bank.pay", "leased"].most_attempts == task.attempts
    assert found["bank.pay", "waiting"].tasks == 2
    assert found["bank.pay", "waiting"].oldest_at == START
    assert found["notice.send", "waiting"].oldest_at == START + timedelta(hours=1)


def test_a_task_that_ended_is_found_by_its_key_and_by_its_number(ledger, clock):
    task = ledger.queue.claim(("bank.pay",), 60)[0]
    with ledger.transaction() as tx:
        tx.complete(task)
    by_key = backlog.find(ledger, task.idempotency_key, now=clock.now)
    assert by_key is not None
    assert by_key.standing == "done"
    assert backlog.by_id(ledger, task.id, now=clock.now) == by_key
    assert backlog.find(ledger, "unknown", now=clock.now) is None
