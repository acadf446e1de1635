"""Tasks that were given up: what people may ask for them, and who has asked already.

Where money moves two people ask for the same; the worker carries it out with the second.
"""

from collections.abc import Iterable

from apps.access.roles import User
from apps.commands import DEAD_LETTER_CLOSED, DEAD_LETTER_REPLAYED, Command, CommandState
from ledger.backlog import QueuedTask
from ledger.queue import MONEY_KINDS

KINDS = {
    "bank.verify": "Account check at the bank",
    "bank.submit": "Submission to the bank",
    "bank.pay": "Payment order",
    "bank.status": "Question to the bank",
    "bank.event": "Event from the bank",
    "notice.send": "Notice to a debtor",
    "command.invoice_submitted": "Invoice to decide on",
    "command.score_requested": "Score to give",
    "command.quarantine_corrected": "Correction to land",
    "command.dead_letter_replayed": "Dead letter to try again",
    "command.dead_letter_closed": "Dead letter to close",
    "command.assess_requested": "File to assess",
}
"""Kinds of tasks as a reader says them; an unlisted one is shown by its code."""

ASKED = (DEAD_LETTER_REPLAYED, DEAD_LETTER_CLOSED)


class NoReasonError(ValueError):
    """A dead letter is closed only with a reason."""


def kind_text(kind: str) -> str:
    """Say a kind in words."""
    return KINDS.get(kind, kind)


def moves_money(task: QueuedTask) -> bool:
    """Tell whether two people have to ask."""
    return task.kind in MONEY_KINDS


def replay(user: User, task: QueuedTask) -> Command:
    """Make the command that has a dead letter tried again."""
    return Command(
        kind=DEAD_LETTER_REPLAYED,
        tenant_id=task.tenant_id,
        about=task.idempotency_key,
        same=_death(user, task),
        payload={"task_id": task.id},
    )


def close(user: User, task: QueuedTask, reason: str) -> Command:
    """Make the command that ends a dead letter without doing it.

    Raises:
        NoReasonError: the reason is empty.
    """
    if not reason.strip():
        raise NoReasonError("say why it is not to be done")
    return Command(
        kind=DEAD_LETTER_CLOSED,
        tenant_id=task.tenant_id,
        about=task.idempotency_key,
        same=_death(user, task),
        payload={"task_id": task.id, "reason": reason.strip()},
    )


def waiting_for_second(states: Iterable[CommandState], task: QueuedTask) -> list[CommandState]:
    """Return the commands about this death of the task that wait for a second person."""
    return [one for one in states if one.phase == "waiting" and one.asked_at >= task.updated_at]


def _death(user: User, task: QueuedTask) -> tuple[str, ...]:
    """Name this death of the task; where money moves each person's word counts by itself."""
    own = (user.user_id,) if moves_money(task) else ()
    return (str(task.id), task.updated_at.isoformat(), *own)
