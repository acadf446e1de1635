"""Verdicts and how they combine: status of a check, outcome of a decision, and what carries them.

Two lattices, worst wins in both: ``pass < info < refer < hard_reject`` for checks (an error counts
as refer and never passes silently) and ``approve < refer < reject`` for decisions. The decision
core is the canonical record of one decision: integers, texts and codes only, no run ids and no
clock but ``as_of``; batch, live and replay agree when its bytes agree.

One module because the verdicts, what carries them and the record they end in are read together:
half of it is the meaning of the record's fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from models.domain.canonical import canonical_json, sha256_hex

Scalar = int | str | None


class Status(StrEnum):
    """Result of one check."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    INFO = "info"
    REFER = "refer"
    ERROR = "error"
    HARD_REJECT = "hard_reject"

    @property
    def rank(self) -> int:
        """Place in the lattice; refer and error share one."""
        return _STATUS_RANK[self]

    @classmethod
    def worst(cls, statuses: Iterable[Status]) -> Status:
        """Combine statuses; nothing at all is a pass."""
        return max(statuses, key=lambda s: s.rank, default=cls.PASS)


_STATUS_RANK = {
    Status.PASS: 0,
    Status.INFO: 1,
    Status.REFER: 2,
    Status.ERROR: 2,
    Status.HARD_REJECT: 3,
}


class Outcome(StrEnum):
    """What a decision says."""

    APPROVE = "approve"
    REFER = "refer"
    REJECT = "reject"

    @property
    def rank(self) -> int:
        """Place in the lattice."""
        return _OUTCOME_RANK[self]

    @classmethod
    def worst(cls, outcomes: Iterable[Outcome]) -> Outcome:
        """Combine outcomes; nothing at all is an approval."""
        return max(outcomes, key=lambda o: o.rank, default=cls.APPROVE)

    @classmethod
    def of(cls, status: Status) -> Outcome:
        """Give the outcome a status of a check leads to."""
        if status is Status.HARD_REJECT:
            return cls.REJECT
        return cls.REFER if status.rank == Status.REFER.rank else cls.APPROVE


