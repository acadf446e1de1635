"""Expert cards order receivables as any credit officer would."""

import numpy as np
import pytest

from models.domain.reasons import CATALOGUE
from models.scores import expert
from models.scores.card import Card

BETTER_WHEN_MORE = {"n_paid_365", "failure_percentile", "paydex"}


@pytest.mark.parametrize("card", [expert.lateness(), expert.default()], ids=lambda c: c.name)
def test_every_line_runs_one_way(card: Card) -> None:
    for attribute in card.attributes:
        sign = 1 if attribute.feature in BETTER_WHEN_MORE else -1
        assert (np.diff(attribute.points) * sign >= 0).all()
        assert list(attribute.knots) == sorted(set(attribute.knots))
        assert attribute.reason in CATALOGUE


def test_expert_cards_say_that_they_are_judgement() -> None:
    assert expert.default().origin == "expert"
    assert expert.default().notes
