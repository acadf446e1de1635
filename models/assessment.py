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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from models.book import Book, Facts
from models.decisions.advance import PD_FLOOR_PPM, AdvanceTerms, advance_bps, grade
from models.decisions.checks import Case, Checklist, Financed
from models.decisions.limits import Exposure
from models.decisions.outcome import counterfactuals, outcome, reasons
from models.decisions.policy import Policy
from models.domain.canonical import sha256_hex
from models.domain.errors import InvalidFacts
from models.domain.outcomes import Check, DecisionCore, LimitUse, Outcome, Scalar, Status
from models.features.contract import FEATURES
from models.features.fingerprints import receivable_fingerprints
from models.pricing.price import Price, PriceTerms, price
from models.scores.scoring import ScoreModels

__all__ = ["Assessments", "Book", "Facts", "assess"]

BUREAU = ("failure_percentile", "delinquency_percentile", "paydex")
"""Columns of ``dim_debtors`` that scores may read beside the features."""

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
    """Decisions in canonical order and the frames they stand on, rows in the same order.

    Attributes:
        cores: One decision per request.
        features: ``tenant_id, receivable_id, as_of, feature_hash``, features, bureau columns.
        scores: ``tenant_id`` and the columns of ``scores.scoring.SCHEMA``.
        fingerprints: ``features.fingerprints.SCHEMA``.
    """

    cores: tuple[DecisionCore, ...]
    features: pl.DataFrame
    scores: pl.DataFrame
    fingerprints: pl.DataFrame

    @property
    def checks(self) -> pl.DataFrame:
        """Every check that ran, one row each: ``CHECKS_SCHEMA``."""
        rows = [
            (core.tenant_id, core.receivable_id, position, *_check_row(check))
            for core in self.cores
            for position, check in enumerate(core.checks, 1)
        ]
        return pl.DataFrame(rows, schema=CHECKS_SCHEMA, orient="row")


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
        book: Prepared from the same history and policy; computed when absent.

    Raises:
        InvalidFacts: A request is not in the history, or a tenant has no key.
    """
    shared = book or Book.of(facts, policy)
    requests = facts.requests.sort("requested_at", "receivable_id")
    features = _features(requests, facts, shared)
    scored = scores.score(features)
    prints = receivable_fingerprints(requests, fingerprint_keys)
    fold = _Fold(facts, shared, policy, scores)
    cores = tuple(
        fold.decide(case, row, score, feature_hash)
        for case, row, score, feature_hash in _cases(
            requests, features, scored, prints, facts, shared
        )
    )
    tenants = requests["tenant_id"]
    return Assessments(
        cores=cores,
        features=features.insert_column(0, tenants),
        scores=scored.insert_column(0, tenants),
        fingerprints=prints,
    )


class _Fold:
    """The running state: exposure and fingerprints of what was approved so far."""

    def __init__(self, facts: Facts, book: Book, policy: Policy, scores: ScoreModels) -> None:
        self._book = book
        self._checklist = Checklist(policy, book.limits)
        self._advance = AdvanceTerms.of(policy)
        self._price = _price_terms(policy)
        self._min_tenor = policy.whole("pricing.min_tenor_days")
        self._valid_hours = policy.whole("offer.valid_hours")
        self._conditions = tuple(str(c) for c in policy.items("offer.conditions"))
        self._policy_hash = policy.hash
        self._model_hashes = dict(scores.hashes)
        self._exposure = Exposure.of(facts.exposures)
        self._financed = Financed(set(facts.financed), set(facts.financed_near))
        self._as_of = _text(facts.as_of)
        self._today = facts.as_of.date()
        self._base_currency = dict(facts.sellers.select("seller_id", "base_currency").iter_rows())

    def decide(
        self, case: Case, row: Mapping[str, Any], score: Mapping[str, Any], feature_hash: str
    ) -> DecisionCore:
        """Decide one request and draw on the limits when it is approved."""
        tenor = self._tenor(row, score)
        checks = self._checklist.identity(case)
        stopped = outcome(checks) is Outcome.REJECT
        rate, advance, offer = (
            0,
            0,
            price(self._price, advance_minor=0, face_minor=0, days=1, pd_ppm=0),
        )
        uses: tuple[LimitUse, ...] = ()
        if not stopped:
            checks += self._checklist.validity(case, self._financed)
            checks += self._checklist.eligibility(case)
            checks += self._checklist.scores(case)
            rate = self._rate(case, row, tenor)
            checks.append(_economic(rate, case))
            advance = max(case.eligible_minor, 0) * rate // 10_000
            offer = self._offer(case, score, advance, tenor)
            limit_checks, uses = self._checklist.limits(case, advance, self._exposure)
            checks += limit_checks
        verdict = outcome(checks)
        if verdict is Outcome.REJECT:
            rate, advance = 0, 0
            offer = price(self._price, advance_minor=0, face_minor=0, days=1, pd_ppm=0)
        if verdict is Outcome.APPROVE:
            self._draw(case, uses, advance)
        return self._core(
            case, row, score, feature_hash, checks, verdict, (rate, advance, tenor), offer, uses
        )

    def _core(
        self,
        case: Case,
        row: Mapping[str, Any],
        score: Mapping[str, Any],
        feature_hash: str,
        checks: list[Check],
        verdict: Outcome,
        terms: tuple[int, int, int],
        offer: Price,
        uses: tuple[LimitUse, ...],
    ) -> DecisionCore:
        scored = list(
            zip(
                score["reason_codes"], score["reason_values"], score["reason_points_lost"],
                strict=True,
            )
        )  # fmt: skip
        rate, advance, tenor = terms
        approved = verdict is not Outcome.REJECT
        return DecisionCore(
            tenant_id=row["tenant_id"],
            receivable_id=case.receivable_id,
            seller_id=case.seller_id,
            debtor_id=case.debtor_id,
            as_of=self._as_of,
            requested_minor=case.open_minor,
            currency=case.currency,
            due_on=_due(row).isoformat(),
            outcome=verdict,
            eligible_minor=case.eligible_minor,
            ineligible_code=_primary(checks),
            grade=case.risk_grade,
            pd_ppm=max(score["default_ppm"], PD_FLOOR_PPM),
            late_ppm=score["late_ppm"],
            points=score["default_points"],
            late_points=score["late_points"],
            challenger_late_ppm=score["challenger_late_ppm"],
            days_to_pay=(
                score["days_to_pay_p10"], score["days_to_pay_p50"], score["days_to_pay_p90"],
            ),
            expected_loss_minor=offer.expected_loss_minor,
            el_bps=offer.el_bps,
            advance_bps=rate,
            advance_minor=advance,
            price_ppm=offer.price_ppm,
            price_30d_ppm=offer.price_30d_ppm,
            fee_minor=offer.fee_minor,
            tenor_days=tenor,
            valid_hours=self._valid_hours if approved else 0,
            conditions=self._conditions if approved else (),
            reasons=reasons(checks, scored, verdict),
            counterfactuals=counterfactuals(checks) if verdict is not Outcome.APPROVE else (),
            limits=uses,
            checks=tuple(checks),
            fingerprint_exact=case.fingerprint_exact,
            fingerprints_near=case.fingerprints_near,
            policy_hash=self._policy_hash,
            model_hashes=self._model_hashes,
            feature_hash=feature_hash,
        )  # fmt: skip

    def _draw(self, case: Case, uses: tuple[LimitUse, ...], advance: int) -> None:
        for use in uses:
            self._exposure.add((use.kind, use.id, case.currency), advance)
        self._financed.add(case)

    def _tenor(self, row: Mapping[str, Any], score: Mapping[str, Any]) -> int:
        """Give the days until payment is expected, the policy's minimum at least."""
        expected = score["days_to_pay_p50"] - (self._today - row["issued_on"]).days
        return max(self._min_tenor, int(expected))

    def _rate(self, case: Case, row: Mapping[str, Any], tenor: int) -> int:
        own = self._base_currency.get(case.seller_id)
        return advance_bps(
            self._advance,
            risk_grade=case.risk_grade,
            is_thin=self._checklist.is_thin(case),
            dilution_bps=self._dilution(case) // 100,
            tenor_days=tenor,
            is_foreign_currency=own is not None and own != case.currency,
            paid=case.paid,
            is_verified=bool(row.get("has_purchase_order")),
        )

    def _dilution(self, case: Case) -> int:
        key = (case.seller_id, case.debtor_id, case.currency)
        return min(self._book.dilution_ppm.get(key, 0), 1_000_000)

    def _offer(self, case: Case, score: Mapping[str, Any], advance: int, tenor: int) -> Price:
        return price(
            self._price,
            advance_minor=advance,
            face_minor=max(case.eligible_minor, 0),
            days=tenor,
            pd_ppm=max(score["default_ppm"], PD_FLOOR_PPM),
            dilution_ppm=self._dilution(case),
        )


