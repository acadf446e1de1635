"""Money is exact, typed by currency, and never a float."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.errors import CurrencyMismatch, InexactAmount, UnknownCurrency
from models.domain.money import Money, exponent, to_decimal, to_minor

currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "GBP"])
amounts = st.integers(min_value=-(10**17), max_value=10**17)


@given(amounts, currencies)
def test_minor_units_survive_the_way_through_decimals(amount: int, currency: str) -> None:
    assert to_minor(to_decimal(Money(amount, currency)), currency) == amount


@given(amounts, amounts, currencies)
def test_what_is_added_can_be_taken_away_again(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert left + right - right == left
    assert left + (-left) == Money(0, currency)


def test_two_currencies_never_add_up() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")


def test_exponents_follow_the_currency() -> None:
    assert [exponent(c) for c in ("JPY", "EUR", "KWD", "CLF")] == [0, 2, 3, 4]
    with pytest.raises(UnknownCurrency):
        exponent("eur")


def test_excess_digits_are_refused_unless_a_rounding_is_named() -> None:
    with pytest.raises(InexactAmount, match="more than 2 decimals"):
        to_minor(Decimal("1.005"), "EUR")
    assert to_minor(Decimal("1.005"), "EUR", rounding=ROUND_HALF_EVEN) == 100
    assert to_minor(Decimal("1.000"), "EUR") == 100
    with pytest.raises(InexactAmount):
        to_minor(Decimal("NaN"), "EUR")


def test_a_float_is_no_amount() -> None:
    with pytest.raises(InexactAmount):
        Money(1.0, "EUR")  # type: ignore[arg-type]


def test_money_reads_as_people_write_it() -> None:
    assert str(Money(1234567, "EUR")) == "EUR 12,345.67"
    assert str(Money(1234567, "JPY")) == "JPY 1,234,567"
