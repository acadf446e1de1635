"""Each check names what it saw; only what the policy rejects rejects."""

import dataclasses
from typing import Any

import pytest

from models.decisions.checks import Case, Checklist, Financed
from models.decisions.limits import Exposure
from models.decisions.policy import Policy
from models.domain.outcomes import Check, Outcome, Status

SOUND = Case(
    receivable_id="r1",
    seller_id="s1",
    debtor_id="d1",
    currency="EUR",
    open_minor=100_000,
    days_to_due=20,
    seller_known=True,
    debtor_known=True,
    has_debtor_tax_id=True,
    is_natural_person=False,
    eligible_minor=100_000,
    rule=None,
    rule_value=None,
    repeats=(),
    fingerprint_exact="e",
    fingerprints_near=("n1", "n2"),
    risk_grade=2,
    paid=20,
    has_bureau=True,
    late_points=550,
    challenger_points=555,
)
LIMITS = {("seller", "s1", "EUR"): 1_000_000, ("debtor", "d1", "EUR"): 500_000}


@pytest.fixture
def checklist(policy: Policy) -> Checklist:
    return Checklist(policy, LIMITS)


def run(checklist: Checklist, financed: Financed | None = None, **changes: Any) -> dict[str, Check]:
    case = dataclasses.replace(SOUND, **changes)
    checks = [
        *checklist.identity(case),
        *checklist.validity(case, financed or Financed(set(), set())),
        *checklist.eligibility(case),
        *checklist.scores(case),
        *checklist.limits(case, 80_000, Exposure())[0],
    ]
    return {check.check_id: check for check in checks}


def test_a_sound_case_passes_everything(checklist: Checklist) -> None:
    assert {c.status for c in run(checklist).values()} == {Status.PASS}


@pytest.mark.parametrize(
    ("changes", "check_id", "status", "code"),
    [
        ({"seller_known": False}, "I01", Status.REFER, "R401"),
        ({"debtor_known": False}, "I02", Status.REFER, "R403"),
        ({"has_debtor_tax_id": False}, "I03", Status.INFO, "R403"),
        ({"is_natural_person": True}, "I04", Status.REFER, "R404"),
        ({"repeats": (("F01", "exact", "x"),)}, "F01", Status.HARD_REJECT, "R201"),
        ({"repeats": (("F02", "number", "x"),)}, "F02", Status.REFER, "R204"),
        ({"repeats": (("F02", "amount", "x"),)}, "F02", Status.REFER, "R205"),
        ({"repeats": (("F02", "both", "x"),)}, "F02", Status.HARD_REJECT, "R206"),
        ({"days_to_due": 0}, "E00", Status.HARD_REJECT, "R120"),
        ({"rule": "E03", "eligible_minor": 0}, "E03", Status.HARD_REJECT, "R101"),
        ({"rule": "E17", "eligible_minor": 0}, "E17", Status.REFER, "R117"),
        ({"rule": "E17", "eligible_minor": 5}, "E17", Status.INFO, "R117"),
        ({"risk_grade": 7}, "S01", Status.REFER, "R601"),
        ({"risk_grade": 9}, "S01", Status.HARD_REJECT, "R602"),
        ({"challenger_points": 500}, "S03", Status.REFER, "R604"),
        ({"open_minor": 10**12}, "L01", Status.REFER, "R503"),
        ({"eligible_minor": 30_000_000}, "L02", Status.REFER, "R504"),
        (
            {"eligible_minor": 3_000_000, "paid": 0, "has_bureau": False},
            "L02", Status.REFER, "R605",
        ),
        ({"currency": "XXX"}, "L01", Status.ERROR, "R606"),
    ],
)  # fmt: skip
def test_each_fault_hits_its_own_check(
    checklist: Checklist, changes: dict[str, Any], check_id: str, status: Status, code: str
) -> None:
    found = run(checklist, **changes)[check_id]
    assert (found.status, found.code) == (status, code)


def test_financed_fingerprints_reject_exact_and_refer_near(checklist: Checklist) -> None:
    assert run(checklist, Financed({"e"}, set()))["F01"].status is Status.HARD_REJECT
    assert run(checklist, Financed(set(), {"n2"}))["F02"].status is Status.REFER


def test_evidence_names_the_other_receivable(checklist: Checklist) -> None:
    found = run(checklist, repeats=(("F02", "number", "x"), ("F02", "amount", "y")))["F02"]
    assert found.evidence == ("x", "y")


def test_a_limit_is_met_exactly_and_not_exceeded(checklist: Checklist) -> None:
    exposure = Exposure.of([("debtor", "d1", "EUR", 420_000)])
    checks, uses = checklist.limits(SOUND, 80_000, exposure)
    assert Status.worst(c.status for c in checks) is Status.PASS
    over, _ = checklist.limits(SOUND, 80_001, exposure)
    assert [c.code for c in over if c.status is Status.REFER] == ["R502"]
    assert [(u.kind, u.limit_minor, u.used_minor) for u in uses] == [
        ("seller", 1_000_000, 0),
        ("debtor", 500_000, 420_000),
    ]


def test_an_unknown_currency_never_passes(checklist: Checklist) -> None:
    checks, uses = checklist.limits(dataclasses.replace(SOUND, currency="XXX"), 1, Exposure())
    assert Outcome.of(Status.worst(c.status for c in checks)) is Outcome.REFER
    assert uses == ()


def test_terms_that_end_before_they_begin_have_a_reason_of_their_own(checklist: Checklist) -> None:
    before = run(checklist, rule="E13", rule_value=-5, eligible_minor=0)["E13"]
    longer = run(checklist, rule="E13", rule_value=120, eligible_minor=0)["E13"]
    assert (before.code, longer.code) == ("R116", "R113")
