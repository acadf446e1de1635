"""What is owed to the outside is done once, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest

from ledger.entry import Actor, Entry
from ledger.reservations import Limit, Reservation
from models.domain.identity import surrogate_key
from orchestration import deliveries, identifiers, outbox
from orchestration.outbox import Drained, Outbox
from orchestration.resources.delivery import RefusedError
from orchestration.settlements import BANK, EVENT, NOTICE, PAY, STATUS, SUBMIT, VERIFY, Settlement

TENANT = "alder"


@pytest.fixture
def quick(monkeypatch):
    """Leases that run out at once, so that a dead worker's task is claimed again."""
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 0.0)


def _decision(*parts, is_pending=False):
    """Name a decision whose request the sandbox's bank leaves pending for a while, or does not."""
    names = (surrogate_key(*parts, str(number)) for number in count())
    return next(n for n in names if (sha256(n.encode()).digest()[0] < 8) is is_pending)


@pytest.fixture
def owed(platform, directory, approved, decision_entry):
    """Commit an approval as `decide` does, and give its decision id."""

    def commit(core=approved, name="decision-1", *, is_pending=False):
        decision = _decision(name, str(platform.places.var), is_pending=is_pending)
        payload = {
            "request_id": decision,
            "decision_id": decision,
            "receivable_id": core.receivable_id,
            "seller_id": core.seller_id,
            "debtor_id": core.debtor_id,
            "face_minor": core.requested_minor,
            "payout_minor": core.advance_minor - core.fee_minor,
            "currency": core.currency,
        }
        payee = directory.payees[core.seller_id]
        question = identifiers.verification_id(payee.seller_id, payee.iban)
        with platform.ledger.transaction() as tx:
            tx.reserve(
                Reservation(
                    TENANT,
                    core.fingerprint_exact,
                    core.fingerprints_near,
                    core.receivable_id,
                    core.advance_minor,
                    core.currency,
                    tuple(Limit(use.kind, use.id, use.limit_minor) for use in core.limits),
                )
            )
            tx.append(decision_entry(core, decision))
            asked = {"request_id": question, "seller_id": core.seller_id}
            tx.enqueue(VERIFY, TENANT, question, asked)
            tx.enqueue(SUBMIT, TENANT, f"submit:{decision}", payload)
        return decision

    return commit


@pytest.fixture
def orders(sandbox):
    """Count payment orders at the bank by our id."""

    def count():
        answer = sandbox.get("/admin/payment-orders").json()
        found = answer if isinstance(answer, list) else next(iter(answer.values()))
        return Counter(order["end_to_end_id"] for order in found)

    return count


def _fault(sandbox, **fault):
    assert sandbox.post("/admin/faults", fault).status_code == 201


def _payment(platform, decision):
    (row,) = [
        row for row in platform.ledger.projection("payments") if row["decision_id"] == decision
    ]
    return row


def test_an_approval_ends_in_a_settled_payment_and_a_notice(platform, directory, owed, orders):
    decision = owed()
    drained = Outbox(platform, directory).drain(seconds=30)
    payment = _payment(platform, decision)
    assert payment["status"] == "ACSC"
    assert payment["amount_minor"] == 88_800
    assert orders()[payment["end_to_end_id"]] == 1
    (message,) = platform.ledger.projection("messages")
    assert (message["kind"], message["status"]) == ("paid", "delivered")
    assert drained.dead == 0


def test_a_request_that_was_pending_is_paid_also_where_the_payment_is_asked_about_later(
    platform, directory, owed, orders, sandbox
):
    decision = owed(is_pending=True)
    _fault(sandbox, counterpart="bank", fault="500", times=4, path="payment-orders/")
    drained = Outbox(platform, directory).drain(seconds=30)
    payment = _payment(platform, decision)
    assert (payment["status"], drained.dead) == ("ACSC", 0)
    assert orders()[payment["end_to_end_id"]] == 1
    assert [row["kind"] for row in platform.ledger.projection("messages")] == ["paid"]


def test_every_act_stands_behind_an_entry_that_came_before_it(platform, directory, owed):
    owed()
    Outbox(platform, directory).drain(seconds=30)
    types = [item.entry.type for item in platform.ledger.entries()]
    order = ["decision", "bank_reply", "payment_instruction", "payment_status", "message"]
    order.append("message_status")
    places = [types.index(name) for name in order]
    assert places == sorted(places)


