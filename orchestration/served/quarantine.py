"""A corrected quarantine record as a command: it is landed by the same door as everything else.

The corrected bytes are the private part of the command entry: they may name people, so they are
kept encrypted and can be erased with their subject.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ledger.errors import SubjectErased
from orchestration.served.dispatch import Answer, CommandRefusedError

if TYPE_CHECKING:
    from ledger.queue import Task
    from orchestration.platform import Platform


def corrected(platform: Platform, task: Task) -> Answer:
    """Land the correction; what is still wrong goes back to quarantine with its reason."""
    from ingestion.replay import replay

    quarantine_id = str(task.payload["quarantine_id"])
    content = _content(platform, task)
    with platform.warehouse.held() as path:
        if _tenant_of(platform, quarantine_id) != task.tenant_id:
            raise CommandRefusedError(f"no open record {quarantine_id} is in quarantine")
        report = replay(
            {quarantine_id: content},
            warehouse=path,
            var=platform.places.var,
            now=datetime.now(UTC),
        )
    names = ("landed", "unchanged", "quarantined")
    counts = {name: report.total(name) for name in names}
    if not counts["landed"] + counts["unchanged"]:
        raise CommandRefusedError("the corrected record was refused again; see its new reason")
    return Answer({"quarantine_id": quarantine_id, **counts})


def _content(platform: Platform, task: Task) -> bytes:
    key = str(task.payload["command_id"])
    found = platform.ledger.latest("command", task.tenant_id, key=key)
    try:
        content = None if found is None else platform.ledger.read_private(found.index)
    except SubjectErased:
        content = None
    if content is None:
        raise CommandRefusedError("the command holds no corrected bytes")
    return content


def _tenant_of(platform: Platform, quarantine_id: str) -> str | None:
    with platform.warehouse.open() as connection:
        rows = connection.execute(
            "select tenant_id from raw_quarantine.records"
            " where quarantine_id = ? and replayed_at is null",
            [quarantine_id],
        ).fetchall()
    return str(rows[0][0]) if rows else None
