"""Training learns where there is evidence and keeps the expert where there is not."""

import polars as pl
import pytest

from models.domain.errors import InvalidFacts
from models.scores.scoring import ScoreModels
from models.scores.training import train


def test_enough_examples_train_every_model(trained: ScoreModels) -> None:
    assert trained.lateness.origin == "trained"
    assert trained.challenger is not None
    assert trained.days_to_pay is not None


def test_a_thin_history_keeps_the_expert_cards(examples: pl.DataFrame) -> None:
    models = train(examples[:150])
    assert models.lateness.origin == models.default.origin == "expert"
    assert models.challenger is None
    assert models.days_to_pay is None


def test_too_few_bad_outcomes_keep_the_expert_card(examples: pl.DataFrame) -> None:
    good = examples.with_columns(is_late=pl.when(pl.int_range(pl.len()) < 40).then(1).otherwise(0))
    assert train(good).lateness.origin == "expert"


def test_training_does_not_depend_on_the_order_of_rows(
    examples: pl.DataFrame, trained: ScoreModels
) -> None:
    shuffled = examples.sample(fraction=1.0, shuffle=True, seed=9)
    assert train(shuffled).lateness == trained.lateness


def test_examples_without_outcomes_are_refused(examples: pl.DataFrame) -> None:
    with pytest.raises(InvalidFacts, match="is_late"):
        train(examples.drop("is_late"))
