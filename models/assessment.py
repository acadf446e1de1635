"""The whole chain as one pure function: facts as of a time in, decision cores out.

    requests ─► features ─► scores ─┐
    history  ─► book ───────────────┴─► fold in canonical order ─► checks ─► advance ─► price
                                              ▲                                   │
                                              └── exposure and fingerprints of ───┘
                                                  what was approved before

Batch, live, replay and what-if call this. It is a fold in the order (requested_at, receivable_id):
an approval draws on the limits that the next request sees, so requests decided together and one by
one get the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import polars as pl

from models.book import BUREAU, Book, Facts
from models.cases import Cases, Row, due_on
from models.decisions.advance import PD_FLOOR_PPM, advance_bps
from models.decisions.checks import Case, Financed
from models.decisions.limits import Exposure
from models.decisions.outcome import counterfactuals, outcome, reasons
from models.decisions.policy import Policy
from models.domain.outcomes import Check, DecisionCore, LimitUse, Outcome, Scalar, Status
from models.features import fingerprints as prints
from models.pricing.price import NO_PRICE, Price, price
from models.scores.scoring import Scored, ScoreModels

__all__ = ["BUREAU", "CHECKS_SCHEMA", "Assessments", "Book", "Facts", "assess"]

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
    fold = _Fold(facts, shared, policy, scores)
    cores = tuple(fold.decide(*found) for found in cases.rows())
    return Assessments(cores, facts.as_of, cases)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the fold found for one request before it is written down."""

    outcome: Outcome
    checks: tuple[Check, ...]
    rate_bps: int = 0
    advance_minor: int = 0
    tenor_days: int = 0
    offer: Price = NO_PRICE
    uses: tuple[LimitUse, ...] = ()


