"""Reasons are ranked by severity and explain the outcome."""

from hypothesis import given
from hypothesis import strategies as st

from models.decisions.outcome import REASONS_SHOWN, counterfactuals, outcome, reasons
from models.domain.outcomes import Check, Outcome, Status

INFO = Check("E17", 1, "eligibility", Status.INFO, "R117")
REFER = Check("L04", 1, "limits", Status.REFER, "R502", 90, 80)
REJECT = Check("F01", 1, "validity", Status.HARD_REJECT, "R201")
PASS = Check("I01", 1, "identity", Status.PASS)
SCORED = [("R305", 23_400, 12), ("R302", 700_000, 8)]
checks = st.lists(st.sampled_from([INFO, REFER, REJECT, PASS]), max_size=6)


@given(checks)
def test_the_worst_check_decides(found: list[Check]) -> None:
    expected = Outcome.APPROVE
    if REFER in found:
        expected = Outcome.REFER
    if REJECT in found:
        expected = Outcome.REJECT
    assert outcome(found) is expected


def test_rejections_come_before_referrals_before_scores() -> None:
    ranked = reasons([INFO, REFER, REJECT], SCORED, Outcome.REJECT)
    assert [r.code for r in ranked] == ["R201", "R502", "R117", "R305", "R302"]
    assert [r.rank for r in ranked] == [1, 2, 3, 4, 5]


def test_days_are_told_as_days() -> None:
    (first, *_) = reasons([PASS], SCORED, Outcome.REFER)
    assert first.text == "Customer pays on average 23 days late"


def test_an_approval_does_not_list_what_scores_cost_beside_checks() -> None:
    assert [r.code for r in reasons([INFO], SCORED, Outcome.APPROVE)] == ["R117"]


@given(checks)
def test_no_more_reasons_than_people_read(found: list[Check]) -> None:
    scored = [(f"R30{i}", i, 9) for i in (1, 2, 3, 4, 5, 6, 7, 8, 9)]
    assert len(reasons(found, scored, Outcome.REFER)) <= REASONS_SHOWN


def test_counterfactuals_name_reachable_targets() -> None:
    assert counterfactuals([REJECT, REFER]) == (("R502", "80"),)
