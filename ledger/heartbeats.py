"""Heartbeats: what runs now, where, and what it is doing.

A process writes one row and keeps it young; whoever looks after the platform reads the rows. They
are state and no history: no entry, no proof, and the newest beat replaces the one before. They lie
in the ledger's database because that is the one place that every process of a deployment reaches,
on one machine or on several.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from ledger.database import Database
from ledger.entry import utc_moment, utc_text
from ledger.schema import HEARTBEATS
from ledger.statements import Upsert

STOPPED = "stopped"
"""What a process that ended by itself is doing."""

_FORGOTTEN = timedelta(days=2)
_ALL = select(HEARTBEATS)
_BEAT = Upsert.into(
    HEARTBEATS, replace=("started_at", "beat_at", "doing", "doing_since", "counters")
)
_FORGET = delete(HEARTBEATS).where(HEARTBEATS.c.beat_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a process last said of itself.

    Attributes:
        process: What it is: ``worker``, ``run``.
        instance: Which one: host and process id.
        started_at: When it began.
        beat_at: When it said this.
        doing: What it is doing: ``idle``, ``serving 3 commands``, ``stopped``.
        doing_since: Since when.
        counters: What it did since it began, and what else it tells; whole numbers.
    """

    process: str
    instance: str
    started_at: datetime
    beat_at: datetime
    doing: str
    doing_since: datetime
    counters: Mapping[str, int] = field(default_factory=dict)

    def is_late(self, now: datetime) -> bool:
        """Tell whether it should have been heard of by now."""
        return self.doing != STOPPED and now - self.beat_at > Heartbeats.LATE


class Heartbeats:
    """Writes and reads the heartbeats of a deployment.

    Attributes:
        LATE: After this long without a beat a process is taken for dead.
    """

    LATE = timedelta(seconds=60)

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def beat(self, heartbeat: Heartbeat) -> None:
        """Write a process's row; rows of processes long gone are forgotten.

        Raises:
            LedgerBusy: Another writer did not finish in time.
        """
        values = (
            heartbeat.process,
            heartbeat.instance,
            utc_text(heartbeat.started_at),
            utc_text(heartbeat.beat_at),
            heartbeat.doing,
            utc_text(heartbeat.doing_since),
            json.dumps(dict(heartbeat.counters), sort_keys=True),
        )
        with self._database.writing() as cursor:
            cursor.run(_FORGET, (utc_text(self._clock() - _FORGOTTEN),))
            cursor.run(_BEAT, values)

    def all(self) -> list[Heartbeat]:
        """Give every process that was heard of lately, the latest beat first."""
        with self._database.reading() as cursor:
            rows = cursor.rows(_ALL)
        found = [
            Heartbeat(
                process=row[0],
                instance=row[1],
                started_at=utc_moment(row[2]),
                beat_at=utc_moment(row[3]),
                doing=row[4],
                doing_since=utc_moment(row[5]),
                counters=json.loads(row[6]),
            )
            for row in rows
        ]
        return sorted(found, key=lambda item: item.beat_at, reverse=True)
