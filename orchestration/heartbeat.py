"""Keeps a process's heartbeat young, from a thread of its own, for the length of a block.

::

    with heartbeat.beating(platform.ledger, "worker") as beat:
        with beat.during("serving 3 commands"):
            ...
        beat.count(commands=3)

A beat says that the process lives, what it is doing and since when: one that serves the same three
commands for an hour is alive and stuck, and the row shows both.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from ledger.heartbeats import STOPPED, Heartbeat
from orchestration import logs

if TYPE_CHECKING:
    from ledger.store import Ledger

SECONDS = 15.0
"""Time between two beats; a process is late after four of them."""

_WORK_SECONDS = 1.0

log = logs.get(__name__)


class Beat:
    """What a process says of itself; safe to call from any of its threads."""

    def __init__(self, ledger: Ledger, process: str) -> None:
        self._ledger = ledger
        self._process = process
        self._instance = f"{socket.gethostname()}:{os.getpid()}"
        self._started_at = datetime.now(UTC)
        self._turn = threading.Lock()
        self._doing, self._since = "starting", self._started_at
        self._counters: Counter[str] = Counter()

    def now(self, doing: str) -> None:
        """Say what it is doing from now on; told with the next beat."""
        with self._turn:
            if doing != self._doing:
                self._doing, self._since = doing, datetime.now(UTC)

    @contextmanager
    def during(self, doing: str) -> Iterator[None]:
        """Say what it does for the length of the block; a look that found nothing is no work."""
        with self._turn:
            before, since = self._doing, self._since
        self.now(doing)
        started = time.monotonic()
        try:
            yield
        finally:
            with self._turn:
                is_work = time.monotonic() - started > _WORK_SECONDS
                self._doing, self._since = before, datetime.now(UTC) if is_work else since

    def count(self, **more: int) -> None:
        """Add to its counters."""
        with self._turn:
            self._counters.update(more)

    def tell(self) -> None:
        """Write the row now; a ledger that cannot take it is logged and asked again later."""
        with self._turn:
            beat = Heartbeat(
                process=self._process,
                instance=self._instance,
                started_at=self._started_at,
                beat_at=datetime.now(UTC),
                doing=self._doing,
                doing_since=self._since,
                counters=dict(self._counters),
            )
        try:
            self._ledger.heartbeats.beat(beat)
        except LedgerError as error:
            log.warning("heartbeat.not_written", process=self._process, cause=type(error).__name__)


@contextmanager
def beating(ledger: Ledger, process: str, *, seconds: float = SECONDS) -> Iterator[Beat]:
    """Keep the heartbeat of this process young until the block ends.

    Args:
        ledger: Whose database the row is in.
        process: What this process is: ``worker``, ``run``.
        seconds: Time between two beats.
    """
    beat, stop = Beat(ledger, process), threading.Event()
    beat.tell()

    def keep() -> None:
        while not stop.wait(seconds):
            beat.tell()

    thread = threading.Thread(target=keep, name=f"heartbeat-{process}", daemon=True)
    thread.start()
    try:
        yield beat
    finally:
        stop.set()
        thread.join()
        beat.now(STOPPED)
        beat.tell()
