"""Questions about risk, held against the rows they were written from."""

from collections.abc import Callable

from apps import risk
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def euros(world: World) -> list[dict]:
    return [
        row
        for row in world.book.decisions
        if (row["tenant_id"], row["currency"]) == ("alder", "EUR")
    ]


def test_the_outlook_is_what_the_decisions_state(open_for: OpenFor, world: World):
    own = euros(world)
    advanced = [row for row in own if row["outcome"] == "approve"]
    found = risk.outlook(open_for("alder"), "EUR")
    assert found.requests == len(own)
    assert found.face_minor == sum(row["face_minor"] for row in own)
    assert found.late_minor == sum(row["face_minor"] * 310_000 for row in own) // 1_000_000
    assert found.advance_minor == sum(row["advance_minor"] for row in advanced)
    assert (
        found.loss_minor == sum(row["advance_minor"] * row["el_bps"] for row in advanced) // 10_000
    )


def test_grades_add_up_to_the_whole_and_can_be_looked_at_alone(open_for: OpenFor, world: World):
    snapshot = open_for("alder")
    graded = risk.by_grade(snapshot, "EUR")
    assert [row.grade for row in graded] == sorted({row["grade"] for row in euros(world)})
    assert sum(row.face_minor for row in graded) == risk.outlook(snapshot, "EUR").face_minor
    one = graded[0]
    assert risk.outlook(snapshot, "EUR", grade=str(one.grade)).requests == one.requests
    assert risk.outlook(snapshot, "EUR", grade="x' or 1=1").requests == 0


def test_debtors_are_listed_with_the_bureaus_word_a_page_at_a_time(open_for: OpenFor):
    snapshot = open_for("alder")
    total = risk.debtor_count(snapshot, "EUR")
    everyone = risk.debtors(snapshot, "EUR", "", "", total, 0)
    assert len(everyone) == total
    assert [row.open_minor for row in everyone] == sorted(
        (row.open_minor for row in everyone), reverse=True
    )
    assert risk.debtors(snapshot, "EUR", "", "", 5, 5) == everyone[5:10]
    person = next(row for row in everyone if row.label.startswith("Private person"))
    assert "not part of published snapshots" in str(person.note)
    assert all(row.paydex is not None for row in everyone)
