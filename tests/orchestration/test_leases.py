"""A lease is renewed while its task is worked on, and not after."""

from __future__ import annotations

import time

from orchestration import leases


def claimed(platform, seconds):
    with platform.ledger.transaction() as tx:
        tx.enqueue("notice.send", "alder", "one", {})
    (task,) = platform.ledger.queue.claim(["notice.send"], seconds)
    return task


def test_work_longer_than_a_lease_keeps_its_task(platform):
    task = claimed(platform, 1.5)
    with leases.kept(platform.ledger, [task], 1.5):
        time.sleep(2.0)
        assert platform.ledger.queue.claim(["notice.send"], 30) == []
    time.sleep(1.6)
    (again,) = platform.ledger.queue.claim(["notice.send"], 30)
    assert again.attempts == 2


def test_a_task_that_ended_meanwhile_is_left_alone(platform):
    task = claimed(platform, 0.3)
    with leases.kept(platform.ledger, [task], 0.3):
        with platform.ledger.transaction() as tx:
            tx.complete(task)
        time.sleep(0.3)
    assert platform.ledger.queue.stats() == {"notice.send": {"done": 1}}
