"""One path decides: batch, one by one and again later give the same bytes."""

import dataclasses
from collections.abc import Callable

import polars as pl
import pytest

from models.assessment import Assessments, assess, assess_in_chunks
from models.book import Book, Facts
from models.decisions.policy import Policy
from models.domain.errors import InvalidFacts
from models.domain.outcomes import DecisionCore, Outcome
from models.scores.scoring import ScoreModels

KEYS = {"alder": b"test key"}


def decide(facts: Facts, policy: Policy, book: Book | None = None) -> Assessments:
    return assess(
        facts, policy=policy, scores=ScoreModels.expert(), fingerprint_keys=KEYS, book=book
    )


def bodies(cores: tuple[DecisionCore, ...]) -> list[bytes]:
    return [core.canonical() for core in cores]


def after(facts: Facts, core: DecisionCore) -> Facts:
    """Give the facts as the ledger would after an approval."""
    if core.outcome is not Outcome.APPROVE:
        return facts
    drawn = tuple((u.kind, u.id, core.currency, core.advance_minor) for u in core.limits)
    return dataclasses.replace(
        facts,
        exposures=facts.exposures + drawn,
        financed=facts.financed | {core.fingerprint_exact},
        financed_near=facts.financed_near | set(core.fingerprints_near),
    )


@pytest.fixture
def facts(make_economy: Callable[..., pl.DataFrame], make_facts: Callable[..., Facts]) -> Facts:
    return make_facts(make_economy(3, invoices=600))


def test_requests_together_and_one_by_one_get_the_same_bytes(facts: Facts, policy: Policy) -> None:
    tight = dataclasses.replace(facts, exposures=(("debtor", "d1", "EUR", 500_000),))
    together = decide(tight, policy)
    alone, known = [], tight
    book = Book.of(tight, policy)
    for row in tight.requests.sort("requested_at", "receivable_id").iter_slices(1):
        (core,) = decide(dataclasses.replace(known, requests=row), policy, book).cores
        alone.append(core.canonical())
        known = after(known, core)
    assert alone == bodies(together.cores)
    assert len({core.outcome for core in together.cores}) > 1


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_carry_what_was_drawn_and_give_the_same_bytes(
    facts: Facts, policy: Policy, size: int
) -> None:
    tight = dataclasses.replace(facts, exposures=(("debtor", "d1", "EUR", 500_000),))
    whole = decide(tight, policy)
    chunks = list(
        assess_in_chunks(
            tight, policy=policy, scores=ScoreModels.expert(), fingerprint_keys=KEYS, size=size
        )
    )
    assert [b for chunk in chunks for b in bodies(chunk.cores)] == bodies(whole.cores)
    assert max(len(chunk.cores) for chunk in chunks) <= size
    assert pl.concat([chunk.features for chunk in chunks]).equals(whole.features)
    assert pl.concat([chunk.scores for chunk in chunks]).equals(whole.scores)


def test_texts_kept_once_as_categories_give_the_same_bytes(facts: Facts, policy: Policy) -> None:
    kept_once = [
        "tenant_id", "seller_id", "debtor_id", "document_type", "status", "currency",
        "seller_tax_id", "debtor_tax_id",
    ]  # fmt: skip
    categories = pl.col(kept_once).cast(pl.Categorical)
    small = dataclasses.replace(
        facts,
        history=facts.history.with_columns(categories),
        requests=facts.requests.with_columns(categories),
    )
    assert bodies(decide(small, policy).cores) == bodies(decide(facts, policy).cores)


def test_the_order_of_rows_does_not_change_any_decision(facts: Facts, policy: Policy) -> None:
    shuffled = facts.requests.sample(fraction=1.0, shuffle=True, seed=5)
    history = facts.history.sample(fraction=1.0, shuffle=True, seed=6)
    again = dataclasses.replace(facts, requests=shuffled, history=history)
    assert bodies(decide(again, policy).cores) == bodies(decide(facts, policy).cores)


def test_a_decision_can_be_replayed(facts: Facts, policy: Policy, policy_text: str) -> None:
    first = decide(facts, policy)
    second = decide(facts, Policy.load(policy_text))
    assert bodies(first.cores) == bodies(second.cores)
    assert first.cores[0].digest == second.cores[0].digest


def test_frames_follow_the_order_of_the_decisions(facts: Facts, policy: Policy) -> None:
    done = decide(facts, policy)
    ids = [core.receivable_id for core in done.cores]
    assert done.features["receivable_id"].to_list() == ids
    assert done.scores["receivable_id"].to_list() == ids
    assert done.fingerprints["receivable_id"].to_list() == ids
    assert done.checks["receivable_id"].unique(maintain_order=True).to_list() == ids


def test_a_request_outside_the_history_is_refused(facts: Facts, policy: Policy) -> None:
    stranger = facts.requests[:1].with_columns(receivable_id=pl.lit("stranger"))
    with pytest.raises(InvalidFacts, match="stranger"):
        decide(dataclasses.replace(facts, requests=stranger), policy)


def test_nothing_requested_is_nothing_decided(facts: Facts, policy: Policy) -> None:
    done = decide(dataclasses.replace(facts, requests=facts.requests[:0]), policy)
    assert done.cores == ()
    assert done.checks.is_empty()


def test_a_debtor_without_any_past_is_decided_too(
    make_receivable: Callable[..., dict[str, object]],
    make_frame: Callable[..., pl.DataFrame],
    make_facts: Callable[..., Facts],
    policy: Policy,
) -> None:
    (core,) = decide(make_facts(make_frame([make_receivable()])), policy).cores
    assert core.advance_bps <= policy.whole("thin_file.advance_bps")
    assert core.outcome in set(Outcome)


def test_what_is_financed_already_is_rejected_as_a_duplicate(facts: Facts, policy: Policy) -> None:
    core = next(c for c in decide(facts, policy).cores if c.outcome is Outcome.APPROVE)
    again = dataclasses.replace(facts, financed=frozenset({core.fingerprint_exact}))
    (second,) = (c for c in decide(again, policy).cores if c.receivable_id == core.receivable_id)
    assert second.outcome is Outcome.REJECT
    assert second.reasons[0].code == "R201"
    assert second.advance_minor == 0


def test_approvals_never_exceed_a_limit(facts: Facts, policy: Policy) -> None:
    drawn: dict[tuple[str, str], int] = {}
    for core in decide(facts, policy).cores:
        for use in core.limits:
            assert use.used_minor == drawn.get((use.kind, use.id), 0)
            if core.outcome is Outcome.APPROVE:
                drawn[use.kind, use.id] = use.used_minor + core.advance_minor
                assert drawn[use.kind, use.id] <= use.limit_minor


def test_every_refusal_gives_a_reason(facts: Facts, policy: Policy) -> None:
    done = decide(facts, policy)
    refused = [core for core in done.cores if core.outcome is not Outcome.APPROVE]
    assert refused
    assert all(core.reasons for core in refused)
    assert all(
        [r.rank for r in core.reasons] == list(range(1, len(core.reasons) + 1)) for core in refused
    )


def test_adding_unrelated_requests_changes_nothing_for_a_request(
    facts: Facts, policy: Policy
) -> None:
    whole = {c.receivable_id: c.canonical() for c in decide(facts, policy).cores}
    first = facts.requests.sort("requested_at", "receivable_id")
    few = first[:3]
    for core in decide(dataclasses.replace(facts, requests=few), policy).cores:
        assert whole[core.receivable_id] == core.canonical()
