"""Worst wins in both lattices, and an error never passes."""

from hypothesis import given
from hypothesis import strategies as st

from models.domain.outcomes import Outcome, Reason, Status

statuses = st.lists(st.sampled_from(list(Status)), max_size=6)


@given(statuses, st.sampled_from(list(Status)))
def test_one_more_check_never_improves_the_verdict(known: list[Status], extra: Status) -> None:
    assert Status.worst([*known, extra]).rank >= Status.worst(known).rank


@given(statuses)
def test_order_of_checks_does_not_change_the_outcome(known: list[Status]) -> None:
    forwards, backwards = Status.worst(known), Status.worst(reversed(known))
    assert Outcome.of(forwards) is Outcome.of(backwards)


def test_an_error_refers() -> None:
    assert Outcome.of(Status.ERROR) is Outcome.REFER
    assert Status.ERROR.rank == Status.REFER.rank


def test_outcomes_are_ordered() -> None:
    assert Outcome.worst([]) is Outcome.APPROVE
    assert Outcome.worst([Outcome.APPROVE, Outcome.REJECT, Outcome.REFER]) is Outcome.REJECT


def test_a_reason_writes_all_its_fields() -> None:
    body = Reason("R101", "Too old", "eligibility", 1, 120, 90).body()
    assert body == {
        "code": "R101",
        "text": "Too old",
        "group": "eligibility",
        "rank": 1,
        "value": 120,
        "threshold": 90,
    }
