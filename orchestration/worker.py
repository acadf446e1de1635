"""The worker: serves commands one by one beside the batch, by the same path.

::

    command ─► sync its connection ─► marts as of now ─► assessment ─► reservation + decision entry
                                     ─► bank ─► payment ─► notice          (the outbox)
                  every step is told to Dagster as a runless event of its asset

Commands that wait together are served by one pass: what they ask about is pulled once and the
marts are built once. Nothing here decides or pays otherwise than a batch run would.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from ledger.errors import LeaseLost
from ledger.queue import backoff
from orchestration import dbt, directory, heartbeat, instance, logs
from orchestration.outbox import Drained, Outbox
from orchestration.resources.warehouse import WarehouseBusyError
from orchestration.settlements import KINDS as OWED
from orchestration.stages import actions, assessment, decisions, derived, landing, training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.queue import Task
    from orchestration.heartbeat import Beat
    from orchestration.platform import Platform

INVOICE_SUBMITTED = "command.invoice_submitted"
SCORE_REQUESTED = "command.score_requested"
KINDS = (INVOICE_SUBMITTED, SCORE_REQUESTED)
WORKER = Actor("system", "worker")
_LEASE_SECONDS = 300.0
_AT_ONCE = 50
_IDLE_SECONDS = 0.5
_JITTER = random.SystemRandom()

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


def submit(
    platform: Platform,
    *,
    tenant_id: str,
    connection_id: str,
    record_id: str,
    by: Actor,
    kind: str = INVOICE_SUBMITTED,
) -> str:
    """Append a command and queue it, in one transaction; return its id.

    The same invoice submitted again is the same command.
    """
    from models.domain.identity import surrogate_key

    command_id = surrogate_key("command", kind, tenant_id, connection_id, record_id)
    payload = {
        "command_id": command_id,
        "connection_id": connection_id,
        "record_id": record_id,
    }
    body = {**payload, "command": kind.removeprefix("command."), "status": "queued"}
    with platform.ledger.transaction() as tx:
        if not tx.projection("commands", tenant_id=tenant_id, key=command_id):
            tx.append(_entry(platform, "command", tenant_id, body, by))
        tx.enqueue(kind, tenant_id, f"{kind}:{command_id}", payload)
    return command_id


class Worker:
    """Claims commands and owed calls until it is told to stop.

    Args:
        platform: The opened platform.
        reports_events: Tell Dagster about each step; off where no instance is wanted.
    """

    def __init__(self, platform: Platform, *, reports_events: bool = True) -> None:
        self._platform = platform
        self._reports_events = reports_events
        self._stop = threading.Event()
        self.served = Served()

    def stop(self) -> None:
        """Ask it to end after what it is doing."""
        self._stop.set()

    def run(self) -> Served:
        """Serve until stopped."""
        log.info("worker.started")
        with heartbeat.beating(self._platform.ledger, "worker") as beat:
            beat.now("idle")
            while not self._stop.is_set():
                if not self._round(beat):
                    self._stop.wait(_IDLE_SECONDS)
        log.info("worker.stopped", commands=self.served.commands, tasks=self.served.tasks)
        return self.served

    def _round(self, beat: Beat) -> int:
        """Serve once and say so; what another process keeps is tried again."""
        commands, tasks = self.served.commands, self.served.tasks
        try:
            with beat.during("serving"):
                return self.once()
        except WarehouseBusyError as error:
            log.warning("worker.warehouse_busy", detail=str(error))
        except LeaseLost:
            log.warning("worker.lease_lost")
        finally:
            beat.count(commands=self.served.commands - commands, tasks=self.served.tasks - tasks)
        return 0

    def once(self) -> int:
        """Serve what waits now; return how many tasks that were."""
        commands = self._platform.ledger.queue.claim(KINDS, _LEASE_SECONDS, limit=_AT_ONCE)
        if commands:
            self._serve(commands)
        claimed, drained = self._deliver()
        if drained.settled:
            self.served.tasks += drained.settled
            derived.write_actions(self._platform)
            statuses = actions.by_status(self._platform, "payments")
            self._tell("actions/payments", statuses)
        return len(commands) + claimed

    def _deliver(self) -> tuple[int, Drained]:
        """Carry out one batch of what is owed, if anything is."""
        drained = Drained()
        stats = self._platform.ledger.queue.stats()
        if not any(stats.get(kind, {}).get("open") for kind in OWED):
            return 0, drained
        outbox = Outbox(self._platform, directory.read(self._platform))
        return outbox.once(drained), drained

    def _serve(self, commands: Sequence[Task]) -> None:
        try:
            outcomes = self._decided(commands)
        except Exception as error:
            log.exception("worker.commands_failed", commands=len(commands))
            now = datetime.now(UTC)
            with self._platform.ledger.transaction() as tx:
                for task in commands:
                    again = backoff(task.attempts, now=now, random_source=_JITTER)
                    tx.fail(task, _cause(error), again)
            return
        with self._platform.ledger.transaction() as tx:
            for task in commands:
                body = {
                    "command_id": task.payload["command_id"],
                    "status": "done",
                    **outcomes.get(task.id, {"outcome": "not_found"}),
                }
                tx.append(_entry(self._platform, "command_status", task.tenant_id, body, WORKER))
                tx.complete(task)
        self.served.commands += len(commands)

    def _decided(self, commands: Sequence[Task]) -> Mapping[int, Mapping[str, Any]]:
        """Pull, build, assess and commit; return the decision by the command's task."""
        platform = self._platform
        report = landing.sync(platform, ("xero",))
        self._tell("raw/xero/invoices", landing.totals(report, "invoices"))
        with platform.warehouse.held():
            dbt.build(
                platform.settings,
                platform.places,
                as_of=platform.clock.text,
                inherited=platform.warehouse.descriptors,
            )
        self._tell("marts/risk/fct_receivables", {"as_of": platform.clock.text})
        training.ensure_models(platform)
        run_id = f"worker:{commands[0].payload['command_id'][:16]}"
        assessed = assessment.assess(platform, run_id=run_id)
        for asset_key, rows in assessed.rows.items():
            self._tell(asset_key, {"rows": rows})
        wanted = dict(self._receivables(commands))
        decided = decisions.commit(platform, run_id=run_id, only=set(wanted.values()))
        self.served.decisions += sum(decided.outcomes.values())
        self._tell("decisions/decisions", decided.outcomes)
        latest = {row["receivable_id"]: row for row in platform.ledger.projection("decisions")}
        return {
            task_id: {
                "decision_id": latest[receivable_id]["decision_id"],
                "outcome": latest[receivable_id]["outcome"],
            }
            for task_id, receivable_id in wanted.items()
            if receivable_id in latest
        }

    def _receivables(self, commands: Sequence[Task]) -> Iterator[tuple[int, str]]:
        with self._platform.warehouse.open() as connection:
            for task in commands:
                found = connection.execute(
                    "select receivable_id from marts_risk.fct_receivables"
                    " where tenant_id = ? and connection_id = ? and record_id = ?",
                    [task.tenant_id, task.payload["connection_id"], task.payload["record_id"]],
                ).fetchone()
                if found is not None:
                    yield task.id, str(found[0])

    def _tell(self, asset_key: str, metadata: Mapping[str, Any]) -> None:
        """Report a step as a runless event, so that the asset graph shows live work too."""
        if not self._reports_events:
            return
        import dagster as dg

        with instance.opened(self._platform.places.dagster) as opened:
            opened.report_runless_asset_event(
                dg.AssetMaterialization(
                    asset_key=dg.AssetKey(asset_key.split("/")),
                    metadata={**metadata, "served_by": "worker"},
                )
            )


def _cause(error: Exception) -> str:
    """Say why commands failed; a library's words may quote a record, so its kind must do."""
    return str(error) if isinstance(error, WarehouseBusyError) else type(error).__name__


def _entry(
    platform: Platform, kind: str, tenant_id: str, body: Mapping[str, Any], actor: Actor
) -> Entry:
    subjects = [str(body["command_id"])]
    if "decision_id" in body:
        subjects.append(str(body["decision_id"]))
    return Entry(kind, tenant_id, platform.clock.as_of, actor, tuple(subjects), body)


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
