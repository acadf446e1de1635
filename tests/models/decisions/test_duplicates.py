"""The same receivable twice is found; recurring charges and series are left in peace."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.decisions import duplicates
from models.decisions.duplicates import Tolerance, find_duplicates
from models.decisions.policy import Policy

Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]
FIRST = {"receivable_id": "a", "number": "INV-4711", "issued_on": date(2026, 3, 2)}


@pytest.fixture
def found(
    make_receivable: Maker, make_frame: Framer, policy: Policy
) -> Callable[..., list[tuple[str, ...]]]:
    def find(*rows: dict[str, Any]) -> list[tuple[str, ...]]:
        book = make_frame([make_receivable(**row) for row in rows])
        return find_duplicates(book, Tolerance.of(policy)).rows()

    return find


Found = Callable[..., list[tuple[str, ...]]]


@pytest.mark.parametrize("number", ["inv 4711", "INV/04711", "INV-47l1", "ＩＮＶ４７１１"])
def test_spellings_of_one_number_are_exact_duplicates(found: Found, number: str) -> None:
    second = {**FIRST, "receivable_id": "b", "number": number}
    assert found(FIRST, second) == [("b", "a", "F01", "exact")]


def test_the_later_recorded_one_is_the_duplicate(found: Found, make_receivable: Maker) -> None:
    row = make_receivable(**FIRST)
    earlier = {**FIRST, "receivable_id": "z", "recorded_at": row["recorded_at"] - timedelta(days=1)}
    assert found(FIRST, earlier) == [("a", "z", "F01", "exact")]


@pytest.mark.parametrize(
    ("number", "days", "gross", "basis"),
    [
        ("INV-4711", 9, 100_000, "number"),
        ("INV-4711", 9, 55_000, "number"),
        ("INV-4711", 3, 100_000, "both"),
        ("INV-4711A", 20, 100_000, "number"),
        ("RINV-4711", 0, 100_400, "both"),
        ("INV-4171", 12, 100_000, "number"),
        ("INV-9000", 6, 100_300, "amount"),
    ],
)
def test_near_forms_are_found_with_their_basis(
    found: Found, number: str, days: int, gross: int, basis: str
) -> None:
    second = {
        "receivable_id": "b",
        "number": number,
        "issued_on": FIRST["issued_on"] + timedelta(days=days),
        "gross_minor": gross,
    }
    assert found(FIRST, second) == [("b", "a", "F02", basis)]


@pytest.mark.parametrize(
    "second",
    [
        {"number": "INV-4712", "gross_minor": 230_000},
        {"number": "INV-4711A", "gross_minor": 230_000},
        {"number": "INV-4712", "issued_on": date(2026, 3, 12)},
        {"number": "INV-4171", "issued_on": date(2026, 5, 2)},
        {"number": "INV-4711", "debtor_id": "d2"},
        {"number": "INV-4711", "tenant_id": "another"},
        {"number": "INV-4711", "seller_tax_id": "ST2"},
        {"number": "INV-4711", "currency": "USD"},
        {"number": "INV-4711", "status": "void"},
        {"number": "INV-4711", "document_type": "credit_note"},
    ],
)
def test_other_receivables_are_left_alone(found: Found, second: dict[str, Any]) -> None:
    assert found(FIRST, {**FIRST, "receivable_id": "b", **second}) == []


def test_a_weekly_charge_is_no_duplicate(found: Found) -> None:
    weeks = [
        {
            "receivable_id": f"w{week}",
            "number": f"INV-{100 + week}",
            "issued_on": date(2026, 3, 2) + timedelta(days=7 * week),
        }
        for week in range(6)
    ]
    assert found(*weeks) == []


def test_two_orders_make_two_deliveries(found: Found) -> None:
    first = {**FIRST, "purchase_order_number": "PO-1"}
    second = {"receivable_id": "b", "number": "INV-9000", "issued_on": FIRST["issued_on"]}
    assert found(first, {**second, "purchase_order_number": "PO-2"}) == []
    assert len(found(first, {**second, "purchase_order_number": "PO-1"})) == 1


def test_an_empty_book_has_no_duplicates(found: Found) -> None:
    assert found() == []


def test_parts_of_a_book_give_the_same_pairs(
    make_economy: Framer, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    tolerance = Tolerance.of(policy)
    book = make_economy(11, invoices=900).with_columns(
        number_norm=pl.col("number_norm").str.slice(0, 6), gross_minor=pl.col("gross_minor") % 997
    )
    whole = find_duplicates(book, tolerance)
    monkeypatch.setattr(duplicates, "PART", 50)
    assert whole.height
    assert find_duplicates(book, tolerance).equals(whole)


def test_very_many_under_one_number_are_paired_with_the_first_only(found: Found) -> None:
    count = duplicates.MOST_ALIKE + 5
    rows = [
        {
            "receivable_id": f"r{i:03d}",
            "number": "INV",
            "gross_minor": 10_000 * (i + 1),
            "issued_on": date(2026, 1, 1) + timedelta(days=i),
        }
        for i in range(count)
    ]
    pairs = found(*rows)
    assert len(pairs) == count - 1
    assert {other for _, other, _, _ in pairs} == {"r000"}