def _features(requests: pl.DataFrame, facts: Facts, book: Book) -> pl.DataFrame:
    """Give features, bureau columns, hash and time, one row per request in order."""
    features = book.past.features(requests, facts.as_of)
    known = [name for name in BUREAU if name in facts.debtors.columns]
    bureau = requests.select("debtor_id").join(
        facts.debtors.select("debtor_id", *(pl.col(n).cast(pl.Int64) for n in known)).unique(
            "debtor_id", keep="first", maintain_order=True
        ),
        on="debtor_id",
        how="left",
        maintain_order="left",
    )
    missing = [pl.lit(None, dtype=pl.Int64).alias(n) for n in BUREAU if n not in known]
    together = pl.concat([features, bureau.drop("debtor_id")], how="horizontal").with_columns(
        missing
    )
    names = sorted((*FEATURES, *BUREAU))
    return together.select(
        "receivable_id",
        pl.lit(facts.as_of.astimezone(UTC)).cast(pl.Datetime("us", "UTC")).alias("as_of"),
        pl.Series("feature_hash", list(_hashes(together.select(names)))),
        *FEATURES,
        *BUREAU,
    )


def _hashes(features: pl.DataFrame) -> Iterator[str]:
    """Hash each row's canonical JSON; integers and nulls need no escaping."""
    heads = [f'"{name}":' for name in features.columns]
    for row in features.iter_rows():
        pairs = (
            head + ("null" if v is None else str(v)) for head, v in zip(heads, row, strict=True)
        )
        yield sha256_hex(("{" + ",".join(pairs) + "}").encode())


