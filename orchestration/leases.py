"""Keeps the leases of claimed tasks young for as long as they are being worked on.

A lease is short, so that the tasks of a process that died come back soon; work may be long. While
the block lasts a thread asks for more time; a task that was settled or taken over is left alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ledger.errors import LeaseLost, LedgerBusy

if TYPE_CHECKING:
    from ledger.queue import Task
    from ledger.store import Ledger


@contextmanager
def kept(ledger: Ledger, tasks: Sequence[Task], seconds: float) -> Iterator[None]:
    """Extend leases until the block ends.

    Args:
        ledger: Whose queue.
        tasks: Claimed for so many seconds.
        seconds: Length of a lease; it is renewed when a third of it has gone by.
    """
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(seconds / 3):
            for task in tasks:
                with suppress(LeaseLost, LedgerBusy):
                    ledger.queue.extend(task, seconds)

    thread = threading.Thread(target=keep, name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
