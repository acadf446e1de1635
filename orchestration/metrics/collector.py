"""Turns figures into metric families; one scrape reads everything once.

Times are seconds of the epoch, so that the one who watches computes ages with its own clock. A part
that cannot be read leaves its metrics out and shows in ``ifp_part_readable``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from ledger.heartbeats import STOPPED
from ledger.migrations import HEAD
from orchestration import logs, stores
from orchestration.datasets import DISTRIBUTION
from orchestration.metrics import figures
from orchestration.metrics.tally import BUCKETS, Durations, Tally

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from ledger.store import Ledger
    from orchestration.places import Places

log = logs.get(__name__)


class PlatformCollector(Collector):
    """Collects what the platform goes by.

    Args:
        ledger: Gives the opened ledger; asked at every scrape, so that one that comes later counts.
        where: Places of the platform.
        backups: Where backups lie.
        tally: Counts of the ledger so far.
    """

    def __init__(
        self, ledger: Callable[[], Ledger], where: Places, backups: Path, tally: Tally
    ) -> None:
        self._ledger = ledger
        self._where = where
        self._backups = backups
        self._tally = tally

    def describe(self) -> Iterable[Metric]:
        """Describe nothing ahead: families depend on what there is."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read every part; one that cannot be read does not keep the others back."""
        readable = GaugeMetricFamily(
            "ifp_part_readable", "Whether a part could be read for this scrape.", labels=["part"]
        )
        yield InfoMetricFamily(
            "ifp_build",
            "What answers here.",
            value={
                "version": version(DISTRIBUTION),
                "store_format": str(stores.FORMAT),
                "ledger_revision": HEAD,
            },
        )
        for part, read in (
            ("ledger", self._entries),
            ("queue", self._queue),
            ("processes", self._processes),
            ("snapshot", self._snapshot),
            ("var", self._var),
        ):
            try:
                families = list(read())
            except Exception as error:
                log.warning("metrics.part_not_read", part=part, cause=type(error).__name__)
                readable.add_metric([part], 0)
                continue
            readable.add_metric([part], 1)
            yield from families
        yield readable

    def _entries(self) -> Iterator[Metric]:
        ledger, tally = self._ledger(), self._tally
        tally.advance(ledger)
        yield GaugeMetricFamily("ifp_ledger_entries", "Entries in the ledger.", ledger.size())
        yield GaugeMetricFamily(
            "ifp_ledger_tallied_entries", "Entries that the counters below cover.", tally.entries
        )
        for name, words, kind in (
            ("checkpoint", "When the ledger's head was last sealed.", "checkpoint"),
            ("restoration", "When the ledger was last restored from a backup.", "restoration"),
        ):
            found = ledger.latest(kind)
            if found is not None:
                at = found.recorded_at.timestamp()
                yield GaugeMetricFamily(f"ifp_ledger_{name}_timestamp_seconds", words, at)
        decisions = CounterMetricFamily(
            "ifp_decisions", "Decisions made.", labels=["tenant", "outcome"]
        )
        for labels, count in sorted(tally.decisions.items()):
            decisions.add_metric(labels, count)
        payments = GaugeMetricFamily(
            "ifp_payments", "Payments by where they stand.", labels=["tenant", "status"]
        )
        for labels, count in sorted(tally.payments.items()):
            payments.add_metric(labels, count)
        messages = GaugeMetricFamily(
            "ifp_messages", "Messages by where they stand.", labels=["kind", "status"]
        )
        for labels, count in sorted(tally.messages.items()):
            messages.add_metric(labels, count)
        yield from (decisions, payments, messages)
        yield from self._durations()

    def _durations(self) -> Iterator[Metric]:
        answers = HistogramMetricFamily(
            "ifp_command_duration_seconds",
            "From a command in the ledger to its answer in the ledger.",
            labels=["command"],
        )
        for kind, durations in sorted(self._tally.commands.items()):
            answers.add_metric([kind], _buckets(durations), durations.total)
        settled = HistogramMetricFamily(
            "ifp_payment_duration_seconds", "From a payment's instruction to its final status."
        )
        settled.add_metric([], _buckets(self._tally.settlements), self._tally.settlements.total)
        yield from (answers, settled)

    def _queue(self) -> Iterator[Metric]:
        ledger = self._ledger()
        tasks = GaugeMetricFamily(
            "ifp_queue_tasks", "Tasks by kind and state.", labels=["kind", "state"]
        )
        for kind, states in sorted(ledger.queue.stats().items()):
            for state, count in sorted(states.items()):
                tasks.add_metric([kind, state], count)
        oldest = GaugeMetricFamily(
            "ifp_queue_oldest_open_timestamp_seconds",
            "When the oldest open task of a kind was asked for.",
            labels=["kind"],
        )
        for kind, at in sorted(figures.oldest_tasks(ledger).items()):
            oldest.add_metric([kind], at)
        yield from (tasks, oldest)

    def _processes(self) -> Iterator[Metric]:
        labels = ["process", "instance"]
        up = GaugeMetricFamily("ifp_process_up", "Whether a process is heard of.", labels=labels)
        beat = GaugeMetricFamily(
            "ifp_process_heartbeat_timestamp_seconds", "Its last heartbeat.", labels=labels
        )
        since = GaugeMetricFamily(
            "ifp_process_doing_since_timestamp_seconds",
            "Since when it does what it is doing.",
            labels=[*labels, "doing"],
        )
        work = CounterMetricFamily(
            "ifp_process_work", "What it did since it began.", labels=[*labels, "what"]
        )
        took = GaugeMetricFamily(
            "ifp_run_duration_seconds", "How long the latest batch run took, or takes."
        )
        now = datetime.now(UTC)
        found = self._ledger().heartbeats.all()
        for item in found:
            named = [item.process, item.instance]
            up.add_metric(named, float(item.doing != STOPPED and not item.is_late(now)))
            beat.add_metric(named, item.beat_at.timestamp())
            since.add_metric([*named, item.doing], item.doing_since.timestamp())
            for what, count in sorted(item.counters.items()):
                work.add_metric([*named, what], count)
        runs = [item for item in found if item.process == "run"]
        if runs:
            latest = max(runs, key=lambda item: item.started_at)
            took.add_metric([], (latest.beat_at - latest.started_at).total_seconds())
        yield from (up, beat, since, work, took)

    def _snapshot(self) -> Iterator[Metric]:
        stored = figures.publication(self._ledger())
        if stored is None:
            return
        body = stored.entry.body
        path = self._where.published / str(body["file"])
        for name, words, value in (
            ("timestamp_seconds", "When the latest snapshot was published.", stored.recorded_at),
            ("as_of_timestamp_seconds", "As of when its figures are.", _moment(body["as_of"])),
        ):
            yield GaugeMetricFamily(f"ifp_snapshot_{name}", words, value.timestamp())
        yield GaugeMetricFamily(
            "ifp_snapshot_file_present", "Whether its file is there.", float(path.is_file())
        )
        states = [str(state["state"]) for state in body["tenants"].values()]
        tenants = GaugeMetricFamily(
            "ifp_snapshot_tenants", "Tenants by state of their figures.", labels=["state"]
        )
        for state in ("fresh", "stale"):
            tenants.add_metric([state], states.count(state))
        yield tenants
        yield from _arrivals(figures.in_snapshot(path))

    def _var(self) -> Iterator[Metric]:
        held = figures.lock_held_since(self._where.lock)
        yield GaugeMetricFamily(
            "ifp_warehouse_lock_held",
            "Whether a step writes the warehouse.",
            float(held is not None),
        )
        if held is not None:
            yield GaugeMetricFamily(
                "ifp_warehouse_lock_since_timestamp_seconds", "Since when it does.", held
            )
        grown = GaugeMetricFamily("ifp_stored_bytes", "Bytes on disk by what.", labels=["what"])
        for what, count in figures.sizes(self._where):
            grown.add_metric([what], count)
        yield grown
        yield GaugeMetricFamily(
            "ifp_disk_free_bytes", "Free bytes where var lies.", figures.free_bytes(self._where)
        )
        backup = figures.newest_backup(self._backups)
        if backup is not None:
            yield GaugeMetricFamily(
                "ifp_backup_timestamp_seconds", "When the newest backup was complete.", backup
            )


def _arrivals(found: figures.SnapshotFigures) -> Iterator[Metric]:
    labels = ["tenant", "system", "status"]
    connections = GaugeMetricFamily(
        "ifp_sync_connections", "Connections by how their latest sync ended.", labels=labels
    )
    oldest = GaugeMetricFamily(
        "ifp_sync_oldest_timestamp_seconds", "When the oldest of these ended.", labels=labels
    )
    for item in found.syncs:
        named = [item.tenant_id, item.system, item.status]
        connections.add_metric(named, item.connections)
        oldest.add_metric(named, item.oldest)
    held = GaugeMetricFamily(
        "ifp_quarantine_records",
        "Records in quarantine that were not replayed.",
        labels=["tenant", "system", "reason"],
    )
    for tenant_id, system, reason, count in found.quarantine:
        held.add_metric([tenant_id, system, reason], count)
    yield from (connections, oldest, held)


def _buckets(durations: Durations) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
    sums, total = [], 0
    for bound, count in zip(bounds, durations.counts, strict=True):
        total += count
        sums.append((bound, float(total)))
    return sums


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
