"""The ordered checks on one receivable.

    A identity ─► B validity ─► C eligibility ─► S scores ─► F limits

Only a hard rejection in group A stops the row; everything else is collected, so that people see all
reasons at once. Group F needs the advance and therefore runs last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.decisions.eligibility import REASONS
from models.decisions.limits import Exposure, Key
from models.decisions.policy import ELIGIBILITY_RULES, Policy
from models.domain.outcomes import Check, LimitUse, Scalar, Status

VERSION = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One receivable with all that is known about it.

    Attributes:
        receivable_id: What is decided on.
        seller_id: Who sells it.
        debtor_id: Who owes it.
        currency: ISO 4217 code.
        open_minor: Amount offered.
        days_to_due: Days until the due date; negative is past.
        seller_known: The seller is on file with a tax id.
        debtor_known: The debtor is on file.
        has_debtor_tax_id: The debtor has a tax id.
        is_natural_person: The debtor is a person.
        eligible_minor: What eligibility leaves.
        rule: Primary eligibility rule, if any.
        rule_value: What that rule saw.
        repeats: Pairs found in the book: rule, basis, the other receivable.
        fingerprint_exact: HMAC of the receivable.
        fingerprints_near: Near forms.
        risk_grade: 1 to 10.
        paid: Settled invoices of the debtor.
        has_bureau: A bureau report is on file.
        late_points: The champion's points.
        challenger_points: The challenger's.
    """

    receivable_id: str
    seller_id: str
    debtor_id: str
    currency: str
    open_minor: int
    days_to_due: int
    seller_known: bool
    debtor_known: bool
    has_debtor_tax_id: bool
    is_natural_person: bool
    eligible_minor: int
    rule: str | None
    rule_value: Scalar
    repeats: tuple[tuple[str, str, str], ...]
    fingerprint_exact: str
    fingerprints_near: tuple[str, ...]
    risk_grade: int
    paid: int
    has_bureau: bool
    late_points: int
    challenger_points: int


@dataclass
class Financed:
    """Fingerprints of what is already financed; grows with each approval of a fold.

    Attributes:
        exact: Exact forms.
        near: Near forms of both kinds.
    """

    exact: set[str]
    near: set[str]

    def add(self, case: Case) -> None:
        """Remember an approval."""
        self.exact.add(case.fingerprint_exact)
        self.near.update(case.fingerprints_near)


