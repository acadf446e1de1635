"""Figures equal their definitions, and intervals respect the debtors."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from models.scores.evaluation import Evaluation, auc, best_single, ks, measure
from models.scores.training import train

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


@given(scored)
def test_auc_equals_the_reference_with_ties(rows: list[tuple[bool, int]]) -> None:
    bad = np.array([float(b) for b, _ in rows])
    ranking = np.array([float(r) for _, r in rows])
    if 0 < bad.sum() < len(bad):
        assert auc(bad, ranking) == pytest.approx(roc_auc_score(bad, ranking))
    else:
        assert auc(bad, ranking) == 0.5


def test_ks_is_one_for_perfect_order_and_zero_for_none() -> None:
    bad = np.array([0.0, 0.0, 1.0, 1.0])
    assert ks(bad, np.array([1.0, 2.0, 3.0, 4.0])) == 1
    assert ks(bad, np.zeros(4)) == 0


@pytest.fixture(scope="module")
def evaluation(examples: pl.DataFrame) -> Evaluation:
    origin = examples["issued_on"][1100]
    early = examples.filter(pl.col("issued_on") < origin)
    late = examples.filter(pl.col("issued_on") >= origin)
    return measure(train(early), early, late, origin, draws=100)


def test_a_constant_knows_nothing(evaluation: Evaluation) -> None:
    assert evaluation.auc["constant"].value == 0.5


def test_intervals_hold_their_figures(evaluation: Evaluation) -> None:
    for figure in (*evaluation.auc.values(), evaluation.gain):
        assert figure.low <= figure.value <= figure.high


def test_the_gain_is_the_difference_of_the_two(evaluation: Evaluation) -> None:
    difference = evaluation.auc["card"].value - evaluation.auc["single"].value
    assert evaluation.gain.value == pytest.approx(difference)


def test_days_are_better_than_the_median(evaluation: Evaluation) -> None:
    assert evaluation.mae_days["model"] < evaluation.mae_days["median"]
    assert 0.6 < evaluation.coverage <= 1


def test_the_best_single_feature_is_chosen_on_training_rows(examples: pl.DataFrame) -> None:
    assert best_single(examples) == "late_rate_all_ppm"


def test_the_record_holds_whole_numbers_only(evaluation: Evaluation) -> None:
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        return [value]

    assert all(isinstance(leaf, (int, str)) for leaf in leaves(evaluation.body()))
