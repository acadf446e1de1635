"""What sellers are told about a decision, in plain words.

A refusal names its reasons in their order and what would help; amounts carry their currency. No
text tells of screening or suspicion: the catalogue of reasons has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from models.actions.payment_order import payout_minor
from models.domain.money import Money
from models.domain.outcomes import DecisionCore, Outcome

REASONS_TOLD = 4


@dataclass(frozen=True, slots=True)
class Notice:
    """A message.

    Attributes:
        subject: One line.
        text: Plain text, paragraphs parted by an empty line.
    """

    subject: str
    text: str


def decision_notice(core: DecisionCore, *, seller_name: str, invoice_number: str) -> Notice:
    """Compose the notice that follows a decision."""
    compose = {
        Outcome.APPROVE: _approved,
        Outcome.REFER: _referred,
        Outcome.REJECT: _rejected,
    }[core.outcome]
    subject, body = compose(core, invoice_number)
    return Notice(subject, f"Dear {seller_name},\n\n{body}\n")


def payment_notice(
    core: DecisionCore, *, seller_name: str, invoice_number: str, end_to_end_id: str
) -> Notice:
    """Compose the notice that follows a settled payment."""
    paid = Money(payout_minor(core), core.currency)
    return Notice(
        f"Invoice {invoice_number}: {paid} paid",
        f"Dear {seller_name},\n\n{paid} was paid to your account as the advance on invoice "
        f"{invoice_number}. The payment reference is {end_to_end_id}.\n\n"
        f"{_terms(core)}\n",
    )


def _approved(core: DecisionCore, number: str) -> tuple[str, str]:
    advance = Money(core.advance_minor, core.currency)
    return (
        f"Invoice {number}: advance of {advance} approved",
        f"we advance {advance} on invoice {number}.\n\n{_terms(core)}\n\n"
        f"The offer stands for {core.valid_hours} hours.",
    )


def _referred(core: DecisionCore, number: str) -> tuple[str, str]:
    return (
        f"Invoice {number}: a person is looking at it",
        f"invoice {number} needs a person's decision before we can advance money on it:\n\n"
        f"{_told(core)}",
    )


def _rejected(core: DecisionCore, number: str) -> tuple[str, str]:
    return (
        f"Invoice {number}: no advance",
        f"we do not advance money on invoice {number}:\n\n{_told(core)}\n\n"
        "You may ask for the reasons in detail within 60 days.",
    )


def _terms(core: DecisionCore) -> str:
    face = Money(core.eligible_minor, core.currency)
    fee = Money(core.fee_minor, core.currency)
    reserve = Money(core.eligible_minor - core.advance_minor, core.currency)
    return (
        f"Face {face}, advance rate {Decimal(core.advance_bps) / 100:f} %, fee {fee} for "
        f"{core.tenor_days} days, reserve {reserve} until the customer pays."
    )


def _told(core: DecisionCore) -> str:
    lines = [f"- {reason.text}." for reason in core.reasons[:REASONS_TOLD]]
    return "\n".join(lines)
