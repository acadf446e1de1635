"""What each kind of task says to whom, and what its answer leads to.

::

    bank.submit ─► bank_reply ─┬ approved, account verified ► payment_instruction + bank.pay
                               ├ approved, not yet verified ► back until it is
                               ├ pending ► bank.status
                               └ declined ► reservation released, notice
    bank.pay ─► payment_status ─┬ not final ► bank.status ─► …
    bank.status                 ├ ACSC ► message + notice.send
                                └ RJCT ► reservation released, message + notice.send
    notice.send ─► message_status

A handler only talks and concludes; what it concludes is written by the outbox in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from ledger.queue import Task
from models.actions.idempotency import end_to_end_id
from orchestration import identifiers, wording
from orchestration.commit_points import CommitPoint
from orchestration.resources.delivery import RefusedError

if TYPE_CHECKING:
    from orchestration.directory import Directory, Payee
    from orchestration.platform import Platform

VERIFY, SUBMIT, PAY, STATUS, NOTICE = KINDS = (
    "bank.verify_account",
    "bank.submit",
    "bank.pay",
    "bank.status",
    "notice.send",
)
BANK = Actor("counterpart", "bank")
MAIL = Actor("counterpart", "mail")
SYSTEM = Actor("system", "outbox")

FINAL = frozenset({"ACSC", "RJCT"})
"""Payment statuses after which nothing moves (ISO 20022: settled, rejected)."""

_POLLS_AT_ONCE = 6
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
        failure: Why the task is not done; ``None`` when it is.
        retry_at: When to try a failed task again; ``None`` gives it up.
    """

    entries: tuple[Entry, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    release: str | None = None
    failure: str | None = None
    retry_at: datetime | None = None


def deliver(platform: Platform, directory: Directory, task: Task) -> Settlement:
    """Carry out one task.

    Raises:
        DeliveryError: The counterpart refused, was not reached, or left it unclear.
        NotDeliverableError: The task lacks what it needs.
    """
    return _HANDLERS[task.kind](platform, directory, task)


def passed(platform: Platform, task: Task) -> None:
    """Pass the commit point that lies behind a settled task."""
    point = {
        SUBMIT: CommitPoint.PAYMENT_INSTRUCTED,
        NOTICE: CommitPoint.NOTICE_SENT,
    }.get(task.kind)
    if point is not None:
        platform.reach(point)


def refused(platform: Platform, task: Task, error: RefusedError) -> Settlement:
    """Conclude from a counterpart's final no."""
    cause = f"{error.status} {error.code}"
    if task.kind == SUBMIT:
        body = {**_known(task), "status": "refused", "reason": cause}
        return Settlement((_entry(platform, task, "bank_reply", body, BANK),), release=_held(task))
    if task.kind == PAY:
        return _paid(platform, task, [{"status": "RJCT", "reason": cause}])
    return Settlement(failure=str(error))


def _verify(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = _payee(directory, task)
    answer = platform.bank.verify_account(payee.iban, payee.name)
    body = {
        "request_id": task.payload["request_id"],
        "seller_id": payee.seller_id,
        "about": "account_verification",
        "status": str(answer.body["result"]),
    }
    return Settlement((_entry(platform, task, "bank_reply", body, BANK, answer.raw),))


def _submit(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = _payee(directory, task)
    action = wording.submission(platform, task, payee, directory)
    answer = platform.bank.submit(action.payload, key=action.idempotency_key)
    platform.reach(CommitPoint.BANK_ASKED)
    return _replied(platform, directory, task, answer.body, answer.raw)


def _replied(
    platform: Platform,
    directory: Directory,
    task: Task,
    reply: Mapping[str, Any],
    raw: bytes,
) -> Settlement:
    status = str(reply["status"])
    body = {
        **_known(task),
        "bank_decision_id": str(reply["id"]),
        "status": status,
        "reason": reply.get("reason"),
    }
    entry = _entry(platform, task, "bank_reply", body, BANK, raw)
    if status == "approved":
        instruction = _instruction(task)
        pay = FollowUp(PAY, instruction["end_to_end_id"], {**task.payload, **instruction})
        return Settlement(
            (entry, _entry(platform, task, "payment_instruction", instruction, SYSTEM)), (pay,)
        )
    if status == "pending":
        payload = {**task.payload, "bank_decision_id": str(reply["id"])}
        ask = FollowUp(STATUS, f"{task.payload['request_id']}:status", payload)
        return Settlement((entry,), () if task.kind == STATUS else (ask,))
    message, send = _message(platform, task, "declined")
    return Settlement((entry, message), (send,), release=_held(task))


def _pay(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = _payee(directory, task)
    verdict = _account_verdict(platform, task.tenant_id, payee)
    if verdict is None:
        return _later(task, "the payee's account is not verified yet")
    if verdict != "match":
        return _paid(platform, task, [{"status": "RJCT", "reason": f"account {verdict}"}])
    if task.attempts > 1:
        taken = platform.bank.payment_by_end_to_end_id(str(task.payload["end_to_end_id"]))
        if taken is not None:
            return _paid(platform, task, [*_followed(platform, taken)])
    action = wording.order(platform, task, payee, directory)
    answer = platform.bank.pay(action.payload, key=action.idempotency_key)
    platform.reach(CommitPoint.PAYMENT_SENT)
    return _paid(platform, task, [*_followed(platform, answer.body)])


def _status(platform: Platform, directory: Directory, task: Task) -> Settlement:
    if "bank_decision_id" in task.payload:
        answer = platform.bank.credit_decision(str(task.payload["bank_decision_id"]))
        if answer.body["status"] == "pending":
            return _later(task, "the bank has not decided yet")
        return _replied(platform, directory, task, answer.body, answer.raw)
    answer = platform.bank.payment(str(task.payload["payment_id"]))
    return _paid(platform, task, [*_followed(platform, answer.body)])


def _followed(platform: Platform, order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Ask for an order's status for as long as it moves; return every status seen."""
    seen = [order]
    while seen[-1]["status"] not in FINAL and len(seen) < _POLLS_AT_ONCE:
        found = platform.bank.payment(str(order["id"])).body
        if found["status"] == seen[-1]["status"]:
            break
        seen.append(found)
    return seen


def _paid(platform: Platform, task: Task, orders: list[Mapping[str, Any]]) -> Settlement:
    before = str(task.payload.get("status", ""))
    entries = [
        _entry(platform, task, "payment_status", _status_body(task, order), BANK)
        for order in orders
        if order["status"] != before
    ]
    last = orders[-1]
    if last["status"] not in FINAL:
        if task.kind == STATUS:
            return Settlement(
                tuple(entries),
                failure="the payment is not final yet",
                retry_at=_soon(task.attempts),
            )
        payload = {**task.payload, "payment_id": str(last["id"]), "status": str(last["status"])}
        ask = FollowUp(STATUS, f"{task.payload['end_to_end_id']}:status", payload, _soon())
        return Settlement(tuple(entries), (ask,))
    message, send = _message(platform, task, "paid" if last["status"] == "ACSC" else "not_paid")
    release = None if last["status"] == "ACSC" else _held(task)
    return Settlement((*entries, message), (send,), release=release)


def _notice(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = _payee(directory, task)
    notice = wording.notice(platform, task, payee, directory)
    sent = platform.notifier.send(
        to=payee.mail,
        subject=notice.subject,
        text=notice.text,
        key=str(task.payload["message_id"]),
        at=platform.clock.as_of,
    )
    body = {
        "message_id": task.payload["message_id"],
        "status": "delivered",
        "mail_message_id": sent,
    }
    return Settlement((_entry(platform, task, "message_status", body, MAIL),))


_HANDLERS: Mapping[str, Callable[[Platform, Directory, Task], Settlement]] = {
    VERIFY: _verify,
    SUBMIT: _submit,
    PAY: _pay,
    STATUS: _status,
    NOTICE: _notice,
}


def _account_verdict(platform: Platform, tenant_id: str, payee: Payee) -> str | None:
    """Return what the bank said about a payee's account, or ``None`` before it said anything."""
    key = identifiers.verification_id(payee.seller_id, payee.iban)
    found = platform.ledger.latest("bank_reply", tenant_id, key=key)
    return None if found is None else str(found.entry.body["status"])


def _instruction(task: Task) -> dict[str, Any]:
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


def _status_body(task: Task, order: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "end_to_end_id": task.payload["end_to_end_id"],
        "decision_id": task.payload["decision_id"],
        "status": str(order["status"]),
        "status_reason": order.get("reason"),
    }
    if "id" in order:
        body["payment_id"] = str(order["id"])
    return body


def _message(platform: Platform, task: Task, kind: str) -> tuple[Entry, FollowUp]:
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
    return _entry(platform, task, "message", body, SYSTEM), send


def _entry(
    platform: Platform,
    task: Task,
    kind: str,
    body: Mapping[str, Any],
    actor: Actor,
    private: bytes | None = None,
) -> Entry:
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


def _known(task: Task) -> dict[str, Any]:
    names = ("request_id", "decision_id", "receivable_id")
    return {name: task.payload[name] for name in names}


def _payee(directory: Directory, task: Task) -> Payee:
    payee = directory.payees.get(str(task.payload["seller_id"]))
    if payee is None:
        raise NotDeliverableError("the seller has no account that advances can be paid to")
    return payee


def _held(task: Task) -> str:
    return str(task.payload["receivable_id"])


def _later(task: Task, why: str) -> Settlement:
    return Settlement(failure=why, retry_at=_soon(task.attempts))


def _soon(attempts: int = 0) -> datetime:
    """Wait longer with each attempt, up to about a quarter of an hour."""
    return datetime.now(UTC) + _WAIT * int(2 ** min(attempts, 12))
