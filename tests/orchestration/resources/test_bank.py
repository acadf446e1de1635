"""The bank's client tells final, unreached and unclear answers apart."""

from __future__ import annotations

import uuid

import pytest

from orchestration.resources.bank import Bank, BankAccess
from orchestration.resources.delivery import RefusedError, UnclearError, UnreachableError


@pytest.fixture
def bank(platform):
    """The sandbox's bank."""
    return platform.bank


@pytest.fixture
def order(platform):
    """A payment order that was never given before."""
    seller = platform.counterparts.organisations[0]
    return {
        "end_to_end_id": f"IFP{uuid.uuid4().hex}",
        "amount_minor": 12_345,
        "currency": "EUR",
        "creditor": {"name": seller.name, "iban": seller.payout_iban},
        "remittance": "Advance on invoice 1",
    }


def fault(sandbox, kind, path):
    body = {"counterpart": "bank", "fault": kind, "times": 1, "path": path}
    assert sandbox.post("/admin/faults", body).status_code == 201


def test_an_account_is_verified_by_name(bank, platform):
    seller = platform.counterparts.organisations[0]
    assert bank.verify_account(seller.payout_iban, seller.name).body["result"] == "match"


def test_the_same_key_gets_the_same_order(bank, order):
    key = uuid.uuid4().hex
    assert bank.pay(order, key=key).body["id"] == bank.pay(order, key=key).body["id"]


def test_the_same_key_with_another_order_is_refused(bank, order):
    key = uuid.uuid4().hex
    bank.pay(order, key=key)
    with pytest.raises(RefusedError) as refusal:
        bank.pay({**order, "amount_minor": 1}, key=key)
    assert refusal.value.status == 409


def test_a_payment_is_found_by_our_own_id(bank, order):
    assert bank.payment_by_end_to_end_id(order["end_to_end_id"]) is None
    bank.pay(order, key=uuid.uuid4().hex)
    assert bank.payment_by_end_to_end_id(order["end_to_end_id"])["amount_minor"] == 12_345


def test_an_expired_token_is_renewed_without_the_caller_noticing(bank, order, sandbox):
    bank.payment_by_end_to_end_id("warm-up")
    fault(sandbox, "expired_token", "payment-orders")
    assert bank.pay(order, key=uuid.uuid4().hex).status in {200, 201}


def test_too_many_requests_say_how_long_to_wait(bank, order, sandbox):
    fault(sandbox, "429", "payment-orders")
    with pytest.raises(UnreachableError) as refusal:
        bank.pay(order, key=uuid.uuid4().hex)
    assert refusal.value.retry_after is not None


def test_a_broken_answer_to_an_instruction_is_unclear(bank, order, sandbox):
    fault(sandbox, "500", "payment-orders")
    with pytest.raises(UnclearError):
        bank.pay(order, key=uuid.uuid4().hex)


def test_a_broken_answer_to_a_question_may_be_asked_again(bank, sandbox):
    fault(sandbox, "500", "payment-orders")
    with pytest.raises(UnreachableError):
        bank.payment_by_end_to_end_id("nothing")


def test_nobody_there_is_unreachable(free_port):
    absent = Bank(BankAccess(f"http://127.0.0.1:{free_port}", "id", "secret"), timeout=1)
    with pytest.raises(UnreachableError):
        absent.payment("any")
    absent.close()


def test_the_secret_does_not_show():
    assert "hunter2" not in repr(BankAccess("https://bank.example", "id", "hunter2"))


@pytest.mark.parametrize("field", ["data", "end_to_end_id"])
def test_a_list_that_cannot_be_read_does_not_say_that_there_is_no_order(
    bank, order, sandbox, field
):
    """Else the order would be sent again, long after the bank has forgotten its key."""
    bank.pay(order, key=uuid.uuid4().hex)
    body = {"counterpart": "bank", "fault": "renamed_field", "field": field, "times": 1}
    assert sandbox.post("/admin/faults", {**body, "path": "payment-orders$"}).status_code == 201
    with pytest.raises(UnreachableError, match="unreadable"):
        bank.payment_by_end_to_end_id(order["end_to_end_id"])


def test_a_token_answer_without_a_token_may_be_asked_for_again(platform, sandbox):
    body = {"counterpart": "bank", "fault": "renamed_field", "field": "access_token", "times": 1}
    assert sandbox.post("/admin/faults", {**body, "path": "oauth2/token"}).status_code == 201
    with pytest.raises(UnreachableError, match="unreadable token"):
        platform.bank.payment("any")
