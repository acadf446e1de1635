"""How current each source is, judged by the worst of its entities."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from apps import freshness
from apps.access.sign_in import demo_user
from apps.warehouse import Snapshot, latest_publication, open_newest
from tests.apps.operated_world import NOW, operate


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    world = operate(tmp_path_factory.mktemp("operated") / "var")
    with world.ledger() as ledger:
        announced = latest_publication(ledger)
    return open_newest(announced, world.var / "published", demo_user(), "alder")


def test_every_source_is_judged_and_the_worst_comes_first(snapshot: Snapshot):
    found = freshness.sources(freshness.entities(snapshot), NOW)
    assert [(one.connection_id, one.standing) for one in found] == [
        ("bank-1", "failed"),
        ("xero-1", "partial"),
        ("dnb-1", "late"),
        ("sheet", "by hand"),
    ]
    assert found[0].cause == "Look at the source's status page."


def test_age_is_counted_from_the_last_sync_that_ended_well(snapshot: Snapshot):
    bank = freshness.sources(freshness.entities(snapshot), NOW)[0]
    assert NOW - bank.oldest_at == timedelta(hours=30)


def test_a_source_goes_from_current_to_late_to_overdue(snapshot: Snapshot):
    dnb = next(one for one in freshness.entities(snapshot) if one.system == "dnb")
    ended = dnb.finished_at
    assert dnb.standing(ended + timedelta(hours=1)) == "current"
    assert dnb.standing(ended + timedelta(hours=3)) == "late"
    assert dnb.standing(ended + timedelta(hours=7)) == "overdue"


def test_the_windows_are_those_of_the_hourly_schedule(root: Path):
    told = (root / "orchestration" / "automation.py").read_text(encoding="utf-8")
    fail, warn = (
        int(window.total_seconds() // 3600)
        for window in (freshness.OVERDUE_AFTER, freshness.LATE_AFTER)
    )
    assert f"fail_window=timedelta(hours={fail}), warn_window=timedelta(hours={warn})" in told


def test_the_history_counts_back_from_the_newest_sync(snapshot: Snapshot):
    bank = freshness.history(snapshot).filter(connection_id="bank-1")
    assert bank.select("back", "status").rows() == [(1, "failed"), (2, "ok")]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (20, "20 s"), (240, "4 min"), (7_200, "2 h"), (170_000, "47 h"),
     (180_000, "2 days")],
)  # fmt: skip
def test_ages_are_said_as_people_say_them(seconds: int, said: str):
    assert freshness.age_text(timedelta(seconds=seconds)) == said
