"""Reads many connections of one system at once and hands rows on in a steady stream.

One thread per connection, entities in order within it; a bounded queue keeps memory flat. What
goes wrong with one entity is in its report and stops nothing else, except that refused
credentials, a used-up quota or an open circuit spare the rest of *that* connection's calls.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import structlog

from ingestion.bulk_landing import landing_for
from ingestion.connection import Connection, Subject
from ingestion.failures import ShapeChanged, SourceError
from ingestion.history import History
from ingestion.landing import Landing, Scope
from ingestion.quarantine import SHAPE_REASONS, Quarantined
from ingestion.reports import (
    Outcome,
    Progress,
    Status,
    finished,
    report_of,
    state_key,
    sums_from_state,
    sums_to_state,
)
from ingestion.source import Entity, Reading
from ingestion.totals import Sum, combined, totals
from ingestion.transport import Transport

_LOG = structlog.get_logger("ingestion.fetch")
_WORKERS = 8
_QUEUED = 16
_READS_FOR_A_HOLE = 2

Row = tuple[str, pa.Table]


class Stopped(Exception):
    """The reader of the stream has gone."""


@dataclass
class Fetch:
    """One sync of one system.

    Attributes:
        state: Cursors and totals of earlier syncs, by scope.
        moves: Whether cursors move.
        open_transport: Gives the way out for a connection.
    """

    system: str
    connections: Sequence[Connection]
    entities: Sequence[Entity]
    history: History
    state: Mapping[str, Any]
    now: datetime
    full: bool
    moves: bool
    subjects: tuple[Subject, ...]
    open_transport: Callable[[Connection], Transport]
    clock: Callable[[], datetime]
    on_progress: Callable[[Progress], None]
    outcomes: list[Outcome] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    _queue: "queue.Queue[Row | None]" = field(default_factory=lambda: queue.Queue(_QUEUED))
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self) -> Iterator[Row]:
        """Yield (entity, rows to append) until every connection has been read."""
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch") as pool:
            jobs = [pool.submit(self._connection, one) for one in self.connections]
            closer = threading.Thread(target=self._close_after, args=(jobs,), daemon=True)
            closer.start()
            try:
                while (row := self._queue.get()) is not None:
                    yield row
            finally:
                self._stop.set()
            closer.join()
        for job in jobs:
            job.result()

    def settled(self) -> dict[str, Any]:
        """Return cursors and totals after this sync."""
        cursors = dict(self.state.get("cursors", {}))
        sums = dict(self.state.get("totals", {}))
        for outcome in self.outcomes:
            key = state_key(outcome.report.scope)
            if outcome.report.cursor is not None:
                cursors[key] = outcome.report.cursor
            sums[key] = sums_to_state(outcome.totals)
        return {"cursors": cursors, "totals": sums}

    def _close_after(self, jobs: "Sequence[Future[None]]") -> None:
        for job in jobs:
            job.exception()
        self._put(None)

    def _put(self, row: Row | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(row, timeout=0.5)
            except queue.Full:
                continue
            return
        if row is not None:
            raise Stopped

    def _connection(self, connection: Connection) -> None:
        transport = self.open_transport(connection)
        fetched_at = self.history.next_fetch(connection, self.now)
        memory: dict[str, Any] = {}
        ended: SourceError | None = None
        for entity in self.entities:
            scope = Scope(
                connection.tenant_id, connection.connection_id, connection.system, entity.name
            )
            cursor = self.state.get("cursors", {}).get(state_key(scope))
            landing = landing_for(entity, self.history, scope, fetched_at)
            reading = Reading(
                connection,
                transport,
                cursor=None if self.full or not entity.is_incremental else cursor,
                now=self.now,
                subjects=tuple(s for s in self.subjects if s.tenant_id == scope.tenant_id),
                memory=memory,
                kept=cursor,
                held={} if self.full else dict(landing.known),
                recall=partial(self._recall, scope),
            )
            task = _EntityTask(self, entity, reading, landing, cursor)
            ended = task.run(ended)

    def _recall(self, scope: Scope, record_ids: Sequence[str]) -> dict[str, str]:
        held = self.history.payloads(scope, record_ids)
        return {record_id: payload for record_id, (payload, _) in held.items()}

    def keep(self, outcome: Outcome, landing: Landing) -> None:
        """Collect what one entity's task found."""
        with self._lock:
            self.outcomes.append(outcome)
            self.quarantine.extend(landing.quarantine)

    def progress(self, step: str, landing: Landing) -> None:
        """Pass a sign of life on, one thread at a time."""
        scope, counts = landing.scope, landing.counts
        sign = Progress(
            step, scope.system, scope.connection_id, scope.entity, counts.read, counts.pages
        )
        with self._lock:
            self.on_progress(sign)