class _Fold:
    """The running state: exposure and fingerprints of what was approved so far."""

    def __init__(self, facts: Facts, book: Book, policy: Policy, scores: ScoreModels) -> None:
        self._book = book
        self._min_tenor = policy.whole("pricing.min_tenor_days")
        self._valid_hours = policy.whole("offer.valid_hours")
        self._conditions = tuple(str(c) for c in policy.items("offer.conditions"))
        self._policy_hash = policy.hash
        self._model_hashes = dict(scores.hashes)
        self._exposure = Exposure.of(facts.exposures)
        self._financed = Financed(set(facts.financed), set(facts.financed_near))
        self._as_of = _text(facts.as_of)
        self._today = facts.as_of.date()

    def decide(self, case: Case, row: Row, score: Scored, feature_hash: str) -> DecisionCore:
        """Decide one request and draw on the limits when it is approved."""
        verdict = self._verdict(case, row, score)
        if verdict.outcome is Outcome.APPROVE:
            for use in verdict.uses:
                self._exposure.add((use.kind, use.id, case.currency), verdict.advance_minor)
            self._financed.add(case)
        return self._core(case, row, score, feature_hash, verdict)

    def _verdict(self, case: Case, row: Row, score: Scored) -> _Verdict:
        checklist, tenor = self._book.checklist, self._tenor(row, score)
        checks = checklist.identity(case)
        if outcome(checks) is Outcome.REJECT:
            return _Verdict(Outcome.REJECT, tuple(checks), tenor_days=tenor)
        checks += checklist.validity(case, self._financed)
        checks += checklist.eligibility(case)
        checks += checklist.scores(case)
        rate = self._rate(case, row, tenor)
        checks.append(_economic(rate, case))
        advance = max(case.eligible_minor, 0) * rate // 10_000
        limit_checks, uses = checklist.limits(case, advance, self._exposure)
        checks += limit_checks
        verdict = outcome(checks)
        if verdict is Outcome.REJECT:
            return _Verdict(verdict, tuple(checks), tenor_days=tenor, uses=uses)
        offer = price(
            self._book.price,
            advance_minor=advance,
            face_minor=max(case.eligible_minor, 0),
            days=tenor,
            pd_ppm=max(score.default_ppm, PD_FLOOR_PPM),
            dilution_ppm=self._dilution(case),
        )
        return _Verdict(verdict, tuple(checks), rate, advance, tenor, offer, uses)

    def _core(
        self, case: Case, row: Row, score: Scored, feature_hash: str, found: _Verdict
    ) -> DecisionCore:
        stands = found.outcome is not Outcome.REJECT
        approved = found.outcome is Outcome.APPROVE
        return DecisionCore(
            tenant_id=row["tenant_id"],
            receivable_id=case.receivable_id,
            seller_id=case.seller_id,
            debtor_id=case.debtor_id,
            as_of=self._as_of,
            requested_minor=case.open_minor,
            currency=case.currency,
            due_on=due_on(row).isoformat(),
            outcome=found.outcome,
            eligible_minor=case.eligible_minor,
            ineligible_code=_primary(found.checks),
            grade=case.risk_grade,
            pd_ppm=max(score.default_ppm, PD_FLOOR_PPM),
            late_ppm=score.late_ppm,
            points=score.default_points,
            late_points=score.late_points,
            challenger_late_ppm=score.challenger_late_ppm,
            days_to_pay=(score.days_to_pay_p10, score.days_to_pay_p50, score.days_to_pay_p90),
            expected_loss_minor=found.offer.expected_loss_minor,
            el_bps=found.offer.el_bps,
            advance_bps=found.rate_bps,
            advance_minor=found.advance_minor,
            price_ppm=found.offer.price_ppm,
            price_30d_ppm=found.offer.price_30d_ppm,
            fee_minor=found.offer.fee_minor,
            tenor_days=found.tenor_days,
            valid_hours=self._valid_hours if stands else 0,
            conditions=self._conditions if stands else (),
            reasons=reasons(found.checks, score.reasons, found.outcome),
            counterfactuals=() if approved else counterfactuals(found.checks),
            limits=found.uses,
            checks=found.checks,
            fingerprint_exact=case.fingerprint_exact,
            fingerprints_near=case.fingerprints_near,
            policy_hash=self._policy_hash,
            model_hashes=self._model_hashes,
            feature_hash=feature_hash,
        )

    def _tenor(self, row: Row, score: Scored) -> int:
        """Give the days until payment is expected, the policy's minimum at least."""
        gone: int = (self._today - row["issued_on"]).days
        return max(self._min_tenor, score.days_to_pay_p50 - gone)

    def _rate(self, case: Case, row: Row, tenor: int) -> int:
        own = self._book.own_currency.get(case.seller_id)
        return advance_bps(
            self._book.advance,
            risk_grade=case.risk_grade,
            is_thin=self._book.checklist.is_thin(case),
            dilution_bps=self._dilution(case) // 100,
            tenor_days=tenor,
            is_foreign_currency=own is not None and own != case.currency,
            paid=case.paid,
            is_verified=bool(row.get("has_purchase_order")),
        )

    def _dilution(self, case: Case) -> int:
        return self._book.dilution_ppm.get((case.seller_id, case.debtor_id, case.currency), 0)


def _economic(rate: int, case: Case) -> Check:
    """Reject a rate of 0, unless the grade has already said so."""
    if rate > 0 or case.risk_grade >= 9:
        return Check("S02", 1, "score", Status.PASS, value=rate)
    return Check("S02", 1, "score", Status.HARD_REJECT, "R603", value=rate)


def _primary(checks: Sequence[Check]) -> str | None:
    return next((c.code for c in checks if c.group == "eligibility" and c.code), None)


def _check_row(check: Check) -> tuple[Scalar, ...]:
    def text(value: Scalar) -> str | None:
        return None if value is None else str(value)

    return (
        check.check_id, check.version, check.group, check.status.value, check.code,
        text(check.value), text(check.threshold), ",".join(check.evidence) or None, check.cause,
    )  # fmt: skip


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
