"""One request after another: what was approved before is drawn on the limits of the next.

case, scores ─► checks A, B, C, S ─► rate ─► checks F ─► price ─► decision core
                    ▲ fingerprints              ▲ exposure        │
                    └───────────────────────────┴── approved ◄────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.book import Book, Facts
from models.cases import Row
from models.decisions.advance import PD_FLOOR_PPM, advance_bps
from models.decisions.checks import Case, Financed
from models.decisions.limits import Exposure
from models.decisions.outcome import counterfactuals, outcome, reasons
from models.decisions.policy import Policy
from models.domain.outcomes import Check, DecisionCore, LimitUse, Outcome, Status
from models.domain.terms import due_on
from models.pricing.price import NO_PRICE, Price, price
from models.scores.scoring import Scored, ScoreModels


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


class Fold:
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


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
