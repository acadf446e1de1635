"""The whole chain as one pure function: facts as of a time in, decision cores out.

    requests ─► features ─► scores ─┐
    history  ─► book ───────────────┴─► fold in canonical order ─► checks ─► advance ─► price
                                              ▲                                   │
                                              └── exposure and fingerprints of ───┘
                                                  what was approved before

Batch, live, replay and what-if call this. It is a fold in the order (requested_at, receivable_id):
an approval draws on the limits that the next request sees, so requests decided together, in chunks
and one by one get the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from models.book import BUREAU, Book, Facts
from models.cases import Cases
from models.decisions.policy import Policy
from models.domain.outcomes import Check, DecisionCore, Scalar
from models.features import fingerprints as prints
from models.fold import Fold
from models.scores.scoring import ScoreModels

__all__ = [
    "BUREAU", "CHECKS_SCHEMA", "Assessments", "Book", "Facts", "assess", "assess_in_chunks",
]  # fmt: skip

CHUNK = 20_000
"""Requests whose features and decisions are in memory at once, where a caller goes by chunks."""

CHECKS_SCHEMA: dict[str, pl.DataType] = {
    "tenant_id": pl.String(),
    "receivable_id": pl.String(),
    "position": pl.Int64(),
    "check_id": pl.String(),
    "version": pl.Int64(),
    "check_group": pl.String(),
    "status": pl.String(),
    "code": pl.String(),
    "value": pl.String(),
    "threshold": pl.String(),
    "evidence": pl.String(),
    "cause": pl.String(),
}


@dataclass(frozen=True)
class Assessments:
    """Decisions in canonical order and, on demand, the frames they stand on in the same order.

    Attributes:
        cores: One decision per request.
        as_of: Knowledge time.
    """

    cores: tuple[DecisionCore, ...]
    as_of: datetime
    _cases: Cases = field(repr=False)

    @cached_property
    def features(self) -> pl.DataFrame:
        """``tenant_id, receivable_id, as_of, feature_hash``, the features, bureau columns."""
        moment = pl.Series("as_of", [self.as_of.astimezone(UTC)] * len(self.cores))
        return pl.DataFrame(
            [
                *self._ids,
                moment.cast(pl.Datetime("us", "UTC")),
                pl.Series("feature_hash", self._cases.feature_hashes, dtype=pl.String),
                *self._cases.features.series(),
            ]
        )

    @cached_property
    def scores(self) -> pl.DataFrame:
        """``tenant_id`` and the columns of ``scores.scoring.SCHEMA``."""
        tenant, ids = self._ids
        return self._cases.scores.frame(ids).insert_column(0, tenant)

    @cached_property
    def fingerprints(self) -> pl.DataFrame:
        """The columns of ``features.fingerprints.SCHEMA``."""
        found = self._cases.fingerprints
        ids = self._ids[1].to_list()
        rows = [(rid, f.exact, *f.near) for rid, f in zip(ids, found, strict=True)]
        return pl.DataFrame(rows, schema=prints.SCHEMA, orient="row")

    @cached_property
    def checks(self) -> pl.DataFrame:
        """Every check that ran, one row each: ``CHECKS_SCHEMA``."""
        rows = [
            (core.tenant_id, core.receivable_id, position, *_check_row(check))
            for core in self.cores
            for position, check in enumerate(core.checks, 1)
        ]
        return pl.DataFrame(rows, schema=CHECKS_SCHEMA, orient="row")

    @property
    def _ids(self) -> tuple[pl.Series, pl.Series]:
        requests = self._cases.requests
        return requests["tenant_id"], requests["receivable_id"]


def assess(
    facts: Facts,
    *,
    policy: Policy,
    scores: ScoreModels,
    fingerprint_keys: Mapping[str, bytes],
    book: Book | None = None,
) -> Assessments:
    """Decide every request.

    Args:
        facts: What is known.
        policy: Policy in force.
        scores: Models in force.
        fingerprint_keys: HMAC key by tenant.
        book: Prepared from the same history, parties and policy; computed when absent.

    Raises:
        InvalidFacts: A request is not in the history, or a tenant has no key.
    """
    shared = book or Book.of(facts, policy)
    cases = Cases.of(facts, shared, scores, fingerprint_keys)
    fold = Fold(facts, shared, policy, scores)
    cores = tuple(fold.decide(*found) for found in cases.rows())
    return Assessments(cores, facts.as_of, cases)


def assess_in_chunks(
    facts: Facts,
    *,
    policy: Policy,
    scores: ScoreModels,
    fingerprint_keys: Mapping[str, bytes],
    book: Book | None = None,
    size: int = CHUNK,
) -> Iterator[Assessments]:
    """Decide every request like :func:`assess`, handing out some at a time in the same order.

    What was drawn on limits is carried from chunk to chunk, so the bytes are the same; a chunk
    that is dropped by the caller takes its memory with it.

    Args:
        facts: What is known.
        policy: Policy in force.
        scores: Models in force.
        fingerprint_keys: HMAC key by tenant.
        book: Prepared from the same history, parties and policy; computed when absent.
        size: Requests per chunk.
    """
    shared = book or Book.of(facts, policy)
    fold = Fold(facts, shared, policy, scores)
    for requests in facts.requests.sort("requested_at", "receivable_id").iter_slices(size):
        cases = Cases.of(replace(facts, requests=requests), shared, scores, fingerprint_keys)
        cores = tuple(fold.decide(*found) for found in cases.rows())
        yield Assessments(cores, facts.as_of, cases)


def _check_row(check: Check) -> tuple[Scalar, ...]:
    def text(value: Scalar) -> str | None:
        return None if value is None else str(value)

    return (
        check.check_id, check.version, check.group, check.status.value, check.code,
        text(check.value), text(check.threshold), ",".join(check.evidence) or None, check.cause,
    )  # fmt: skip
