"""Payers write references in every way a statement shows."""

from __future__ import annotations

import pytest

from apps.sandbox.world import references
from apps.sandbox.world.names import bank_name
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import stream


@pytest.fixture
def rng():
    return stream(WorldParameters(), "test")


def test_clean_references_name_every_invoice(rng):
    text = references.reference_text(rng, ["INV-00012", "INV-00013"], references.CLEAN, "C1")
    assert "INV-00012" in text
    assert "INV-00013" in text


def test_digits_lose_letters_and_leading_zeros(rng):
    text = references.reference_text(rng, ["INV-00012"], references.DIGITS, "C1")
    assert text.split()[-1] == "12"


def test_missing_references_name_no_invoice(rng):
    for _ in range(20):
        text = references.reference_text(rng, ["INV-00012"], references.MISSING, "C1")
        assert "12" not in text


def test_wrong_references_are_transposed(rng):
    text = references.reference_text(rng, ["INV-01234"], references.WRONG, "C1")
    assert "01234" not in text
    assert sorted(text[-5:]) == sorted("01234")


def test_no_reference_is_longer_than_a_transfer_allows(rng):
    numbers = [f"INV-{number:05d}" for number in range(60)]
    for style in (references.CLEAN, references.JOINED, references.DIGITS, references.WRONG):
        assert len(references.reference_text(rng, numbers, style, "C1")) <= 140


def test_payers_names_are_plain_upper_case(rng):
    for _ in range(30):
        name = bank_name(rng, "Müller & Köhler Distribution GmbH & Co. KG")
        assert name.isascii()
        assert name == name.upper()
        assert len(name) <= 35
