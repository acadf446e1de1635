"""Carries out what the ledger's queue owes to the outside, at least once and never blindly twice.

::

    claim ──► deliver (bank, mail; several at once) ──► settle: entries + next tasks + completion
      ▲            │ unreachable: back with a wait          in one transaction of the ledger
      └────────────┘ unclear: ask for the status, then decide · refused: dead letter, unless it
                     is a no to our credentials, which may be renewed: back with a wait

What a task does is told by `deliveries`; this module only claims, runs and settles. A process that
dies between delivering and settling leaves the task leased; when the lease runs out it is delivered
again with the same idempotency key, and the counterpart gives the same answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ledger.errors import LeaseLost, LedgerBusy, LedgerError
from ledger.queue import Task
from orchestration import deliveries, leases, logs
from orchestration.resources.delivery import RefusedError, UnclearError, UnreachableError
from orchestration.settlements import KINDS, NotDeliverableError, Settlement, soon

if TYPE_CHECKING:
    from ledger.transaction import Transaction
    from orchestration.directory import Directory
    from orchestration.platform import Platform

LEASE_SECONDS = 25.0
PATIENCE_SECONDS = 15.0
BATCH = 16
THREADS = 8
_IDLE_SECONDS = 0.05

log = logs.get(__name__)


@dataclass
class Drained:
    """What a drain did.

    Attributes:
        settled: Tasks that ended well.
        retried: Attempts that were put back.
        dead: Tasks that were given up.
    """

    settled: int = 0
    retried: int = 0
    dead: int = 0


@dataclass
class Outbox:
    """Claims, delivers and settles tasks of the queue.

    Attributes:
        platform: The opened platform.
        directory: Names and accounts for what is sent.
        random_source: Jitter of the waits.
        on_settled: Called with each settled task, after its transaction.
    """

    platform: Platform
    directory: Directory
    random_source: random.Random = field(default_factory=random.SystemRandom)
    on_settled: Callable[[Task, Settlement], None] | None = None
    _put_back: dict[int, datetime] = field(default_factory=dict)

    def drain(self, *, seconds: float = 600.0, kinds: Sequence[str] = KINDS) -> Drained:
        """Work until nothing of these kinds is open or due before long, or the time is over.

        What waits for longer than ``PATIENCE_SECONDS`` is left to the next drain or the worker: a
        counterpart that stays away does not hold up what comes after.
        """
        total = Drained()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.once(total, kinds):
                continue
            if not self.open_tasks(kinds) or self._is_all_put_off(kinds):
                break
            time.sleep(_IDLE_SECONDS)
        return total

    def _is_all_put_off(self, kinds: Sequence[str]) -> bool:
        """Tell whether everything that is open was put back by us, and for long."""
        patience = datetime.now(UTC) + timedelta(seconds=PATIENCE_SECONDS)
        put_off = sum(until > patience for until in self._put_back.values())
        return 0 < self.open_tasks(kinds) <= put_off

    def open_tasks(self, kinds: Sequence[str] = KINDS) -> int:
        """Count tasks that are neither done nor given up."""
        stats = self.platform.ledger.queue.stats()
        return sum(stats.get(kind, {}).get("open", 0) for kind in kinds)

    def once(self, total: Drained, kinds: Sequence[str] = KINDS) -> int:
        """Claim one batch, deliver it and settle it; return how many were claimed."""
        tasks = self.platform.ledger.queue.claim(kinds, LEASE_SECONDS, limit=BATCH)
        if not tasks:
            return 0
        threads = min(THREADS, len(tasks))
        with (
            leases.kept(self.platform.ledger, tasks, LEASE_SECONDS),
            ThreadPoolExecutor(max_workers=threads) as pool,
        ):
            outcomes = list(pool.map(self._deliver, tasks))
        self._settle(list(zip(tasks, outcomes, strict=True)), total)
        return len(tasks)

    def _deliver(self, task: Task) -> Settlement:
        try:
            return deliveries.deliver(self.platform, self.directory, task)
        except UnreachableError as error:
            return self._again(task, str(error), error.retry_after)
        except UnclearError as error:
            return self._again(task, str(error), None)
        except RefusedError as error:
            if error.may_pass:
                return self._again(task, str(error), None)
            return deliveries.refused(self.platform, task, error)
        except NotDeliverableError as error:
            return Settlement(failure=str(error))
        except Exception as error:
            log.exception("outbox.delivery_failed", task_id=task.id, kind=task.kind)
            cause = f"the answer could not be used ({type(error).__name__})"
            return self._again(task, cause, None)

    def _again(self, task: Task, cause: str, wait: float | None) -> Settlement:
        retry_at = soon(task.attempts, self.random_source.uniform(0.1, 1.0))
        if wait is not None:
            retry_at = max(retry_at, datetime.now(UTC) + timedelta(seconds=wait))
        return Settlement(failure=cause, retry_at=retry_at)

    def _settle(self, pairs: list[tuple[Task, Settlement]], total: Drained) -> None:
        try:
            with self.platform.ledger.transaction() as tx:
                for task, settlement in pairs:
                    settle(tx, task, settlement)
        except LedgerBusy:
            raise
        except LedgerError as error:
            if len(pairs) == 1:
                self._left(pairs[0][0], error, total)
                return
            for pair in pairs:
                self._settle([pair], total)
            return
        for task, settlement in pairs:
            self._count(task, settlement, total)

    def _left(self, task: Task, error: LedgerError, total: Drained) -> None:
        """Leave a task whose settlement the ledger refuses to its new holder, or to a person."""
        cause = type(error).__name__
        log.warning("outbox.not_settled", task_id=task.id, kind=task.kind, cause=cause)
        if isinstance(error, LeaseLost):
            return
        with suppress(LeaseLost), self.platform.ledger.transaction() as tx:
            tx.fail(task, f"the ledger refused what it led to ({cause})")
            total.dead += 1

    def _count(self, task: Task, settlement: Settlement, total: Drained) -> None:
        self._put_back.pop(task.id, None)
        if settlement.failure is None:
            total.settled += 1
            deliveries.passed(self.platform, task)
            if self.on_settled is not None:
                self.on_settled(task, settlement)
        elif settlement.retry_at is not None:
            total.retried += 1
            self._put_back[task.id] = settlement.retry_at
            log.info("outbox.task_retried", task_id=task.id, kind=task.kind, attempt=task.attempts)
        else:
            total.dead += 1
            log.warning("outbox.task_given_up", task_id=task.id, kind=task.kind)


def settle(tx: Transaction, task: Task, settlement: Settlement) -> None:
    """Write what a delivery led to; the caller's transaction makes it one."""
    for entry in settlement.entries:
        tx.append(entry)
    if settlement.release is not None:
        tx.release(settlement.release)
    if settlement.hasten is not None:
        tx.hasten(task.tenant_id, settlement.hasten)
    for follow_up in settlement.follow_ups:
        tx.enqueue(
            follow_up.kind,
            task.tenant_id,
            follow_up.idempotency_key,
            follow_up.payload,
            follow_up.not_before,
        )
    if settlement.failure is None:
        tx.complete(task)
    else:
        tx.fail(task, settlement.failure, settlement.retry_at)
