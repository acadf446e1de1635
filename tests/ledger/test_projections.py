"""Current state follows the entries, and can be made anew from them at any time."""

import pytest

from ledger.entry import Actor
from ledger.projections import TABLE_OF
from ledger.schema import PROJECTIONS
from ledger.verify import verify

ANNA = Actor("person", "anna")
STORIES = [
    ("commands", "command_id", "command", "command_status"),
    ("decisions", "decision_id", "decision", "override"),
    ("submissions", "request_id", "bank_submission", "bank_reply"),
    ("payments", "end_to_end_id", "payment_instruction", "payment_status"),
    ("messages", "message_id", "message", "message_status"),
    ("grants", "grant_id", "grant", "grant_revoked"),
]


def everything(ledger):
    states = {name: ledger.projection(name) for name in PROJECTIONS}
    return states, ledger.exposures("alder"), ledger.reserved("alder")


@pytest.mark.parametrize(("name", "field", "begins", "continues"), STORIES)
def test_later_entries_win_field_by_field(any_ledger, make_entry, name, field, begins, continues):
    first = any_ledger.append(make_entry(begins, {field: "x", "status": "new", "amount_minor": 7}))
    any_ledger.append(make_entry(continues, {field: "x", "status": "seen"}))
    last = any_ledger.append(make_entry(continues, {field: "x", "status": "done", "by": "b"}))
    [state] = any_ledger.projection(name, tenant_id="alder")
    assert (state["status"], state["amount_minor"], state["by"]) == ("done", 7, "b")
    assert (state["entry_index"], state["last_index"], state["entry_count"]) == (0, 2, 3)
    assert (state["key"], state["leaf_hash"]) == ("x", first.leaf_hash.hex())
    assert state["updated_at"] == last.recorded_at.isoformat(timespec="microseconds").replace(
        "+00:00", "Z"
    )


def test_tenants_and_keys_are_kept_apart(any_ledger, make_entry):
    for tenant in ("alder", "birch"):
        for number in range(3):
            body = {"decision_id": f"d{number}", "outcome": tenant}
            any_ledger.append(make_entry("decision", body, tenant_id=tenant))
    body = {"decision_id": "d1", "outcome": "reject"}
    any_ledger.append(make_entry("override", body, tenant_id="birch"))

    def outcomes(**asked):
        return [state["outcome"] for state in any_ledger.projection("decisions", **asked)]

    assert outcomes(tenant_id="alder") == ["alder"] * 3
    assert outcomes(tenant_id="birch", key="d1") == ["reject"]
    assert outcomes(key="d1") == ["alder", "reject"]
    assert outcomes(key="d9") == []
    assert [state["key"] for state in any_ledger.projection("decisions", limit=2)] == ["d1", "d2"]


def test_a_story_may_begin_with_what_usually_continues(ledger, make_entry):
    ledger.append(make_entry("bank_reply", {"request_id": "q", "status": "approved"}))
    ledger.append(make_entry("bank_reply", {"request_id": "q", "status": "declined"}))
    [state] = ledger.projection("submissions")
    assert (state["status"], state["entry_count"]) == ("declined", 2)


def test_a_second_beginning_is_a_second_story(ledger, make_entry):
    for outcome in ("reject", "approve"):
        ledger.append(make_entry("decision", {"decision_id": "d", "outcome": outcome}))
    ledger.append(make_entry("override", {"decision_id": "d", "outcome": "refer"}))
    assert [state["outcome"] for state in ledger.projection("decisions")] == ["reject", "refer"]


def test_one_batch_may_hold_a_whole_story(any_ledger, make_entry):
    payment = {"end_to_end_id": "e", "status": "RCVD"}
    any_ledger.append_many(
        [
            make_entry("payment_instruction", payment),
            make_entry("payment_status", {**payment, "status": "ACSC"}),
        ]
    )
    assert any_ledger.projection("payments")[0]["status"] == "ACSC"


def test_a_transaction_sees_its_own_entries(ledger, make_entry):
    with ledger.transaction() as tx:
        tx.append(make_entry("decision", {"decision_id": "d"}))
        assert tx.projection("decisions", key="d")[0]["entry_index"] == 0
        assert tx.size == 1


def test_every_type_belongs_to_a_table():
    assert set(TABLE_OF.values()) == set(PROJECTIONS)


def test_what_was_made_anew_from_entries_is_the_same_also_after_erasure(
    any_ledger, any_url, make_entry, make_reservation
):
    for number in range(4):
        decision = {"decision_id": f"d{number}", "outcome": "approve"}
        with any_ledger.transaction() as tx:
            tx.append(
                make_entry(
                    "decision",
                    decision,
                    subjects=(f"r{number}",),
                    private=b"a name",
                    subject_key_id=f"p{number % 2}",
                )
            )
            tx.reserve(make_reservation(f"r{number}", fingerprints_near=(f"n{number}",)))
    any_ledger.append(make_entry("override", {"decision_id": "d1", "outcome": "reject"}))
    with any_ledger.transaction() as tx:
        tx.release("r1")
        tx.release("r2", keep_fingerprint=True)
    any_ledger.erase("alder", "p1", by=ANNA, case="case 7")
    before, root = everything(any_ledger), any_ledger.root()
    any_ledger.rebuild()
    assert everything(any_ledger) == before
    assert any_ledger.root() == root
    assert [found.index for found in any_ledger.entries(subject="r1")] == [2, 3, 9]
    report = verify(any_url)
    assert report.ok, report.problems
