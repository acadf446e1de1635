"""Joins what `models.actions` composes with names and accounts, at the moment of sending.

Payloads in the queue carry ids and figures; the directory knows who that is. The composed body
goes to the counterpart and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.domain.money import Money, to_decimal

if TYPE_CHECKING:
    from orchestration.directory import Directory, Payee


def bank_request(task: Mapping[str, Any], payee: Payee, directory: Directory) -> dict[str, Any]:
    """Compose the request for funding that an approval leads to."""
    debtor = directory.debtors[str(task["debtor_id"])]
    return {
        "request_id": task["request_id"],
        "seller_name": payee.name,
        "debtor_name": debtor.name,
        "debtor_tax_id": debtor.tax_id,
        "face_minor": task["face_minor"],
        "advance_minor": task["advance_minor"],
        "currency": task["currency"],
        "due_on": task["due_on"],
        "grade": _letter(int(task["grade"])),
    }


def payment_order(task: Mapping[str, Any], payee: Payee, directory: Directory) -> dict[str, Any]:
    """Compose the order that pays an advance to its seller."""
    number = directory.numbers.get(str(task["receivable_id"]), "")
    return {
        "end_to_end_id": task["end_to_end_id"],
        "amount_minor": task["payout_minor"],
        "currency": task["currency"],
        "creditor": {"name": payee.name, "iban": payee.iban},
        "remittance": f"Advance on invoice {number}".strip(),
    }


def notice(task: Mapping[str, Any], payee: Payee, directory: Directory) -> tuple[str, str]:
    """Compose subject and text of a notice to a seller."""
    number = directory.numbers.get(str(task["receivable_id"])) or "your invoice"
    amount = _told(int(task["payout_minor"]), str(task["currency"]))
    face = _told(int(task["face_minor"]), str(task["currency"]))
    lines = {
        "paid": f"We have paid {amount} to your account as the advance on invoice {number}"
        f" ({face} open).",
        "declined": f"Our bank does not fund an advance on invoice {number} ({face} open);"
        " nothing was paid and the invoice stays yours.",
        "not_paid": f"The advance of {amount} on invoice {number} could not be paid to your"
        " account; nothing was debited. Please check the account we hold for you.",
    }
    subjects = {
        "paid": f"Advance paid: invoice {number}",
        "declined": f"No advance: invoice {number}",
        "not_paid": f"Payment not possible: invoice {number}",
    }
    kind = str(task["kind"])
    text = f"{payee.name}\n\n{lines[kind]}\n\nReference: decision {task['decision_id']}\n"
    return subjects[kind], text


def _told(amount_minor: int, currency: str) -> str:
    value: Decimal = to_decimal(Money(amount_minor, currency))
    return f"{currency} {value:,}"


def _letter(grade: int) -> str:
    """Give the bank's letter of a grade: two of ours to one of theirs, A the best."""
    return "ABCDE"[(grade - 1) // 2]
