"""A request alone is described as it is in company."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.features.asked import alone, block

AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
SCHEMA = {
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "terms_days": pl.Int32,
    "gross_minor": pl.Int64,
    "decided_at": pl.Datetime("us", "UTC"),
}
days = st.dates(date(1999, 1, 1), date(2040, 12, 31))
requests = st.lists(
    st.fixed_dictionaries(
        {
            "issued_on": days,
            "due_on": st.none() | days,
            "terms_days": st.none() | st.integers(0, 400),
            "gross_minor": st.integers(-(10**12), 10**12),
            "decided_at": st.integers(0, 60 * 366 * 86_400).map(
                lambda seconds: datetime.fromtimestamp(seconds, UTC)
            ),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(requests, st.booleans())
def test_one_by_one_gives_the_rows_of_all_together(rows, has_own_times):
    frame = pl.DataFrame(rows, schema=SCHEMA)
    if not has_own_times:
        frame = frame.drop("decided_at")
    together = block(frame, AS_OF).tolist()
    assert [alone(row, AS_OF)[0].tolist() for row in frame.iter_rows(named=True)] == together


def test_without_a_due_date_terms_make_it():
    row = {"issued_on": date(2026, 1, 1), "due_on": None, "terms_days": None, "gross_minor": 1}
    due = alone(row, AS_OF)[0][2]
    assert timedelta(days=int(due)) == date(2026, 1, 31) - date(1970, 1, 1)
