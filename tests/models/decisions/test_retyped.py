"""A number typed again is known by its stem or by one swap of neighbours."""

from __future__ import annotations

import polars as pl
import pytest

from models.decisions import retyped
from models.decisions.retyped import transposed


def test_a_prefix_and_one_last_letter_are_no_part_of_the_stem() -> None:
    numbers = pl.DataFrame({"number": ["INV4711", "4711A", "4711AB", "A"]})
    assert numbers.select(retyped.stem("number")).to_series().to_list() == [
        "4711",
        "4711",
        "4711AB",
        "",
    ]


def test_a_swap_keeps_the_characters_of_a_number() -> None:
    numbers = pl.DataFrame({"number": ["F826", "F8026", "F862", "F827"]})
    one, filled, swapped, other = numbers.select(retyped.characters("number")).to_series()
    assert one == filled == swapped != other


@pytest.mark.parametrize(
    ("left", "right", "swapped"),
    [
        ("F826", "F8026", True),
        ("INV12", "INV21", True),
        ("INV12", "INV12", False),
        ("INV123", "INV321", False),
        ("INV12", "INV13", False),
        ("ABCD", "ABDC", True),
    ],
)
def test_one_swap_of_neighbours_is_a_transposition(left: str, right: str, swapped: bool) -> None:
    assert transposed(left, right) is swapped
