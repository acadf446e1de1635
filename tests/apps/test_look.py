"""How figures are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps import look


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("12.345", "12.3"),
        ("999.6", "1.00 k"),
        ("1240310.5", "1.24 M"),
        ("-1240310", "-1.24 M"),
        ("999950", "1.00 M"),
        ("2500000000", "2.50 B"),
    ],
)
def test_key_figures_carry_three_significant_digits(value: str, text: str):
    assert look.significant(Decimal(value)) == text


def test_exact_amounts_follow_the_exponent_of_their_currency():
    assert look.money(123456, "EUR") == "EUR 1,234.56"
    assert look.money(123456, "JPY") == "JPY 123,456"
    assert look.money(123456, "KWD") == "KWD 123.456"


def test_unknown_is_a_dash_and_never_zero():
    assert look.money(None, "EUR") == "–"
    assert look.percent(None) == "–"
    assert look.percent(look.share_ppm(1, 0)) == "–"
    assert look.money(0, "EUR") == "EUR 0.00"


def test_prose_joins_and_counts_as_people_do():
    assert look.sentence_list(["a", "b", "c"]) == "a, b and c"
    assert look.plural(1, "entry") == "1 entry"
    assert look.plural(1204, "entry") == "1,204 entries"


@given(st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9e11"), places=2))
def test_a_key_figure_is_never_more_than_half_a_percent_off(value: Decimal):
    number, _, scale = look.significant(value).partition(" ")
    factor = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9}[scale]
    shown = Decimal(number.replace(",", "")) * factor
    assert abs(shown - value) <= value * Decimal("0.005")