_OUTCOME_RANK = {Outcome.APPROVE: 0, Outcome.REFER: 1, Outcome.REJECT: 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision is not better than it is.

    Attributes:
        code: Stable code, ``R`` and three digits.
        text: What people read; never tells of screening or suspicion.
        group: ``identity``, ``validity``, ``eligibility``, ``limits``, ``score`` or ``outcome``.
        rank: 1 for the most important.
        value: What was found, in the unit of the check.
        threshold: What it was held against.
    """

    code: str
    text: str
    group: str
    rank: int
    value: Scalar = None
    threshold: Scalar = None

    def body(self) -> dict[str, Scalar]:
        """Give the canonical mapping."""
        return {
            "code": self.code,
            "text": self.text,
            "group": self.group,
            "rank": self.rank,
            "value": self.value,
            "threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it ran on one receivable.

    Attributes:
        check_id: Name of the rule, for example ``F01`` or ``E03``.
        version: Version of the rule's code.
        group: Group as in :class:`Reason`.
        status: Its result.
        code: Reason code when the status is not a pass.
        value: What was found.
        threshold: What it was held against.
        evidence: Ids of the records that show it.
        cause: Why it could not be computed, for errors.
    """

    check_id: str
    version: int
    group: str
    status: Status
    code: str | None = None
    value: Scalar = None
    threshold: Scalar = None
    evidence: tuple[str, ...] = ()
    cause: str | None = None

    def body(self) -> dict[str, object]:
        """Give the canonical mapping."""
        return {
            "check_id": self.check_id,
            "version": self.version,
            "group": self.group,
            "status": self.status.value,
            "code": self.code,
            "value": self.value,
            "threshold": self.threshold,
            "evidence": list(self.evidence),
            "cause": self.cause,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """What one model says about one receivable.

    Attributes:
        model: Name of the model, for example ``payment_lateness``.
        model_hash: Hash of the stored model.
        points: Scorecard points, PDO 20 and 600 at 50:1; more is better.
        probability_ppm: Calibrated probability of the bad outcome in parts per million.
    """

    model: str
    model_hash: str
    points: int
    probability_ppm: int


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit that an approval draws on.

    Attributes:
        kind: ``seller``, ``debtor`` or ``group``.
        id: Whose limit it is.
        limit_minor: The limit in the receivable's currency.
        used_minor: What was drawn before this decision.
    """

    kind: str
    id: str
    limit_minor: int
    used_minor: int

    def body(self) -> dict[str, Scalar]:
        """Give the canonical mapping."""
        return {
            "kind": self.kind,
            "id": self.id,
            "limit_minor": self.limit_minor,
            "used_minor": self.used_minor,
        }


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be said to a counterpart, composed but not sent.

    Attributes:
        kind: Queue kind, for example ``bank.submit``.
        idempotency_key: Same act, same key.
        payload: Body for the counterpart.
    """

    kind: str
    idempotency_key: str
    payload: Mapping[str, object]


@dataclass(frozen=True)
class DecisionCore:
    """The canonical record of one decision.

    Attributes:
        tenant_id: The financier.
        receivable_id: What was decided on.
        seller_id: Who sells it.
        debtor_id: Who owes it.
        as_of: Knowledge time, ISO 8601 UTC with ``Z``.
        requested_minor: Open amount offered, minor units of ``currency``.
        currency: ISO 4217 code.
        due_on: Due date, ISO.
        outcome: The verdict.
        eligible_minor: Part of the requested amount that no eligibility rule takes away.
        ineligible_code: The primary eligibility reason, when one applies.
        grade: 1 (best) to 10 on the master scale.
        pd_ppm: Probability of default within twelve months.
        late_ppm: Probability of payment after the due date.
        points: Points of the default card.
        late_points: Points of the lateness card.
        challenger_late_ppm: The challenger's opinion on ``late_ppm``.
        days_to_pay: The 10, 50 and 90 % quantiles, in days from issue.
        expected_loss_minor: Expected loss on the advance.
        el_bps: Expected loss in basis points of the advance.
        advance_bps: Advance rate in basis points; 0 unless approved or referred.
        advance_minor: What would be paid out.
        price_ppm: Discount for ``tenor_days`` as parts per million of the face.
        price_30d_ppm: The same per 30 days.
        fee_minor: The discount in money.
        tenor_days: Expected days the advance is out.
        valid_hours: How long the offer stands after the decision.
        conditions: Codes of what must hold before payment.
        reasons: Ranked reasons.
        counterfactuals: What would improve the outcome: code and target value.
        limits: Limits an approval draws on.
        checks: Every check that ran, in order.
        fingerprint_exact: HMAC of the receivable.
        fingerprints_near: The near forms.
        policy_hash: Hash of the policy.
        model_hashes: Model name to hash.
        feature_hash: Hash of the canonical feature row.
    """

    tenant_id: str
    receivable_id: str
    seller_id: str
    debtor_id: str
    as_of: str
    requested_minor: int
    currency: str
    due_on: str
    outcome: Outcome
    eligible_minor: int
    ineligible_code: str | None
    grade: int
    pd_ppm: int
    late_ppm: int
    points: int
    late_points: int
    challenger_late_ppm: int
    days_to_pay: tuple[int, int, int]
    expected_loss_minor: int
    el_bps: int
    advance_bps: int
    advance_minor: int
    price_ppm: int
    price_30d_ppm: int
    fee_minor: int
    tenor_days: int
    valid_hours: int
    conditions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    counterfactuals: tuple[tuple[str, str], ...]
    limits: tuple[LimitUse, ...]
    checks: tuple[Check, ...]
    fingerprint_exact: str
    fingerprints_near: tuple[str, ...]
    policy_hash: str
    model_hashes: Mapping[str, str] = field(default_factory=dict)
    feature_hash: str = ""

    def body(self) -> dict[str, object]:
        """Give the canonical mapping: fields by name, nested records as mappings."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["outcome"] = self.outcome.value
        plain["days_to_pay"] = list(self.days_to_pay)
        plain["conditions"] = list(self.conditions)
        plain["reasons"] = [reason.body() for reason in self.reasons]
        plain["counterfactuals"] = [{"code": c, "target": t} for c, t in self.counterfactuals]
        plain["limits"] = [limit.body() for limit in self.limits]
        plain["checks"] = [check.body() for check in self.checks]
        plain["fingerprints_near"] = list(self.fingerprints_near)
        plain["model_hashes"] = dict(self.model_hashes)
        return plain

    def canonical(self) -> bytes:
        """Give the RFC 8785 bytes; equal bytes are equal decisions."""
        return self._canonical

    @cached_property
    def _canonical(self) -> bytes:
        return canonical_json(self.body())

    @cached_property
    def digest(self) -> str:
        """Lower-hex SHA-256 of the canonical bytes."""
        return sha256_hex(self._canonical)
