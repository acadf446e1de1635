"""What a delivery leads to, and the entries and tasks it is made of.

A settlement is a value: entries, next tasks, a reservation to free, a failure. The outbox writes
it in one transaction; `deliveries` conclude it from what a counterpart said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from ledger.queue import MOST_ATTEMPTS, Task
from models.actions.idempotency import end_to_end_id
from orchestration import identifiers

if TYPE_CHECKING:
    from orchestration.directory import Directory, Payee
    from orchestration.platform import Platform

VERIFY, SUBMIT, PAY, STATUS, NOTICE, EVENT = KINDS = (
    "bank.verify_account",
    "bank.submit",
    "bank.pay",
    "bank.status",
    "notice.send",
    "bank.event",
)
BANK = Actor("counterpart", "bank")
MAIL = Actor("counterpart", "mail")
SYSTEM = Actor("system", "outbox")

FINAL = frozenset({"ACSC", "RJCT"})
"""Payment statuses after which nothing moves (ISO 20022: settled, rejected)."""

_WAIT = timedelta(seconds=0.2)


class NotDeliverableError(Exception):
    """A task lacks what it needs (a payee, a decision); a person has to look at it."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task that an answer leads to.

    Attributes:
        kind: One of ``KINDS``.
        idempotency_key: Unique over all tasks.
        payload: Ids and figures; no names, no accounts.
        not_before: When it is due; at once by default.
    """

    kind: str
    idempotency_key: str
    payload: Mapping[str, Any]
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a delivery led to.

    Attributes:
        entries: To be appended, in order.
        follow_ups: Tasks to be enqueued.
        release: Receivable whose reservation is freed.
        hasten: Key of a waiting question that is asked now.
        failure: Why the task is not done; ``None`` when it is.
        retry_at: When to try a failed task again; ``None`` gives it up.
    """

    entries: tuple[Entry, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    release: str | None = None
    hasten: str | None = None
    failure: str | None = None
    retry_at: datetime | None = None


def question(reference: str) -> str:
    """Name the task that asks what became of a payment or a request for funding."""
    return f"{reference}:status"


def instruction(task: Task) -> dict[str, Any]:
    """Give the body of the entry that instructs a payment."""
    decision = str(task.payload["decision_id"])
    return {
        "end_to_end_id": end_to_end_id(decision),
        "decision_id": decision,
        "receivable_id": task.payload["receivable_id"],
        "seller_id": task.payload["seller_id"],
        "amount_minor": task.payload["payout_minor"],
        "currency": task.payload["currency"],
        "status": "instructed",
    }


def status_body(task: Task, order: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body of the entry that says where a payment stands."""
    body: dict[str, Any] = {
        "end_to_end_id": task.payload["end_to_end_id"],
        "decision_id": task.payload["decision_id"],
        "status": str(order["status"]),
        "status_reason": order.get("reason"),
    }
    if "id" in order:
        body["payment_id"] = str(order["id"])
    return body


def message(platform: Platform, task: Task, kind: str) -> tuple[Entry, FollowUp]:
    """Give the entry of a message to the seller and the task that sends it."""
    decision = str(task.payload["decision_id"])
    message_id = identifiers.message_id(kind, decision)
    body = {
        "message_id": message_id,
        "decision_id": decision,
        "seller_id": task.payload["seller_id"],
        "kind": kind,
        "channel": "mail",
        "status": "queued",
    }
    kept = ("decision_id", "receivable_id", "seller_id", "end_to_end_id")
    payload = {name: task.payload[name] for name in kept if name in task.payload}
    send = FollowUp(NOTICE, message_id, {**payload, "message_id": message_id, "kind": kind})
    return entry(platform, task, "message", body, SYSTEM), send


def entry(
    platform: Platform,
    task: Task,
    kind: str,
    body: Mapping[str, Any],
    actor: Actor,
    private: bytes | None = None,
) -> Entry:
    """Give an entry about a task's decision; a counterpart's bytes go in encrypted."""
    seller = str(task.payload["seller_id"])
    about = ("decision_id", "receivable_id", "seller_id")
    return Entry(
        type=kind,
        tenant_id=task.tenant_id,
        occurred_at=platform.clock.as_of,
        actor=actor,
        subjects=tuple(str(task.payload[name]) for name in about if name in task.payload),
        body=body,
        private=private,
        subject_key_id=seller if private is not None else None,
    )


def known(task: Task) -> dict[str, Any]:
    """Give the ids that name a request to the bank."""
    names = ("request_id", "decision_id", "receivable_id")
    return {name: task.payload[name] for name in names}


def payee_of(directory: Directory, task: Task) -> Payee:
    """Return the seller a task is about.

    Raises:
        NotDeliverableError: No account is known for it.
    """
    payee = directory.payees.get(str(task.payload["seller_id"]))
    if payee is None:
        raise NotDeliverableError("the seller has no account that advances can be paid to")
    return payee


def held(task: Task) -> str:
    """Give the receivable whose reservation a task stands on."""
    return str(task.payload["receivable_id"])


def later(task: Task, why: str) -> Settlement:
    """Put a task back for a while."""
    return Settlement(failure=why, retry_at=soon(task.attempts))


def soon(attempts: int = 0, share: float = 1.0) -> datetime:
    """Wait three times as long with each attempt: at once at first, half a day in all.

    Banks settle overnight and people decide the next morning; only then is a question given up.

    Args:
        attempts: How often it was tried.
        share: The part of the wait to take, so that tasks do not all come back at one moment.
    """
    return datetime.now(UTC) + _WAIT * share * int(3 ** min(attempts, MOST_ATTEMPTS - 1))
