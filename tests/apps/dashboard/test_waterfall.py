"""The waterfall's steps join: each begins where the one before ended, and what is left is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.dashboard.waterfall import Step, placed


def rows(whole: int, taken: list[int]) -> list[dict[str, object]]:
    left = Step("Eligible", whole - sum(taken))
    steps = [Step(f"Rule {place}", minor) for place, minor in enumerate(taken)]
    return placed(Step("Invoices", whole), steps, left, "EUR")


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.integers(0, 10**9))
def test_steps_join_from_the_whole_to_what_is_left(taken: list[int], left: int):
    whole = sum(taken) + left
    drawn = rows(whole, taken)
    assert (drawn[0]["start"], drawn[0]["end"]) == (0, whole)
    reached = whole
    for row in drawn[1:-1]:
        assert row["end"] == reached
        reached = row["start"]
    assert (drawn[-1]["start"], drawn[-1]["end"]) == (0, reached)
    assert reached == left


def test_what_is_taken_off_is_written_with_a_minus():
    drawn = rows(100_000, [40_000])
    assert drawn[1]["exact"] == "− EUR 400.00"
    assert drawn[2]["shown"] == "600"
