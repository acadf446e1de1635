"""Verdicts are the decisions' figures, one narrow row each."""

from collections.abc import Callable

import polars as pl

from models.assessment import assess
from models.book import Book, Facts
from models.decisions.policy import Policy
from models.domain.outcomes import Outcome
from models.scores.scoring import ScoreModels
from models.verdicts import SCHEMA, requests_of, verdicts

KEYS = {"alder": b"test key"}


def test_verdicts_say_what_the_decisions_say(
    make_economy: Callable[..., pl.DataFrame], make_facts: Callable[..., Facts], policy: Policy
) -> None:
    facts = make_facts(make_economy(3, invoices=300))
    models, done = ScoreModels.expert(), []
    cores = assess(facts, policy=policy, scores=models, fingerprint_keys=KEYS).cores
    found = verdicts(
        facts,
        Book.of(facts, policy),
        policy=policy,
        scores=models,
        fingerprint_keys=KEYS,
        on_progress=done.append,
    )
    assert found.schema == SCHEMA
    assert done == [len(cores)]
    for core, row in zip(cores, found.iter_rows(named=True), strict=True):
        assert row["receivable_id"] == core.receivable_id
        assert row["outcome"] == core.outcome.value
        assert row["advance_minor"] == core.advance_minor
        assert (row["code"] is None) == (core.outcome is Outcome.APPROVE)


def test_open_invoices_are_asked_about_and_nothing_else(
    make_economy: Callable[..., pl.DataFrame],
) -> None:
    history = make_economy(3, invoices=100)
    requests = requests_of(history)
    assert requests.height == history.filter(pl.col("status") == "open").height
    assert requests["requested_at"].to_list() == requests["recorded_at"].to_list()
