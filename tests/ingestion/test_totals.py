"""Sums are exact, by currency, and can be carried forward."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ingestion.totals import Described, combined, totals

amounts = st.decimals(-(10**12), 10**12, places=3)
described = st.builds(
    Described,
    record_id=st.text("abc", min_size=1, max_size=2),
    currency=st.sampled_from(["EUR", "USD", "KWD"]),
    amount=amounts,
    is_deleted=st.booleans(),
)


def test_totals_are_exact_and_leave_deleted_records_out():
    sums = totals(
        [
            Described("a", currency="EUR", amount=Decimal("0.1")),
            Described("b", currency="EUR", amount=Decimal("0.2")),
            Described("c", currency="JPY", amount=Decimal(12345678901234)),
            Described("d", currency="EUR", amount=Decimal(9), is_deleted=True),
        ]
    )

    assert sums["EUR"].amount == Decimal("0.3")
    assert (sums["EUR"].count, sums["JPY"].amount) == (2, Decimal(12345678901234))


@given(before=st.lists(described), after=st.lists(described))
def test_carrying_a_total_forward_equals_summing_anew(before, after):
    carried = combined([(totals(before), 1), (totals(after), 1), (totals(before), -1)])

    assert carried == combined([(totals(after), 1)])
