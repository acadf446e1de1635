"""Until when an offer holds: what is asked of the bank and paid must still be what was offered.

A decision prices and limits what was known when it was made. Past its ``valid_hours`` nothing goes
out by itself; people see the reason, and where two of them have it tried again, it goes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.queue import Task
    from orchestration.platform import Platform


def lapsed(platform: Platform, task: Task) -> str | None:
    """Say why an offer may not be acted on any more, or nothing while it holds.

    Args:
        platform: The opened platform.
        task: Names the decision; one that people reopened has their word.
    """
    decision_id = str(task.payload["decision_id"])
    stored = platform.ledger.latest("decision", task.tenant_id, key=decision_id)
    hours = 0 if stored is None else int(stored.entry.body.get("valid_hours") or 0)
    if stored is None or not hours:
        return None
    until = stored.entry.occurred_at + timedelta(hours=hours)
    if platform.clock.as_of <= until or _is_reopened(platform, task):
        return None
    return f"the offer was valid until {until.isoformat()}: people decide whether it still holds"


def _is_reopened(platform: Platform, task: Task) -> bool:
    found = platform.ledger.latest("task_replayed", task.tenant_id, key=task.idempotency_key)
    return found is not None
