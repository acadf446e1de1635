"""What the funding bank is asked for one approved receivable.

The body is that of the bank's credit decision request: amounts in minor units beside the currency,
the grade as a letter (A best), names because the bank has to know whom it funds.
"""

from __future__ import annotations

from models.actions.idempotency import idempotency_key
from models.domain.errors import DomainError
from models.domain.outcomes import Action, DecisionCore, Outcome

KIND = "bank.submit"
GRADES = "AABBCCDDEE"
"""Grades 1 to 10 on the bank's scale of five letters."""


def bank_submission(
    core: DecisionCore,
    *,
    decision_id: str,
    seller_name: str,
    debtor_name: str,
    debtor_tax_id: str | None,
) -> Action:
    """Compose the request for funding.

    Raises:
        DomainError: The decision is no approval; nothing may be asked for it.
    """
    if core.outcome is not Outcome.APPROVE:
        raise DomainError(f"{core.receivable_id} was not approved: nothing to submit")
    return Action(
        kind=KIND,
        idempotency_key=idempotency_key(KIND, decision_id),
        payload={
            "request_id": decision_id,
            "seller_name": seller_name,
            "debtor_name": debtor_name,
            "debtor_tax_id": debtor_tax_id,
            "face_minor": core.eligible_minor,
            "advance_minor": core.advance_minor,
            "currency": core.currency,
            "due_on": core.due_on,
            "grade": grade_letter(core.grade),
        },
    )


def grade_letter(grade: int) -> str:
    """Give the bank's letter of a grade from 1 to 10."""
    return GRADES[grade - 1]
