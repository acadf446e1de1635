"""Cards are integer arithmetic on the scale of the domain paper."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.matrix import MISSING, Matrix
from models.scores.card import Attribute, Card, points, points_of, probability_ppm

LINE = Attribute("x", (0, 10, 20), (5_000, 0, -30_000), -7_000, 0, "R302")


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_the_worked_points_are_met() -> None:
    assert round(points_of(Decimal("0.05")), 1) == Decimal("572.1")
    assert round(int(probability_ppm(ints(550))[0]) / 10_000, 2) == 10.16


def test_the_scale_has_its_anchor_and_its_doubling() -> None:
    assert probability_ppm(ints(600))[0] == round(1_000_000 / 51)
    assert probability_ppm(ints(620))[0] == round(1_000_000 / 101)


def test_a_line_is_straight_between_knots_flat_outside_and_knows_missing() -> None:
    values = ints(-100, 0, 5, 10, 15, 20, 99, MISSING)
    expected = [5_000, 5_000, 2_500, 0, -15_000, -30_000, -30_000, -7_000]
    assert LINE.evaluate(values).tolist() == expected


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_a_row_scores_the_same_alone_and_in_company(values: list[int]) -> None:
    card = Card("c", "late", "expert", 600_000, (LINE,))
    block = Matrix(("x",), np.array([[v] for v in values], dtype=np.int64))
    together = card.thousandths(card.contributions(block)).tolist()
    alone = [
        int(card.thousandths(card.contributions(Matrix(("x",), ints(v).reshape(1, 1))))[0])
        for v in values
    ]
    assert together == alone


def test_points_are_rounded_and_bounded() -> None:
    assert points(ints(-5, 499, 500, 1_000_499, 9_999_999)).tolist() == [0, 0, 1, 1000, 1000]


def test_more_points_are_never_more_risk() -> None:
    table = probability_ppm(np.arange(0, 1001))
    assert (np.diff(table) <= 0).all()


def test_lost_points_are_measured_from_the_neutral_value() -> None:
    card = Card("c", "late", "expert", 0, (Attribute("x", (0, 1), (0, 9_000), 0, 4_000, "R302"),))
    block = Matrix(("x",), np.array([[0], [1]], dtype=np.int64))
    assert card.lost(card.contributions(block)).tolist() == [[4_000], [0]]


@pytest.mark.parametrize("probability", ["0.01", "0.2", "0.5"])
def test_points_and_probability_are_inverse(probability: str) -> None:
    whole = int(points_of(Decimal(probability)).to_integral_value())
    found = probability_ppm(ints(whole))[0] / 1_000_000
    assert found == pytest.approx(float(probability), rel=0.02)
