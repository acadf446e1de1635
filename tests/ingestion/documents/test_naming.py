"""Columns are known by their names, and by what the file does not name otherwise."""

from __future__ import annotations

import pytest

from ingestion.documents.naming import columns_of, says_only_open
from ingestion.documents.sheet import open_sheet


@pytest.fixture
def columns(tmp_path):
    """Give the columns of a file that has only a header and a row."""

    def of(*header: str):
        path = tmp_path / "book.csv"
        path.write_text(";".join(header) + "\n" + ";".join("1" for _ in header) + "\n")
        return columns_of(open_sheet(path, lambda row: len(row)))

    return of


def test_what_is_open_is_the_amount_of_a_list_that_says_nothing_else(columns):
    found = columns("Invoice", "Customer", "Date", "Balance due")
    assert (found["amount"], found.get("open_amount")) == ("Balance due", None)
    both = columns("Invoice", "Customer", "Date", "Balance due", "Total")
    assert (both["amount"], both["open_amount"]) == ("Total", "Balance due")


@pytest.mark.parametrize(
    ("column", "is_open"), [("Offener Betrag", True), ("Betrag", False), ("Remark", False)]
)
def test_a_column_says_by_its_name_what_is_open(column, is_open):
    assert says_only_open(column) is is_open
