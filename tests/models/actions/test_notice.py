"""Notices say what was decided, why, and in which money."""

from models.actions.notice import decision_notice, payment_notice
from models.domain.outcomes import DecisionCore, Outcome

TO = {"seller_name": "Acme", "invoice_number": "INV-7"}


def test_an_approval_names_amount_rate_fee_and_reserve(
    decisions: dict[Outcome, DecisionCore],
) -> None:
    notice = decision_notice(decisions[Outcome.APPROVE], **TO)
    assert notice.subject.startswith("Invoice INV-7: advance of EUR ")
    assert all(word in notice.text for word in ("advance rate", "fee EUR", "reserve EUR", "hours"))


def test_a_refusal_gives_its_reasons_in_order(decisions: dict[Outcome, DecisionCore]) -> None:
    core = decisions[Outcome.REJECT]
    text = decision_notice(core, **TO).text
    places = [text.index(reason.text) for reason in core.reasons[:4]]
    assert places == sorted(places)


def test_a_payment_names_its_reference(decisions: dict[Outcome, DecisionCore]) -> None:
    notice = payment_notice(decisions[Outcome.APPROVE], **TO, end_to_end_id="IFP1")
    assert "IFP1" in notice.text
    assert "EUR" in notice.subject


def test_no_notice_ends_without_a_sentence(decisions: dict[Outcome, DecisionCore]) -> None:
    for core in decisions.values():
        assert decision_notice(core, **TO).text.rstrip().endswith(".")
