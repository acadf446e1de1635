"""A shift is named against its own sample size."""

import pytest

from models.scores.stability import stability


def test_the_worked_example_is_met() -> None:
    found = stability([100] * 10, [80, 90, 100, 100, 110, 110, 100, 100, 100, 110])
    assert found.psi == pytest.approx(0.00838, abs=5e-6)
    assert found.critical == pytest.approx(0.0338, abs=5e-5)
    assert not found.is_shifted


def test_a_moved_population_is_shifted() -> None:
    assert stability([500, 500], [100, 900]).is_shifted


def test_bins_have_to_match() -> None:
    with pytest.raises(ValueError, match="same bins"):
        stability([1, 2], [1, 2, 3])
