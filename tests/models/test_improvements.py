"""Each way to more is measured by judging the book again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from models.book import Book, Facts, open_book
from models.decisions.policy import Policy
from models.improvements import Improvement, improvements

Maker = Callable[..., dict[str, Any]]
Rows = list[dict[str, Any]]


@pytest.fixture
def found(
    make_receivable: Maker,
    make_frame: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> Callable[..., dict[str, Improvement]]:
    def measure(*changed: dict[str, Any]) -> dict[str, Improvement]:
        rows = [make_receivable(receivable_id=f"x{i}", debtor_id=f"x{i}") for i in range(9)]
        rows += [make_receivable(**row) for row in changed]
        facts = make_facts(make_frame(rows))
        book = Book.of(facts, policy)
        repeated = {rid for rid, pairs in book.repeats.items() if pairs[0][0] == "F01"}
        ways = improvements(open_book(facts, repeated), book.base, policy, facts.as_of.date())
        return {way.key: way for way in ways}

    return measure


def test_a_good_book_needs_nothing(found: Callable[..., dict[str, Improvement]]) -> None:
    assert found() == {}


def test_settled_disputes_count_again(found: Callable[..., dict[str, Improvement]]) -> None:
    way = found({"receivable_id": "a", "is_disputed": True})["disputes_settled"]
    assert (way.code, way.receivables, way.eligible_gain_minor) == ("R110", 1, 100_000)


def test_collected_old_invoices_free_the_debtors_others(
    found: Callable[..., dict[str, Improvement]],
) -> None:
    old = {"receivable_id": "old", "issued_on": date(2026, 1, 5), "gross_minor": 150_000}
    way = found(old, {"receivable_id": "young"})["aged_collected"]
    assert (way.receivables, way.debtors, way.eligible_gain_minor) == (1, 1, 100_000)


def test_a_raised_limit_gains_what_it_cut_off(
    found: Callable[..., dict[str, Improvement]],
) -> None:
    way = found({"receivable_id": "big", "gross_minor": 900_000})["limits_raised"]
    # 20 % of 1,800,000 may be one debtor's
    assert way.eligible_gain_minor == 900_000 - 360_000


def test_due_dates_before_the_issue_can_be_corrected(
    found: Callable[..., dict[str, Improvement]],
) -> None:
    wrong = {"receivable_id": "w", "due_on": date(2026, 6, 1), "terms_days": -9}
    way = found(wrong)["due_dates_corrected"]
    assert (way.code, way.receivables, way.eligible_gain_minor) == ("R116", 1, 100_000)


def test_repeats_that_are_real_count(found: Callable[..., dict[str, Improvement]]) -> None:
    first = {"receivable_id": "a", "number": "INV-77"}
    way = found(first, {**first, "receivable_id": "b"})["repeats_explained"]
    assert (way.receivables, way.eligible_gain_minor) == (1, 100_000)


def test_the_best_way_comes_first(found: Callable[..., dict[str, Improvement]]) -> None:
    ways = found(
        {"receivable_id": "a", "is_disputed": True},
        {"receivable_id": "big", "debtor_id": "big", "gross_minor": 900_000},
    )
    gains = [way.eligible_gain_minor for way in ways.values()]
    assert gains == sorted(gains, reverse=True)
