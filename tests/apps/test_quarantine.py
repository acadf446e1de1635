"""What was not taken in, as one tenant sees it."""

from __future__ import annotations

import pytest

from apps import quarantine
from apps.access.sign_in import demo_user
from apps.warehouse import Snapshot, latest_publication, open_newest
from tests.apps.operated_world import HELD_ID, OTHER_ID, Operated, operate


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    world: Operated = operate(tmp_path_factory.mktemp("operated") / "var")
    with world.ledger() as ledger:
        announced = latest_publication(ledger)
    return open_newest(announced, world.var / "published", demo_user(), "alder")


def test_what_waits_is_grouped_by_reason(snapshot: Snapshot):
    found = {one.reason_code: one.records for one in quarantine.held(snapshot)}
    assert found == {"date_unreadable": 1, "truncated": 1}


def test_everything_read_is_held_against_what_waits_and_what_was_mended(snapshot: Snapshot):
    taken = quarantine.taken(snapshot)
    assert (taken.read, taken.held, taken.mended, taken.superseded) == (1750, 2, 1, 0)


@pytest.mark.parametrize(
    ("asked", "number"),
    [(("", "", "", ""), 3), (("open", "", "", ""), 2), (("resolved", "", "", ""), 1),
     (("", "truncated", "", ""), 1), (("", "", "elsewhere", ""), 0), (("", "", "", "INV-8"), 1)],
)  # fmt: skip
def test_records_are_filtered_and_counted_alike(snapshot: Snapshot, asked, number):
    assert quarantine.record_count(snapshot, *asked) == number
    assert quarantine.records(snapshot, *asked, 10, 0).height == number


def test_a_page_of_records_begins_where_the_last_ended(snapshot: Snapshot):
    whole = quarantine.records(snapshot, "", "", "", "", 10, 0)["quarantine_id"].to_list()
    parts = [
        quarantine.records(snapshot, "", "", "", "", 1, n)["quarantine_id"][0] for n in range(3)
    ]
    assert parts == whole


def test_a_record_of_another_tenant_is_not_there(snapshot: Snapshot):
    assert quarantine.record(snapshot, HELD_ID) is not None
    assert quarantine.record(snapshot, OTHER_ID) is None


def test_a_snapshot_holds_no_bytes(snapshot: Snapshot):
    assert "raw_text" not in (quarantine.record(snapshot, HELD_ID) or {})


def test_an_unlisted_reason_is_shown_by_its_code():
    assert quarantine.reason_text("brand_new_reason") == "Brand new reason"
