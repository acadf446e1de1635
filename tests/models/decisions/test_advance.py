"""The advance falls as risk rises, and never below what is worth doing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decisions.advance import AdvanceTerms, advance_bps, grade
from models.decisions.policy import Policy

SOUND = {
    "risk_grade": 1,
    "is_thin": False,
    "dilution_bps": 0,
    "tenor_days": 30,
    "is_foreign_currency": False,
    "paid": 50,
    "is_verified": True,
}


@pytest.fixture(scope="module")
def terms(policy: Policy) -> AdvanceTerms:
    return AdvanceTerms.of(policy)


@pytest.mark.parametrize(
    ("pd_percent", "place"),
    [
        (0.05, 1),
        (0.15, 2),
        (0.4, 3),
        (0.8, 4),
        (1.5, 5),
        (3, 6),
        (6, 7),
        (12, 8),
        (25, 9),
        (100, 10),
    ],
)
def test_mid_points_of_the_master_scale_have_their_grades(pd_percent: float, place: int) -> None:
    assert grade(round(pd_percent * 10_000)) == place


@given(st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_a_higher_probability_is_never_a_better_grade(a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert grade(low) <= grade(high)


def test_a_worse_grade_never_advances_more(terms: AdvanceTerms) -> None:
    rates = [advance_bps(terms, **{**SOUND, "risk_grade": g}) for g in range(1, 11)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == 9_000
    assert rates[-1] == 0


@given(a=st.integers(0, 10_000), b=st.integers(0, 10_000))
def test_more_dilution_never_advances_more(terms: AdvanceTerms, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert advance_bps(terms, **{**SOUND, "dilution_bps": low}) >= advance_bps(
        terms, **{**SOUND, "dilution_bps": high}
    )


def test_haircuts_only_bind_below_the_grid(terms: AdvanceTerms) -> None:
    assert advance_bps(terms, **{**SOUND, "is_foreign_currency": True}) == 9_000
    assert advance_bps(terms, **{**SOUND, "tenor_days": 61, "dilution_bps": 1_000}) == 8_950
    assert advance_bps(terms, **{**SOUND, "paid": 0, "dilution_bps": 1_000}) == 8_500


def test_a_thin_file_is_capped(terms: AdvanceTerms) -> None:
    assert advance_bps(terms, **{**SOUND, "is_thin": True}) == 7_000


def test_rates_are_floored_to_half_a_percent(terms: AdvanceTerms) -> None:
    assert advance_bps(terms, **{**SOUND, "dilution_bps": 1_234}) == 8_750


def test_an_uneconomic_rate_is_none(terms: AdvanceTerms) -> None:
    assert advance_bps(terms, **{**SOUND, "dilution_bps": 5_100}) == 0
