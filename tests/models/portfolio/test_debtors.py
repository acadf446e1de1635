"""Debtors are ranked by what they owe."""

import polars as pl

from models.portfolio.debtors import excess, largest


def test_shares_are_of_what_is_owed_net_of_credit_notes() -> None:
    book = pl.DataFrame({"debtor_id": ["a", "a", "b", "c"], "open_minor": [700, -100, 400, -50]})
    found = largest(book).rows()
    assert found == [("a", 2, 600, 600_000), ("b", 1, 400, 400_000), ("c", 1, -50, 0)]


def test_excess_is_what_the_concentration_rule_took() -> None:
    lines = pl.DataFrame(
        {
            "debtor_id": ["a", "a", "b"],
            "rule": ["E17", "E17", "E03"],
            "amount_minor": [5, 6, 7],
        }
    )
    assert excess(lines) == {"a": 11}
