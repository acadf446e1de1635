"""Tax numbers and accounts have the forms of their countries."""

from __future__ import annotations

import re

import pytest

from apps.sandbox.world.countries import COUNTRIES, iban, is_valid_iban, tax_number
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import stream


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_accounts_have_valid_check_digits(code):
    rng = stream(WorldParameters(), "test")
    for _ in range(20):
        number = iban(rng, COUNTRIES[code])
        assert is_valid_iban(number)
        assert number.startswith(code if COUNTRIES[code].iban_shape else "GB")


@pytest.mark.parametrize("number", ["", "DE00", "GB29NWBK60161331926818", "12345678901234567890"])
def test_wrong_accounts_are_recognised(number):
    assert not is_valid_iban(number)


@pytest.mark.parametrize(
    ("code", "pattern"),
    [("DE", r"DE\d{9}"), ("NL", r"NL\d{9}B\d{2}"), ("US", r"\d{2}-\d{7}"), ("AT", r"ATU\d{8}")],
)
def test_tax_numbers_have_their_shape(code, pattern):
    assert re.fullmatch(pattern, tax_number(stream(WorldParameters(), "test"), COUNTRIES[code]))
