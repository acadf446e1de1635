"""Questions about decisions, held against the rows they were written from."""

from collections.abc import Callable

from apps import decided
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def test_outcomes_count_every_decision_once(open_for: OpenFor, world: World):
    counts = decided.outcome_counts(open_for("birch"))
    own = [row for row in world.book.decisions if row["tenant_id"] == "birch"]
    assert sum(row.requests for row in counts) == len(own)
    assert [row.outcome for row in counts] == sorted(
        (row.outcome for row in counts), key=["approve", "refer", "reject"].index
    )


def test_reasons_are_counted_for_requests_that_were_not_approved(open_for: OpenFor, world: World):
    own = {row["decision_id"] for row in world.book.decisions if row["tenant_id"] == "alder"}
    expected: dict[str, set[str]] = {}
    for row in world.book.reasons:
        if row["decision_id"] in own:
            expected.setdefault(row["code"], set()).add(row["decision_id"])
    counted = {row.code: row.requests for row in decided.reason_counts(open_for("alder"))}
    assert counted == {code: len(ids) for code, ids in expected.items()}


def test_rows_about_a_table_that_is_missing_are_none(open_for: OpenFor):
    assert decided.rows_about(open_for("alder"), "marts_risk.none", "decision_id", "x") == []


def test_a_general_text_carries_no_values_of_one_request():
    assert decided.general_text("R113", "Payment terms of 120 days exceed 90 days") == (
        "Payment terms of … days exceed … days"
    )
    assert decided.general_text("X999", "as told") == "as told"


def test_the_list_counts_all_that_fit_and_finds_by_part_of_a_name(open_for: OpenFor, world: World):
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    everything = decided.decision_list(open_for("alder"), "", "")
    assert everything.total == len(own) == everything.rows.height
    faces = everything.rows["face_minor"].to_list()
    assert faces == sorted(faces, reverse=True)
    referred = decided.decision_list(open_for("alder"), "refer", "")
    assert referred.total == sum(row["outcome"] == "refer" for row in own)
    number = everything.rows["number"][0]
    assert decided.decision_list(open_for("alder"), "", f" {number.lower()} ").total == 1
    assert decided.decision_list(open_for("alder"), "", "100% ' or 1=1").total == 0


def test_funding_counts_approvals_only(open_for: OpenFor, world: World):
    approved = [
        row
        for row in world.book.decisions
        if (row["tenant_id"], row["outcome"], row["currency"]) == ("alder", "approve", "EUR")
    ]
    funded = decided.funding(open_for("alder"), "EUR")
    assert funded.approvals == len(approved)
    assert funded.advance_minor == sum(row["advance_minor"] for row in approved)
