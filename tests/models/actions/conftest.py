"""Decisions to act on."""

from collections.abc import Callable

import polars as pl
import pytest

from models.assessment import assess
from models.book import Facts
from models.decisions.policy import Policy
from models.domain.outcomes import DecisionCore, Outcome
from models.scores.scoring import ScoreModels


@pytest.fixture
def decisions(
    make_economy: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> dict[Outcome, DecisionCore]:
    facts = make_facts(make_economy(3, invoices=600))
    done = assess(
        facts, policy=policy, scores=ScoreModels.expert(), fingerprint_keys={"alder": b"k"}
    )
    return {core.outcome: core for core in done.cores}
