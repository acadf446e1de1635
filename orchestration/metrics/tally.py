"""Counts what the ledger tells, entry by entry, from where it stopped.

A ledger only grows, so a count of it is a counter: it begins at nothing, reads every entry once and
is the same after a restart. Durations are the time between two entries as they were recorded.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from orchestration.settlements import FINAL

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from ledger.store import Ledger

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 43_200.0)
"""Upper bounds of durations in seconds: a live decision takes one, a settlement half a day."""

_PAGE = 2_000


@dataclass
class Durations:
    """How long something took, as a cumulative histogram.

    Attributes:
        counts: How many fell into each bucket; the last is everything longer.
        total: Seconds in all.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


@dataclass
class Tally:
    """What was counted so far.

    Attributes:
        entries: Entries read.
        decisions: Decision entries by tenant and outcome.
        payments: Payments by tenant and status; those that are final, and those that are not.
        messages: Messages by kind and status.
        commands: From command to its answer, by what was asked.
        settlements: From payment instruction to its final status.
    """

    entries: int = 0
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    payments: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    commands: dict[str, Durations] = field(default_factory=dict)
    settlements: Durations = field(default_factory=Durations)

    def __post_init__(self) -> None:
        self._turn = threading.Lock()
        self._moving: dict[str, tuple[str, datetime | None]] = {}
        self._asked: dict[str, tuple[str, datetime]] = {}
        self._unsent: dict[str, tuple[str, str]] = {}
        self._rules: Mapping[str, Callable[[StoredEntry], None]] = {
            "decision": self._decision,
            "payment_instruction": self._payment,
            "payment_status": self._payment,
            "message": self._message,
            "message_status": self._message,
            "command": self._command,
            "command_status": self._answer,
        }

    def advance(self, ledger: Ledger, *, pages: int = 1) -> bool:
        """Read on; tell whether everything there is has been read."""
        with self._turn:
            for _ in range(pages):
                found = ledger.entries(after=self.entries - 1, limit=_PAGE)
                for stored in found:
                    rule = self._rules.get(stored.entry.type)
                    if rule is not None:
                        rule(stored)
                    self.entries = stored.index + 1
                if len(found) < _PAGE:
                    return True
        return False

    def _decision(self, stored: StoredEntry) -> None:
        self.decisions[stored.entry.tenant_id, str(stored.entry.body["outcome"])] += 1

    def _payment(self, stored: StoredEntry) -> None:
        entry = stored.entry
        key, status = str(entry.body["end_to_end_id"]), str(entry.body["status"])
        before, since = self._moving.pop(key, (None, None))
        if before is not None:
            self.payments[entry.tenant_id, before] -= 1
        self.payments[entry.tenant_id, status] += 1
        if entry.type == "payment_instruction":
            since = stored.recorded_at
        if status not in FINAL:
            self._moving[key] = (status, since)
        elif since is not None:
            self.settlements.add((stored.recorded_at - since).total_seconds())

    def _message(self, stored: StoredEntry) -> None:
        body = stored.entry.body
        key, status = str(body["message_id"]), str(body["status"])
        kind, before = self._unsent.pop(key, (str(body.get("kind", "unknown")), None))
        if before is not None:
            self.messages[kind, before] -= 1
        self.messages[kind, status] += 1
        if status != "delivered":
            self._unsent[key] = (kind, status)

    def _command(self, stored: StoredEntry) -> None:
        body = stored.entry.body
        kind = str(body.get("command") or body.get("kind") or "unknown")
        self._asked[str(body["command_id"])] = (kind, stored.recorded_at)

    def _answer(self, stored: StoredEntry) -> None:
        asked = self._asked.pop(str(stored.entry.body["command_id"]), None)
        if asked is not None:
            kind, since = asked
            durations = self.commands.setdefault(kind, Durations())
            durations.add((stored.recorded_at - since).total_seconds())
