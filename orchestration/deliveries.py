"""What each kind of task says to whom, and what its answer leads to.

::

    bank.submit ─► bank_reply ─┬ approved ► payment_instruction + bank.pay
                               ├ pending ► bank.status
                               └ declined ► reservation released, notice
    bank.pay ─► payment_status ─┬ account not verified yet ► back until it is
                                ├ not final ► bank.status ─► …
    bank.status                 ├ ACSC ► message + notice.send
                                └ RJCT ► reservation released, message + notice.send
    notice.send ─► message_status
    bank.event ─► command_status; the bank.status that waits for its answer is asked now

A handler only talks and concludes; what it concludes is written by the outbox in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ledger.entry import Entry
from ledger.queue import Task
from orchestration import identifiers, restoration, validity, wording
from orchestration.commit_points import CommitPoint
from orchestration.resources.delivery import DeliveryError, RefusedError, UnclearError
from orchestration.settlements import (
    BANK,
    EVENT,
    FINAL,
    MAIL,
    NOTICE,
    PAY,
    STATUS,
    SUBMIT,
    SYSTEM,
    VERIFY,
    FollowUp,
    NotDeliverableError,
    Settlement,
    entry,
    held,
    instruction,
    known,
    later,
    message,
    payee_of,
    question,
    soon,
    status_body,
)

if TYPE_CHECKING:
    from orchestration.directory import Directory, Payee
    from orchestration.platform import Platform

_POLLS_AT_ONCE = 6


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
    """Conclude from a counterpart's final no.

    Only what it says about a request ends that request. A no to a question, or to a key that was
    used before, leaves open what the bank holds: a person has to look, and until then the
    reservation stays. A no to our credentials does not come here: it is asked again.
    """
    if task.kind == SUBMIT and error.is_about_the_request:
        body = {**known(task), "status": "refused", "reason": error.cause}
        return Settlement((entry(platform, task, "bank_reply", body, BANK),), release=held(task))
    return Settlement(failure=str(error))


def _verify(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = payee_of(directory, task)
    answer = platform.bank.verify_account(payee.iban, payee.name)
    body = {
        "request_id": task.payload["request_id"],
        "seller_id": payee.seller_id,
        "about": "account_verification",
        "status": str(answer.body["result"]),
    }
    return Settlement((entry(platform, task, "bank_reply", body, BANK, answer.raw),))


def _submit(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = payee_of(directory, task)
    if (why := validity.lapsed(platform, task)) is not None:
        raise NotDeliverableError(why)
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
        **known(task),
        "bank_decision_id": str(reply["id"]),
        "status": status,
        "reason": reply.get("reason"),
    }
    replied = entry(platform, task, "bank_reply", body, BANK, raw)
    if status == "approved":
        ordered = instruction(task)
        pay = FollowUp(PAY, ordered["end_to_end_id"], {**task.payload, **ordered})
        return Settlement(
            (replied, entry(platform, task, "payment_instruction", ordered, SYSTEM)), (pay,)
        )
    if status == "pending":
        payload = {**task.payload, "bank_decision_id": str(reply["id"])}
        ask = FollowUp(STATUS, question(str(task.payload["request_id"])), payload)
        return Settlement((replied,), () if task.kind == STATUS else (ask,))
    if status != "declined":
        raise UnclearError("the bank", f"unknown status {status}")
    told, send = message(platform, task, "declined")
    return Settlement((replied, told), (send,), release=held(task))


def _pay(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = payee_of(directory, task)
    verdict = _account_verdict(platform, task.tenant_id, payee)
    if verdict is None:
        return later(task, "the payee's account is not verified yet")
    if verdict != "match":
        return _paid(platform, task, [{"status": "RJCT", "reason": f"account {verdict}"}])
    is_replayed = _was_replayed(platform, task)
    if task.attempts > 1 or is_replayed or restoration.has_happened(platform.ledger):
        taken = platform.bank.payment_by_end_to_end_id(str(task.payload["end_to_end_id"]))
        if taken is not None:
            return _paid(platform, task, [*_followed(platform, taken)])
    if (why := validity.lapsed(platform, task)) is not None:
        raise NotDeliverableError(why)
    action = wording.order(platform, task, payee, directory)
    if not is_replayed:
        restoration.require_unpaid(action.payload, platform.unknown_orders)
    try:
        answer = platform.bank.pay(action.payload, key=action.idempotency_key)
    except RefusedError as error:
        if not error.is_about_the_request:
            raise
        return _paid(platform, task, [{"status": "RJCT", "reason": error.cause}])
    platform.reach(CommitPoint.PAYMENT_SENT)
    return _paid(platform, task, [*_followed(platform, answer.body)])


def _status(platform: Platform, directory: Directory, task: Task) -> Settlement:
    if "payment_id" in task.payload:
        answer = platform.bank.payment(str(task.payload["payment_id"]))
        return _paid(platform, task, [*_followed(platform, answer.body)])
    answer = platform.bank.credit_decision(str(task.payload["bank_decision_id"]))
    if answer.body["status"] == "pending":
        return later(task, "the bank has not decided yet")
    return _replied(platform, directory, task, answer.body, answer.raw)


def _followed(platform: Platform, order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Ask for an order's status for as long as it moves; return every status seen.

    The order was taken, whatever becomes of the questions: one without an answer is asked later.
    """
    seen = [order]
    while seen[-1]["status"] not in FINAL and len(seen) < _POLLS_AT_ONCE:
        try:
            found = platform.bank.payment(str(order["id"])).body
        except DeliveryError:
            break
        if found["status"] == seen[-1]["status"]:
            break
        seen.append(found)
    return seen