def test_the_same_task_delivered_twice_pays_once(
    platform, directory, owed, orders, quick, monkeypatch
):
    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    (task,) = platform.ledger.queue.claim([PAY], 0.0)
    deliveries.deliver(platform, directory, task)
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 25.0)
    worker.drain(seconds=30)
    payment = _payment(platform, decision)
    assert payment["status"] == "ACSC"
    assert orders()[payment["end_to_end_id"]] == 1


@pytest.mark.parametrize("fault", ["500", "truncated", "malformed"])
def test_an_unclear_answer_is_asked_about_and_not_sent_blindly(
    platform, directory, owed, orders, sandbox, fault
):
    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    _fault(sandbox, counterpart="bank", fault=fault, times=1, path="payment-orders")
    drained = worker.drain(seconds=30)
    payment = _payment(platform, decision)
    assert drained.retried >= 1
    assert payment["status"] == "ACSC"
    assert orders()[payment["end_to_end_id"]] == 1


@pytest.mark.parametrize("fault", ["expired_token", "401", "429"])
def test_a_call_that_was_not_taken_is_made_again(platform, directory, owed, sandbox, fault):
    decision = owed()
    _fault(sandbox, counterpart="bank", fault=fault, times=1, path="credit-decisions")
    Outbox(platform, directory).drain(seconds=60)
    assert _payment(platform, decision)["status"] == "ACSC"


@pytest.mark.parametrize("method", ["payment", "pay"])
def test_a_no_to_us_never_counts_as_a_no_to_the_payment(
    platform, directory, owed, monkeypatch, method
):
    """Whether it comes after the order was taken or instead, the receivable stays reserved."""

    def refuse(*_args, **_kwargs):
        raise RefusedError("the bank", 403, "forbidden")

    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    monkeypatch.setattr(platform.bank, method, refuse)
    worker.once(Drained(), (PAY,))
    assert _payment(platform, decision)["status"] != "RJCT"
    assert any(platform.ledger.exposures(TENANT).values())


def test_a_replayed_payment_is_asked_about_before_it_is_sent(
    platform, directory, owed, orders, monkeypatch
):
    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    (task,) = platform.ledger.queue.claim([PAY], 30.0)
    deliveries.deliver(platform, directory, task)
    with platform.ledger.transaction() as tx:
        tx.fail(task, "nobody knows")
    anna, ben = Actor("person", "anna"), Actor("person", "ben")
    platform.ledger.queue.replay(task.id, by=anna, approved_by=ben)
    monkeypatch.setattr(platform.bank, "pay", None)
    worker.drain(seconds=30)
    payment = _payment(platform, decision)
    assert payment["status"] == "ACSC"
    assert orders()[payment["end_to_end_id"]] == 1


def test_an_answer_without_its_fields_is_asked_about_and_stops_nothing_else(
    platform, directory, owed, orders, monkeypatch
):
    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    real = platform.bank.pay

    def renamed(*args, **kwargs):
        return replace(real(*args, **kwargs), body={"state": "RCVD"})

    monkeypatch.setattr(platform.bank, "pay", renamed)
    drained = worker.drain(seconds=30)
    payment = _payment(platform, decision)
    assert drained.retried >= 1
    assert payment["status"] == "ACSC"
    assert orders()[payment["end_to_end_id"]] == 1


def test_a_refused_mail_is_a_dead_letter_with_its_reason(platform, directory, owed, sandbox):
    owed()
    _fault(sandbox, counterpart="smtp", fault="403", times=1)
    drained = Outbox(platform, directory).drain(seconds=30)
    (letter,) = platform.ledger.queue.dead_letters()
    assert drained.dead == 1
    assert letter.kind == NOTICE
    assert "refused" in letter.reason


def test_a_payment_to_a_closed_account_is_rejected_and_frees_the_limits(
    platform, directory, owed, sandbox
):
    world = sandbox.get("/admin/world").json()
    payee = next(iter(directory.payees.values()))
    object.__setattr__(payee, "iban", world["test_accounts"]["closed_iban"])
    decision = owed()
    Outbox(platform, directory).drain(seconds=30)
    assert _payment(platform, decision)["status"] == "RJCT"
    assert not any(platform.ledger.exposures(TENANT).values())
    (message,) = platform.ledger.projection("messages")
    assert message["kind"] == "not_paid"


def test_a_seller_without_an_account_is_a_matter_for_a_person(platform, directory, owed):
    owed()
    empty = type(directory)({}, directory.debtors, {})
    drained = Outbox(platform, empty).drain(seconds=30)
    assert drained.dead == 2
    assert all("no account" in letter.reason for letter in platform.ledger.queue.dead_letters())


