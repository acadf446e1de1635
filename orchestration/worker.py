"""The worker: serves commands one by one beside the batch, by the same path.

::

    live lane     invoice submitted, score requested ─► `live`: decided within the second
    desk lane     what people ask for at their pages  ─► `served`: may take minutes
    outbox lane   bank, payment, notice               ─► `outbox`: what decisions owe
    book lane     the next published snapshot is read before the first command needs it

The lanes run side by side, so that a long one holds up no other. None takes the warehouse's lock
but a desk command that has to write; nothing here decides or pays otherwise than a batch run would.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.failures import SourceError
from ledger.entry import Entry
from ledger.errors import LeaseLost, LedgerBusy
from ledger.queue import backoff
from orchestration import heartbeat, leases, logs
from orchestration.live import directory as live_directory
from orchestration.live.facts import WORKER
from orchestration.live.serving import KINDS, Live
from orchestration.live.snapshot import NotReadyError
from orchestration.outbox import Drained, Outbox
from orchestration.resources.warehouse import WarehouseBusyError
from orchestration.served import dispatch
from orchestration.served.dispatch import Answer, CommandRefusedError
from orchestration.settlements import KINDS as OWED
from orchestration.stages import actions
from orchestration.telling import Teller

if TYPE_CHECKING:
    from ledger.queue import Task
    from orchestration.directory import Directory
    from orchestration.heartbeat import Beat
    from orchestration.platform import Platform

DESK = tuple(dispatch.SERVED)
_LEASE_SECONDS = 30.0
_LIVE_IDLE, _IDLE, _BOOK_IDLE = 0.02, 0.25, 1.0
_JITTER = random.SystemRandom()
_TELLING = (NotReadyError, WarehouseBusyError, SourceError)
"""Failures whose words quote no record."""

log = logs.get(__name__)


@dataclass
class Served:
    """What the worker did since it started.

    Attributes:
        commands: Commands carried out.
        decisions: Decisions made for them.
        tasks: Tasks of the outbox that were settled.
    """

    commands: int = 0
    decisions: int = 0
    tasks: int = 0


class Worker:
    """Claims commands and owed calls until it is told to stop.

    Args:
        platform: The opened platform.
        reports_events: Tell Dagster about each step; off where no instance is wanted.
        served_live: Serves submitted invoices; made when absent.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        reports_events: bool = True,
        served_live: Live | None = None,
    ) -> None:
        self._platform = platform
        self._live = served_live or Live(platform)
        self._teller = Teller(platform.places.dagster if reports_events else None)
        self._stop = threading.Event()
        self._directory: tuple[int, Directory] | None = None
        self._beat: Beat | None = None
        self.served = Served()

    def stop(self) -> None:
        """Ask it to end after what it is doing."""
        self._stop.set()

    def run(self) -> Served:
        """Serve until stopped."""
        log.info("worker.started")
        lanes: dict[str, tuple[Callable[[], int], float]] = {
            "live": (self.serve_live, _LIVE_IDLE),
            "desk": (self._serve_desk, _IDLE),
            "outbox": (self._deliver, _IDLE),
            "book": (self._read_book, _BOOK_IDLE),
        }
        with heartbeat.beating(self._platform.ledger, "worker") as self._beat:
            threads = [
                threading.Thread(target=self._lane, args=(name, *lane), name=f"lane-{name}")
                for name, lane in lanes.items()
            ]
            threads.append(threading.Thread(target=self._teller.run, args=(self._stop,)))
            for thread in threads:
                thread.start()
            self._beat.now("idle")
            for thread in threads:
                thread.join()
        self._live.close()
        log.info("worker.stopped", commands=self.served.commands, tasks=self.served.tasks)
        return self.served

    def once(self) -> int:
        """Serve what waits now, lane by lane; return how many tasks that were."""
        found = self.serve_live() + self._serve_desk() + self._deliver()
        self._teller.flush()
        return found

    def _lane(self, name: str, work: Callable[[], int], idle: float) -> None:
        while not self._stop.is_set():
            try:
                found = work()
            except (WarehouseBusyError, LedgerBusy, LeaseLost) as error:
                log.warning("worker.lane_waits", lane=name, cause=type(error).__name__)
                found = 0
            except Exception:
                log.exception("worker.lane_failed", lane=name)
                found = 0
                self._stop.wait(1.0)
            if not found:
                self._stop.wait(idle)

    def _read_book(self) -> int:
        self._live.prepare()
        return 0

    def serve_live(self) -> int:
        """Serve one submitted invoice, if one waits; return how many that were."""
        return self._serve_one(KINDS, self._live.serve)

    def _serve_desk(self) -> int:
        return self._serve_one(DESK, lambda task: dispatch.serve(self._platform, task))

    def _serve_one(self, kinds: Sequence[str], serve: Callable[[Task], Answer]) -> int:
        queue = self._platform.ledger.queue
        if not queue.is_due(kinds):
            return 0
        tasks = queue.claim(kinds, _LEASE_SECONDS)
        for task in tasks:
            self._say(f"serving {task.kind.removeprefix('command.')}")
            self._serve(task, serve)
            self._say("idle")
        return len(tasks)

    def _serve(self, task: Task, serve: Callable[[Task], Answer]) -> None:
        try:
            with leases.kept(self._platform.ledger, [task], _LEASE_SECONDS):
                answer = serve(task)
            self._answer(task, answer)
        except LeaseLost:
            log.warning("worker.lease_lost", task_id=task.id, kind=task.kind)
        except CommandRefusedError as error:
            self._answer(task, Answer({"reason": str(error)}, status="refused"))
        except _TELLING as error:
            self._put_back(task, str(error))
        except Exception as error:
            log.exception("worker.command_failed", task_id=task.id, kind=task.kind)
            self._put_back(task, type(error).__name__)

    def _answer(self, task: Task, answer: Answer) -> None:
        """Write what came of a command and end its task, in one transaction."""
        command_id = str(task.payload["command_id"])
        with self._platform.ledger.transaction() as tx:
            if answer.within is not None:
                answer.within(tx)
            body = {"command_id": command_id, "status": answer.status, **answer.body}
            about = tuple(str(body[name]) for name in ("command_id", "decision_id") if name in body)
            moment = self._platform.clock.as_of
            tx.append(Entry("command_status", task.tenant_id, moment, WORKER, about, body))
            tx.complete(task)
        if answer.after is not None:
            answer.after()
        self._count(answer)

    def _put_back(self, task: Task, cause: str) -> None:
        again = backoff(task.attempts, now=datetime.now(UTC), random_source=_JITTER)
        with self._platform.ledger.transaction() as tx:
            tx.fail(task, cause, again)

    def _count(self, answer: Answer) -> None:
        self.served.commands += 1
        if self._beat is not None:
            self._beat.count(commands=1)
        if "decision_id" in answer.body:
            self.served.decisions += 1
            outcome = str(answer.body["outcome"])
            for asset_key in ("raw/xero/invoices", "marts/risk/fct_receivables"):
                self._teller.tell(asset_key, {"rows": 1})
            for asset_key in ("features/payment_behaviour", "scores/receivable_scores"):
                self._teller.tell(asset_key, {"rows": 1})
            self._teller.tell("decisions/decisions", {outcome: 1})

    def _deliver(self) -> int:
        """Carry out one batch of what is owed, if anything is due."""
        if not self._platform.ledger.queue.is_due(OWED):
            return 0
        drained = Drained()
        claimed = Outbox(self._platform, self._names()).once(drained)
        if drained.settled:
            self.served.tasks += drained.settled
            if self._beat is not None:
                self._beat.count(tasks=drained.settled)
            statuses: Mapping[str, Any] = actions.by_status(self._platform, "payments")
            self._teller.tell("actions/payments", statuses)
        return claimed

    def _names(self) -> Directory:
        """Give the directory of the latest snapshot, made once per snapshot."""
        books = self._live.books
        if books.entry_index < 0:
            books.refresh()
        if self._directory is None or self._directory[0] != books.entry_index:
            index = books.entry_index
            self._directory = (index, live_directory.read(self._platform, books))
        return self._directory[1]

    def _say(self, doing: str) -> None:
        if self._beat is not None:
            self._beat.now(doing)


def main() -> int:
    """Run the worker of this environment until it is told to end: ``python -m``."""
    import signal

    from orchestration import platform as platforms
    from orchestration import settings

    found = settings.load()
    with platforms.opened(found) as opened:
        logs.configure(opened.places.logs, level=found.log_level, form=found.log_format)
        worker = Worker(opened)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
