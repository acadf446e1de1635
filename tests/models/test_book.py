"""A book holds what all its requests share."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from models.book import Book, Facts
from models.decisions.policy import Policy
from models.domain.errors import InvalidFacts

Maker = Callable[..., dict[str, Any]]


def test_an_exact_duplicate_is_not_eligible(
    make_receivable: Maker,
    make_frame: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> None:
    rows = [
        make_receivable(receivable_id="a", number="INV-1"),
        make_receivable(receivable_id="b", number="inv1"),
        *(make_receivable(receivable_id=f"c{i}", debtor_id=f"x{i}") for i in range(9)),
    ]
    book = Book.of(make_facts(make_frame(rows)), policy)
    assert book.repeats == {"b": (("F01", "exact", "a"),)}
    assert book.eligible["b"] == (0, "E01")
    assert book.eligible["a"] == (100_000, None)


def test_an_insolvent_debtor_is_not_eligible(
    make_receivable: Maker,
    make_frame: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> None:
    facts = make_facts(make_frame([make_receivable(receivable_id="a")]))
    broke = facts.debtors.with_columns(is_insolvent=pl.lit(True))
    assert Book.of(dataclasses.replace(facts, debtors=broke), policy).eligible["a"] == (0, "E14")


def test_dilution_is_the_credited_share_of_the_year(
    make_receivable: Maker,
    make_frame: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> None:
    rows = [
        make_receivable(receivable_id="a", credited_minor=10_000),
        make_receivable(receivable_id="b"),
    ]
    book = Book.of(make_facts(make_frame(rows)), policy)
    assert book.dilution_ppm == {("s1", "d1", "EUR"): 50_000}


def test_a_time_without_zone_is_refused(
    make_frame: Callable[..., pl.DataFrame], make_facts: Callable[..., Facts], policy: Policy
) -> None:
    naive = datetime(2026, 6, 30)  # noqa: DTZ001 - the point of the test
    with pytest.raises(InvalidFacts, match="zone"):
        Book.of(make_facts(make_frame([]), as_of=naive), policy)
