"""The list of decisions, held against the rows it was written from."""

from collections.abc import Callable

from apps import decision_list
from apps.decision_list import Narrowed
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def total(snapshot: Snapshot, **narrowed: str) -> int:
    return sum(row.requests for row in decision_list.counts(snapshot, Narrowed(**narrowed)))


def test_counts_hold_every_decision_once(open_for: OpenFor, world: World):
    own = [row for row in world.book.decisions if row["tenant_id"] == "birch"]
    assert total(open_for("birch")) == len(own)


def test_reasons_are_counted_for_requests_that_were_not_approved(open_for: OpenFor, world: World):
    own = {row["decision_id"] for row in world.book.decisions if row["tenant_id"] == "alder"}
    expected: dict[str, set[str]] = {}
    for row in world.book.reasons:
        if row["decision_id"] in own:
            expected.setdefault(row["code"], set()).add(row["decision_id"])
    counted = decision_list.reasons(open_for("alder"), Narrowed())
    assert {row.code: row.requests for row in counted} == {
        code: len(ids) for code, ids in expected.items()
    }
    assert all(row.referred + row.rejected == row.requests for row in counted)


def test_every_filter_narrows_and_all_of_them_together(open_for: OpenFor, world: World):
    snapshot = open_for("alder")
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    one = next(row for row in own if row["outcome"] == "refer")
    reason = next(r for r in world.book.reasons if r["decision_id"] == one["decision_id"])
    for name, column in (("outcome", "outcome"), ("seller", "seller_id"), ("grade", "grade")):
        fitting = sum(row[column] == one[column] for row in own)
        assert total(snapshot, **{name: str(one[column])}) == fitting
    assert total(
        snapshot,
        outcome="refer",
        seller=one["seller_id"],
        currency=one["currency"],
        grade=str(one["grade"]),
        reason=reason["code"],
    )


def test_pages_follow_one_another_in_order_of_face_value(open_for: OpenFor):
    snapshot = open_for("alder")
    everything = decision_list.rows(snapshot, Narrowed(), None, 0)
    faces = everything["face_minor"].to_list()
    assert faces == sorted(faces, reverse=True)
    second = decision_list.rows(snapshot, Narrowed(), 10, 10)
    assert second["decision_id"].to_list() == everything["decision_id"].to_list()[10:20]


def test_text_is_searched_in_numbers_and_names_and_is_no_sql(open_for: OpenFor):
    snapshot = open_for("alder")
    number = decision_list.rows(snapshot, Narrowed(), 1, 0)["number"][0]
    assert total(snapshot, text=f" {number.lower()} ") == 1
    assert total(snapshot, text="100% ' or 1=1") == 0
    assert total(snapshot, grade="x' or 1=1") == 0
