"""After a restore the bank is asked before it is told, so the lost days are not paid again."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from ledger.entry import Actor
from models.actions.idempotency import end_to_end_id
from models.domain.identity import surrogate_key
from orchestration import identifiers, restoration, settings
from orchestration import platform as platforms
from orchestration.outbox import Outbox
from orchestration.settlements import PAY, VERIFY

TENANT = "alder"


@pytest.fixture
def invoice(directory, approved):
    """A directory that knows the number of the one invoice of this test."""
    number = f"INV-{uuid.uuid4().hex[:8]}"
    return replace(directory, numbers={approved.receivable_id: number})


@pytest.fixture
def restored(sandbox, tmp_path):
    """The same platform as it stands after a restore of a backup that knows no payment."""
    found = settings.load(
        var=tmp_path / "restored", sandbox_url=sandbox.base_url, smtp_port=sandbox.smtp_port
    )
    with platforms.opened(found) as opened:
        restoration.mark(opened.places.var, "a backup", "2026-06-30T00:00:00Z", 0)
        yield opened
        opened.ledger.close()


@pytest.fixture
def pay(approved, decision_entry, invoice):
    """Decide, instruct and pay on a platform; give how its payment task ended."""

    def act(platform, decision: str) -> dict[str, int]:
        key = end_to_end_id(decision)
        payload = {
            "request_id": decision,
            "decision_id": decision,
            "receivable_id": approved.receivable_id,
            "seller_id": approved.seller_id,
            "debtor_id": approved.debtor_id,
            "payout_minor": approved.advance_minor - approved.fee_minor,
            "currency": approved.currency,
            "end_to_end_id": key,
        }
        payee = invoice.payees[approved.seller_id]
        question = identifiers.verification_id(payee.seller_id, payee.iban)
        asked = {"request_id": question, "seller_id": approved.seller_id}
        with platform.ledger.transaction() as tx:
            tx.append(decision_entry(approved, decision))
            tx.enqueue(VERIFY, TENANT, question, asked)
            tx.enqueue(PAY, TENANT, key, payload)
        box = Outbox(platform, invoice)
        box.drain(kinds=(VERIFY,), seconds=20)
        box.drain(kinds=(PAY,), seconds=20)
        return platform.ledger.queue.stats()[PAY]

    return act


@pytest.fixture
def orders(sandbox, approved, invoice):
    """List the bank's orders for the invoice of this test."""
    number = invoice.numbers[approved.receivable_id]

    def found() -> list[str]:
        answer = sandbox.get("/admin/payment-orders").json()
        listed = answer if isinstance(answer, list) else next(iter(answer.values()))
        return [order["end_to_end_id"] for order in listed if number in order["remittance"]]

    return found


def test_a_payment_that_went_out_after_the_backup_is_recorded_and_not_sent(
    platform, restored, pay, orders
):
    decision = surrogate_key("decision", uuid.uuid4().hex)
    assert pay(platform, decision) == {"done": 1}
    assert pay(restored, decision) == {"done": 1}
    assert orders() == [end_to_end_id(decision)]
    (known,) = restored.ledger.projection("payments", key=end_to_end_id(decision))
    assert known["status"] in {"RCVD", "ACTC", "ACSP", "ACSC"}


def test_the_same_invoice_under_another_decision_waits_for_two_people(
    platform, restored, pay, orders, invoice
):
    before, after = (surrogate_key("decision", uuid.uuid4().hex) for _ in range(2))
    assert pay(platform, before) == {"done": 1}
    assert pay(restored, after) == {"dead": 1}
    assert orders() == [end_to_end_id(before)]
    (letter,) = restored.ledger.queue.dead_letters()
    assert end_to_end_id(before) in letter.reason
    assert "compare the two" in letter.reason
    anna, ben = Actor("person", "anna"), Actor("person", "ben")
    restored.ledger.queue.replay(letter.id, by=anna, approved_by=ben)
    Outbox(restored, invoice).drain(kinds=(PAY,), seconds=20)
    assert orders() == [end_to_end_id(before), end_to_end_id(after)]


def test_a_ledger_that_was_never_restored_does_not_list_the_banks_orders(platform):
    assert platform.unknown_orders == []
