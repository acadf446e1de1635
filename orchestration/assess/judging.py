"""What the models say of one file: learnt from it, decided on it, measured on what would help.

    facts ─► score models ─► book ─► verdicts ─► ways to more ─► judged

The book's index of the past is large and ends here; what is handed on are its sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.platform import end_of_day

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from models.decisions.policy import Policy
    from models.scores.registry import ModelRecord
    from orchestration.assess.answer import Judged
    from orchestration.assess.facts import Known
    from orchestration.console import Progress

MOST_EXAMPLES, _DRAWS = 50_000, 20
"""Scores are learnt from so many invoices at most, the newest; few draws for their quality."""


def judged(
    known: Known, policy: Policy, as_of_on: date, sha256: str, progress: Progress
) -> tuple[ModelRecord, Judged, pl.DataFrame]:
    """Learn from the file, decide on every open invoice, and measure what would change more.

    Args:
        known: The facts of the file.
        policy: Policy in force.
        as_of_on: The day looked at.
        sha256: Of the file; keys its fingerprints.
        progress: Told about each step.

    Returns:
        The models learnt, what they say, and the open receivables with it.
    """
    import polars as pl

    from models import learning
    from models.book import Book, Facts, open_book
    from models.improvements import improvements
    from models.verdicts import requests_of, verdicts
    from orchestration.assess import answer as assess_answer

    as_of = end_of_day(as_of_on)
    with progress.step("Marts → features → score models"):
        record = (
            learning.expert_record(as_of)
            if known.receivables.is_empty()
            else learning.train(known.receivables, as_of, draws=_DRAWS, most=MOST_EXAMPLES)
        )
    facts = Facts(
        as_of=as_of,
        requests=requests_of(known.receivables),
        history=known.receivables,
        debtors=known.debtors,
        sellers=known.sellers,
    )
    tenants = known.receivables["tenant_id"].cast(pl.String).unique().to_list()
    words, total = "Features → scores → verdicts", facts.requests.height
    with progress.step(words):
        book = Book.of(facts, policy)
        found = verdicts(
            facts,
            book,
            policy=policy,
            scores=record.models,
            fingerprint_keys={tenant_id: sha256.encode() for tenant_id in tenants},
            on_progress=progress.counter(words, total),
        )
        repeated = [rid for rid, pairs in book.repeats.items() if any(p[0] == "F01" for p in pairs)]
        ways = improvements(open_book(facts, repeated), book.base, policy, as_of_on)
        said = (book.base, book.repeats, found, ways)
    answered = assess_answer.Judged(known, *said, policy, as_of_on)
    return record, answered, assess_answer.open_book(answered)
