"""Heartbeats: the newest beat of each process, and nothing of them in the log."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.heartbeats import STOPPED, Heartbeat

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def beat():
    """Make a heartbeat; what is left out does not matter to the test."""

    def make(instance="host:1", at=None, **changes) -> Heartbeat:
        at = at or datetime.now(UTC)
        fields = {"process": "worker", "doing": "idle", "doing_since": at, "counters": {}}
        return Heartbeat(instance=instance, started_at=at, beat_at=at, **{**fields, **changes})

    return make


def test_the_newest_beat_of_a_process_replaces_the_one_before(any_ledger, beat):
    first = beat(counters={"commands": 1})
    later = beat(at=first.beat_at + timedelta(seconds=5), counters={"commands": 2})
    any_ledger.heartbeats.beat(first)
    any_ledger.heartbeats.beat(later)
    assert any_ledger.heartbeats.all() == [later]


def test_each_process_has_its_row_and_the_youngest_comes_first(ledger, beat):
    older, younger = beat("host:1"), beat("host:2", at=datetime.now(UTC) + timedelta(seconds=1))
    ledger.heartbeats.beat(older)
    ledger.heartbeats.beat(younger)
    assert [item.instance for item in ledger.heartbeats.all()] == ["host:2", "host:1"]


def test_a_beat_is_no_entry(ledger, beat):
    ledger.heartbeats.beat(beat())
    assert ledger.size() == 0


def test_processes_long_gone_are_forgotten(ledger, beat):
    ledger.heartbeats.beat(beat("host:1", at=datetime.now(UTC) - timedelta(days=3)))
    ledger.heartbeats.beat(beat("host:2"))
    assert [item.instance for item in ledger.heartbeats.all()] == ["host:2"]


@pytest.mark.parametrize(
    ("doing", "seconds", "is_late"), [("idle", 59, False), ("idle", 61, True), (STOPPED, 61, False)]
)
def test_a_process_is_late_unless_it_said_goodbye(beat, doing, seconds, is_late):
    assert beat(at=NOON, doing=doing).is_late(NOON + timedelta(seconds=seconds)) is is_late
