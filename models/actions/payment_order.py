"""The order that pays an advance to its seller.

Paid is the advance less the fee, which is kept from it; the rest of the face is the reserve. The
body is that of the bank's payment order (pain.001 in small).
"""

from __future__ import annotations

from models.actions.idempotency import end_to_end_id, payment_key
from models.domain.errors import DomainError
from models.domain.outcomes import Action, DecisionCore, Outcome

KIND = "bank.pay"
REMITTANCE_LENGTH = 140
"""Longest unstructured remittance text of ISO 20022."""


def payout_minor(core: DecisionCore) -> int:
    """Give what is paid out: the advance less the fee."""
    return core.advance_minor - core.fee_minor


def payment_order(
    core: DecisionCore,
    *,
    decision_id: str,
    creditor_name: str,
    creditor_iban: str,
    invoice_number: str,
) -> Action:
    """Compose the payment order.

    Raises:
        DomainError: The decision is no approval, or nothing is left to pay.
    """
    amount = payout_minor(core)
    if core.outcome is not Outcome.APPROVE or amount <= 0:
        raise DomainError(f"{core.receivable_id}: an approval with a payout is needed")
    iban = "".join(creditor_iban.split()).upper()
    return Action(
        kind=KIND,
        idempotency_key=payment_key(decision_id, amount, core.currency, iban),
        payload={
            "end_to_end_id": end_to_end_id(decision_id),
            "amount_minor": amount,
            "currency": core.currency,
            "creditor": {"name": creditor_name, "iban": iban},
            "remittance": f"Advance on invoice {invoice_number}".strip()[:REMITTANCE_LENGTH],
        },
    )
