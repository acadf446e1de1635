"""What is owed and how old it is adds up to the rows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from models.portfolio.outstanding import ageing, fullest_month_end, outstanding

Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]
TODAY = date(2026, 6, 30)


@pytest.fixture
def book(make_receivable: Maker, make_frame: Framer) -> pl.DataFrame:
    return make_frame(
        [
            make_receivable(receivable_id="new", issued_on=date(2026, 6, 10)),
            make_receivable(receivable_id="late", issued_on=date(2026, 4, 1), gross_minor=50_000),
            make_receivable(
                receivable_id="undated", issued_on=date(2026, 5, 1), due_on=None, terms_days=None
            ),
            make_receivable(
                receivable_id="credit",
                document_type="credit_note",
                gross_minor=-20_000,
                open_minor=-20_000,
                due_on=None,
                terms_days=None,
            ),
            make_receivable(
                receivable_id="doubted", debtor_id="d2", is_disputed=True, disputed_minor=30_000
            ),
        ]
    )


def test_credit_notes_are_netted_and_told_apart(book: pl.DataFrame) -> None:
    owed = outstanding(book, TODAY)
    assert (owed.minor, owed.invoices_minor, owed.credit_notes_minor) == (330_000, 350_000, -20_000)
    assert (owed.invoices, owed.credit_notes, owed.debtors) == (4, 1, 2)


def test_an_invoice_without_a_due_date_is_due_thirty_days_after_issue(book: pl.DataFrame) -> None:
    owed = outstanding(book, TODAY)
    assert owed.without_due_date == 1
    assert (owed.past_due, owed.past_due_minor) == (2, 150_000)


def test_disputes_count_what_is_disputed(book: pl.DataFrame) -> None:
    owed = outstanding(book, TODAY)
    assert (owed.disputed, owed.disputed_minor) == (1, 30_000)


@pytest.mark.parametrize("basis", ["due", "invoice"])
def test_each_ageing_adds_up_to_the_outstanding(book: pl.DataFrame, basis: str) -> None:
    rows = ageing(book, TODAY)[basis]
    assert rows[0]["bucket"] == "not_due"
    assert sum(row["minor"] for row in rows) == outstanding(book, TODAY).minor
    assert sum(row["receivables"] for row in rows) == book.height


@pytest.mark.parametrize(
    ("day", "bucket"),
    [
        (date(2026, 6, 30), "not_due"),
        (date(2026, 6, 29), "1_30"),
        (date(2026, 5, 31), "1_30"),
        (date(2026, 5, 30), "31_60"),
        (date(2026, 3, 2), "91_120"),
        (date(2026, 3, 1), "over_120"),
    ],
)
def test_buckets_begin_on_the_day_after_the_date(
    make_receivable: Maker, make_frame: Framer, day: date, bucket: str
) -> None:
    rows = ageing(make_frame([make_receivable(issued_on=day)]), TODAY)["invoice"]
    assert [row["bucket"] for row in rows if row["receivables"]] == [bucket]


def test_a_book_of_nothing_is_nothing(book: pl.DataFrame) -> None:
    assert outstanding(book.clear(), TODAY).minor == 0
    assert {row["minor"] for row in ageing(book.clear(), TODAY)["due"]} == {0}


def test_the_fullest_month_end_is_named(make_receivable: Maker, make_frame: Framer) -> None:
    history = make_frame(
        [
            make_receivable(receivable_id="a", issued_on=date(2026, 1, 5), settled_on=TODAY),
            make_receivable(
                receivable_id="b", issued_on=date(2026, 3, 5), settled_on=date(2026, 4, 9)
            ),
        ]
    )
    assert fullest_month_end(history, TODAY) == date(2026, 3, 31)
    assert fullest_month_end(history.clear(), TODAY) is None
