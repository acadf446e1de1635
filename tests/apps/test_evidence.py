"""Questions about proof, held against the rows they were written from."""

from collections.abc import Callable

from apps import evidence
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def test_control_totals_are_summed_per_currency_and_agree(open_for: OpenFor, world: World):
    snapshot = open_for("alder")
    sums = evidence.control_sums(snapshot)
    own = {s["base_currency"] for s in world.book.sellers if s["tenant_id"] == "alder"}
    assert {row.currency for row in sums} == own
    assert all(row.difference_minor == 0 and row.differing == 0 for row in sums)
    assert all(row.source_minor == row.mart_minor + row.explained_minor for row in sums)
    assert evidence.control_sums(snapshot, "bank") == []


def test_signs_of_duplicates_are_counted_by_what_they_led_to(open_for: OpenFor, world: World):
    own = {row["decision_id"]: row for row in world.book.decisions if row["tenant_id"] == "alder"}
    flagged = [
        own[check["decision_id"]]
        for check in world.book.checks
        if check["decision_id"] in own and check["code"] == "F_NEAR"
    ]
    signal = next(row for row in evidence.signals(open_for("alder")) if row.code == "F_NEAR")
    assert signal.referred == sum(row["outcome"] == "refer" for row in flagged)
    assert signal.stopped == sum(row["outcome"] == "reject" for row in flagged)


def test_receipts_from_strangers_are_a_sign(open_for: OpenFor):
    payer = next(row for row in evidence.signals(open_for("alder")) if row.code == "payer")
    assert payer.noted == payer.seen > 0


def test_every_act_has_its_entry_by_place_and_hash(open_for: OpenFor, world: World):
    found = {row.kind: row for row in evidence.completeness(open_for("alder"))}
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    assert found["decision"].acts == found["decision"].proven == len(own)
    paid = found["payment_instruction"]
    assert paid.acts == paid.proven > 0


def test_rules_that_found_something_are_listed_beside_the_verdict(open_for: OpenFor):
    snapshot = open_for("birch")
    assert [rule.rule for rule in evidence.quality(snapshot)] == ["tax_id_valid"]
    assert evidence.rule_count(snapshot) == 2
    verdict = evidence.verdict(snapshot)
    assert verdict is not None
    assert verdict.is_publishable


def test_entries_are_counted_by_type(open_for: OpenFor):
    assert evidence.entry_counts(open_for("alder"))["model_published"] == 1
