"""Every open invoice is expected once, in the period of its probable day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.portfolio.collections import collections, dated, due

Maker = Callable[..., dict[str, Any]]
Framer = Callable[..., pl.DataFrame]
TODAY = date(2026, 6, 30)


def scored(*rows: tuple[int, int, int, int, int]) -> pl.DataFrame:
    """Give invoices by amount, age and the three quantiles."""
    frame = pl.DataFrame(
        rows,
        schema=["open_minor", "age", "days_to_pay_p10", "days_to_pay_p50", "days_to_pay_p90"],
        orient="row",
    )
    return frame.with_columns(issued_on=pl.lit(TODAY) - pl.duration(days="age"))


def days(row: tuple[int, int, int, int, int]) -> tuple[int | None, int | None, int | None]:
    found = dated(scored(row), TODAY)
    return found["quick_days"][0], found["probable_days"][0], found["slow_days"][0]


def test_an_invoice_of_today_has_the_days_of_the_scores() -> None:
    assert days((100, 0, 20, 30, 50)) == (20, 30, 50)


def test_what_has_outlived_half_of_the_curve_is_dated_from_there() -> None:
    # at 30 days half are paid; the middle of the rest is at 75 %, 30 + 20 · 0.625
    quick, probable, slow = days((100, 30, 20, 30, 50))
    assert probable == 13
    assert quick == 3
    assert slow == 23


def test_what_is_older_than_the_curve_has_no_date() -> None:
    assert days((100, 56, 20, 30, 50)) == (None, None, None)


def test_equal_quantiles_are_drawn_apart() -> None:
    quick, probable, slow = days((100, 0, 30, 30, 30))
    assert (quick, probable, slow) == (30, 31, 32)


QUANTILES = st.tuples(
    st.integers(1, 10**9), st.integers(0, 200), *(st.integers(0, 730) for _ in range(3))
).map(lambda row: (row[0], row[1], *sorted(row[2:])))


@given(st.lists(QUANTILES, min_size=1, max_size=30))
def test_periods_add_up_to_the_open_invoices(rows: list[tuple[int, int, int, int, int]]) -> None:
    found = collections(dated(scored(*rows), TODAY), TODAY)
    whole = sum(row[0] for row in rows)
    for name in ("weeks", "months"):
        periods = found[name]
        assert sum(row["expected_minor"] for row in periods) + found["undated_minor"] == whole
        for row in periods:
            if found["has_history"]:
                assert row["slow_minor"] <= row["cumulative_minor"] <= row["quick_minor"]
        starts = [date.fromisoformat(row["from"]) for row in periods[1:]]
        ends = [date.fromisoformat(row["until"]) for row in periods[:-1]]
        assert [day - timedelta(days=1) for day in starts] == ends


def test_without_history_the_due_date_speaks_and_has_no_range(
    make_receivable: Maker, make_frame: Framer
) -> None:
    book = make_frame(
        [
            make_receivable(receivable_id="a", issued_on=TODAY),
            make_receivable(receivable_id="b", issued_on=date(2026, 1, 1), gross_minor=7),
        ]
    )
    found = collections(due(book, TODAY), TODAY)
    assert not found["has_history"]
    assert found["undated_minor"] == 7
    assert found["weeks"][4]["expected_minor"] == 100_000
    assert found["weeks"][4]["slow_minor"] is None


@pytest.mark.parametrize("today", [date(2026, 1, 31), date(2024, 2, 28), date(2025, 12, 31)])
def test_months_end_with_their_last_day(today: date) -> None:
    periods = collections(dated(scored((1, 0, 1, 2, 3)), today), today)["months"]
    ends = [date.fromisoformat(row["until"]) for row in periods[:-1]]
    assert all((end + timedelta(days=1)).day == 1 for end in ends)
    assert len(set(ends)) == 6