def _paid(platform: Platform, task: Task, orders: list[Mapping[str, Any]]) -> Settlement:
    before = _known_status(platform, task)
    entries = [
        entry(platform, task, "payment_status", status_body(task, order), BANK)
        for order in orders
        if order["status"] != before
    ]
    last = orders[-1]
    if last["status"] not in FINAL:
        if task.kind == STATUS:
            return Settlement(
                tuple(entries),
                failure="the payment is not final yet",
                retry_at=soon(task.attempts),
            )
        payload = {**task.payload, "payment_id": str(last["id"]), "status": str(last["status"])}
        ask = FollowUp(STATUS, question(str(task.payload["end_to_end_id"])), payload, soon())
        return Settlement(tuple(entries), (ask,))
    told, send = message(platform, task, "paid" if last["status"] == "ACSC" else "not_paid")
    release = None if last["status"] == "ACSC" else held(task)
    return Settlement((*entries, told), (send,), release=release)


def _notice(platform: Platform, directory: Directory, task: Task) -> Settlement:
    payee = payee_of(directory, task)
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
    return Settlement((entry(platform, task, "message_status", body, MAIL),))


def _event(platform: Platform, _directory: Directory, task: Task) -> Settlement:
    """Ask now what the bank says has changed; the event itself is not believed."""
    reference = str(task.payload["reference"])
    body = {"command_id": task.payload["command_id"], "status": "done"}
    told = Entry("command_status", task.tenant_id, platform.clock.as_of, SYSTEM, (reference,), body)
    return Settlement((told,), hasten=question(reference))


_HANDLERS: Mapping[str, Callable[[Platform, Directory, Task], Settlement]] = {
    VERIFY: _verify,
    SUBMIT: _submit,
    PAY: _pay,
    STATUS: _status,
    NOTICE: _notice,
    EVENT: _event,
}


def _known_status(platform: Platform, task: Task) -> str | None:
    """Return the status that was recorded last, so that none is recorded twice."""
    key = str(task.payload["end_to_end_id"])
    found = platform.ledger.latest("payment_status", task.tenant_id, key=key)
    return None if found is None else str(found.entry.body["status"])


def _was_replayed(platform: Platform, task: Task) -> bool:
    """Tell whether a person reopened the task: its attempts count anew, yet it may have been sent.

    By then the bank may have forgotten the idempotency key, so it is asked first.
    """
    found = platform.ledger.latest("task_replayed", task.tenant_id, key=task.idempotency_key)
    return found is not None


def _account_verdict(platform: Platform, tenant_id: str, payee: Payee) -> str | None:
    """Return what the bank said about a payee's account, or ``None`` before it said anything."""
    key = identifiers.verification_id(payee.seller_id, payee.iban)
    found = platform.ledger.latest("bank_reply", tenant_id, key=key)
    return None if found is None else str(found.entry.body["status"])