@dataclass
class _EntityTask:
    """Reads one entity of one connection into the stream."""

    fetch: Fetch
    entity: Entity
    reading: Reading
    landing: Landing
    cursor: str | None

    def run(self, ended: SourceError | None) -> SourceError | None:
        """Read, settle and report; return what should end this connection's sync, if anything."""
        started_at = self.fetch.clock()
        failure = ended or self._read()
        is_whole = failure is None and self._is_whole()
        self._vanish(is_whole=is_whole)
        status, cause = self._verdict(failure, is_whole=is_whole)
        cursor = self._cursor() if is_whole and self.fetch.moves else self.cursor
        report = report_of(
            self.landing.scope,
            self.landing.counts,
            started_at=started_at,
            fetched_at=self.landing.fetched_at,
            is_full=self.reading.cursor is None and self.fetch.moves,
        )
        outcome = Outcome(
            finished(report, self.fetch.clock(), status, cause, cursor),
            self._totals(is_whole=is_whole),
            self.landing.duplicates,
            self._mended(),
            is_replay=not self.fetch.moves,
        )
        self.fetch.keep(outcome, self.landing)
        self.fetch.progress("read", self.landing)
        _log(outcome)
        return failure if failure is not None and failure.ends_connection else None

    def _read(self) -> SourceError | None:
        try:
            for _ in range(_READS_FOR_A_HOLE):
                for found in self.entity.read(self.reading):
                    self._take(found)
                if not (self.reading.is_complete and self._has_hole()):
                    break
        except SourceError as error:
            if isinstance(error, ShapeChanged):
                self._take(error)
                self.reading.is_complete = False
            return error
        return None

    def _take(self, found: Any) -> None:  # noqa: ANN401 - Page or ShapeChanged
        if isinstance(found, ShapeChanged):
            self.landing.refuse_page(found.endpoint, found.body, found.reason_code, found.detail)
        else:
            self._put(self.landing.take(found))
        self.fetch.progress("reading", self.landing)

    def _put(self, rows: pa.Table | None) -> None:
        if rows is not None:
            self.fetch._put((self.entity.name, rows))  # noqa: SLF001 - two halves of one thing

    def _has_hole(self) -> bool:
        """Whether a record slipped from one page to another while we were reading."""
        refused = self.landing.counts.quarantined
        expected = self.reading.expected
        return expected is not None and len(self.landing.seen) + refused < expected

    def _is_whole(self) -> bool:
        shape_refused = any(q.reason_code in SHAPE_REASONS for q in self.landing.quarantine)
        return self.reading.is_complete and not shape_refused and not self._has_hole()

    def _vanish(self, *, is_whole: bool) -> None:
        is_listing = self.reading.cursor is None and self.reading.expected is not None
        if not (is_whole and is_listing and self.entity.vanishes):
            return
        payloads = self.reading.recall(self.landing.gone())
        self._put(self.landing.vanish(f"GET {self.entity.name}: complete listing", payloads))

    def _verdict(self, failure: SourceError | None, *, is_whole: bool) -> tuple[Status, str | None]:
        if failure is not None:
            status: Status = "partial" if isinstance(failure, ShapeChanged) else "failed"
            return status, str(failure)
        if is_whole and self.reading.remarks:
            return "partial", "; ".join(self.reading.remarks)
        if is_whole:
            return "ok", None
        reasons = sorted({q.reason_code for q in self.landing.quarantine})
        why = f"in quarantine: {', '.join(reasons)}" if reasons else "the listing changed under us"
        return "partial", f"{why}. The next sync reads from the same point again."

    def _mended(self) -> list[str]:
        """Name the records met sound, new or unchanged, that an open quarantine row names."""
        refused = {one.record_id for one in self.landing.quarantine}
        named = self.fetch.history.quarantined(self.landing.scope)
        return sorted(self.landing.sound_of(named) - refused)

    def _cursor(self) -> str | None:
        """Return the newest stamp met so far, never going back."""
        old = self.cursor.partition("|")[0] if self.cursor else ""
        stamps = [datetime.fromisoformat(old)] if old else []
        if self.landing.newest is not None:
            stamps.append(self.landing.newest)
        newest = max(stamps).isoformat() if stamps else ""
        note = f"|{self.reading.cursor_note}" if self.reading.cursor_note else ""
        return f"{newest}{note}" or None

    def _totals(self, *, is_whole: bool) -> dict[str, Sum]:
        """Sum from the wire when all of it was read, else carry the last sum forward."""
        landing, history = self.landing, self.fetch.history
        if is_whole and self.reading.cursor is None and self.reading.expected is not None:
            return totals(landing.met)
        carried = self.fetch.state.get("totals", {}).get(state_key(landing.scope), {})
        difference = landing.difference(partial(history.payloads, landing.scope))
        return combined([(sums_from_state(carried), 1), (difference, 1)])


def _log(outcome: Outcome) -> None:
    report = outcome.report
    log = _LOG.info if report.status == "ok" else _LOG.warning
    log(
        "source.entity_read",
        connection_id=report.connection_id,
        entity=report.entity,
        read=report.read,
        landed=report.landed,
        quarantined=report.quarantined,
        status=report.status,
    )
