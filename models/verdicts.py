"""The verdict over a whole book as one frame: what assessments say of each open invoice.

    facts ─► assess, chunk by chunk ─► one narrow row per request

For reports over books too large to keep their decisions in memory; nothing of a decision but its
figures is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from models.assessment import Assessments, assess_in_chunks
from models.book import Book, Facts
from models.decisions.policy import Policy
from models.domain.outcomes import Outcome
from models.scores.scoring import ScoreModels

SCHEMA = pl.Schema(
    {
        "receivable_id": pl.String(),
        "outcome": pl.Enum([outcome.value for outcome in Outcome]),
        "code": pl.Categorical(),
        "grade": pl.Int8(),
        "late_ppm": pl.Int64(),
        "days_to_pay_p10": pl.Int64(),
        "days_to_pay_p50": pl.Int64(),
        "days_to_pay_p90": pl.Int64(),
        "tenor_days": pl.Int64(),
        "advance_bps": pl.Int64(),
        "advance_minor": pl.Int64(),
        "fee_minor": pl.Int64(),
    }
)
"""One row per request; ``code`` is the first reason of what is not approved."""


def requests_of(history: pl.DataFrame) -> pl.DataFrame:
    """Ask for every open invoice of a book, each from the moment it was recorded."""
    return history.filter(
        (pl.col("document_type") == "invoice")
        & pl.col("status").is_in(["open", "partially_paid", "disputed"])
        & (pl.col("open_minor") > 0)
    ).with_columns(requested_at=pl.col("recorded_at"))


def verdicts(
    facts: Facts,
    book: Book,
    *,
    policy: Policy,
    scores: ScoreModels,
    fingerprint_keys: Mapping[str, bytes],
    on_progress: Callable[[int], None] = lambda _: None,
) -> pl.DataFrame:
    """Assess every request and keep the figures: one row of ``SCHEMA`` each.

    Args:
        facts: What is known.
        book: Prepared from the same facts and policy.
        policy: Policy in force.
        scores: Models in force.
        fingerprint_keys: HMAC key by tenant.
        on_progress: Told how many are done.
    """
    parts, done = [pl.DataFrame(schema=SCHEMA)], 0
    for chunk in assess_in_chunks(
        facts, policy=policy, scores=scores, fingerprint_keys=fingerprint_keys, book=book
    ):
        parts.append(_narrow(chunk))
        done += len(chunk.cores)
        on_progress(done)
    return pl.concat(parts)


def _narrow(chunk: Assessments) -> pl.DataFrame:
    rows = [
        (
            core.receivable_id,
            core.outcome.value,
            core.reasons[0].code if core.outcome is not Outcome.APPROVE and core.reasons else None,
            core.grade,
            core.late_ppm,
            *core.days_to_pay,
            core.tenor_days,
            core.advance_bps,
            core.advance_minor,
            core.fee_minor,
        )
        for core in chunk.cores
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
