"""Joins what `models.actions` composes with names and accounts, at the moment of sending.

The queue carries ids and the ledger the decision; the directory knows who that is. The composed
body goes to the counterpart and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.actions.bank_submission import bank_submission
from models.actions.notice import Notice, payment_notice
from models.actions.payment_order import payment_order, payout_minor
from models.domain.money import Money
from orchestration import cores
from orchestration.settlements import NotDeliverableError

if TYPE_CHECKING:
    from ledger.queue import Task
    from models.domain.outcomes import Action, DecisionCore
    from orchestration.directory import Directory, Payee
    from orchestration.platform import Platform


def submission(platform: Platform, task: Task, payee: Payee, directory: Directory) -> Action:
    """Compose the request for funding that an approval leads to."""
    core = _core(platform, task)
    debtor = directory.debtors.get(core.debtor_id)
    if debtor is None:
        raise NotDeliverableError("the debtor is not in the directory")
    return bank_submission(
        core,
        decision_id=str(task.payload["decision_id"]),
        seller_name=payee.name,
        debtor_name=debtor.name,
        debtor_tax_id=debtor.tax_id or None,
    )


def order(platform: Platform, task: Task, payee: Payee, directory: Directory) -> Action:
    """Compose the order that pays an advance to its seller."""
    return payment_order(
        _core(platform, task),
        decision_id=str(task.payload["decision_id"]),
        creditor_name=payee.name,
        creditor_iban=payee.iban,
        invoice_number=_number(directory, task.payload),
    )


def notice(platform: Platform, task: Task, payee: Payee, directory: Directory) -> Notice:
    """Compose the notice to a seller about what became of an approval."""
    core = _core(platform, task)
    number = _number(directory, task.payload)
    if task.payload["kind"] == "paid":
        return payment_notice(
            core,
            seller_name=payee.name,
            invoice_number=number,
            end_to_end_id=str(task.payload["end_to_end_id"]),
        )
    return _unpaid(str(task.payload["kind"]), core, payee, number)


def _unpaid(kind: str, core: DecisionCore, payee: Payee, number: str) -> Notice:
    amount = Money(payout_minor(core), core.currency)
    subject, text = {
        "declined": (
            f"Invoice {number}: no advance",
            f"our bank does not fund an advance on invoice {number}. Nothing was paid, and the"
            " invoice stays yours.",
        ),
        "not_paid": (
            f"Invoice {number}: payment not possible",
            f"{amount} could not be paid to the account we hold for you. Nothing was charged;"
            " please check the account.",
        ),
    }[kind]
    return Notice(subject, f"Dear {payee.name},\n\n{text}\n")


def _core(platform: Platform, task: Task) -> DecisionCore:
    return cores.read(platform.ledger, task.tenant_id, str(task.payload["decision_id"]))


def _number(directory: Directory, payload: Mapping[str, Any]) -> str:
    return directory.numbers.get(str(payload["receivable_id"]), "")
