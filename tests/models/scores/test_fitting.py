"""A fitted card ranks, is calibrated on the last fold, and never argues against its evidence."""

import numpy as np
import polars as pl
import pytest

from models.domain.matrix import Matrix
from models.scores.card import points, probability_ppm
from models.scores.evaluation import auc
from models.scores.fitting import Candidate, calibration, fit_card
from models.scores.scoring import ScoreModels
from models.scores.training import LATENESS


def test_a_trained_card_ranks_far_better_than_chance(
    trained: ScoreModels, examples: pl.DataFrame
) -> None:
    card = trained.lateness
    block = Matrix.of(examples, [a.feature for a in card.attributes])
    late = examples["is_late"].to_numpy().astype(float)
    total = card.thousandths(card.contributions(block))
    assert card.origin == "trained"
    assert auc(late, -total.astype(float)) > 0.8
    assert abs(probability_ppm(points(total)).mean() / 1e6 - late.mean()) < 0.05


def test_points_move_against_risk_where_the_direction_is_known(trained: ScoreModels) -> None:
    directions = {c.feature: c.direction for c in LATENESS}
    for attribute in trained.lateness.attributes:
        steps = np.diff(attribute.points) * directions[attribute.feature]
        assert (steps <= 0).all() or directions[attribute.feature] == 0


def test_a_feature_that_says_nothing_gets_no_points() -> None:
    rng = np.random.default_rng(3)
    good = rng.integers(0, 100, 1000)
    bad = (rng.random(1000) < good / 100).astype(np.int64)
    block = Matrix(("good", "flat"), np.stack([good, np.full(1000, 5)], axis=1))
    last = np.arange(1000) >= 800
    candidates = [Candidate("good", 1, "R302"), Candidate("flat", 1, "R303")]
    card = fit_card("c", "bad", block, bad, candidates, last)
    assert [a.feature for a in card.attributes] == ["good"]


def test_calibration_recovers_a_known_slope_and_shift() -> None:
    rng = np.random.default_rng(5)
    log_odds = rng.normal(0, 2, 20_000)
    bad = (rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * log_odds - 1)))).astype(np.int64)
    slope, shift = calibration(log_odds, bad)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(-1, abs=0.08)


def test_a_fold_of_one_class_leaves_the_card_as_it_is() -> None:
    assert calibration(np.zeros(5), np.zeros(5, dtype=np.int64)) == (1.0, 0.0)
