"""Concentration is measured in whole numbers."""

from hypothesis import given
from hypothesis import strategies as st

from models.decisions.concentration import concentration


def test_the_worked_example_is_met() -> None:
    found = concentration([30, 20, 15, 10, 10, 5, 5, 5])
    assert found.hhi_ppm == 180_000
    assert found.effective_names_milli == 5_555
    assert found.top_share_ppm == 300_000


@given(st.lists(st.integers(min_value=1, max_value=10**12), min_size=1, max_size=30))
def test_the_index_lies_between_equal_shares_and_one_name(amounts: list[int]) -> None:
    found = concentration(amounts)
    assert 1_000_000 // len(amounts) - 1 <= found.hhi_ppm <= 1_000_000
    assert found.hhi_ppm <= found.top_share_ppm + 1


def test_an_empty_book_has_none() -> None:
    assert concentration([0, -5]).hhi_ppm == 0