class Checklist:
    """The checks of one policy, its numbers read once.

    Args:
        policy: The policy.
        limits: Every limit of the book, see :func:`models.decisions.limits.limits`.
    """

    def __init__(self, policy: Policy, limits: Mapping[Key, int]) -> None:
        self._limits = limits
        self._identity = {
            name: Status(policy.text(f"identity.{name}"))
            for name in (
                "seller_unknown",
                "debtor_unknown",
                "debtor_tax_id_missing",
                "debtor_natural_person",
            )
        }
        self._statuses = policy.statuses
        self._min_days = policy.whole("eligibility.window.min_days_to_due")
        self._max_terms = policy.whole("eligibility.max_terms_days")
        self._refer = frozenset(policy.items("refer_grades"))
        self._reject = frozenset(policy.items("reject_grades"))
        self._min_settled = policy.whole("thin_file.min_settled")
        self._gap = policy.whole("challenger.max_gap_points")
        currencies = list(policy.rates)
        self._ceilings = {
            c: tuple(policy.minor(g.auto_ceiling, c) for g in policy.grades) for c in currencies
        }
        thin = policy.whole("thin_file.auto_ceiling")
        self._thin_ceiling = {c: policy.minor(thin, c) for c in currencies}
        single = policy.whole("limits.single_invoice")
        self._single = {c: policy.minor(single, c) for c in currencies}
        floor = policy.whole("limits.floor")
        self._floor = {c: policy.minor(floor, c) for c in currencies}

    def is_thin(self, case: Case) -> bool:
        """Tell whether the debtor has too little history and no bureau report."""
        return case.paid < self._min_settled and not case.has_bureau

    def identity(self, case: Case) -> list[Check]:
        """Group A: who the parties are."""
        person = self._identity["debtor_natural_person"]
        return [
            _flag("I01", "identity", case.seller_known, self._identity["seller_unknown"], "R401"),
            _flag("I02", "identity", case.debtor_known, self._identity["debtor_unknown"], "R403"),
            _flag(
                "I03", "identity", case.has_debtor_tax_id,
                self._identity["debtor_tax_id_missing"], "R403",
            ),
            _flag("I04", "identity", not case.is_natural_person, person, "R404"),
        ]  # fmt: skip

    def validity(self, case: Case, financed: Financed) -> list[Check]:
        """Group B: the same receivable twice."""
        exact = tuple(other for rule, _, other in case.repeats if rule == "F01")
        if exact or case.fingerprint_exact in financed.exact:
            first = _hit("F01", "validity", Status.HARD_REJECT, "R201", evidence=exact)
        else:
            first = PASSED["F01"]
        return [first, self._near(case, financed)]

    def eligibility(self, case: Case) -> list[Check]:
        """Group C: the window and the rules of the borrowing base."""
        if case.days_to_due < self._min_days:
            window = _hit(
                "E00", "eligibility", Status.HARD_REJECT, "R120",
                value=case.days_to_due, threshold=self._min_days,
            )  # fmt: skip
        else:
            window = PASSED["E00"]
        rules = (self._rule(case) if r == case.rule else PASSED[r] for r in ELIGIBILITY_RULES)
        return [window, *rules]

    def scores(self, case: Case) -> list[Check]:
        """Group S: grade, thin file, agreement of the models."""
        grade = case.risk_grade
        if grade in self._reject:
            by_grade = _hit("S01", "score", Status.HARD_REJECT, "R602", value=grade)
        elif grade in self._refer:
            by_grade = _hit("S01", "score", Status.REFER, "R601", value=grade)
        else:
            by_grade = Check("S01", VERSION, "score", Status.PASS, value=grade)
        gap = abs(case.late_points - case.challenger_points)
        models = PASSED["S03"]
        if gap > self._gap:
            models = _hit("S03", "score", Status.REFER, "R604", value=gap, threshold=self._gap)
        return [by_grade, models]

    def limits(
        self, case: Case, advance_minor: int, exposure: Exposure
    ) -> tuple[list[Check], tuple[LimitUse, ...]]:
        """Group F: single invoice, ceiling without a person, seller line, debtor limit."""
        currency, thin = case.currency, self.is_thin(case)
        if currency not in self._single:
            return [_hit("L01", "limits", Status.ERROR, "R606", cause="currency has no limits")], ()
        ceiling = self._ceilings[currency][case.risk_grade - 1]
        if thin:
            ceiling = min(ceiling, self._thin_ceiling[currency])
        checks = [
            _most("L01", "R503", case.open_minor, self._single[currency]),
            _most("L02", "R605" if thin else "R504", case.eligible_minor, ceiling),
        ]
        uses = []
        for check_id, code, kind, party in (
            ("L03", "R501", "seller", case.seller_id),
            ("L04", "R502", "debtor", case.debtor_id),
        ):
            key = (kind, party, currency)
            limit = self._limits.get(key, self._floor[currency])
            used = exposure.of_key(key)
            uses.append(LimitUse(kind, party, limit, used))
            checks.append(_most(check_id, code, used + advance_minor, limit))
        return checks, tuple(uses)

    def _near(self, case: Case, financed: Financed) -> Check:
        near = [(basis, other) for rule, basis, other in case.repeats if rule == "F02"]
        evidence = tuple(other for _, other in near)
        bases = {basis for basis, _ in near}
        if "both" in bases:
            return _hit("F02", "validity", Status.HARD_REJECT, "R206", evidence=evidence)
        if "number" in bases:
            return _hit("F02", "validity", Status.REFER, "R204", evidence=evidence)
        if near or not financed.near.isdisjoint(case.fingerprints_near):
            return _hit("F02", "validity", Status.REFER, "R205", evidence=evidence)
        return PASSED["F02"]

    def _rule(self, case: Case) -> Check:
        rule = str(case.rule)
        status = self._statuses[rule] if case.eligible_minor <= 0 else Status.INFO
        if rule != "E13":
            return _hit(rule, "eligibility", status, REASONS[rule], value=case.rule_value)
        terms, most = case.rule_value, self._max_terms
        code = "R116" if isinstance(terms, int) and terms < 0 else REASONS[rule]
        return _hit(rule, "eligibility", status, code, value=terms, threshold=most)


def _hit(
    check_id: str,
    group: str,
    status: Status,
    code: str,
    *,
    value: Scalar = None,
    threshold: Scalar = None,
    evidence: tuple[str, ...] = (),
    cause: str | None = None,
) -> Check:
    return Check(check_id, VERSION, group, status, code, value, threshold, evidence, cause)


def _flag(check_id: str, group: str, ok: bool, status: Status, code: str) -> Check:
    return PASSED[check_id] if ok else _hit(check_id, group, status, code)


def _most(check_id: str, code: str, value: int, limit: int) -> Check:
    if value <= limit:
        return Check(check_id, VERSION, "limits", Status.PASS, None, value, limit)
    return _hit(check_id, "limits", Status.REFER, code, value=value, threshold=limit)


_GROUPS = {"I": "identity", "F": "validity", "E": "eligibility", "S": "score", "L": "limits"}
PASSED = {
    name: Check(name, VERSION, _GROUPS[name[0]], Status.PASS)
    for name in (
        "I01", "I02", "I03", "I04", "F01", "F02", "E00", *ELIGIBILITY_RULES, "S01", "S03", "L01",
    )
}  # fmt: skip
"""Checks that passed and have nothing to tell; shared, since they are values."""
