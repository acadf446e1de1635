"""The evaluation reads a file's amounts exactly and measures what it was asked to."""

from typing import Any

import pytest

from orchestration.evaluation import settled_frame


def row(amount: str, currency: str | None, kind: str = "invoice") -> dict[str, Any]:
    return {
        "document_type": kind,
        "customer_code": None,
        "customer_name": "Aster",
        "issued_on": "2026-03-01",
        "due_on": "2026-03-31",
        "cleared_on": None,
        "amount": amount,
        "currency": currency,
    }


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("10.29", "EUR", 1029),
        ("1.005", "EUR", 100),
        ("1.015", None, 102),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
    ],
)
def test_amounts_are_minor_units_of_their_currency(amount: str, currency: str | None, minor: int):
    assert settled_frame([row(amount, currency)])["amount_minor"].to_list() == [minor]


def test_only_invoices_take_part_and_names_stand_in_for_codes():
    frame = settled_frame([row("1", "EUR"), row("2", "EUR", "credit_note")])
    assert frame["debtor"].to_list() == ["Aster"]
