"""Tasks are claimed by one worker at a time, tried again with patience, and never lost."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import Actor
from ledger.errors import FourEyesRequired, IdempotencyConflict, LeaseLost, UnknownTask
from ledger.queue import MOST_ATTEMPTS, backoff
from ledger.store import Ledger

ANNA, BEN = Actor("person", "anna"), Actor("person", "ben")


class Clock:
    """A clock that tests wind on."""

    def __init__(self):
        self.now = datetime(2026, 6, 30, tzinfo=UTC)

    def __call__(self):
        """Tell the time."""
        return self.now

    def wind(self, seconds):
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(any_url, keys, clock):
    with Ledger.open(any_url, keys=keys, clock=clock) as opened:
        yield opened


def enqueue(ledger, key="k1", kind="notice.send", payload=None, **rest):
    with ledger.transaction() as tx:
        return tx.enqueue(kind, "alder", key, payload or {}, **rest)


def fail(ledger, task, reason, retry_at=None):
    with ledger.transaction() as tx:
        tx.fail(task, reason, retry_at)


def complete(ledger, task):
    with ledger.transaction() as tx:
        tx.complete(task)


def test_a_task_is_claimed_once_and_done(ledger):
    number = enqueue(ledger, payload={"to": "x", "n": 1})
    [task] = ledger.queue.claim(["notice.send"], 30)
    assert (task.id, task.kind, task.tenant_id) == (number, "notice.send", "alder")
    assert (task.payload, task.attempts) == ({"to": "x", "n": 1}, 1)
    assert ledger.queue.claim(["notice.send"], 30) == []
    complete(ledger, task)
    assert ledger.queue.stats() == {"notice.send": {"done": 1}}


def test_only_due_tasks_of_the_asked_kinds_are_claimed_longest_due_first(ledger, clock):
    enqueue(ledger, "later", not_before=clock.now + timedelta(seconds=60))
    clock.wind(1)
    enqueue(ledger, "second")
    enqueue(ledger, "other", kind="bank.pay")
    assert [task.idempotency_key for task in ledger.queue.claim(["notice.send"], 600, 9)] == [
        "second"
    ]
    clock.wind(60)
    both = ledger.queue.claim(["notice.send", "bank.pay"], 600, 9)
    assert [task.idempotency_key for task in both] == ["other", "later"]


def test_the_same_task_again_is_no_second_one(ledger):
    assert enqueue(ledger, payload={"a": 1}) == enqueue(ledger, payload={"a": 1})
    for other in ({"payload": {"a": 2}}, {"payload": {"a": 1}, "kind": "bank.pay"}):
        with pytest.raises(IdempotencyConflict):
            enqueue(ledger, **other)
    assert ledger.queue.stats() == {"notice.send": {"open": 1}}


def test_a_lease_that_runs_out_gives_the_task_to_another(ledger, clock):
    enqueue(ledger)
    [lost] = ledger.queue.claim(["notice.send"], 30)
    clock.wind(31)
    [task] = ledger.queue.claim(["notice.send"], 30)
    assert task.attempts == 2
    for act in (complete, lambda led, late: fail(led, late, "x")):
        with pytest.raises(LeaseLost):
            act(ledger, lost)
    complete(ledger, task)
    with pytest.raises(LeaseLost):
        complete(ledger, task)


def test_a_lease_can_be_held_for_longer(ledger, clock):
    enqueue(ledger)
    [task] = ledger.queue.claim(["notice.send"], 30)
    clock.wind(20)
    ledger.queue.extend(task, 30)
    clock.wind(20)
    assert ledger.queue.claim(["notice.send"], 30) == []
    complete(ledger, task)


def test_work_whose_lease_was_lost_is_not_kept(ledger, clock, make_entry):
    enqueue(ledger)
    [task] = ledger.queue.claim(["notice.send"], 1)
    clock.wind(2)
    ledger.queue.claim(["notice.send"], 60)

    def finish_late():
        with ledger.transaction() as tx:
            tx.append(make_entry())
            tx.complete(task)

    with pytest.raises(LeaseLost):
        finish_late()
    assert ledger.size() == 0


def test_a_failed_task_waits_and_is_tried_again(ledger, clock):
    enqueue(ledger)
    [task] = ledger.queue.claim(["notice.send"], 30)
    fail(ledger, task, "503", clock.now + timedelta(seconds=10))
    assert ledger.queue.claim(["notice.send"], 30) == []
    clock.wind(10)
    assert ledger.queue.claim(["notice.send"], 30)[0].attempts == 2


def test_without_another_time_it_is_a_dead_letter_with_its_reason(ledger, clock):
    number = enqueue(ledger, payload={"a": 1})
    [task] = ledger.queue.claim(["notice.send"], 30)
    fail(ledger, task, "address refused")
    [letter] = ledger.queue.dead_letters()
    assert (letter.id, letter.reason, letter.attempts) == (number, "address refused", 1)
    assert (letter.payload, letter.updated_at) == ({"a": 1}, clock.now)
    assert ledger.queue.dead_letters("birch") == []


def test_endless_trying_ends_among_the_dead_letters(ledger, clock):
    enqueue(ledger, "fails")
    enqueue(ledger, "crashes")
    for _ in range(MOST_ATTEMPTS):
        for task in ledger.queue.claim(["notice.send"], 1, 2):
            if task.idempotency_key == "fails":
                fail(ledger, task, "503", clock.now)
        clock.wind(2)
    assert ledger.queue.claim(["notice.send"], 1, 2) == []
    reasons = {letter.idempotency_key: letter.reason for letter in ledger.queue.dead_letters()}
    assert reasons == {
        "fails": "503",
        "crashes": f"claimed {MOST_ATTEMPTS} times without an end",
    }


def dead(ledger, kind):
    enqueue(ledger, "k1", kind)
    [task] = ledger.queue.claim([kind], 30)
    fail(ledger, task, "refused")
    return task.id


def test_a_person_replays_a_dead_letter_and_the_ledger_says_so(ledger):
    number = dead(ledger, "notice.send")
    stored = ledger.queue.replay(number, by=ANNA)
    assert (stored.entry.type, stored.entry.actor) == ("task_replayed", ANNA)
    assert stored.entry.body["cause"] == "refused"
    assert ledger.queue.claim(["notice.send"], 30)[0].attempts == 1
    with pytest.raises(UnknownTask):
        ledger.queue.replay(number, by=ANNA)


def test_a_person_closes_a_dead_letter_with_a_reason(ledger):
    stored = ledger.queue.close(dead(ledger, "notice.send"), by=ANNA, reason="sent by post")
    assert stored.entry.body["reason"] == "sent by post"
    assert ledger.queue.stats() == {"notice.send": {"closed": 1}}
    assert ledger.queue.dead_letters() == []


@pytest.mark.parametrize("second", [None, ANNA])
def test_money_needs_a_second_person(ledger, second):
    number = dead(ledger, "bank.pay")
    for act in (
        lambda: ledger.queue.replay(number, by=ANNA, approved_by=second),
        lambda: ledger.queue.close(number, by=ANNA, reason="x", approved_by=second),
    ):
        with pytest.raises(FourEyesRequired):
            act()
    assert ledger.size() == 0
    stored = ledger.queue.replay(number, by=ANNA, approved_by=BEN)
    assert stored.entry.body["approved_by"] == "ben"


@given(st.integers(1, 200), st.integers(0, 2**32))
def test_waits_grow_within_their_bounds_and_differ(attempts, seed):
    now = datetime(2026, 6, 30, tzinfo=UTC)
    source = random.Random(seed)  # noqa: S311  jitter, no secret
    wait = (backoff(attempts, now=now, random_source=source) - now).total_seconds()
    most = min(3600.0, 2.0 * 2 ** (attempts - 1))
    assert 0.1 * most - 1e-6 <= wait <= most + 1e-6


def test_a_waiting_or_given_up_task_can_be_made_due_now_by_its_tenant(ledger):
    later = datetime(2027, 1, 1, tzinfo=UTC)
    with ledger.transaction() as tx:
        tx.enqueue("bank.status", "alder", "waits", {}, later)
        tx.enqueue("bank.status", "alder", "dead", {})
        tx.enqueue("bank.status", "birch", "foreign", {}, later)
        tx.enqueue("bank.status", "alder", "done", {})
    dead, done = ledger.queue.claim(["bank.status"], 60, limit=2)
    with ledger.transaction() as tx:
        tx.fail(dead, "asked too often")
        tx.complete(done)
        for key in ("waits", "dead", "foreign", "done", "unknown"):
            tx.hasten("alder", key)
    found = ledger.queue.claim(["bank.status"], 60, limit=9)
    assert {task.idempotency_key for task in found} == {"waits", "dead"}


def test_a_held_task_is_not_hastened_away_from_its_holder(ledger):
    with ledger.transaction() as tx:
        tx.enqueue("bank.status", "alder", "held", {})
    (task,) = ledger.queue.claim(["bank.status"], 60)
    with ledger.transaction() as tx:
        tx.hasten("alder", "held")
    assert ledger.queue.claim(["bank.status"], 60) == []
    with ledger.transaction() as tx:
        tx.complete(task)
