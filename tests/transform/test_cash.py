"""Receipts are matched by number, payer and exact amount, never by an amount alone."""

from __future__ import annotations

from typing import Any

import pytest

QUERY = """
    select cash.method, receivables.record_id, cash.matched_minor, cash.unapplied_minor,
        cash.short_minor, cash.payer_is_debtor, cash.is_auto_posted
    from marts_portfolio.fct_cash_applications as cash
    left join marts_risk.fct_receivables as receivables using (tenant_id, receivable_id)
    where cash.transaction_id = '{}'
    order by receivables.record_id
"""
SUSPENSE = ("suspense", None, 0)


@pytest.mark.parametrize(
    ("transaction", "expected"),
    [
        ("t-number", ("invoice_number", "01001", 119000, 0, 0, True, True)),
        ("t-fee", ("known_deduction", "01010", 69500, 0, 500, True, False)),
        ("t-dinar", ("known_deduction", "01012", 9125, 0, 1000, True, False)),
        ("t-stranger", ("other_payer", "01003", 0, 30010, 0, False, False)),
        ("t-structured", ("structured_reference", "01016", 3300, 0, 0, True, True)),
        ("t-account-unique", ("payer_account", "01013", 123456, 0, 0, True, True)),
        ("t-short-digits", ("payer_account", "01010", 70000, 0, 0, True, True)),
    ],
)
def test_a_receipt_goes_to_the_first_pass_that_fits(
    after_second_sync: Any, transaction: str, expected: tuple[Any, ...]
) -> None:
    assert tuple(after_second_sync.one(QUERY.format(transaction)).values()) == expected


@pytest.mark.parametrize("transaction", ["t-account", "t-amount-only", "t-partial", "t-joined"])
def test_a_receipt_stays_in_suspense_when_nothing_is_sure(
    after_second_sync: Any, transaction: str
) -> None:
    row = after_second_sync.one(QUERY.format(transaction))
    assert (row["method"], row["record_id"], row["matched_minor"]) == SUSPENSE
    assert row["unapplied_minor"] > 0
    assert not row["is_auto_posted"]


def test_money_that_went_out_is_no_receipt(after_second_sync: Any) -> None:
    assert after_second_sync.rows(QUERY.format("t-out")) == []


def test_a_receipt_booked_after_the_moment_is_not_known(after_second_sync: Any) -> None:
    assert after_second_sync.rows(QUERY.format("t-late")) == []
