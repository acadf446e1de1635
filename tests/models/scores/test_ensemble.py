"""Stored trees say what scikit-learn says, and keep their promised direction everywhere."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from models.domain.matrix import MISSING, Matrix
from models.scores.ensemble import UNIT, Ensemble, exported
from models.scores.scoring import ScoreModels
from models.scores.training import LATENESS

NAMES = ("a", "b", "c")


def block(values: np.ndarray) -> Matrix:
    return Matrix(NAMES, np.where(np.isnan(values), MISSING, values).astype(np.int64))


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    values = rng.integers(-1000, 1000, (800, 3)).astype(np.float64)
    values[rng.random((800, 3)) < 0.15] = np.nan
    target = np.nan_to_num(values[:, 0]) + 300 * rng.standard_normal(800)
    return values, target


def test_a_classifier_is_reproduced(table: tuple[np.ndarray, np.ndarray]) -> None:
    values, target = table
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=9).fit(values, target > 0)
    found = exported(model, NAMES).evaluate(block(values)) / UNIT
    assert found == pytest.approx(model.decision_function(values), abs=1e-6)


def test_a_quantile_regressor_is_reproduced(table: tuple[np.ndarray, np.ndarray]) -> None:
    values, target = table
    model = HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=25)
    model.fit(values, target)
    found = exported(model, NAMES).evaluate(block(values)) / UNIT
    assert found == pytest.approx(model.predict(values), abs=1e-6)


def test_a_row_alone_equals_itself_in_company(table: tuple[np.ndarray, np.ndarray]) -> None:
    values, target = table
    model = HistGradientBoostingRegressor(max_iter=10).fit(values, target)
    ensemble = exported(model, NAMES)
    together = ensemble.evaluate(block(values))
    alone = [int(ensemble.evaluate(block(values[i : i + 1]))[0]) for i in range(40)]
    assert together[:40].tolist() == alone


def test_without_trees_the_baseline_speaks() -> None:
    assert Ensemble(NAMES, 7, (), 0).evaluate(block(np.zeros((2, 3)))).tolist() == [7, 7]


directed = st.sampled_from([i for i, c in enumerate(LATENESS) if c.direction])


@settings(max_examples=80, deadline=None)
@given(feature=directed, row=st.integers(0, 1499), seed=st.integers(0, 2**31))
def test_the_challenger_is_monotone_over_the_whole_hull(
    trained: ScoreModels, examples: pl.DataFrame, feature: int, row: int, seed: int
) -> None:
    challenger = trained.challenger
    assert challenger is not None
    known = Matrix.of(examples, challenger.features).values
    low, high = known.clip(min=-(10**9)).min(axis=0), known.max(axis=0)
    rng = np.random.default_rng(seed)
    start = np.where(rng.random(len(low)) < 0.5, known[row], rng.integers(low, high + 1))
    sweep = np.repeat(start[None, :], 60, axis=0)
    sweep[:, feature] = np.linspace(low[feature], high[feature], 60).astype(np.int64)
    found = challenger.evaluate(Matrix(challenger.features, sweep))
    steps = np.diff(found) * LATENESS[feature].direction
    assert (steps >= 0).all()