def test_a_settlement_that_the_ledger_refuses_does_not_take_others_with_it(
    platform, directory, owed, another
):
    first, second = owed(), owed(another(2), "decision-2")
    queue = platform.ledger.queue
    tasks = queue.claim([SUBMIT], 30.0, limit=2)
    worker, total = Outbox(platform, directory), Drained()
    nothing_held = Settlement(release="a receivable without a reservation")
    worker._settle(list(zip(tasks, (nothing_held, Settlement()), strict=True)), total)
    assert first != second
    assert (total.settled, total.dead) == (1, 1)
    (letter,) = queue.dead_letters()
    assert "UnknownReservation" in letter.reason


def test_a_lost_lease_keeps_nothing(platform, directory, owed):
    owed()
    queue = platform.ledger.queue
    (task,) = queue.claim([SUBMIT], 0.0)
    (again,) = queue.claim([SUBMIT], 30.0)
    worker, total = Outbox(platform, directory), Drained()
    late = Settlement(failure="late", retry_at=datetime.now(UTC) + timedelta(days=1))
    worker._settle([(task, late)], total)
    assert again.id == task.id
    assert total == Drained()


def test_an_event_of_the_bank_has_a_waiting_question_asked_at_once(
    platform, directory, owed, monkeypatch
):
    """The bank is asked although the question was not due for hours; the event is not believed."""
    decision = owed()
    worker = Outbox(platform, directory)
    worker.drain(seconds=30, kinds=(VERIFY, SUBMIT))
    hours = datetime.now(UTC) + timedelta(hours=9)
    monkeypatch.setattr(deliveries, "_POLLS_AT_ONCE", 1)
    monkeypatch.setattr(deliveries, "soon", lambda *_: hours)
    worker.once(Drained(), (PAY,))
    monkeypatch.undo()
    reference = _payment(platform, decision)["end_to_end_id"]
    assert worker.once(Drained(), (STATUS,)) == 0
    body = {"command_id": "c-1", "kind": EVENT, "reference": reference}
    with platform.ledger.transaction() as tx:
        tx.append(Entry("command", TENANT, platform.clock.as_of, BANK, (reference,), body))
        payload = {"command_id": "c-1", "event": "payment_order.updated", "reference": reference}
        tx.enqueue(EVENT, TENANT, "bank.event:m-1", payload)
    worker.drain(seconds=30)
    assert _payment(platform, decision)["status"] == "ACSC"
    (command,) = platform.ledger.projection("commands")
    assert command["status"] == "done"


@pytest.mark.parametrize(
    ("fault", "path"), [("403", "oauth2/token"), ("401", "oauth2/token"), ("403", "credit-dec")]
)
def test_a_no_to_our_credentials_is_waited_out(
    platform, directory, owed, orders, sandbox, fault, path
):
    """Credentials are renewed; a dead letter for each task would be a person's work for nothing."""
    decision = owed()
    _fault(sandbox, counterpart="bank", fault=fault, times=2, path=path)
    drained = Outbox(platform, directory).drain(seconds=60)
    payment = _payment(platform, decision)
    assert (drained.dead, payment["status"]) == (0, "ACSC")
    assert orders()[payment["end_to_end_id"]] == 1


def test_a_bank_that_stays_away_does_not_hold_up_the_drain(
    platform, directory, owed, sandbox, monkeypatch
):
    owed()
    monkeypatch.setattr(outbox, "PATIENCE_SECONDS", 0.0)
    _fault(sandbox, counterpart="bank", fault="500", times=2)
    worker = Outbox(platform, directory)
    first = worker.drain(seconds=60)
    assert first.settled == 0
    assert worker.open_tasks() == 2
    monkeypatch.undo()
    assert worker.drain(seconds=60).settled > 0
    assert worker.open_tasks() == 0


def test_a_status_that_the_bank_never_told_of_declines_nothing(
    platform, directory, owed, monkeypatch
):
    owed()
    real = platform.bank.submit

    def unknown(*args, **kwargs):
        return replace(real(*args, **kwargs), body={"id": "cd_1", "status": "escalated"})

    monkeypatch.setattr(platform.bank, "submit", unknown)
    worker, total = Outbox(platform, directory), Drained()
    worker.once(total, (SUBMIT,))
    assert (total.retried, total.dead) == (1, 0)
    assert any(platform.ledger.exposures(TENANT).values())
