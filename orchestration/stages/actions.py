"""Decisions → actions: carry out what the queue owes, then show where every payment stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration import datasets, directory, lineage
from orchestration.outbox import Outbox
from orchestration.settlements import VERIFY
from orchestration.stages import derived

if TYPE_CHECKING:
    from orchestration.outbox import Drained
    from orchestration.platform import Platform


@dataclass
class ActionReport:
    """What stands after the queue was drained.

    Attributes:
        payments: Payments by status.
        messages: Notices by status.
        drained: What the drain did.
    """

    payments: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    drained: Drained | None = None


def carry_out(platform: Platform, *, run_id: str, seconds: float = 600.0) -> ActionReport:
    """Drain the queue until payments are final and notices delivered.

    Accounts are verified first, since no payment goes out before its payee's account is.
    """
    outbox = Outbox(platform, directory.read(platform))
    outbox.drain(kinds=(VERIFY,), seconds=seconds)
    drained = outbox.drain(seconds=seconds)
    derived.write_actions(platform)
    lineage.announce(platform, datasets.ACTED, run_id=run_id)
    return ActionReport(
        payments=by_status(platform, "payments"),
        messages=by_status(platform, "messages"),
        drained=drained,
    )


def by_status(platform: Platform, projection: str) -> dict[str, int]:
    """Count a projection's rows by status."""
    rows = platform.ledger.projection(projection)
    return dict(sorted(Counter(str(row["status"]) for row in rows).items()))