def _cases(
    requests: pl.DataFrame,
    features: pl.DataFrame,
    scored: pl.DataFrame,
    prints: pl.DataFrame,
    facts: Facts,
    book: Book,
) -> Iterator[tuple[Case, Mapping[str, Any], Mapping[str, Any], str]]:
    sellers = set(facts.sellers.filter(pl.col("tax_id").is_not_null())["seller_id"].to_list())
    debtors = {
        debtor: (bool(tax_id), bool(person), duns is not None)
        for debtor, tax_id, person, duns in facts.debtors.select(
            "debtor_id", "tax_id", "is_natural_person", _bureau_column(facts.debtors)
        ).iter_rows()
    }
    today = facts.as_of.date()
    rows = requests.iter_rows(named=True)
    paid = features["n_paid_all"].to_list()
    hashes = features["feature_hash"].to_list()
    columns = zip(rows, scored.iter_rows(named=True), prints.iter_rows(), paid, hashes, strict=True)
    for row, score, (rid, exact, near_date, near_number), settled, feature_hash in columns:
        found = debtors.get(row["debtor_id"])
        has_tax_id, is_person, has_bureau = found or (False, False, False)
        eligible, rule = _eligible(book, row)
        yield (
            Case(
                receivable_id=rid,
                seller_id=row["seller_id"],
                debtor_id=row["debtor_id"],
                currency=row["currency"],
                open_minor=row["open_minor"],
                days_to_due=(_due(row) - today).days,
                seller_known=row["seller_id"] in sellers,
                debtor_known=found is not None,
                has_debtor_tax_id=has_tax_id,
                is_natural_person=is_person,
                eligible_minor=eligible,
                rule=rule,
                rule_value=_rule_value(rule, row, today),
                repeats=book.repeats.get(rid, ()),
                fingerprint_exact=exact,
                fingerprints_near=(near_date, near_number),
                risk_grade=grade(max(score["default_ppm"], PD_FLOOR_PPM)),
                paid=settled,
                has_bureau=has_bureau,
                late_points=score["late_points"],
                challenger_points=score["challenger_late_points"],
            ),
            row,
            score,
            feature_hash,
        )


def _eligible(book: Book, row: Mapping[str, Any]) -> tuple[int, str | None]:
    rid = row["receivable_id"]
    found = book.eligible.get(rid)
    if found is None:
        if row["open_minor"]:
            raise InvalidFacts(f"receivable {rid} is requested but not in the history")
        return 0, "E01"
    amount, rule = found
    return amount, rule or (None if amount > 0 else "E01")


def _rule_value(rule: str | None, row: Mapping[str, Any], today: date) -> Scalar:
    if rule == "E03":
        return int((today - row["issued_on"]).days)
    if rule == "E13":
        return int((_due(row) - row["issued_on"]).days)
    if rule == "E15":
        return str(row["currency"])
    if rule == "E10":
        return int(row["disputed_minor"] or 0)
    return str(row["status"]) if rule == "E01" else None


def _due(row: Mapping[str, Any]) -> date:
    due: date | None = row["due_on"]
    if due is not None:
        return due
    issued: date = row["issued_on"]
    return date.fromordinal(issued.toordinal() + int(row["terms_days"] or 30))


def _bureau_column(debtors: pl.DataFrame) -> pl.Expr:
    known = [pl.col(n) for n in BUREAU if n in debtors.columns]
    return pl.coalesce(known).alias("bureau") if known else pl.lit(None).alias("bureau")


def _economic(rate: int, case: Case) -> Check:
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


def _price_terms(policy: Policy) -> PriceTerms:
    names = (
        "cost_of_funds", "lgd", "opex_fixed", "opex_rate", "capital_ratio", "return_on_equity",
        "tax", "margin", "min_price_30d",
    )  # fmt: skip
    return PriceTerms(
        **{name: policy.rate(f"pricing.{name}") for name in names},
        funding_days=policy.whole("pricing.funding_day_count"),
        year_days=policy.whole("pricing.year_days"),
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
