"""Questions about decisions, held against the rows they were written from."""

from collections.abc import Callable

from apps import decided
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def test_rows_about_a_table_that_is_missing_are_none(open_for: OpenFor):
    assert decided.rows_about(open_for("alder"), "marts_risk.none", "decision_id", "x") == []


def test_a_general_text_carries_no_values_of_one_request():
    assert decided.general_text("R113", "Payment terms of 120 days exceed 90 days") == (
        "Payment terms of … days exceed … days"
    )
    assert decided.general_text("X999", "as told") == "as told"


def test_funding_counts_approvals_only(open_for: OpenFor, world: World):
    approved = [
        row
        for row in world.book.decisions
        if (row["tenant_id"], row["outcome"], row["currency"]) == ("alder", "approve", "EUR")
    ]
    funded = decided.funding(open_for("alder"), "EUR")
    assert funded.approvals == len(approved)
    assert funded.advance_minor == sum(row["advance_minor"] for row in approved)
