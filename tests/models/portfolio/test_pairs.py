"""Pairs are described from both sides."""

from collections.abc import Callable
from typing import Any

import polars as pl

from models.portfolio.pairs import joined


def test_both_sides_are_described(
    make_receivable: Callable[..., dict[str, Any]], make_frame: Callable[..., pl.DataFrame]
) -> None:
    rows = [
        make_receivable(receivable_id="a", number="INV-1"),
        make_receivable(receivable_id="b", number="INV 1", gross_minor=99_000),
    ]
    found = joined({"b": (("F02", "number", "a"),)}, make_frame(rows))
    (row,) = found.iter_rows(named=True)
    assert (row["number"], row["other_number"]) == ("INV 1", "INV-1")
    assert (row["rule"], row["basis"], row["open_minor"]) == ("F02", "number", 99_000)


def test_no_pairs_are_no_rows(make_frame: Callable[..., pl.DataFrame]) -> None:
    assert joined({}, make_frame([])).is_empty()
