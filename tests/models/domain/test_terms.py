"""A row falls due when its column does."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.domain.terms import due_dates, due_on

SCHEMA = {"issued_on": pl.Date, "due_on": pl.Date, "terms_days": pl.Int32}
days = st.dates(date(1999, 1, 1), date(2040, 12, 31))
rows = st.fixed_dictionaries(
    {
        "issued_on": days,
        "due_on": st.none() | days,
        "terms_days": st.none() | st.integers(0, 400),
    }
)


@given(st.lists(rows, min_size=1, max_size=5))
def test_rows_and_columns_agree(found):
    frame = pl.DataFrame(found, schema=SCHEMA)
    assert [due_on(row) for row in found] == frame.select(due_dates()).to_series().to_list()


def test_a_stated_date_wins_over_terms_and_terms_over_the_default():
    issued = {"issued_on": date(2026, 1, 1)}
    assert due_on({**issued, "due_on": date(2026, 5, 5), "terms_days": 10}) == date(2026, 5, 5)
    assert due_on({**issued, "due_on": None, "terms_days": 10}) == date(2026, 1, 11)
    assert due_on({**issued, "due_on": None, "terms_days": None}) == date(2026, 1, 31)
