"""A payment order pays the advance less the fee, once."""

import pytest

from models.actions.payment_order import payment_order, payout_minor
from models.domain.errors import DomainError
from models.domain.outcomes import DecisionCore, Outcome

WHERE = {
    "decision_id": "D1",
    "creditor_name": "Seller",
    "creditor_iban": "de89 3704 0044 0532 0130 00",
    "invoice_number": "INV-1",
}


def test_the_fee_is_kept_from_the_advance(decisions: dict[Outcome, DecisionCore]) -> None:
    core = decisions[Outcome.APPROVE]
    order = payment_order(core, **WHERE)
    assert (
        order.payload["amount_minor"] == core.advance_minor - core.fee_minor == payout_minor(core)
    )
    assert order.payload["creditor"] == {"name": "Seller", "iban": "DE89370400440532013000"}


def test_spelling_of_an_account_does_not_make_a_second_payment(
    decisions: dict[Outcome, DecisionCore],
) -> None:
    core = decisions[Outcome.APPROVE]
    respelt = {**WHERE, "creditor_iban": "DE89370400440532013000"}
    assert (
        payment_order(core, **WHERE).idempotency_key
        == payment_order(core, **respelt).idempotency_key
    )


def test_nothing_is_paid_without_an_approval(decisions: dict[Outcome, DecisionCore]) -> None:
    with pytest.raises(DomainError):
        payment_order(decisions[Outcome.REJECT], **WHERE)
