"""Only approvals are submitted, with the figures of the decision."""

import pytest

from models.actions.bank_submission import bank_submission, grade_letter
from models.domain.errors import DomainError
from models.domain.outcomes import DecisionCore, Outcome

NAMES = {"decision_id": "D1", "seller_name": "S", "debtor_name": "D", "debtor_tax_id": None}


def test_an_approval_asks_for_its_own_figures(decisions: dict[Outcome, DecisionCore]) -> None:
    core = decisions[Outcome.APPROVE]
    action = bank_submission(core, **NAMES)
    assert action.payload["advance_minor"] == core.advance_minor
    assert action.payload["face_minor"] == core.eligible_minor
    assert action.payload["request_id"] == "D1"
    assert action.idempotency_key == bank_submission(core, **NAMES).idempotency_key


def test_a_refusal_cannot_be_submitted(decisions: dict[Outcome, DecisionCore]) -> None:
    with pytest.raises(DomainError, match="not approved"):
        bank_submission(decisions[Outcome.REJECT], **NAMES)


def test_grades_map_to_five_letters() -> None:
    assert [grade_letter(g) for g in (1, 2, 3, 10)] == ["A", "A", "B", "E"]
